/* The reporting windows of section VI of the plan. */
#include <stdlib.h>
#include <string.h>

#include "period.h"
#include "support.h"

static const struct {
	const char *text, *code, *start, *end; /* code NULL: there is none */
	int year;
} periods[] = {
	{"2025", "2025Y", "2024-12-15", "2025-12-14", 2025},
	{"2025Y", "2025Y", "2024-12-15", "2025-12-14", 2025},
	{"2024H1", "2024H1", "2023-12-15", "2024-06-14", 2024},
	{"2026R", "2026R", "2023-12-15", "2026-12-14", 2026},
	{"2030R", "2030R", "2023-12-15", "2030-12-14", 2030},
	{"2025H2", NULL, NULL, NULL, 0},
	{"2025y", NULL, NULL, NULL, 0},
	{"2025X", NULL, NULL, NULL, 0},
	{"2025YY", NULL, NULL, NULL, 0},
	{"2025H10", NULL, NULL, NULL, 0},
	{"202", NULL, NULL, NULL, 0},
	{"", NULL, NULL, NULL, 0},
	{"abcd", NULL, NULL, NULL, 0},
	{"1900", NULL, NULL, NULL, 0},
	{"9999", NULL, NULL, NULL, 0},
	{"2023R", NULL, NULL, NULL, 0}, /* before the programme began */
};

START_TEST(a_period_has_its_window)
{
	struct period period;

	ck_assert_int_eq(period_parse(periods[_i].text, &period), periods[_i].code != NULL);
	if (!periods[_i].code)
		return;
	ck_assert_str_eq(period.code, periods[_i].code);
	ck_assert_str_eq(period.start, periods[_i].start);
	ck_assert_str_eq(period.end, periods[_i].end);
	ck_assert_int_eq(period.year, periods[_i].year);
}
END_TEST

START_TEST(the_calendar_of_the_plan_says_the_same)
{
	struct period period;
	PGresult *rows = PQexec(sql_open(AS_OWNER),
				"SELECT code, starts_on, ends_on FROM reporting_periods");

	ck_assert_int_gt(PQntuples(rows), 10);
	for (int row = 0; row < PQntuples(rows); row++) {
		ck_assert_msg(period_parse(PQgetvalue(rows, row, 0), &period), "%s",
			      PQgetvalue(rows, row, 0));
		ck_assert_str_eq(period.code, PQgetvalue(rows, row, 0));
		ck_assert_str_eq(period.start, PQgetvalue(rows, row, 1));
		ck_assert_str_eq(period.end, PQgetvalue(rows, row, 2));
	}
}
END_TEST

static const struct {
	const char *code, *previous; /* NULL: none */
} earlier[] = {{"2025Y", "2024Y"}, {"2025H1", "2024H1"}, {"2026R", NULL}};

START_TEST(what_is_compared_is_a_year_earlier)
{
	struct period period, previous;

	ck_assert(period_parse(earlier[_i].code, &period));
	bool has = period_previous(&period, &previous);
	ck_assert_pstr_eq(has ? previous.code : NULL, earlier[_i].previous);
}
END_TEST

static const struct {
	const char *day;
	int year;
} days[] = {{"2025-12-14", 2025}, {"2025-12-15", 2026}, {"2026-01-01", 2026}, {"2025-06-15", 2025}};

START_TEST(the_reporting_year_begins_on_15_december)
{
	ck_assert_int_eq(period_year_of(days[_i].day), days[_i].year);
}
END_TEST

START_TEST(today_is_the_day_in_viet_nam)
{
	char today[11];

	unsetenv("LACHAN_TODAY");
	today_in_vietnam(today);
	ck_assert_str_eq(today, sql(AS_OWNER, "SELECT set_config('lachan.today', '', false); "
					      "SELECT today()"));
}
END_TEST

Suite *period_suite(void)
{
	Suite *suite = suite_create("period");
	TCase *cases = tcase_create("period");

	add_rows(cases, a_period_has_its_window, periods);
	tcase_add_test(cases, the_calendar_of_the_plan_says_the_same);
	add_rows(cases, what_is_compared_is_a_year_earlier, earlier);
	add_rows(cases, the_reporting_year_begins_on_15_december, days);
	tcase_add_test(cases, today_is_the_day_in_viet_nam);
	suite_add_tcase(suite, cases);
	return suite;
}
