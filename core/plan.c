/* Query parameters → plan. */
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "unicode.h"

/* What reading one parameter needs. */
struct reading {
	struct plan *plan;
	const struct caller *caller;
	const struct keyring *keyring;
	const char *name, *value, *cursor;
	struct error *error;
};

static bool fault(const struct reading *reading, const char *code, const char *argument)
{
	return error_fault(reading->error, ERROR_MALFORMED, reading->name, code, argument);
}

static bool read_limit(struct reading *reading)
{
	char *end;
	long limit = strtol(reading->value, &end, 10);

	if (strspn(reading->value, "0123456789") != strlen(reading->value) ||
	    strlen(reading->value) > 4 || limit < 1 || limit > PAGE_MAX)
		return fault(reading, "out_of_range", "1–200");
	reading->plan->limit = (int)limit;
	reading->plan->is_limited = true;
	return true;
}

static bool read_boolean(struct reading *reading, bool *value)
{
	*value = !strcmp(reading->value, "true");
	return *value || !strcmp(reading->value, "false") ||
	       fault(reading, "boolean_expected", NULL);
}

static bool read_count(struct reading *reading)
{
	return read_boolean(reading, &reading->plan->count);
}

static bool read_bom(struct reading *reading)
{
	return read_boolean(reading, &reading->plan->bom);
}

static bool read_reveal(struct reading *reading)
{
	for (const struct field *field = reading->plan->resource->fields; field->name; field++)
		if (field->type == CITIZEN_NUMBER)
			return read_boolean(reading, &reading->plan->reveal);
	return fault(reading, "unknown_parameter", NULL);
}

static bool read_format(struct reading *reading)
{
	static const char *const formats[] = {
		[JSON] = "json", [CSV] = "csv", [NDJSON] = "ndjson", NULL};

	for (int i = 0; formats[i]; i++)
		if (!strcmp(formats[i], reading->value)) {
			reading->plan->format = (enum format)i;
			return true;
		}
	return error_choice(reading->error, reading->name, formats);
}

static bool read_cursor(struct reading *reading)
{
	reading->cursor = reading->value; /* opened last: it is bound to all else */
	return true;
}

static bool read_words(struct reading *reading)
{
	const struct field *name = NULL;

	for (const struct field *field = reading->plan->resource->fields; field->name; field++)
		if (field->flags & SEARCH && !name)
			name = field;
	if (!reading->plan->resource->search || !name)
		return fault(reading, "not_searchable", NULL);
	if (!access_sees(reading->caller, reading->plan->resource, name))
		return fault(reading, "hidden_field", NULL);
	reading->plan->words = unicode_fold(reading->value);
	if (!reading->plan->words || !*reading->plan->words)
		return fault(reading, "too_short", "1");
	return unicode_words_key(reading->plan->words) || fault(reading, "too_many_words", NULL);
}

/* The next item of a comma list, NUL-terminated in `item`; answers what follows, NULL at the end.
 */
static const char *next_item(const char *list, char *item, size_t size)
{
	size_t length = strcspn(list, ",");

	snprintf(item, size, "%.*s", (int)(length < size ? length : size - 1), list);
	return list[length] ? list + length + 1 : NULL;
}

static const struct field *field_to_use(struct reading *reading, const char *name, unsigned flag,
					const char *refusal)
{
	const struct field *field = resource_field(reading->plan->resource, name);

	if (!field || field->flags & SOUGHT || (flag && !(field->flags & flag)))
		fault(reading, refusal, name);
	else if (!access_sees(reading->caller, reading->plan->resource, field))
		fault(reading, "hidden_field", name);
	else
		return field;
	return NULL;
}

static bool read_sort(struct reading *reading)
{
	struct plan *plan = reading->plan;
	const char *rest = reading->value;
	char item[64];

	while (rest) {
		rest = next_item(rest, item, sizeof item);
		bool descending = item[0] == '-';
		const struct field *field = field_to_use(reading, item + descending, SORT,
							 "not_sortable");

		if (!field)
			return false;
		for (size_t i = 0; i < plan->sort_count; i++)
			if (plan->sorts[i].field == field)
				return fault(reading, "repeated", field->name);
		if (plan->sort_count >= PLAN_SORTS - 1 && field != resource_key(plan->resource))
			return fault(reading, "wrong_number_of_items", NULL);
		plan->sorts[plan->sort_count++] = (struct sort){field, descending};
		if (field == resource_key(plan->resource))
			break; /* unique: what follows changes nothing */
	}
	return !rest || fault(reading, "not_sortable", rest);
}

static bool read_fields(struct reading *reading)
{
	const char *rest = reading->value;
	char item[64];

	while (rest) {
		rest = next_item(rest, item, sizeof item);
		const struct field *field = field_to_use(reading, item, 0, "unknown_field");

		if (!field)
			return false;
		reading->plan->wanted[field - reading->plan->resource->fields] = true;
	}
	reading->plan->is_sparse = true;
	return true;
}

static bool add_filter(struct reading *reading, const struct field *field,
		       enum comparison comparison, char *value)
{
	struct plan *plan = reading->plan;

	if (!value)
		return false;
	if (plan->filter_count == PLAN_FILTERS) {
		free(value);
		return fault(reading, "too_many_parameters", "24");
	}
	plan->filters[plan->filter_count++] = (struct filter){field, comparison, value};
	return true;
}

static bool read_updated_since(struct reading *reading)
{
	const struct field *field = resource_field(reading->plan->resource, "updated_at");

	if (!field)
		return fault(reading, "unknown_parameter", NULL);
	return add_filter(reading, field, AT_LEAST,
			  field_parses(field, reading->value, reading->name, reading->error));
}

static bool read_reason(struct reading *reading)
{
	if (!code_list_has(&codes_void_reason, reading->value))
		return fault(reading, "unknown_code", reading->value);
	reading->plan->reason = strdup(reading->value);
	return reading->plan->reason != NULL;
}

enum { ON_LIST = ONE(LIST), ON_READ = ONE(READ), ON_REMOVE = ONE(REMOVE) };

static const struct {
	const char *name;
	unsigned operations;
	bool (*read)(struct reading *reading);
} readers[] = {
	{"limit", ON_LIST, read_limit},
	{"cursor", ON_LIST, read_cursor},
	{"sort", ON_LIST, read_sort},
	{"fields", ON_LIST | ON_READ, read_fields},
	{"count", ON_LIST, read_count},
	{"q", ON_LIST, read_words},
	{"format", ON_LIST, read_format},
	{"bom", ON_LIST, read_bom},
	{"reveal", ON_LIST | ON_READ, read_reveal},
	{"updated_since", ON_LIST, read_updated_since},
	{"reason", ON_REMOVE, read_reason},
};

/* "a,b" as a PostgreSQL array of the parsed values; the checks leave nothing to quote but text. */
static char *parse_any(struct reading *reading, const struct field *field)
{
	auto_text array = {.limit = 8192};
	const char *rest = reading->value;
	char item[512];

	text_add_char(&array, '{');
	do {
		rest = next_item(rest, item, sizeof item);
		char *parsed = field_parses(field, item, reading->name, reading->error);

		if (!parsed)
			return NULL;
		if (array.length > 1)
			text_add_char(&array, ',');
		text_add_json(&array, parsed);
		free(parsed);
	} while (rest);
	text_add_char(&array, '}');
	return text_take(&array);
}

static bool is_range(const struct field *field)
{
	return field->type == DATE || field->type == PARTIAL_DATE || field->type == INSTANT;
}

/* name_from and name_to of a date or an instant; the field and which side, or NULL. */
static const struct field *range_of(const struct resource *resource, const char *name,
				    enum comparison *side)
{
	size_t length = strlen(name);
	char base[64];

	if (length > 5 && length < 60 && !strcmp(name + length - 5, "_from"))
		*side = AT_LEAST, length -= 5;
	else if (length > 3 && length < 60 && !strcmp(name + length - 3, "_to"))
		*side = AT_MOST, length -= 3;
	else
		return NULL;
	snprintf(base, sizeof base, "%.*s", (int)length, name);
	const struct field *field = resource_field(resource, base);
	return field && is_range(field) && field->flags & FILTER ? field : NULL;
}

static bool read_filter(struct reading *reading)
{
	const struct resource *resource = reading->plan->resource;
	enum comparison comparison = EQUALS;
	const struct field *field = range_of(resource, reading->name, &comparison);
	bool is_side = field != NULL;

	if (!field)
		field = resource_field(resource, reading->name);
	if (!field || !(field->flags & FILTER) || (!is_side && is_range(field)))
		return fault(reading, "unknown_parameter", NULL);
	if (!access_sees(reading->caller, resource, field))
		return fault(reading, "hidden_field", NULL);
	if (field->type == UNIT)
		comparison = WITHIN_UNIT;
	else if (field->type == CODES || field->type == TEXTS || field->type == INTEGERS)
		comparison = OVERLAPS;
	else if (strchr(reading->value, ',') && field->type != BOOLEAN && !is_side &&
		 field->type != CITIZEN_NUMBER && !(field->flags & SOUGHT))
		comparison = ANY_OF;
	char *value = comparison == ANY_OF || comparison == OVERLAPS
			      ? parse_any(reading, field)
			      : field_parses(field, reading->value, reading->name, reading->error);
	if (value && field->type == CITIZEN_NUMBER) {
		char index[65];

		secret_index(reading->keyring->index, value, index);
		free(value);
		value = strdup(index);
	}
	return add_filter(reading, field, comparison, value);
}

static bool read_parameter(struct reading *reading)
{
	if (!*reading->value && strcmp(reading->name, "cursor") != 0)
		return fault(reading, "empty_parameter", NULL);
	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
		if (!strcmp(readers[i].name, reading->name) &&
		    readers[i].operations & ONE(reading->plan->operation))
			return readers[i].read(reading);
	if (reading->plan->operation != LIST)
		return fault(reading, "unknown_parameter", NULL);
	return read_filter(reading);
}

/* All that a cursor is bound to. */
static void describe(const struct plan *plan, const struct caller *caller, char digest[65])
{
	auto_text about = {0};

	text_addf(&about, "%s|%s|%s|%s|%d|%d|%s|%s", plan->resource->table, plan->parent,
		  plan->words ? plan->words : "", caller->organization, caller->agency,
		  (int)caller->role, caller->unit, caller->user);
	for (size_t i = 0; i < plan->sort_count; i++)
		text_addf(&about, "|%s%s", plan->sorts[i].descending ? "-" : "",
			  plan->sorts[i].field->name);
	for (size_t i = 0; i < plan->filter_count; i++)
		text_addf(&about, "|%s %d %s", plan->filters[i].field->name,
			  (int)plan->filters[i].comparison, plan->filters[i].value);
	secret_sha256(text_string(&about), digest);
}

static bool open_cursor(struct reading *reading)
{
	struct plan *plan = reading->plan;
	char about[65];

	describe(plan, reading->caller, about);
	char *plain = cursor_open(reading->keyring, reading->cursor, about);
	json_t *values = plain ? json_loads(plain, 0, NULL) : NULL;

	free(plain);
	reading->name = "cursor";
	if (json_array_size(values) != plan->sort_count) {
		json_decref(values);
		return fault(reading, "invalid_cursor", NULL);
	}
	for (size_t i = 0; i < plan->sort_count; i++) {
		const char *value = json_string_value(json_array_get(values, i));

		plan->after[i] = value ? strdup(value) : NULL;
	}
	plan->has_after = true;
	json_decref(values);
	return true;
}

bool plan_parse(struct plan *plan, const struct parameter *parameters, size_t count,
		const struct caller *caller, const struct keyring *keyring, struct error *error)
{
	const struct field *key = resource_key(plan->resource);
	struct reading reading = {
		.plan = plan, .caller = caller, .keyring = keyring, .error = error};

	plan->limit = PAGE_DEFAULT;
	for (size_t i = 0; i < count; i++) {
		reading.name = parameters[i].name;
		reading.value = parameters[i].value;
		(void)!read_parameter(&reading);
	}
	if (plan->bom && plan->format != CSV) {
		reading.name = "bom";
		fault(&reading, "csv_only", NULL);
	}
	bool is_backward = !plan->sort_count && plan->resource->traits & NEWEST_FIRST;

	if (!plan->sort_count || plan->sorts[plan->sort_count - 1].field != key)
		plan->sorts[plan->sort_count++] = (struct sort){key, is_backward};
	if (!error->kind && reading.cursor && *reading.cursor)
		(void)!open_cursor(&reading);
	return !error->kind;
}

char *plan_cursor(const struct plan *plan, const struct caller *caller,
		  const struct keyring *keyring, const char *const *values)
{
	auto_text plain = {0};
	char about[65];

	text_add_char(&plain, '[');
	for (size_t i = 0; i < plan->sort_count; i++) {
		if (i)
			text_add_char(&plain, ',');
		text_add_json(&plain, values[i]);
	}
	text_add_char(&plain, ']');
	describe(plan, caller, about);
	return plain.failed ? NULL : cursor_seal(keyring, plain.data, about);
}

bool plan_seeks_number(const struct plan *plan)
{
	for (size_t i = 0; i < plan->filter_count; i++)
		if (plan->filters[i].field->type == CITIZEN_NUMBER)
			return true;
	return false;
}

void plan_release(struct plan *plan)
{
	for (size_t i = 0; i < plan->filter_count; i++)
		free(plan->filters[i].value);
	for (size_t i = 0; i < PLAN_SORTS; i++)
		free(plan->after[i]);
	free(plan->words);
	free(plan->reason);
	json_decref(plan->body);
	*plan = (struct plan){0};
}
