/* Checks an object against a resource. */
#include "resource.h"

#include <stdlib.h>
#include <string.h>

const char *const operation_names[OPERATIONS] = {
	[LIST] = "list",     [READ] = "read",	[CREATE] = "create",
	[UPDATE] = "update", [REMOVE] = "void",
};

const char *const field_class_names[FIELD_CLASSES] = {
	[OPEN] = "open",	   [IDENTITY] = "identity",   [CONTACT] = "contact",
	[CASE] = "case",	   [EDUCATION] = "education", [EMPLOYMENT] = "employment",
	[HEALTH_CLASS] = "health", [CRIMINAL] = "criminal",
};

const struct field *resource_field(const struct resource *resource, const char *name)
{
	for (const struct field *field = resource->fields; field->name; field++)
		if (!strcmp(field->name, name))
			return field;
	return NULL;
}

const struct field *resource_key(const struct resource *resource)
{
	return resource->fields;
}

const char *resource_word(const struct resource *resource)
{
	return resource->word ? resource->word : resource->table;
}

bool resource_is_followed(const struct resource *resource)
{
	return !(resource->traits & (REFERENCE_DATA | OWN_RULES));
}

bool resource_is_correctable(const struct resource *resource)
{
	return resource == &people || resource->parent == &people || resource == &interventions;
}

/* The JSON Pointer of a member. */
static const char *pointer_to(char pointer[96], const char *name)
{
	size_t length = 0;

	pointer[length++] = '/';
	for (; *name && length < 92; name++) {
		if (*name == '~' || *name == '/')
			pointer[length++] = '~';
		pointer[length++] = (char)(*name == '~' ? '0' : *name == '/' ? '1' : *name);
	}
	pointer[length] = '\0';
	return pointer;
}

static void check_members(const struct resource *resource, enum operation operation, json_t *object,
			  int agency, const char *today, struct error *error)
{
	const char *name;
	json_t *value;
	void *next;
	char pointer[96];

	json_object_foreach_safe(object, next, name, value) {
		const struct field *field = resource_field(resource, name);

		pointer_to(pointer, name);
		if (!field)
			error_fault(error, ERROR_INVALID, pointer, "unknown_field", name);
		else if (field->flags & READ_ONLY)
			error_fault(error, ERROR_INVALID, pointer, "read_only", NULL);
		else if (operation == UPDATE && field->flags & FIXED)
			error_fault(error, ERROR_INVALID, pointer, "fixed", NULL);
		else if (field->writers && !(field->writers & ONE(agency)))
			error_fault(error, ERROR_INVALID, pointer, "not_yours_to_write", NULL);
		else if (json_is_null(value)) {
			if (field->flags & (REQUIRED | HAS_DEFAULT))
				error_fault(error, ERROR_INVALID, pointer, "required", NULL);
		} else {
			json_t *stored = json_incref(value);

			if (field_accepts(field, &stored, today, pointer, error) && stored != value)
				json_object_set(object, name, stored);
			json_decref(stored);
		}
	}
}

static void check_required(const struct resource *resource, const json_t *object,
			   struct error *error)
{
	char pointer[96];

	for (const struct field *field = resource->fields; field->name; field++)
		if (field->flags & REQUIRED && !(field->flags & READ_ONLY) &&
		    !json_object_get(object, field->name))
			error_fault(error, ERROR_INVALID, pointer_to(pointer, field->name),
				    "required", NULL);
}

/* Whether `other` is said to have the value; while it is not sent in an update, nobody knows. */
static bool has_value(const json_t *object, const struct rule *rule, bool *is_known,
		      enum operation operation)
{
	const json_t *other = json_object_get(object, rule->other);
	const char *text = json_string_value(other);

	*is_known = operation == CREATE || other;
	return text && !strcmp(text, rule->value);
}

static void check_rule(const struct rule *rule, enum operation operation, const json_t *object,
		       struct error *error)
{
	const json_t *value = json_object_get(object, rule->field);
	bool is_set = value && !json_is_null(value), is_known = false;
	char pointer[96];

	pointer_to(pointer, rule->field);
	if (rule->kind == NOT_BEFORE) {
		const char *late = json_string_value(value);
		const char *early = json_string_value(json_object_get(object, rule->other));

		if (late && early && strcmp(late, early) < 0)
			error_fault(error, ERROR_INVALID, pointer, "before", rule->other);
		return;
	}
	bool has = has_value(object, rule, &is_known, operation);

	if (rule->kind == REQUIRED_WHEN && is_known && has && !is_set &&
	    (operation == CREATE || value))
		error_fault(error, ERROR_INVALID, pointer, "required_when", rule->value);
	if (rule->kind == FORBIDDEN_UNLESS && is_known && !has && is_set)
		error_fault(error, ERROR_INVALID, pointer, "forbidden_unless", rule->value);
}

bool resource_accepts(const struct resource *resource, enum operation operation, json_t *object,
		      int agency, const char *today, struct error *error)
{
	if (!json_is_object(object))
		return error_set(error, ERROR_MALFORMED, "object_expected", NULL);
	if (operation == UPDATE && !json_object_size(object))
		return error_set(error, ERROR_INVALID, "nothing_to_change", NULL);

	check_members(resource, operation, object, agency, today, error);
	if (operation == CREATE)
		check_required(resource, object, error);
	for (const struct rule *rule = resource->rules; rule && rule->field; rule++)
		check_rule(rule, operation, object, error);
	return !error->kind;
}
