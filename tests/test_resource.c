/* Objects against the tables in core/resources/, and those tables against the database. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "text.h"

static const char person_minimal[] =
	"'full_name': 'An', 'date_of_birth': '1999', 'sex': 'male', 'unit': '2025-24121'";
static const char intervention_minimal[] =
	"'kind': 'counselling', 'status': 'planned', 'starts_on': '2026-01-01'";
static const char crime_minimal[] =
	"'article': '249', 'detected_on': '2026-01-02', 'unit': '2025-24121'";
static const char status_minimal[] = "'status': 'at_risk', 'starts_on': '2026-01-01'";
static const char progress_minimal[] =
	"'assignment': '01890a5d-ac96-774b-bcce-b302099a8057', 'reported_on': '2026-01-01', "
	"'status': 'submitted', 'percent': 50, 'summary': 'x'";

/* `code` NULL: accepted. `minimal` NULL: nothing but `members`. */
static const struct {
	const struct resource *resource;
	enum operation operation;
	int agency;
	const char *minimal, *members, *pointer, *code;
} objects[] = {
	{&people, CREATE, 1, person_minimal, "", NULL, NULL},
	{&people, CREATE, 1, NULL, "'full_name': 'An'", "/unit", "required"},
	{&people, CREATE, 1, NULL, "'unit': null", "/unit", "required"},
	{&people, CREATE, 1, person_minimal, ", 'phone': null", NULL, NULL},
	{&people, CREATE, 1, person_minimal, ", 'classification': null", "/classification",
	 "required"},
	{&people, CREATE, 1, person_minimal, ", 'colour': 'red'", "/colour", "unknown_field"},
	{&people, CREATE, 1, person_minimal, ", 'a/b~c': 1", "/a~1b~0c", "unknown_field"},
	{&people, CREATE, 1, person_minimal, ", '': 1", "/", "unknown_field"},
	{&people, CREATE, 1, person_minimal, ", 'id': 'x'", "/id", "read_only"},
	{&people, CREATE, 1, person_minimal, ", 'organization': 'so_y_te'", "/organization",
	 "read_only"},
	{&people, CREATE, 1, person_minimal, ", 'version': 1", "/version", "read_only"},
	{&people, CREATE, 1, person_minimal, ", 'status': 'user'", "/status", "read_only"},
	{&people, CREATE, 1, person_minimal, ", 'created_by': 'x'", "/created_by", "unknown_field"},
	{&people, CREATE, 1, person_minimal, ", 'citizen_number_index': 'x'",
	 "/citizen_number_index", "unknown_field"},
	{&people, CREATE, 1, person_minimal, ", 'is_court_matter': true", "/is_court_matter",
	 "unknown_field"},
	{&people, CREATE, 1, person_minimal, ", 'criminal_record': 'x'", NULL, NULL},
	{&people, CREATE, 19, person_minimal, ", 'criminal_record': 'x'", "/criminal_record",
	 "not_yours_to_write"},
	{&people, UPDATE, 1, NULL, "", "", "nothing_to_change"},
	{&people, UPDATE, 1, NULL, "'phone': null", NULL, NULL},
	{&people, UPDATE, 1, NULL, "'full_name': null", "/full_name", "required"},
	{&people, UPDATE, 1, NULL, "'source': 'x'", "/source", "fixed"},
	{&people, UPDATE, 1, NULL, "'external_id': null", "/external_id", "fixed"},
	/* the rules across two fields */
	{&interventions, CREATE, 1, intervention_minimal, "", "/person", "required"},
	{&person_interventions, CREATE, 1, intervention_minimal, "", NULL, NULL},
	{&person_interventions, CREATE, 1, intervention_minimal, ", 'person': 'x'", "/person",
	 "read_only"},
	{&person_interventions, CREATE, 1, intervention_minimal, ", 'ends_on': '2025-12-31'",
	 "/ends_on", "before"},
	{&person_interventions, CREATE, 1, intervention_minimal, ", 'ends_on': '2026-01-01'", NULL,
	 NULL},
	{&person_interventions, CREATE, 1, intervention_minimal, ", 'employer': 'x'", "/employer",
	 "forbidden_unless"},
	{&person_interventions, CREATE, 1, intervention_minimal, ", 'rehab_form': 'compulsory'",
	 "/rehab_form", "forbidden_unless"},
	{&person_interventions, CREATE, 1, intervention_minimal, ", 'loan_amount': 5",
	 "/loan_amount", "forbidden_unless"},
	{&person_interventions, CREATE, 1, NULL,
	 "'kind': 'rehab', 'status': 'planned', 'starts_on': '2026-01-01'", "/rehab_form",
	 "required_when"},
	{&person_interventions, CREATE, 1, NULL,
	 "'kind': 'loan', 'status': 'planned', 'starts_on': '2026-01-01', 'loan_amount': 5", NULL,
	 NULL},
	{&person_interventions, CREATE, 1, NULL,
	 "'kind': 'loan', 'status': 'completed', 'starts_on': '2026-01-01'", "/ends_on",
	 "required_when"},
	{&person_interventions, UPDATE, 1, NULL, "'status': 'completed'", NULL,
	 NULL}, /* it may be there */
	{&person_interventions, UPDATE, 1, NULL, "'status': 'completed', 'ends_on': null",
	 "/ends_on", "required_when"},
	{&person_interventions, UPDATE, 1, NULL, "'kind': 'loan'", "/kind", "fixed"},
	{&crimes, CREATE, 1, crime_minimal, ", 'occurred_on': '2026-01-02'", NULL, NULL},
	{&crimes, CREATE, 1, crime_minimal, ", 'occurred_on': '2026-01-03'", "/detected_on",
	 "before"},
	{&crimes, CREATE, 1, crime_minimal, ", 'stage': 'source'", "/stage", "read_only"},
	{&person_statuses, CREATE, 1, status_minimal, "", NULL, NULL},
	{&person_statuses, CREATE, 1, status_minimal, ", 'close_reason': 'moved'", "/close_reason",
	 "forbidden_unless"},
	{&person_statuses, CREATE, 1, NULL, "'status': 'closed', 'starts_on': '2026-01-01'",
	 "/close_reason", "required_when"},
	{&person_statuses, CREATE, 1, NULL, "'status': 'user', 'starts_on': '2026-01-01'",
	 "/tested_on", "required_when"},
	{&person_statuses, CREATE, 1, status_minimal, ", 'ends_on': '2027-01-01'", "/ends_on",
	 "read_only"},
	{&person_statuses, UPDATE, 1, NULL, "'starts_on': '2026-01-01'", "/starts_on", "fixed"},
	{&task_progress, CREATE, 1, progress_minimal, "", NULL, NULL},
	{&task_progress, CREATE, 2, progress_minimal, ", 'rating': 'met'", "/rating",
	 "not_yours_to_write"},
	{&task_progress, CREATE, 1, progress_minimal, ", 'rating': 'met'", NULL, NULL},
	{&task_progress, UPDATE, 1, NULL, "'status': 'returned', 'return_reason': null",
	 "/return_reason", "required_when"},
};

START_TEST(an_object_is_accepted_or_its_fault_is_named)
{
	const char *minimal = objects[_i].minimal;
	json_t *sent = object("{%s%s}", minimal ? minimal : "", objects[_i].members);
	struct error error = {0};
	bool found = false;
	size_t i;
	json_t *fault;

	bool accepted = resource_accepts(objects[_i].resource, objects[_i].operation, sent,
					 objects[_i].agency, TODAY, &error);
	char *faults = json_dumps(error.faults, JSON_ENCODE_ANY);
	ck_assert_msg(accepted == !objects[_i].code, "%s", faults);
	json_array_foreach(error.faults, i, fault) {
		found = found || (!strcmp(json_string_value(json_object_get(fault, "pointer")),
					  objects[_i].pointer) &&
				  !strcmp(json_string_value(json_object_get(fault, "code")),
					  objects[_i].code));
	}
	ck_assert_msg(accepted || found || !strcmp(error.code, objects[_i].code), "%s", faults);
}
END_TEST

START_TEST(every_fault_is_told_at_once)
{
	json_t *sent = object("{'full_name': '', 'sex': 'x', 'unit': 'y', 'colour': 1}");
	struct error error = {0};

	ck_assert(!resource_accepts(&people, CREATE, sent, 1, TODAY, &error));
	ck_assert_uint_eq(json_array_size(error.faults), 5);
	ck_assert_int_eq(error.kind, ERROR_INVALID);
}
END_TEST

START_TEST(what_is_no_object_is_malformed)
{
	static const char *const wrong[] = {"[]", "'x'", "1", "null", "true"};

	for (size_t i = 0; i < 5; i++) {
		struct error error = {0};

		ck_assert(!resource_accepts(&people, CREATE, object("%s", wrong[i]), 1, TODAY,
					    &error));
		ck_assert_int_eq(error.kind, ERROR_MALFORMED);
	}
}
END_TEST

/* The tables themselves */

static const char *column_type(enum field_type type)
{
	static const char *const types[FIELD_TYPES] = {
		[UUID] = "uuid",
		[REFERENCE] = "uuid",
		[TEXT] = "text",
		[NAME] = "text",
		[CODE] = "text",
		[CODES] = "ARRAY",
		[DATE] = "date",
		[PARTIAL_DATE] = "text",
		[INSTANT] = "timestamp with time zone",
		[INTEGER] = "integer|smallint|bigint",
		[DECIMAL] = "numeric",
		[BOOLEAN] = "boolean",
		[UNIT] = "text",
		[ORGANIZATION] = "text",
		[PHONE] = "text",
		[CITIZEN_NUMBER] = "text",
		[TEXTS] = "ARRAY",
		[INTEGERS] = "ARRAY",
		[DOCUMENT] = "json|jsonb",
	};
	return types[type];
}

/* What is known of each column of the resource's table: name, type, whether it may be null. */
static PGresult *columns_of(const struct resource *resource)
{
	return PQexec(sql_open(AS_OWNER), text_of("SELECT column_name, data_type, is_nullable FROM "
						  "information_schema.columns "
						  "WHERE table_name = '%s'",
						  resource->table));
}

static void check_column(const PGresult *columns, const struct resource *resource,
			 const struct field *field)
{
	int row = 0;

	while (row < PQntuples(columns) && strcmp(PQgetvalue(columns, row, 0), field->name) != 0)
		row++;
	ck_assert_msg(row < PQntuples(columns), "%s.%s has no column", resource->table,
		      field->name);
	ck_assert_msg(strstr(column_type(field->type), PQgetvalue(columns, row, 1)) != NULL,
		      "%s.%s is %s", resource->table, field->name, PQgetvalue(columns, row, 1));
	bool is_never_null = field->flags & (REQUIRED | HAS_DEFAULT) &&
			     !(resource->traits & OWN_RULES); /* a view cannot say so */
	ck_assert_msg(!is_never_null || !strcmp(PQgetvalue(columns, row, 2), "NO"),
		      "%s.%s may be null", resource->table, field->name);
}

START_TEST(every_field_is_a_column_of_its_type)
{
	const struct resource *resource = resources[_i];
	PGresult *columns = columns_of(resource);

	for (const struct field *field = resource->fields; field->name; field++) {
		if (!field->column)
			check_column(columns, resource, field);
		ck_assert_msg(!field->column || field->flags & READ_ONLY, "%s.%s is computed",
			      resource->table, field->name);
		ck_assert_msg(!(field->flags & SEARCH) || resource->search, "%s.%s",
			      resource->table, field->name);
		ck_assert_msg((field->type != CODE && field->type != CODES) || field->codes,
			      "%s.%s", resource->table, field->name);
		ck_assert_msg(field->type != REFERENCE || field->references, "%s.%s",
			      resource->table, field->name);
	}
}
END_TEST

/* What is NOT NULL without a default and written by nobody could never be created. */
START_TEST(every_column_that_must_be_filled_is_required)
{
	const struct resource *resource = resources[_i];

	if (resource->traits & REFERENCE_DATA)
		return;
	PGresult *rows = PQexec(sql_open(AS_OWNER),
				text_of("SELECT column_name FROM information_schema.columns WHERE "
					"table_name = '%s' "
					"AND is_nullable = 'NO' AND column_default IS NULL AND "
					"is_generated = 'NEVER'",
					resource->table));
	for (int row = 0; row < PQntuples(rows); row++) {
		const char *name = PQgetvalue(rows, row, 0);
		const struct field *field = resource_field(resource, name);
		bool is_parent = resource->parent && !strcmp(name, resource->parent_field);
		/* Filled by a trigger, or with the name it belongs to. */
		bool is_made = !strcmp(name, "id") || !strcmp(name, "unit") ||
			       strstr(name, "_keys");

		ck_assert_msg(is_parent || is_made ||
				      (field && field->flags & (REQUIRED | READ_ONLY)),
			      "%s.%s is never filled", resource->table, name);
	}
}
END_TEST

/* A CHECK lists the codes of the C table, and so does the foreign label. */
START_TEST(every_code_is_allowed_by_the_column)
{
	const struct resource *resource = resources[_i];

	for (const struct field *field = resource->fields; field->name; field++) {
		auto_text values = {0};

		if (!field->codes || field->column)
			continue;
		char *check = sql(AS_OWNER,
				  "SELECT string_agg(pg_get_expr(conbin, conrelid), ' AND ') "
				  "FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND "
				  "conkey = ARRAY[attnum] WHERE contype = 'c' AND conrelid = "
				  "'%s'::regclass AND attname = '%s'",
				  resource->table, field->name);
		ck_assert_msg(check || resource->traits & (REFERENCE_DATA | OWN_RULES),
			      "%s.%s takes anything", resource->table, field->name);
		for (const char *const *code = field->codes->codes; *code; code++)
			text_addf(&values,
				  field->type == CODES ? "%s('{%s}'::text[])" : "%s('%s'::text)",
				  values.length ? ", " : "", *code);
		char *refused = sql(AS_OWNER,
				    "SELECT string_agg(%s::text, ' ') FROM (VALUES %s) AS one (%s) "
				    "WHERE NOT (%s)",
				    field->name, text_string(&values), field->name,
				    check ? check : "true");
		ck_assert_msg(!refused, "%s.%s refuses %s", resource->table, field->name, refused);
	}
}
END_TEST

Suite *resource_suite(void)
{
	Suite *suite = suite_create("resource");
	TCase *cases = tcase_create("resource");
	int count = 0;

	while (resources[count])
		count++;
	add_rows(cases, an_object_is_accepted_or_its_fault_is_named, objects);
	tcase_add_test(cases, every_fault_is_told_at_once);
	tcase_add_test(cases, what_is_no_object_is_malformed);
	tcase_add_loop_test(cases, every_field_is_a_column_of_its_type, 0, count);
	tcase_add_loop_test(cases, every_column_that_must_be_filled_is_required, 0, count);
	tcase_add_loop_test(cases, every_code_is_allowed_by_the_column, 0, count);
	suite_add_tcase(suite, cases);
	return suite;
}
