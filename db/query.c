/* Plan → SQL text and parameters. Names come only from tables, values only as $n. */
#include "query.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unicode.h"

static const char *const sql_types[FIELD_TYPES] = {
	[UUID] = "uuid",	   [REFERENCE] = "uuid",    [TEXT] = "text",
	[NAME] = "text",	   [CODE] = "text",	    [CODES] = "text[]",
	[DATE] = "date",	   [PARTIAL_DATE] = "text", [INSTANT] = "timestamptz",
	[INTEGER] = "bigint",	   [DECIMAL] = "numeric",   [BOOLEAN] = "boolean",
	[UNIT] = "text",	   [ORGANIZATION] = "text", [PHONE] = "text",
	[CITIZEN_NUMBER] = "text", [TEXTS] = "text[]",	    [INTEGERS] = "integer[]",
	[DOCUMENT] = "json",	   [PSEUDONYM] = "text",
};

/* A parameter whose text lives as long as the plan; gives its number. */
static int put(struct query *query, const char *value)
{
	if (query->statement.count == STATEMENT_PARAMETERS) {
		query->failed = true;
		return 1;
	}
	query->statement.values[query->statement.count] = value;
	return ++query->statement.count;
}

/* A parameter whose text the query frees. */
static int put_made(struct query *query, char *take_value)
{
	if (!take_value || query->made_count == STATEMENT_PARAMETERS) {
		free(take_value);
		query->failed = true;
		return 1;
	}
	query->made[query->made_count++] = take_value;
	return put(query, take_value);
}

static void finish(struct query *query)
{
	query->failed |= query->sql.failed;
	query->statement.sql = text_string(&query->sql);
}

void query_release(struct query *query)
{
	text_release(&query->sql);
	for (size_t i = 0; i < query->made_count; i++)
		free(query->made[i]);
	*query = (struct query){0};
}

/* Columns */

/* Statements are built for every request: pieces are added, not formatted. */
static void add_value(struct text *sql, const struct resource *resource, const struct field *field)
{
	if (field->column) {
		text_add(sql, field->column);
		return;
	}
	text_add(sql, resource->table);
	text_add_char(sql, '.');
	text_add(sql, field->name);
}

/* Under 18 today, by the last day a partly known birth date can mean; of who took part in a crime
 * it may not be known at all. */
static void add_minor(struct query *query, const struct plan *plan, const struct caller *caller)
{
	static const struct grant own = {.resource = &people, .scope = TERRITORY};

	text_add(&query->sql, plan->resource == &people
				      ? "(people.born_by"
				      : "(coalesce(partial_date_last("
					"crime_participants.date_of_birth), today())");
	text_add(&query->sql, " > today() - interval '18 years'");
	if (access_is_others(caller, plan->resource, plan->operation)) {
		text_add(&query->sql, " AND NOT ");
		policy_condition(&query->sql, &own);
	}
	text_add_char(&query->sql, ')');
}

static bool hides_of_minors(const struct plan *plan, const struct caller *caller,
			    const struct field *field)
{
	return access_hides_of_minors(caller, plan->resource, field, plan->operation,
				      plan->format != JSON);
}

static void add_column(struct query *query, struct column column)
{
	if (query->column_count == sizeof query->columns / sizeof *query->columns)
		query->failed = true;
	else
		query->columns[query->column_count++] = column;
}

static void separate(struct query *query, bool *is_first)
{
	text_add(&query->sql, *is_first ? "" : ", ");
	*is_first = false;
}

static void add_field(struct query *query, const struct plan *plan, const struct caller *caller,
		      const struct field *field, bool *is_first)
{
	bool is_hidden = field->sensitivity != OPEN &&
			 access_hidden(caller->agency, plan->resource) & ONE(field->sensitivity);

	add_column(query, (struct column){COLUMN_FIELD, field, READ, is_hidden});
	if (is_hidden)
		return;
	separate(query, is_first);
	if (field->type == CITIZEN_NUMBER)
		text_addf(&query->sql, "%s.%s%s", plan->resource->table, field->name,
			  plan->reveal ? "" : "_mask");
	else if (access_hides_name(caller, plan->resource, field, plan->format != JSON)) {
		text_add(&query->sql, "CASE WHEN NOT ");
		add_minor(query, plan, caller);
		text_add(&query->sql, " THEN ");
		add_value(&query->sql, plan->resource, field);
		text_add(&query->sql, " END");
	} else
		add_value(&query->sql, plan->resource, field);
	text_add(&query->sql, " AS ");
	text_add(&query->sql, field->name);
}

/* Whether the caller may do this to the row: nothing to ask the database when it may to every row
 * or to none. */
static void add_may(struct query *query, const struct plan *plan, const struct caller *caller,
		    enum operation operation, bool *is_first)
{
	const struct grant *found[8];
	size_t count = access_may(caller, plan->resource, operation)
			       ? access_grants(caller->agency, plan->resource, operation, found, 8)
			       : 0;

	if (!count || plan->resource->traits & REFERENCE_DATA)
		return;
	for (size_t i = 0; i < count; i++)
		if (policy_is_plain(caller, found[i])) {
			add_column(query, (struct column){COLUMN_MAY, NULL, operation, true});
			return;
		}
	separate(query, is_first);
	for (size_t i = 0; i < count; i++) {
		text_add(&query->sql, i ? " OR (" : "((");
		policy_condition(&query->sql, found[i]);
		text_add_char(&query->sql, ')');
	}
	text_addf(&query->sql, ") AS may_%s", operation_names[operation]);
	add_column(query, (struct column){COLUMN_MAY, NULL, operation, false});
}

static bool is_selected(const struct query *query, const struct field *field)
{
	for (size_t i = 0; i < query->column_count; i++)
		if (query->columns[i].field == field)
			return true;
	return false;
}

/* A system may write and not read: it is told which record it was, and no more of it. */
static bool is_told(const struct plan *plan, const struct caller *caller)
{
	return access_may(caller, plan->resource, READ) || access_may(caller, plan->resource, LIST);
}

/* What the writer needs of a row, in the table's order. */
static void add_columns(struct query *query, const struct plan *plan, const struct caller *caller)
{
	const struct field *version = resource_field(plan->resource, "version");
	bool is_first = true, tells_minors = false;
	bool is_whole = !plan->is_sparse && is_told(plan, caller);

	for (const struct field *field = plan->resource->fields; field->name; field++) {
		tells_minors |= hides_of_minors(plan, caller, field);
		bool is_wanted = plan->wanted[field - plan->resource->fields] ||
				 field == resource_key(plan->resource);

		if ((is_wanted || is_whole) && !(field->flags & SOUGHT))
			add_field(query, plan, caller, field, &is_first);
	}
	if (tells_minors) {
		separate(query, &is_first);
		add_minor(query, plan, caller);
		text_add(&query->sql, " AS is_minor");
		add_column(query, (struct column){COLUMN_MINOR, NULL, READ, false});
	}
	add_may(query, plan, caller, UPDATE, &is_first);
	add_may(query, plan, caller, REMOVE, &is_first);
	for (size_t i = 0; i < plan->sort_count; i++)
		if (!is_selected(query, plan->sorts[i].field)) {
			separate(query, &is_first);
			add_value(&query->sql, plan->resource, plan->sorts[i].field);
			add_column(query,
				   (struct column){COLUMN_SORT, plan->sorts[i].field, READ, false});
		}
	if (version && plan->operation != LIST && !is_selected(query, version)) {
		text_addf(&query->sql, ", %s.version", plan->resource->table);
		add_column(query, (struct column){COLUMN_SORT, version, READ, false});
	}
}

/* Conditions */

static void add_range(struct query *query, const struct resource *resource,
		      const struct filter *filter)
{
	const char *sign = filter->comparison == AT_LEAST ? ">=" : "<=";
	char day[32];

	if (filter->field->type != PARTIAL_DATE) {
		add_value(&query->sql, resource, filter->field);
		text_addf(&query->sql, " %s $%d::%s", sign, put(query, filter->value),
			  sql_types[filter->field->type]);
		return;
	}
	/* A partial bound means its first day from below and its last from above. */
	if (filter->comparison == AT_LEAST)
		snprintf(day, sizeof day, "%.10s%s", filter->value,
			 "-01-01" + (strlen(filter->value) - 4) / 3 * 3);
	else if (!partial_date_last(filter->value, day))
		query->failed = true;
	text_addf(&query->sql, "partial_date_last(%s.%s) %s $%d::date", resource->table,
		  filter->field->name, sign, put_made(query, strdup(day)));
}

/* Within the province lies every record: nothing to compare. */
static bool is_everywhere(const struct filter *filter)
{
	return filter->comparison == WITHIN_UNIT && !strcmp(filter->field->name, "unit") &&
	       !strcmp(filter->value, "2025-66");
}

static void add_filter(struct query *query, const struct resource *resource,
		       const struct filter *filter)
{
	const char *type = sql_types[filter->field->type];

	if (is_everywhere(filter))
		return;
	text_add(&query->sql, " AND ");
	if (filter->comparison == AT_LEAST || filter->comparison == AT_MOST) {
		add_range(query, resource, filter);
		return;
	}
	if (filter->field->flags & SOUGHT) {
		text_addf(&query->sql, "%s.id = ANY ((SELECT %s_by_%s($%d::%s))::bigint[])",
			  resource->table, resource_word(resource), filter->field->name,
			  put(query, filter->value), type);
		return;
	}
	if (filter->field->type == CITIZEN_NUMBER) {
		text_addf(&query->sql, "%s.%s_index = $%d", resource->table, filter->field->name,
			  put(query, filter->value));
		return;
	}
	add_value(&query->sql, resource, filter->field);
	if (filter->comparison == ANY_OF)
		text_addf(&query->sql, " = ANY ($%d::%s[])", put(query, filter->value), type);
	else if (filter->comparison == WITHIN_UNIT)
		text_addf(&query->sql, " = ANY ((SELECT units_within($%d))::text[])",
			  put(query, filter->value));
	else if (filter->comparison == OVERLAPS)
		text_addf(&query->sql, "::%s && $%d::%s", type, put(query, filter->value), type);
	else
		text_addf(&query->sql, " = $%d::%s", put(query, filter->value), type);
}

/* The policy of a caller with one grant alone, told to the planner plainly: a policy is an OR of
 * all grants, for which no index serves. */
static void add_only_grant(struct query *query, const struct plan *plan,
			   const struct caller *caller)
{
	const struct grant *found[2];

	if (plan->resource->traits & NEWEST_FIRST &&
	    access_grants(caller->agency, plan->resource, LIST, found, 2) == 1) {
		text_add(&query->sql, " AND ");
		policy_condition(&query->sql, found[0]);
	}
}

/* Some records may be read that are not listed, such as a person shared with the caller: the row
 * policies let them pass, so a list says for itself which are meant. */
static void add_listed(struct query *query, const struct plan *plan, const struct caller *caller)
{
	const struct grant *found[8];
	size_t count = access_grants(caller->agency, plan->resource, READ, found, 8), listed = 0;

	for (size_t i = 0; i < count; i++) {
		if (!(found[i]->operations & ONE(LIST)))
			continue;
		if (policy_is_plain(caller, found[i]))
			return;
		found[listed++] = found[i];
	}
	if (listed == count)
		return;
	for (size_t i = 0; i < listed; i++) {
		text_add(&query->sql, i ? " OR (" : " AND ((");
		policy_condition(&query->sql, found[i]);
		text_add_char(&query->sql, ')');
	}
	text_add(&query->sql, listed ? ")" : " AND false");
}

/* The rows that are meant, whatever the page: what is not voided, below the parent, filtered.
 * `but` is a filter that is said elsewhere, or NULL. */
static void add_where(struct query *query, const struct plan *plan, const struct caller *caller,
		      const struct filter *but)
{
	const struct resource *resource = plan->resource;

	text_add(&query->sql, resource->traits & REFERENCE_DATA ? " WHERE true" : "");
	if (!(resource->traits & REFERENCE_DATA))
		text_addf(&query->sql, " WHERE %s.voided_at IS NULL", resource->table);
	if (resource->parent) {
		int parent = put(query, plan->parent);

		text_addf(&query->sql, " AND %s.%s = $%d::uuid", resource->table,
			  resource->parent_field, parent);
		if (!(resource->parent->traits & REFERENCE_DATA))
			text_addf(&query->sql,
				  " AND EXISTS (SELECT FROM %s WHERE %s.id = $%d::uuid AND "
				  "%s.voided_at IS NULL)",
				  resource->parent->table, resource->parent->table, parent,
				  resource->parent->table);
	}
	if (plan->operation == LIST)
		add_listed(query, plan, caller);
	if (plan->words) {
		char *key = malloc(24);

		if (key)
			snprintf(key, 24, "%" PRId64, unicode_words_key(plan->words));
		text_addf(&query->sql, " AND %s.key = $%d::bigint", resource->table,
			  put_made(query, key));
	}
	for (size_t i = 0; i < plan->filter_count; i++)
		if (&plan->filters[i] != but)
			add_filter(query, resource, &plan->filters[i]);
	add_only_grant(query, plan, caller);
}

static void add_sorted(struct query *query, const struct plan *plan, const struct sort *sort)
{
	add_value(&query->sql, plan->resource, sort->field);
	if (sort->field->type == NAME)
		text_add(&query->sql, " COLLATE \"vi-x-icu\"");
}

/* Rows with a null come last, and first when descending, as PostgreSQL orders them. */
static void add_step(struct query *query, const struct plan *plan, size_t at, bool is_equal)
{
	const struct sort *sort = &plan->sorts[at];
	const char *value = plan->after[at];

	if (!is_equal && !value && !sort->descending) {
		text_add(&query->sql, "false");
		return;
	}
	text_add_char(&query->sql, '(');
	add_sorted(query, plan, sort);
	if (!value)
		text_add(&query->sql, is_equal ? " IS NULL)" : " IS NOT NULL)");
	else {
		text_addf(&query->sql, " %s $%d::%s",
			  is_equal	     ? "="
			  : sort->descending ? "<"
					     : ">",
			  put(query, value), sql_types[sort->field->type]);
		if (!is_equal && !sort->descending && !(sort->field->flags & REQUIRED) &&
		    sort->field != resource_key(plan->resource)) {
			text_add(&query->sql, " OR ");
			add_value(&query->sql, plan->resource, sort->field);
			text_add(&query->sql, " IS NULL");
		}
		text_add_char(&query->sql, ')');
	}
}

/* Everything after the cursor in the order of the sorts. */
static void add_after(struct query *query, const struct plan *plan)
{
	text_add(&query->sql, " AND (");
	for (size_t i = 0; i < plan->sort_count; i++) {
		text_add(&query->sql, i ? " OR (" : "(");
		for (size_t j = 0; j < i; j++) {
			add_step(query, plan, j, true);
			text_add(&query->sql, " AND ");
		}
		add_step(query, plan, i, false);
		text_add_char(&query->sql, ')');
	}
	text_add_char(&query->sql, ')');
}

static void add_order(struct query *query, const struct plan *plan)
{
	text_add(&query->sql, " ORDER BY ");
	for (size_t i = 0; i < plan->sort_count; i++) {
		text_add(&query->sql, i ? ", " : "");
		add_sorted(query, plan, &plan->sorts[i]);
		text_add(&query->sql, plan->sorts[i].descending ? " DESC" : "");
	}
}

/* What some agency may not see is read by the view of those that see like the caller. */
static void add_from(struct query *query, const struct plan *plan, const struct caller *caller)
{
	const struct resource *resource = plan->resource;
	bool is_sought = plan->words || resource->traits & NEWEST_FIRST;
	const char *name = is_sought	    ? resource->search
			   : resource->seen ? resource->seen
					    : resource->table;

	text_addf(&query->sql, " FROM %s", name);
	if (resource->seen)
		text_addf(&query->sql, "_%d", access_sees_like(caller->agency, resource));
	if (name != resource->table)
		text_addf(&query->sql, " AS %s", resource->table);
}

/* Statements */

char *query_classes(const struct query *query, const struct plan *plan)
{
	auto_text classes = {0};
	const char *comma = "";
	unsigned seen = 0;

	text_add_char(&classes, '{');
	for (size_t i = 0; i < query->column_count; i++) {
		const struct column *column = &query->columns[i];

		if (column->kind != COLUMN_FIELD || column->is_hidden)
			continue;
		seen |= ONE(column->field->sensitivity);
		if (plan->reveal && column->field->type == CITIZEN_NUMBER) {
			text_addf(&classes, "%s%s_revealed", comma, column->field->name);
			comma = ",";
		}
	}
	for (unsigned i = OPEN + 1; i < FIELD_CLASSES; i++)
		if (seen & ONE(i)) {
			text_addf(&classes, "%s%s", comma, field_class_names[i]);
			comma = ",";
		}
	if (plan_seeks_number(plan))
		text_addf(&classes, "%scitizen_number_sought", comma);
	text_add_char(&classes, '}');
	return text_take(&classes);
}

char *query_sought(const struct plan *plan)
{
	for (size_t i = 0; i < plan->filter_count; i++)
		if (plan->filters[i].field->flags & SOUGHT) {
			auto_text array = {0};

			text_addf(&array, "{%s}", plan->filters[i].value);
			return text_take(&array);
		}
	return strdup("{}");
}

/* The trail of a page: one row of audit, in the statement that reads it. What nobody is found by is
 * told as well when a number was sought. */
static void add_trail(struct query *query, const struct plan *plan)
{
	bool is_always = plan_seeks_number(plan);

	text_addf(&query->sql,
		  "), trail AS (INSERT INTO audit (action, resource, records, fields) "
		  "SELECT 'list', '%s', ",
		  resource_word(plan->resource));
	if (resource_key(plan->resource)->type == UUID)
		text_add(&query->sql,
			 is_always ? "coalesce(array_agg(id), '{}')" : "array_agg(id)");
	else
		text_addf(&query->sql, "$%d::uuid[]", put_made(query, query_sought(plan)));
	text_addf(
		&query->sql,
		", $%d::text[] FROM (SELECT id FROM page LIMIT %d) AS shown%s) SELECT * FROM page",
		put_made(query, query_classes(query, plan)), plan->limit,
		is_always ? "" : " HAVING count(*) > 0");
}

static void begin_page(struct query *query, const struct plan *plan)
{
	if (plan->resource->traits & AUDITED)
		text_add(&query->sql, "WITH page AS MATERIALIZED (");
	text_add(&query->sql, "SELECT ");
}

static void add_total(struct query *query, const struct plan *plan, const struct caller *caller)
{
	text_add(&query->sql, ", (SELECT count(*)");
	add_from(query, plan, caller);
	add_where(query, plan, caller, NULL);
	text_add(&query->sql, ") AS total");
	add_column(query, (struct column){COLUMN_TOTAL, NULL, READ, false});
}

/* The units whose records are asked for, as SQL, when the page can be taken unit by unit: each has
 * its rows in the order of the key in an index, the page is the first of all. "" when it cannot.
 * *by is the filter that says so; NULL: the caller's territory, which the policies ask for too. */
static void add_units(struct query *query, const struct plan *plan, const struct caller *caller,
		      const struct filter **by, struct text *among)
{
	const struct resource *resource = plan->resource;
	const struct field *unit = resource_field(resource, "unit");
	const struct grant *found[8];
	size_t count = access_grants(caller->agency, resource, LIST, found, 8);

	if (!unit || plan->sort_count > 1 || plan->words || resource->parent ||
	    resource->traits & REFERENCE_DATA)
		return;
	for (size_t i = 0; i < plan->filter_count; i++)
		if (plan->filters[i].field == unit && !is_everywhere(&plan->filters[i])) {
			*by = &plan->filters[i];
			text_addf(among, "units_within($%d)", put(query, (*by)->value));
			return;
		}
	for (size_t i = 0; i < count; i++)
		if (found[i]->scope != TERRITORY)
			return;
	if (strcmp(caller->units, "*") != 0)
		text_add(among, "caller_units()"); /* no parameter: one plan serves every caller */
}

static void add_page_rows(struct query *query, const struct plan *plan, const struct caller *caller,
			  const struct filter *but)
{
	add_from(query, plan, caller);
	add_where(query, plan, caller, but);
}

static void add_page_end(struct query *query, const struct plan *plan)
{
	if (plan->has_after)
		add_after(query, plan);
	add_order(query, plan);
	text_addf(&query->sql, " LIMIT %d", plan->limit + 1);
}

void query_list(struct query *query, const struct plan *plan, const struct caller *caller)
{
	auto_text among = {0};
	const struct filter *by = NULL;
	const char *table = plan->resource->table;

	begin_page(query, plan);
	add_columns(query, plan, caller);
	if (plan->count)
		add_total(query, plan, caller);
	add_units(query, plan, caller, &by, &among);
	if (among.length) {
		text_addf(&query->sql,
			  " FROM unnest(%s) AS territory (key) CROSS JOIN LATERAL (SELECT %s.*",
			  text_string(&among), table);
		add_page_rows(query, plan, caller, by);
		text_addf(&query->sql, " AND %s.unit = territory.key", table);
		add_page_end(query, plan);
		text_addf(&query->sql, ") AS %s", table);
		add_order(query, plan);
		text_addf(&query->sql, " LIMIT %d", plan->limit + 1);
	} else {
		add_page_rows(query, plan, caller, NULL);
		add_page_end(query, plan);
	}
	if (plan->resource->traits & AUDITED)
		add_trail(query, plan);
	finish(query);
}

void query_export(struct query *query, const struct plan *plan, const struct caller *caller)
{
	text_add(&query->sql, "SELECT ");
	add_columns(query, plan, caller);
	add_from(query, plan, caller);
	add_where(query, plan, caller, NULL);
	if (plan->has_after)
		add_after(query, plan);
	add_order(query, plan);
	finish(query);
}

static void add_key(struct query *query, const struct plan *plan, const char *id)
{
	const struct field *key = resource_key(plan->resource);

	add_value(&query->sql, plan->resource, key);
	text_addf(&query->sql, " = $%d::%s", put(query, id), sql_types[key->type]);
}

void query_read(struct query *query, const struct plan *plan, const struct caller *caller,
		bool is_traced)
{
	text_add(&query->sql, "SELECT ");
	add_columns(query, plan, caller);
	if (is_traced && plan->resource->traits & AUDITED)
		text_addf(&query->sql, ", audit_read('%s', %s.id, $%d::text[])",
			  resource_word(plan->resource), plan->resource->table,
			  put_made(query, query_classes(query, plan)));
	add_from(query, plan, caller);
	add_where(query, plan, caller, NULL);
	text_add(&query->sql, " AND ");
	add_key(query, plan, plan->id);
	finish(query);
}

void query_written(struct query *query, const struct plan *plan, const struct caller *caller,
		   const char *id)
{
	text_add(&query->sql, "SELECT ");
	add_columns(query, plan, caller);
	add_from(query, plan, caller);
	text_add(&query->sql, " WHERE ");
	add_key(query, plan, id);
	finish(query);
}

/* A JSON value as the text of a parameter; NULL for null. */
static char *text_of(const json_t *value)
{
	auto_text text = {0};
	size_t i;
	json_t *item;

	if (json_is_string(value))
		return strdup(json_string_value(value));
	if (json_is_boolean(value))
		return strdup(json_is_true(value) ? "true" : "false");
	if (json_is_integer(value)) {
		text_addf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		return text_take(&text);
	}
	if (json_is_real(value)) {
		text_addf(&text, "%.15g", json_real_value(value));
		return text_take(&text);
	}
	text_add_char(&text, '{');
	json_array_foreach(value, i, item) {
		if (i)
			text_add_char(&text, ',');
		text_add_json(&text, json_string_value(item));
	}
	text_add_char(&text, '}');
	return text_take(&text);
}

/* One column to write and the number of its parameter; 0 is NULL. */
struct setting {
	char column[48];
	const char *type;
	int parameter;
};

enum { SETTINGS = PLAN_FIELDS + 16 };

struct settings {
	struct setting list[SETTINGS];
	size_t count;
};

static void set(struct settings *settings, const char *column, const char *suffix, const char *type,
		int parameter)
{
	struct setting *setting = &settings->list[settings->count];

	if (settings->count == SETTINGS)
		return;
	settings->count++;
	snprintf(setting->column, sizeof setting->column, "%s%s", column, suffix);
	setting->type = type;
	setting->parameter = parameter;
}

/* The number is kept encrypted, found by its keyed digest and shown masked. */
static void set_citizen_number(struct query *query, struct settings *settings, const char *column,
			       const char *digits, const struct keyring *keyring, const char *id)
{
	char index[65], mask[16];
	size_t length = digits ? strlen(digits) : 0;

	if (!length) {
		set(settings, column, "", "text", 0);
		set(settings, column, "_index", "text", 0);
		set(settings, column, "_mask", "text", 0);
		return;
	}
	secret_index(keyring->index, digits, index);
	snprintf(mask, sizeof mask, "%.3s%.*s%s", digits, (int)length - 5, "*******",
		 digits + length - 2);
	set(settings, column, "", "text", put_made(query, secret_seal(keyring->seal, digits, id)));
	set(settings, column, "_index", "text", put_made(query, strdup(index)));
	set(settings, column, "_mask", "text", put_made(query, strdup(mask)));
}

static void set_name_keys(struct query *query, struct settings *settings, const char *column,
			  const char *name)
{
	auto_text array = {0};
	int64_t keys[63];
	char *folded = name ? unicode_fold(name) : NULL;
	size_t count = folded ? unicode_name_keys(folded, keys) : 0;

	text_add_char(&array, '{');
	for (size_t i = 0; i < count; i++)
		text_addf(&array, "%s%" PRId64, i ? "," : "", keys[i]);
	text_add_char(&array, '}');
	set(settings, column, "_keys", "bigint[]", put_made(query, text_take(&array)));
	free(folded);
}

static void set_members(struct query *query, struct settings *settings, const struct plan *plan,
			const struct keyring *keyring, const char *id)
{
	const char *name;
	json_t *value;

	json_object_foreach(plan->body, name, value) {
		const struct field *field = resource_field(plan->resource, name);

		if (field->type == CITIZEN_NUMBER) {
			set_citizen_number(query, settings, field->name, json_string_value(value),
					   keyring, id);
			continue;
		}
		set(settings, field->name, "", sql_types[field->type],
		    json_is_null(value) ? 0 : put_made(query, text_of(value)));
		if (field->flags & SEARCH)
			set_name_keys(query, settings, field->name, json_string_value(value));
	}
}

static void add_parameter(struct text *sql, const struct setting *setting)
{
	if (setting->parameter)
		text_addf(sql, "$%d::%s", setting->parameter, setting->type);
	else
		text_add(sql, "NULL");
}

static char *member_names(const json_t *body)
{
	auto_text names = {0};
	const char *name;
	json_t *value;

	text_add_char(&names, '{');
	json_object_foreach((json_t *)body, name, value)
		text_addf(&names, "%s%s", names.length > 1 ? "," : "", name);
	text_add_char(&names, '}');
	return text_take(&names);
}

/* The trail of a write. The record itself is read afterwards, as the caller may see it. */
static void add_written(struct query *query, const struct plan *plan, const char *action)
{
	const struct resource *resource = plan->resource;
	const char *reason = *plan->correction ? plan->correction : plan->reason;

	text_addf(&query->sql,
		  " RETURNING id, version), trail AS (INSERT INTO audit (action, resource, "
		  "records, fields%s) "
		  "SELECT '%s', '%s', ARRAY[id], $%d::text[]",
		  reason ? ", reason" : "", *plan->correction ? "correct" : action,
		  resource_word(resource), put_made(query, member_names(plan->body)));
	if (reason)
		text_addf(&query->sql, ", $%d", put(query, reason));
	text_add(&query->sql, " FROM written) SELECT ");
}

void query_parent(struct query *query, const struct plan *plan)
{
	const struct resource *parent = plan->resource->parent;

	text_addf(&query->sql,
		  "SELECT refuse('LC404', 'not_found') WHERE NOT EXISTS (SELECT FROM %s WHERE id = "
		  "$%d::uuid%s)",
		  parent->table, put(query, plan->parent),
		  parent->traits & REFERENCE_DATA ? "" : " AND voided_at IS NULL");
	finish(query);
}

bool query_create(struct query *query, const struct plan *plan, const struct keyring *keyring,
		  const char *id, struct error *error)
{
	const struct resource *resource = plan->resource;
	struct settings settings = {0};

	set(&settings, "id", "", "uuid", put(query, id));
	if (resource->parent)
		set(&settings, resource->parent_field, "", "uuid", put(query, plan->parent));
	set_members(query, &settings, plan, keyring, id);

	text_addf(&query->sql, "WITH written AS (INSERT INTO %s (", resource->table);
	for (size_t i = 0; i < settings.count; i++)
		text_addf(&query->sql, "%s%s", i ? ", " : "", settings.list[i].column);
	text_add(&query->sql, ") VALUES (");
	for (size_t i = 0; i < settings.count; i++) {
		text_add(&query->sql, i ? ", " : "");
		add_parameter(&query->sql, &settings.list[i]);
	}
	text_add(&query->sql, ")");
	add_written(query, plan, "create");
	text_add(&query->sql, "version FROM written");
	finish(query);
	return !query->failed || error_internal(error, ERROR_INTERNAL, "statement too large");
}

/* The files that a record hangs on are held before the record, as by whoever merges or moves them.
 */
static void add_hold(struct text *sql, const struct resource *resource)
{
	int count = 0;

	for (const struct field *field = resource->fields; field->name; field++)
		if (field->type == REFERENCE && field->references == &people)
			text_addf(sql, "%s%s.%s", count++ ? ", " : ", files_hold(", resource->table,
				  field->name);
	text_add(sql, count ? ")" : "");
}

/* "UPDATE t SET …, version = version + 1 WHERE …", and beside it the version that is there: so that
 * nothing found, a stale version and a row out of reach can be told apart. */
static void add_update(struct query *query, const struct plan *plan, const struct caller *caller,
		       const struct settings *settings)
{
	const struct resource *resource = plan->resource;
	int id = put(query, plan->id);
	char *version = malloc(24);

	text_addf(&query->sql, "WITH target AS (SELECT %s.version", resource->table);
	add_hold(&query->sql, resource);
	add_from(query, plan, caller);
	add_where(query, plan, caller, NULL);
	text_addf(&query->sql, " AND %s.id = $%d::uuid), written AS (UPDATE %s SET ",
		  resource->table, id, resource->table);
	for (size_t i = 0; i < settings->count; i++) {
		text_addf(&query->sql, "%s = ", settings->list[i].column);
		add_parameter(&query->sql, &settings->list[i]);
		text_add(&query->sql, ", ");
	}
	text_addf(&query->sql,
		  "version = %s.version + 1, updated_at = now() WHERE %s.id = $%d::uuid AND "
		  "%s.voided_at IS NULL AND EXISTS (SELECT FROM target)",
		  resource->table, resource->table, id, resource->table);
	if (version)
		snprintf(version, 24, "%" PRId64, plan->version);
	if (plan->version)
		text_addf(&query->sql, " AND %s.version = $%d::bigint", resource->table,
			  put_made(query, version));
	else
		free(version);
}

static const char versions[] = "(SELECT version FROM target), (SELECT version FROM written)";

bool query_update(struct query *query, const struct plan *plan, const struct caller *caller,
		  const struct keyring *keyring, struct error *error)
{
	struct settings settings = {0};

	set_members(query, &settings, plan, keyring, plan->id);
	add_update(query, plan, caller, &settings);
	add_written(query, plan, "update");
	text_add(&query->sql, versions);
	finish(query);
	return !query->failed || error_internal(error, ERROR_INTERNAL, "statement too large");
}

void query_void(struct query *query, const struct plan *plan, const struct caller *caller)
{
	struct settings settings = {0};

	set(&settings, "voided_by", "", "uuid", put(query, caller->user));
	set(&settings, "void_reason", "", "text", put(query, plan->reason));
	set(&settings, "voided_at", "", "timestamptz", put(query, "now"));
	add_update(query, plan, caller, &settings);
	add_written(query, plan, "void");
	text_add(&query->sql, versions);
	finish(query);
}
