/* Query parameters become a plan, or are named as faults. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "support.h"

static const struct caller police = {
	.user = "00000000-0000-7000-8000-000000000001",
	.organization = "cong_an_tinh",
	.unit = "2025-66",
	.units = "*",
	.agency = 1,
	.role = ADMIN,
};

/* "a=b&c=d" as they come decoded from the URL. */
static size_t split(char *text, struct parameter list[32])
{
	size_t count = 0;
	char *rest = NULL;

	for (char *pair = strtok_r(text, "&", &rest); pair; pair = strtok_r(NULL, "&", &rest)) {
		char *value = strchr(pair, '=');

		*value++ = '\0';
		list[count++] = (struct parameter){pair, value};
	}
	return count;
}

static bool parse(struct plan *plan, const char *parameters, const struct caller *caller,
		  struct error *error)
{
	struct parameter list[32];
	size_t count = split(strdup(parameters), list);

	return plan_parse(plan, list, count, caller, keyring(), error);
}

/* `code` NULL: accepted. */
static const struct {
	const struct resource *resource;
	enum operation operation;
	int agency;
	const char *parameters, *name, *code;
} cases_of_parameters[] = {
	{&people, LIST, 1, "", NULL, NULL},
	{&people, LIST, 1, "limit=1", NULL, NULL},
	{&people, LIST, 1, "limit=200", NULL, NULL},
	{&people, LIST, 1, "limit=0", "limit", "out_of_range"},
	{&people, LIST, 1, "limit=201", "limit", "out_of_range"},
	{&people, LIST, 1, "limit=-1", "limit", "out_of_range"},
	{&people, LIST, 1, "limit=+5", "limit", "out_of_range"},
	{&people, LIST, 1, "limit=1e2", "limit", "out_of_range"},
	{&people, LIST, 1, "limit=10abc", "limit", "out_of_range"},
	{&people, LIST, 1, "limit= 5", "limit", "out_of_range"},
	{&people, LIST, 1, "limit=99999999999999999999", "limit", "out_of_range"},
	{&people, LIST, 1, "limit=", "limit", "empty_parameter"},
	{&people, LIST, 1, "cursor=", NULL, NULL},
	{&people, LIST, 1, "cursor=abc", "cursor", "invalid_cursor"},
	{&people, LIST, 1, "cursor=%", "cursor", "invalid_cursor"},
	{&people, LIST, 1, "sort=full_name", NULL, NULL},
	{&people, LIST, 1, "sort=-full_name,id", NULL, NULL},
	{&people, LIST, 1, "sort=full_name,-date_of_birth,updated_at", NULL, NULL},
	{&people, LIST, 1, "sort=full_name,date_of_birth,updated_at,status_since", "sort",
	 "wrong_number_of_items"},
	{&people, LIST, 1, "sort=phone", "sort", "not_sortable"},
	{&people, LIST, 1, "sort=nothing", "sort", "not_sortable"},
	{&people, LIST, 1, "sort=--full_name", "sort", "not_sortable"},
	{&people, LIST, 1, "sort=full_name,full_name", "sort", "repeated"},
	{&people, LIST, 1, "sort=full_name,-full_name", "sort", "repeated"},
	{&people, LIST, 1, "sort=id,full_name", "sort", "not_sortable"},
	{&people, LIST, 1, "sort=full_name;DROP TABLE people", "sort", "not_sortable"},
	{&people, LIST, 1, "sort=full_name,", "sort", "not_sortable"},
	{&people, LIST, 1, "sort=,full_name", "sort", "not_sortable"},
	{&people, LIST, 1, "fields=full_name,sex", NULL, NULL},
	{&people, LIST, 1, "fields=nothing", "fields", "unknown_field"},
	{&people, LIST, 1, "fields=citizen_number_index", "fields", "unknown_field"},
	{&people, LIST, 1, "fields=sex,", "fields", "unknown_field"},
	{&people, LIST, 1, "fields=*", "fields", "unknown_field"},
	{&people, LIST, 2, "fields=health_note", "fields", "hidden_field"},
	{&people, LIST, 2, "sort=full_name", NULL, NULL},
	{&people, LIST, 1, "count=true", NULL, NULL},
	{&people, LIST, 1, "count=1", "count", "boolean_expected"},
	{&people, LIST, 1, "q=nguyen van", NULL, NULL},
	{&people, LIST, 1, "q=-", "q", "too_short"},
	{&people, LIST, 1, "q=a b c d e f g h i", "q", "too_many_words"},
	{&crimes, LIST, 1, "q=x", "q", "not_searchable"},
	{&people, LIST, 1, "format=csv", NULL, NULL},
	{&people, LIST, 1, "format=csv&bom=true", NULL, NULL},
	{&people, LIST, 1, "bom=true", "bom", "csv_only"},
	{&people, LIST, 1, "bom=true&format=ndjson", "bom", "csv_only"},
	{&people, LIST, 1, "format=xml", "format", "value_unknown"},
	{&people, LIST, 1, "format=CSV", "format", "value_unknown"},
	{&people, LIST, 1, "reveal=true", NULL, NULL},
	{&crimes, LIST, 1, "reveal=true", "reveal", "unknown_parameter"},
	{&people, LIST, 1, "updated_since=2026-01-01T00:00:00Z", NULL, NULL},
	{&people, LIST, 1, "updated_since=2026-01-01", "updated_since", "not_an_instant"},
	{&units, LIST, 1, "updated_since=2026-01-01T00:00:00Z", "updated_since",
	 "unknown_parameter"},
	{&people, LIST, 1, "status=user,addict", NULL, NULL},
	{&people, LIST, 1, "status=user,", "status", "unknown_code"},
	{&people, LIST, 1, "status=,user", "status", "unknown_code"},
	{&people, LIST, 1, "status=user,x", "status", "unknown_code"},
	{&people, LIST, 1, "status=", "status", "empty_parameter"},
	{&people, LIST, 1, "status[]=user", "status[]", "unknown_parameter"},
	{&people, LIST, 1, "phone=0905123456", "phone", "unknown_parameter"},
	{&people, LIST, 1, "full_name=An", "full_name", "unknown_parameter"},
	{&people, LIST, 1, "nothing=1", "nothing", "unknown_parameter"},
	{&people, LIST, 1, "unit=2025-66", NULL, NULL},
	{&people, LIST, 1, "unit=Buon", "unit", "not_a_unit"},
	{&people, LIST, 1, "citizen_number=066099001234", NULL, NULL},
	{&people, LIST, 1, "citizen_number=066*", "citizen_number", "not_a_citizen_number"},
	{&people, LIST, 1, "date_of_birth_from=2008&date_of_birth_to=2009-02", NULL, NULL},
	{&people, LIST, 1, "date_of_birth=2008", "date_of_birth", "unknown_parameter"},
	{&people, LIST, 1, "status_from=user", "status_from", "unknown_parameter"},
	{&people, LIST, 1, "status_since_from=2026-02-29", "status_since_from", "not_a_date"},
	{&people, LIST, 1, "created_at_from=2026-01-01T00:00:00Z", "created_at_from",
	 "unknown_parameter"},
	{&people, LIST, 1, "_from=2026-01-01", "_from", "unknown_parameter"},
	{&people, LIST, 1, "institution=1", "institution", "not_a_uuid"},
	{&crimes, LIST, 1, "youth_related=true", NULL, NULL},
	{&crimes, LIST, 1, "youth_related=true,false", "youth_related", "boolean_expected"},
	{&tasks, LIST, 1, "agency=1,2,19", NULL, NULL},
	{&tasks, LIST, 1, "agency=one", "agency", "integer_expected"},
	{&tasks, LIST, 1, "partner_agencies=4,5", NULL, NULL},
	{&people, LIST, 1, "source=a\"b,c\\d", NULL, NULL},
	{&people, LIST, 16, "citizen_number=066099001234", NULL, NULL},
	{&interventions, LIST, 14, "person=01890a5d-ac96-774b-bcce-b302099a8057", "person",
	 "hidden_field"},
	{&people, READ, 1, "fields=sex", NULL, NULL},
	{&people, READ, 1, "limit=1", "limit", "unknown_parameter"},
	{&people, READ, 1, "status=user", "status", "unknown_parameter"},
	{&people, READ, 1, "reason=duplicate", "reason", "unknown_parameter"},
	{&people, REMOVE, 1, "reason=duplicate", NULL, NULL},
	{&people, REMOVE, 1, "reason=because", "reason", "unknown_code"},
	{&people, REMOVE, 1, "fields=sex", "fields", "unknown_parameter"},
	{&people, UPDATE, 1, "fields=sex", "fields", "unknown_parameter"},
	{&people, CREATE, 1, "dry_run=true", "dry_run", "unknown_parameter"},
};

START_TEST(a_parameter_is_read_or_named)
{
	struct plan plan = {.resource = cases_of_parameters[_i].resource,
			    .operation = cases_of_parameters[_i].operation};
	struct caller caller = police;
	struct error error = {0};

	caller.agency = cases_of_parameters[_i].agency;
	bool accepted = parse(&plan, cases_of_parameters[_i].parameters, &caller, &error);
	const json_t *fault = json_array_get(error.faults, 0);
	ck_assert_pstr_eq(json_string_value(json_object_get(fault, "code")),
			  cases_of_parameters[_i].code);
	ck_assert_pstr_eq(json_string_value(json_object_get(fault, "pointer")),
			  cases_of_parameters[_i].name);
	ck_assert_int_eq(accepted, !cases_of_parameters[_i].code);
	ck_assert_int_eq(error.kind, accepted ? ERROR_NONE : ERROR_MALFORMED);
	plan_release(&plan);
}
END_TEST

START_TEST(every_sort_ends_in_the_key)
{
	static const char *const sorts[] = {"", "sort=full_name", "sort=-id", "sort=full_name,-id"};

	for (size_t i = 0; i < 4; i++) {
		struct plan plan = {.resource = &people, .operation = LIST};
		struct error error = {0};

		ck_assert(parse(&plan, sorts[i], &police, &error));
		ck_assert_ptr_eq(plan.sorts[plan.sort_count - 1].field, resource_key(&people));
		plan_release(&plan);
	}
}
END_TEST

/* A cursor made for the first query by the police, tried with another or by another. */
static const struct caller others[] = {
	{"00000000-0000-7000-8000-000000000001", "", "cong_an_tinh", "2025-66", "*", 1, ADMIN},
	{"00000000-0000-7000-8000-000000000002", "", "cong_an_tinh", "2025-66", "*", 1, ADMIN},
	{"00000000-0000-7000-8000-000000000001", "", "so_y_te", "2025-66", "*", 1, ADMIN},
	{"00000000-0000-7000-8000-000000000001", "", "cong_an_tinh", "2025-66", "*", 4, ADMIN},
	{"00000000-0000-7000-8000-000000000001", "", "cong_an_tinh", "2025-66", "*", 1, VIEWER},
	{"00000000-0000-7000-8000-000000000001", "", "cong_an_tinh", "2025-24121", "*", 1, ADMIN},
};

static const struct {
	const char *parameters;
	int caller; /* in `others` */
	bool fits;
} cursors[] = {
	{"sort=full_name&status=user", 0, true},
	{"sort=full_name&status=user&limit=3", 0, true},
	{"sort=full_name&status=user&fields=sex", 0, true},
	{"sort=full_name&status=user&count=true", 0, true},
	{"sort=full_name&status=addict", 0, false},
	{"sort=full_name", 0, false},
	{"sort=-full_name&status=user", 0, false},
	{"sort=date_of_birth&status=user", 0, false},
	{"status=user", 0, false},
	{"sort=full_name&status=user&q=an", 0, false},
	{"sort=full_name&status=user", 1, false},
	{"sort=full_name&status=user", 2, false},
	{"sort=full_name&status=user", 3, false},
	{"sort=full_name&status=user", 4, false},
	{"sort=full_name&status=user", 5, false},
};

START_TEST(a_cursor_works_for_its_own_query_and_caller_alone)
{
	struct plan made_for = {.resource = &people, .operation = LIST};
	struct plan used_for = {.resource = &people, .operation = LIST};
	const char *values[] = {"Nguyễn Văn An", "01890a5d-ac96-774b-bcce-b302099a8057"};
	struct error error = {0};

	ck_assert(parse(&made_for, cursors[0].parameters, &others[0], &error));
	char *cursor = plan_cursor(&made_for, &others[0], keyring(), values);
	char *parameters = text_of("%s&cursor=%s", cursors[_i].parameters, cursor);
	ck_assert_int_eq(parse(&used_for, parameters, &others[cursors[_i].caller], &error),
			 cursors[_i].fits);
	if (cursors[_i].fits)
		ck_assert_str_eq(used_for.after[0], values[0]);
	else
		ck_assert_int_eq(error.kind, ERROR_MALFORMED);
}
END_TEST

Suite *plan_suite(void)
{
	Suite *suite = suite_create("plan");
	TCase *cases = tcase_create("plan");

	add_rows(cases, a_parameter_is_read_or_named, cases_of_parameters);
	tcase_add_test(cases, every_sort_ends_in_the_key);
	add_rows(cases, a_cursor_works_for_its_own_query_and_caller_alone, cursors);
	suite_add_tcase(suite, cases);
	return suite;
}
