/* Records of any resource: list, read, create, update, void. The database decides the rows. */
#ifndef LACHAN_RECORDS_H
#define LACHAN_RECORDS_H

#include "plan.h"
#include "pool.h"
#include "text.h"

/* What the engine works with; made once, shared by all threads, read only. */
struct records {
	struct pool *pool;
	const struct keyring *keyring;
	struct exports *exports;
};

struct answer {
	struct text body; /* JSON of a record or a list */
	char id[64];	  /* of the record created */
	char etag[64];	  /* without quotes; "" when none */
	int64_t version;
	char *next_cursor; /* of a list; NULL on the last page */
	bool is_replayed;  /* an Idempotency-Key was seen before */
};

void answer_release(struct answer *answer);

/* An Idempotency-Key and the SHA-256 of what came with it; key NULL when none was sent. */
struct idempotency {
	const char *key;
	char fingerprint[65];
};

bool records_list(const struct records *records, const struct caller *caller,
		  const struct plan *plan, struct answer *answer, struct error *error) CHECKED;
bool records_read(const struct records *records, const struct caller *caller,
		  const struct plan *plan, struct answer *answer, struct error *error) CHECKED;
bool records_create(const struct records *records, const struct caller *caller,
		    const struct plan *plan, const struct idempotency *idempotency,
		    struct answer *answer, struct error *error) CHECKED;
bool records_update(const struct records *records, const struct caller *caller,
		    const struct plan *plan, struct answer *answer, struct error *error) CHECKED;
bool records_void(const struct records *records, const struct caller *caller,
		  const struct plan *plan, struct error *error) CHECKED;

/* Adds what db/sql/warnings_<table>.sql has to say of a record that was written: {pointer, code,
 * about}. A failure is logged and says nothing. */
void records_warnings(const struct records *records, const struct caller *caller,
		      const struct resource *resource, const char *id, json_t *warnings);

/* What no merge patch can say: runs db/sql/<name>.sql with the values and answers the record
 * plan->id as the caller may see it then. A key that was seen before runs nothing. */
struct named_call {
	const char *name, *values[6];
	int count;
};
bool records_call(const struct records *records, const struct caller *caller,
		  const struct plan *plan, const struct named_call *call,
		  const struct idempotency *idempotency, struct answer *answer,
		  struct error *error) CHECKED;

/* The exports under way: they have all connections of the lane but one between them, an account two
 * at most, and each `seconds`. NULL when out of memory. */
struct exports *exports_open(int lane, int seconds);
void exports_close(struct exports *exports);

/* A whole list as CSV or NDJSON, row by row from one snapshot, in flat memory. */
struct export;
bool export_open(const struct records *records, const struct caller *caller,
		 const struct plan *plan, struct export **export, struct error *error) CHECKED;
/* Up to `capacity` bytes; 0 at the end, -1 when it failed. */
long long export_read(struct export *export, char *bytes, size_t capacity);
void export_close(struct export *export);

#endif
