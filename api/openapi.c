/* The contract: OpenAPI 3.1, or 3.0.3 for generators that only know that, written from the route
 * table and the resources. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "openapi.h"
#include "yaml.h"

bool openapi_has(const struct resource *resource, enum operation operation)
{
	for (const struct route *route = routes_all(); route->path; route++)
		if (route->resource == resource && route->operation == operation)
			return true;
	return false;
}

/* "people"; below a parent "people-statuses". */
static void tag_of(const struct resource *resource, char tag[96])
{
	snprintf(tag, 96, "%s%s%s", resource->parent ? resource->parent->name : "",
		 resource->parent ? "-" : "", resource->name);
}

/* "training-sessions" becomes "TrainingSessions", below a parent "PersonStatuses". */
static void plural_of(const struct resource *resource, char plural[96])
{
	size_t length = (size_t)snprintf(plural, 48, "%s",
					 resource->parent ? resource->parent->title : "");
	bool begins = true;

	for (const char *c = resource->name; *c && length < 95; c++) {
		if (*c != '-')
			plural[length++] = begins ? (char)toupper((unsigned char)*c) : *c;
		begins = *c == '-';
	}
	plural[length] = '\0';
}

static void name_operation(json_t *operation, const struct route *route)
{
	static const char *const summaries[OPERATIONS] = {
		[LIST] = "List",     [READ] = "Read",	[CREATE] = "Create",
		[UPDATE] = "Change", [REMOVE] = "Void",
	};
	const struct resource *resource = route->resource;
	char tag[96], plural[96];
	bool is_list = route->operation == LIST;

	tag_of(resource, tag);
	plural_of(resource, plural);
	json_object_set_new(operation, "tags", json_pack("[s]", tag));
	json_object_set_new(operation, "operationId",
			    json_sprintf("%s%s", operation_names[route->operation],
					 is_list ? plural : resource->title));
	json_object_set_new(operation, "summary",
			    json_sprintf("%s %s", summaries[route->operation],
					 is_list ? plural : resource->title));
}

static json_t *description(const struct route *route)
{
	auto_text text = {0};

	if (route->about && *route->about)
		text_addf(&text, "%s\n\n", route->about);
	openapi_add_access(&text, route->resource, route->operation);
	return json_string(text_string(&text));
}

/* "an" before a vowel that is heard: an Undecided, a Unit. */
static const char *article_of(const char *title)
{
	bool sounds_as_y = !strncmp(title, "Uni", 3) || !strncmp(title, "Use", 3);

	return strchr("AEIOU", *title) && !sounds_as_y ? "an" : "a";
}

/* {…} parts of a path: the key of the resource when it ends the path, else that of its parent. */
static json_t *path_parameters(const struct route *route)
{
	json_t *parameters = json_array();

	for (const char *open = strchr(route->path, '{'); open; open = strchr(open + 1, '{')) {
		size_t length = strcspn(open + 1, "}");
		bool is_last = open[length + 1] && !open[length + 2];
		const struct resource *named = route->resource;

		if (named && !is_last && named->parent)
			named = named->parent;
		json_t *parameter = json_pack("{s:s%, s:s, s:b, s:o}", "name", open + 1, length,
					      "in", "path", "required", true, "schema",
					      named ? openapi_value(resource_key(named))
						    : json_pack("{s:s}", "type", "string"));
		json_object_set_new(parameter, "description",
				    named ? json_sprintf("The %s of %s %s",
							 resource_key(named)->name,
							 article_of(named->title), named->title)
					  : json_string("The code of an indicator: II.1.a"));
		json_array_append_new(parameters, parameter);
	}
	return parameters;
}

/* Without one there is no ETag either. */
static bool has_version(const struct resource *resource)
{
	return resource_field(resource, "version") != NULL;
}

static void add_headers(json_t *parameters, const struct route *route)
{
	static const char *const of_operation[OPERATIONS] = {
		[READ] = "IfNoneMatch",
		[CREATE] = "IdempotencyKey",
		[UPDATE] = "IfMatch",
		[REMOVE] = "IfMatch",
	};

	if (route->resource && !openapi_is_special(route)) {
		if (of_operation[route->operation] && has_version(route->resource))
			json_array_append_new(
				parameters,
				openapi_ref("parameters", of_operation[route->operation]));
		if (route->resource->traits & PERSONAL)
			json_array_append_new(parameters, openapi_ref("parameters", "Purpose"));
		if (route->operation == UPDATE && resource_is_correctable(route->resource))
			json_array_append_new(parameters, openapi_ref("parameters", "Correction"));
	}
	json_array_append_new(parameters, openapi_ref("parameters", "AcceptLanguage"));
}

/* The media types are divided by commas. */
static json_t *body_of(const struct route *route)
{
	json_t *content = json_object();
	char name[96], media[64];

	snprintf(name, sizeof name, "%s%s", route->resource->title,
		 route->operation == UPDATE ? "Update" : "Create");
	for (const char *rest = route->body; *rest; rest += strspn(rest, ", ")) {
		size_t length = strcspn(rest, ", ");

		snprintf(media, sizeof media, "%.*s", (int)length, rest);
		json_object_set_new(content, media,
				    json_pack("{s:o}", "schema", openapi_ref("schemas", name)));
		rest += length;
	}
	return json_pack("{s:b, s:o}", "required", true, "content", content);
}

static void add_header(json_t *response, const char *name, const char *component)
{
	if (!json_object_get(response, "headers"))
		json_object_set_new(response, "headers", json_object());
	json_object_set_new(json_object_get(response, "headers"), name,
			    openapi_ref("headers", component));
}

static json_t *json_answer(const char *about, json_t *take_schema)
{
	return json_pack("{s:s, s:{s:{s:o}}}", "description", about, "content", "application/json",
			 "schema", take_schema);
}

static json_t *list_answer(const struct resource *resource)
{
	char name[96];

	snprintf(name, sizeof name, "%sList", resource->title);
	json_t *response = json_answer(resource->about, openapi_ref("schemas", name));
	json_t *content = json_object_get(response, "content");

	json_object_set_new(content, "text/csv",
			    json_pack("{s:{s:s, s:s}}", "schema", "type", "string", "description",
				      "RFC 4180, all rows, a header first"));
	json_object_set_new(content, "application/x-ndjson",
			    json_pack("{s:{s:s, s:s}}", "schema", "type", "string", "description",
				      "All rows, one JSON object a line"));
	add_header(response, "Link", "Link");
	return response;
}

static json_t *record_answer(const struct resource *resource)
{
	json_t *response = json_answer("The record", openapi_ref("schemas", resource->title));

	if (has_version(resource))
		add_header(response, "ETag", "ETag");
	return response;
}

static json_t *written_answer(const struct resource *resource, const char *about)
{
	json_t *schema = json_pack("{s:[o, o]}", "allOf", openapi_ref("schemas", resource->title),
				   openapi_ref("schemas", "Warnings"));
	json_t *response = json_answer(about, schema);

	add_header(response, "ETag", "ETag");
	return response;
}

static json_t *created_answer(const struct resource *resource)
{
	json_t *response = written_answer(resource, "Created; the whole record");

	add_header(response, "Location", "Location");
	add_header(response, "Idempotency-Replayed", "IdempotencyReplayed");
	return response;
}

static json_t *successes(const struct route *route)
{
	const struct resource *resource = route->resource;

	switch (route->operation) {
	case LIST:
		return json_pack("{s:o}", "200", list_answer(resource));
	case CREATE:
		return json_pack("{s:o}", "201", created_answer(resource));
	case UPDATE:
		return json_pack("{s:o}", "200",
				 written_answer(resource, "Changed; the whole record"));
	case REMOVE:
		return json_pack("{s:{s:s}}", "204", "description", "Voided");
	default:
		if (!has_version(resource))
			return json_pack("{s:o}", "200", record_answer(resource));
		return json_pack("{s:o, s:o}", "200", record_answer(resource), "304",
				 openapi_not_changed());
	}
}

static json_t *engine_operation(const struct route *route)
{
	json_t *operation = json_object();

	name_operation(operation, route);
	json_object_set_new(operation, "description", description(route));
	json_object_set_new(operation, "parameters",
			    openapi_parameters(route->resource, route->operation));
	if (route->body)
		json_object_set_new(operation, "requestBody", body_of(route));
	json_object_set_new(operation, "responses", successes(route));
	return operation;
}

static json_t *security_of(const struct route *route)
{
	static const char *const schemes[] = {"bearer", "oauth2", "basic"};
	size_t count = route->authentication == PUBLIC		  ? 0
		       : route->authentication == BEARER_OR_BASIC ? 3
								  : 2;
	json_t *security = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(security, json_pack("{s:[]}", schemes[i]));
	return security;
}

/* Every answer names its request. */
static void name_requests(json_t *responses)
{
	const char *status;
	json_t *response;

	json_object_foreach(responses, status, response)
		if (!json_object_get(response, "$ref"))
			add_header(response, "X-Request-Id", "RequestId");
}

static json_t *operation_of(const struct route *route)
{
	json_t *operation = openapi_is_special(route) ? openapi_special(route)
						      : engine_operation(route);
	json_t *parameters = path_parameters(route);

	json_array_extend(parameters, json_object_get(operation, "parameters"));
	add_headers(parameters, route);
	json_object_set_new(operation, "parameters", parameters);
	openapi_add_example(operation);
	openapi_add_failures(json_object_get(operation, "responses"), route);
	name_requests(json_object_get(operation, "responses"));
	if (!json_object_get(operation, "security"))
		json_object_set_new(operation, "security", security_of(route));
	return operation;
}

static json_t *paths(void)
{
	json_t *all = json_object();
	char method[16];

	for (const struct route *route = routes_all(); route->path; route++) {
		json_t *path = json_object_get(all, route->path);
		size_t length = 0;

		for (const char *c = route->method; *c && length < sizeof method - 1; c++)
			method[length++] = (char)tolower((unsigned char)*c);
		method[length] = '\0';
		if (!path) {
			path = json_object();
			json_object_set_new(all, route->path, path);
		}
		json_object_set_new(path, method, operation_of(route));
	}
	return all;
}

static json_t *all_tags(void)
{
	json_t *tags = json_array();
	char tag[96];

	for (size_t i = 0; resources[i]; i++) {
		tag_of(resources[i], tag);
		json_array_append_new(tags, json_pack("{s:s, s:s}", "name", tag, "description",
						      resources[i]->about));
	}
	openapi_add_special_tags(tags);
	return tags;
}

static json_t *information(void)
{
	return json_pack(
		"{s:s, s:s, s:s, s:{s:s}, s:{s:s, s:s}}", "title", "lachan", "version", "1.0.0",
		"description",
		"The protection of young people in Đắk Lắk from drugs (plan 62/KH-UBND): people "
		"under management, interventions, crimes, training sessions, tasks, and the plan's "
		"indicators, for the 19 responsible agencies.\n\n"
		"Paths are plural kebab-case nouns, JSON names snake_case. Instants are RFC 3339 "
		"in "
		"UTC, dates YYYY-MM-DD in Asia/Ho_Chi_Minh, ids UUID version 7. Text is UTF-8 in "
		"NFC. Unknown parameters and unknown members are refused. Links are relative.\n\n"
		"What is hidden from the caller is null and named in `redacted`; `may` tells what "
		"the caller may do with a record.",
		"contact", "name", "Whoever operates the service", "license", "name", "MIT", "url",
		"https://opensource.org/license/mit");
}

/* What 3.0.3 says otherwise than 3.1: `nullable`, which holds beside a type alone, for what may be
 * null; and a reference has nothing beside it. */
static void step_back(json_t *node)
{
	json_t *type = json_object_get(node, "type"), *any = json_object_get(node, "anyOf"), *child;
	json_t *reference = json_object_get(node, "$ref");
	const char *key;
	size_t i;

	if (any) { /* an object, or null */
		json_object_update_new(node,
				       json_pack("{s:s, s:b, s:[O]}", "type", "object", "nullable",
						 true, "allOf", json_array_get(any, 0)));
		json_object_del(node, "anyOf");
	}
	if (reference && json_object_size(node) > 1) {
		json_object_set_new(node, "allOf", json_pack("[{s:O}]", "$ref", reference));
		json_object_del(node, "$ref");
	}
	if (json_is_array(type)) {
		json_object_set(node, "type", json_array_get(type, 0));
		json_object_set_new(node, "nullable", json_true());
	}
	json_object_foreach(node, key, child)
		step_back(child);
	json_array_foreach(node, i, child)
		step_back(child);
}

json_t *openapi_document(const char *version)
{
	json_t *components = json_object();

	openapi_add_shared(components);
	openapi_add_schemas(json_object_get(components, "schemas"));
	openapi_add_special_schemas(json_object_get(components, "schemas"));
	json_t *document = json_pack("{s:s, s:o, s:[{s:s}], s:o, s:o, s:o}", "openapi", version,
				     "info", information(), "servers", "url", "/", "tags",
				     all_tags(), "paths", paths(), "components", components);

	if (document && !strncmp(version, "3.0", 3))
		step_back(document);
	return document;
}

char *openapi_yaml(const char *version)
{
	auto_text text = {0};
	json_t *document = openapi_document(version);

	if (!document)
		return NULL;
	yaml_add(&text, document);
	json_decref(document);
	return text_take(&text);
}
