/* The proof of access: every row of tests/fixtures/access.csv, for each agency, resource, action
 * and kind of record, tried over HTTP and again by SQL on a connection of the service's role. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix.h"
#include "text.h"

/* What went another way than the file says, in this test: the first of it, told at the end. */
static struct text faults;
static size_t fault_count;

static void blame(const struct record *record, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void blame(const struct record *record, const char *format, ...)
{
	char told[256];
	va_list arguments;

	if (fault_count++ > 15)
		return;
	va_start(arguments, format);
	vsnprintf(told, sizeof told, format, arguments);
	va_end(arguments);
	text_addf(&faults, "\n%s: unit %s, organization %s, kind %s, assignee %s, facts%s", told,
		  record->unit, record->organization ? record->organization : "its own",
		  record->kind ? record->kind : "none",
		  record->assignee ? record->assignee : "none", record->facts);
}

static void expect_no_fault(void)
{
	ck_assert_msg(!fault_count, "%zu faults:%s", fault_count, text_string(&faults));
}

static const char purpose[] = "Purpose: case_management\r\n";

/* What the harmless update of a record is, for this agency: body 1 judges the progress and the
 * reports of others. */
static const char *member_of(const struct subject *subject, int seat)
{
	bool is_judged = subject->resource == &task_progress || subject->resource == &reports;

	return is_judged && seat == 1 ? "return_reason" : subject->change;
}

/* Every way in */

START_TEST(every_resource_of_the_file_is_tried)
{
	const char *names[32];
	size_t count = matrix_names(names), tried = 0;

	for (size_t i = 0; i < count; i++) {
		const struct resource *resource = matrix_resource(names[i]);
		bool has_subject = false;

		for (int at = 0; subjects[at]; at++)
			has_subject |= !strcmp(subjects[at]->name, names[i]);
		tried += has_subject;
		if (!resource && strcmp(names[i], "indicators") != 0)
			printf("matrix: %s is no resource yet: left out\n", names[i]);
		ck_assert_msg(has_subject || !resource, "%s has no row in subjects[]", names[i]);
	}
	fflush(stdout);
	ck_assert_uint_ge(tried, 12);
}
END_TEST

/* HTTP */

/* What the file hides from the agency is in no answer; but what was asked for is told again. */
static void expect_silence(int seat, const struct http *answer, const char *path)
{
	const char *told = matrix_told(seat, answer->body);

	ck_assert_msg(!told || strstr(path, told), "agency %d is told %s by %s: %.600s", seat, told,
		      path, answer->body);
}

static struct http ask(int seat, enum role role, const char *method, const char *path,
		       const json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct http answer = http(.method = method, .path = path, .token = token(seat, role),
				  .headers = purpose, .body = text, .match = NULL);

	expect_silence(seat, &answer, path);
	free(text);
	return answer;
}

/* The version that is there, as If-Match asks for it. */
static char *match_of(const struct record *record)
{
	const struct resource *resource = record->subject->resource;

	if (resource->traits & REFERENCE_DATA)
		return text_of("\"1\"");
	return text_of("\"%s\"", sql(AS_SUPERUSER, "SELECT version FROM %s WHERE id = '%s'",
				     resource->table, record->id));
}

static int try_update(int seat, enum role role, const struct record *record)
{
	const struct subject *subject = record->subject;
	json_t *body = json_pack("{ss}", member_of(subject, seat), subject->to);

	if (!strcmp(member_of(subject, seat), "return_reason"))
		json_object_set_new(body, "status", json_string("returned"));
	char *text = json_dumps(body, JSON_COMPACT);
	struct http answer = http(.method = "PATCH", .path = matrix_path(record),
				  .token = token(seat, role), .headers = purpose, .body = text,
				  .match = match_of(record));

	if (subject->resource == &reports && answer.status == 200)
		sql(AS_SUPERUSER,
		    "UPDATE reports SET status = '%s', return_reason = NULL WHERE id = '%s'",
		    record->facts + 1, record->id);
	expect_silence(seat, &answer, matrix_path(record));
	return answer.status;
}

/* As if it had not been voided, with what went with it. */
static void restore(const struct record *record)
{
	sql(AS_SUPERUSER,
	    "SET session_replication_role = replica; UPDATE %s SET voided_at = NULL WHERE id = "
	    "'%s'; UPDATE interventions SET voided_at = NULL WHERE person = '%s'; SET "
	    "session_replication_role = origin",
	    record->subject->resource->table, record->id, record->id);
}

static int try_void(int seat, enum role role, const struct record *record)
{
	struct http answer = http(.method = "DELETE",
				  .path = text_of("%s?reason=other", matrix_path(record)),
				  .token = token(seat, role), .headers = purpose,
				  .match = match_of(record));

	if (answer.status == 204)
		restore(record);
	expect_silence(seat, &answer, matrix_path(record));
	return answer.status;
}

static int try_create(int seat, enum role role, const struct record *record)
{
	json_t *body = json_deep_copy(record->body);

	json_object_del(body, "full_name_keys");
	json_object_del(body, "task");
	struct http answer = ask(seat, role, "POST", matrix_list_path(record->subject), body);

	if (record->subject->resource == &reports && answer.status == 201)
		sql(AS_SUPERUSER, "DELETE FROM reports WHERE id = '%s'", http_text(&answer, "id"));
	return answer.status;
}

static int try_action(int seat, enum role role, char action, const struct record *record)
{
	switch (action) {
	case 'r':
		return ask(seat, role, "GET", matrix_path(record), NULL).status;
	case 'u':
		return try_update(seat, role, record);
	case 'v':
		return try_void(seat, role, record);
	default:
		return try_create(seat, role, record);
	}
}

/* Whether the answer is what the file asks for. */
static bool is_right(int status, int seat, enum role role, char action, const struct record *record)
{
	const char *name = record->subject->name;
	enum verdict verdict = matrix_verdict(seat, name, action, record);
	bool is_seen = matrix_verdict(seat, name, 'r', record) == INSIDE;
	int done = action == 'c' ? 201 : action == 'v' ? 204 : 200;

	if (!matrix_may(seat, name, action) || !matrix_role_may(role, action))
		return status == 403 || (status == 405 && action != 'r');
	if (verdict == INSIDE)
		return status == done;
	if (action == 'c')
		return status == 403 || status == 422;
	return is_seen && action != 'r' ? status == 403 || status == 422 || status == 409
					: status == 404;
}

static void expect_action(int seat, enum role role, char action, const struct record *record)
{
	int status = try_action(seat, role, action, record);
	enum verdict verdict = matrix_verdict(seat, record->subject->name, action, record);

	matrix_counts->http[verdict]++;
	if (!is_right(status, seat, role, action, record))
		blame(record, "agency %d, %s, %c %s: %d came; the record is %s", seat,
		      role_names[role], action, record->subject->name, status,
		      verdict_names[verdict]);
}

/* Some records of each verdict, from all over the list; how many for each. */
static void expect_some(int seat, enum role role, char action, const struct subject *subject,
			size_t most)
{
	const struct record *all = action == 'c' ? subject->candidates : subject->records;
	size_t count = action == 'c' ? subject->candidate_count : subject->record_count;
	size_t of[VERDICTS] = {0}, met[VERDICTS] = {0};

	for (size_t i = 0; i < count; i++)
		of[matrix_verdict(seat, subject->name, action, &all[i])]++;
	for (size_t i = 0; i < count; i++) {
		enum verdict verdict = matrix_verdict(seat, subject->name, action, &all[i]);
		size_t stride = of[verdict] / (verdict == NO_RULE ? 1 : most) + 1;

		if (met[verdict]++ % stride == 0)
			expect_action(seat, role, action, &all[i]);
	}
}

START_TEST(an_agency_does_over_http_what_the_file_grants)
{
	int seat = matrix_seats[_i];

	for (int at = 0; subjects[at]; at++)
		for (const char *action = "rcuv"; *action; action++) {
			expect_some(seat, ADMIN, *action, subjects[at], 6);
			expect_some(seat, OFFICER, *action, subjects[at], 1);
			expect_some(seat, VIEWER, *action, subjects[at], 1);
			expect_some(seat, SERVICE, *action, subjects[at], 1);
		}
	expect_no_fault();
}
END_TEST

static void expect_list(int seat, enum role role, const struct subject *subject)
{
	bool may = matrix_may(seat, subject->name, 'l');
	struct http list = ask(seat, role, "GET",
			       text_of("%s?format=ndjson&fields=%s", matrix_list_path(subject),
				       resource_key(subject->resource)->name),
			       NULL);

	ck_assert_msg(list.status == (may ? 200 : 403), "agency %d lists %s: %d", seat,
		      subject->name, list.status);
	for (size_t i = 0; i < subject->record_count; i++) {
		const struct record *record = &subject->records[i];
		enum verdict verdict = matrix_verdict(seat, subject->name, 'l', record);
		const char *key = subject->resource == &agencies
					  ? text_of("{\"number\":%s,", record->id)
					  : text_of(":\"%s\"", record->id);
		bool is_listed = list.body && strstr(list.body, key);

		matrix_counts->http[verdict]++;
		if (is_listed != (verdict == INSIDE))
			blame(record, "agency %d, %s, lists %s: %d; the record is %s", seat,
			      role_names[role], subject->name, is_listed, verdict_names[verdict]);
	}
}

START_TEST(an_agency_lists_over_http_what_the_file_grants)
{
	static const enum role readers[] = {ADMIN, VIEWER, SERVICE};

	for (int at = 0; subjects[at]; at++)
		for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
			expect_list(matrix_seats[_i], readers[i], subjects[at]);
	expect_no_fault();
}
END_TEST

/* Indicators are computed, no table: whoever has a seat reads them, nobody writes them. */
START_TEST(indicators_are_read_by_all_and_written_by_none)
{
	static const char *const paths[] = {"/v1/indicators?period=2025Y", "/v1/indicators/II.1.a"};
	static const char *const methods[] = {"GET", "POST", "PATCH", "DELETE"};
	int seat = matrix_seats[_i];

	for (size_t path = 0; path < 2; path++)
		for (size_t method = 0; method < 4; method++) {
			struct http answer = http(.method = methods[method], .path = paths[path],
						  .token = token(seat, ADMIN), .headers = purpose,
						  .body = method % 3 ? "{}" : NULL);

			matrix_counts->http[method ? NO_RULE : INSIDE]++;
			ck_assert_msg(answer.status == (method ? 405 : 200), "%d %s %s: %d %s",
				      seat, methods[method], paths[path], answer.status,
				      answer.body);
		}
}
END_TEST

/* SQL */

static void add_identity(struct text *text, int seat, enum role role)
{
	if (seat == NOBODY)
		return;
	text_addf(text,
		  "SELECT set_config('lachan.user', '00000000-0000-7000-8000-%012d', true), "
		  "set_config('lachan.organization', '%s', true), set_config('lachan.agency', "
		  "'%d', true), set_config('lachan.role', '%s', true), set_config('lachan.unit', "
		  "'%s', true), set_config('lachan.units', '%s', true), "
		  "set_config('lachan.purpose', 'case_management', true);\n",
		  seat, organization_of(seat), seat % 100, role_names[role], unit_of(seat),
		  sql(AS_OWNER, "SELECT territory('%s')", unit_of(seat)));
}

/* "INSERT …" as a literal of an array. */
static void add_insert(struct text *text, const struct record *record)
{
	char *json = json_dumps(record->body, JSON_COMPACT);
	const char *table = record->subject->resource->table, *name;
	json_t *value;

	text_addf(text, "$insert$INSERT INTO %s (id", table);
	json_object_foreach(record->body, name, value)
		text_addf(text, ", %s", name);
	text_add(text, ") SELECT gen_random_uuid()");
	json_object_foreach(record->body, name, value)
		text_addf(text, ", %s", name);
	text_addf(text, " FROM jsonb_populate_record(NULL::%s, $json$%s$json$)$insert$", table,
		  json);
	free(json);
}

/* Tries the change on the ids; the keys of what was changed come into the array `done`. When some
 * row is refused with an error, each is tried by itself. */
static void add_change(struct text *text, const struct subject *subject, const char *change,
		       const char *ids, const char *done)
{
	const char *table = subject->resource->table, *key = resource_key(subject->resource)->name;

	text_addf(
		text,
		"BEGIN WITH written AS (UPDATE %s SET %s WHERE %s::text = ANY (%s) RETURNING %s)\n"
		"SELECT %s || coalesce(array_agg(%s::text), '{}') INTO %s FROM written;\n"
		"EXCEPTION WHEN OTHERS THEN\n"
		"FOREACH one IN ARRAY %s LOOP\n"
		"BEGIN UPDATE %s SET %s WHERE %s::text = one; IF FOUND THEN %s := %s || one; END "
		"IF;\n"
		"EXCEPTION WHEN OTHERS THEN NULL; END;\nEND LOOP;\nEND;\n",
		table, change, key, ids, key, done, key, done, ids, table, change, key, done, done);
}

static void add_ids(struct text *text, const struct subject *subject)
{
	text_add(text, "'{");
	for (size_t i = 0; i < subject->record_count; i++)
		text_addf(text, "%s%s", i ? "," : "", subject->records[i].id);
	text_add(text, "}'");
}

/* Tries each action on each record; a letter 0 or 1 for each comes into `matrix.outcome`. */
static char *attempt_of(const struct subject *subject, int seat)
{
	struct text text = {0};
	bool is_judged = !strcmp(member_of(subject, seat), "return_reason");
	const char *key = resource_key(subject->resource)->name;

	text_add(&text, "DO $matrix$\nDECLARE\n\tone text;\n\toutcome text;\n\tseen text[];\n"
			"\tchanged text[] := '{}';\n\tvoided text[] := '{}';\n\tids text[] := ");
	add_ids(&text, subject);
	text_addf(&text,
		  ";\n\trest text[];\nBEGIN\nSELECT array_agg(%s::text) INTO seen FROM %s;\n", key,
		  subject->resource->table);
	add_change(&text, subject,
		   text_of("%s = '%s'%s", member_of(subject, seat), subject->to,
			   is_judged ? ", status = 'returned'" : ""),
		   "ids", "changed");
	text_add(&text, "rest := ARRAY(SELECT unnest(ids) EXCEPT SELECT unnest(changed));\n");
	add_change(&text, subject, "voided_at = now()", "rest", "voided");
	add_change(&text, subject, "voided_at = now()", "changed", "voided");
	text_add(&text,
		 "SELECT coalesce(string_agg((id = ANY (coalesce(seen, '{}')))::int || (id = ANY "
		 "(changed))::int::text || (id = ANY (voided))::int, '' ORDER BY at), '') INTO "
		 "outcome FROM unnest(ids) WITH ORDINALITY AS all_ids (id, at);\n"
		 "FOREACH one IN ARRAY ARRAY[");
	for (size_t i = 0; i < subject->candidate_count; i++) {
		text_add(&text, i ? ",\n" : "");
		add_insert(&text, &subject->candidates[i]);
	}
	text_add(&text,
		 "]::text[] LOOP\nBEGIN EXECUTE one; outcome := outcome || 1; EXCEPTION WHEN "
		 "OTHERS THEN outcome := outcome || 0; END;\nEND LOOP;\n"
		 "PERFORM set_config('matrix.outcome', outcome, true);\nEND\n$matrix$");
	return text_take(&text);
}

/* `before` is run first, in the same transaction, which is rolled back. */
static char *outcome_of(enum database_role as, const char *before, const struct subject *subject,
			int seat, enum role role)
{
	PGconn *pg = sql_open(as);
	struct text text = {0};

	text_addf(&text, "BEGIN; %s", before);
	add_identity(&text, seat, role);
	text_add(&text, attempt_of(subject, seat));
	PGresult *tried = PQexec(pg, text_string(&text));
	require(PQresultStatus(tried) == PGRES_COMMAND_OK, "%s", PQresultErrorMessage(tried));
	PGresult *result = PQexec(pg, "SELECT current_setting('matrix.outcome')");
	char *outcome = strdup(PQgetvalue(result, 0, 0));

	PQclear(PQexec(pg, "ROLLBACK"));
	PQclear(tried);
	PQclear(result);
	text_release(&text);
	ck_assert_uint_eq(strlen(outcome), subject->record_count * 3 + subject->candidate_count);
	return outcome;
}

static void expect_outcome(const struct subject *subject, int seat, enum role role)
{
	char *outcome = outcome_of(AS_SERVICE, "", subject, seat, role);

	for (size_t i = 0; outcome[i]; i++) {
		bool is_new = i >= subject->record_count * 3;
		char action = is_new ? 'c' : "ruv"[i % 3];
		const struct record
			*record = is_new ? &subject->candidates[i - subject->record_count * 3]
					 : &subject->records[i / 3];
		enum verdict verdict = matrix_verdict(seat, subject->name, action, record);
		bool may = verdict == INSIDE && matrix_role_may(role, action);

		matrix_counts->sql[verdict]++;
		if (may != (outcome[i] == '1'))
			blame(record, "SQL as agency %d, %s: %c %s should %s", seat,
			      role_names[role], action, subject->name,
			      may ? "be done" : "be refused");
	}
	free(outcome);
}

/* What is in the column of each record that is met: its id and t, or f where all there is is
 * hidden. As the superuser, or as the service with an identity. */
static char *shown_of(int seat, const struct masked *mask)
{
	const char *question = text_of(
		"SELECT coalesce(string_agg(id || is_shown, ' '), '') FROM (SELECT %s::text "
		"AS id, (bool_or(%s IS NOT NULL))::text AS is_shown FROM %s%s GROUP BY 1) AS "
		"records",
		mask->of, mask->column, mask->table,
		seat == NOBODY || !strcmp(mask->table, "people_search") ? "" : "_seen");
	char *shown;

	if (seat == NOBODY)
		return sql(AS_SUPERUSER, "%s", question);
	ck_assert_ptr_null(sql_forged(seat, ADMIN, &shown, "%s", question));
	return shown;
}

static bool has(const char *shown, const char *id, const char *is_shown)
{
	return strstr(shown, text_of("%s%s", id, is_shown)) != NULL;
}

START_TEST(an_agency_sees_by_sql_no_class_that_is_hidden_from_it)
{
	int seat = matrix_seats[_i];

	for (const struct masked *mask = masked; mask->table; mask++) {
		const struct subject *subject = mask->subject;
		char *there = shown_of(NOBODY, mask), *shown = shown_of(seat, mask);

		for (size_t i = 0; i < subject->record_count; i++) {
			const struct record *record = &subject->records[i];
			bool is_met = matrix_verdict(seat, subject->name, 'r', record) == INSIDE;
			bool is_seen = is_met &&
				       !matrix_hides(seat, subject->name, mask->class_name, record);

			if (!has(there, record->id, "true"))
				continue;
			matrix_counts->hidden++;
			if (has(shown, record->id, "true") != is_seen ||
			    has(shown, record->id, "false") != (is_met && !is_seen))
				blame(record, "SQL as agency %d: %s.%s should %s", seat,
				      mask->table, mask->column,
				      is_seen  ? "be shown"
				      : is_met ? "be null"
					       : "not be there");
		}
	}
	expect_no_fault();
}
END_TEST

/* Only the view tells: for no agency does the table itself, nor what a change of it returns. */
START_TEST(an_agency_cannot_ask_a_table_for_what_is_hidden_from_some)
{
	static const char *const questions[] = {
		"SELECT %1$s FROM %2$s LIMIT 1",
		"SELECT 1 FROM %2$s WHERE %1$s IS NULL",
		"UPDATE %2$s SET updated_at = now() WHERE false RETURNING %1$s",
		"UPDATE %2$s SET updated_at = now() WHERE %1$s IS NULL",
		"SELECT %2$s FROM %2$s LIMIT 1 -- %1$s",
	};
	int seat = matrix_seats[_i];
	char *value;

	for (const struct masked *mask = masked; mask->table; mask++)
		for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
			const char *question = text_of(questions[i], mask->column, mask->table);

			if (!strcmp(mask->table, "people_search"))
				continue;
			matrix_counts->hidden++;
			const char *state = sql_forged(seat, ADMIN, &value, "%s", question);

			ck_assert_msg(state && !strcmp(state, "42501"), "agency %d may ask: %s",
				      seat, question);
		}
}
END_TEST

static bool may_anything(int seat, const struct subject *subject)
{
	for (const char *action = MATRIX_ACTIONS; *action; action++)
		if (matrix_may(seat, subject->name, *action))
			return true;
	return false;
}

static const enum role writers[] = {ADMIN, OFFICER, VIEWER, SERVICE};

START_TEST(an_agency_does_by_sql_no_more_and_no_less)
{
	for (int at = 0; subjects[at]; at++)
		for (size_t i = 0; i < sizeof writers / sizeof *writers; i++)
			if (writers[i] == ADMIN || may_anything(matrix_seats[_i], subjects[at]))
				expect_outcome(subjects[at], matrix_seats[_i], writers[i]);
	expect_no_fault();
}
END_TEST

START_TEST(nobody_and_the_operator_do_nothing_by_sql)
{
	static const char *const kept[] = {"people", "interventions", "crimes"};

	for (int at = 0; subjects[at]; at++)
		expect_outcome(subjects[at], NOBODY, ADMIN);
	for (int at = 0; subjects[at]; at++)
		for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
			if (!strcmp(subjects[at]->name, kept[i]))
				expect_outcome(subjects[at], 0, OPERATOR);
	expect_no_fault();
}
END_TEST

/* Tables and views that no identity has rows of; what cannot even be asked is fine. */
START_TEST(without_identity_no_table_and_no_view_answers)
{
	PGresult *all = PQexec(sql_open(AS_OWNER),
			       "SELECT oid::regclass FROM pg_class WHERE relnamespace = "
			       "'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')");

	ck_assert_int_gt(PQntuples(all), 50);
	for (int row = 0; row < PQntuples(all); row++) {
		PGresult *rows = PQexec(sql_open(AS_SERVICE), text_of("SELECT * FROM %s LIMIT 1",
								      PQgetvalue(all, row, 0)));
		bool is_closed = PQresultStatus(rows) != PGRES_TUPLES_OK;

		matrix_counts->sql[NO_RULE]++;
		ck_assert_msg(is_closed
				      ? !strcmp(PQresultErrorField(rows, PG_DIAG_SQLSTATE), "42501")
				      : !PQntuples(rows),
			      "%s answers nobody", PQgetvalue(all, row, 0));
		PQclear(rows);
	}
}
END_TEST

/* Who is asked about a policy: for each policy at least one of them does something else by it. */
static const int few[] = {NOBODY, 19, 3, 2, 1, 14, 5, 16, 17, 12, 4, 13, 7};
enum { FEW = sizeof few / sizeof *few };

/* What they do by SQL as viewers and admins when `before` is done; all of it, or up to the first
 * that is another than in `usual`. */
static bool is_noticed(const struct subject *subject, const char *before, char *usual[FEW][2])
{
	char *first = text_of("%s; SET LOCAL ROLE lachan_service; ", before);

	for (size_t i = 0; i < FEW; i++)
		for (size_t is_admin = 0; is_admin < 2; is_admin++) {
			char *outcome = outcome_of(AS_SUPERUSER, first, subject, few[i],
						   is_admin ? ADMIN : VIEWER);

			if (!usual[i][is_admin])
				usual[i][is_admin] = outcome;
			else if (strcmp(usual[i][is_admin], outcome) != 0)
				return true;
		}
	return false;
}

/* Takes away each policy of the tables of the file, and opens each for all: the tests above are
 * worth nothing unless each is noticed. (What restricts a policy is no row of the file:
 * test_rights.c.) */
START_TEST(each_policy_is_needed_and_kept)
{
	const struct subject *subject = subjects[_i];
	const char *table = subject->resource->table;
	char *usual[FEW][2] = {{NULL}};
	PGresult *all = PQexec(sql_open(AS_OWNER),
			       text_of("SELECT policyname, cmd FROM pg_policies WHERE tablename = "
				       "'%s' AND 'lachan_service' = ANY (roles) AND permissive = "
				       "'PERMISSIVE'",
				       table));

	ck_assert_int_gt(PQntuples(all), 0);
	ck_assert(!is_noticed(subject, "SELECT 1", usual));
	for (int row = 0; row < PQntuples(all); row++) {
		const char *policy = PQgetvalue(all, row, 0), *command = PQgetvalue(all, row, 1);
		bool has_using = strcmp(command, "INSERT") != 0;
		bool has_check = strcmp(command, "SELECT") != 0;

		ck_assert_msg(
			is_noticed(subject, text_of("DROP POLICY %s ON %s", policy, table), usual),
			"%s without %s is the same", table, policy);
		ck_assert_msg(is_noticed(subject,
					 text_of("ALTER POLICY %s ON %s%s%s", policy, table,
						 has_using ? " USING (true)" : "",
						 has_check ? " WITH CHECK (true)" : ""),
					 usual),
			      "%s with %s open is the same", table, policy);
		matrix_counts->policies += 2;
	}
}
END_TEST

static void tell(void)
{
	matrix_tell("matrix");
}

Suite *matrix_suite(void)
{
	Suite *suite = suite_create("matrix");
	TCase *cases = tcase_create("matrix");
	int count = 0;

	while (subjects[count])
		count++;
	tcase_set_timeout(cases, 120);
	tcase_add_unchecked_fixture(cases, matrix_made, tell);
	tcase_add_test(cases, every_resource_of_the_file_is_tried);
	add_rows(cases, an_agency_lists_over_http_what_the_file_grants, matrix_seats);
	add_rows(cases, an_agency_does_over_http_what_the_file_grants, matrix_seats);
	add_rows(cases, indicators_are_read_by_all_and_written_by_none, matrix_seats);
	add_rows(cases, an_agency_does_by_sql_no_more_and_no_less, matrix_seats);
	add_rows(cases, an_agency_sees_by_sql_no_class_that_is_hidden_from_it, matrix_seats);
	add_rows(cases, an_agency_cannot_ask_a_table_for_what_is_hidden_from_some, matrix_seats);
	tcase_add_test(cases, nobody_and_the_operator_do_nothing_by_sql);
	tcase_add_test(cases, without_identity_no_table_and_no_view_answers);
	tcase_add_loop_test(cases, each_policy_is_needed_and_kept, 0, count);
	suite_add_tcase(suite, cases);
	return suite;
}
