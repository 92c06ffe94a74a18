/* The audit: what leaves a row, who may search it, and that no row can be changed unnoticed. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keys.h"

static void expect(int status, struct http answer)
{
	assert_status(answer, status);
}

static void refused(struct http answer, const char *pointer, const char *code)
{
	assert_blamed(answer, 400, pointer, code);
}

/* Rows of an action on a record in the database, sealed or not. */
static long long trails(const char *action, const char *resource, const char *record)
{
	return sql_number(
		AS_SUPERUSER,
		"SELECT count(*) FROM audit_entries WHERE action = '%s' AND resource = '%s' AND "
		"records @> ARRAY['%s'::uuid]",
		action, resource, record);
}

static const char *last(const char *column, const char *record)
{
	const char *value = sql(
		AS_SUPERUSER,
		"SELECT %s FROM audit_entries WHERE records @> ARRAY['%s'::uuid] ORDER BY at DESC "
		"LIMIT 1",
		column, record);

	return value ? value : "";
}

/* Waits until the worker has sealed all that was committed before. */
static void wait_for_seals(void)
{
	for (int i = 0; i < 400; i++) {
		if (!sql_number(AS_SUPERUSER, "SELECT count(*) FROM audit"))
			return;
		usleep(50000);
	}
	ck_abort_msg("rows are not sealed");
}

/* What leaves a row */

START_TEST(every_way_to_a_person_leaves_a_row)
{
	const char *officer = token(COMMUNE, OFFICER);
	char *id = person_made("{}"), *path = text_of("/v1/people/%s", id);
	char *etag = etag_of(officer, path);

	ck_assert_int_eq(trails("create", "people", id), 1);
	ck_assert_int_eq(trails("read", "people", id), 1);
	ck_assert_str_eq(last("purpose", id), "case_management");
	ck_assert_str_eq(last("organization", id), organization_of(COMMUNE));
	ck_assert_str_eq(last("fields", id), "{identity,contact,case,education,employment,health}");

	expect(200, http_get(officer, "/v1/people?limit=1&sort=-id&fields=sex"));
	ck_assert_int_eq(trails("list", "people", id), 1);
	ck_assert_str_eq(last("fields", id), "{identity}");

	expect(304, http(.path = path, .token = officer,
			 .headers = text_of("If-None-Match: %s\r\n", etag)));
	ck_assert_int_eq(trails("read", "people", id), 2);

	expect(200, http_patch(officer, path, etag, object("{'address': 'Thôn 1'}")));
	ck_assert_int_eq(trails("update", "people", id), 1);
	ck_assert_str_eq(last("fields", id), "{address}");

	expect(200, http_get(officer, "/v1/people?format=ndjson&fields=id"));
	ck_assert_int_eq(trails("export", "people", id), 1);
	expect(200, http_get(officer, "/v1/people?format=csv&fields=phone"));
	ck_assert_int_eq(trails("export", "people", id), 2);
	ck_assert_str_eq(last("fields", id), "{contact}");

	etag = etag_of(token(1, ADMIN), path);
	expect(204,
	       http_delete(token(1, ADMIN), text_of("%s?reason=entered_in_error", path), etag));
	ck_assert_int_eq(trails("void", "people", id), 1);
	ck_assert_str_eq(last("reason", id), "entered_in_error");
}
END_TEST

START_TEST(what_hangs_on_a_person_leaves_rows_too)
{
	const char *officer = token(COMMUNE, OFFICER);
	char *id = person_made("{}");
	char *statuses = text_of("/v1/people/%s/statuses", id);
	char *status = made(officer, statuses,
			    object("{'status': 'at_risk', 'starts_on': '2026-01-05'}"));
	char *list = text_of("/v1/people/%s/interventions", id);
	char *intervention = made(
		officer, list,
		object("{'kind': 'counselling', 'status': 'planned', 'starts_on': '2026-01-05'}"));

	expect(200, http_get(officer, "%s", statuses));
	expect(200, http_get(officer, "%s", list));
	ck_assert_int_eq(trails("create", "person_statuses", status), 1);
	ck_assert_int_eq(trails("list", "person_statuses", status), 1);
	ck_assert_int_eq(trails("create", "interventions", intervention), 1);
	ck_assert_int_eq(trails("list", "interventions", intervention), 1);
}
END_TEST

START_TEST(a_repeated_post_is_a_read)
{
	char *key = unique("key-");
	char *body = json_dumps(person("{}"), 0);
	struct http once = http(.method = "POST", .path = "/v1/people", .token = token(1, OFFICER),
				.body = body, .key = key);
	struct http again = http(.method = "POST", .path = "/v1/people", .token = token(1, OFFICER),
				 .body = body, .key = key);

	assert_status(once, 201);
	assert_status(again, 201);
	ck_assert_int_eq(trails("create", "people", http_text(&once, "id")), 1);
	ck_assert_int_eq(trails("read", "people", http_text(&once, "id")), 1);
}
END_TEST

START_TEST(a_number_shown_whole_is_told)
{
	const char *officer = token(COMMUNE, OFFICER);
	char *id = person_made("{'citizen_number': '066099000123'}");
	char *path = text_of("/v1/people/%s?reveal=true", id);

	refused(http_get(officer, "%s", path), "Purpose", "purpose_required");
	ck_assert_int_eq(trails("read", "people", id), 0);
	struct http shown = http(.path = path, .token = officer,
				 .headers = "Purpose: health_care\r\n");

	assert_status(shown, 200);
	ck_assert_str_eq(http_text(&shown, "citizen_number"), "066099000123");
	ck_assert_ptr_nonnull(strstr(last("fields", id), "citizen_number_revealed"));
	ck_assert_str_eq(last("purpose", id), "health_care");
}
END_TEST

/* Whoever tries numbers leaves a row for each, found or not. */
START_TEST(a_number_that_is_sought_is_told_even_if_nobody_has_it)
{
	static const char *const forms[] = {"", "&limit=1", "&format=csv", "&format=ndjson"};
	const char *officer = token(COMMUNE, OFFICER);

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		static const char tried[] =
			"SELECT count(*) FROM audit_entries WHERE records = '{}' AND "
			"'citizen_number_sought' = ANY (fields)";
		long long before = sql_number(AS_SUPERUSER, tried);

		assert_status(
			http_get(officer, "/v1/people?citizen_number=066000000999%s", forms[i]),
			200);
		ck_assert_msg(sql_number(AS_SUPERUSER, tried) == before + 1, "%s", forms[i]);
	}
}
END_TEST

START_TEST(an_explanation_that_lists_people_leaves_a_row)
{
	char *id = person_made("{'date_of_birth': '2008-03-04', 'guardian_name': 'A'}");

	made(token(COMMUNE, OFFICER), text_of("/v1/people/%s/statuses", id),
	     object("{'status': 'user', 'starts_on': '2026-03-02', 'decision_number': '1', "
		    "'decision_date': '2026-03-02', 'decided_by': 'commune_chair', 'tested_on': "
		    "'2026-03-02'}"));
	figures_settle();
	struct http answer = http_get(token(1, OFFICER),
				      "/v1/indicators/II.1.a/explain?unit=" COMMUNE_UNIT);

	assert_status(answer, 200);
	if (!strstr(answer.body, id))
		ck_abort_msg("not listed: %.600s", answer.body);
	ck_assert_int_eq(trails("explain", "people", id), 1);
}
END_TEST

/* Purpose */

START_TEST(people_are_not_shown_without_a_purpose)
{
	static const char *const paths[] = {"/v1/people",
					    "/v1/people/%s",
					    "/v1/people/%s/statuses",
					    "/v1/people?format=csv",
					    "/v1/interventions",
					    "/v1/crimes"};
	char *path = text_of(paths[_i], person_made("{}"));
	const char *client = client_token(1, "read", NULL);

	refused(http(.path = path, .token = client), "Purpose", "purpose_required");
	refused(http(.path = path, .token = client, .headers = "Purpose: curiosity\r\n"), "Purpose",
		"value_unknown");
	expect(200, http(.path = path, .token = client, .headers = "Purpose: health_care\r\n"));
}
END_TEST

START_TEST(an_account_has_a_purpose_of_its_own)
{
	struct http me = http_get(token(COMMUNE, OFFICER), "/v1/me");

	ck_assert_str_eq(http_text(&me, "purpose"), "case_management");
	me = http(.path = "/v1/me", .token = token(COMMUNE, OFFICER),
		  .headers = "Purpose: health_care\r\n");
	ck_assert_str_eq(http_text(&me, "purpose"), "health_care");
}
END_TEST

/* No audit, no answer */

START_TEST(what_cannot_be_audited_is_not_answered)
{
	char *id = person_made("{}"), *path = text_of("/v1/people/%s", id);
	const char *officer = token(COMMUNE, OFFICER);
	long long count = sql_number(AS_SUPERUSER, "SELECT count(*) FROM people");

	sql(AS_SUPERUSER,
	    "REVOKE INSERT (action, resource, records, fields, reason, outcome) ON audit FROM "
	    "lachan_service");
	struct http read = http_get(officer, "%s", path), list = http_get(officer, "/v1/people"),
		    export = http_get(officer, "/v1/people?format=csv"),
		    post = http_post(officer, "/v1/people", person("{}"));

	sql(AS_SUPERUSER,
	    "GRANT INSERT (action, resource, records, fields, reason, outcome) ON audit TO "
	    "lachan_service");
	assert_status(read, 503);
	assert_status(list, 503);
	assert_status(export, 503);
	assert_status(post, 503);
	ck_assert_ptr_null(strstr(list.body, "full_name"));
	ck_assert_int_eq(sql_number(AS_SUPERUSER, "SELECT count(*) FROM people"), count);
	expect(200, http_get(officer, "%s", path));
}
END_TEST

/* Search */

static bool lists(const char *reader, const char *query, const char *action, const char *record)
{
	struct http answer = http_get(reader, "/v1/audit?%s&limit=200", query);
	json_t *row, *one;
	size_t i, j;

	assert_status(answer, 200);
	json_array_foreach(json_object_get(answer.json, "data"), i, row)
		json_array_foreach(json_object_get(row, "records"), j, one)
			if (!strcmp(json_string_value(one), record) &&
			    !strcmp(json_string_value(json_object_get(row, "action")), action))
				return true;
	return false;
}

START_TEST(the_audit_is_found_by_person_user_organisation_and_time)
{
	const char *officer = token(COMMUNE, OFFICER), *police = token(1, ADMIN);
	char *id = person_made("{}"), *other = person_made("{}");
	char *status = made(officer, text_of("/v1/people/%s/statuses", id),
			    object("{'status': 'at_risk', 'starts_on': '2026-01-05'}"));
	struct http me = http_get(officer, "/v1/me");
	const char *user = http_text(&me, "user");
	char *person_query = text_of("person=%s", id);

	expect(200, http_get(officer, "/v1/people/%s", id));
	wait_for_seals();
	ck_assert(lists(police, person_query, "read", id));
	ck_assert(lists(police, person_query, "create", status));
	ck_assert(!lists(police, person_query, "create", other));
	ck_assert(lists(police, text_of("user=%s", user), "read", id));
	ck_assert(!lists(police, "user=018ebb38-1a80-7001-ad9a-9cefc5c635f3", "read", id));
	ck_assert(lists(police, text_of("organization=%s&action=read", organization_of(COMMUNE)),
			"read", id));
	ck_assert(!lists(police, "organization=so_tai_chinh", "read", id));
	ck_assert(lists(police, "resource=people&at_from=2020-01-01T00:00:00Z", "read", id));
	ck_assert(!lists(police, "at_to=2020-01-01T00:00:00Z", "read", id));
}
END_TEST

/* What hangs on a person would tell whose a pseudonym is. */
START_TEST(the_audit_tells_nobody_whose_a_pseudonym_is)
{
	const char *bank = token(14, ADMIN);
	char *id = person_made("{}"), *query = text_of("person=%s", id);
	char *loan = made(token(1, OFFICER), "/v1/interventions",
			  object("{'person': '%s', 'kind': 'loan', 'status': 'planned', "
				 "'starts_on': '2026-11-01', 'loan_amount': 1}",
				 id));

	made(token(COMMUNE, OFFICER), "/v1/referrals",
	     object("{'person': '%s', 'to_organization': '%s', 'reason': 'x'}", id,
		    organization_of(14)));
	expect(200, http_get(bank, "/v1/interventions/%s", loan));
	expect(200, http_get(bank, "/v1/people/%s", id));
	wait_for_seals();
	ck_assert(lists(bank, query, "read", id));
	ck_assert(!lists(bank, query, "read", loan));
	ck_assert(lists(bank, text_of("person=%s", loan), "read", loan));
	ck_assert(lists(token(1, ADMIN), query, "read", loan));
}
END_TEST

/* Whatever refers to a person tells of it. */
START_TEST(the_audit_of_a_person_has_what_hangs_on_it)
{
	static const struct {
		const char *path, *body; /* %s: the person */
	} rows[] = {
		{"/v1/people/%s/violations", "{'violated_on': '2026-11-01', 'kind': 'illegal_use', "
					     "'unit': '" COMMUNE_UNIT "'}"},
		{"/v1/referrals",
		 "{'person': '%s', 'to_organization': 'so_y_te', 'reason': 'Cần hỗ trợ'}"},
		{"/v1/handovers",
		 "{'person': '%s', 'to_unit': '" OTHER_UNIT "', 'reason': 'Chuyển nơi ở'}"},
		{"/v1/subject-requests", "{'person': '%s', 'kind': 'access', 'requester': "
					 "'representative', 'received_on': '2026-11-20'}"},
		{"/v1/restrictions", "{'person': '%s', 'kind': 'hold', 'reason': 'legal_claim'}"},
	};
	enum { ROWS = sizeof rows / sizeof *rows };
	char *id = person_made("{}"), *query = text_of("person=%s", id), *records[ROWS];

	for (size_t i = 0; i < ROWS; i++)
		records[i] = made(token(COMMUNE, OFFICER), text_of(rows[i].path, id),
				  object(rows[i].body, id));
	wait_for_seals();
	for (size_t i = 0; i < ROWS; i++)
		ck_assert_msg(lists(token(1, ADMIN), query, "create", records[i]), "%s",
			      rows[i].path);
}
END_TEST

START_TEST(the_newest_come_first_and_pages_follow)
{
	const char *police = token(1, ADMIN);
	json_int_t before = INT64_MAX;
	char *next = strdup("/v1/audit?limit=3&at_to=2100-01-01T00:00:00Z");

	for (int i = 0; i < 5; i++)
		person_made("{}");
	wait_for_seals();
	for (int page = 0; page < 3; page++) {
		struct http answer = http_get(police, "%s", next);
		json_t *row;
		size_t i;

		ck_assert_uint_eq(count_of(&answer), 3);
		json_array_foreach(json_object_get(answer.json, "data"), i, row) {
			json_int_t id = json_integer_value(json_object_get(row, "id"));

			ck_assert(id < before);
			before = id;
		}
		next = strdup(http_text(&answer, "page.next"));
	}
}
END_TEST

static const struct {
	int agency;
	enum role role;
	int status;
	bool sees; /* what the officer of agency 19 did */
} readers[] = {
	{1, ADMIN, 200, true},
	{1, OFFICER, 403, false},
	{1, VIEWER, 403, false},
	{1, SERVICE, 403, false},
	{COMMUNE, ADMIN, 200, true},
	{COMMUNE, OFFICER, 403, false},
	{OTHER_COMMUNE, ADMIN, 200, false},
	{5, ADMIN, 200, false},
	{8, ADMIN, 200, false},
	{0, OPERATOR, 200, false},
};

START_TEST(only_admins_read_the_audit_and_of_their_own)
{
	const char *reader = token(readers[_i].agency, readers[_i].role);
	char *id = person_made("{}");

	wait_for_seals();
	expect(readers[_i].status, http_get(reader, "/v1/audit"));
	if (readers[_i].status != 200)
		return;
	ck_assert(lists(reader, "resource=people", "create", id) == readers[_i].sees);
	ck_assert(lists(reader, text_of("person=%s", id), "create", id) == readers[_i].sees);
}
END_TEST

START_TEST(a_forged_identity_finds_no_more)
{
	char *value;

	person_made("{}");
	wait_for_seals();
	ck_assert_ptr_null(sql_forged(5, ADMIN, &value,
				      "SELECT count(*) FROM audit_search WHERE organization = '%s'",
				      organization_of(COMMUNE)));
	ck_assert_str_eq(value, "0");
	ck_assert_ptr_null(
		sql_forged(COMMUNE, OFFICER, &value, "SELECT count(*) FROM audit_search"));
	ck_assert_str_eq(value, "0");
	ck_assert_str_eq(sql(AS_SERVICE, "SELECT count(*) FROM audit_search"), "0");
	ck_assert_ptr_null(sql_forged(COMMUNE, ADMIN, &value, "SELECT count(*) FROM audit_search"));
	ck_assert_int_gt(strtol(value, NULL, 10), 0);
}
END_TEST

START_TEST(the_police_of_a_commune_find_what_their_own_did)
{
	char *id = person_made("{}");
	const char
		*sees = "SELECT set_config('lachan.user', gen_random_uuid()::text, true), "
			"set_config('lachan.organization', 'cong_an_tinh', true), "
			"set_config('lachan.agency', '1', true), set_config('lachan.role', "
			"'admin', true), set_config('lachan.units', '%s', true); SELECT (%s) > 0";
	const char *others = text_of("SELECT count(*) FROM audit_search WHERE organization = '%s'",
				     organization_of(COMMUNE));
	const char *person = text_of("SELECT cardinality(audit_by_person('%s'))", id);

	expect(200, http_get(token(1, OFFICER), "/v1/people/%s", id));
	wait_for_seals();
	ck_assert_str_eq(sql(AS_SERVICE, sees, "*", others), "t");
	ck_assert_str_eq(sql(AS_SERVICE, sees, OTHER_UNIT, others), "f");
	ck_assert_str_eq(sql(AS_SERVICE, sees, OTHER_UNIT,
			     "SELECT count(*) FROM audit_search WHERE organization = "
			     "'cong_an_tinh'"),
			 "t");
	ck_assert_str_eq(sql(AS_SERVICE, sees, OTHER_UNIT, person), "t"); /* what their own read */
	ck_assert_str_eq(sql(AS_SERVICE, sees, OTHER_UNIT,
			     text_of("SELECT count(*) FROM audit_search WHERE id = ANY "
				     "(audit_by_person('%s')) AND organization = '%s'",
				     id, organization_of(COMMUNE))),
			 "f");
}
END_TEST

START_TEST(reading_the_audit_is_audited)
{
	char *id = person_made("{}");

	wait_for_seals();
	expect(200, http_get(token(1, ADMIN), "/v1/audit?person=%s", id));
	ck_assert_int_eq(trails("list", "audit", id), 1);
}
END_TEST

/* No role of the service changes it */

START_TEST(no_role_changes_or_deletes)
{
	static const char *const tables[] = {"audit", "audit_seals", "audit_sealed",
					     "audit_sealed_other"};
	static const char *const attempts[] = {"UPDATE %s SET at = at", "DELETE FROM %s",
					       "TRUNCATE %s"};
	char *month = sql(AS_SUPERUSER,
			  "SELECT tableoid::regclass FROM audit_sealed ORDER BY id DESC LIMIT 1");

	for (size_t i = 0; i < 5 * 3; i++) {
		const char *table = i / 3 < 4 ? tables[i / 3] : month;
		char *attempt = text_of(attempts[i % 3], table);

		for (int as = AS_SERVICE; as <= AS_SUPERUSER; as++) {
			PGresult *result = PQexec(sql_open((enum database_role)as), attempt);

			ck_assert_msg(PQresultStatus(result) == PGRES_FATAL_ERROR, "%d: %s", as,
				      attempt);
			PQclear(result);
		}
	}
	ck_assert_str_eq(sql(AS_SUPERUSER, "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND "
					   "relname LIKE 'audit_sealed_20%%'"),
			 "4");
}
END_TEST

/* The chain */

static int verify(const char *head, char **said)
{
	return lachan(text_of("audit verify %s", head), said);
}

/* A change by a superuser who leaves the triggers out. */
static void tamper(const char *change)
{
	char *all = text_of(
		"SET client_min_messages = warning; SET session_replication_role = replica; %s; "
		"RESET client_min_messages; RESET session_replication_role",
		change);

	sql(AS_SUPERUSER, "%s", all);
}

/* What the chain was before it is tampered with: MIDDLE is a row in it, BATCH the seal of that. */
static void copies(void)
{
	tamper("DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept; "
	       "CREATE TABLE kept.seals AS SELECT * FROM audit_seals; "
	       "CREATE TABLE kept.sealed AS SELECT * FROM audit_sealed");
}

static void restore(void)
{
	tamper("DELETE FROM audit_seals; DELETE FROM audit_sealed; "
	       "INSERT INTO audit_seals SELECT * FROM kept.seals; "
	       "INSERT INTO audit_sealed SELECT * FROM kept.sealed; DROP SCHEMA kept CASCADE");
}

#define MIDDLE                                                                                     \
	"(SELECT id FROM kept.sealed ORDER BY id OFFSET (SELECT count(*) / 2 FROM kept.sealed) "   \
	"LIMIT 1)"
#define NEXT "(SELECT id FROM kept.sealed WHERE id > " MIDDLE " ORDER BY id LIMIT 1)"
#define BATCH "(SELECT min(seq) FROM kept.seals WHERE last_id >= " MIDDLE ")"
/* Another, whatever the row is: the middle one may be any. */
#define NONE_OR_ONE "CASE records WHEN '{}' THEN ARRAY[gen_random_uuid()] ELSE '{}' END"
#define SET(column, value) "UPDATE audit_sealed SET " column " = " value " WHERE id = " MIDDLE

static const struct {
	const char *change, *found;
} tampers[] = {
	{SET("xid", "'1'"), "changed"},
	{SET("id", "id + 1000000000"), "missing"},
	{SET("at", "at + interval '1 microsecond'"), "changed"},
	{SET("at", "at + interval '1 month'"), "changed"},
	{SET("request", "translate(request::text, '0123456789abcdef', '123456789abcdef0')::uuid"),
	 "changed"},
	{SET("request", "NULL"), "changed"},
	{SET("user_id", "gen_random_uuid()"), "changed"},
	{SET("organization", "concat(organization, 'x')"), "changed"},
	{SET("agency", "coalesce(agency, 0) + 1"), "changed"},
	{SET("role", "'Officer'"), "changed"},
	{SET("purpose", "''"), "changed"},
	{SET("address", "'127.0.0.2'"), "changed"},
	{SET("action", "action || 'x'"), "changed"},
	{SET("resource", "'peeple'"), "changed"},
	{SET("records", "records || gen_random_uuid()"), "changed"},
	{SET("records", NONE_OR_ONE), "changed"},
	{SET("fields", "fields || '{x}'"), "changed"},
	{SET("reason", "'x'"), "changed"},
	{SET("outcome", "'don'"), "changed"},
	{SET("hash", "set_byte(hash, 3, get_byte(hash, 3) # 1)"), "seal changed"},
	{SET("hash", "substr(hash, 2)"), "seal changed"},
	{"DELETE FROM audit_sealed WHERE id = " MIDDLE, "missing"},
	{"DELETE FROM audit_sealed WHERE tableoid = (SELECT tableoid FROM audit_sealed WHERE id "
	 "= " MIDDLE ")",
	 "missing"},
	{"DELETE FROM audit_sealed WHERE id <= (SELECT last_id FROM kept.seals WHERE seq = " BATCH
	 ") AND id > (SELECT coalesce(max(last_id), 0) FROM kept.seals WHERE seq < " BATCH
	 "); DELETE FROM audit_seals WHERE seq = " BATCH,
	 "missing"},
	{"UPDATE audit_sealed a SET user_id = b.user_id, records = b.records, action = b.action, "
	 "request = b.request, at = b.at FROM kept.sealed b WHERE a.id IN (" MIDDLE ", " NEXT
	 ") AND b.id IN (" MIDDLE ", " NEXT ") AND a.id <> b.id",
	 "changed"},
	{"INSERT INTO audit_sealed SELECT -id, at, xid, request, user_id, organization, agency, "
	 "role, purpose, address, action, resource, records, fields, reason, outcome, hash FROM "
	 "kept.sealed WHERE id = " MIDDLE,
	 "added"},
	{"INSERT INTO audit_sealed SELECT id + 1000000000, at, xid, request, user_id, "
	 "organization, agency, role, purpose, address, action, resource, records, fields, reason, "
	 "outcome, hash FROM kept.sealed WHERE id = " MIDDLE,
	 "added"},
	{"INSERT INTO audit_sealed SELECT id, at + interval '1 second', xid, request, user_id, "
	 "organization, agency, role, purpose, address, action, resource, records, fields, reason, "
	 "outcome, hash FROM kept.sealed WHERE id = " MIDDLE,
	 "added"},
	{"UPDATE audit_seals SET hash = set_byte(hash, 31, get_byte(hash, 31) # 1) WHERE seq "
	 "= " BATCH,
	 "seal changed"},
	{"UPDATE audit_seals SET at = at + interval '1 microsecond' WHERE seq = " BATCH,
	 "seal changed"},
	{"UPDATE audit_seals SET last_id = last_id + 1 WHERE seq = " BATCH, "broken link: seal"},
	{"UPDATE audit_seals SET row_count = row_count + 1 WHERE seq = " BATCH, "missing"},
	{"UPDATE audit_seals SET row_count = 1000000000 WHERE seq = " BATCH, "missing"},
	{SET("action", "'x'") "; UPDATE audit_sealed s SET hash = audit_hash(s) WHERE id = " MIDDLE,
	 "seal changed"},
	{"DELETE FROM audit_seals WHERE seq = (SELECT max(seq) FROM kept.seals)", "missing"},
};

/* At a moment when nobody writes. */
START_TEST(whatever_is_tampered_with_is_found)
{
	char *said, *id = strdup("");

	for (int i = 0; i < 4; i++)
		id = person_made("{}");
	expect(200, http_get(token(COMMUNE, OFFICER), "/v1/people/%s", id));
	wait_for_seals();
	copies();
	ck_assert_msg(!verify("", &said), "%s", said);
	ck_assert_ptr_nonnull(strstr(said, "chain intact, 0 rows not sealed yet"));
	tamper(tampers[_i].change);
	int status = verify("", &said);

	restore();
	ck_assert_msg(status == 1 && strstr(said, "first broken link") &&
			      strstr(said, tampers[_i].found),
		      "%s: %s", tampers[_i].change, said);
	ck_assert_msg(!verify("", &said), "%s", said);
}
END_TEST

/* As every row was before 0057_cheaper_to_keep.sql. */
#define HASH_OF_TEXT                                                                               \
	"CREATE OR REPLACE FUNCTION audit_hash(entry audit_sealed) RETURNS bytea LANGUAGE sql "    \
	"STABLE AS $$ SELECT sha256(convert_to(ROW(entry.id, extract(epoch FROM entry.at), "       \
	"entry.xid, entry.request, entry.user_id, entry.organization, entry.agency, entry.role, "  \
	"entry.purpose, entry.address, entry.action, entry.resource, entry.records, "              \
	"entry.fields, entry.reason, entry.outcome)::text, 'UTF8')) $$"

START_TEST(what_was_sealed_as_text_is_asked_as_text)
{
	char *now = sql(AS_SUPERUSER, "SELECT pg_get_functiondef('audit_hash'::regproc)");

	wait_for_seals();
	tamper(HASH_OF_TEXT);
	char *id = person_made("{}"), *said, *entry;

	wait_for_seals();
	tamper(now);
	entry = sql(AS_SUPERUSER,
		    "SELECT max(id) FROM audit_sealed WHERE records @> ARRAY['%s'::uuid] AND "
		    "length(hash) = 32",
		    id);
	ck_assert_msg(!verify("", &said), "%s", said);
	tamper(text_of("UPDATE audit_sealed SET outcome = 'don' WHERE id = %s", entry));
	int status = verify("", &said);

	tamper(text_of("UPDATE audit_sealed SET outcome = 'done' WHERE id = %s", entry));
	ck_assert_int_eq(status, 1);
	ck_assert_ptr_nonnull(strstr(said, text_of("audit row %s: changed", entry)));
	ck_assert_msg(!verify("", &said), "%s", said);
}
END_TEST

/* The newest batches with all their rows leave a shorter chain that is whole: only a head that was
 * noted elsewhere tells. */
START_TEST(a_chain_cut_short_is_found_by_the_head_that_was_noted)
{
	char *said, *head, *wrong;

	person_made("{}");
	wait_for_seals();
	head = sql(AS_SUPERUSER,
		   "SELECT seq || ':' || encode(hash, 'hex') FROM audit_seals ORDER BY "
		   "seq DESC LIMIT 1");
	ck_assert_msg(!verify(text_of("--head %s", head), &said), "%s", said);
	wrong = strdup(head);
	wrong[strlen(wrong) - 1] = wrong[strlen(wrong) - 1] == '0' ? '1' : '0';
	ck_assert_int_eq(verify(text_of("--head %s", wrong), &said), 1);
	copies();
	tamper("DELETE FROM audit_seals WHERE seq = (SELECT max(seq) FROM kept.seals); DELETE FROM "
	       "audit_sealed WHERE id > (SELECT max(last_id) FROM audit_seals)");
	int plain = verify("", &said), noted = verify(text_of("--head %s", head), &said);

	restore();
	ck_assert_int_eq(plain, 0);
	ck_assert_int_eq(noted, 1);
	ck_assert_ptr_nonnull(strstr(said, "missing"));
}
END_TEST

/* Nothing needs to be done after it. */
START_TEST(what_was_restored_elsewhere_is_whole)
{
	char *said;

	person_made("{}");
	wait_for_seals();
	database_made("restored");
	ck_assert_int_eq(system(text_of("set -e; pg_dump -Fc -f \"$LACHAN_HOME/dump\" '%s'; "
					"pg_restore --exit-on-error -d '%s' \"$LACHAN_HOME/dump\"; "
					"rm \"$LACHAN_HOME/dump\"",
					getenv("LACHAN_ADMIN_DATABASE_URL"),
					url_beside("LACHAN_ADMIN_DATABASE_URL", "restored"))),
			 0);
	setenv("LACHAN_DATABASE_URL", url_beside("LACHAN_DATABASE_URL", "restored"), 1);
	ck_assert_msg(!verify("", &said), "%s", said);
	ck_assert_ptr_nonnull(strstr(said, "chain intact"));
	ck_assert_msg(!lachan("indicators verify", &said), "%s", said);
	sql(AS_SUPERUSER, "DROP DATABASE restored");
}
END_TEST

/* A row of a transaction that began early and ended late is sealed after those that came meanwhile.
 */
START_TEST(late_commits_are_sealed_in_their_turn)
{
	static const char late_ids[] = "SELECT coalesce(max(id), 0) FROM audit_sealed WHERE action "
				       "= 'late'";
	PGconn *late = PQconnectdb(getenv("LACHAN_ADMIN_DATABASE_URL"));
	long long before = sql_number(AS_SUPERUSER, late_ids);
	char *said;

	PQclear(PQexec(late, "BEGIN; INSERT INTO audit (caller, action, resource, records) VALUES "
			     "(audit_said(gen_random_uuid(), NULL), 'late', 'test', '{}')"));
	char *id = person_made("{}");
	wait_for_seals();
	ck_assert_int_eq(sql_number(AS_SUPERUSER, late_ids), before);
	ck_assert_msg(!verify("", &said), "%s", said);
	PQclear(PQexec(late, "COMMIT"));
	PQfinish(late);
	wait_for_seals();
	ck_assert_msg(!verify("", &said), "%s", said);
	ck_assert_ptr_nonnull(strstr(said, " 0 rows not sealed yet"));
	ck_assert_int_gt(sql_number(AS_SUPERUSER, late_ids),
			 sql_number(AS_SUPERUSER,
				    "SELECT max(id) FROM audit_sealed WHERE records @> "
				    "ARRAY['%s'::uuid]",
				    id));
}
END_TEST

/* What a service says of itself, were it taken over, keeps no row from its seal: it is nobody's
 * when it is no caller, and the words are kept. */
static const struct {
	const char *said, *kept; /* SQL; user, organization, role and address of the sealed row */
} callers_said[] = {
	{"'(01a22366-92b0-7089-a37f-a41dc2f6a4da,\"' || (SELECT string_agg(md5(i::text), '') FROM "
	 "generate_series(1, 500) AS i) || '\",,-1,\"\"\"\\\\,\",,\"(\")'",
	 "01a22366-92b0-7089-a37f-a41dc2f6a4da 200 \"\\, ("},
	{"'(,,,,,,)'", "00000000-0000-0000-0000-000000000000 - - -"},
	{"'x'", "00000000-0000-0000-0000-000000000000 - - x"},
	{"'(x,,,,,,)'", "00000000-0000-0000-0000-000000000000 - - (x,,,,,,)"},
	{"'(,,,40000,,,)'", "00000000-0000-0000-0000-000000000000 - - (,,,40000,,,)"},
	{"'(,,,)'", "00000000-0000-0000-0000-000000000000 - - (,,,)"},
};

START_TEST(whatever_a_caller_is_said_to_be_is_sealed)
{
	const char *action = unique("forged");
	char *said, *value;
	const char *state = sql_forged(1, ADMIN, &value,
				       "SELECT set_config('lachan.caller', %s, true); INSERT INTO "
				       "audit (action, resource, "
				       "records) VALUES ('%s', 'test', '{}')",
				       callers_said[_i].said, action);

	ck_assert_msg(!state, "%s", state);
	wait_for_seals();
	ck_assert_str_eq(sql(AS_SUPERUSER,
			     "SELECT concat_ws(' ', user_id, coalesce(length(organization)::text, "
			     "'-'), coalesce(role, '-'), coalesce(address, '-')) FROM audit_sealed "
			     "WHERE action = '%s'",
			     action),
			 callers_said[_i].kept);
	ck_assert_msg(!verify("", &said), "%s", said);
}
END_TEST

START_TEST(no_row_is_written_without_a_caller)
{
	char *value;

	ck_assert_str_eq(
		sql_forged(1, ADMIN, &value,
			   "SELECT set_config('lachan.caller', '', true); INSERT INTO audit "
			   "(action, resource, records) VALUES ('forged', 'test', '{}')"),
		"23502");
}
END_TEST

START_TEST(two_services_make_one_chain)
{
	struct server other;
	char *said;
	int first = http_port();

	server_start(&other, NULL);
	for (int i = 0; i < 40; i++) {
		http_use(i % 2 ? first : other.port);
		person_made("{}");
	}
	char *head = server_logged(&other, "audit head");
	ck_assert_ptr_nonnull(head);
	http_use(first);
	ck_assert(server_stop(&other));
	wait_for_seals();
	ck_assert_msg(!verify("", &said), "%s", said);
}
END_TEST

START_TEST(a_killed_service_loses_nothing)
{
	struct server other;
	char *said;
	int first = http_port();

	server_start(&other, NULL);
	http_use(other.port);
	for (int i = 0; i < 10; i++)
		person_made("{}");
	server_kill(&other);
	http_use(first);
	wait_for_seals();
	ck_assert_msg(!verify("", &said), "%s", said);
	ck_assert_ptr_nonnull(strstr(said, " 0 rows not sealed yet"));
}
END_TEST

START_TEST(the_lag_is_measured)
{
	struct http metrics = http_get(NULL, "/metrics"), ready = http_get(NULL, "/readyz");

	ck_assert_ptr_nonnull(strstr(metrics.body, "lachan_audit_lag_seconds "));
	assert_status(ready, 200);
	ck_assert_ptr_null(strstr(ready.body, "audit_lag_seconds"));
}
END_TEST

Suite *audit_chain_suite(void)
{
	Suite *suite = suite_create("audit_chain");
	TCase *cases = tcase_create("audit_chain");

	tcase_set_timeout(cases, 60);
	tcase_add_test(cases, every_way_to_a_person_leaves_a_row);
	tcase_add_test(cases, what_hangs_on_a_person_leaves_rows_too);
	tcase_add_test(cases, a_repeated_post_is_a_read);
	tcase_add_test(cases, a_number_shown_whole_is_told);
	tcase_add_test(cases, a_number_that_is_sought_is_told_even_if_nobody_has_it);
	tcase_add_test(cases, an_explanation_that_lists_people_leaves_a_row);
	tcase_add_loop_test(cases, people_are_not_shown_without_a_purpose, 0, 6);
	tcase_add_test(cases, an_account_has_a_purpose_of_its_own);
	tcase_add_test(cases, what_cannot_be_audited_is_not_answered);
	tcase_add_test(cases, the_audit_is_found_by_person_user_organisation_and_time);
	tcase_add_test(cases, the_audit_of_a_person_has_what_hangs_on_it);
	tcase_add_test(cases, the_audit_tells_nobody_whose_a_pseudonym_is);
	tcase_add_test(cases, the_newest_come_first_and_pages_follow);
	add_rows(cases, only_admins_read_the_audit_and_of_their_own, readers);
	tcase_add_test(cases, a_forged_identity_finds_no_more);
	tcase_add_test(cases, the_police_of_a_commune_find_what_their_own_did);
	tcase_add_test(cases, reading_the_audit_is_audited);
	tcase_add_test(cases, no_role_changes_or_deletes);
	add_rows(cases, whatever_is_tampered_with_is_found, tampers);
	tcase_add_test(cases, what_was_sealed_as_text_is_asked_as_text);
	tcase_add_test(cases, what_was_restored_elsewhere_is_whole);
	tcase_add_test(cases, a_chain_cut_short_is_found_by_the_head_that_was_noted);
	tcase_add_test(cases, late_commits_are_sealed_in_their_turn);
	add_rows(cases, whatever_a_caller_is_said_to_be_is_sealed, callers_said);
	tcase_add_test(cases, no_row_is_written_without_a_caller);
	tcase_add_test(cases, two_services_make_one_chain);
	tcase_add_test(cases, a_killed_service_loses_nothing);
	tcase_add_test(cases, the_lag_is_measured);
	suite_add_tcase(suite, cases);
	return suite;
}
