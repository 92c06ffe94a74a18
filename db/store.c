/* Runs statements as a caller, in one round trip, as one transaction. */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "text.h"

/* The transaction's identity; read by the row policies through the caller_…() functions. */
#define IDENTITY                                                                                   \
	"SELECT set_config('lachan.user', $1, true), "                                             \
	"set_config('lachan.organization', $2, true), set_config('lachan.agency', $3, true), "     \
	"set_config('lachan.role', $4, true), set_config('lachan.unit', $5, true), "               \
	"set_config('lachan.units', $6, true), set_config('lachan.purpose', $7, true), "           \
	"set_config('lachan.session', $8, true), set_config('lachan.pseudonyms', $9, true), "      \
	"set_config('lachan.caller', $10, true)"
static const char identity_writing[] = IDENTITY;
static const char identity_reading[] = IDENTITY ", set_config('synchronous_commit', 'off', true)";

void connection_forget(struct connection *connection)
{
	for (int i = 0; i < PREPARED_SLOTS; i++)
		free(connection->prepared[i].sql);
	memset(connection->prepared, 0, sizeof connection->prepared);
	connection->prepared_count = 0;
}

/* FNV-1a */
static uint64_t hash_of(const char *sql)
{
	uint64_t hash = 14695981039346656037u;

	for (; *sql; sql++)
		hash = (hash ^ (unsigned char)*sql) * 1099511628211u;
	return hash ? hash : 1;
}

/* The slot of the statement: filled when it is prepared or about to be, empty when not. */
static struct prepared *slot_of(struct connection *connection, const char *sql, uint64_t hash)
{
	for (uint64_t i = hash;; i++) {
		struct prepared *slot = &connection->prepared[i % PREPARED_SLOTS];

		if (!slot->sql || (slot->hash == hash && !strcmp(slot->sql, sql)))
			return slot;
	}
}

/* One trip: what was sent, so that the answers can be told apart. */
struct trip {
	struct connection *connection;
	struct {
		bool is_preparing; /* else it runs result `index` */
		int index;	   /* -1: the identity */
	} sent[2 * (STATEMENTS_PER_TRIP + 1)];
	size_t sent_count;
};

static bool send_statement(struct trip *trip, int index, const char *sql, int count,
			   const char *const *values)
{
	struct connection *connection = trip->connection;
	uint64_t hash = hash_of(sql);
	struct prepared *slot = slot_of(connection, sql, hash);
	char name[24];

	snprintf(name, sizeof name, "s%d", (int)(slot - connection->prepared));
	if (!slot->sql) {
		slot->sql = strdup(sql);
		slot->hash = hash;
		connection->prepared_count++;
		if (!slot->sql || !PQsendPrepare(connection->pg, name, sql, count, NULL))
			return false;
		trip->sent[trip->sent_count++].is_preparing = true;
	}
	trip->sent[trip->sent_count++].index = index;
	return PQsendQueryPrepared(connection->pg, name, count, values, NULL, NULL, 0);
}

/* A part of a record as PostgreSQL reads it (8.16.6): nothing is null. */
static void add_part(struct text *record, const char *value)
{
	text_add_char(record, record->length ? ',' : '(');
	if (!*value)
		return;
	text_add_char(record, '"');
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			text_add_char(record, *value);
		text_add_char(record, *value);
	}
	text_add_char(record, '"');
}

/* What the audit says of the caller: a value of audit_caller. */
static void add_caller(struct text *record, const struct caller *caller, const char *agency)
{
	add_part(record, caller->user);
	add_part(record, caller->organization);
	add_part(record, caller->request);
	add_part(record, agency);
	add_part(record, role_names[caller->role]);
	add_part(record, caller->purpose);
	add_part(record, caller->address);
	text_add_char(record, ')');
}

static bool send_identity(struct trip *trip, const struct caller *caller, bool reading)
{
	auto_text record = {0};
	char agency[12];

	snprintf(agency, sizeof agency, "%d", caller->agency);
	add_caller(&record, caller, agency);
	const char *values[] = {
		caller->user,	    caller->organization, agency,	   role_names[caller->role],
		caller->unit,	    caller->units,	  caller->purpose, caller->session,
		caller->pseudonyms, text_string(&record)};

	return send_statement(trip, -1, reading ? identity_reading : identity_writing, 10, values);
}

static bool send_all(struct trip *trip, const struct caller *caller, bool reading,
		     const struct statement *statements, size_t count)
{
	if (caller && !send_identity(trip, caller, reading))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!send_statement(trip, (int)i, statements[i].sql, statements[i].count,
				    statements[i].values))
			return false;
	return PQpipelineSync(trip->connection->pg) == 1;
}

/* What the message of a rule across two fields names: the table of the resource says it. */
static const char *argument_of(const char *table, const char *field, const char *code)
{
	static const char *const codes_of_kinds[] = {
		[NOT_BEFORE] = "before",
		[REQUIRED_WHEN] = "required_when",
		[FORBIDDEN_UNLESS] = "forbidden_unless",
	};

	for (size_t i = 0; table && resources[i]; i++)
		for (const struct rule *rule = resources[i]->rules; rule && rule->field; rule++)
			if (!strcmp(resources[i]->table, table) && !strcmp(rule->field, field) &&
			    !strcmp(codes_of_kinds[rule->kind], code))
				return rule->kind == NOT_BEFORE ? rule->other : rule->value;
	return NULL;
}

/* "interventions__ends_on__before" blames /ends_on with code before; "people_unit_fkey" /unit. */
static void blame(const char *constraint, const char *table, const char *code, enum error_kind kind,
		  struct error *error)
{
	char name[128], pointer[96];
	char *field = NULL, *reason = NULL;

	snprintf(name, sizeof name, "%s", constraint ? constraint : "");
	field = strstr(name, "__");
	if (field) {
		field += 2;
		reason = strstr(field, "__");
	}
	if (reason) {
		*reason = '\0';
		code = reason + 2;
	} else if (table && !strncmp(name, table, strlen(table)) && name[strlen(table)] == '_') {
		char *end = strrchr(name, '_');

		field = name + strlen(table) + 1;
		if (end && end > field)
			*end = '\0';
	}
	snprintf(pointer, sizeof pointer, "/%s", field ? field : "");
	error_fault(error, kind, field ? pointer : "", code,
		    field ? argument_of(table, field, code) : NULL);
}

/* A refusal of ours, raised by refuse() in PostgreSQL. */
static void refused(const PGresult *result, const char *state, struct error *error)
{
	static const struct {
		const char *state;
		enum error_kind kind;
	} kinds[] = {
		{"LC403", ERROR_FORBIDDEN}, {"LC404", ERROR_NOT_FOUND},
		{"LC409", ERROR_CONFLICT},  {"LC412", ERROR_STALE},
		{"LC422", ERROR_INVALID},   {"LC503", ERROR_UNAVAILABLE},
		{"LCRPL", ERROR_CONFLICT},
	};
	const char *code = message_code(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
	const char *pointer = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	const char *argument = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
	enum error_kind kind = ERROR_INTERNAL;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].state, state))
			kind = kinds[i].kind;
	if (!code)
		code = "internal";
	if (!strcmp(state, "LCRPL"))
		error_set(error, kind, "idempotency_replayed", pointer);
	else if (pointer && *pointer)
		error_fault(error, kind, pointer, code, argument);
	else
		error_set(error, kind, code, argument);
}

/* What cannot be written to the audit is not done and not shown; no fault of the caller's. */
static bool is_of_audit(const PGresult *result, const char *state, const char *table)
{
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	bool is_named = (table && !strncmp(table, "audit", 5)) ||
			(message && strstr(message, "audit"));

	return is_named && (!strncmp(state, "23", 2) || !strncmp(state, "42", 2) ||
			    !strcmp(state, "P0001") || !strncmp(state, "55", 2));
}

static void translate(const PGresult *result, struct error *error)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	const char *table = PQresultErrorField(result, PG_DIAG_TABLE_NAME);

	if (!state)
		error_internal(error, ERROR_UNAVAILABLE, "%s", PQresultErrorMessage(result));
	else if (is_of_audit(result, state, table))
		error_internal(error, ERROR_UNAVAILABLE, "audit: %s", PQresultErrorMessage(result));
	else if (!strncmp(state, "LC", 2))
		refused(result, state, error);
	else if (!strcmp(state, "23505") || !strcmp(state, "23P01"))
		blame(constraint, table, "duplicate", ERROR_CONFLICT, error);
	else if (!strcmp(state, "23503"))
		blame(constraint, table, "no_such_record", ERROR_INVALID, error);
	else if (!strcmp(state, "23514"))
		blame(constraint, table, "invalid", ERROR_INVALID, error);
	else if (!strcmp(state, "42501"))
		error_set(error, ERROR_FORBIDDEN, "row_not_allowed", NULL);
	else if (!strcmp(state, "57014")) {
		error_internal(error, ERROR_UNAVAILABLE, "%s", PQresultErrorMessage(result));
		error->code = "statement_timeout";
	} else if (!strncmp(state, "22", 2))
		error_set(error, ERROR_INVALID, "content_invalid", NULL);
	else if (!strncmp(state, "08", 2) || !strncmp(state, "53", 2) || !strncmp(state, "40", 2) ||
		 !strncmp(state, "57P", 3) || !strncmp(state, "25P", 3))
		error_internal(error, ERROR_UNAVAILABLE, "%s", PQresultErrorMessage(result));
	else
		error_internal(error, ERROR_INTERNAL, "%s: %s", state,
			       PQresultErrorMessage(result));
}

/* Takes the answers in order; the first failure is the error, the rest is drained. */
static void receive(struct trip *trip, struct pg_result **results, struct error *error)
{
	PGconn *pg = trip->connection->pg;

	for (size_t i = 0; i < trip->sent_count; i++) {
		PGresult *result = PQgetResult(pg), *end = result ? PQgetResult(pg) : NULL;
		ExecStatusType status = PQresultStatus(result);
		bool is_fine = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;

		PQclear(end);
		if (!is_fine && trip->sent[i].is_preparing) /* forget all before the next trip */
			trip->connection->prepared_count = PREPARED_SLOTS;
		if (!is_fine && status != PGRES_PIPELINE_ABORTED)
			translate(result, error);
		if (is_fine && !trip->sent[i].is_preparing && trip->sent[i].index >= 0)
			results[trip->sent[i].index] = (struct pg_result *)result;
		else
			PQclear(result);
		if (!result)
			break;
	}
	/* The answer of the sync point: until it came, nothing is committed. */
	PGresult *sync = PQgetResult(pg);

	if (PQresultStatus(sync) != PGRES_PIPELINE_SYNC && !error->kind)
		error_internal(error, ERROR_UNAVAILABLE, "no commit: %s", PQerrorMessage(pg));
	PQclear(sync);
}

/* Too many different texts: start anew, in a trip of its own. */
static bool forget_prepared(struct connection *connection, struct error *error)
{
	struct trip trip = {.connection = connection, .sent_count = 1};

	connection_forget(connection);
	trip.sent[0].index = -1;
	if (PQsendQueryParams(connection->pg, "DEALLOCATE ALL", 0, NULL, NULL, NULL, NULL, 0) &&
	    PQpipelineSync(connection->pg) == 1)
		receive(&trip, NULL, error);
	else
		error_internal(error, ERROR_UNAVAILABLE, "%s", PQerrorMessage(connection->pg));
	return !error->kind;
}

bool store_run(struct connection *connection, const struct caller *caller, bool reading,
	       const struct statement *statements, size_t count, struct pg_result **results,
	       struct error *error)
{
	struct trip trip = {.connection = connection};

	if (connection->prepared_count > PREPARED_MOST && !forget_prepared(connection, error))
		return false;
	memset(results, 0, count * sizeof *results);
	if (!send_all(&trip, caller, reading, statements, count)) {
		error_internal(error, ERROR_UNAVAILABLE, "%s", PQerrorMessage(connection->pg));
		PQreset(connection->pg);
		connection_forget(connection);
		PQenterPipelineMode(connection->pg);
		return false;
	}
	receive(&trip, results, error);
	if (error->kind)
		for (size_t i = 0; i < count; i++)
			result_release(&results[i]);
	return !error->kind;
}

bool store_one(struct pool *pool, enum lane lane, const struct caller *caller, bool reading,
	       const struct statement *statement, struct pg_result **result, struct error *error)
{
	struct connection *connection = NULL;

	*result = NULL;
	if (!pool_take(pool, lane, &connection, error))
		return false;
	bool done = store_run(connection, caller, reading, statement, 1, result, error);

	pool_give(pool, connection);
	return done;
}

const char *result_value(const struct pg_result *result, int row, int column)
{
	const PGresult *pg = (const PGresult *)result;

	return PQgetisnull(pg, row, column) ? NULL : PQgetvalue(pg, row, column);
}

int result_rows(const struct pg_result *result)
{
	return PQntuples((const PGresult *)result);
}

void result_release(struct pg_result **result)
{
	PQclear((PGresult *)*result);
	*result = NULL;
}
