/* Growing text, and how it becomes JSON or CSV. */
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "text.h"

static const struct {
	const char *text, *cell;
} cells[] = {
	{"", ""},
	{"plain", "plain"},
	{"Đắk Lắk", "Đắk Lắk"},
	{"a,b", "\"a,b\""},
	{"a\"b", "\"a\"\"b\""},
	{"a\nb", "\"a\nb\""},
	{"a\r\nb", "\"a\r\nb\""},
	{"=1+1", "\"'=1+1\""},
	{"=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""},
	{"+84905123456", "\"'+84905123456\""},
	{"-5", "\"'-5\""},
	{"@SUM(A1)", "\"'@SUM(A1)\""},
	{"\tx", "\"'\tx\""},
	{"\rx", "\"'\rx\""},
	{"a=b", "a=b"},
	{"=\"x\"", "\"'=\"\"x\"\"\""},
	{"=", "\"'=\""},
};

START_TEST(no_cell_runs_as_a_formula)
{
	auto_text text = {0};

	text_add_csv(&text, cells[_i].text);
	ck_assert_str_eq(text_string(&text), cells[_i].cell);
}
END_TEST

START_TEST(null_is_an_empty_cell_and_null_in_json)
{
	auto_text text = {0};

	text_add_csv(&text, NULL);
	ck_assert_str_eq(text_string(&text), "");
	text_add_json(&text, NULL);
	ck_assert_str_eq(text_string(&text), "null");
}
END_TEST

START_TEST(every_character_comes_back_from_json)
{
	char raw[256];
	auto_text text = {0};
	size_t length = 0;

	for (int c = 1; c < 128; c++)
		raw[length++] = (char)c;
	memcpy(raw + length, "ễĐ😀", sizeof "ễĐ😀");
	text_add_json(&text, raw);
	json_t *value = json_loads(text_string(&text), JSON_DECODE_ANY, NULL);
	ck_assert_str_eq(json_string_value(value), raw);
	for (const char *c = text_string(&text); *c; c++)
		ck_assert_int_ge((unsigned char)*c, 0x20);
}
END_TEST

START_TEST(a_limit_is_never_passed)
{
	auto_text text = {.limit = 10};

	text_add(&text, "12345");
	text_add(&text, "67890");
	ck_assert(!text.failed);
	text_add_char(&text, 'x');
	ck_assert(text.failed);
	ck_assert_uint_eq(text.length, 10);
	text_add(&text, "");
	ck_assert(text_take(&text) == NULL);
}
END_TEST

START_TEST(text_grows_over_any_boundary)
{
	auto_text text = {0};

	for (int i = 0; i < 5000; i++)
		text_addf(&text, "%04d", i);
	ck_assert_uint_eq(text.length, 20000);
	ck_assert_str_eq(text_string(&text) + 19996, "4999");
	char *taken = text_take(&text);
	ck_assert_uint_eq(strlen(taken), 20000);
	ck_assert_str_eq(text_string(&text), "");
	free(taken);
}
END_TEST

START_TEST(nothing_taken_is_an_empty_string)
{
	struct text text = {0};
	char *taken = text_take(&text);

	ck_assert_str_eq(taken, "");
	free(taken);
}
END_TEST

Suite *text_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *cases = tcase_create("text");

	add_rows(cases, no_cell_runs_as_a_formula, cells);
	tcase_add_test(cases, null_is_an_empty_cell_and_null_in_json);
	tcase_add_test(cases, every_character_comes_back_from_json);
	tcase_add_test(cases, a_limit_is_never_passed);
	tcase_add_test(cases, text_grows_over_any_boundary);
	tcase_add_test(cases, nothing_taken_is_an_empty_string);
	suite_add_tcase(suite, cases);
	return suite;
}
