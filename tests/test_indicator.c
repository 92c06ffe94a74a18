/* Indicators without the database: parameters, figures, targets and small cells. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "figure.h"
#include "indicator.h"
#include "small_cells.h"

static const struct {
	enum measure measure;
	int64_t numerator, denominator;
	const char *value; /* NULL: none */
} values[] = {
	{PERCENT, 4, 5, "80.00"},   {PERCENT, 1, 3, "33.33"}, {PERCENT, 2, 3, "66.67"},
	{PERCENT, 1, 800, "0.13"},  {PERCENT, 0, 7, "0.00"},  {PERCENT, 0, 0, NULL},
	{CHANGE, 8, 10, "-20.00"},  {CHANGE, 10, 8, "25.00"}, {CHANGE, 799, 800, "-0.13"},
	{CHANGE, 0, 10, "-100.00"}, {CHANGE, 3, 0, NULL},     {CHANGE, 0, 0, NULL},
	{COUNT, 7, 0, "7.00"},	    {EACH, 2, 1, "2.00"},     {EACH, 0, 0, NULL},
	{CHANGE, 2, 3, "-33.33"},
};

START_TEST(a_value_has_two_decimals_or_is_none)
{
	struct tally tally = {values[_i].numerator, values[_i].denominator, true};
	struct fraction value;
	char text[24];

	ck_assert_int_eq(figure_value(values[_i].measure, &tally, &value),
			 values[_i].value != NULL);
	if (!values[_i].value)
		return;
	fraction_format(&value, text);
	ck_assert_str_eq(text, values[_i].value);
}
END_TEST

/* Of both as they are: their rounded values may be a hundredth further apart. */
static const struct {
	enum measure measure;
	struct tally now, before;
	const char *difference;
} differences[] = {
	{PERCENT, {23, 38, true}, {21, 34, true}, "-1.24"}, /* 60.53, 61.76 */
	{PERCENT, {21, 34, true}, {23, 38, true}, "1.24"},
	{PERCENT, {2, 3, true}, {2, 3, true}, "0.00"},
	{COUNT, {7, 0, true}, {9, 0, true}, "-2.00"},
	{CHANGE, {8, 10, true}, {10, 8, true}, "-45.00"},
	{GROWTH, {900001, 900000, true, 900000}, {900000, 900000, true, 900000}, "0.00"},
	{GROWTH, {900090, 900000, true, 900000}, {900000, 900000, true, 900000}, "0.01"},
};

START_TEST(a_difference_is_rounded_once)
{
	struct fraction now, before;
	char text[24];

	ck_assert(figure_value(differences[_i].measure, &differences[_i].now, &now));
	ck_assert(figure_value(differences[_i].measure, &differences[_i].before, &before));
	difference_format(&now, &before, text);
	ck_assert_str_eq(text, differences[_i].difference);
}
END_TEST

START_TEST(what_was_never_entered_has_no_value)
{
	struct tally tally = {4, 5, false};
	struct fraction value;

	ck_assert(!figure_value(PERCENT, &tally, &value));
	ck_assert_str_eq(figure_status(PERCENT, &tally, NULL, true), "no_data");
}
END_TEST

static const struct {
	enum measure measure;
	int64_t numerator, denominator;
	const char *comparison;
	int64_t target;
	const char *status;
} statuses[] = {
	{PERCENT, 80, 100, ">", 8000, "not_met"},
	{PERCENT, 800001, 1000000, ">", 8000, "met"}, /* shown as 80.00 */
	{PERCENT, 799999, 1000000, ">=", 8000, "not_met"},
	{PERCENT, 7, 10, ">=", 7000, "met"},
	{PERCENT, 0, 0, ">=", 7000, "not_applicable"},
	{CHANGE, 9, 10, "<", 0, "met"},
	{CHANGE, 10, 10, "<", 0, "not_met"},
	{CHANGE, 11, 10, "<", 0, "not_met"},
	{CHANGE, 0, 0, "<", 0, "met"},
	{CHANGE, 1, 0, "<", 0, "not_met"},
	{COUNT, 0, 0, "=", 0, "met"},
	{COUNT, 1, 0, "=", 0, "not_met"},
	{COUNT, 1, 0, ">=", 100, "met"},
	{EACH, 1, 1, ">=", 100, "met"},
	{EACH, 0, 1, ">=", 100, "not_met"},
	{EACH, 0, 0, ">=", 100, "not_applicable"}, /* nobody to count */
};

START_TEST(whole_numbers_decide_whether_a_target_is_met)
{
	struct tally tally = {statuses[_i].numerator, statuses[_i].denominator, true};
	struct milestone milestone = {2025, "", statuses[_i].target};

	strncpy(milestone.comparison, statuses[_i].comparison, sizeof milestone.comparison - 1);
	ck_assert_str_eq(figure_status(statuses[_i].measure, &tally, &milestone, true),
			 statuses[_i].status);
}
END_TEST

START_TEST(before_the_window_is_over_a_target_is_provisional)
{
	struct tally tally = {9, 10, true};
	struct milestone milestone = {2025, ">", 8000};

	ck_assert_str_eq(figure_status(PERCENT, &tally, &milestone, false), "provisional");
	ck_assert_str_eq(figure_status(PERCENT, &tally, NULL, false), "no_target");
}
END_TEST

static const struct {
	const char *stated_as;
	int year;
	int milestone; /* 0: none */
	const char *basis;
} targets_of_years[] = {
	{"stated", 2024, 0, NULL},	    {"stated", 2025, 2025, "stated"},
	{"stated", 2026, 2025, "carried"},  {"stated", 2029, 2025, "carried"},
	{"stated", 2030, 2030, "stated"},   {"stated", 2031, 0, NULL},
	{"implied", 2025, 2025, "implied"}, {"derived", 2030, 2030, "implied"},
};

START_TEST(a_milestone_is_carried_until_the_next)
{
	struct target target = {.milestones = {{2025, ">", 8000}, {2030, ">", 9000}},
				.milestone_count = 2};
	const char *basis = NULL;

	strncpy(target.basis, targets_of_years[_i].stated_as, sizeof target.basis - 1);
	const struct milestone *milestone = target_milestone(&target, targets_of_years[_i].year,
							     &basis);
	ck_assert_int_eq(milestone ? milestone->year : 0, targets_of_years[_i].milestone);
	ck_assert_pstr_eq(basis, targets_of_years[_i].basis);
}
END_TEST

/* Parameters */

struct asked {
	const char *code;
	enum indicator_view view;
	const char *parameters[8]; /* names and values by turns */
	const char *fault;	   /* "pointer code"; NULL: accepted */
};

static const struct asked askeds[] = {
	{"II.1.a", INDICATOR_ROWS, {NULL}, NULL},
	{"II.1.a", INDICATOR_ROWS, {"period", "2024,2025H1,2026R"}, NULL},
	{"II.1.a", INDICATOR_ROWS, {"period", "2024,2024Y"}, "period repeated"},
	{"II.1.a", INDICATOR_ROWS, {"period", "2024,"}, NULL},
	{"II.1.a", INDICATOR_ROWS, {"period", ",2024"}, "period not_a_period"},
	{"II.1.a", INDICATOR_ROWS, {"period", "2025Q1"}, "period not_a_period"},
	{"II.1.a", INDICATOR_ROWS, {"period", ""}, "period empty_parameter"},
	{"II.1.a", INDICATOR_ROWS, {"from", "2025-01-01", "to", "2025-03-31"}, NULL},
	{"II.1.a", INDICATOR_ROWS, {"from", "2025-01-01", "to", "2025-01-01"}, NULL},
	{"II.1.a", INDICATOR_ROWS, {"from", "2025-01-02", "to", "2025-01-01"}, "to before"},
	{"II.1.a", INDICATOR_ROWS, {"from", "2025-01-01"}, "to required_when"},
	{"II.1.a", INDICATOR_ROWS, {"to", "2025-01-01"}, "from required_when"},
	{"II.1.a", INDICATOR_ROWS, {"from", "2025-02-30", "to", "2025-03-31"}, "from not_a_date"},
	{"II.1.a",
	 INDICATOR_ROWS,
	 {"period", "2025", "from", "2025-01-01", "to", "2025-03-31"},
	 "period not_with"},
	{"II.1.a", INDICATOR_ROWS, {"unit", "24121"}, "unit not_a_unit"},
	{"II.1.a",
	 INDICATOR_ROWS,
	 {"unit", "2025-24121", "unit", "2025-66"},
	 "unit repeated_parameter"},
	{"II.1.a", INDICATOR_ROWS, {"level", "commune"}, NULL},
	{"II.1.a", INDICATOR_ROWS, {"level", "school"}, "level value_unknown"},
	{"II.1.a", INDICATOR_ROWS, {"by", "sex,age_band"}, NULL},
	{"II.1.a", INDICATOR_ROWS, {"by", "sex,sex"}, "by repeated"},
	{"II.1.a", INDICATOR_ROWS, {"by", "ethnicity,kind"}, NULL},
	{"II.1.a", INDICATOR_ROWS, {"by", "colour"}, "by value_unknown"},
	{"II.1.a", INDICATOR_ROWS, {"by", "sex,article"}, "by dimension_not_applicable"},
	{"II.2.a", INDICATOR_ROWS, {"by", "article"}, NULL},
	{"II.2.a", INDICATOR_ROWS, {"by", "sex"}, "by dimension_not_applicable"},
	{"II.4.a", INDICATOR_ROWS, {"by", "institution_type"}, NULL},
	{"II.1.a", INDICATOR_ROWS, {"format", "jsonstat"}, NULL},
	{"II.1.a", INDICATOR_ROWS, {"map", "as_reported"}, NULL},
	{"II.1.a", INDICATOR_ROWS, {"map", "2025"}, "map value_unknown"},
	{"II.1.a", INDICATOR_ROWS, {"basis", "plan"}, NULL},
	{"II.1.a", INDICATOR_ROWS, {"definition", "any"}, NULL},
	{"II.2.a", INDICATOR_ROWS, {"definition", "any"}, "definition value_unknown"},
	{"II.1.a", INDICATOR_ROWS, {"format", "xml"}, "format value_unknown"},
	{"II.1.a", INDICATOR_ROWS, {"bom", "yes"}, "bom boolean_expected"},
	{"II.1.a", INDICATOR_ROWS, {"limit", "5"}, "limit unknown_parameter"},
	{NULL, INDICATOR_CATALOGUE, {"period", "2025", "unit", "2024-66"}, NULL},
	{NULL, INDICATOR_CATALOGUE, {"by", "sex"}, "by unknown_parameter"},
	{"II.1.a", INDICATOR_EXPLANATION, {"period", "2024,2025"}, "period wrong_number_of_items"},
	{"II.1.a", INDICATOR_EXPLANATION, {"level", "commune"}, "level unknown_parameter"},
};

static bool ask(const struct asked *asked, struct indicator_query *query, struct error *error)
{
	struct parameter parameters[4];
	size_t count = 0;

	for (; count < 4 && asked->parameters[2 * count]; count++)
		parameters[count] = (struct parameter){asked->parameters[2 * count],
						       asked->parameters[2 * count + 1]};
	*query = (struct indicator_query){
		.indicator = asked->code ? indicator_find(asked->code) : NULL,
		.today = "2026-12-15",
	};
	return indicator_query_parse(query, asked->view, parameters, count, error);
}

START_TEST(a_parameter_is_accepted_or_named)
{
	const struct asked *asked = &askeds[_i];
	struct indicator_query query;
	struct error error = {0};
	bool accepted = ask(asked, &query, &error);
	const json_t *fault = json_array_get(error.faults, 0);
	const char *pointer = json_string_value(json_object_get(fault, "pointer"));
	const char *code = json_string_value(json_object_get(fault, "code"));
	char found[128];

	ck_assert_int_eq(accepted, asked->fault == NULL);
	if (asked->fault) {
		snprintf(found, sizeof found, "%s %s", pointer, code);
		ck_assert_str_eq(found, asked->fault);
		ck_assert_int_eq(error_status(&error), 400);
		ck_assert_msg(message_code(code) != NULL, "no message %s", code);
		ck_assert_uint_eq(json_array_size(error.faults), 1);
	}
	error_release(&error);
}
END_TEST

START_TEST(every_fault_is_named_at_once)
{
	static const struct asked asked = {
		"II.1.a",
		INDICATOR_ROWS,
		{"period", "x", "unit", "y", "colour", "red", "map", "z"},
		""};
	struct indicator_query query;
	struct error error = {0};

	ck_assert(!ask(&asked, &query, &error));
	ck_assert_uint_eq(json_array_size(error.faults), 4);
	error_release(&error);
}
END_TEST

START_TEST(without_parameters_it_is_the_present_year_of_the_province)
{
	static const struct asked asked = {"II.4.a", INDICATOR_ROWS, {NULL}, NULL};
	struct indicator_query query;
	struct error error = {0};

	ck_assert(ask(&asked, &query, &error));
	ck_assert_uint_eq(query.window_count, 1);
	ck_assert_str_eq(query.windows[0].period, "2027Y");
	ck_assert_str_eq(query.windows[0].start, "2026-12-15");
	ck_assert_str_eq(query.windows[0].end, "2027-12-14");
	ck_assert_str_eq(query.unit, "2025-66");
	ck_assert_ptr_null(query.level);
	ck_assert_str_eq(query.map, "current");
}
END_TEST

static const struct {
	struct indicator_window window;
	const char *start, *end; /* NULL: none */
} befores[] = {
	{{"2025Y", "2024-12-15", "2025-12-14", 2025}, "2023-12-15", "2024-12-14"},
	{{"2025H1", "2024-12-15", "2025-06-14", 2025}, "2023-12-15", "2024-06-14"},
	{{"2026R", "2023-12-15", "2026-12-14", 2026}, NULL, NULL},
	{{"", "2025-01-01", "2025-03-31", 0}, "2024-01-01", "2024-03-31"},
	{{"", "2024-02-29", "2024-02-29", 0}, "2023-02-28", "2023-02-28"},
};

START_TEST(a_window_is_compared_with_the_one_a_year_earlier)
{
	struct indicator_window previous;
	bool has = window_previous(&befores[_i].window, &previous);

	ck_assert_int_eq(has, befores[_i].start != NULL);
	if (!has)
		return;
	ck_assert_str_eq(previous.start, befores[_i].start);
	ck_assert_str_eq(previous.end, befores[_i].end);
}
END_TEST

static const struct {
	const char *code;
	int year;
	const char *definition;
} headlines[] = {
	{"II.1.a", 2025, "suitable"},  {"II.2.a", 2024, "incl_256a"}, {"II.2.a", 2025, "excl_256a"},
	{"II.2.a", 2026, "excl_256a"}, {"II.2.a", 2027, "incl_256a"}, {"II.2.a", 0, "incl_256a"},
};

START_TEST(the_headline_may_change_with_the_year)
{
	const struct indicator *indicator = indicator_find(headlines[_i].code);

	ck_assert_str_eq(indicator_headline(indicator, headlines[_i].year)->code,
			 headlines[_i].definition);
}
END_TEST

/* Small cells */

/* Cells of one window as "unit size", before it a ! for what is open, a - for what is small, an x
 * for what is closed, and which are to be hidden, by x. */
static const struct {
	const char *cells, *hidden;
} privacies[] = {
	{"a 20,b 60", ".."},
	{"a 0,b 0", ".."},
	{"-a 20,b 60", "xx"},		 /* the other would give it away */
	{"-a 20,b 60,c 50", "x.x"},	 /* the smallest other */
	{"-a 20,b 0,c 50", "x.x"},	 /* nothing hides nothing */
	{"-a 20,b 50,c 50", "xxx"},	 /* which of two says nothing */
	{"-a 9,-b 9,c 60,d 70", "xxx."}, /* two small ones can be told from their sum */
	{"-a 3,b 0,c 0", "xxx"},	 /* nothing else: all of nothing */
	{"!-a 9,b 40", ".."},
	{"-a 9,!b 40,c 60", "x.x"}, /* never what is the caller's own */
	{"-a 9,b -1,c 60", "x.x"},  /* nor what has no size */
	{"xa 20,b 60,c 50", "x.."},
};

static size_t read_cells(const char *text, struct cell *cells)
{
	size_t count = 0;

	for (; *text; text += strcspn(text, ","), text += *text == ',') {
		struct cell *cell = &cells[count++];
		long long size;

		*cell = (struct cell){0};
		for (; strchr("!x-", *text); text++) {
			cell->is_open |= *text == '!';
			cell->is_small |= *text == '-';
			cell->is_closed |= *text == 'x';
		}
		ck_assert_int_eq(sscanf(text, "%23s %lld", cell->unit, &size), 2);
		cell->size = size;
	}
	return count;
}

START_TEST(a_small_count_is_hidden_and_not_to_be_subtracted)
{
	struct cell cells[8];
	size_t count = read_cells(privacies[_i].cells, cells);
	char hidden[9] = {0};

	small_cells_suppress(cells, count);
	for (size_t i = 0; i < count; i++)
		hidden[i] = cells[i].suppressed ? 'x' : '.';
	ck_assert_str_eq(hidden, privacies[_i].hidden);
}
END_TEST

START_TEST(who_alone_has_a_part_is_hidden)
{
	struct cell cells[] = {
		{.unit = "a", .size = 20, .parts = 3},
		{.unit = "b", .size = 30, .parts = 7}, /* the only one that leaves anybody out */
		{.unit = "c", .size = 40, .parts = 3},
		{.unit = "d", .size = 50, .parts = 15, .is_open = true},
	};

	small_cells_suppress(cells, 4);
	ck_assert(cells[0].suppressed); /* beside it */
	ck_assert(cells[1].suppressed);
	ck_assert(!cells[2].suppressed);
	ck_assert(!cells[3].suppressed);
}
END_TEST

START_TEST(windows_and_former_provinces_do_not_hide_each_other)
{
	struct cell cells[] = {
		{.window = 1, .unit = "a", .group = "66", .size = 20},
		{.window = 0, .unit = "c", .group = "54", .size = 20},
		{.window = 0, .unit = "b", .group = "66", .size = 18},
		{.window = 0, .unit = "a", .group = "66", .size = 20, .is_small = true},
	};

	small_cells_suppress(cells, 4);
	ck_assert(cells[0].suppressed);
	ck_assert(cells[1].suppressed);
	ck_assert(!cells[2].suppressed);
	ck_assert(!cells[3].suppressed);
}
END_TEST

/* By bands and the like the sums could be taken apart. */
START_TEST(any_other_cut_of_what_is_closed_is_not_told)
{
	struct cell cells[] = {
		{.unit = "b", .age_band = "12-13", .numerator = 90, .denominator = 200},
		{.unit = "a", .age_band = "<12", .numerator = 0, .denominator = 0, .is_open = true},
	};

	small_cells_close(cells, 2);
	ck_assert(!cells[0].suppressed);
	ck_assert(cells[1].suppressed);
}
END_TEST

#define LENGTH(table) ((int)(sizeof(table) / sizeof *(table)))

Suite *indicator_suite(void)
{
	Suite *suite = suite_create("indicator");
	TCase *cases = tcase_create("indicator");

	tcase_add_loop_test(cases, a_value_has_two_decimals_or_is_none, 0, LENGTH(values));
	tcase_add_loop_test(cases, a_difference_is_rounded_once, 0, LENGTH(differences));
	tcase_add_test(cases, what_was_never_entered_has_no_value);
	tcase_add_loop_test(cases, whole_numbers_decide_whether_a_target_is_met, 0,
			    LENGTH(statuses));
	tcase_add_test(cases, before_the_window_is_over_a_target_is_provisional);
	tcase_add_loop_test(cases, a_milestone_is_carried_until_the_next, 0,
			    LENGTH(targets_of_years));
	tcase_add_loop_test(cases, a_parameter_is_accepted_or_named, 0, LENGTH(askeds));
	tcase_add_test(cases, every_fault_is_named_at_once);
	tcase_add_test(cases, without_parameters_it_is_the_present_year_of_the_province);
	tcase_add_loop_test(cases, a_window_is_compared_with_the_one_a_year_earlier, 0,
			    LENGTH(befores));
	tcase_add_loop_test(cases, the_headline_may_change_with_the_year, 0, LENGTH(headlines));
	tcase_add_loop_test(cases, a_small_count_is_hidden_and_not_to_be_subtracted, 0,
			    LENGTH(privacies));
	tcase_add_test(cases, who_alone_has_a_part_is_hidden);
	tcase_add_test(cases, windows_and_former_provinces_do_not_hide_each_other);
	tcase_add_test(cases, any_other_cut_of_what_is_closed_is_not_told);
	suite_add_tcase(suite, cases);
	return suite;
}
