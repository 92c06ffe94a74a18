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

/* Every figure of people in the commune, as it is kept. */
static char *figures(void)
{
	figures_settle();
	return sql(AS_SUPERUSER,
		   "SELECT string_agg(concat_ws(' ', measure, place, numerator, denominator), ', ' "
		   "ORDER BY measure, place) FROM unit_cells WHERE unit = '" COMMUNE_UNIT
		   "' AND measure ~ '^(I|II[.]1)[.]' AND (numerator, denominator) <> (0, 0)");
}

/* The statuses of a file, and what the file shows of them. */
static char *history_of(const char *person)
{
	return sql(
		AS_SUPERUSER,
		"SELECT string_agg(concat_ws(' ', status, starts_on, ended_on, end_reason), ', ' "
		"ORDER BY starts_on, ended_on, id) || (SELECT concat_ws(' ', ' |', status, "
		"status_since, status_ends_on) FROM people WHERE id = '%s') "
		"FROM person_statuses WHERE person = '%s' AND voided_at IS NULL",
		person, person);
}

#define STATUS(status, day, rest) "'status': '" status "', 'starts_on': '" day "'" rest
#define USER(day)                                                                                  \
	STATUS("user", day,                                                                        \
	       ", 'tested_on': '" day "', 'decision_date': '" day "', 'decision_number': '1/QĐ'")
#define AFTERCARE(day) STATUS("post_rehab", day, ", 'origin': 'voluntary'")

/* Two files of one human: those of them that say all of it count as both do once they are merged.
 */
static const struct two_files {
	const char *says;
	const char *gone[4], *kept[4];
	enum { GONE, KEPT, BOTH } says_all;
	const char *history, *warned;
	const char *one[4];
} two_files[] = {
	{"a user to a file without a status",
	 {USER("2026-05-01")},
	 {0},
	 GONE,
	 "user 2026-05-01 | user 2026-05-01 2027-05-01",
	 NULL},
	{"aftercare after a risk",
	 {AFTERCARE("2026-01-01")},
	 {STATUS("at_risk", "2025-09-01", "")},
	 GONE,
	 "at_risk 2025-09-01 2026-01-01 superseded, post_rehab 2026-01-01 | post_rehab 2026-01-01 "
	 "2027-01-01",
	 "status_order"},
	{"a user found earlier",
	 {USER("2025-12-01")},
	 {USER("2026-05-01")},
	 GONE,
	 "user 2025-12-01 2026-05-01 expired, user 2026-05-01 | user 2026-05-01 2027-05-01",
	 "status_order"},
	{"a user found again",
	 {USER("2026-05-01")},
	 {USER("2025-12-01")},
	 KEPT,
	 "user 2025-12-01 | user 2025-12-01 2026-12-01",
	 NULL},
	{"one after the term of the other",
	 {USER("2026-09-01")},
	 {USER("2025-08-01")},
	 BOTH,
	 "user 2025-08-01 2026-09-01 expired, user 2026-09-01 | user 2026-09-01 2027-09-01",
	 NULL,
	 {USER("2025-08-01"), USER("2026-09-01")}},
	{"the same twice",
	 {USER("2026-05-01")},
	 {USER("2026-05-01")},
	 KEPT,
	 "user 2026-05-01 | user 2026-05-01 2027-05-01",
	 NULL},
	{"two of one day",
	 {USER("2026-05-01")},
	 {STATUS("addict", "2026-05-01", "")},
	 KEPT,
	 "addict 2026-05-01 | addict 2026-05-01",
	 "status_left"},
	{"by turns",
	 {STATUS("at_risk", "2025-08-01", ""), STATUS("addict", "2026-03-01", ""),
	  STATUS("closed", "2026-09-01", ", 'close_reason': 'moved'")},
	 {USER("2025-10-01"), STATUS("addict", "2026-02-01", "")},
	 BOTH,
	 "at_risk 2025-08-01 2025-10-01 superseded, user 2025-10-01 2026-02-01 determined_addict, "
	 "addict 2026-02-01 2026-09-01 moved, closed 2026-09-01 | closed 2026-09-01",
	 NULL,
	 {STATUS("at_risk", "2025-08-01", ""), USER("2025-10-01"),
	  STATUS("addict", "2026-02-01", ""),
	  STATUS("closed", "2026-09-01", ", 'close_reason': 'moved'")}},
	{"many of one day",
	 {STATUS("at_risk", "2026-05-01", ""), USER("2026-05-01"),
	  STATUS("addict", "2026-05-01", "")},
	 {STATUS("at_risk", "2025-08-01", "")},
	 GONE,
	 "at_risk 2025-08-01 2026-05-01 superseded, user 2026-05-01 2026-05-01 determined_addict, "
	 "addict 2026-05-01 | addict 2026-05-01",
	 NULL},
};

static void add_statuses(const char *person, const char *const *statuses)
{
	for (int i = 0; i < 4 && statuses[i]; i++)
		made(token(COMMUNE, OFFICER), text_of("/v1/people/%s/statuses", person),
		     object("{%s}", statuses[i]));
}

static struct http merged(const char *gone, const char *kept)
{
	struct http answer = http_post(
		token(PROVINCE, OFFICER), "/v1/merges",
		object("{'person': '%s', 'kept': '%s', 'reason': 'trùng'}", gone, kept));

	assert_status(answer, 201);
	return answer;
}

static void undo(const struct http *merge)
{
	const char *officer = token(PROVINCE, OFFICER),
		   *path = text_of("/v1/merges/%s", http_text(merge, "id"));

	assert_status(http_patch(officer, path, etag_of(officer, path),
				 object("{'status': 'undone', 'undo_reason': 'hai người'}")),
		      200);
}

static char *counselled(void)
{
	char *person = person_made("{'date_of_birth': '2004-04-04'}");

	made(token(COMMUNE, OFFICER), "/v1/interventions",
	     object("{'person': '%s', 'kind': 'counselling', 'status': 'completed', 'starts_on': "
		    "'2025-12-14', 'ends_on': '2025-12-14'}",
		    person));
	return person;
}

static void void_file(const char *person)
{
	const char *admin = token(PROVINCE, ADMIN), *path = text_of("/v1/people/%s", person);

	assert_status(http_delete(admin, text_of("%s?reason=entered_in_error", path),
				  etag_of(admin, path)),
		      204);
}

START_TEST(the_kept_file_has_the_history_of_both)
{
	const struct two_files *files = &two_files[_i];
	char *gone = counselled(), *kept = counselled(), *of_one = NULL;

	for (int i = 0; i < 2; i++) {
		bool is_kept = (files->says_all == KEPT) == !i;

		add_statuses(is_kept ? kept : gone, is_kept ? files->kept : files->gone);
		of_one = i ? of_one : figures();
	}
	char *of_both = figures(), *history = history_of(kept), *other = history_of(gone);
	struct http merge = merged(gone, kept);
	char *of_merged = figures();

	ck_assert_pstr_eq(history_of(kept), files->history);
	if (files->warned)
		ck_assert_pstr_eq(http_text(&merge, "warnings[0].code"), files->warned);
	else
		ck_assert_uint_eq(json_array_size(json_object_get(merge.json, "warnings")), 0);
	undo(&merge);
	ck_assert_pstr_eq(history_of(kept), history);
	ck_assert_pstr_eq(history_of(gone), other);
	ck_assert_pstr_eq(figures(), of_both);
	if (files->says_all == BOTH) {
		void_file(gone);
		void_file(kept);
		add_statuses(counselled(), files->one);
		of_one = figures();
	}
	ck_assert_pstr_eq(of_merged, of_one);
}
END_TEST

/* Each file in a commune of its own: what was counted of the past stays where it was. */
START_TEST(who_is_merged_is_where_the_kept_file_is)
{
	const char *police = token(PROVINCE, OFFICER);
	char *gone = person_made("{'date_of_birth': '2004-04-04'}");
	char *kept = made(police, "/v1/people",
			  person("{'date_of_birth': '2004-04-04', 'unit': '" OTHER_UNIT "'}"));

	add_statuses(gone, (const char *const[4]){USER("2025-12-01")});
	char *before = figures();
	struct http merge = merged(gone, kept);
	static const char asked[] = "SELECT string_agg(place || ' ' || unit, ', ' ORDER BY place) "
				    "FROM contributions WHERE family = 'stock' AND subject = '%s' "
				    "AND place IN (20252, 20262)";

	figures_settle();
	ck_assert_pstr_eq(sql(AS_SUPERUSER, asked, kept),
			  "20252 " COMMUNE_UNIT ", 20262 " OTHER_UNIT);
	ck_assert_int_eq(sql_number(AS_SUPERUSER,
				    "SELECT max(changes.version) FROM changes JOIN person_statuses "
				    "ON record = id WHERE person = '%s'",
				    kept),
			 2);
	undo(&merge);
	ck_assert_pstr_eq(figures(), before);
	ck_assert_ptr_null(sql(AS_SUPERUSER, asked, kept));
}
END_TEST

/* What was of the same day as a file that left again is taken up from the third. */
START_TEST(a_merge_undone_leaves_its_place_to_another)
{
	char *files[3];

	for (int i = 0; i < 3; i++) {
		files[i] = counselled();
		if (i)
			add_statuses(files[i], (const char *const[4]){USER("2026-05-01")});
	}
	struct http first = merged(files[1], files[0]), second = merged(files[2], files[0]);

	undo(&first);
	ck_assert_pstr_eq(history_of(files[0]), "user 2026-05-01 | user 2026-05-01 2027-05-01");
	ck_assert_pstr_eq(history_of(files[1]), "user 2026-05-01 | user 2026-05-01 2027-05-01");
	undo(&second);
	ck_assert_ptr_null(history_of(files[0]));
	ck_assert_pstr_eq(history_of(files[2]), "user 2026-05-01 | user 2026-05-01 2027-05-01");
}
END_TEST

/* What followed in the kept file stays there when the other's is taken back, voided or not. */
START_TEST(a_history_goes_on_after_the_merge)
{
	const char *admin = token(PROVINCE, ADMIN);
	char *gone = counselled(), *kept = counselled();

	add_statuses(kept, (const char *const[4]){STATUS("at_risk", "2025-08-01", "")});
	add_statuses(gone, (const char *const[4]){USER("2025-12-01"),
						  STATUS("addict", "2026-02-01", "")});
	struct http merge = merged(gone, kept);
	char *last = text_of("/v1/people/%s/statuses/%s", kept,
			     sql(AS_SUPERUSER,
				 "SELECT id FROM person_statuses WHERE person = '%s' AND ended_on "
				 "IS NULL",
				 kept));

	assert_status(http_delete(admin, text_of("%s?reason=entered_in_error", last),
				  etag_of(admin, last)),
		      204);
	ck_assert_pstr_eq(history_of(kept), "at_risk 2025-08-01 2025-12-01 superseded, user "
					    "2025-12-01 | user 2025-12-01 2026-12-01");
	add_statuses(kept, (const char *const[4]){STATUS("addict", "2026-03-01", "")});
	undo(&merge);
	ck_assert_pstr_eq(history_of(kept), "at_risk 2025-08-01 2026-03-01 superseded, addict "
					    "2026-03-01 | addict 2026-03-01");
	ck_assert_pstr_eq(history_of(gone), "user 2025-12-01 | user 2025-12-01 2026-12-01");
}
END_TEST

START_TEST(the_figures_of_merged_files_are_what_the_records_tell)
{
	char *said;

	figures_settle();
	ck_assert_msg(!lachan("indicators verify", &said), "%.2000s", said);
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

/* On either side of a merge, and in the void. */
START_TEST(a_file_on_its_way_stays_until_it_is_received)
{
	const char *officer = token(COMMUNE, OFFICER);
	char *moving = person_made(NULL), *other = person_made(NULL);
	char *path = text_of("/v1/people/%s", moving);
	char *handover = text_of("/v1/handovers/%s",
				 made(officer, "/v1/handovers",
				      object("{'person': '%s', 'to_unit': '%s', 'reason': 'x'}",
					     moving, OTHER_UNIT)));

	for (int i = 0; i < 2; i++) {
		struct http answer = http_post(
			officer, "/v1/merges",
			object("{'person': '%s', 'kept': '%s', 'reason': 'x'}", i ? other : moving,
			       i ? moving : other));

		assert_status(answer, 409);
		ck_assert_str_eq(http_text(&answer, "code"), "on_its_way");
	}
	assert_status(http_delete(token(POLICE, ADMIN), text_of("%s?reason=duplicate", path), "*"),
		      409);
	assert_status(http_patch(token(OTHER_COMMUNE, OFFICER), handover,
				 etag_of(token(OTHER_COMMUNE, OFFICER), handover),
				 object("{'status': 'accepted'}")),
		      200);
	assert_status(http_get(token(OTHER_COMMUNE, OFFICER), "%s", path), 200);
	assert_status(http_delete(token(POLICE, ADMIN), text_of("%s?reason=duplicate", path), "*"),
		      204);
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
	add_rows(cases, the_kept_file_has_the_history_of_both, two_files);
	tcase_add_test(cases, who_is_merged_is_where_the_kept_file_is);
	tcase_add_test(cases, a_merge_undone_leaves_its_place_to_another);
	tcase_add_test(cases, a_history_goes_on_after_the_merge);
	tcase_add_test(cases, the_figures_of_merged_files_are_what_the_records_tell);
	tcase_add_test(cases, files_out_of_reach_are_not_merged);
	tcase_add_test(cases, a_file_on_its_way_stays_until_it_is_received);
	suite_add_tcase(suite, cases);
	return suite;
}
