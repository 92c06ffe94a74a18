/* The second net: what the database itself keeps from a connection of the service's own role, with
 * no identity, with a forged one, and beyond what the service would ever ask. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migrate.h"
#include "policies.h"
#include "samples.h"
#include "text.h"

/* Every table, partition and view of ours. */
static PGresult *tables(void)
{
	return PQexec(
		sql_open(AS_OWNER),
		"SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace "
		"AND relkind IN ('r', 'p', 'v', 'm') AND relname NOT LIKE 'pg_%' ORDER BY 1");
}

/* Rows that the service's role sees; -1 when it may not even ask. */
static long long rows_seen(const char *table)
{
	PGresult *result = PQexec(sql_open(AS_SERVICE), text_of("SELECT count(*) FROM %s", table));
	bool is_refused = PQresultStatus(result) != PGRES_TUPLES_OK;

	if (is_refused)
		ck_assert_str_eq(PQresultErrorField(result, PG_DIAG_SQLSTATE), "42501");
	return is_refused ? -1 : strtoll(PQgetvalue(result, 0, 0), NULL, 10);
}

START_TEST(no_identity_sees_no_row_of_any_table)
{
	PGresult *all = tables();

	for (const struct sample *sample = samples; sample->resource; sample++)
		sample_made(sample, 0);
	ck_assert_int_gt(PQntuples(all), 30);
	for (int row = 0; row < PQntuples(all); row++) {
		const char *table = PQgetvalue(all, row, 0);

		ck_assert_msg(rows_seen(table) <= 0, "%s shows rows to nobody", table);
	}
	for (int i = 0; resources[i]; i++)
		ck_assert_msg(resources[i]->traits & OWN_RULES || /* shows nobody anything */
				      sql_number(AS_SUPERUSER, "SELECT count(*) FROM %s",
						 resources[i]->table) > 0,
			      "%s was empty: nothing was proved", resources[i]->table);
}
END_TEST

START_TEST(an_identity_ends_with_its_transaction)
{
	char *value;

	ck_assert_ptr_null(sql_forged(1, ADMIN, &value, "SELECT count(*) FROM units"));
	ck_assert_int_gt(strtol(value, NULL, 10), 100);
	ck_assert_int_eq(rows_seen("units"), 0);
}
END_TEST

START_TEST(every_table_has_policies_that_bind_its_owner)
{
	ck_assert_str_eq(sql(AS_OWNER, "SELECT count(*) FROM pg_class WHERE relnamespace = "
				       "'public'::regnamespace AND relkind IN ('r', 'p') AND NOT "
				       "(relrowsecurity AND relforcerowsecurity)"),
			 "0");
}
END_TEST

/* What is kept from the service's role altogether. */
static const char *const closed[] = {"accounts",       "clients",	   "sessions",
				     "refresh_tokens", "signing_keys",	   "login_throttles",
				     "failed_logins",  "idempotency_keys", "people_keys",
				     "audit",	       "applied"};

START_TEST(what_the_service_asks_by_functions_it_cannot_read)
{
	char *value;
	const char *state = sql_forged(1, ADMIN, &value, "SELECT count(*) FROM %s", closed[_i]);

	ck_assert_msg(state && !strcmp(state, "42501"), "%s: %s", closed[_i], value);
}
END_TEST

/* Attempts of the service's role with the identity of the police's admin. */
static const char *const attempts[] = {
	"UPDATE audit SET caller = NULL",
	"DELETE FROM audit",
	"TRUNCATE audit",
	"INSERT INTO audit (action, resource, records, caller) VALUES ('x', 'x', '{}', '(,,,,,,)')",
	"INSERT INTO audit (action, resource, records, at) VALUES ('x', 'x', '{}', now())",
	"DELETE FROM people",
	"TRUNCATE people CASCADE",
	"DELETE FROM crimes",
	"UPDATE units SET name = 'x'",
	"INSERT INTO agencies VALUES (1, 'x', 'x', 'x', 'assigned')",
	"UPDATE tasks SET title_vi = 'x'",
	"DELETE FROM codes",
	"UPDATE legal_terms SET least_months = 0",
	"DELETE FROM status_transitions",
	"ALTER TABLE people DISABLE ROW LEVEL SECURITY",
	"DROP TABLE people",
	"CREATE TABLE own (x int)",
	"CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1'",
	"SET ROLE lachan_owner",
	"SET ROLE lachan_reader",
	"SET SESSION AUTHORIZATION postgres",
	"SET session_replication_role = replica",
	"ALTER ROLE lachan_service BYPASSRLS",
	"GRANT lachan_owner TO lachan_service",
	"COPY people TO '/tmp/people'",
	"COPY people FROM PROGRAM 'true'",
	"SELECT pg_read_file('/etc/passwd')",
	"SELECT territory('2025-66')",
	"SELECT tell('so_y_te', 'person_entered', gen_random_uuid(), gen_random_uuid())",
	"SELECT principal_of(NULL, NULL, NULL, NULL, NULL)",
	"SELECT visible_subjects('people', '{}')",
	"SELECT contributions_in('services', '2024-12-15', '2025-12-14', '2025-66', true)",
	"SELECT contributions_services(NULL, '{}', '2025-12-14')",
	"SELECT subject_desks('people', '{}')",
	"SELECT contributions_update('stock', '{}', '{}')",
	"SELECT cells_add('{}', '{}')",
	"SELECT * FROM contributions",
	"SELECT * FROM cells",
	"SELECT * FROM contribution_queue",
	"SELECT * FROM person_moves",
	"INSERT INTO contribution_queue VALUES ('people', gen_random_uuid())",
	"UPDATE indicator_state SET is_ready = false",
	"UPDATE indicator_parameters SET value = 99",
};

START_TEST(the_service_cannot_do_what_it_never_does)
{
	char *value;
	const char *state = sql_forged(1, ADMIN, &value, "%s", attempts[_i]);

	ck_assert_msg(state && (!strcmp(state, "42501") || !strcmp(state, "0LP01")), "%s: %s",
		      attempts[_i], state ? state : "done");
}
END_TEST

static bool is_guarded(struct error *error)
{
	struct pool *pool = pool_open(getenv("LACHAN_DATABASE_URL"), 1, 1, 5000);
	bool is_so = schema_is_guarded(pool, error);

	pool_close(pool);
	return is_so;
}

/* Migrations, which tell what tables and views there are, and the policies for them: while what
 * comes later fails, nothing of what came before is there. */
START_TEST(no_table_is_ever_there_without_its_policies)
{
	char *said;

	database_made("upgraded");
	PGconn *pg = PQconnectdb(url_beside("LACHAN_ADMIN_DATABASE_URL", "upgraded"));

	setenv("LACHAN_OWNER_DATABASE_URL", url_beside("LACHAN_OWNER_DATABASE_URL", "upgraded"), 1);
	PQclear(PQexec(pg, "CREATE TABLE people_seen_1 ()"));
	ck_assert_int_ne(lachan("migrate", &said), 0);
	ck_assert_msg(strstr(said, "policies: ") != NULL, "%s", said);
	PGresult *left = PQexec(pg, "SELECT count(*) FROM applied UNION ALL SELECT count(*) FROM "
				    "pg_class WHERE relnamespace = 'public'::regnamespace AND "
				    "relname IN ('people', 'audit_search')");

	ck_assert_str_eq(PQgetvalue(left, 0, 0), "0");
	ck_assert_str_eq(PQgetvalue(left, 1, 0), "0");
	PQclear(PQexec(pg, "DROP TABLE people_seen_1"));
	ck_assert_msg(lachan("migrate", &said) == 0, "%s", said);
	PQfinish(pg);
	sql(AS_SUPERUSER, "DROP DATABASE upgraded");
}
END_TEST

START_TEST(a_function_that_everybody_may_call_as_its_owner_stops_the_service_at_its_start)
{
	struct error sound = {0}, forgotten = {0};

	ck_assert_msg(is_guarded(&sound), "%s", sound.internal);
	sql(AS_OWNER, "CREATE FUNCTION forgotten(text) RETURNS int LANGUAGE sql SECURITY DEFINER "
		      "AS 'SELECT 1'");
	bool is_so = is_guarded(&forgotten);

	sql(AS_OWNER, "DROP FUNCTION forgotten");
	ck_assert(!is_so);
	ck_assert_str_eq(forgotten.internal,
			 "everybody may call forgotten(text), which runs as its owner");
}
END_TEST

START_TEST(nobody_changes_the_audit)
{
	static const char *const changes[] = {"UPDATE audit SET action = 'x'", "DELETE FROM audit",
					      "TRUNCATE audit"};
	static const enum database_role as[] = {AS_OWNER, AS_SUPERUSER};

	person_made(NULL);
	for (size_t i = 0; i < 6; i++) {
		PGresult *result = PQexec(sql_open(as[i / 3]), changes[i % 3]);

		ck_assert_int_eq(PQresultStatus(result), PGRES_FATAL_ERROR);
	}
}
END_TEST

/* Raw SQL with the identity of another: the same rows as over HTTP, and no more. */
static const struct {
	int seat;
	enum role role;
	const char *statement; /* %s is a person of the other commune */
	const char *outcome;   /* a value, or the SQLSTATE */
} forged[] = {
	{1, ADMIN, "SELECT count(*) FROM people WHERE id = '%s'", "1"},
	{OTHER_COMMUNE, VIEWER, "SELECT count(*) FROM people WHERE id = '%s'", "1"},
	{COMMUNE, ADMIN, "SELECT count(*) FROM people WHERE id = '%s'", "0"},
	{COMMUNE, ADMIN, "SELECT count(*) FROM people_search WHERE id = '%s'", "0"},
	{OTHER_COMMUNE, ADMIN, "SELECT sign(count(*)) FROM people_search WHERE id = '%s'", "1"},
	{COMMUNE, ADMIN, "SELECT count(*) FROM person_statuses WHERE person = '%s'", "0"},
	{OTHER_COMMUNE, ADMIN, "SELECT count(*) FROM person_statuses WHERE person = '%s'", "1"},
	{COMMUNE, ADMIN, "SELECT count(*) FROM interventions_seen WHERE person = '%s'", "0"},
	{2, ADMIN, "SELECT count(*) FROM people WHERE id = '%s'", "0"},
	{3, ADMIN, "SELECT count(*) FROM people WHERE id = '%s'", "0"},
	{6, ADMIN, "SELECT count(*) FROM people WHERE id = '%s'", "0"},
	{16, ADMIN, "SELECT count(*) FROM people WHERE id = '%s'", "0"},
	{17, ADMIN, "SELECT count(*) FROM people WHERE id = '%s'", "0"},
	{0, OPERATOR, "SELECT count(*) FROM people WHERE id = '%s'", "0"},
	{0, OPERATOR, "SELECT count(*) FROM crimes WHERE id <> '%s'", "0"},
	/* what some may not see is shown by the view alone, to those who may */
	{1, ADMIN, "SELECT phone FROM people WHERE id = '%s'", "42501"},
	{1, ADMIN, "SELECT people FROM people WHERE id = '%s'", "42501"},
	{1, ADMIN, "SELECT count(*) FROM people WHERE id = '%s' AND health_note IS NULL", "42501"},
	{1, ADMIN, "UPDATE people SET occupation = phone WHERE id = '%s'", "42501"},
	{1, ADMIN, "SELECT phone FROM people_seen WHERE id = '%s'", "+84912345678"},
	{1, ADMIN, "SELECT hidden FROM people_seen WHERE id = '%s'", "{}"},
	{4, ADMIN, "SELECT hidden FROM people_seen WHERE id = '%s'", "{criminal_record}"},
	{COMMUNE, ADMIN, "SELECT phone FROM people_seen WHERE id = '%s'", ""},
	{2, ADMIN, "SELECT phone FROM people_seen WHERE id = '%s'", ""},
	{5, ADMIN, "SELECT phone FROM people_seen_1 WHERE id = '%s'", ""},
	/* nor by what fails with the value, unless the caller sees it */
	{1, ADMIN, "SELECT phone::date FROM people_seen WHERE id = '%s'", "22009"},
	{5, ADMIN, "SELECT count(*) FROM people_seen_1 WHERE id = '%s' AND phone::date > now()",
	 "0"},
	{5, ADMIN,
	 "SELECT count(*) FROM people AS p LEFT JOIN people_seen_1 AS s ON s.id = p.id AND "
	 "s.phone::date > now() WHERE p.id = '%s'",
	 "1"},
	/* a change of what is out of sight changes nothing */
	{COMMUNE, ADMIN,
	 "WITH w AS (UPDATE people SET address = 'x' WHERE id = '%s' RETURNING 1) SELECT "
	 "count(*) FROM w",
	 "0"},
	{OTHER_COMMUNE, VIEWER,
	 "WITH w AS (UPDATE people SET address = 'x' WHERE id = '%s' RETURNING 1) SELECT "
	 "count(*) FROM w",
	 "0"},
	{5, ADMIN,
	 "WITH w AS (UPDATE people SET address = 'x' WHERE id = '%s' RETURNING 1) SELECT count(*) "
	 "FROM w",
	 "0"},
	{OTHER_COMMUNE, OFFICER,
	 "WITH w AS (UPDATE people SET address = 'x' WHERE id = '%s' RETURNING 1) SELECT "
	 "count(*) FROM w",
	 "1"},
	/* nobody moves a record out of their own sight, or takes one into it */
	{OTHER_COMMUNE, OFFICER, "UPDATE people SET unit = '2025-24121' WHERE id = '%s'", "42501"},
	/* only an admin voids, and only where voiding is granted */
	{1, ADMIN,
	 "WITH w AS (UPDATE people SET voided_at = now() WHERE id = '%s' RETURNING 1) SELECT "
	 "count(*) "
	 "FROM w",
	 "1"},
	{1, OFFICER, "UPDATE people SET voided_at = now() WHERE id = '%s'", "42501"},
	{4, ADMIN, "UPDATE people SET voided_at = now() WHERE id = '%s'", "42501"},
	{OTHER_COMMUNE, ADMIN, "UPDATE people SET voided_at = now() WHERE id = '%s'", "42501"},
	{2, ADMIN,
	 "UPDATE interventions SET voided_at = now() WHERE id = (SELECT id FROM interventions_seen "
	 "WHERE person = '%s')",
	 ""},
};

START_TEST(a_forged_identity_sees_no_more_than_that_identity)
{
	const char *police = token(1, OFFICER);
	char *id = made(police, "/v1/people",
			person("{'unit': '" OTHER_UNIT "', 'phone': '0912345678'}")),
	     *value;

	made(police, text_of("/v1/people/%s/statuses", id),
	     object("{'status': 'addict', 'starts_on': '2026-08-01'}"));
	made(police, text_of("/v1/people/%s/interventions", id),
	     object("{'kind': 'counselling', 'status': 'planned', 'starts_on': '2026-01-01'}"));
	char *before = sql(AS_SUPERUSER, "SELECT people::text FROM people WHERE id = '%s'", id);
	const char *statement = strstr(forged[_i].statement, "%s");
	char *text = text_of("%.*s%s%s", (int)(statement - forged[_i].statement),
			     forged[_i].statement, id, statement + 2);
	const char *state = sql_forged(forged[_i].seat, forged[_i].role, &value, "%s", text);

	ck_assert_str_eq(state ? state : value ? value : "", forged[_i].outcome);
	if (!strcmp(forged[_i].outcome, "0") || state)
		ck_assert_str_eq(
			sql(AS_SUPERUSER, "SELECT people::text FROM people WHERE id = '%s'", id),
			before);
}
END_TEST

/* What is fixed or told by the database, changed by the organisation that a person was referred to
 * or that made it: it would lead to other people, or tell a lie. */
static const struct {
	int seat;
	const char *statement;
} fixed[] = {
	{6, "UPDATE referrals SET person = (SELECT gen_random_uuid())"},
	{6, "UPDATE referrals SET to_organization = 'so_y_te'"},
	{6, "UPDATE notices SET person = gen_random_uuid()"},
	{19, "UPDATE handovers SET to_unit = '2025-24121'"},
	{19, "UPDATE people SET organization = 'so_y_te'"},
	{19, "UPDATE people SET status = 'closed'"},
	{1, "UPDATE people SET is_court_matter = false"},
	{1, "UPDATE people SET created_by = gen_random_uuid()"},
	{1, "UPDATE people SET id = gen_random_uuid()"},
	{1, "UPDATE person_statuses SET starts_on = '2020-01-01'"},
	{1, "UPDATE person_statuses SET person = gen_random_uuid()"},
	{1, "UPDATE interventions SET person = gen_random_uuid()"},
	{1, "UPDATE interventions SET unit = '2025-24121'"},
	{1, "UPDATE crimes SET stage = 'executed'"},
	{1, "UPDATE task_assignments SET completed_on = '2026-01-01'"},
	{19, "INSERT INTO people (id, full_name, full_name_keys, date_of_birth, sex, unit, "
	     "organization) VALUES "
	     "(gen_random_uuid(), 'x', '{}', '1990', 'male', '2025-24121', 'so_y_te')"},
	{19, "INSERT INTO people (id, full_name, full_name_keys, date_of_birth, sex, unit, "
	     "created_by) VALUES "
	     "(gen_random_uuid(), 'x', '{}', '1990', 'male', '2025-24121', gen_random_uuid())"},
	{1, "INSERT INTO people (id, full_name, full_name_keys, date_of_birth, sex, unit, "
	    "voided_at) VALUES "
	    "(gen_random_uuid(), 'x', '{}', '1990', 'male', '2025-24121', now())"},
};

START_TEST(what_is_fixed_is_not_the_service_s_to_change)
{
	char *value;
	const char *state = sql_forged(fixed[_i].seat, ADMIN, &value, "%s", fixed[_i].statement);

	ck_assert_pstr_eq(state, "42501");
}
END_TEST

#define NEW_PERSON(unit)                                                                           \
	"INSERT INTO people (id, full_name, full_name_keys, date_of_birth, sex, unit) VALUES "     \
	"(gen_random_uuid(), 'x', '{}', '1990', 'male', '" unit "')"

static const struct {
	int seat;
	enum role role;
	const char *statement, *state; /* NULL: done */
} inserts[] = {
	{COMMUNE, OFFICER, NEW_PERSON(COMMUNE_UNIT), NULL},
	{COMMUNE, OFFICER, NEW_PERSON(OTHER_UNIT), "42501"},
	{COMMUNE, VIEWER, NEW_PERSON(COMMUNE_UNIT), "42501"},
	{COMMUNE, SERVICE, NEW_PERSON(COMMUNE_UNIT), NULL},
	{2, OFFICER, NEW_PERSON(COMMUNE_UNIT), "42501"},
	{3, OFFICER, NEW_PERSON(COMMUNE_UNIT), "42501"},
	{3, OFFICER, NEW_PERSON(BORDER_UNIT), NULL},
	{6, ADMIN, NEW_PERSON(COMMUNE_UNIT), "42501"},
	{16, ADMIN, NEW_PERSON(COMMUNE_UNIT), "42501"},
	{0, OPERATOR, NEW_PERSON(COMMUNE_UNIT), "42501"},
	{7, OFFICER,
	 "INSERT INTO training_sessions (id, kind, title, status, held_on, audience, unit, "
	 "organization) VALUES "
	 "(gen_random_uuid(), 'training', 'x', 'planned', '2026-12-01', '{staff}', '2025-24121', "
	 "'so_y_te')",
	 "42501"},
};

START_TEST(a_forged_identity_enters_only_what_that_identity_may)
{
	char *value;
	const char *state = sql_forged(inserts[_i].seat, inserts[_i].role, &value, "%s",
				       inserts[_i].statement);

	ck_assert_pstr_eq(state, inserts[_i].state);
}
END_TEST

/* What a policy says of each agency is what HTTP answers: the same ids, of the same table. */
START_TEST(the_database_and_the_service_agree_on_every_row)
{
	static const int seats[] = {1,	2,  3,	4,  5,	6,  7,	8,  9,	10,
				    11, 12, 13, 14, 15, 16, 17, 18, 19, OTHER_COMMUNE};
	int seat = seats[_i];

	for (int i = 0; resources[i]; i++) {
		const struct resource *resource = resources[i];
		char *value;

		/* Some people are shared with whoever may not list them. */
		if (resource->parent || resource->traits & (REFERENCE_DATA | OWN_RULES) ||
		    resource == &people)
			continue;
		struct http list = http_get(token(seat, OFFICER), "/v1/%s?count=true&limit=1",
					    resource->name);
		json_t *total = json_object_get(json_object_get(list.json, "page"), "total");
		/* For a purpose as there: by it a restricted person is seen by who holds the file.
		 */
		const char *state = sql_forged(
			seat, VIEWER, &value,
			"SELECT set_config('lachan.purpose', 'case_management', true); "
			"SELECT count(*) FROM %s WHERE voided_at IS NULL",
			resource->table);

		ck_assert_ptr_null(state);
		ck_assert_msg(strtoll(value, NULL, 10) == json_integer_value(total),
			      "agency %d, %s: %s rows, %s", seat, resource->table, value,
			      list.body);
	}
}
END_TEST

/* A field of a class that some agency may not see: whoever adds one adds it to the view, and the
 * service does not start while the table itself tells it. */
START_TEST(what_some_may_not_see_is_granted_by_a_view_alone)
{
	auto_text names = {0};

	policies_masked(&names);
	ck_assert_ptr_nonnull(strstr(text_string(&names), "people.health_note"));
	ck_assert_ptr_nonnull(strstr(text_string(&names), "crime_stages.sentence"));
	for (int i = 0; resources[i]; i++)
		ck_assert_msg(!resources[i]->seen == !strstr(text_string(&names),
							     text_of("%s.", resources[i]->table)),
			      "%s", resources[i]->table);
	ck_assert_pstr_eq(
		sql(AS_OWNER,
		    "SELECT string_agg(name, ' ') FROM unnest('%s'::text[]) AS name WHERE "
		    "has_column_privilege('lachan_service', split_part(name, '.', 1), "
		    "split_part(name, '.', 2), 'SELECT')",
		    text_string(&names)),
		NULL);
}
END_TEST

/* SECURITY DEFINER without a fixed search_path would run whatever a caller puts in the way. */
START_TEST(what_runs_as_its_owner_has_its_own_search_path)
{
	ck_assert_pstr_eq(
		sql(AS_OWNER,
		    "SELECT string_agg(proname, ' ') FROM pg_proc WHERE pronamespace = "
		    "'public'::regnamespace AND prosecdef AND NOT (coalesce(proconfig, '{}') "
		    "@> '{\"search_path=public, pg_temp\"}')"),
		NULL);
}
END_TEST

Suite *policies_suite(void)
{
	Suite *suite = suite_create("policies");
	TCase *cases = tcase_create("policies");

	tcase_set_timeout(cases, 20);
	tcase_add_test(cases, no_identity_sees_no_row_of_any_table);
	tcase_add_test(cases, an_identity_ends_with_its_transaction);
	tcase_add_test(cases, every_table_has_policies_that_bind_its_owner);
	add_rows(cases, what_the_service_asks_by_functions_it_cannot_read, closed);
	add_rows(cases, the_service_cannot_do_what_it_never_does, attempts);
	tcase_add_test(
		cases,
		a_function_that_everybody_may_call_as_its_owner_stops_the_service_at_its_start);
	tcase_add_test(cases, no_table_is_ever_there_without_its_policies);
	tcase_add_test(cases, nobody_changes_the_audit);
	add_rows(cases, a_forged_identity_sees_no_more_than_that_identity, forged);
	add_rows(cases, what_is_fixed_is_not_the_service_s_to_change, fixed);
	add_rows(cases, a_forged_identity_enters_only_what_that_identity_may, inserts);
	tcase_add_loop_test(cases, the_database_and_the_service_agree_on_every_row, 0, 20);
	tcase_add_test(cases, what_some_may_not_see_is_granted_by_a_view_alone);
	tcase_add_test(cases, what_runs_as_its_owner_has_its_own_search_path);
	suite_add_tcase(suite, cases);
	return suite;
}
