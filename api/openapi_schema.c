/* The contract's schemas of a resource, and its query parameters, from its fields. */
#include <stdio.h>
#include <string.h>

#include "openapi.h"

enum side { IN_ANSWERS, TO_CREATE, TO_UPDATE };

#define UNIT_KEY "^([0-9]{4}|[0-9]{6})-[0-9]{1,5}$"
#define PARTIAL "^(19|20|21)[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"

/* What core/field.c accepts of each type, as far as a schema can tell. */
static const struct {
	const char *type, *format, *pattern, *items;
} types[FIELD_TYPES] = {
	[UUID] = {"string", "uuid"},
	[TEXT] = {"string"},
	[NAME] = {"string"},
	[CODE] = {"string"},
	[CODES] = {"array"},
	[DATE] = {"string", "date"},
	[PARTIAL_DATE] = {"string", .pattern = PARTIAL},
	[INSTANT] = {"string", "date-time"},
	[INTEGER] = {"integer", "int64"},
	[DECIMAL] = {"number"},
	[BOOLEAN] = {"boolean"},
	[UNIT] = {"string", .pattern = UNIT_KEY},
	[ORGANIZATION] = {"string", .pattern = "^[a-z0-9_]{1,63}$"},
	[REFERENCE] = {"string", "uuid"},
	[PHONE] = {"string", .pattern = "^\\+84[0-9]{9,10}$"},
	[CITIZEN_NUMBER] = {"string"},
	[TEXTS] = {"array", .items = "string"},
	[INTEGERS] = {"array", .items = "integer"},
	[DOCUMENT] = {"array", .items = "object"},
	[PSEUDONYM] = {"string", .pattern = "^[0-9a-f]{32}$"},
};

json_t *openapi_ref(const char *kind, const char *name)
{
	return json_pack("{s:o}", "$ref", json_sprintf("#/components/%s/%s", kind, name));
}

json_t *openapi_codes(const struct code_list *list)
{
	json_t *all = json_array();

	for (const char *const *code = list->codes; *code; code++)
		json_array_append_new(all, json_string(*code));
	return all;
}

static json_t *base(const struct field *field)
{
	json_t *schema = json_pack("{s:s, s:s*, s:s*}", "type", types[field->type].type, "format",
				   types[field->type].format, "pattern",
				   types[field->type].pattern);

	if (types[field->type].items)
		json_object_set_new(schema, "items",
				    json_pack("{s:s}", "type", types[field->type].items));
	if (field->type == CODE)
		json_object_set_new(schema, "enum", openapi_codes(field->codes));
	if (field->type == CODES)
		json_object_set_new(schema, "items",
				    json_pack("{s:s, s:o}", "type", "string", "enum",
					      openapi_codes(field->codes)));
	return schema;
}

/* What holds only for values that are sent. */
static void bound(json_t *schema, const struct field *field)
{
	json_int_t min = field->min, max = field->max;

	if (field->type == TEXT || field->type == NAME)
		json_object_update_new(schema, json_pack("{s:I, s:I}", "minLength", min ? min : 1,
							 "maxLength", max ? max : (json_int_t)500));
	if (field->type == INTEGER)
		json_object_update_new(schema, json_pack("{s:s, s:I, s:I}", "format", "int32",
							 "minimum", min, "maximum",
							 max ? max : (json_int_t)INT32_MAX));
	if (field->type == DECIMAL)
		json_object_update_new(schema,
				       json_pack("{s:I, s:I}", "minimum", min, "maximum", max));
	if (field->type == CODES)
		json_object_update_new(schema, json_pack("{s:I, s:i, s:b}", "minItems", min,
							 "maxItems", 20, "uniqueItems", true));
	if (field->type == PHONE)
		json_object_set_new(schema, "pattern", json_string("^(\\+84|[ .-]*0)[0-9 .-]+$"));
	if (field->type == CITIZEN_NUMBER)
		json_object_set_new(schema, "pattern", json_string("^[0-9]{9}([0-9]{3})?$"));
}

json_t *openapi_value(const struct field *field)
{
	json_t *schema = base(field);

	bound(schema, field);
	return schema;
}

/* True when some agency finds null there for being hidden. */
static bool may_be_hidden(const struct resource *resource, const struct field *field)
{
	unsigned classes = 0;

	for (int agency = 1; agency <= 19; agency++)
		classes |= access_hidden(agency, resource) |
			   access_hidden_of_minors(agency, resource);
	return field->sensitivity != OPEN && classes & ONE(field->sensitivity);
}

/* What every record that the programme writes has. */
static bool is_of_every_record(const struct resource *resource, const struct field *field)
{
	static const char *const names[] = {"organization", "version", "created_at", "updated_at"};

	if (field == resource_key(resource))
		return true;
	if (resource->parent_field && !strcmp(resource->parent_field, field->name))
		return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (field->flags & READ_ONLY && !strcmp(names[i], field->name))
			return true;
	return false;
}

static bool is_nullable(const struct resource *resource, const struct field *field, enum side side)
{
	if (side != IN_ANSWERS)
		return !(field->flags & REQUIRED);
	if (may_be_hidden(resource, field))
		return true;
	return !(field->flags & (REQUIRED | HAS_DEFAULT)) && !is_of_every_record(resource, field);
}

static void allow_null(json_t *schema)
{
	json_t *values = json_object_get(schema, "enum");
	json_t *type = json_incref(json_object_get(schema, "type"));

	json_object_set_new(schema, "type", json_pack("[o, s]", type, "null"));
	if (values)
		json_array_append_new(values, json_null());
}

static void add_sentence(struct text *text, const char *sentence)
{
	if (!sentence || !*sentence)
		return;
	if (text->length)
		text_add_char(text, ' ');
	text_add(text, sentence);
	if (!strchr(".!?", sentence[strlen(sentence) - 1]))
		text_add_char(text, '.');
}

static void describe_type(struct text *text, const struct field *field, enum side side)
{
	if (field->codes)
		text_addf(text, " Labels: /v1/codes?list=%s.", field->codes->name);
	if (field->type == REFERENCE)
		text_addf(text, " The id of a %s.", field->references->title);
	if (field->type == UNIT)
		text_add(text, " Key of an administrative unit, see /v1/units.");
	if (field->type == ORGANIZATION)
		text_add(text, " Code of an organisation, see /v1/organizations.");
	if (field->type == PHONE)
		text_add(text,
			 side == IN_ANSWERS ? " E.164." : " As dialled in Viet Nam or E.164.");
	if (field->type == CITIZEN_NUMBER && side == IN_ANSWERS)
		text_add(text, " Masked as in 066*******12.");
	if (field->flags & PAST)
		text_add(text, " Not in the future.");
}

static void describe(json_t *schema, const struct resource *resource, const struct field *field,
		     enum side side)
{
	auto_text text = {0};

	add_sentence(&text, field->about);
	describe_type(&text, field, side);
	if (field->writers && side != IN_ANSWERS) {
		text_add(&text, " Written by agencies ");
		openapi_add_agencies(&text, field->writers);
		text_add(&text, " alone.");
	}
	if (field->flags & FIXED && side == TO_CREATE)
		text_add(&text, " Cannot be changed once created.");
	if (side == IN_ANSWERS && may_be_hidden(resource, field))
		text_add(&text, " Null and named in `redacted` when it is hidden from the caller.");
	if (text.length)
		json_object_set_new(schema, "description",
				    json_string(text_string(&text) + (*text.data == ' ')));
	if (field->sensitivity != OPEN)
		json_object_set_new(schema, "x-field-class",
				    json_string(field_class_names[field->sensitivity]));
}

static json_t *field_schema(const struct resource *resource, const struct field *field,
			    enum side side)
{
	json_t *schema = base(field);

	if (side != IN_ANSWERS)
		bound(schema, field);
	if (is_nullable(resource, field, side))
		allow_null(schema);
	if (side == IN_ANSWERS && field->flags & READ_ONLY && !(resource->traits & REFERENCE_DATA))
		json_object_set_new(schema, "readOnly", json_true());
	describe(schema, resource, field, side);
	return schema;
}

static bool belongs(const struct field *field, enum side side)
{
	return !(field->flags & SOUGHT) &&
	       (side == IN_ANSWERS ||
		!(field->flags & (READ_ONLY | (side == TO_UPDATE ? FIXED : 0))));
}

/* The rules across fields that a schema cannot tell. */
static json_t *rules_described(const struct resource *resource, const char *opening)
{
	static const char *const kinds[] = {
		[NOT_BEFORE] = "is not before",
		[REQUIRED_WHEN] = "is required when",
		[FORBIDDEN_UNLESS] = "is allowed only when",
	};
	auto_text text = {0};

	add_sentence(&text, opening);
	for (const struct rule *rule = resource->rules; rule && rule->field; rule++) {
		text_addf(&text, "\n- `%s` %s `%s`", rule->field, kinds[rule->kind], rule->other);
		if (rule->value)
			text_addf(&text, " is `%s`", rule->value);
	}
	return json_string(text_string(&text));
}

static void add_annotations(json_t *properties, json_t *required)
{
	static const char *const names[] = {"redacted", "may"};
	static const char *const about[] = {
		"The fields that are null because they are hidden from the caller",
		"What the caller may do with this record",
	};

	for (int i = 0; i < 2; i++) {
		json_object_set_new(properties, names[i],
				    json_pack("{s:s, s:{s:s}, s:b, s:s}", "type", "array", "items",
					      "type", "string", "readOnly", true, "description",
					      about[i]));
		json_array_append_new(required, json_string(names[i]));
	}
}

static json_t *object_schema(const struct resource *resource, enum side side)
{
	static const char *const openings[] = {
		[TO_CREATE] = "null and absent mean the same here",
		[TO_UPDATE] = "A merge patch (RFC 7396): null empties, absent leaves as it is",
	};
	json_t *properties = json_object(), *required = json_array(), *schema;

	for (const struct field *field = resource->fields; field->name; field++) {
		if (!belongs(field, side))
			continue;
		json_object_set_new(properties, field->name, field_schema(resource, field, side));
		if (side == IN_ANSWERS || (side == TO_CREATE && field->flags & REQUIRED))
			json_array_append_new(required, json_string(field->name));
	}
	if (side == IN_ANSWERS)
		add_annotations(properties, required);
	schema = json_pack("{s:s, s:o, s:o}", "type", "object", "description",
			   side == IN_ANSWERS ? json_string(resource->about)
					      : rules_described(resource, openings[side]),
			   "properties", properties);
	if (json_array_size(required))
		json_object_set(schema, "required", required);
	json_decref(required);
	if (side != IN_ANSWERS)
		json_object_set_new(schema, "additionalProperties", json_false());
	if (side == TO_UPDATE)
		json_object_set_new(schema, "minProperties", json_integer(1));
	return schema;
}

static void add_schema(json_t *schemas, const struct resource *resource, const char *suffix,
		       json_t *take_schema)
{
	char name[96];

	snprintf(name, sizeof name, "%s%s", resource->title, suffix);
	json_object_set_new(schemas, name, take_schema);
}

void openapi_add_schemas(json_t *schemas)
{
	for (size_t i = 0; resources[i]; i++) {
		const struct resource *resource = resources[i];

		add_schema(schemas, resource, "", object_schema(resource, IN_ANSWERS));
		if (openapi_has(resource, CREATE))
			add_schema(schemas, resource, "Create", object_schema(resource, TO_CREATE));
		if (openapi_has(resource, UPDATE))
			add_schema(schemas, resource, "Update", object_schema(resource, TO_UPDATE));
		if (openapi_has(resource, LIST))
			add_schema(schemas, resource, "List",
				   json_pack("{s:s, s:[s, s], s:{s:{s:s, s:o}, s:o}}", "type",
					     "object", "required", "data", "page", "properties",
					     "data", "type", "array", "items",
					     openapi_ref("schemas", resource->title), "page",
					     openapi_ref("schemas", "Page")));
	}
}
