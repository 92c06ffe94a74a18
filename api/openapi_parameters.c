/* The contract's query parameters of a resource, as core/plan.c reads them. */
#include <stdio.h>

#include "openapi.h"

static void add_parameter(json_t *parameters, const char *name, const char *about,
			  json_t *take_schema)
{
	json_t *parameter = json_pack("{s:s, s:s, s:s*, s:o}", "name", name, "in", "query",
				      "description", about, "schema", take_schema);

	json_array_append_new(parameters, parameter);
}

/* a,b: any of them. */
static void add_list_parameter(json_t *parameters, const char *name, const char *about,
			       json_t *take_items)
{
	json_t *parameter = json_pack("{s:s, s:s, s:s*, s:s, s:b, s:{s:s, s:i, s:o}}", "name", name,
				      "in", "query", "description", about, "style", "form",
				      "explode", false, "schema", "type", "array", "minItems", 1,
				      "items", take_items);

	json_array_append_new(parameters, parameter);
}

static void add_shared(json_t *parameters, const char *name)
{
	json_array_append_new(parameters, openapi_ref("parameters", name));
}

static bool has_citizen_number(const struct resource *resource)
{
	for (const struct field *field = resource->fields; field->name; field++)
		if (field->type == CITIZEN_NUMBER)
			return true;
	return false;
}

static void add_sort(json_t *parameters, const struct resource *resource)
{
	json_t *names = json_array();

	for (const struct field *field = resource->fields; field->name; field++)
		if (field->flags & SORT) {
			json_array_append_new(names, json_string(field->name));
			json_array_append_new(names, json_sprintf("-%s", field->name));
		}
	if (json_array_size(names))
		add_list_parameter(parameters, "sort",
				   "By at most three fields, - for descending; the key follows",
				   json_pack("{s:s, s:O}", "type", "string", "enum", names));
	json_decref(names);
}

static void add_fields(json_t *parameters, const struct resource *resource)
{
	json_t *names = json_array();

	for (const struct field *field = resource->fields; field->name; field++)
		if (!(field->flags & SOUGHT))
			json_array_append_new(names, json_string(field->name));
	add_list_parameter(parameters, "fields",
			   "Only these fields; the others are then absent, required or not",
			   json_pack("{s:s, s:o}", "type", "string", "enum", names));
}

static void add_range(json_t *parameters, const struct field *field)
{
	static const struct {
		const char *suffix, *about;
	} ends[] = {{"from", "At or after"}, {"to", "At or before"}};
	char name[96], about[160];

	for (int i = 0; i < 2; i++) {
		snprintf(name, sizeof name, "%s_%s", field->name, ends[i].suffix);
		snprintf(about, sizeof about, "%s; see `%s`", ends[i].about, field->name);
		add_parameter(parameters, name, about, openapi_value(field));
	}
}

/* One item of what an array field has. */
static json_t *item_of(const struct field *field)
{
	json_t *value = openapi_value(field);
	json_t *item = json_incref(json_object_get(value, "items"));

	json_decref(value);
	return item;
}

static void add_filter(json_t *parameters, const struct field *field)
{
	if (field->flags & SOUGHT) {
		add_parameter(parameters, field->name, field->about, openapi_value(field));
		return;
	}
	switch (field->type) {
	case DATE:
	case PARTIAL_DATE:
	case INSTANT:
		add_range(parameters, field);
		break;
	case UNIT:
		add_parameter(parameters, field->name, "This unit and everything below it",
			      openapi_value(field));
		break;
	case BOOLEAN:
	case CITIZEN_NUMBER:
		add_parameter(parameters, field->name, "Equal to", openapi_value(field));
		break;
	case CODES:
	case TEXTS:
	case INTEGERS:
		add_list_parameter(parameters, field->name, "Contains any of", item_of(field));
		break;
	default:
		add_list_parameter(parameters, field->name, "Any of", openapi_value(field));
	}
}

static void add_list_parameters(json_t *parameters, const struct resource *resource)
{
	add_shared(parameters, "Limit");
	add_shared(parameters, "Cursor");
	add_sort(parameters, resource);
	add_shared(parameters, "Count");
	add_shared(parameters, "Format");
	add_shared(parameters, "Bom");
	if (resource->search && !(resource->traits & NEWEST_FIRST))
		add_shared(parameters, "Words");
	if (resource_field(resource, "updated_at"))
		add_shared(parameters, "UpdatedSince");
	for (const struct field *field = resource->fields; field->name; field++)
		if (field->flags & FILTER)
			add_filter(parameters, field);
}

json_t *openapi_parameters(const struct resource *resource, enum operation operation)
{
	json_t *parameters = json_array();

	if (operation == LIST)
		add_list_parameters(parameters, resource);
	if (operation == LIST || operation == READ) {
		add_fields(parameters, resource);
		if (has_citizen_number(resource))
			add_shared(parameters, "Reveal");
	}
	if (operation == REMOVE)
		add_shared(parameters, "Reason");
	return parameters;
}
