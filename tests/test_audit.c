/* The trail: who read and wrote what, when, from where, for what. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "samples.h"
#include "text.h"

/* How many rows of the audit have the action on the resource, and the record among others. */
static long long trail_of(const char *action, const struct resource *resource, const char *id)
{
	return sql_number(AS_SUPERUSER,
			  "SELECT count(*) FROM audit_entries WHERE action = '%s' AND resource = "
			  "'%s' AND '%s' = "
			  "ANY (records)",
			  action, resource_word(resource), id);
}

START_TEST(every_write_is_in_the_audit)
{
	const struct sample *sample = &samples[_i];
	const struct resource *resource = sample->resource;
	const char *admin = token(sample->agency, ADMIN);
	struct http record = sample_made(sample, 0);
	const char *id = http_text(&record, "id");
	char *path = text_of("%s/%s", sample_path(resource), id);

	ck_assert_int_eq(trail_of("create", resource, id), 1);
	struct http gone = http_delete(admin, text_of("%s?reason=duplicate", path), "*");
	ck_assert_int_eq(trail_of("void", resource, id), gone.status == 204);
	if (gone.status == 204)
		ck_assert_str_eq(
			sql(AS_SUPERUSER,
			    "SELECT reason FROM audit_entries WHERE action = 'void' AND '%s' = "
			    "ANY (records)",
			    id),
			"duplicate");
}
END_TEST

START_TEST(every_read_of_a_person_is_in_the_audit)
{
	const struct sample *sample = &samples[_i];
	const struct resource *resource = sample->resource;
	const char *admin = token(sample->agency, ADMIN);
	struct http record = sample_made(sample, 0);
	const char *id = http_text(&record, "id"), *list = sample_path(resource);
	bool is_audited = resource->traits & AUDITED;

	http_get(admin, "%s/%s", list, id);
	ck_assert_int_eq(trail_of("read", resource, id), is_audited);
	http_get(admin, "%s?sort=-id&limit=5", list);
	ck_assert_int_eq(trail_of("list", resource, id), is_audited);
	http_get(admin, "%s?sort=-id&limit=5&format=csv", list);
	http_get(admin, "%s?sort=-id&limit=5&format=ndjson", list);
	ck_assert_int_eq(trail_of("export", resource, id), is_audited ? 2 : 0);
}
END_TEST

START_TEST(a_row_of_the_audit_says_who_and_what_for)
{
	const char *admin = token(1, ADMIN);
	char *id = person_made(NULL);
	struct http read = http(.path = text_of("/v1/people/%s?fields=address,health_note", id),
				.token = admin, .headers = "Purpose: inspection\r\n");
	struct http me = http_get(admin, "/v1/me");
	PGresult *row = PQexec(
		sql_open(AS_SUPERUSER),
		text_of("SELECT user_id, organization, agency, role, purpose, address, request, "
			"fields, abs(extract(epoch FROM now() - at)) < 5 FROM audit_entries WHERE "
			"action "
			"= 'read' AND '%s' = ANY (records)",
			id));

	ck_assert_int_eq(PQntuples(row), 1);
	ck_assert_str_eq(PQgetvalue(row, 0, 0), http_text(&me, "user"));
	ck_assert_str_eq(PQgetvalue(row, 0, 1), "cong_an_tinh");
	ck_assert_str_eq(PQgetvalue(row, 0, 2), "1");
	ck_assert_str_eq(PQgetvalue(row, 0, 3), "admin");
	ck_assert_str_eq(PQgetvalue(row, 0, 4), "inspection");
	ck_assert_str_eq(PQgetvalue(row, 0, 5), "127.0.0.1");
	ck_assert_str_eq(PQgetvalue(row, 0, 6), http_header(&read, "X-Request-Id"));
	ck_assert_str_eq(PQgetvalue(row, 0, 7), "{contact,health}");
	ck_assert_str_eq(PQgetvalue(row, 0, 8), "t");
}
END_TEST

START_TEST(a_client_reads_for_what_it_is_registered)
{
	char *id = person_made(NULL);

	http_get(token(1, SERVICE), "/v1/people/%s", id);
	ck_assert_str_eq(sql(AS_SUPERUSER,
			     "SELECT role || ' ' || purpose FROM audit_entries WHERE action = "
			     "'read' AND '%s' = ANY "
			     "(records)",
			     id),
			 "service case_management");
}
END_TEST

/* A hidden class was not read, whatever was asked for. */
START_TEST(the_audit_names_the_classes_that_were_shown)
{
	char *id = person_made(NULL);

	http_get(token(COMMUNE, OFFICER), "/v1/people/%s", id);
	char *fields = sql(
		AS_SUPERUSER,
		"SELECT fields FROM audit_entries WHERE action = 'read' AND '%s' = ANY (records)",
		id);
	ck_assert_ptr_nonnull(strstr(fields, "health"));
	ck_assert_ptr_null(strstr(fields, "criminal"));
}
END_TEST

START_TEST(a_page_is_one_row_with_the_records_shown)
{
	const char *source = unique("audit-"), *officer = token(1, OFFICER);
	char *ids[4];

	for (int i = 0; i < 4; i++)
		ids[i] = made(officer, "/v1/people", person(text_of("{'source': '%s'}", source)));
	long long before = sql_number(AS_SUPERUSER, "SELECT count(*) FROM audit_entries");
	struct http page = http_get(officer, "/v1/people?source=%s&limit=3&count=true", source);
	ck_assert_uint_eq(count_of(&page), 3);
	ck_assert_int_eq(sql_number(AS_SUPERUSER, "SELECT count(*) FROM audit_entries"),
			 before + 1);
	ck_assert_str_eq(
		sql(AS_SUPERUSER, "SELECT records FROM audit_entries ORDER BY at DESC LIMIT 1"),
		text_of("{%s,%s,%s}", ids[0], ids[1], ids[2]));
	/* Nothing found is nothing read. */
	http_get(officer, "/v1/people?source=%s-nothing", source);
	ck_assert_int_eq(sql_number(AS_SUPERUSER, "SELECT count(*) FROM audit_entries"),
			 before + 1);
	struct http csv = http_get(officer, "/v1/people?source=%s&format=csv&fields=id", source);
	assert_status(csv, 200);
	ck_assert_str_eq(
		sql(AS_SUPERUSER, "SELECT records FROM audit_entries ORDER BY at DESC LIMIT 1"),
		text_of("{%s,%s,%s,%s}", ids[0], ids[1], ids[2], ids[3]));
}
END_TEST

START_TEST(an_export_tells_of_no_more_than_it_gave)
{
	const char *source = unique("audit-"), *officer = token(1, OFFICER);
	char *first = NULL, *last = NULL;

	for (int i = 0; i < 4; i++) {
		last = made(officer, "/v1/people", person(text_of("{'source': '%s'}", source)));
		first = first ? first : last;
	}
	http_get(officer, "/v1/people?source=%s&format=csv&limit=2", source);
	ck_assert_int_eq(trail_of("export", &people, first), 1);
	ck_assert_int_eq(trail_of("export", &people, last), 0);
}
END_TEST

START_TEST(what_was_refused_left_no_trail_and_no_record)
{
	const char *officer = token(COMMUNE, OFFICER);
	long long rows = sql_number(AS_SUPERUSER,
				    "SELECT count(*) FROM audit_entries WHERE action <> 'list'");
	long long records = sql_number(AS_SUPERUSER, "SELECT count(*) FROM people");
	struct http invalid = http_post(officer, "/v1/people", person("{'unit': '2025-99999'}"));
	struct http elsewhere = http_post(officer, "/v1/people",
					  person("{'unit': '" OTHER_UNIT "'}"));

	assert_status(invalid, 422);
	assert_status(elsewhere, 403);
	ck_assert_int_eq(sql_number(AS_SUPERUSER,
				    "SELECT count(*) FROM audit_entries WHERE action <> 'list'"),
			 rows);
	ck_assert_int_eq(sql_number(AS_SUPERUSER, "SELECT count(*) FROM people"), records);
}
END_TEST

START_TEST(a_change_names_the_members_that_were_sent)
{
	const char *officer = token(1, OFFICER);
	char *path = text_of("/v1/people/%s", person_made(NULL));
	struct http patch = http_patch(officer, path, etag_of(officer, path),
				       object("{'address': 'x', 'phone': null}"));

	assert_status(patch, 200);
	char *fields = sql(
		AS_SUPERUSER,
		"SELECT fields FROM audit_entries WHERE action = 'update' AND '%s' = ANY (records)",
		http_text(&patch, "id"));
	ck_assert_ptr_nonnull(strstr(fields, "address"));
	ck_assert_ptr_nonnull(strstr(fields, "phone"));
	ck_assert_ptr_null(strstr(fields, "x,"));
}
END_TEST

Suite *audit_suite(void)
{
	Suite *suite = suite_create("audit");
	TCase *cases = tcase_create("audit");

	tcase_set_timeout(cases, 20);
	tcase_add_loop_test(cases, every_write_is_in_the_audit, 0, sample_count());
	tcase_add_loop_test(cases, every_read_of_a_person_is_in_the_audit, 0, sample_count());
	tcase_add_test(cases, a_row_of_the_audit_says_who_and_what_for);
	tcase_add_test(cases, a_client_reads_for_what_it_is_registered);
	tcase_add_test(cases, the_audit_names_the_classes_that_were_shown);
	tcase_add_test(cases, a_page_is_one_row_with_the_records_shown);
	tcase_add_test(cases, an_export_tells_of_no_more_than_it_gave);
	tcase_add_test(cases, what_was_refused_left_no_trail_and_no_record);
	tcase_add_test(cases, a_change_names_the_members_that_were_sent);
	suite_add_tcase(suite, cases);
	return suite;
}
