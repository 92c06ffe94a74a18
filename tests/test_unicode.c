/* Vietnamese text: one form to store, one form to find it by. */
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "unicode.h"

static const struct {
	const char *text, *folded; /* NULL: no UTF-8 */
} folds[] = {
	{"Nguyễn Văn An", "nguyen van an"},
	{"NGUYỄN  VĂN\tAN", "nguyen van an"},
	{" Nguyễn ", "nguyen"},
	{"Đặng", "dang"},
	{"ĐẶNG", "dang"},
	{"đ", "d"},
	{"Ea H'Leo", "ea hleo"},
	{"Ea H’leo", "ea hleo"},
	{"Ea Hʼleo", "ea hleo"},
	{"Cư M'gar", "cu mgar"},
	{"M'Đrắk", "mdrak"},
	{"H Ê ban-Niê", "h e ban nie"},
	{"Y. Thủy", "y thuy"},
	{"Nguye\xCC\x82\xCC\x83n", "nguyen"},
	{"", ""},
	{"---", ""},
	{"\xC2\xA0X\xE3\x80\x80", "x"}, /* no-break and ideographic spaces */
	{"\xE2\x80\xAENguy\xE2\x80\x8B\xC2\xADễn \xE3\x85\xA4 V\xEF\xB8\x8Făn", "nguyen van"},
	{"\xC2\xAD", ""},
	{"\xFF", NULL},
	{"\xC0\x80", NULL},
	{"\xED\xA0\x80", NULL},
};

START_TEST(text_is_found_whatever_its_marks)
{
	ck_assert_pstr_eq(unicode_fold(folds[_i].text), folds[_i].folded);
}
END_TEST

static const struct {
	const char *text, *normal;
} normals[] = {
	{"Nguye\xCC\x82\xCC\x83n", "Nguyễn"},
	{"Nguyễn", "Nguyễn"},
	{"a\xCC\xA3\xCC\x86", "ặ"}, /* the marks in another order */
	{"a\xCC\x86\xCC\xA3", "ặ"},
	{"\xE2\x84\xAB", "Å"}, /* the sign of the ångström */
	{"", ""},
	{"\xFF", NULL},
};

START_TEST(text_is_stored_in_nfc)
{
	ck_assert_pstr_eq(unicode_nfc(normals[_i].text), normals[_i].normal);
}
END_TEST

START_TEST(words_have_one_key_whatever_their_order_and_number)
{
	int64_t key = unicode_words_key("nguyen van an");

	ck_assert_int_eq(unicode_words_key("an nguyen van"), key);
	ck_assert_int_eq(unicode_words_key("an an nguyen van an"), key);
	ck_assert_int_ne(unicode_words_key("nguyen van"), key);
	ck_assert_int_ne(unicode_words_key("nguyenvanan"), key);
	ck_assert_int_ne(unicode_words_key("ab c"), unicode_words_key("a bc"));
	ck_assert_int_eq(unicode_words_key(""), 0);
	ck_assert_int_ne(unicode_words_key("a b c d e f g h"), 0);
	ck_assert_int_eq(unicode_words_key("a b c d e f g h i"), 0);
}
END_TEST

static bool has_key(const char *name, const char *words)
{
	int64_t keys[63], wanted = unicode_words_key(words);
	size_t count = unicode_name_keys(name, keys);

	for (size_t i = 0; i < count; i++)
		if (keys[i] == wanted)
			return true;
	return false;
}

START_TEST(a_name_is_found_by_any_choice_of_its_words)
{
	int64_t keys[63];

	ck_assert(has_key("nguyen van an", "an"));
	ck_assert(has_key("nguyen van an", "van nguyen"));
	ck_assert(has_key("nguyen van an", "an van nguyen"));
	ck_assert(!has_key("nguyen van an", "anh"));
	ck_assert(!has_key("nguyen van an", "nguyen van an binh"));
	ck_assert_uint_eq(unicode_name_keys("nguyen van an", keys), 7);
	ck_assert_uint_eq(unicode_name_keys("an an an", keys), 1);
	ck_assert_uint_eq(unicode_name_keys("", keys), 0);
	ck_assert_uint_eq(unicode_name_keys("a b c d e f g h i j", keys), 63);
}
END_TEST

START_TEST(control_characters_are_not_printable)
{
	ck_assert(unicode_is_one_line("Đắk Lắk 😀"));
	ck_assert(!unicode_is_one_line("a\nb"));
	ck_assert(!unicode_is_one_line("a\xE2\x80\xA8"
				       "b"));
	ck_assert(unicode_is_printable("a\nb\tc"));
	ck_assert(!unicode_is_printable("a\rb"));
	ck_assert(!unicode_is_printable("a\x7f"));
	ck_assert(!unicode_is_printable("a\xC2\x85"));
	ck_assert_uint_eq(unicode_length("ễĐ😀"), 3);
}
END_TEST

Suite *unicode_suite(void)
{
	Suite *suite = suite_create("unicode");
	TCase *cases = tcase_create("unicode");

	add_rows(cases, text_is_found_whatever_its_marks, folds);
	add_rows(cases, text_is_stored_in_nfc, normals);
	tcase_add_test(cases, words_have_one_key_whatever_their_order_and_number);
	tcase_add_test(cases, a_name_is_found_by_any_choice_of_its_words);
	tcase_add_test(cases, control_characters_are_not_printable);
	suite_add_tcase(suite, cases);
	return suite;
}
