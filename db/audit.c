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

static bool commit(struct batch *batch, struct error *error)
{
	static const struct statement statement = {"COMMIT", 0, {0}};
	auto_result result = NULL;

	return ask(batch, &statement, 1, &result, error);
}

/* The lock is the transaction's: who has it finds the head as it is until the end. */
static bool begin(struct batch *batch, bool *is_ours, struct error *error)
{
	static const struct statement statements[] = {
		{"BEGIN", 0, {0}},
		{"SELECT pg_try_advisory_xact_lock(hashtextextended('audit seals', 0))", 0, {0}},
		{"SELECT seq, hash FROM audit_head()", 0, {0}},
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

/* Of whoever leaves sealing to another replica. */
static bool lag_of(struct batch *batch, double *lag, struct error *error)
{
	static const struct statement statement = {"SELECT audit_lag()", 0, {0}};
	auto_result result = NULL;

	if (!ask(batch, &statement, 1, &result, error))
		return false;
	*lag = strtod(result_value(result, 0, 0), NULL);
	return true;
}

static bool seal_rows(struct batch *batch, long long *rows, struct error *error)
{
	char most[12];
	const struct statement statement = {
		"SELECT row_count, last_id, hashes, lag FROM audit_seal($1::integer)", 1, {most}};

	snprintf(most, sizeof most, "%d", AUDIT_BATCH);
	if (!ask(batch, &statement, 1, &batch->rows, error))
		return false;
	*rows = strtoll(result_value(batch->rows, 0, 0), NULL, 10);
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
	bool is_ours = false;
	long long rows = 0;

	if (!begin(batch, &is_ours, error))
		return false;
	head->seq = strtoll(result_value(batch->head, 0, 0), NULL, 10);
	COPY(head->hash, result_value(batch->head, 0, 1));
	if (!is_ours)
		return lag_of(batch, &head->lag, error) && commit(batch, error);
	snprintf(batch->seq, sizeof batch->seq, "%lld", head->seq + 1);
	if (!seal_rows(batch, &rows, error))
		return false;
	head->lag = strtod(result_value(batch->rows, 0, 3), NULL);
	if (rows && !add_seal(batch, rows, error))
		return false;
	if (!commit(batch, error))
		return false;
	if (rows) {
		head->seq++;
		COPY(head->hash, batch->hash);
	}
	*sealed = (size_t)rows;
	return true;
}

bool audit_seal_next(struct pool *pool, const struct keyring *keyring, struct audit_head *head,
		     size_t *sealed, struct error *error)
{
	__attribute__((cleanup(batch_release))) struct batch batch = {.keyring = keyring};

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
	long long after, last;	   /* its rows have the ids between, and `last` */
	long long changed;	   /* the first row that is not what was sealed; 0: none */
	long long gap;		   /* the first id that no row has; 0: none */
	bool saw_noted;
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
	if (walk->rows < walk->row_count && walk->last - walk->after == walk->row_count)
		break_at(walk, "seal %lld, audit row %lld: missing", walk->seq,
			 walk->gap ? walk->gap : walk->after + walk->rows + 1);
	else if (walk->rows < walk->row_count)
		break_at(walk, "seal %lld: %lld of its %lld rows are missing", walk->seq,
			 walk->row_count - walk->rows, walk->row_count);
	else if (walk->rows > walk->row_count)
		break_at(walk, "seal %lld: %lld rows were added to it", walk->seq,
			 walk->rows - walk->row_count);
	else if (strcmp(hash, walk->hash) != 0)
		break_at(walk, "seal %lld: seal changed", walk->seq);
	else if (walk->changed)
		break_at(walk, "seal %lld, audit row %lld: changed", walk->seq, walk->changed);
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
	walk->rows = walk->changed = walk->gap = 0;
	walk->after = walk->last;
	walk->last = strtoll(result_value(result, row, 2), NULL, 10);
	COPY(walk->hash, result_value(result, row, 4));
	chain_begin(&walk->chain, walk->previous, seq, walk->row_count,
		    result_value(result, row, 2), result_value(result, row, 3));
}

static void check_row(struct walk *walk, const struct pg_result *result, int row)
{
	const char *id = result_value(result, row, 5), *then = result_value(result, row, 6);

	if (!id)
		return; /* a seal without rows */
	walk->rows++;
	text_addf(&walk->chain, "%s\n", then);
	if (!walk->gap && strtoll(id, NULL, 10) != walk->after + walk->rows)
		walk->gap = walk->after + walk->rows;
	if (!walk->changed && strcmp(then, result_value(result, row, 7)) != 0)
		walk->changed = strtoll(id, NULL, 10);
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
		check_row(walk, result, row);
	}
	return true;
}

/* What no seal has. */
static bool check_rest(struct walk *walk, struct error *error)
{
	static const struct statement statement = {
		"SELECT waiting, loose FROM audit_rest()", 0, {0}};
	auto_result result = NULL;

	if (!store_one(walk->pool, LANE, NULL, true, &statement, &result, error))
		return false;
	walk->report->waiting = strtoll(result_value(result, 0, 0), NULL, 10);
	if (walk->noted && !walk->saw_noted)
		break_at(walk, "seal %lld: missing, though it was noted", walk->noted->seq);
	if (result_value(result, 0, 1))
		break_at(walk, "audit row %s: added, or its seal is missing",
			 result_value(result, 0, 1));
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
