/* Records of any resource: list, read, create, update, void. */
#include "records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "log.h"
#include "query.h"
#include "store.h"
#include "uuid.h"
#include "writer.h"

void answer_release(struct answer *answer)
{
	text_release(&answer->body);
	free(answer->next_cursor);
	*answer = (struct answer){0};
}

/* A query being answered: what is built for it and is released together. */
struct work {
	struct query writing, query; /* what is read follows what is written, but for its trail */
	struct writer writer;
	struct pg_result *result;			/* of what is read */
	struct pg_result *results[STATEMENTS_PER_TRIP]; /* of what came before */
};

static void work_release(struct work *work)
{
	for (size_t i = 0; i < STATEMENTS_PER_TRIP; i++)
		result_release(&work->results[i]);
	result_release(&work->result);
	writer_release(&work->writer);
	query_release(&work->query);
	query_release(&work->writing);
}

#define auto_work __attribute__((cleanup(work_release))) struct work

static bool run(const struct records *records, const struct caller *caller, const struct plan *plan,
		struct work *work, struct error *error)
{
	if (work->query.failed)
		return error_internal(error, ERROR_INTERNAL, "cannot build the statement");
	if (!store_one(records->pool, FAST, caller, true, &work->query.statement, &work->result,
		       error))
		return false;
	writer_init(&work->writer, plan, &work->query, caller, records->keyring);
	return true;
}

/* Several statements as one transaction. */
static bool run_all(const struct records *records, const struct caller *caller, bool reading,
		    const struct statement *statements, size_t count, struct work *work,
		    struct error *error)
{
	struct connection *connection = NULL;

	if (work->query.failed || work->writing.failed)
		return error_internal(error, ERROR_INTERNAL, "cannot build the statement");
	if (!pool_take(records->pool, FAST, &connection, error))
		return false;
	bool done = store_run(connection, caller, reading, statements, count, work->results, error);

	pool_give(records->pool, connection);
	return done;
}

/* An empty page below a parent: nothing there, or no such parent? */
static bool parent_exists(const struct records *records, const struct caller *caller,
			  const struct plan *plan, struct error *error)
{
	struct plan parent = {.resource = plan->resource->parent, .operation = READ};
	struct answer answer = {0};

	snprintf(parent.id, sizeof parent.id, "%s", plan->parent);
	parent.is_sparse = true;
	bool found = records_read(records, caller, &parent, &answer, error);

	answer_release(&answer);
	return found;
}

static void add_page(const struct plan *plan, const char *total, const char *cursor,
		     struct text *out)
{
	text_addf(out, "],\"page\":{\"limit\":%d,\"next_cursor\":", plan->limit);
	text_add_json(out, cursor);
	text_addf(out, ",\"total\":%s", plan->count ? total : "null");
}

static char *next_cursor(const struct records *records, const struct caller *caller,
			 const struct plan *plan, const struct work *work)
{
	const char *values[PLAN_SORTS] = {0};

	for (size_t i = 0; i < plan->sort_count; i++)
		values[i] = writer_value(&work->writer, work->result, plan->limit - 1,
					 plan->sorts[i].field);
	return plan_cursor(plan, caller, records->keyring, values);
}

bool records_list(const struct records *records, const struct caller *caller,
		  const struct plan *plan, struct answer *answer, struct error *error)
{
	auto_work work = {0};
	const char *total = "0";

	query_list(&work.query, plan, caller);
	if (!run(records, caller, plan, &work, error))
		return false;
	int rows = result_rows(work.result), shown = rows < plan->limit ? rows : plan->limit;

	if (!rows && plan->resource->parent && !parent_exists(records, caller, plan, error))
		return false;
	if (rows && plan->count)
		total = writer_special(&work.writer, work.result, 0, COLUMN_TOTAL, READ);
	text_add(&answer->body, "{\"data\":[");
	for (int row = 0; row < shown; row++) {
		if (row)
			text_add_char(&answer->body, ',');
		writer_row_json(&work.writer, work.result, row, &answer->body);
	}
	if (rows > plan->limit)
		answer->next_cursor = next_cursor(records, caller, plan, &work);
	add_page(plan, total, answer->next_cursor, &answer->body);
	return !answer->body.failed ||
	       error_internal(error, ERROR_UNAVAILABLE, "out of memory for a page");
}

/* Differs with the version, with who looks, with the fields that were asked for, and on the day
 * from which somebody is no minor. */
static void set_etag(const struct plan *plan, const struct caller *caller, const char *version,
		     const char *is_minor, struct answer *answer)
{
	auto_text view = {0};
	char digest[65];

	if (!version)
		return;
	text_addf(&view, "%d %d %s %d%s", caller->agency, (int)caller->role, caller->unit,
		  plan->reveal, is_minor ? is_minor : "");
	for (int i = 0; plan->is_sparse && i < PLAN_FIELDS; i++)
		text_addf(&view, " %d", plan->wanted[i]);
	secret_sha256(text_string(&view), digest);
	snprintf(answer->etag, sizeof answer->etag, "%.20s-%.8s", version, digest);
	answer->version = strtoll(version, NULL, 10);
}

static bool write_one(const struct work *work, const struct plan *plan, const struct caller *caller,
		      struct answer *answer, struct error *error)
{
	const struct field *version = resource_field(plan->resource, "version");

	if (!result_rows(work->result))
		return error_set(error, ERROR_NOT_FOUND, "not_found", NULL);
	snprintf(answer->id, sizeof answer->id, "%s", result_value(work->result, 0, 0));
	writer_row_json(&work->writer, work->result, 0, &answer->body);
	if (version)
		set_etag(plan, caller, writer_value(&work->writer, work->result, 0, version),
			 writer_special(&work->writer, work->result, 0, COLUMN_MINOR, READ),
			 answer);
	return !answer->body.failed ||
	       error_internal(error, ERROR_UNAVAILABLE, "out of memory for a record");
}

/* The same of what one of the statements of run_all() read. */
static bool write_read(const struct records *records, struct work *work, size_t place,
		       const struct plan *plan, const struct caller *caller, struct answer *answer,
		       struct error *error)
{
	work->result = work->results[place];
	work->results[place] = NULL;
	writer_init(&work->writer, plan, &work->query, caller, records->keyring);
	return write_one(work, plan, caller, answer, error);
}

bool records_read(const struct records *records, const struct caller *caller,
		  const struct plan *plan, struct answer *answer, struct error *error)
{
	auto_work work = {0};

	query_read(&work.query, plan, caller, true);
	return run_all(records, caller, true, &work.query.statement, 1, &work, error) &&
	       write_read(records, &work, 0, plan, caller, answer, error);
}

/* A key seen before with the same content: the record it made, as the caller may see it now. When
 * that is not at all, only that it was made is told, and as what: then nobody makes it once more.
 */
static bool replay(const struct records *records, const struct caller *caller,
		   const struct plan *plan, struct answer *answer, struct error *error)
{
	struct plan again = {.resource = plan->resource, .operation = READ};

	snprintf(again.id, sizeof again.id, "%.36s", error->argument);
	snprintf(again.parent, sizeof again.parent, "%s", plan->parent);
	error_release(error);
	answer->is_replayed = true;
	if (records_read(records, caller, &again, answer, error))
		return true;
	if (error->kind != ERROR_NOT_FOUND)
		return false;
	error_release(error);
	return error_set(error, ERROR_GONE, "made_and_gone", again.id);
}

static const char number_met[] = "SELECT number_met($1, $2::uuid, $3)";

/* Who is refused a number learns that there is a record with it: that is in the audit, or else the
 * refusal is not told. What was refused is over by then. */
static bool trace_number(const struct records *records, const struct caller *caller,
			 const struct plan *plan, const char *action, struct error *error)
{
	const char *digits = json_string_value(json_object_get(plan->body, "citizen_number"));
	const char *blamed = json_string_value(
		json_object_get(json_array_get(error->faults, 0), "pointer"));
	struct error failure = {0};
	auto_result result = NULL;
	char index[65];

	if (error->kind != ERROR_CONFLICT || !digits || !blamed ||
	    strcmp(blamed, "/citizen_number") != 0)
		return false;
	secret_index(records->keyring->index, digits, index);
	const struct statement statement = {
		number_met, 3, {index, *plan->id ? plan->id : NULL, action}};

	if (!store_one(records->pool, FAST, caller, false, &statement, &result, &failure)) {
		error_release(error);
		*error = failure;
	}
	return false;
}

static const char claim[] = "SELECT idempotency_claim($1, $2, $3::uuid)";

bool records_create(const struct records *records, const struct caller *caller,
		    const struct plan *plan, const struct idempotency *idempotency,
		    struct answer *answer, struct error *error)
{
	auto_work work = {0}, parent = {0};
	char id[37];
	struct statement statements[STATEMENTS_PER_TRIP];
	size_t count = 0;

	uuid_make(id);
	if (!query_create(&work.writing, plan, records->keyring, id, error))
		return false;
	query_written(&work.query, plan, caller, id);
	if (plan->resource->parent) {
		query_parent(&parent.query, plan);
		statements[count++] = parent.query.statement;
	}
	if (idempotency->key)
		statements[count++] = (struct statement){
			claim, 3, {idempotency->key, idempotency->fingerprint, id}};
	statements[count++] = work.writing.statement;
	statements[count++] = work.query.statement;
	if (!run_all(records, caller, false, statements, count, &work, error)) {
		bool is_replay = error->code && !strcmp(error->code, "idempotency_replayed");

		return is_replay ? replay(records, caller, plan, answer, error)
				 : trace_number(records, caller, plan, "create", error);
	}
	return write_read(records, &work, count - 1, plan, caller, answer, error);
}

/* Why an update changed nothing: no such record, another version, or not this caller's to change.
 * Whoever waited for another writer still sees the version from before it. */
static bool explain(const struct records *records, const struct caller *caller,
		    const struct plan *plan, const char *seen, struct error *error)
{
	struct plan again = {.resource = plan->resource, .operation = READ};
	struct answer now = {0};

	if (!seen)
		return error_set(error, ERROR_NOT_FOUND, "not_found", NULL);
	snprintf(again.id, sizeof again.id, "%s", plan->id);
	snprintf(again.parent, sizeof again.parent, "%s", plan->parent);
	bool found = records_read(records, caller, &again, &now, error);
	bool is_stale = found && plan->version && now.version != plan->version;

	answer_release(&now);
	if (!found)
		return false;
	return is_stale ? error_set(error, ERROR_STALE, "stale", NULL)
			: error_set(error, ERROR_FORBIDDEN, "row_not_allowed", NULL);
}

/* Runs what is written; an update that carries out a request says so first. What changes nothing is
 * an error. Gives the number of the statements. */
static bool changed(const struct records *records, const struct caller *caller,
		    const struct plan *plan, struct work *work, size_t *count, struct error *error)
{
	struct statement statements[STATEMENTS_PER_TRIP];
	size_t written = *plan->correction ? 1 : 0;

	*count = written + 1;
	if (written)
		statements[0] = (struct statement){
			"SELECT correction_begin($1::uuid)", 1, {plan->correction}};
	statements[written] = work->writing.statement;
	if (work->query.column_count)
		statements[(*count)++] = work->query.statement;
	if (!run_all(records, caller, false, statements, *count, work, error))
		return false;
	return result_value(work->results[written], 0, 1) ||
	       explain(records, caller, plan, result_value(work->results[written], 0, 0), error);
}

bool records_update(const struct records *records, const struct caller *caller,
		    const struct plan *plan, struct answer *answer, struct error *error)
{
	auto_work work = {0};
	size_t count;

	if (!query_update(&work.writing, plan, caller, records->keyring, error))
		return false;
	query_written(&work.query, plan, caller, plan->id);
	if (!changed(records, caller, plan, &work, &count, error))
		return trace_number(records, caller, plan, "update", error);
	return write_read(records, &work, count - 1, plan, caller, answer, error);
}

bool records_void(const struct records *records, const struct caller *caller,
		  const struct plan *plan, struct error *error)
{
	auto_work work = {0};
	size_t count;

	query_void(&work.writing, plan, caller);
	return changed(records, caller, plan, &work, &count, error);
}

void records_warnings(const struct records *records, const struct caller *caller,
		      const struct resource *resource, const char *id, json_t *warnings)
{
	char path[96];
	auto_result result = NULL;
	struct error error = {0};

	snprintf(path, sizeof path, "db/sql/warnings_%s.sql", resource->table);
	const struct embedded_file *file = embedded_find(path);
	if (!file)
		return;
	struct statement statement = {file->data, 1, {id}};

	if (!store_one(records->pool, FAST, caller, false, &statement, &result, &error))
		log_line("error", "warnings", "cause", error.internal, NULL);
	error_release(&error);
	for (int row = 0; result && row < result_rows(result); row++)
		json_array_append_new(warnings,
				      json_pack("{s:s, s:s, s:o*}", "pointer",
						result_value(result, row, 0), "code",
						result_value(result, row, 1), "about",
						json_loads(result_value(result, row, 2), 0, NULL)));
}

static bool statement_of(const struct named_call *call, struct statement *statement,
			 struct error *error)
{
	char path[64];

	snprintf(path, sizeof path, "db/sql/%s.sql", call->name);
	const struct embedded_file *file = embedded_find(path);
	if (!file)
		return error_internal(error, ERROR_INTERNAL, "%s is not built in", path);
	*statement = (struct statement){.sql = file->data, .count = call->count};
	memcpy(statement->values, call->values, sizeof call->values);
	return true;
}

bool records_call(const struct records *records, const struct caller *caller,
		  const struct plan *plan, const struct named_call *call,
		  const struct idempotency *idempotency, struct answer *answer, struct error *error)
{
	auto_work work = {0};
	struct statement statements[STATEMENTS_PER_TRIP];
	size_t count = 0;

	query_read(&work.query, plan, caller, false);
	if (idempotency && idempotency->key)
		statements[count++] = (struct statement){
			claim, 3, {idempotency->key, idempotency->fingerprint, plan->id}};
	if (!statement_of(call, &statements[count++], error))
		return false;
	statements[count++] = work.query.statement;
	if (!run_all(records, caller, false, statements, count, &work, error)) {
		bool is_replay = error->code && !strcmp(error->code, "idempotency_replayed");

		return is_replay && replay(records, caller, plan, answer, error);
	}
	return write_read(records, &work, count - 1, plan, caller, answer, error);
}
