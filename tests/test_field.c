/* What each type of field accepts, and the form it is stored in. */
#include <stdlib.h>
#include <string.h>

#include "support.h"

/* `stored` NULL: as sent; `fault` NULL: accepted. */
static const struct {
	const struct resource *resource;
	const char *field, *value, *fault, *stored;
} values[] = {
	/* dates exist */
	{&interventions, "starts_on", "'2024-02-29'", NULL, NULL},
	{&interventions, "starts_on", "'2025-02-29'", "not_a_date", NULL},
	{&interventions, "starts_on", "'2000-02-29'", NULL, NULL},
	{&interventions, "starts_on", "'1900-02-29'", "not_a_date", NULL},
	{&interventions, "starts_on", "'2100-02-29'", "not_a_date", NULL},
	{&interventions, "starts_on", "'0000-01-01'", "not_a_date", NULL},
	{&interventions, "starts_on", "'10000-01-01'", "not_a_date", NULL},
	{&interventions, "starts_on", "'1899-12-31'", "not_a_date", NULL},
	{&interventions, "starts_on", "'2026-13-01'", "not_a_date", NULL},
	{&interventions, "starts_on", "'2026-00-01'", "not_a_date", NULL},
	{&interventions, "starts_on", "'2026-01-00'", "not_a_date", NULL},
	{&interventions, "starts_on", "'2026-04-31'", "not_a_date", NULL},
	{&interventions, "starts_on", "'2026-1-1'", "not_a_date", NULL},
	{&interventions, "starts_on", "'20260101'", "not_a_date", NULL},
	{&interventions, "starts_on", "'2026/01/01'", "not_a_date", NULL},
	{&interventions, "starts_on", "'2026-01-01T00:00:00Z'", "not_a_date", NULL},
	{&interventions, "starts_on", "' 2026-01-01'", "not_a_date", NULL},
	{&interventions, "starts_on", "'2026-01-01 '", "not_a_date", NULL},
	{&interventions, "starts_on", "'2026-01'", "not_a_date", NULL},
	{&interventions, "starts_on", "'today'", "not_a_date", NULL},
	{&interventions, "starts_on", "'infinity'", "not_a_date", NULL},
	{&interventions, "starts_on", "'-infinity'", "not_a_date", NULL},
	{&interventions, "starts_on", "'epoch'", "not_a_date", NULL},
	{&interventions, "starts_on", "'-001-01-01'", "not_a_date", NULL},
	{&interventions, "starts_on", "'٢٠٢٦-٠١-٠١'", "not_a_date", NULL},
	{&interventions, "starts_on", "''", "not_a_date", NULL},
	{&interventions, "starts_on", "20260101", "text_expected", NULL},
	/* some cannot lie in the future; today is not the future */
	{&crimes, "detected_on", "'2026-11-24'", NULL, NULL},
	{&crimes, "detected_on", "'2026-11-25'", "in_future", NULL},
	{&interventions, "starts_on", "'2026-11-25'", NULL, NULL},
	/* dates may be known in part */
	{&people, "date_of_birth", "'2008'", NULL, NULL},
	{&people, "date_of_birth", "'2008-02'", NULL, NULL},
	{&people, "date_of_birth", "'2008-02-29'", NULL, NULL},
	{&people, "date_of_birth", "'2009-02-29'", "not_a_date", NULL},
	{&people, "date_of_birth", "'2008-13'", "not_a_date", NULL},
	{&people, "date_of_birth", "'2008-'", "not_a_date", NULL},
	{&people, "date_of_birth", "'2008-2'", "not_a_date", NULL},
	{&people, "date_of_birth", "'208'", "not_a_date", NULL},
	{&people, "date_of_birth", "'20081'", "not_a_date", NULL},
	{&people, "date_of_birth", "'2026'", NULL, NULL},
	{&people, "date_of_birth", "'2027'", "in_future", NULL},
	{&people, "date_of_birth", "'2026-11'", NULL, NULL},
	{&people, "date_of_birth", "'2026-12'", "in_future", NULL},
	{&people, "date_of_birth", "'2026-11-25'", "in_future", NULL},
	/* phones become E.164 */
	{&people, "phone", "'0905123456'", NULL, "'+84905123456'"},
	{&people, "phone", "'0905 123 456'", NULL, "'+84905123456'"},
	{&people, "phone", "'090.512.3456'", NULL, "'+84905123456'"},
	{&people, "phone", "'+84905123456'", NULL, "'+84905123456'"},
	{&people, "phone", "'+84 905-123-456'", NULL, "'+84905123456'"},
	{&people, "phone", "'0321234567'", NULL, "'+84321234567'"},
	{&people, "phone", "'0311234567'", "not_a_phone", NULL},
	{&people, "phone", "'0561234567'", NULL, "'+84561234567'"},
	{&people, "phone", "'0571234567'", "not_a_phone", NULL},
	{&people, "phone", "'0701234567'", NULL, "'+84701234567'"},
	{&people, "phone", "'0711234567'", "not_a_phone", NULL},
	{&people, "phone", "'0811234567'", NULL, "'+84811234567'"},
	{&people, "phone", "'0801234567'", "not_a_phone", NULL},
	{&people, "phone", "'0901234567'", NULL, "'+84901234567'"},
	{&people, "phone", "'02623855555'", NULL, "'+842623855555'"},
	{&people, "phone", "'090512345'", "not_a_phone", NULL},
	{&people, "phone", "'09051234567'", "not_a_phone", NULL},
	{&people, "phone", "'113'", "not_a_phone", NULL},
	{&people, "phone", "'115'", "not_a_phone", NULL},
	{&people, "phone", "'+1 202 555 0100'", "not_a_phone", NULL},
	{&people, "phone", "'0905123456x'", "not_a_phone", NULL},
	{&people, "phone", "''", "not_a_phone", NULL},
	{&people, "phone", "905123456", "text_expected", NULL},
	/* citizen numbers */
	{&people, "citizen_number", "'066099001234'", NULL, NULL},
	{&people, "citizen_number", "'240123456'", NULL, NULL},
	{&people, "citizen_number", "'0660990012345'", "not_a_citizen_number", NULL},
	{&people, "citizen_number", "'06609900123'", "not_a_citizen_number", NULL},
	{&people, "citizen_number", "'06609900123a'", "not_a_citizen_number", NULL},
	{&people, "citizen_number", "'066 099001234'", "not_a_citizen_number", NULL},
	{&people, "citizen_number", "'٠٦٦٠٩٩'", "not_a_citizen_number", NULL},
	{&people, "citizen_number", "66099001234", "text_expected", NULL},
	/* names are NFC on one line */
	{&people, "full_name", "'Nguye\\u0302\\u0303n'", NULL, "'Nguy\\u1ec5n'"},
	{&people, "full_name", "'\\u0110\\u0103\\u0323ng'", NULL, "'\\u0110\\u1eb7ng'"},
	{&people, "full_name", "'H Ê ban'", NULL, NULL},
	{&people, "full_name", "'An\\nBình'", "control_character", NULL},
	{&people, "full_name", "'An\\tBình'", "control_character", NULL},
	{&people, "full_name", "'An\\u0007'", "control_character", NULL},
	{&people, "full_name", "'An\\u0085'", "control_character", NULL},
	/* nor have they what nobody sees, or what turns the text that follows */
	{&people, "full_name", "'\\u00ad'", "invisible_character", NULL},
	{&people, "full_name", "'\\u3164'", "invisible_character", NULL},
	{&people, "full_name", "'\\u2800'", "invisible_character", NULL},
	{&people, "full_name", "'\\u202eabc'", "invisible_character", NULL},
	{&people, "full_name", "'a\\u2067bc'", "invisible_character", NULL},
	{&people, "full_name", "'Nguyễn\\u200b Văn'", "invisible_character", NULL},
	{&people, "full_name", "'Nguyễn\\u200d Văn'", "invisible_character", NULL},
	{&people, "full_name", "'\\ufeffNguyễn'", "invisible_character", NULL},
	{&people, "full_name", "'Nguyễn\\ufe0f'", "invisible_character", NULL},
	{&people, "full_name", "'Nguyễn\\udb40\\udd00'", "invisible_character", NULL},
	{&people, "full_name", "'\\u1160An'", "invisible_character", NULL},
	{&people, "full_name", "'An\\uffa0'", "invisible_character", NULL},
	{&people, "full_name", "'An\\u0600'", "invisible_character", NULL},
	{&people, "full_name", "'An\\u2028Bình'", "control_character", NULL},
	{&people, "full_name", "'An\\u00a0Bình'", NULL, NULL},
	{&people, "health_note", "'\\ud83d\\udc68\\u200d\\ud83d\\udc67'", NULL, NULL},
	{&people, "full_name", "''", "too_short", NULL},
	{&people, "full_name", "'  '", "too_short", NULL},
	{&people, "full_name", "'---'", "too_short", NULL},
	/* texts may have lines, and end somewhere */
	{&people, "health_note", "'a\\nb\\tc'", NULL, NULL},
	{&people, "health_note", "'a\\rb'", "control_character", NULL},
	{&people, "address", "''", "too_short", NULL},
	{&people, "address", "'<script>alert(1)</script>'", NULL, NULL},
	{&people, "address", "'{{7*7}} %n%n%s ${jndi:ldap://x}'", NULL, NULL},
	/* codes are of their list, whole and lower case */
	{&people, "sex", "'male'", NULL, NULL},
	{&people, "sex", "'Male'", "unknown_code", NULL},
	{&people, "sex", "'m'", "unknown_code", NULL},
	{&people, "sex", "''", "unknown_code", NULL},
	{&people, "sex", "['male']", "text_expected", NULL},
	{&people, "ethnicity", "'54'", NULL, NULL},
	{&people, "ethnicity", "'56'", "unknown_code", NULL},
	{&people, "ethnicity", "1", "text_expected", NULL},
	{&people, "classification", "'unclassified'", NULL, NULL},
	{&people, "classification", "'secret'", "unknown_code", NULL},
	{&people, "substance_groups", "['opioid', 'ats']", NULL, NULL},
	{&people, "substance_groups", "[]", NULL, NULL},
	{&people, "substance_groups", "['opioid', 'opioid']", "repeated", NULL},
	{&people, "substance_groups", "['opioid', 'tea']", "unknown_code", NULL},
	{&people, "substance_groups", "['opioid', 1]", "unknown_code", NULL},
	{&people, "substance_groups", "['opioid', null]", "unknown_code", NULL},
	{&people, "substance_groups", "[['opioid']]", "unknown_code", NULL},
	{&people, "substance_groups", "'opioid'", "array_expected", NULL},
	{&training_sessions, "audience", "[]", "wrong_number_of_items", NULL},
	{&crimes, "other_articles", "['256a', '249']", NULL, NULL},
	{&crimes, "article", "'256A'", "unknown_code", NULL},
	{&crimes, "article", "'260'", "unknown_code", NULL},
	/* whole numbers within bounds */
	{&people, "last_grade", "1", NULL, NULL},
	{&people, "last_grade", "12", NULL, NULL},
	{&people, "last_grade", "0", "out_of_range", NULL},
	{&people, "last_grade", "13", "out_of_range", NULL},
	{&people, "last_grade", "-1", "out_of_range", NULL},
	{&people, "last_grade", "'5'", "integer_expected", NULL},
	{&people, "last_grade", "5.0", "integer_expected", NULL},
	{&people, "last_grade", "true", "integer_expected", NULL},
	{&training_sessions, "students", "0", NULL, NULL},
	{&training_sessions, "students", "-0", NULL, NULL},
	{&training_sessions, "students", "100001", "out_of_range", NULL},
	{&interventions, "loan_amount", "2000000000", NULL, NULL},
	{&interventions, "loan_amount", "2000000001", "out_of_range", NULL},
	{&interventions, "loan_amount", "2147483648", "out_of_range", NULL},
	{&interventions, "loan_amount", "9223372036854775807", "out_of_range", NULL},
	{&task_progress, "percent", "100", NULL, NULL},
	{&task_progress, "percent", "101", "out_of_range", NULL},
	{&crimes, "youth_related", "true", NULL, NULL},
	{&crimes, "youth_related", "'true'", "boolean_expected", NULL},
	{&crimes, "youth_related", "1", "boolean_expected", NULL},
	/* keys of other things */
	{&people, "unit", "'2025-24121'", NULL, NULL},
	{&people, "unit", "'202411-24133'", NULL, NULL},
	{&people, "unit", "'24121'", "not_a_unit", NULL},
	{&people, "unit", "'2025-'", "not_a_unit", NULL},
	{&people, "unit", "'2025-241211'", "not_a_unit", NULL},
	{&people, "unit", "'2025_24121'", "not_a_unit", NULL},
	{&people, "unit", "'-24121'", "not_a_unit", NULL},
	{&people, "unit", "'2025-2412a'", "not_a_unit", NULL},
	{&crimes, "detecting_organization", "'cong_an_tinh'", NULL, NULL},
	{&crimes, "detecting_organization", "'Cong an'", "not_an_organization", NULL},
	{&crimes, "detecting_organization", "''", "not_an_organization", NULL},
	{&people, "institution", "'01890A5D-AC96-774B-BCCE-B302099A8057'", NULL,
	 "'01890a5d-ac96-774b-bcce-b302099a8057'"},
	{&people, "institution", "'01890a5dac96774bbcceb302099a8057'", "not_a_uuid", NULL},
	{&people, "institution", "'{01890a5d-ac96-774b-bcce-b302099a8057}'", "not_a_uuid", NULL},
	{&people, "institution", "'01890a5d-ac96-774b-bcce-b302099a805g'", "not_a_uuid", NULL},
	{&people, "institution", "'1'", "not_a_uuid", NULL},
};

START_TEST(a_value_is_stored_in_one_form_or_blamed)
{
	const struct field *field = resource_field(values[_i].resource, values[_i].field);
	json_t *value = object("%s", values[_i].value);
	json_t *stored = object("%s", values[_i].stored ? values[_i].stored : values[_i].value);
	struct error error = {0};

	bool accepted = field_accepts(field, &value, TODAY, "/x", &error);
	const char *code = json_string_value(
		json_object_get(json_array_get(error.faults, 0), "code"));
	ck_assert_pstr_eq(code, values[_i].fault);
	ck_assert_int_eq(accepted, !values[_i].fault);
	if (accepted)
		ck_assert_msg(json_equal(value, stored), "stored as %s",
			      json_dumps(value, JSON_ENCODE_ANY));
	else
		ck_assert_int_eq(error.kind, ERROR_INVALID);
}
END_TEST

static const struct {
	size_t length;
	const char *fault;
} lengths[] = {{1, NULL}, {120, NULL}, {121, "too_long"}, {100000, "too_long"}};

START_TEST(a_length_is_of_characters_not_bytes)
{
	const struct field *field = resource_field(&people, "full_name");
	struct error error = {0};
	char *text = calloc(lengths[_i].length, 3 + 1);

	for (size_t i = 0; i < lengths[_i].length; i++)
		memcpy(text + 3 * i, "ễ", 3);
	json_t *value = json_string(text);
	ck_assert_int_eq(field_accepts(field, &value, TODAY, "/x", &error), !lengths[_i].fault);
	const char *code = json_string_value(
		json_object_get(json_array_get(error.faults, 0), "code"));
	ck_assert_pstr_eq(code, lengths[_i].fault);
}
END_TEST

/* The text of a query parameter; `stored` NULL: refused. */
static const struct {
	const struct resource *resource;
	const char *field, *text, *stored;
} parameters[] = {
	{&people, "sex", "male", "male"},
	{&people, "sex", "x", NULL},
	{&people, "substance_groups", "opioid", "opioid"},
	{&crimes, "youth_related", "true", "true"},
	{&crimes, "youth_related", "TRUE", NULL},
	{&crimes, "youth_related", "1", NULL},
	{&tasks, "agency", "19", "19"},
	{&tasks, "agency", "-1", "-1"},
	{&tasks, "agency", "2147483647", "2147483647"},
	{&tasks, "agency", "2147483648", NULL},
	{&tasks, "agency", "99999999999999999999", NULL},
	{&tasks, "agency", "1x", NULL},
	{&tasks, "agency", " 1", NULL},
	{&tasks, "agency", "+1", NULL},
	{&tasks, "agency", "", NULL},
	{&tasks, "partner_agencies", "4", "4"},
	{&people, "date_of_birth", "2008-02", "2008-02"},
	{&people, "date_of_birth", "2008-02-30", NULL},
	{&people, "updated_at", "2026-11-24T00:00:00Z", "2026-11-24T00:00:00Z"},
	{&people, "updated_at", "2026-11-24T00:00:00.123456789+07:00",
	 "2026-11-24T00:00:00.123456789+07:00"},
	{&people, "updated_at", "2026-11-24T00:00:00", NULL},
	{&people, "updated_at", "2026-11-24", NULL},
	{&people, "updated_at", "2026-11-24T24:00:00Z", NULL},
	{&people, "updated_at", "2026-11-24T23:59:60Z", NULL},
	{&people, "updated_at", "2026-11-24T00:60:00Z", NULL},
	{&people, "updated_at", "2026-11-24T00:00:00.Z", NULL},
	{&people, "updated_at", "2026-11-24T00:00:00+24:00", NULL},
	{&people, "updated_at", "2026-11-24T00:00:00+0700", NULL},
	{&people, "updated_at", "2026-11-24 00:00:00Z", NULL},
	{&people, "updated_at", "2026-02-30T00:00:00Z", NULL},
	{&people, "updated_at", "infinity", NULL},
	{&people, "updated_at", "now", NULL},
	{&tasks, "target", "II.1", "II.1"},
};

START_TEST(the_text_of_a_parameter_is_checked_like_a_value)
{
	const struct field *field = resource_field(parameters[_i].resource, parameters[_i].field);
	struct error error = {0};
	char *parsed = field_parses(field, parameters[_i].text, "x", &error);

	ck_assert_pstr_eq(parsed, parameters[_i].stored);
	ck_assert_int_eq(error.kind, parameters[_i].stored ? ERROR_NONE : ERROR_MALFORMED);
}
END_TEST

static const struct {
	const char *partial, *last; /* NULL: none */
} partials[] = {
	{"2008", "2008-12-31"},
	{"2008-02", "2008-02-29"},
	{"2009-02", "2009-02-28"},
	{"2008-02-01", "2008-02-01"},
	{"2008-04", "2008-04-30"},
	{"1900-02", "1900-02-28"},
	{"2000-02", "2000-02-29"},
	{"1899", NULL},
	{"2101", NULL},
	{"2100", "2100-12-31"},
	{"", NULL},
	{"abcd", NULL},
	{"2008-02-30", NULL},
	{"2008/02", NULL},
};

START_TEST(a_partial_date_means_its_last_day_in_c_and_in_sql)
{
	char last[11];
	bool is_one = partial_date_last(partials[_i].partial, last);

	ck_assert_pstr_eq(is_one ? last : NULL, partials[_i].last);
	if (is_one)
		ck_assert_str_eq(
			sql(AS_OWNER, "SELECT partial_date_last('%s')", partials[_i].partial),
			last);
}
END_TEST

/* Born on 29 February: the birthday is 1 March in common years (Civil Code 2015, article 148: a
 * term ends at the last day). */
static const struct {
	const char *birth, *on;
	int age;
} ages[] = {
	{"1995-11-24", "2026-11-24", 31}, {"1995-11-25", "2026-11-24", 30},
	{"2008-02-29", "2026-02-28", 17}, {"2008-02-29", "2026-03-01", 18},
	{"2008-02-29", "2024-02-29", 16}, {"2008-02-29", "2024-02-28", 15},
	{"2008-12-31", "2026-12-30", 17}, {"2008-12-31", "2026-12-31", 18},
	{"2026-11-24", "2026-11-24", 0},  {"2012-01-01", "2025-12-31", 13},
	{"2012-01-01", "2026-01-01", 14},
};

START_TEST(an_age_is_of_completed_years)
{
	ck_assert_int_eq(
		sql_number(AS_OWNER, "SELECT age_on('%s', '%s')", ages[_i].birth, ages[_i].on),
		ages[_i].age);
}
END_TEST

/* `code` NULL: no warning. A warning never refuses. */
static const struct {
	const char *number, *sex, *birth, *code;
} numbers[] = {
	{"066099001234", "male", "1999-05-17", NULL},
	{"066199001234", "female", "1999", NULL},
	{"066208001234", "male", "2008-02", NULL},
	{"066308001234", "female", "2008", NULL},
	{"066099001234", "female", "1999-05-17", "number_does_not_fit"},
	{"066099001234", "male", "1998-05-17", "number_does_not_fit"},
	{"066299001234", "male", "1999-05-17", "number_does_not_fit"},
	{"066099001234", "unknown", "1999-05-17", NULL},
	{"003099001234", "male", "1999-05-17", "province_unknown"},
	{"097099001234", "male", "1999-05-17", "province_unknown"},
	{"054099001234", "male", "1999-05-17", NULL},
	{"240123456", "male", "1999-05-17", NULL},
};

START_TEST(an_identity_number_that_does_not_fit_is_hinted_at)
{
	json_t *object = json_pack("{ssssss}", "citizen_number", numbers[_i].number, "sex",
				   numbers[_i].sex, "date_of_birth", numbers[_i].birth);
	json_t *warnings = resource_warnings(&people, object);

	ck_assert_pstr_eq(json_string_value(json_object_get(json_array_get(warnings, 0), "code")),
			  numbers[_i].code);
}
END_TEST

Suite *field_suite(void)
{
	Suite *suite = suite_create("field");
	TCase *cases = tcase_create("field");

	add_rows(cases, a_value_is_stored_in_one_form_or_blamed, values);
	add_rows(cases, a_length_is_of_characters_not_bytes, lengths);
	add_rows(cases, the_text_of_a_parameter_is_checked_like_a_value, parameters);
	add_rows(cases, a_partial_date_means_its_last_day_in_c_and_in_sql, partials);
	add_rows(cases, an_age_is_of_completed_years, ages);
	add_rows(cases, an_identity_number_that_does_not_fit_is_hinted_at, numbers);
	suite_add_tcase(suite, cases);
	return suite;
}
