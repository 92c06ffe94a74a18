/* Two files of one person: hints, merge and its undoing. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "support.h"

enum { POLICE = 1 };

static struct http entered(int agency, json_t *take_body)
{
	struct http answer = http_post(token(agency, OFFICER), "/v1/people", take_body);

	assert_status(answer, 201);
	return answer;
}

/* The hint about that file, or NULL. */
static json_t *hint(const struct http *answer, const char *id)
{
	json_t *warnings = json_object_get(answer->json, "warnings"), *warning;
	size_t i;

	json_array_foreach(warnings, i, warning) {
		json_t *about = json_object_get(warning, "about");

		if (!strcmp(json_string_value(json_object_get(warning, "code")),
			    "possible_duplicate") &&
		    !strcmp(json_string_value(json_object_get(about, "person")), id))
			return about;
	}
	return NULL;
}

static long long score_of(const json_t *about)
{
	return json_integer_value(json_object_get(about, "score"));
}

static char *name(void)
{
	return text_of("Nguyễn Thị %s", strrchr(unique(""), '-') + 1);
}

static json_t *named(const char *full_name, const char *more)
{
	json_t *body = person(more);

	json_object_set_new(body, "full_name", json_string(full_name));
	return body;
}

START_TEST(the_same_name_and_birth_date_are_told_with_a_score)
{
	char *called = name();
	struct http first = entered(COMMUNE, named(called, "{'date_of_birth': '2001-02-03'}"));
	const char *id = http_text(&first, "id");
	/* As another keyboard writes it: decomposed, in capitals. */
	char *again = text_of("NGUYE\xcc\x82\xcc\x83N THI\xcc\xa3 %s", strrchr(called, ' ') + 1);
	struct http second = entered(COMMUNE, named(again, "{'date_of_birth': '2001-02-03'}"));
	struct http vague = entered(COMMUNE, named(called, "{'date_of_birth': '2001'}"));
	struct http other = entered(COMMUNE, named(called, "{'date_of_birth': '1999'}"));
	struct http elsewhere = entered(
		POLICE, named(called, "{'date_of_birth': '2001-02-03', 'unit': '" OTHER_UNIT "'}"));

	ck_assert_ptr_null(hint(&first, id));
	ck_assert_int_eq(score_of(hint(&second, id)), 90);
	ck_assert_int_eq(score_of(hint(&vague, id)), 60);
	ck_assert_ptr_null(hint(&other, id));
	ck_assert_int_eq(score_of(hint(&elsewhere, id)), 70);
	struct http list = http_get(token(COMMUNE, OFFICER), "/v1/people/%s/duplicates", id);

	ck_assert_uint_eq(count_of(&list), 2); /* the one elsewhere is not the commune's to see */
	ck_assert_int_ge(sql_number(AS_SUPERUSER,
				    "SELECT count(*) FROM audit_entries WHERE action = 'list' AND "
				    "resource = 'people' AND '%s' = ANY (records)",
				    id),
			 2);
}
END_TEST

START_TEST(the_same_number_is_told_to_whoever_sees_both)
{
	char *number = text_of("066%09u", randombytes_uniform(1000000000));
	json_t *body = named(name(), text_of("{'citizen_number': '%s'}", number));
	struct http first = entered(POLICE, json_deep_copy(body));

	json_object_set_new(body, "unit", json_string(OTHER_UNIT));
	json_object_set_new(body, "full_name", json_string(name()));
	struct http hidden = entered(OTHER_COMMUNE, body);

	ck_assert_ptr_null(hint(&hidden, http_text(&first, "id")));
	struct http list = http_get(token(POLICE, OFFICER), "/v1/people/%s/duplicates",
				    http_text(&first, "id"));

	ck_assert_uint_eq(count_of(&list), 1);
	ck_assert_int_eq(score_of(json_array_get(json_object_get(list.json, "data"), 0)), 100);
	ck_assert_str_eq(http_text(&list, "data[0].reasons[0]"), "citizen_number");
}
END_TEST

/* Whoever may write people and not read them is told of no other. */
START_TEST(a_system_that_only_writes_is_told_of_no_other_file)
{
	json_t *body = named(name(), "{'date_of_birth': '2001-02-03'}");
	struct http first = entered(POLICE, json_deep_copy(body));
	struct http blind = http_post(client_token(POLICE, "people:write", "case_management"),
				      "/v1/people", json_deep_copy(body));
	struct http seeing = http_post(
		client_token(POLICE, "people:write people:read", "case_management"), "/v1/people",
		body);

	assert_status(blind, 201);
	ck_assert_ptr_null(hint(&blind, http_text(&first, "id")));
	ck_assert_int_eq(score_of(hint(&seeing, http_text(&first, "id"))), 90);
}
END_TEST

static char *helped(const char *person)
{
	return made(token(COMMUNE, OFFICER), text_of("/v1/people/%s/interventions", person),
		    object("{'kind': 'counselling', 'status': 'in_progress', 'starts_on': "
			   "'2026-03-01'}"));
}

static char *person_of(const char *intervention)
{
	return sql(AS_SUPERUSER, "SELECT person FROM interventions WHERE id = '%s'", intervention);
}

START_TEST(a_merge_links_and_can_be_undone)
{
	const char *officer = token(COMMUNE, OFFICER);
	char *gone = person_made(NULL), *kept = person_made(NULL), *done = helped(gone),
	     *own = helped(kept);
	char *path = text_of(
		"/v1/merges/%s",
		made(officer, "/v1/merges",
		     object("{'person': '%s', 'kept': '%s', 'reason': 'trùng'}", gone, kept)));

	assert_status(http_get(officer, "/v1/people/%s", gone), 404);
	ck_assert_str_eq(person_of(done), kept);
	struct http told = http_get(officer, "/v1/merges?person=%s", gone);

	ck_assert_str_eq(http_text(&told, "data[0].kept"), kept);
	assert_blamed(
		http_post(officer, "/v1/merges",
			  object("{'person': '%s', 'kept': '%s', 'reason': 'x'}", gone, kept)),
		422, "/person", "no_such_record");
	assert_status(
		http_patch(officer, path, etag_of(officer, path), object("{'status': 'undone'}")),
		422);
	assert_status(http_patch(officer, path, etag_of(officer, path),
				 object("{'status': 'undone', 'undo_reason': 'hai người'}")),
		      200);
	assert_status(http_get(officer, "/v1/people/%s", gone), 200);
	ck_assert_str_eq(person_of(done), gone);
	ck_assert_str_eq(person_of(own), kept);
	assert_status(http_patch(officer, path, etag_of(officer, path),
				 object("{'status': 'merged', 'undo_reason': null}")),
		      409);
}
END_TEST

static long long denominator(void)
{
	figures_settle();
	struct http figure = http_get(token(COMMUNE, OFFICER),
				      "/v1/indicators/II.1.a?unit=" COMMUNE_UNIT "&period=2026");

	return json_integer_value(json_object_get(
		json_array_get(json_object_get(figure.json, "data"), 0), "denominator"));
}

START_TEST(whoever_is_merged_is_counted_once)
{
	const char *officer = token(COMMUNE, OFFICER);
	char *files[2];

	for (int i = 0; i < 2; i++) {
		files[i] = person_made("{'date_of_birth': '2004-04-04'}");
		made(officer, text_of("/v1/people/%s/statuses", files[i]),
		     object("{'status': 'user', 'starts_on': '2026-02-01', 'tested_on': "
			    "'2026-01-30', 'decision_date': '2026-02-01', 'decision_number': "
			    "'1/QĐ'}"));
	}
	long long before = denominator();
	char *path = text_of("/v1/merges/%s",
			     made(officer, "/v1/merges",
				  object("{'person': '%s', 'kept': '%s', 'reason': 'trùng'}",
					 files[0], files[1])));

	ck_assert_int_eq(denominator(), before - 1);
	assert_status(http_patch(officer, path, etag_of(officer, path),
				 object("{'status': 'undone', 'undo_reason': 'hai người'}")),
		      200);
	ck_assert_int_eq(denominator(), before);
}
END_TEST

START_TEST(files_out_of_reach_are_not_merged)
{
	char *here = person_made(NULL);
	struct http there = entered(POLICE, person("{'unit': '" OTHER_UNIT "'}"));

	assert_blamed(http_post(token(COMMUNE, OFFICER), "/v1/merges",
				object("{'person': '%s', 'kept': '%s', 'reason': 'x'}", here,
				       http_text(&there, "id"))),
		      422, "/kept", "no_such_record");
	assert_blamed(
		http_post(token(COMMUNE, OFFICER), "/v1/merges",
			  object("{'person': '%s', 'kept': '%s', 'reason': 'x'}", here, here)),
		422, "/kept", "not_to_oneself");
}
END_TEST

Suite *duplicates_suite(void)
{
	Suite *suite = suite_create("duplicates");
	TCase *cases = tcase_create("duplicates");

	tcase_set_timeout(cases, 30);
	tcase_add_test(cases, the_same_name_and_birth_date_are_told_with_a_score);
	tcase_add_test(cases, the_same_number_is_told_to_whoever_sees_both);
	tcase_add_test(cases, a_system_that_only_writes_is_told_of_no_other_file);
	tcase_add_test(cases, a_merge_links_and_can_be_undone);
	tcase_add_test(cases, whoever_is_merged_is_counted_once);
	tcase_add_test(cases, files_out_of_reach_are_not_merged);
	suite_add_tcase(suite, cases);
	return suite;
}
