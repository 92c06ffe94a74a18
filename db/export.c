/* A whole list as CSV or NDJSON, row by row from one snapshot, in flat memory. */
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "query.h"
#include "records.h"
#include "store.h"
#include "writer.h"

/* Rows of one FETCH: enough to keep the trips few, little enough to stay small. */
enum { BATCH = 500 };

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
	bool is_last;
};

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
	if (!pool_take(records->pool, LANE, &export->connection, error) || !begin(export, error) ||
	    !fetch(export, error)) {
		export_close(export);
		return false;
	}
	*opened = export;
	return true;
}

long long export_read(struct export *export, char *bytes, size_t capacity)
{
	struct error error = {0};

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
	struct error error = {0};
	struct pg_result *result = NULL;
	const struct statement commit = {"COMMIT", 0, {0}};

	if (!export)
		return;
	if (export->connection && PQtransactionStatus(export->connection->pg) == PQTRANS_INTRANS)
		(void)!step(export, &commit, 1, false, &result, &error);
	result_release(&result);
	pool_give(export->records->pool, export->connection);
	error_release(&error);
	result_release(&export->batch);
	writer_release(&export->writer);
	query_release(&export->query);
	text_release(&export->pending);
	free(export->sought);
	free(export);
}
