/* A whole list as CSV or NDJSON, row by row from one snapshot, in flat memory. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "connection.h"
#include "query.h"
#include "records.h"
#include "store.h"
#include "writer.h"

/* Rows of one FETCH: enough to keep the trips few, little enough to stay small. */
enum { BATCH = 500 };
enum { OF_ONE_ACCOUNT = 2, AT_ONCE = 64, WAIT_SECONDS = 2, BUSY_SECONDS = 5 };

struct exports {
	pthread_mutex_t lock; /* guards `users` */
	pthread_cond_t left;
	int most, seconds;
	char users[AT_ONCE][37]; /* whose export is under way at each place, "" for none */
};

struct export
{
	const struct records *records;
	struct connection *connection;
	struct caller caller;
	struct plan plan; /* owned: taken from the request */
	struct query query;
	struct writer writer;
	char *sought; /* for the audit; the texts of the plan end before the export */
	struct pg_result *batch;
	struct text pending; /* written, not yet read */
	size_t given;	     /* bytes of `pending` already read */
	int64_t left;	     /* rows still allowed by ?limit= */
	time_t end;	     /* monotonic seconds */
	bool is_last;
	bool is_counted;
};

struct exports *exports_open(int lane, int seconds)
{
	struct exports *exports = calloc(1, sizeof *exports);

	if (!exports)
		return NULL;
	exports->most = lane > 1 ? lane - 1 : 1;
	exports->seconds = seconds;
	pthread_mutex_init(&exports->lock, NULL);
	pthread_cond_init(&exports->left, NULL);
	return exports;
}

void exports_close(struct exports *exports)
{
	if (!exports)
		return;
	pthread_mutex_destroy(&exports->lock);
	pthread_cond_destroy(&exports->left);
	free(exports);
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* A place for an export of the user, NULL when there is none. */
static char *place_for(struct exports *exports, const char *user)
{
	char *place = NULL;
	int own = 0;

	for (int i = 0; i < exports->most; i++) {
		if (!*exports->users[i])
			place = exports->users[i];
		own += !strcmp(exports->users[i], user);
	}
	return own < OF_ONE_ACCOUNT ? place : NULL;
}

static bool enter(struct export *export, struct error *error)
{
	struct exports *exports = export->records->exports;
	struct timespec until;
	char *place;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_SECONDS;
	pthread_mutex_lock(&exports->lock);
	while (!(place = place_for(exports, export->caller.user)))
		if (pthread_cond_timedwait(&exports->left, &exports->lock, &until))
			break;
	if (place)
		memcpy(place, export->caller.user, sizeof *exports->users);
	pthread_mutex_unlock(&exports->lock);
	export->is_counted = place;
	export->end = now() + exports->seconds;
	if (export->is_counted)
		return true;
	error->retry_after = BUSY_SECONDS;
	return error_set(error, ERROR_UNAVAILABLE, "busy", NULL);
}

static void leave(struct export *export)
{
	struct exports *exports = export->records->exports;
	int i = 0;

	if (!export->is_counted)
		return;
	pthread_mutex_lock(&exports->lock);
	while (strcmp(exports->users[i], export->caller.user) != 0)
		i++;
	*exports->users[i] = '\0';
	pthread_cond_broadcast(&exports->left);
	pthread_mutex_unlock(&exports->lock);
	export->is_counted = false;
}

/* The ids of a batch are in the audit before a byte of it is given away: in a transaction of their
 * own, for the one that reads lasts to the end. */
static const char trail[] = "INSERT INTO audit (action, resource, records, fields) "
			    "VALUES ('export', $1, $2::uuid[], $3::text[])";

static bool step(struct export *export, const struct statement *statements, size_t count,
		 bool identify, struct pg_result **results, struct error *error)
{
	return store_run(export->connection, identify ? &export->caller : NULL, true, statements,
			 count, results, error);
}

/* BEGIN makes the transaction last beyond the sync point; the identity lives as long. */
static bool begin(struct export *export, struct error *error)
{
	auto_text declare = {0};
	struct pg_result *results[3] = {0};

	text_addf(&declare, "DECLARE export NO SCROLL CURSOR FOR %s", export->query.statement.sql);
	struct statement statements[] = {
		{"BEGIN ISOLATION LEVEL REPEATABLE READ", 0, {0}},
		/* Who reads slowly, a batch in a minute, is not cut off. */
		{"SET LOCAL idle_in_transaction_session_timeout = 60000", 0, {0}},
		export->query.statement};

	statements[2].sql = text_string(&declare);
	if (declare.failed || export->query.failed)
		return error_internal(error, ERROR_INTERNAL, "cannot build the export");
	if (!step(export, statements, 1, false, results, error))
		return false;
	result_release(&results[0]);
	bool done = step(export, statements + 1, 2, true, results, error);

	result_release(&results[0]);
	result_release(&results[1]);
	return done;
}

static void list_ids(const struct export *export, int rows, struct text *ids)
{
	if (resource_key(export->plan.resource)->type != UUID) {
		text_add(ids, export->sought);
		return;
	}
	text_add_char(ids, '{');
	for (int row = 0; row < rows; row++)
		text_addf(ids, "%s%s", row ? "," : "", result_value(export->batch, row, 0));
	text_add_char(ids, '}');
}

static bool write_trail(struct export *export, int rows, struct error *error)
{
	auto_text ids = {0};
	auto_result result = NULL;
	char *classes;

	if ((!rows && !plan_seeks_number(&export->plan)) ||
	    !(export->plan.resource->traits & AUDITED))
		return true;
	list_ids(export, rows, &ids);
	classes = query_classes(&export->query, &export->plan);
	const struct statement statement = {
		trail, 3, {resource_word(export->plan.resource), text_string(&ids), classes}};
	bool done = store_one(export->records->pool, FAST, &export->caller, true, &statement,
			      &result, error);

	free(classes);
	return done;
}

/* The connection is not kept for who reads the rest. */
static void end(struct export *export)
{
	const struct statement commit = {"COMMIT", 0, {0}};
	struct pg_result *result = NULL;
	struct error error = {0};

	if (export->connection && PQtransactionStatus(export->connection->pg) == PQTRANS_INTRANS)
		(void)!step(export, &commit, 1, false, &result, &error);
	result_release(&result);
	error_release(&error);
	pool_give(export->records->pool, export->connection);
	export->connection = NULL;
	leave(export);
}

static bool fetch(struct export *export, struct error *error)
{
	const struct statement statement = {"FETCH 500 FROM export", 0, {0}};

	result_release(&export->batch);
	if (!step(export, &statement, 1, false, &export->batch, error))
		return false;
	int found = result_rows(export->batch), rows = found;

	if (rows > export->left)
		rows = (int)export->left;
	if (!write_trail(export, rows, error))
		return false;
	for (int row = 0; row < rows; row++) {
		if (export->plan.format == CSV)
			writer_row_csv(&export->writer, export->batch, row, &export->pending);
		else {
			writer_row_json(&export->writer, export->batch, row, &export->pending);
			text_add_char(&export->pending, '\n');
		}
	}
	export->left -= rows;
	export->is_last = found < BATCH || !export->left;
	if (export->is_last)
		end(export);
	return !export->pending.failed;
}

bool export_open(const struct records *records, const struct caller *caller,
		 const struct plan *plan, struct export **opened, struct error *error)
{
	struct export *export = calloc(1, sizeof *export);

	if (!export)
		return error_internal(error, ERROR_UNAVAILABLE, "out of memory");
	export->records = records;
	export->caller = *caller;
	export->plan = *plan; /* its texts live in the parameters until the cursor is declared */
	export->left = plan->is_limited ? plan->limit : INT64_MAX;
	query_export(&export->query, plan, caller);
	export->sought = query_sought(plan);
	writer_init(&export->writer, &export->plan, &export->query, caller, records->keyring);
	if (plan->format == CSV)
		writer_header_csv(&export->writer, &export->pending);
	if (!enter(export, error) || !pool_take(records->pool, LANE, &export->connection, error) ||
	    !begin(export, error) || !fetch(export, error)) {
		export_close(export);
		return false;
	}
	*opened = export;
	return true;
}

long long export_read(struct export *export, char *bytes, size_t capacity)
{
	struct error error = {0};

	if (now() > export->end)
		return -1;
	if (export->given == export->pending.length) {
		if (export->is_last)
			return 0;
		text_clear(&export->pending);
		export->given = 0;
		bool done = fetch(export, &error);

		error_release(&error);
		if (!done)
			return -1;
	}
	size_t left = export->pending.length - export->given;
	size_t length = left < capacity ? left : capacity;

	memcpy(bytes, export->pending.data + export->given, length);
	export->given += length;
	return (long long)length;
}

void export_close(struct export *export)
{
	if (!export)
		return;
	end(export);
	result_release(&export->batch);
	writer_release(&export->writer);
	query_release(&export->query);
	text_release(&export->pending);
	free(export->sought);
	free(export);
}
