/* The feed of what changed: which records, in an order in which nothing is skipped. */
#ifndef LACHAN_CHANGES_H
#define LACHAN_CHANGES_H

#include "access.h"
#include "error.h"
#include "pool.h"
#include "text.h"

/* What stands behind a place of the feed. */
struct changes {
	struct text rows; /* a JSON array */
	int count;
	long long next; /* the place to read on from */
	long long head; /* how far one may read at present */
	bool is_gone;	/* what followed the place is kept no more, or is not of this database */
};

/* Up to `limit` changes after the place, of what the caller sees; they are in the audit. Rows for
 * others are passed over: `next` moves on even where there is none for the caller. */
bool changes_read(struct pool *pool, enum lane lane, const struct caller *caller, long long after,
		  int limit, struct changes *changes, struct error *error) CHECKED;
void changes_release(struct changes *changes);

/* How far one may read, after another look; for the worker. */
bool changes_advance(struct pool *pool, long long *head, struct error *error) CHECKED;

#endif
