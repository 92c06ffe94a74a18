/* The chain that the rows of the audit are sealed by, and how it is verified. */
#ifndef LACHAN_AUDIT_H
#define LACHAN_AUDIT_H

#include <stddef.h>

#include "pool.h"
#include "secret.h"

/* The newest seal: whoever notes it elsewhere can tell later whether any since then is missing. */
struct audit_head {
	long long seq; /* 0: nothing is sealed yet */
	char hash[65];
	double lag; /* seconds that the oldest row waits for its seal */
};

enum { AUDIT_BATCH = 2000 };

/* Seals the next batch, unless another replica is at it; *sealed rows, at most AUDIT_BATCH. *head
 * is as found or as made. */
bool audit_seal_next(struct pool *pool, const struct keyring *keyring, struct audit_head *head,
		     size_t *sealed, struct error *error) CHECKED;

struct audit_report {
	long long rows, batches, waiting; /* waiting: not sealed yet */
	/* The first broken link; "" when there is none. */
	char fault[160];
};

/* Walks all seals and rows. `noted` is a head from elsewhere that the chain must still have, or
 * NULL. False when it cannot be told; a chain that is broken is told in the report. */
bool audit_verify(struct pool *pool, const struct keyring *keyring, const struct audit_head *noted,
		  struct audit_report *report, struct error *error) CHECKED;

#endif
