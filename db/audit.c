/* The chain that the rows of the audit are sealed by.
 *
 * Rows are written by many transactions at once and must not wait for each other; so they are
 * chained afterwards, a batch at a time. The hash of a batch is HMAC-SHA-256, by a key that the
 * database does not have, over the hash of the batch before, what the batch says of itself, and the
 * SHA-256 of each row in the order of ids. */
#include "audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "connection.h"
#include "store.h"
#include "text.h"

enum { WALK_ROWS = 20000 };

#define COPY(to, from) snprintf(to, sizeof(to), "%s", (from) ? (from) : "")

/* What the hash of a batch is made of: lines, none of which can hold a line feed; then one for the
 * hash of each row. */
static void chain_begin(struct text *chain, const char *previous, const char *seq, long long rows,
			const char *last_id, const char *at)
{
	text_clear(chain);
	text_addf(chain, "%s\n%s\n%lld\n%s\n%s\n", previous, seq, rows, last_id, at);
}

static bool chain_end(const struct text *chain, const struct keyring *keyring, char hash[65])
{
	if (chain->failed)
		return false;
	secret_index(keyring->audit, text_string(chain), hash);
	return true;
}

/* Sealing */

/* One batch on its way. */
struct batch {
	struct connection *connection;
	const struct keyring *keyring;
	struct pg_result *head, *rows;
	struct audit_bound *bound;
	struct text chain;
	char seq[24], at[64], hash[65];
};

static void batch_release(struct batch *batch)
{
	result_release(&batch->head);
	result_release(&batch->rows);
	text_release(&batch->chain);
}

static bool ask(struct batch *batch, const struct statement *statements, size_t count,
		struct pg_result **results, struct error *error)
{
	return store_run(batch->connection, NULL, false, statements, count, results, error);
}

/* Ends the transaction; unless rows are left below the bound, it leaves the next one. */
static bool commit(struct batch *batch, bool takes_bound, struct error *error)
{
	static const struct statement statements[] = {{"SELECT id, xid FROM audit_bound()", 0, {0}},
						      {"COMMIT", 0, {0}}};
	struct pg_result *results[2];
	size_t skip = takes_bound ? 0 : 1;

	if (!ask(batch, statements + skip, 2 - skip, results + skip, error))
		return false;
	result_release(&results[1]);
	if (takes_bound) {
		COPY(batch->bound->id, result_value(results[0], 0, 0));
		COPY(batch->bound->xid, result_value(results[0], 0, 1));
		result_release(&results[0]);
	}
	return true;
}

/* The lock is the transaction's: who has it finds the head as it is until the end. */
static bool begin(struct batch *batch, bool *is_ours, struct error *error)
{
	static const struct statement statements[] = {
		{"BEGIN", 0, {0}},
		{"SELECT pg_try_advisory_xact_lock(hashtextextended('audit seals', 0))", 0, {0}},
		{"SELECT seq, hash, last_id, lag FROM audit_head()", 0, {0}},
	};
	struct pg_result *results[3];

	if (!ask(batch, statements, 3, results, error))
		return false;
	*is_ours = *result_value(results[1], 0, 0) == 't';
	batch->head = results[2];
	result_release(&results[0]);
	result_release(&results[1]);
	return true;
}

/* None while the bound is not reached; it stays until then. */
static bool seal_rows(struct batch *batch, bool *is_reached, long long *rows, struct error *error)
{
	char most[12];
	const char *after = result_value(batch->head, 0, 2);
	const struct statement statements[] = {
		{"SELECT $1::xid8 <= pg_snapshot_xmin(pg_current_snapshot())",
		 1,
		 {batch->bound->xid}},
		{"SELECT row_count, last_id, hashes "
		 "FROM audit_seal($1::bigint, $2::bigint, $3::bigint, $4::xid8, $5::integer)",
		 5,
		 {batch->seq, after, batch->bound->id, batch->bound->xid, most}},
	};
	struct pg_result *results[2];

	snprintf(most, sizeof most, "%d", AUDIT_BATCH);
	if (!ask(batch, statements, 2, results, error))
		return false;
	*is_reached = *result_value(results[0], 0, 0) == 't';
	batch->rows = results[1];
	*rows = strtoll(result_value(batch->rows, 0, 0), NULL, 10);
	result_release(&results[0]);
	return true;
}

static void now(char at[64])
{
	struct timespec time;
	struct tm utc;
	char seconds[32];

	clock_gettime(CLOCK_REALTIME, &time);
	gmtime_r(&time.tv_sec, &utc);
	strftime(seconds, sizeof seconds, "%Y-%m-%d %H:%M:%S", &utc);
	snprintf(at, 64, "%s.%06ld", seconds, time.tv_nsec / 1000);
}

static bool add_seal(struct batch *batch, long long rows, struct error *error)
{
	const char *count = result_value(batch->rows, 0, 0);
	const char *last_id = result_value(batch->rows, 0, 1);
	const struct statement statement = {
		"SELECT audit_seal_add($1::bigint, $2::bigint, $3::bigint, "
		"$4::timestamp AT TIME ZONE 'UTC', $5)",
		5,
		{batch->seq, count, last_id, batch->at, batch->hash}};
	auto_result result = NULL;

	now(batch->at);
	chain_begin(&batch->chain, result_value(batch->head, 0, 1), batch->seq, rows, last_id,
		    batch->at);
	text_add(&batch->chain, result_value(batch->rows, 0, 2));
	if (!chain_end(&batch->chain, batch->keyring, batch->hash))
		return error_internal(error, ERROR_INTERNAL, "out of memory for a seal");
	return ask(batch, &statement, 1, &result, error);
}

static bool seal(struct batch *batch, struct audit_head *head, size_t *sealed, struct error *error)
{
	bool is_ours = false, is_reached = true;
	long long rows = 0;

	if (!begin(batch, &is_ours, error))
		return false;
	const char *waiting = result_value(batch->head, 0, 3);

	head->seq = strtoll(result_value(batch->head, 0, 0), NULL, 10);
	COPY(head->hash, result_value(batch->head, 0, 1));
	head->lag = waiting ? strtod(waiting, NULL) : 0;
	if (!is_ours || !waiting)
		return commit(batch, false, error);
	snprintf(batch->seq, sizeof batch->seq, "%lld", head->seq + 1);
	if (*batch->bound->id && !seal_rows(batch, &is_reached, &rows, error))
		return false;
	if (rows && !add_seal(batch, rows, error))
		return false;
	if (!commit(batch, is_reached && rows < AUDIT_BATCH, error))
		return false;
	if (rows) {
		head->seq++;
		COPY(head->hash, batch->hash);
	}
	*sealed = (size_t)rows;
	return true;
}

bool audit_seal_next(struct pool *pool, const struct keyring *keyring, struct audit_bound *bound,
		     struct audit_head *head, size_t *sealed, struct error *error)
{
	__attribute__((cleanup(batch_release))) struct batch batch = {.keyring = keyring,
								      .bound = bound};

	*sealed = 0;
	if (!pool_take(pool, LANE, &batch.connection, error))
		return false;
	bool done = seal(&batch, head, sealed, error);

	pool_give(pool, batch.connection); /* closed when its transaction is still open */
	return done;
}

/* Verifying */

/* The walk along the chain: the seal that is being read, and what its rows turned out to be. */
struct walk {
	struct pool *pool;
	const struct keyring *keyring;
	const struct audit_head *noted;
	struct audit_report *report;
	struct text chain;
	char previous[65], hash[65];
	long long seq;		   /* of the seal being read; 0: none yet */
	long long row_count, rows; /* as the seal says, and as there are */
	char suspect[24];	   /* the first row that is not what was sealed */
	bool is_missing, saw_noted;
};

static void walk_release(struct walk *walk)
{
	text_release(&walk->chain);
}

__attribute__((format(printf, 2, 3))) static void break_at(struct walk *walk, const char *format,
							   ...)
{
	va_list arguments;

	if (*walk->report->fault)
		return;
	va_start(arguments, format);
	vsnprintf(walk->report->fault, sizeof walk->report->fault, format, arguments);
	va_end(arguments);
}

/* All rows of the seal were read. */
static bool end_seal(struct walk *walk, struct error *error)
{
	char hash[65];

	if (!walk->seq)
		return true;
	if (!chain_end(&walk->chain, walk->keyring, hash))
		return error_internal(error, ERROR_INTERNAL, "out of memory for a seal");
	if (walk->rows < walk->row_count)
		break_at(walk, "seal %lld: %lld of its %lld rows are missing", walk->seq,
			 walk->row_count - walk->rows, walk->row_count);
	else if (walk->rows > walk->row_count)
		break_at(walk, "seal %lld: %lld rows were added to it", walk->seq,
			 walk->rows - walk->row_count);
	else if (strcmp(hash, walk->hash) != 0)
		break_at(walk, "seal %lld: seal changed", walk->seq);
	else if (*walk->suspect)
		break_at(walk, "seal %lld, audit row %s: %s", walk->seq, walk->suspect,
			 walk->is_missing ? "missing" : "changed");
	if (walk->noted && walk->noted->seq == walk->seq) {
		walk->saw_noted = true;
		if (strcmp(walk->noted->hash, hash) != 0)
			break_at(walk, "seal %lld: not the one that was noted", walk->seq);
	}
	walk->report->batches++;
	walk->report->rows += walk->rows;
	memcpy(walk->previous, walk->hash, sizeof walk->previous);
	return true;
}

static void begin_seal(struct walk *walk, const struct pg_result *result, int row)
{
	const char *seq = result_value(result, row, 0);
	long long number = strtoll(seq, NULL, 10);

	if (number != walk->seq + 1)
		break_at(walk, "seal %lld: missing", walk->seq + 1);
	walk->seq = number;
	walk->row_count = strtoll(result_value(result, row, 1), NULL, 10);
	walk->rows = 0;
	*walk->suspect = '\0';
	COPY(walk->hash, result_value(result, row, 4));
	chain_begin(&walk->chain, walk->previous, seq, walk->row_count,
		    result_value(result, row, 2), result_value(result, row, 3));
}

static bool is_there(struct walk *walk, const char *id, bool *is, struct error *error)
{
	const struct statement statement = {"SELECT audit_is_there($1::bigint)", 1, {id}};
	auto_result result = NULL;

	if (!store_one(walk->pool, LANE, NULL, true, &statement, &result, error))
		return false;
	*is = *result_value(result, 0, 0) == 't';
	return true;
}

static bool check_row(struct walk *walk, const struct pg_result *result, int row,
		      struct error *error)
{
	const char *id = result_value(result, row, 5), *then = result_value(result, row, 6);
	const char *today = result_value(result, row, 7);
	bool is = true;

	if (!id)
		return true; /* a seal without rows */
	walk->rows++;
	text_addf(&walk->chain, "%s\n", then);
	if (*walk->suspect || (today && !strcmp(today, then)))
		return true;
	COPY(walk->suspect, id);
	if (!today && !is_there(walk, id, &is, error))
		return false;
	walk->is_missing = !is;
	return true;
}

static bool walk_on(struct walk *walk, bool *is_over, struct error *error)
{
	char after[24], most[12];
	const struct statement statement = {
		"SELECT seq, row_count, last_id, at, hash, audit, row_hash, row_hash_now "
		"FROM audit_walk($1::bigint, $2::integer)",
		2,
		{after, most}};
	auto_result result = NULL;

	snprintf(after, sizeof after, "%lld", walk->seq);
	snprintf(most, sizeof most, "%d", WALK_ROWS);
	if (!store_one(walk->pool, LANE, NULL, true, &statement, &result, error))
		return false;
	*is_over = !result_rows(result);
	for (int row = 0; row < result_rows(result); row++) {
		if (strtoll(result_value(result, row, 0), NULL, 10) != walk->seq) {
			if (!end_seal(walk, error))
				return false;
			begin_seal(walk, result, row);
		}
		if (!check_row(walk, result, row, error))
			return false;
	}
	return true;
}

/* What no seal has. */
static bool check_rest(struct walk *walk, struct error *error)
{
	static const struct statement statement = {
		"SELECT waiting, added, headless FROM audit_rest()", 0, {0}};
	auto_result result = NULL;

	if (!store_one(walk->pool, LANE, NULL, true, &statement, &result, error))
		return false;
	walk->report->waiting = strtoll(result_value(result, 0, 0), NULL, 10);
	if (result_value(result, 0, 2))
		break_at(walk, "seal %s: missing", result_value(result, 0, 2));
	if (walk->noted && !walk->saw_noted)
		break_at(walk, "seal %lld: missing, though it was noted", walk->noted->seq);
	if (result_value(result, 0, 1))
		break_at(walk, "audit row %s: added", result_value(result, 0, 1));
	return true;
}

bool audit_verify(struct pool *pool, const struct keyring *keyring, const struct audit_head *noted,
		  struct audit_report *report, struct error *error)
{
	__attribute__((cleanup(walk_release))) struct walk walk = {
		.pool = pool, .keyring = keyring, .noted = noted, .report = report};
	bool is_over = false;

	*report = (struct audit_report){0};
	memset(walk.previous, '0', 64);
	while (!is_over && !*report->fault)
		if (!walk_on(&walk, &is_over, error))
			return false;
	return end_seal(&walk, error) && check_rest(&walk, error);
}
