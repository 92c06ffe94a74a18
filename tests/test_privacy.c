/* Whoever may not read people learns no small count of them, whatever it asks and subtracts. */
#include <stdio.h>
#include <string.h>

#include "samples.h"

enum { POLICE = 1, SCHOOLS = 2, HEALTH = 5, FINANCE = 8, YOUTH_UNION = 17, PLACES = 6 };

/* So many young users of each commune, on top of what other tests made. */
static const struct {
	const char *unit;
	int users;
} made_in[PLACES] = {{"2025-24163", 1},	 {"2025-24169", 2}, {"2025-24175", 9},
		     {"2025-24181", 12}, {"2025-22015", 3}, {"2025-22045", 8}};

static void people_made(void)
{
	for (size_t place = 0; place < PLACES; place++)
		for (int i = 0; i < made_in[place].users; i++) {
			char *id = made(
				token(POLICE, OFFICER), "/v1/people",
				person(text_of("{'date_of_birth': '2004-05-06', 'unit': '%s'}",
					       made_in[place].unit)));

			made(token(POLICE, OFFICER), text_of("/v1/people/%s/statuses", id),
			     object("{'status': 'user', 'starts_on': '2026-02-01', 'tested_on': "
				    "'2026-01-30', 'decision_date': '2026-02-01', "
				    "'decision_number': '1/QĐ'}"));
			if (i % 2)
				made(token(POLICE, OFFICER),
				     text_of("/v1/people/%s/interventions", id),
				     object("{'kind': 'counselling', 'status': 'in_progress', "
					    "'starts_on': '2026-03-01'}"));
		}
	figures_settle();
}

static const char *text(const json_t *row, const char *name)
{
	const char *value = json_string_value(json_object_get(row, name));

	return value ? value : "";
}

static long long number(const json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

static bool is_told(const json_t *row)
{
	static const char *const members[] = {"numerator", "denominator", "value",
					      "previous",  "change",	  "status"};
	bool told = false;

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		told |= !json_is_null(json_object_get(row, members[i]));
	return told;
}

static json_t *row_of(const json_t *rows, const char *unit)
{
	json_t *row;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)rows, i, row)
		if (!strcmp(text(row, "unit"), unit))
			return row;
	return NULL;
}

static json_t *rows_of(int agency, const char *question)
{
	struct http answer = http_get(token(agency, OFFICER), "/v1/indicators/%s", question);

	assert_status(answer, 200);
	return json_object_get(answer.json, "data");
}

static bool is_small(long long count)
{
	return count >= 1 && count <= 4;
}

/* No row of a commune that is not the caller's own shows a small count. */
static void expect_no_small(const json_t *rows, const json_t *truth, const char *own)
{
	json_t *row;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)rows, i, row) {
		json_t *real = row_of(truth, text(row, "unit"));
		long long n = number(real, "numerator"), d = number(real, "denominator");
		bool is_secret = is_small(n) || is_small(d) || is_small(d - n);

		if (!strcmp(text(row, "unit"), own)) {
			ck_assert(is_told(row));
			continue;
		}
		if (is_secret)
			ck_assert_msg(!is_told(row), "%s: %lld/%lld", text(row, "unit"), n, d);
		else if (is_told(row))
			ck_assert_int_eq(number(row, "denominator"), d);
	}
}

/* A sum that is told less what is told of its parts leaves several parts, not all of them small. */
static void expect_no_difference(const json_t *rows, const json_t *truth, const char *own,
				 const char *province)
{
	json_t *row;
	size_t i, hidden = 0, others = 0, large = 0;

	json_array_foreach((json_t *)(uintptr_t)rows, i, row) {
		char *group = sql(AS_OWNER, "SELECT former_province FROM units WHERE key = '%s'",
				  text(row, "unit"));
		long long n = number(row_of(truth, text(row, "unit")), "numerator");
		long long d = number(row_of(truth, text(row, "unit")), "denominator");
		bool is_secret = is_small(n) || is_small(d) || is_small(d - n);

		if (strcmp(group, province) != 0 || !strcmp(text(row, "unit"), own))
			continue;
		hidden += !is_told(row);
		others += !is_secret;
		large += !is_told(row) && !is_secret;
	}
	ck_assert_msg(!hidden || !others || large, "%zu hidden in %s, none of them large", hidden,
		      province);
}

static const char *const measures[] = {"II.1.a", "II.1.b", "I.2.c"};
static const char *const periods[] = {"2026", "2026H1"};

START_TEST(no_sum_of_communes_gives_one_away)
{
	static const struct {
		int agency;
		const char *own;
	} callers[] = {{YOUTH_UNION, ""}, {COMMUNE, COMMUNE_UNIT}};

	for (size_t measure = 0; measure < 3; measure++)
		for (size_t period = 0; period < 2; period++) {
			char *question = text_of("%s?period=%s&level=commune", measures[measure],
						 periods[period]);
			json_t *truth = rows_of(POLICE, question);

			for (size_t i = 0; i < 2; i++) {
				json_t *rows = rows_of(callers[i].agency, question);

				expect_no_small(rows, truth, callers[i].own);
				expect_no_difference(rows, truth, callers[i].own, "66");
				expect_no_difference(rows, truth, callers[i].own, "54");
			}
		}
}
END_TEST

/* Alone, in other formats and by other words of the same question it is the same answer. */
START_TEST(the_same_is_told_however_it_is_asked)
{
	for (size_t measure = 0; measure < 3; measure++) {
		json_t *rows = rows_of(YOUTH_UNION,
				       text_of("%s?period=2026&level=commune", measures[measure]));

		for (size_t place = 0; place < PLACES; place++) {
			const char *unit = made_in[place].unit;
			json_t *row = row_of(rows, unit);
			char *one = text_of("%s?period=2026&unit=%s", measures[measure], unit);
			json_t *alone = json_array_get(rows_of(YOUTH_UNION, one), 0);
			struct http csv = http_get(token(YOUTH_UNION, OFFICER),
						   "/v1/indicators/%s&format=csv", one);
			json_object_del(alone, "as_of");
			json_object_del(row, "as_of");
			ck_assert_str_eq(json_dumps(alone, JSON_COMPACT | JSON_SORT_KEYS),
					 json_dumps(row, JSON_COMPACT | JSON_SORT_KEYS));
			if (!is_told(row))
				ck_assert_ptr_nonnull(strstr(csv.body, ",true,"));
			struct http all = http_get(token(YOUTH_UNION, OFFICER),
						   "/v1/indicators?period=2026&unit=%s", unit);
			json_t *about;
			size_t i;

			json_array_foreach(json_object_get(all.json, "data"), i, about)
				if (!strcmp(text(about, "code"), measures[measure]))
					ck_assert_int_eq(
						is_told(json_array_get(
							json_object_get(about, "values"), 0)),
						is_told(row));
		}
	}
}
END_TEST

/* %s: the unit. Each would take sums apart. */
static const char *const cuts[] = {
	"period=2026&unit=%s&by=sex",
	"period=2026&unit=%s&by=age_band",
	"period=2026&unit=%s&by=ethnicity",
	"from=2025-12-15&to=2026-12-14&unit=%s",
	"from=2025-12-16&to=2026-12-14&unit=%s",
	"from=2025-12-15&to=2026-12-13&unit=%s",
	"period=2026&unit=2024-66&level=commune",
	"period=2026&unit=2025-66&level=district&map=2024",
	"period=2026&unit=2025-66&level=commune&map=2024",
	"period=2026&unit=2025-66&level=commune&map=as_reported",
	"period=2026&unit=2025-66&level=commune&by=sex",
	"period=2026,2026H1&unit=2024-643",
	"period=2026H1&unit=%s",
	"period=2026R,2030R&unit=%s",
	"period=2026H1&unit=2025-66&level=commune",
	"period=2026&unit=2024-24118",
};

START_TEST(no_other_cut_tells_anything)
{
	for (size_t measure = 0; measure < 3; measure++)
		for (size_t cut = 0; cut < sizeof cuts / sizeof *cuts; cut++)
			for (size_t place = 0; place < PLACES; place++) {
				const char *unit = made_in[place].unit;
				char *question = text_of(
					"%s?%s", measures[measure],
					strstr(cuts[cut], "%s")
						? text_of("%.*s%s%s",
							  (int)(strstr(cuts[cut], "%s") -
								cuts[cut]),
							  cuts[cut], unit,
							  strstr(cuts[cut], "%s") + 2)
						: cuts[cut]);
				json_t *rows = rows_of(YOUTH_UNION, question), *row;
				size_t i;

				json_array_foreach(rows, i, row)
					ck_assert_msg(!strcmp(text(row, "level"), "province") ||
							      !is_told(row),
						      "%s tells of %s", question,
						      text(row, "unit"));
			}
}
END_TEST

/* That somebody lacks something would be a count of one at least. */
START_TEST(how_a_figure_came_about_tells_of_no_parts)
{
	struct http answer = http_get(token(YOUTH_UNION, OFFICER),
				      "/v1/indicators/II.1.a/explain?period=2026&unit=%s",
				      made_in[3].unit);

	assert_status(answer, 200);
	ck_assert(json_is_null(json_object_get(answer.json, "lacking")));
	ck_assert(json_is_null(json_object_get(answer.json, "exclusions")));
}
END_TEST

/* Who broke drug law is of the criminal class, also as a list behind a figure that may be read. */
START_TEST(who_is_behind_a_figure_is_told_to_whom_sees_it_of_them)
{
	static const struct {
		int agency;
		const char *withheld, *offenders,
			*served; /* the latter by raw SQL: are there any */
	} readers[] = {{POLICE, NULL, "t", "t"},
		       {HEALTH, "not_allowed", "f", "t"},
		       {COMMUNE, "not_allowed", "f", "t"},
		       {SCHOOLS, "not_allowed", "f", "f"}};
	static const char list[] = "SELECT count(*) > 0 FROM indicator_list('%s', '%s', NULL, "
				   "'2025-12-15', '2026-12-14', '" COMMUNE_UNIT
				   "', false, 'people', 100)";
	const char *student = text_of("{'date_of_birth': '2004-05-06', 'institution': '%s'}",
				      sample_parent(&institutions));
	char *id = person_made(student), *value;

	made(token(POLICE, OFFICER), text_of("/v1/people/%s/violations", id),
	     object("{'violated_on': '2026-11-01', 'kind': 'illegal_use', 'unit': '%s'}",
		    COMMUNE_UNIT));
	made(token(POLICE, OFFICER), text_of("/v1/people/%s/statuses", id),
	     object("{'status': 'addict', 'starts_on': '2026-10-01'}"));
	figures_settle();
	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
		struct http answer = http_get(
			token(readers[i].agency, OFFICER),
			"/v1/indicators/I.1.c/explain?period=2026&unit=" COMMUNE_UNIT);

		assert_status(answer, 200);
		ck_assert_pstr_eq(http_text(&answer, "withheld"), readers[i].withheld);
		ck_assert(!strstr(answer.body, id) == !!readers[i].withheld);
		ck_assert_ptr_null(sql_forged(readers[i].agency, OFFICER, &value, list, "offenders",
					      "I.1.c:count"));
		ck_assert_str_eq(value, readers[i].offenders);
		ck_assert_ptr_null(sql_forged(readers[i].agency, OFFICER, &value, list, "services",
					      "II.1.a:suitable"));
		ck_assert_str_eq(value, readers[i].served);
	}
}
END_TEST

/* Of the year before the programme, and typed into a report. */
START_TEST(what_was_entered_of_a_commune_is_told_like_what_was_counted)
{
	char *baseline = made(
		token(POLICE, OFFICER), "/v1/baselines",
		object("{'indicator': 'I.1.a', 'period': '2023Y', 'unit': '%s', 'numerator': 2, "
		       "'source_document': '1/BC'}",
		       COMMUNE_UNIT));
	sql(AS_OWNER, "UPDATE reports SET voided_at = now() WHERE period = '2024H1'");
	char *report = made(token(COMMUNE, OFFICER), "/v1/reports", object("{'period': '2024H1'}"));
	char *entry = made(token(COMMUNE, OFFICER), text_of("/v1/reports/%s/entries", report),
			   object("{'indicator': 'I.1.a', 'numerator': 3, 'reason': 'Sổ giấy'}"));
	static const struct {
		int agency, baseline, entry;
	} readers[] = {{POLICE, 200, 200},	  {COMMUNE, 200, 200}, {HEALTH, 200, 404},
		       {OTHER_COMMUNE, 404, 404}, {FINANCE, 404, 404}, {YOUTH_UNION, 404, 404}};

	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
		const char *reader = token(readers[i].agency, OFFICER);

		assert_status(http_get(reader, "/v1/baselines/%s", baseline), readers[i].baseline);
		assert_status(http_get(reader, "/v1/reports/%s/entries/%s", report, entry),
			      readers[i].entry);
	}
	struct http figures = http_get(token(YOUTH_UNION, OFFICER), "/v1/reports/%s/figures",
				       report);

	ck_assert(json_is_null(json_object_get(
		json_array_get(json_object_get(figures.json, "data"), 0), "entry")));
	assert_status(
		http_patch(token(POLICE, ADMIN), text_of("/v1/baselines/%s", baseline),
			   etag_of(token(POLICE, ADMIN), text_of("/v1/baselines/%s", baseline)),
			   object("{'status': 'approved'}")),
		200);
	ck_assert(!is_told(
		json_array_get(rows_of(FINANCE, "I.1.a?period=2023&unit=" COMMUNE_UNIT), 0)));
	ck_assert_int_eq(
		number(json_array_get(rows_of(POLICE, "I.1.a?period=2023&unit=" COMMUNE_UNIT), 0),
		       "numerator"),
		2);
	sql(AS_OWNER, "DELETE FROM baselines WHERE id = '%s'", baseline);
}
END_TEST

/* Key communes are few and known: who is helped there is told of no one of them. */
START_TEST(jobs_are_told_of_no_key_commune)
{
	static const char *const places[] = {"unit=" COMMUNE_UNIT, "unit=2024-54", "unit=2024-66",
					     "unit=2025-66&level=commune",
					     "unit=2025-66&basis=plan"};
	static const char *const jobs[] = {"II.3.c", "II.3.d"};

	for (int code = 0; code < 2; code++) {
		for (size_t place = 0; place < sizeof places / sizeof *places; place++) {
			json_t *row, *rows = rows_of(FINANCE,
						     text_of("%s?%s", jobs[code], places[place]));
			size_t i;

			json_array_foreach(rows, i, row)
				ck_assert(!is_told(row));
		}
		ck_assert(is_told(json_array_get(rows_of(FINANCE, jobs[code]), 0)));
		ck_assert(is_told(json_array_get(
			rows_of(YOUTH_UNION, text_of("%s?%s", jobs[code], *places)), 0)));
		struct http answer = http_get(token(FINANCE, OFFICER), "/v1/indicators/%s/explain",
					      jobs[code]);

		ck_assert_str_eq(http_text(&answer, "withheld"), "not_allowed");
	}
}
END_TEST

/* Nor by the service's own role: what is kept is the owner's. */
START_TEST(who_forges_an_identity_reads_no_cell)
{
	static const char *const tables[] = {"cells", "unit_cells", "contributions",
					     "contribution_queue", "person_moves"};
	char *value = NULL;

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		ck_assert_ptr_nonnull(sql_forged(YOUTH_UNION, ADMIN, &value,
						 "SELECT count(*) FROM %s", tables[i]));
}
END_TEST

Suite *privacy_suite(void)
{
	Suite *suite = suite_create("privacy");
	TCase *cases = tcase_create("privacy");

	tcase_set_timeout(cases, 60);
	tcase_add_unchecked_fixture(cases, people_made, NULL);
	tcase_add_test(cases, no_sum_of_communes_gives_one_away);
	tcase_add_test(cases, the_same_is_told_however_it_is_asked);
	tcase_add_test(cases, no_other_cut_tells_anything);
	tcase_add_test(cases, how_a_figure_came_about_tells_of_no_parts);
	tcase_add_test(cases, who_is_behind_a_figure_is_told_to_whom_sees_it_of_them);
	tcase_add_test(cases, what_was_entered_of_a_commune_is_told_like_what_was_counted);
	tcase_add_test(cases, jobs_are_told_of_no_key_commune);
	tcase_add_test(cases, who_forges_an_identity_reads_no_cell);
	suite_add_tcase(suite, cases);
	return suite;
}
