/* Grants → conditions on rows, and from them the row policies of PostgreSQL: the second net under
 * every request, made of the same table as the first. */
#include "policies.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "query.h"

/* "{table}" stands for the row; people and what hangs on them have the columns named here. */
static const char *const row_conditions[ROW_CONDITIONS] = {
	[STUDENTS] = "{table}.institution IS NOT NULL",
	[BORDER] = "{table}.unit = ANY ((SELECT border_communes())::text[])",
	[SCHOOL_KINDS] =
		"{table}.kind IN ('counselling', 'behaviour_education') AND EXISTS (SELECT "
		"FROM people WHERE people.id = {table}.person)",
	[HEALTH_KINDS] = "{table}.kind IN ('screening', 'assessment', 'counselling', 'treatment', "
			 "'substitution', 'psychological')",
	[COMMUNITY_KIND] = "{table}.kind = 'community_support'",
	[LOAN_KIND] = "{table}.kind = 'loan'",
	[REINTEGRATION_KINDS] =
		"{table}.kind IN ('vocational_training', 'employment', 'loan', 'mentoring')",
	[COUNSEL_KINDS] = "{table}.kind IN ('counselling', 'community_support')",
	[CRIME_LINKED] = "{table}.is_court_matter",
	[AFTERCARE] = "{table}.status IN ('post_rehab', 'released')",
	[NO_SMALL_PLACE] =
		"({table}.indicator !~ '^(I|II[.]1)[.]|^II[.]3[.][cd]$' OR EXISTS (SELECT "
		"FROM units WHERE units.key = {table}.unit AND level = 'province'))",
	[ADMINISTRATION] = "{table}.resource IN ('users', 'clients', 'sessions', "
			   "'organizations')",
	[PROVINCE_WIDE] = "(SELECT caller_everywhere())",
	[HELD] = "EXISTS (SELECT FROM people AS held WHERE held.id = {table}.person AND ((SELECT "
		 "caller_everywhere()) OR held.unit = ANY ((SELECT caller_units())::text[])))",
};

/* Each (SELECT …) is evaluated once for a statement, not for each row, but set up for each, which
 * for one record costs more than all else: where one grant alone has the scope, whether it is the
 * caller's is {granted}, asked inside. */
static const char *const scope_conditions[SCOPES] = {
	[EVERYWHERE] = "true",
	[TERRITORY] = "((SELECT {granted} AND caller_everywhere()) OR {table}.unit = ANY "
		      "((SELECT CASE WHEN {granted} THEN caller_units() END)::text[]))",
	[OWN] = "{table}.organization = (SELECT CASE WHEN {granted} THEN caller_organization() "
		"END)",
	[SHARED] =
		"{table}.id = ANY ((SELECT CASE WHEN {granted} THEN caller_people() END)::uuid[])",
	[PARTY] = "({table}.organization = (SELECT caller_organization()) OR "
		  "{table}.to_organization = (SELECT caller_organization()))",
	[ASSIGNED] =
		"({table}.organization = (SELECT caller_organization()) OR EXISTS (SELECT FROM "
		"task_assignments AS given WHERE given.id = {table}.assignment AND "
		"given.assignee = (SELECT caller_organization())))",
	[EITHER_END] = "((SELECT caller_everywhere()) OR {table}.from_unit = ANY "
		       "((SELECT caller_units())::text[]) OR {table}.to_unit = ANY "
		       "((SELECT caller_units())::text[]))",
	[VIA_PARENT] = "EXISTS (SELECT FROM {parent} WHERE {parent}.id = {table}.{parent_field})",
};

/* What "{table}" and "{granted}" stand for, when not for the table and for true. */
struct words {
	const char *table, *granted;
};

static const struct words plain_words;

static const char *meaning(const char *word, const struct resource *resource,
			   const struct words *words)
{
	if (!strncmp(word, "{table}", 7))
		return words->table ? words->table : resource->table;
	if (!strncmp(word, "{parent}", 8))
		return resource->parent->table;
	if (!strncmp(word, "{parent_field}", 14))
		return resource->parent_field;
	return words->granted ? words->granted : "true";
}

static void add_condition(struct text *sql, const char *condition, const struct resource *resource,
			  const struct words *words)
{
	while (*condition) {
		size_t length = strcspn(condition, "{");

		text_add_bytes(sql, condition, length);
		condition += length;
		if (!*condition)
			return;
		text_add(sql, meaning(condition, resource, words));
		condition += strcspn(condition, "}") + 1;
	}
}

void policy_condition(struct text *sql, const struct grant *grant)
{
	add_condition(sql, scope_conditions[grant->scope], grant->resource, &plain_words);
	if (grant->rows != ALL_ROWS) {
		text_add(sql, " AND ");
		add_condition(sql, row_conditions[grant->rows], grant->resource, &plain_words);
	}
}

bool policy_is_plain(const struct caller *caller, const struct grant *grant)
{
	const struct grant *visible[8];
	size_t count = access_grants(caller->agency, grant->resource, READ, visible, 8);

	if (grant->rows != ALL_ROWS)
		return false;
	if (grant->scope == TERRITORY && !strcmp(caller->units, "*"))
		return true;
	for (size_t i = 0; i < count; i++)
		if (grant->scope != EVERYWHERE && visible[i]->scope != grant->scope)
			return false;
	return true;
}

/* Whether the caller's agency is one of a set; the operator is 0. */
static void add_is_of(struct text *sql, agency_set set)
{
	text_add(sql, "caller_is_of('{");
	for (int agency = 0; agency < 20; agency++)
		if (set & ONE(agency))
			text_addf(sql, "%s%d", text_string(sql)[sql->length - 1] == '{' ? "" : ",",
				  agency);
	text_add(sql, "}')");
}

/* " AND the caller's role is one of …", unless any may. */
static void add_roles(struct text *sql, unsigned roles)
{
	const char *comma = "";

	if (!roles)
		return;
	text_add(sql, " AND caller_role() IN (");
	for (int role = 0; role < ROLES; role++)
		if (roles & ONE(role)) {
			text_addf(sql, "%s'%s'", comma, role_names[role]);
			comma = ", ";
		}
	text_add_char(sql, ')');
}

/* Whether a grant takes part; grants that differ in their agencies alone are one condition. */
static bool takes_part(const struct grant *grant, const struct resource *resource,
		       unsigned operations, enum scope scope)
{
	return grant->resource == resource && grant->operations & operations &&
	       grant->scope == scope;
}

static agency_set agencies_of(const struct grant *like, unsigned operations)
{
	agency_set set = 0;

	for (const struct grant *grant = grants; grant->agencies; grant++)
		if (takes_part(grant, like->resource, operations, like->scope) &&
		    grant->rows == like->rows && grant->roles == like->roles) {
			if (!set && grant != like)
				return 0; /* said there */
			set |= grant->agencies;
		}
	return set;
}

/* The grants of one scope that differ in more than their agencies. */
struct rule_of_scope {
	const struct grant *grant;
	agency_set agencies;
};

enum { RULES_OF_SCOPE = 8 };

static int rules_of(const struct resource *resource, unsigned operations, enum scope scope,
		    struct rule_of_scope rules[RULES_OF_SCOPE])
{
	int count = 0;

	for (const struct grant *grant = grants; grant->agencies; grant++) {
		agency_set set = takes_part(grant, resource, operations, scope)
					 ? agencies_of(grant, operations)
					 : 0;

		assert(!set || count < RULES_OF_SCOPE);
		if (set)
			rules[count++] = (struct rule_of_scope){grant, set};
	}
	return count;
}

/* True when no agency has two of them and any role may, so that the agency alone says which rows
 * are seen. */
static bool rules_are_apart(const struct rule_of_scope *rules, int count)
{
	agency_set seen = ONE(0);

	for (int i = 0; i < count; i++) {
		if (rules[i].agencies & seen || rules[i].grant->roles)
			return false;
		seen |= rules[i].agencies;
	}
	return true;
}

static void add_is_for(struct text *sql, const struct rule_of_scope *rule)
{
	add_is_of(sql, rule->agencies);
	add_roles(sql, rule->grant->roles);
}

/* The rows that one grant reaches within its scope. */
static void add_reach(struct text *sql, const struct grant *grant)
{
	if (grant->rows == ALL_ROWS)
		text_add(sql, "true");
	else
		add_condition(sql, row_conditions[grant->rows], grant->resource, &plain_words);
}

/* Each asked for itself. */
static void add_each(struct text *sql, const struct rule_of_scope *rules, int count)
{
	for (int i = 0; i < count; i++) {
		text_add(sql, i ? "\n\t\tOR (SELECT " : "(SELECT ");
		add_is_for(sql, &rules[i]);
		text_add(sql, ") AND ");
		add_reach(sql, rules[i].grant);
	}
}

/* All by one look: the number of the caller's, by its agency. */
static void add_choice(struct text *sql, const struct rule_of_scope *rules, int count)
{
	text_add(sql, "CASE (SELECT ('{");
	for (int agency = 1; agency < 20; agency++) {
		int number = 0;

		for (int i = 0; i < count; i++)
			if (rules[i].agencies & ONE(agency))
				number = i + 1;
		text_addf(sql, "%s%d", agency > 1 ? "," : "", number);
	}
	text_add(sql, "}'::integer[])[caller_agency()])");
	for (int i = 0; i < count; i++) {
		text_addf(sql, "\n\t\tWHEN %d THEN ", i + 1);
		add_reach(sql, rules[i].grant);
	}
	text_add(sql, "\n\tELSE false END");
}

static void add_scope(struct text *sql, const struct resource *resource, enum scope scope,
		      const struct rule_of_scope *rules, int count)
{
	const char *condition = scope_conditions[scope];
	auto_text granted = {0};

	if (count == 1 && rules->grant->rows == ALL_ROWS && strstr(condition, "{granted}"))
		add_is_for(&granted, rules);
	else {
		text_add_char(sql, '(');
		if (count > 1 && rules_are_apart(rules, count))
			add_choice(sql, rules, count);
		else
			add_each(sql, rules, count);
		text_add(sql, ")\n\t\tAND ");
		text_add(&granted, "true");
	}
	add_condition(sql, condition, resource, &(struct words){.granted = text_string(&granted)});
}

/* What is listed is read. */
static const char *name_of(unsigned operations)
{
	int operation = READ;

	while (operation < OPERATIONS - 1 && !(operations & (ONE(LIST) | ONE(operation))))
		operation++;
	return operation_names[operation];
}

/* The function {table}_{operation}_rows: whose rows it tells, and the columns it is told. */
struct rows_asked {
	struct text name, cases, declared, passed;
};

static void rows_asked_release(struct rows_asked *asked)
{
	text_release(&asked->name);
	text_release(&asked->cases);
	text_release(&asked->declared);
	text_release(&asked->passed);
}

/* Each column that the condition speaks of, once. */
static void add_arguments(struct rows_asked *asked, const char *condition, const char *table)
{
	static const char row[] = "{table}.";

	for (const char *at = strstr(condition, row); at; at = strstr(at, row)) {
		size_t length = strspn(at += sizeof row - 1, "abcdefghijklmnopqrstuvwxyz_");
		auto_text declared = {0};

		text_addf(&declared, "%.*s %s.%.*s%%TYPE", (int)length, at, table, (int)length, at);
		if (strstr(text_string(&asked->declared), text_string(&declared)))
			continue;
		text_addf(&asked->declared, "%s%s", asked->declared.length ? ", " : "",
			  text_string(&declared));
		text_addf(&asked->passed, "%s%s.%.*s", asked->passed.length ? ", " : "", table,
			  (int)length, at);
	}
}

static const char *asked_of(enum rows rows)
{
	return rows == ALL_ROWS ? "true"
	       : rows == BORDER ? "is_border_commune({table}.unit)"
				: row_conditions[rows];
}

static void ask_rows(struct rows_asked *asked, const struct resource *resource, unsigned operations,
		     const struct rule_of_scope *rules, int count)
{
	text_addf(&asked->name, "%s_%s_rows", resource->table, name_of(operations));
	add_arguments(asked, "{table}.unit", resource->table);
	for (int i = 0; i < count; i++) {
		const char *condition = asked_of(rules[i].grant->rows);

		assert(!strstr(condition, "SELECT"));
		add_arguments(asked, condition, resource->table);
		text_add(&asked->cases, "\n\t\tWHEN ");
		add_is_for(&asked->cases, &rules[i]);
		text_add(&asked->cases, " THEN ");
		add_condition(&asked->cases, condition, resource,
			      &(struct words){.table = text_string(&asked->name)});
	}
}

/* Not in SQL: inlined, it would be set up for each statement. */
static void add_rows_function(struct text *sql, const struct resource *resource,
			      unsigned operations)
{
	__attribute__((cleanup(rows_asked_release))) struct rows_asked asked = {0};
	struct rule_of_scope rules[RULES_OF_SCOPE];
	int count = rules_of(resource, operations, TERRITORY, rules);

	if (count < 2)
		return;
	ask_rows(&asked, resource, operations, rules, count);
	text_addf(sql,
		  "CREATE FUNCTION %s(%s) RETURNS boolean\n"
		  "LANGUAGE plpgsql STABLE PARALLEL SAFE\nAS $rows$\nBEGIN\n"
		  "\tRETURN (caller_everywhere() OR %s.unit = ANY (caller_units())) AND CASE"
		  "%s\n\tELSE false END;\nEND\n$rows$;\n",
		  text_string(&asked.name), text_string(&asked.declared), text_string(&asked.name),
		  text_string(&asked.cases));
	text_addf(sql,
		  "REVOKE ALL ON FUNCTION %s FROM PUBLIC;\n"
		  "GRANT EXECUTE ON FUNCTION %s TO lachan_service, lachan_reader;\n",
		  text_string(&asked.name), text_string(&asked.name));
}

/* Several grants of a territory: who has all of the province is told by the policy, and of
 * everybody else a function is asked. */
static void add_territory(struct text *sql, const struct resource *resource, unsigned operations,
			  const struct rule_of_scope *rules, int count)
{
	__attribute__((cleanup(rows_asked_release))) struct rows_asked asked = {0};
	agency_set all = 0;

	for (int i = 0; i < count; i++)
		all |= rules[i].grant->rows == ALL_ROWS && !rules[i].grant->roles
			       ? rules[i].agencies
			       : 0;
	ask_rows(&asked, resource, operations, rules, count);
	text_add(sql, "(SELECT ");
	add_is_of(sql, all);
	text_addf(sql, " AND caller_everywhere())\n\tOR %s(%s)", text_string(&asked.name),
		  text_string(&asked.passed));
}

/* All grants of one of the operations joined by OR, each scope said once: what a policy says is set
 * up for each statement. Returns how many scopes there are. */
static int add_grants(struct text *sql, const struct resource *resource, unsigned operations)
{
	int scopes = 0;

	for (enum scope scope = 0; scope < SCOPES; scope++) {
		struct rule_of_scope rules[RULES_OF_SCOPE];
		int count = rules_of(resource, operations, scope, rules);

		if (!count)
			continue;
		text_add(sql, scopes++ ? "\n\tOR " : "\n\t");
		if (scope == TERRITORY && count > 1)
			add_territory(sql, resource, operations, rules, count);
		else
			add_scope(sql, resource, scope, rules, count);
	}
	return scopes;
}

static const char writer_roles[] = "(SELECT caller_role()) IN ('officer', 'admin', 'service')";

/* A voided row stays so: only an admin sets the mark, and only where voiding is granted. */
static void add_void_rule(struct text *sql, const struct resource *resource)
{
	auto_text condition = {0};

	text_add(sql, "voided_at IS NULL");
	if (add_grants(&condition, resource, ONE(REMOVE)))
		text_addf(sql, " OR (SELECT caller_role()) = 'admin' AND (%s\n)",
			  text_string(&condition));
}

static void add_policy(struct text *sql, const struct resource *resource, enum operation operation,
		       const char *command, const char *clause, const char *roles)
{
	auto_text condition = {0};
	/* What is read is listed or read: one policy sees to both. */
	unsigned operations = operation == READ ? ONE(LIST) | ONE(READ) : ONE(operation);

	if (!add_grants(&condition, resource, operations))
		return;
	add_rows_function(sql, resource, operations);
	text_addf(sql, "CREATE POLICY %s_%s ON %s FOR %s TO %s\n", resource->table,
		  operation_names[operation], resource->table, command, roles);
	text_addf(sql, "%s (", clause);
	if (operation == CREATE)
		text_addf(sql, "%s AND voided_at IS NULL AND ", writer_roles);
	if (operation == UPDATE)
		text_addf(sql, "%s AND ", writer_roles);
	text_addf(sql, "(%s\n))", text_string(&condition));
	if (operation == UPDATE) {
		text_addf(sql, "\nWITH CHECK (%s AND (%s\n) AND (", writer_roles,
			  text_string(&condition));
		add_void_rule(sql, resource);
		text_add(sql, "))");
	}
	text_add(sql, ";\n");
}

/* Tables that are no resource of their own but belong to the reference data. */
static const char *const reference_tables[] = {
	"unit_successors",
	"organization_agencies",
	"organization_successors",
	"target_milestones",
	"task_links",
	"status_transitions",
	"legal_terms",
	"clock_kinds",
	"subject_request_terms",
	"non_working_days",
	"retention_terms",
	NULL,
};

static bool is_first_of_table(size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (!strcmp(resources[i]->table, resources[at]->table))
			return false;
	return true;
}

static const struct resource *owner_of_table(const struct resource *resource)
{
	return resource == &person_interventions ? &interventions : resource;
}

/* The columns that db/query.c writes for a field, each with a comma before it. */
static void add_columns(struct text *sql, const struct field *field)
{
	text_addf(sql, ", %s", field->name);
	if (field->type == CITIZEN_NUMBER)
		text_addf(sql, ", %s_index, %s_mask", field->name, field->name);
	if (field->flags & SEARCH)
		text_addf(sql, ", %s_keys", field->name);
}

/* What is told by the database, or fixed when created, is not the service's to write. */
static void add_writing(struct text *sql, const struct resource *resource)
{
	auto_text made = {0}, changed = {0};

	for (const struct field *field = resource->fields; field->name; field++) {
		if (!(field->flags & READ_ONLY))
			add_columns(&made, field);
		if (!(field->flags & (READ_ONLY | FIXED)))
			add_columns(&changed, field);
	}
	text_addf(sql, "GRANT INSERT (id%s%s%s) ON %s TO lachan_service;\n",
		  resource->parent ? ", " : "", resource->parent ? resource->parent_field : "",
		  text_string(&made), resource->table);
	text_addf(sql,
		  "GRANT UPDATE (version, updated_at, voided_at, voided_by, void_reason%s) ON %s "
		  "TO lachan_service;\n",
		  text_string(&changed), resource->table);
}

/* Field classes that some agency may not see, of this resource. */
static unsigned masked_classes(const struct resource *resource)
{
	unsigned classes = 0;

	for (int agency = 1; agency < 20; agency++)
		classes |= access_hidden(agency, resource) |
			   access_hidden_of_minors(agency, resource) |
			   access_hidden_of_others_minors(agency, resource);
	return classes;
}

static bool is_masked(const struct resource *resource, const struct field *field)
{
	return field->sensitivity != OPEN && masked_classes(resource) & ONE(field->sensitivity);
}

/* The condition under which who sees like this agency is shown a field of the class. */
static void add_mask(struct text *sql, const struct resource *resource, enum field_class class,
		     int agency)
{
	if (access_hidden(agency, resource) & ONE(class))
		text_add(sql, "false");
	else if (access_hidden_of_others_minors(agency, resource) & ONE(class))
		text_addf(sql,
			  "%s.born_by <= caller.grown_up OR caller.is_everywhere OR %s.unit = ANY "
			  "(caller.units)",
			  resource->table, resource->table);
	else if (access_hidden_of_minors(agency, resource) & ONE(class))
		text_addf(sql, "%s.born_by <= caller.grown_up", resource->table);
	else
		text_add(sql, "true");
}

/* The masks of the columns, as rows; a date of birth has its last day beside it. */
static void add_masks(struct text *sql, const struct resource *resource, int agency)
{
	const char *comma = "";

	for (const struct field *field = resource->fields; field->name; field++) {
		auto_text mask = {0};

		if (!is_masked(resource, field))
			continue;
		/* Nobody may ask for what it sees in one row and not in another. */
		assert(!(access_hidden_of_others_minors(agency, resource) &
			 ONE(field->sensitivity)) ||
		       !(field->flags & (FILTER | SORT | SEARCH)));
		assert(!field->column && field->type != CITIZEN_NUMBER);
		add_mask(&mask, resource, field->sensitivity, agency);
		if (!strcmp(text_string(&mask), "true"))
			continue;
		text_addf(sql, "%s\n\t\t('%s', '%s')", comma, field->name, text_string(&mask));
		if (field->type == PARTIAL_DATE)
			text_addf(sql, ",\n\t\t('born_by', '%s')", text_string(&mask));
		comma = ",";
	}
}

/* By what an agency knows the person that is hidden from it. A referral names the person: beside it
 * a pseudonym would tell whose all the others are. */
static void add_pseudonym(struct text *sql, const struct resource *resource, int agency)
{
	for (const struct field *field = resource->fields; field->name; field++) {
		if (field->type != PSEUDONYM)
			continue;
		if (access_hidden(agency, resource) & ONE(IDENTITY))
			text_addf(sql, ", CASE WHEN %s THEN pseudonym_of(%s.person) END AS %s",
				  resource == &notices ? "kind NOT LIKE ''referral%''" : "true",
				  resource->table, field->name);
		else
			text_addf(sql, ", NULL::text AS %s", field->name);
	}
}

/* What rules of minors ask for. HAVING keeps it one row that is made once for a statement. */
static const char caller_of_minors[] =
	" LEFT JOIN (SELECT (today() - interval '18 years')::date AS grown_up, caller_units() AS "
	"units, caller_everywhere() AS is_everywhere HAVING true) AS caller ON true";

/* Every column in the order of the table, whatever came to it, and the names of those that are
 * hidden in the row. What is asked of the caller is asked of each row, for nothing: so it comes
 * before all that could fail with a value and tell it, and is no node of its own in the plan. */
static const char seen[] =
	"DO $seen$\n"
	"DECLARE\n"
	"	shown text;\n"
	"BEGIN\n"
	"	SELECT string_agg(CASE WHEN mask IS NULL THEN format('%%I.%%I', '%s', attname)\n"
	"			ELSE format('CASE WHEN %%s THEN %%I.%%I END AS %%3$I', mask, '%s', "
	"attname) END, ', ' ORDER BY attnum)\n"
	"		|| ', array_remove(ARRAY[' || coalesce(string_agg(format('CASE WHEN (%%s) "
	"IS NOT TRUE THEN %%L END', mask, attname), ', ') FILTER (WHERE mask IS NOT NULL), '') "
	"|| ']::text[], NULL) AS hidden%s'\n"
	"	INTO shown\n"
	"	FROM pg_attribute\n"
	"	LEFT JOIN (VALUES%s\n"
	"	) AS masked (name, mask) ON name = attname\n"
	"	WHERE attrelid = '%s'::regclass AND attnum > 0 AND NOT attisdropped;\n"
	"	EXECUTE 'CREATE VIEW %s_%d AS SELECT ' || shown || $view$\n"
	"	FROM %s%s\n"
	"	WHERE %s.id IS NULL OR (SELECT %s)$view$;\n"
	"END\n"
	"$seen$;\n";

static void add_view_end(struct text *sql, const char *view, const char *suffix)
{
	text_addf(sql,
		  "ALTER VIEW %s%s OWNER TO lachan_reader;\n"
		  "GRANT SELECT ON %s%s TO lachan_service;\n",
		  view, suffix, view, suffix);
}

/* The same by the keys of its names, which alone are for nobody. */
static void add_search(struct text *sql, const struct resource *resource, int agency,
		       const char *suffix)
{
	if (!resource->search)
		return;
	text_addf(sql,
		  "CREATE VIEW %s_%d AS SELECT people_keys.key, %s_%d.* FROM people_keys JOIN "
		  "%s_%d ON %s_%d.id = people_keys.person;\n",
		  resource->search, agency, resource->seen, agency, resource->seen, agency,
		  resource->seen, agency);
	add_view_end(sql, resource->search, suffix);
}

/* The view of all agencies that see like this one, which shows nobody else anything: what they see
 * is plain, and pages cost what they would without it. */
static void add_view(struct text *sql, const struct resource *resource, int agency)
{
	auto_text masks = {0}, among = {0}, pseudonym = {0};
	const char *table = resource->table;
	agency_set set = 0;
	char suffix[8];

	for (int other = agency; other < 20; other++)
		if (access_sees_like(other, resource) == agency)
			set |= ONE(other);
	add_is_of(&among, set);
	add_masks(&masks, resource, agency);
	if (!masks.length)
		text_add(&masks, " (NULL, NULL)");
	add_pseudonym(&pseudonym, resource, agency);
	text_addf(sql, seen, table, table, text_string(&pseudonym), text_string(&masks), table,
		  resource->seen, agency, table,
		  strstr(text_string(&masks), "caller.") ? caller_of_minors : "", table,
		  text_string(&among));
	snprintf(suffix, sizeof suffix, "_%d", agency);
	add_view_end(sql, resource->seen, suffix);
	add_search(sql, resource, agency, suffix);
}

/* One view for whoever asks, of those of each agency. */
static void add_union(struct text *sql, const struct resource *resource, const char *view)
{
	text_addf(sql, "CREATE VIEW %s AS", view);
	for (int agency = 1; agency < 20; agency++)
		if (access_sees_like(agency, resource) == agency)
			text_addf(sql, "%s SELECT * FROM %s_%d", agency > 1 ? " UNION ALL" : "",
				  view, agency);
	text_add(sql, ";\n");
	add_view_end(sql, view, "");
}

static void add_masked(struct text *sql, const struct resource *resource, const char *prefix)
{
	const char *comma = "";

	for (const struct field *field = resource->fields; field->name; field++)
		if (is_masked(resource, field)) {
			text_addf(sql, "%s%s%s", comma, prefix, field->name);
			if (field->type == PARTIAL_DATE)
				text_addf(sql, ",%sborn_by", prefix);
			comma = ",";
		}
}

/* The columns that are hidden from some agency are shown by views alone. These run with the rights
 * of lachan_reader, for which the row policies hold as they do for the service. */
static void add_seen(struct text *sql, const struct resource *resource)
{
	const char *table = resource->table;

	text_addf(sql,
		  "DO $plain$\n"
		  "BEGIN\n"
		  "	EXECUTE (SELECT format('GRANT SELECT (%%s) ON %s TO lachan_service', "
		  "string_agg(quote_ident(attname), ', '))\n"
		  "		FROM pg_attribute WHERE attrelid = '%s'::regclass AND attnum > 0 "
		  "AND NOT "
		  "attisdropped AND attname <> ALL ('{",
		  table, table);
	add_masked(sql, resource, "");
	text_addf(sql, "}'));\nEND\n$plain$;\nGRANT SELECT ON %s TO lachan_reader;\n", table);
	for (int agency = 1; agency < 20; agency++)
		if (access_sees_like(agency, resource) == agency)
			add_view(sql, resource, agency);
	add_union(sql, resource, resource->seen);
	if (resource->search)
		add_union(sql, resource, resource->search);
}

void policies_masked(struct text *array)
{
	text_add_char(array, '{');
	for (size_t i = 0; resources[i]; i++) {
		auto_text prefix = {0};

		if (!resources[i]->seen)
			continue;
		text_addf(&prefix, "%s.", resources[i]->table);
		text_add(array, array->length > 1 ? "," : "");
		add_masked(array, resources[i], text_string(&prefix));
	}
	text_add_char(array, '}');
}

static void add_reading(struct text *sql, const struct resource *resource)
{
	if (resource->traits & NEWEST_FIRST) /* listed from its view alone */
		return;
	assert(!resource->seen == !masked_classes(resource));
	if (resource->seen)
		add_seen(sql, resource);
	else
		text_addf(sql, "GRANT SELECT ON %s TO lachan_service;\n", resource->table);
}

static void add_resource(struct text *sql, const struct resource *resource)
{

	add_policy(sql, resource, READ, "SELECT", "USING", "lachan_service, lachan_reader");
	if (!(resource->traits & REFERENCE_DATA)) { /* written, if at all, by functions */
		add_policy(sql, resource, CREATE, "INSERT", "WITH CHECK", "lachan_service");
		add_policy(sql, resource, UPDATE, "UPDATE", "USING", "lachan_service");
	}
	add_reading(sql, resource);
	if (!(resource->traits & REFERENCE_DATA))
		add_writing(sql, resource);
}

/* Whatever a grant reaches: a person that was erased is shown to nobody, a restricted one to those
 * alone who answer for its file. A criminal case goes on by its own law, and a notice names no one.
 * The owner, who counts, is a member of lachan_reader: what binds the reader must leave it out. */
static const char *const of_people[] = {"interventions", "referrals", "handovers", "break_glasses",
					NULL};

static void add_restrictions(struct text *sql)
{
	text_add(sql, "CREATE POLICY people_restricted ON people AS RESTRICTIVE TO lachan_service, "
		      "lachan_reader\nUSING (erased_at IS NULL AND restricted_at IS NULL OR "
		      "caller_sees_closed(unit, organization, erased_at));\n");
	for (size_t i = 0; of_people[i]; i++)
		text_addf(sql,
			  "CREATE POLICY %s_restricted ON %s AS RESTRICTIVE TO lachan_service, "
			  "lachan_reader\nUSING ((SELECT current_user = 'lachan_owner') OR NOT "
			  "(uuid_hash_extended(person, 62) = ANY ((SELECT "
			  "closed_people())::bigint[])));\n",
			  of_people[i], of_people[i]);
}

/* Who reads every record of its territory. */
static agency_set readers_of_units(const struct resource *resource)
{
	agency_set set = 0;

	for (const struct grant *grant = grants; grant->agencies; grant++)
		if (takes_part(grant, resource, ONE(READ), TERRITORY) && grant->rows == ALL_ROWS &&
		    !grant->roles)
			set |= grant->agencies;
	return set;
}

/* A change is told to whoever sees the record; that it left, to whoever saw all of the unit. */
static void add_changes(struct text *sql)
{
	text_add(sql, "CREATE POLICY changes_read ON changes FOR SELECT TO lachan_service\nUSING "
		      "(CASE resource");
	for (size_t i = 0; resources[i]; i++) {
		const char *table = resources[i]->table;

		if (!is_first_of_table(i) || !resource_is_followed(resources[i]))
			continue;
		text_addf(sql,
			  "\n\tWHEN '%s' THEN CASE operation WHEN 'leave' THEN left_unit = ANY "
			  "((SELECT caller_units())::text[]) AND (SELECT ",
			  table);
		add_is_of(sql, readers_of_units(resources[i]));
		text_addf(sql, ") ELSE EXISTS (SELECT FROM %s WHERE %s.id = changes.record) END",
			  table, table);
	}
	text_add(sql, "\nEND);\nGRANT SELECT ON changes TO lachan_service;\n");
}

/* A referral outlives what was shared: nobody passes on whom it sees by sharing alone. What is
 * listed is one's own (core/access.c). */
static void add_referring(struct text *sql)
{
	auto_text own = {0};

	add_grants(&own, &people, ONE(LIST));
	text_addf(sql,
		  "CREATE POLICY referrals_own ON referrals AS RESTRICTIVE FOR INSERT TO "
		  "lachan_service\nWITH CHECK (EXISTS (SELECT FROM people WHERE people.id = "
		  "referrals.person AND (%s)));\n",
		  text_string(&own));
}

static const char reset[] =
	"DO $$\n"
	"DECLARE\n"
	"	entry record;\n"
	"BEGIN\n"
	"	FOR entry IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = "
	"'public' LOOP\n"
	"		EXECUTE format('DROP POLICY %I ON %I', entry.policyname, "
	"entry.tablename);\n"
	"	END LOOP;\n"
	"	FOR entry IN SELECT oid::regprocedure AS name FROM pg_proc\n"
	"		WHERE pronamespace = 'public'::regnamespace AND proname LIKE '%\\_rows' "
	"LOOP\n"
	"		EXECUTE format('DROP FUNCTION %s', entry.name);\n"
	"	END LOOP;\n"
	"	FOR entry IN SELECT relname FROM pg_class\n"
	"		WHERE relnamespace = 'public'::regnamespace AND relkind = 'v' AND relname "
	"LIKE '%\\_seen\\_%' LOOP\n"
	"		EXECUTE format('DROP VIEW IF EXISTS %I CASCADE', entry.relname);\n"
	"	END LOOP;\n"
	"	FOR entry IN SELECT relname FROM pg_class\n"
	"		WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
	"LOOP\n"
	"		EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', "
	"entry.relname);\n"
	"		EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', entry.relname);\n"
	"		EXECUTE format('REVOKE ALL ON %I FROM lachan_service', entry.relname);\n"
	"		EXECUTE format('CREATE POLICY %I ON %I TO lachan_owner USING (true) WITH "
	"CHECK (true)',\n"
	"			entry.relname || '_owner', entry.relname);\n"
	"	END LOOP;\n"
	"END\n"
	"$$;\n";

static const char rest[] =
	/* Whose a row is, and when it was written, its defaults say. */
	"CREATE POLICY audit_append ON audit FOR INSERT TO lachan_service WITH CHECK (true);\n"
	"GRANT INSERT (action, resource, records, fields, reason, outcome) ON audit TO "
	"lachan_service;\n"
	"CREATE POLICY report_figures_read ON report_figures FOR SELECT TO lachan_service\n"
	"USING (EXISTS (SELECT FROM reports WHERE reports.id = report_figures.report));\n"
	"GRANT SELECT ON report_figures TO lachan_service;\n"
	"CREATE POLICY people_keys_read ON people_keys FOR SELECT TO lachan_reader USING (true);\n";

void policies_write(struct text *sql)
{
	text_add(sql, reset);
	for (size_t i = 0; resources[i]; i++)
		if (is_first_of_table(i) && !(resources[i]->traits & OWN_RULES))
			add_resource(sql, owner_of_table(resources[i]));
	for (size_t i = 0; reference_tables[i]; i++)
		text_addf(
			sql,
			"CREATE POLICY %s_read ON %s FOR SELECT TO lachan_service, lachan_reader\n"
			"USING ((SELECT caller_user()) IS NOT NULL);\n"
			"GRANT SELECT ON %s TO lachan_service, lachan_reader;\n",
			reference_tables[i], reference_tables[i], reference_tables[i]);
	add_restrictions(sql);
	add_changes(sql);
	add_referring(sql);
	text_add(sql, "GRANT SELECT ON units TO lachan_reader;\n");
	text_add(sql, rest);
}
