/* What each type of field accepts, and the form it is stored in. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "period.h"
#include "resource.h"
#include "text.h"
#include "unicode.h"

static bool all_digits(const char *text, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (!isdigit((unsigned char)text[i]))
			return false;
	return true;
}

static int number(const char *text, size_t from, size_t length)
{
	int value = 0;

	for (size_t i = 0; i < length; i++)
		value = value * 10 + (text[from + i] - '0');
	return value;
}

static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && is_leap ? 29 : days[month - 1];
}

bool partial_date_last(const char *partial, char last[11])
{
	size_t length = strlen(partial);

	if ((length != 4 && length != 7 && length != 10) || !all_digits(partial, 0, 4))
		return false;
	int year = number(partial, 0, 4), month = 12, day;

	if (year < 1900 || year > 2100)
		return false;
	if (length > 4) {
		if (partial[4] != '-' || !all_digits(partial, 5, 7))
			return false;
		month = number(partial, 5, 2);
		if (month < 1 || month > 12)
			return false;
	}
	day = days_in(year, month);
	if (length > 7) {
		if (partial[7] != '-' || !all_digits(partial, 8, 10) || number(partial, 8, 2) > day)
			return false;
		day = number(partial, 8, 2);
	}
	snprintf(last, 11, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100,
		 (unsigned)day % 100);
	return day > 0;
}

bool date_is_valid(const char *date)
{
	char last[11];

	return strlen(date) == 10 && partial_date_last(date, last);
}

/* "hh:mm" within a day of at most `hours`. */
static bool is_clock(const char *text, int hours)
{
	return all_digits(text, 0, 2) && text[2] == ':' && all_digits(text, 3, 5) &&
	       number(text, 0, 2) < hours && number(text, 3, 2) < 60;
}

bool instant_is_valid(const char *instant)
{
	char date[11];
	size_t length = strlen(instant), at = 19;

	if (length < 20 || length > 35)
		return false;
	memcpy(date, instant, 10);
	date[10] = '\0';
	if (!date_is_valid(date) || instant[10] != 'T' || !is_clock(instant + 11, 24) ||
	    instant[16] != ':' || !all_digits(instant, 17, 19) || number(instant, 17, 2) > 59)
		return false;
	if (instant[at] == '.') {
		size_t digits = strspn(instant + at + 1, "0123456789");

		if (!digits || digits > 9)
			return false;
		at += 1 + digits;
	}
	if (instant[at] == 'Z')
		return !instant[at + 1];
	return (instant[at] == '+' || instant[at] == '-') && length == at + 6 &&
	       is_clock(instant + at + 1, 15);
}

bool uuid_is_valid(const char *text)
{
	if (strlen(text) != 36)
		return false;
	for (int i = 0; i < 36; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return true;
}

/* What a type's checker works on; `stored` is a new string when the form differs. */
struct value {
	const struct field *field;
	const char *text, *today;
	char *stored;
	const char *argument; /* of the message */
};

static const char *check_length(const struct value *value)
{
	size_t length = unicode_length(value->stored);
	size_t max = value->field->max ? (size_t)value->field->max : 500;

	if (length > max)
		return "too_long";
	return length < (size_t)(value->field->min ? value->field->min : 1) ? "too_short" : NULL;
}

static const char *check_text(struct value *value)
{
	value->stored = unicode_nfc(value->text);
	return value->stored && unicode_is_printable(value->stored) ? check_length(value)
								    : "control_character";
}

/* No name of any people here needs a character that is not seen; with one it would not be found. */
static const char *check_name(struct value *value)
{
	value->stored = unicode_nfc(value->text);
	if (!value->stored || !unicode_is_one_line(value->stored))
		return "control_character";
	if (!unicode_is_visible(value->stored))
		return "invisible_character";
	char *folded = unicode_fold(value->stored);
	bool is_empty = !folded || !*folded;

	free(folded);
	return is_empty ? "too_short" : check_length(value);
}

static const char *check_code(struct value *value)
{
	return code_list_has(value->field->codes, value->text) ? NULL : "unknown_code";
}

static const char *check_date(struct value *value)
{
	if (!date_is_valid(value->text))
		return "not_a_date";
	return value->field->flags & PAST && strcmp(value->text, value->today) > 0 ? "in_future"
										   : NULL;
}

static const char *check_partial_date(struct value *value)
{
	char last[11];

	if (!partial_date_last(value->text, last))
		return "not_a_date";
	return value->field->flags & PAST &&
			       strncmp(value->text, value->today, strlen(value->text)) > 0
		       ? "in_future"
		       : NULL;
}

static const char *check_instant(struct value *value)
{
	return instant_is_valid(value->text) ? NULL : "not_an_instant";
}

static const char *check_uuid(struct value *value)
{
	if (!uuid_is_valid(value->text))
		return "not_a_uuid";
	value->stored = strdup(value->text);
	for (char *c = value->stored; c && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return NULL;
}

/* Generation (4 or 6 digits), a dash, the code of the statistics office. */
static const char *check_unit(struct value *value)
{
	const char *dash = strchr(value->text, '-');
	size_t before = dash ? (size_t)(dash - value->text) : 0, all = strlen(value->text);

	return dash && (before == 4 || before == 6) && all_digits(value->text, 0, before) &&
			       all > before + 1 && all < before + 7 &&
			       all_digits(value->text, before + 1, all)
		       ? NULL
		       : "not_a_unit";
}

static const char *check_organization(struct value *value)
{
	size_t length = strlen(value->text);

	return length && length < 64 &&
			       strspn(value->text, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
				       length
		       ? NULL
		       : "not_an_organization";
}

/* Mobile and fixed lines as dialled in Viet Nam (0…) or with the country (+84…); kept in E.164. */
static const char *check_phone(struct value *value)
{
	char digits[16];
	size_t length = 0;
	const char *text = value->text;

	if (!strncmp(text, "+84", 3))
		digits[length++] = '0', text += 3;
	for (; *text; text++) {
		if (strchr(" .-", *text))
			continue;
		if (!isdigit((unsigned char)*text) || length >= 12)
			return "not_a_phone";
		digits[length++] = *text;
	}
	digits[length] = '\0';
	bool is_mobile = length == 10 && digits[0] == '0' &&
			 (strchr("89", digits[1]) || (digits[1] == '3' && digits[2] >= '2') ||
			  (digits[1] == '5' && strchr("25689", digits[2])) ||
			  (digits[1] == '7' && strchr("06789", digits[2])));

	if (is_mobile && digits[1] == '8' && digits[2] == '0')
		is_mobile = false;
	if (!is_mobile && !(length == 11 && !strncmp(digits, "02", 2)))
		return "not_a_phone";
	value->stored = malloc(16);
	if (value->stored)
		snprintf(value->stored, 16, "+84%.11s", digits + 1);
	return NULL;
}

static const char *check_citizen_number(struct value *value)
{
	size_t length = strlen(value->text);

	return (length == 12 || length == 9) && all_digits(value->text, 0, length)
		       ? NULL
		       : "not_a_citizen_number";
}

static const char *(*const checks[FIELD_TYPES])(struct value *) = {
	[UUID] = check_uuid,
	[REFERENCE] = check_uuid,
	[TEXT] = check_text,
	[TEXTS] = check_text,
	[NAME] = check_name,
	[CODE] = check_code,
	[DATE] = check_date,
	[PARTIAL_DATE] = check_partial_date,
	[INSTANT] = check_instant,
	[UNIT] = check_unit,
	[ORGANIZATION] = check_organization,
	[PHONE] = check_phone,
	[CITIZEN_NUMBER] = check_citizen_number,
};

/* What the message of a fault tells besides: a limit, or the code that there is not. */
static const char *argument_of(const struct value *value, const char *fault, char text[64])
{
	const struct field *field = value->field;

	if (!strcmp(fault, "unknown_code"))
		snprintf(text, 64, "%s", value->text);
	else if (!strcmp(fault, "too_long"))
		snprintf(text, 64, "%lld", (long long)(field->max ? field->max : 500));
	else if (!strcmp(fault, "too_short"))
		snprintf(text, 64, "%lld", (long long)(field->min ? field->min : 1));
	else
		return NULL;
	return text;
}

static bool string_accepts(const struct field *field, json_t **value, const char *today,
			   const char *pointer, struct error *error)
{
	struct value checked = {.field = field, .text = json_string_value(*value), .today = today};
	char argument[64];

	if (!checked.text)
		return error_fault(error, ERROR_INVALID, pointer, "text_expected", NULL);
	const char *fault = checks[field->type](&checked);

	if (!fault && checked.stored) {
		json_decref(*value);
		*value = json_string(checked.stored);
	}
	free(checked.stored);
	return !fault || error_fault(error, ERROR_INVALID, pointer, fault,
				     argument_of(&checked, fault, argument));
}

static bool integer_accepts(const struct field *field, const json_t *value, const char *pointer,
			    struct error *error)
{
	char range[48];
	json_int_t least = field->min, most = field->max ? field->max : INT32_MAX;

	if (!json_is_integer(value))
		return error_fault(error, ERROR_INVALID, pointer, "integer_expected", NULL);
	if (json_integer_value(value) >= least && json_integer_value(value) <= most)
		return true;
	snprintf(range, sizeof range, "%lld–%lld", (long long)least, (long long)most);
	return error_fault(error, ERROR_INVALID, pointer, "out_of_range", range);
}

static bool decimal_accepts(const struct field *field, const json_t *value, const char *pointer,
			    struct error *error)
{
	char range[48];
	double number_sent = json_number_value(value);

	if (!json_is_number(value))
		return error_fault(error, ERROR_INVALID, pointer, "number_expected", NULL);
	if (number_sent >= (double)field->min && number_sent <= (double)field->max)
		return true;
	snprintf(range, sizeof range, "%lld–%lld", (long long)field->min, (long long)field->max);
	return error_fault(error, ERROR_INVALID, pointer, "out_of_range", range);
}

static bool codes_accept(const struct field *field, const json_t *value, const char *pointer,
			 struct error *error)
{
	size_t i, count = json_array_size(value);

	if (!json_is_array(value))
		return error_fault(error, ERROR_INVALID, pointer, "array_expected", NULL);
	if (count > 20 || count < (size_t)field->min)
		return error_fault(error, ERROR_INVALID, pointer, "wrong_number_of_items", NULL);
	for (i = 0; i < count; i++) {
		const char *code = json_string_value(json_array_get(value, i));

		if (!code || !code_list_has(field->codes, code))
			return error_fault(error, ERROR_INVALID, pointer, "unknown_code",
					   code ? code : "?");
		for (size_t j = 0; j < i; j++)
			if (!strcmp(code, json_string_value(json_array_get(value, j))))
				return error_fault(error, ERROR_INVALID, pointer, "repeated", code);
	}
	return true;
}

static bool texts_accept(const struct field *field, json_t *value, const char *pointer,
			 struct error *error)
{
	size_t count = json_array_size(value), most = field->max ? (size_t)field->max : 20;
	bool accepts = true;

	if (!json_is_array(value))
		return error_fault(error, ERROR_INVALID, pointer, "array_expected", NULL);
	if (count > most || count < (size_t)field->min)
		return error_fault(error, ERROR_INVALID, pointer, "wrong_number_of_items", NULL);
	for (size_t i = 0; i < count && accepts; i++) {
		json_t *item = json_incref(json_array_get(value, i));

		accepts = string_accepts(field, &item, "", pointer, error);
		json_array_set_new(value, i, item);
	}
	return accepts;
}

bool field_accepts(const struct field *field, json_t **value, const char *today,
		   const char *pointer, struct error *error)
{
	switch (field->type) {
	case INTEGER:
		return integer_accepts(field, *value, pointer, error);
	case DECIMAL:
		return decimal_accepts(field, *value, pointer, error);
	case BOOLEAN:
		return json_is_boolean(*value) ||
		       error_fault(error, ERROR_INVALID, pointer, "boolean_expected", NULL);
	case CODES:
		return codes_accept(field, *value, pointer, error);
	case TEXTS:
		return texts_accept(field, *value, pointer, error);
	default:
		return string_accepts(field, value, today, pointer, error);
	}
}

/* A whole decimal number that PostgreSQL's integer holds. */
static char *parse_integer(const char *text)
{
	char *end = NULL;
	long long value = strtoll(text, &end, 10);
	size_t digits = strspn(*text == '-' ? text + 1 : text, "0123456789");

	return digits && digits < 11 && !*end && value >= INT32_MIN && value <= INT32_MAX
		       ? strdup(text)
		       : NULL;
}

char *field_parses(const struct field *field, const char *text, const char *parameter,
		   struct error *error)
{
	struct value value = {.field = field, .text = text, .today = "9999-12-31"};
	const char *fault = NULL;
	char *parsed = NULL, argument[64];

	if (field->type == INTEGER || field->type == INTEGERS) {
		parsed = parse_integer(text);
		fault = parsed ? NULL : "integer_expected";
	} else if (field->type == BOOLEAN) {
		fault = !strcmp(text, "true") || !strcmp(text, "false") ? NULL : "boolean_expected";
	} else if (field->type == CODES) {
		fault = check_code(&value);
	} else {
		fault = checks[field->type](&value);
	}
	if (fault) {
		error_fault(error, ERROR_MALFORMED, parameter, fault,
			    argument_of(&value, fault, argument));
		free(value.stored);
		return NULL;
	}
	return parsed ? parsed : value.stored ? value.stored : strdup(text);
}

/* The number of the century and sex that the fourth digit tells: an even digit is male. */
static bool number_fits(const char *digits, const char *sex, const char *birth)
{
	int century = 1900 + (digits[3] - '0') / 2 * 100;
	bool is_male = (digits[3] - '0') % 2 == 0;

	if (sex && strcmp(sex, "unknown") != 0 && is_male != !strcmp(sex, "male"))
		return false;
	return !birth || number(birth, 0, 4) == century + number(digits, 4, 2);
}

/* Circular 07/2016/TT-BCA, annex 1; valid for ever, also after the mergers of 2025. */
static const char *const provinces =
	" 001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034"
	" 035 036 037 038 040 042 044 045 046 048 049 051 052 054 056 058 060 062 064 066 067 068"
	" 070 072 074 075 077 079 080 082 083 084 086 087 089 091 092 093 094 095 096 ";

json_t *resource_warnings(const struct resource *resource, const json_t *object)
{
	const char *digits = json_string_value(json_object_get(object, "citizen_number"));
	char province[6];
	json_t *warnings = NULL;

	if (resource != &people || !digits || strlen(digits) != 12)
		return NULL;
	snprintf(province, sizeof province, " %.3s ", digits);
	if (!strstr(provinces, province))
		warnings = json_pack("[{ssss}]", "pointer", "/citizen_number", "code",
				     "province_unknown");
	if (!number_fits(digits, json_string_value(json_object_get(object, "sex")),
			 json_string_value(json_object_get(object, "date_of_birth")))) {
		warnings = warnings ? warnings : json_array();
		json_array_append_new(warnings, json_pack("{ssss}", "pointer", "/citizen_number",
							  "code", "number_does_not_fit"));
	}
	return warnings;
}
