/* Everything held of one person, and who was given it. */
#include "dossier.h"

#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "query.h"
#include "store.h"

/* Whose fields the rows of a table have; NULL when the table is no resource. */
static const struct resource *resource_of(const char *table)
{
	for (size_t i = 0; resources[i]; i++)
		if (!strcmp(resources[i]->table, table))
			return resources[i];
	return NULL;
}

static bool is_hidden(const struct caller *caller, const struct resource *resource,
		      const struct field *field, bool is_minor)
{
	unsigned classes = access_hidden(caller->agency, resource);

	if (is_minor)
		classes |= access_hidden_of_minors(caller->agency, resource);
	return field->sensitivity != OPEN && classes & ONE(field->sensitivity);
}

/* The account of an officer: organisations answer to the person, not those who work there. */
static bool is_officer(const struct field *field)
{
	size_t length = strlen(field->name);

	return field->type == UUID && length > 3 && !strcmp(field->name + length - 3, "_by");
}

/* One record as the caller may see it; a voided one is held as well. */
static json_t *shown(const struct caller *caller, const struct resource *resource,
		     const json_t *row, bool is_minor)
{
	static const char *const of_void[] = {"voided_at", "void_reason"};
	json_t *record = json_object(), *redacted = json_array();

	for (const struct field *field = resource->fields; field->name; field++) {
		json_t *value = json_object_get(row, field->name);

		if (field->column || is_officer(field)) /* what is computed is not held */
			continue;
		if (is_hidden(caller, resource, field, is_minor)) {
			json_array_append_new(redacted, json_string(field->name));
			value = NULL;
		}
		json_object_set(record, field->name, value ? value : json_null());
	}
	for (size_t i = 0; i < sizeof of_void / sizeof *of_void; i++)
		if (json_is_string(json_object_get(row, of_void[i])))
			json_object_set(record, of_void[i], json_object_get(row, of_void[i]));
	json_object_set_new(record, "redacted", redacted);
	return record;
}

/* Takes the members out that the caller may not see, or that no field has. */
static void redact_changes(const struct caller *caller, const struct resource *resource,
			   json_t *changes, bool is_minor)
{
	const char *name;
	json_t *value;
	void *next;

	json_object_foreach_safe(changes, next, name, value) {
		bool is_mask = !strcmp(name, "citizen_number_mask");
		const struct field *field = resource ? resource_field(resource,
								      is_mask ? "citizen_number"
									      : name)
						     : NULL;

		if (!field || is_hidden(caller, resource, field, is_minor))
			json_object_del(changes, name);
	}
}

static json_t *correction(const struct caller *caller, json_t *row, bool is_minor)
{
	const struct resource *resource = resource_of(
		json_string_value(json_object_get(row, "resource")));

	redact_changes(caller, resource, json_object_get(row, "was"), is_minor);
	redact_changes(caller, resource, json_object_get(row, "becomes"), is_minor);
	json_object_del(row, "created_by"); /* no names of officers */
	return json_incref(row);
}

/* One record as the caller may see it; where a file was before has no fields to hide. */
static json_t *record_shown(const struct caller *caller, const char *table,
			    const struct resource *resource, json_t *row, bool is_minor)
{
	if (resource)
		return shown(caller, resource, row, is_minor);
	return !strcmp(table, "corrections") ? correction(caller, row, is_minor) : json_incref(row);
}

/* The rows of a table that the database shows the caller; what is not known to be its to see stays
 * away. */
static void add_table(json_t *document, const struct caller *caller, const char *table,
		      const json_t *rows, bool is_minor)
{
	const struct resource *resource = resource_of(table);
	bool is_trail = !strcmp(table, "corrections") || !strcmp(table, "person_moves");
	json_t *shown_rows, *row;
	size_t i;
	bool is_theirs = is_trail || (resource && (access_may(caller, resource, READ) ||
						   access_may(caller, resource, LIST)));

	if (!rows || !is_theirs) {
		json_array_append_new(json_object_get(document, "withheld"), json_string(table));
		return;
	}
	shown_rows = json_array();
	json_array_foreach((json_t *)(uintptr_t)rows, i, row)
		json_array_append_new(shown_rows,
				      record_shown(caller, table, resource, row, is_minor));
	json_object_set_new(json_object_get(document, "records"), table, shown_rows);
}

static bool add_section(json_t *document, const struct caller *caller, const char *section,
			const char *content, bool *is_minor)
{
	json_auto_t *value = content ? json_loads(content, 0, NULL) : NULL;

	if (content && !value)
		return false;
	if (!strcmp(section, "people")) {
		*is_minor = json_is_true(json_object_get(value, "is_minor"));
		json_object_set_new(document, "person", shown(caller, &people, value, *is_minor));
	} else if (!strcmp(section, "readings"))
		json_object_set(document, "readings", value);
	else
		add_table(document, caller, section, value, *is_minor);
	return true;
}

/* For the audit: the classes of fields that the caller is shown. */
static char *classes_of(const struct caller *caller)
{
	const struct plan plan = {.resource = &people, .operation = READ};
	struct query query = {0};

	query_read(&query, &plan, caller, false);
	char *classes = query_classes(&query, &plan);

	query_release(&query);
	return classes;
}

bool dossier_read(const struct records *records, const struct caller *caller, const char *person,
		  json_t **document, struct error *error)
{
	char *classes = classes_of(caller);
	const struct statement statement = {
		embedded_find("db/sql/dossier.sql")->data, 2, {person, classes}};
	auto_result result = NULL;
	bool is_minor = true; /* until the first section says otherwise */
	bool done = store_one(records->pool, LANE, caller, true, &statement, &result, error);

	free(classes);
	if (!done)
		return false;
	*document = json_pack("{s:{}, s:[], s:s}", "records", "withheld", "made_at",
			      result_value(result, 0, 2));
	for (int row = 0; done && row < result_rows(result); row++)
		done = add_section(*document, caller, result_value(result, row, 0),
				   result_value(result, row, 1), &is_minor);
	if (!done)
		json_decref(*document);
	return done || error_internal(error, ERROR_UNAVAILABLE, "out of memory for a dossier");
}
