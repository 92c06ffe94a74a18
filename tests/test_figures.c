/* Figures over HTTP: cheap polling, cubes, and how soon a write is in them. */
#include <stdio.h>
#include <string.h>

#include "support.h"

enum { POLICE = 1, YOUTH_UNION = 17, HEALTH = 5 };

static struct http ask(int agency, const char *path, const char *tag)
{
	return http(.path = path, .token = token(agency, OFFICER),
		    .headers = tag ? text_of("If-None-Match: %s\r\n", tag) : NULL);
}

static const char *const polled[] = {"/v1/indicators?period=2026",
				     "/v1/indicators/II.1.a?period=2026&level=commune",
				     "/v1/indicators/II.1.a?period=2026&format=csv",
				     "/v1/indicators/I.1.b?by=sex&format=jsonstat"};

START_TEST(what_has_not_changed_is_not_sent_again)
{
	figures_settle();
	struct http first = ask(POLICE, polled[_i], NULL);
	char *tag = strdup(http_header(&first, "ETag"));
	struct http again = ask(POLICE, polled[_i], tag);

	struct http known = ask(POLICE, polled[_i], NULL);

	assert_status(first, 200);
	assert_status(again, 304);
	ck_assert_str_eq(known.body, first.body);
	ck_assert_str_eq(http_header(&again, "ETag"), tag);
	assert_status(ask(YOUTH_UNION, polled[_i], tag), 200); /* told otherwise */
	assert_status(ask(POLICE, text_of("%s&basis=plan", polled[_i]), tag), 200);
	char *id = person_made("{'date_of_birth': '2004-05-06'}");

	made(token(COMMUNE, OFFICER), text_of("/v1/people/%s/statuses", id),
	     object("{'status': 'user', 'starts_on': '2026-02-01', 'tested_on': '2026-01-30', "
		    "'decision_date': '2026-02-01', 'decision_number': '1/QĐ'}"));
	figures_settle();
	assert_status(ask(POLICE, polled[_i], tag), 200);
}
END_TEST

/* A tag is of an answer: what has none is refused whatever tag is sent along. */
static const char *const unanswerable[] = {"/v1/indicators/II.1.a?unit=2025-99999",
					   "/v1/indicators/II.1.a?level=district",
					   "/v1/indicators?unit=2025-99999"};

START_TEST(what_cannot_be_answered_has_no_tag)
{
	struct http first = ask(POLICE, unanswerable[_i], NULL);
	const char *tag = http_header(&first, "ETag");

	assert_status(first, 400);
	ck_assert_pstr_eq(tag, NULL);
	assert_status(ask(POLICE, unanswerable[_i], "*"), 400);
	assert_status(ask(POLICE, polled[1], "*"), 304);
}
END_TEST

/* No table of records is read for it: they are all locked meanwhile. */
START_TEST(a_304_touches_no_record)
{
	figures_settle();
	struct http first = ask(POLICE, polled[1], NULL);

	sql(AS_SUPERUSER, "BEGIN");
	sql(AS_SUPERUSER,
	    "LOCK TABLE people, person_statuses, interventions, crimes, "
	    "crime_participants, institutions, training_sessions, contributions, cells, "
	    "unit_cells IN ACCESS EXCLUSIVE MODE");
	struct http again = ask(POLICE, polled[1], http_header(&first, "ETag"));

	sql(AS_SUPERUSER, "ROLLBACK");
	assert_status(again, 304);
}
END_TEST

static size_t size_of(const json_t *cube, size_t axis)
{
	return (size_t)json_integer_value(json_array_get(json_object_get(cube, "size"), axis));
}

START_TEST(a_cube_has_the_rows_of_the_list)
{
	static const char question[] =
		"/v1/indicators/II.1.a?period=2025,2026&level=commune&by=sex";
	struct http list = ask(POLICE, question, NULL);
	struct http answer = ask(POLICE, text_of("%s&format=jsonstat", question), NULL);
	json_t *cube = answer.json, *row, *values = json_object_get(cube, "value");
	json_t *places = json_object_get(
		json_object_get(json_object_get(json_object_get(cube, "dimension"), "unit"),
				"category"),
		"index");
	long long sum = 0, expected = 0;
	size_t i, cells = 1;

	assert_status(answer, 200);
	ck_assert_str_eq(http_text(&answer, "class"), "dataset");
	ck_assert_str_eq(http_text(&answer, "version"), "2.0");
	for (i = 0; i < json_array_size(json_object_get(cube, "size")); i++)
		cells *= size_of(cube, i);
	ck_assert_uint_eq(json_array_size(values), cells);
	ck_assert_uint_eq(json_array_size(places), size_of(cube, 0));
	ck_assert_uint_eq(size_of(cube, 1), 2);
	ck_assert_uint_eq(size_of(cube, 3), 3);
	json_array_foreach(json_object_get(list.json, "data"), i, row)
		expected += json_integer_value(json_object_get(row, "denominator"));
	for (i = 1; i < cells; i += 3)
		sum += json_integer_value(json_array_get(values, i));
	ck_assert_int_eq(sum, expected);
	struct http all = ask(HEALTH, "/v1/indicators?format=jsonstat", NULL);

	ck_assert_uint_eq(
		json_array_size(json_object_get(json_object_get(all.json, "link"), "item")), 25);
}
END_TEST

/* II.3.c is asked of each key commune with anybody to help: not of others, and not of their sum. */
START_TEST(each_key_commune_is_to_help_one)
{
	static const struct {
		const char *unit, *status;
	} places[] = {{"2025-22319", "not_applicable"}, {"2025-66", "no_target"}};
	char *helped = made(token(POLICE, OFFICER), "/v1/people",
			    person("{'date_of_birth': '2004-05-06', 'unit': '2025-22303'}"));

	made(token(POLICE, OFFICER), "/v1/key-communes",
	     object("{'unit': '2025-22303', 'class': 'type_1', 'decision_number': '7/QĐ', "
		    "'decision_date': '2025-12-30', "
		    "'valid_from': '2026-01-01'}"));
	made(token(POLICE, OFFICER), text_of("/v1/people/%s/statuses", helped),
	     object("{'status': 'post_rehab', 'origin': 'voluntary', 'starts_on': '2026-03-01'}"));
	figures_settle();
	for (int i = 0; i < 2; i++) {
		struct http answer = http_get(token(POLICE, OFFICER),
					      "/v1/indicators/II.3.c?period=2026R&unit=%s",
					      places[i].unit);

		ck_assert_str_eq(http_text(&answer, "data[0].status"), places[i].status);
	}
	struct http answer = ask(POLICE, "/v1/indicators/II.3.c?period=2026&unit=2025-22303", NULL);

	ck_assert_str_eq(http_text(&answer, "data[0].status"), "provisional");
	answer = ask(POLICE, "/v1/indicators/II.3.c/explain?period=2026&unit=2025-22303", NULL);
	ck_assert_str_eq(http_text(&answer, "lacking[0].code"), "steady_job");
}
END_TEST

/* Of article 256a the headline of 2025 is without it, that of 2024 with it. */
START_TEST(the_catalogue_has_every_way_to_count)
{
	static const char *const expected[] = {"2024Y incl_256a", "2025Y excl_256a",
					       "2024Y excl_256a", "2025Y incl_256a"};
	struct http answer = ask(POLICE, "/v1/indicators?period=2024,2025", NULL);
	json_t *about;
	size_t i;

	json_array_foreach(json_object_get(answer.json, "data"), i, about) {
		if (strcmp(json_string_value(json_object_get(about, "code")), "II.2.a") != 0)
			continue;
		json_t *values = json_object_get(about, "values");

		ck_assert_uint_eq(json_array_size(values), 4);
		for (size_t row = 0; row < 4; row++) {
			const json_t *value = json_array_get(values, row);

			ck_assert_str_eq(
				text_of("%s %s",
					json_string_value(json_object_get(value, "period")),
					json_string_value(json_object_get(value, "definition"))),
				expected[row]);
		}
	}
}
END_TEST

/* Days of one's own are counted as the year that they end in. */
static const struct {
	const char *from, *to, *definition;
} own_days[] = {
	{"2024-12-15", "2025-12-14", "excl_256a"}, /* the year itself */
	{"2024-06-01", "2024-12-14", "incl_256a"}, {"2024-06-01", "2024-12-15", "excl_256a"},
	{"2026-01-01", "2026-06-30", "excl_256a"}, {"2026-01-01", "2026-12-15", "incl_256a"},
};

START_TEST(days_of_one_s_own_have_the_headline_of_their_year)
{
	const char *days = text_of("from=%s&to=%s", own_days[_i].from, own_days[_i].to);
	struct http answer = ask(POLICE, text_of("/v1/indicators/II.2.a?%s", days), NULL);

	ck_assert_str_eq(http_text(&answer, "data[0].definition"), own_days[_i].definition);
	answer = ask(POLICE, text_of("/v1/indicators/II.2.a/explain?%s", days), NULL);
	ck_assert_str_eq(http_text(&answer, "definition"), own_days[_i].definition);
}
END_TEST

/* The year and the review end on the same day. */
START_TEST(each_period_has_a_place_of_its_own_in_a_cube)
{
	struct http answer = ask(POLICE, "/v1/indicators/II.4.a?period=2026,2026R&format=jsonstat",
				 NULL);

	ck_assert_uint_eq(size_of(answer.json, 1), 2);
	ck_assert_str_eq(http_text(&answer, "dimension.period.category.index[0]"), "2026Y");
	ck_assert_str_eq(http_text(&answer, "dimension.period.category.index[1]"), "2026R");
	ck_assert_str_eq(http_text(&answer, "dimension.period.category.label.2026R"),
			 "2023-12-15/2026-12-14");
	answer = ask(POLICE, "/v1/indicators/II.4.a?from=2026-01-01&to=2026-01-31&format=jsonstat",
		     NULL);
	ck_assert_str_eq(http_text(&answer, "dimension.period.category.label.2026-01-31"),
			 "2026-01-01/2026-01-31");
}
END_TEST

/* What is asked for is known also where there is no row of it. */
static const struct {
	const char *question;
	size_t sizes[6]; /* unit, period, …; ending in 0 */
	const char *label, *text;
} rowless[] = {
	{"II.1.a?by=kind&period=2015Y", {1, 1, 14, 3}, "kind.category.label.counselling", "Tư vấn"},
	{"II.1.a?by=ethnicity,sex&period=2015,2016H1&unit=2025-24121",
	 {1, 2, 3, 56, 3},
	 "ethnicity.category.label.12",
	 "Ê-đê"},
	{"II.1.a?by=ethnicity,age_band&period=2015&unit=2025-24121",
	 {1, 1, 7, 56, 3},
	 "unit.category.label.2025-24121",
	 "Phường Tân Lập"},
	{"II.2.a?by=article&period=2015",
	 {1, 1, 14, 3},
	 "period.category.label.2015Y",
	 "2014-12-15/2015-12-14"},
	{"II.4.a?by=institution_type&from=2015-01-01&to=2015-01-31&unit=2025-22045",
	 {1, 1, 18, 3},
	 "institution_type.category.label.thpt",
	 "Trường trung học phổ thông"},
};

START_TEST(what_has_no_row_is_a_cube_of_nulls)
{
	struct http answer = ask(
		POLICE, text_of("/v1/indicators/%s&format=jsonstat", rowless[_i].question), NULL);
	json_t *values = json_object_get(answer.json, "value");
	size_t cells = 1, axis = 0;

	assert_status(answer, 200);
	for (; rowless[_i].sizes[axis]; axis++) {
		ck_assert_uint_eq(size_of(answer.json, axis), rowless[_i].sizes[axis]);
		cells *= rowless[_i].sizes[axis];
	}
	ck_assert_uint_eq(json_array_size(json_object_get(answer.json, "size")), axis);
	ck_assert_uint_eq(json_array_size(values), cells);
	for (size_t i = 0; i < cells; i++)
		ck_assert(json_is_null(json_array_get(values, i)));
	ck_assert_ptr_null(json_object_get(answer.json, "updated"));
	ck_assert_str_eq(http_text(&answer, text_of("dimension.%s", rowless[_i].label)),
			 rowless[_i].text);
}
END_TEST

START_TEST(a_period_without_rows_is_in_the_cube)
{
	struct http answer = ask(POLICE,
				 "/v1/indicators/II.4.a?period=2015,2026&by=institution_type"
				 "&format=jsonstat",
				 NULL);

	assert_status(answer, 200);
	ck_assert_uint_eq(size_of(answer.json, 1), 2);
	ck_assert_str_eq(http_text(&answer, "dimension.period.category.index[0]"), "2015Y");
}
END_TEST

START_TEST(a_category_has_the_label_of_its_code)
{
	struct http answer = http_get(client_token(8, "targets:read", NULL),
				      "/v1/indicators/II.1.a?by=sex,age_band&format=jsonstat");

	assert_status(answer, 200);
	ck_assert_ptr_nonnull(http_text(&answer, "updated"));
	ck_assert_str_eq(http_text(&answer, "dimension.sex.category.label.female"), "Nữ");
	ck_assert_str_eq(http_text(&answer, "dimension.age_band.category.label.18-24"), "18-24");
	ck_assert_str_eq(http_text(&answer, "dimension.unit.category.label.2025-66"),
			 "Tỉnh Đắk Lắk");
}
END_TEST

/* Somebody was counselled this year, nobody the year before. */
START_TEST(a_kind_that_nobody_had_is_a_share_as_well)
{
	static const char question[] =
		"/v1/indicators/II.1.b?period=2025,2026&unit=2025-22276&by=kind";
	char *id = made(token(POLICE, OFFICER), "/v1/people",
			person("{'date_of_birth': '2004-05-06', 'unit': '2025-22276'}"));

	made(token(POLICE, OFFICER), text_of("/v1/people/%s/statuses", id),
	     object("{'status': 'addict', 'starts_on': '2025-08-05'}"));
	made(token(POLICE, OFFICER), text_of("/v1/people/%s/interventions", id),
	     object("{'kind': 'screening', 'status': 'completed', 'starts_on': '2025-09-02', "
		    "'ends_on': '2025-09-02'}"));
	made(token(POLICE, OFFICER), text_of("/v1/people/%s/interventions", id),
	     object("{'kind': 'counselling', 'status': 'in_progress', 'starts_on': "
		    "'2026-01-05'}"));
	figures_settle();
	struct http list = ask(POLICE, question, NULL);
	struct http cube = ask(POLICE, text_of("%s&format=jsonstat", question), NULL);
	char *values = json_dumps(json_object_get(cube.json, "value"), JSON_COMPACT);

	ck_assert_str_eq(values, "[0,1,0.0,1,1,100.0]");
	ck_assert_str_eq(http_text(&list, "data[0].kind"), "counselling");
	ck_assert_str_eq(http_text(&list, "data[0].period"), "2025Y");
	ck_assert_ptr_nonnull(strstr(list.body, "\"previous\":0.00,\"change\":100.00"));
	free(values);
}
END_TEST

/* It waits for whoever begins after midnight: of the day before there are other ages and terms. */
START_TEST(who_began_before_midnight_takes_no_note)
{
	figures_settle();
	sql(AS_SUPERUSER, "BEGIN");
	sql(AS_SUPERUSER, "UPDATE indicator_state SET day = today() + 1");
	sql(AS_SUPERUSER, "INSERT INTO contribution_queue (kind, subject) "
			  "VALUES ('people', gen_random_uuid())");
	long long taken = sql_number(AS_SUPERUSER, "SELECT figures_refresh(10)");
	long long waiting = sql_number(AS_SUPERUSER, "SELECT count(*) FROM contribution_queue");

	sql(AS_SUPERUSER, "ROLLBACK");
	ck_assert_int_eq(taken, 0);
	ck_assert_int_ge(waiting, 1);
}
END_TEST

START_TEST(what_is_suppressed_is_marked_in_a_cube)
{
	struct http answer = ask(YOUTH_UNION,
				 "/v1/indicators/II.1.a?unit=2024-24118&format=jsonstat", NULL);

	assert_status(answer, 200);
	ck_assert(json_is_null(json_array_get(json_object_get(answer.json, "value"), 0)));
	ck_assert_str_eq(
		json_string_value(json_object_get(json_object_get(answer.json, "status"), "0")),
		"s");
}
END_TEST

/* A status of before the reform, of a file that was entered since. */
START_TEST(a_file_is_counted_in_the_commune_of_the_day)
{
	const char *police = token(POLICE, OFFICER);
	char *id = made(police, "/v1/people",
			person("{'date_of_birth': '2004-05-06', 'unit': '" BORDER_UNIT "'}"));

	made(police, text_of("/v1/people/%s/statuses", id),
	     object("{'status': 'addict', 'starts_on': '2025-03-01'}"));
	figures_settle();
	ck_assert_pstr_eq(sql(AS_SUPERUSER,
			      "SELECT string_agg(place || ' ' || unit, ', ' ORDER BY place) FROM "
			      "contributions WHERE family = 'stock' AND subject = '%s' AND place "
			      "IN (20251, 20252)",
			      id),
			  "20251 2024-24214, 20252 " BORDER_UNIT);
}
END_TEST

Suite *figures_suite(void)
{
	Suite *suite = suite_create("figures");
	TCase *cases = tcase_create("figures");

	tcase_set_timeout(cases, 30);
	add_rows(cases, what_has_not_changed_is_not_sent_again, polled);
	add_rows(cases, what_cannot_be_answered_has_no_tag, unanswerable);
	add_rows(cases, what_has_no_row_is_a_cube_of_nulls, rowless);
	tcase_add_test(cases, a_period_without_rows_is_in_the_cube);
	tcase_add_test(cases, a_category_has_the_label_of_its_code);
	tcase_add_test(cases, a_304_touches_no_record);
	tcase_add_test(cases, a_cube_has_the_rows_of_the_list);
	tcase_add_test(cases, each_key_commune_is_to_help_one);
	tcase_add_test(cases, the_catalogue_has_every_way_to_count);
	add_rows(cases, days_of_one_s_own_have_the_headline_of_their_year, own_days);
	tcase_add_test(cases, each_period_has_a_place_of_its_own_in_a_cube);
	tcase_add_test(cases, a_file_is_counted_in_the_commune_of_the_day);
	tcase_add_test(cases, a_kind_that_nobody_had_is_a_share_as_well);
	tcase_add_test(cases, who_began_before_midnight_takes_no_note);
	tcase_add_test(cases, what_is_suppressed_is_marked_in_a_cube);
	suite_add_tcase(suite, cases);
	return suite;
}
