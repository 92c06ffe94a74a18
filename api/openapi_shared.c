/* The contract's parts that all operations share: parameters, headers, error answers, security. */
#include <stdio.h>
#include <string.h>

#include "openapi.h"

/* A request header or query parameter that operations refer to. */
static const struct {
	const char *component, *name, *in, *type, *format;
	const struct code_list *codes;
	int64_t min, max, value; /* max 0: none; value: the default */
	const char *pattern;
	bool is_required;
	const char *about;
} parameters[] = {
	{"Limit", "limit", "query", "integer", .min = 1, .max = PAGE_MAX, .value = PAGE_DEFAULT,
	 .about = "Rows on a page"},
	{"Cursor", "cursor", "query", "string",
	 .about = "Where the page begins: `next_cursor` of the page before; empty is the first"},
	{"Count", "count", "query", "boolean", .about = "true: the page tells `total`"},
	{"Bom", "bom", "query", "boolean",
	 .about = "Of CSV: begin with a byte order mark, for Excel"},
	{"Words", "q", "query", "string", .min = 1,
	 .about = "Words of a name, at most 8; diacritics, case, order and apostrophes do not "
		  "matter"},
	{"UpdatedSince", "updated_since", "query", "string", "date-time",
	 .about = "Changed at that instant or later"},
	{"Reveal", "reveal", "query", "boolean",
	 .about = "true: citizen numbers whole and not masked; takes a Purpose"},
	{"Reason", "reason", "query", "string", .codes = &codes_void_reason, .is_required = true,
	 .about = "Why it is voided"},
	{"AcceptLanguage", "Accept-Language", "header", "string",
	 .about = "vi (default) or en: the language of `title` and `detail` of problems"},
	{"Purpose", "Purpose", "header", "string", .codes = &codes_purpose,
	 .about = "Why personal data are read; kept in the audit. Required unless the client has a "
		  "registered purpose"},
	{"IfMatch", "If-Match", "header", "string", .is_required = true,
	 .about = "The ETag of the record as it was read"},
	{"Correction", "Correction", "header", "string", "uuid",
	 .about = "The request of the person (/v1/subject-requests, kind correction) that the "
		  "change carries out: what was and what is are kept, and whoever was given the "
		  "data is told"},
	{"IfNoneMatch", "If-None-Match", "header", "string",
	 .about = "An ETag: 304 when it is still the present one"},
	{"IdempotencyKey", "Idempotency-Key", "header", "string", .min = 1, .max = 128,
	 .pattern = "^[!-~]{1,128}$", .is_required = true,
	 .about = "1 to 128 visible ASCII characters. The same key and content within 24 hours "
		  "answers the first result again, as far as the caller may see it now"},
};

static const struct {
	const char *component, *type, *about;
} headers[] = {
	{"ETag", "string", "The version of what is answered"},
	{"Location", "string", "The address of the new record, or of where it leads"},
	{"Link", "string", "rel=\"next\": the next page, when there is one (RFC 8288)"},
	{"IdempotencyReplayed", "boolean",
	 "true: an earlier request with this key was answered so"},
	{"WWWAuthenticate", "string", "How to authenticate (RFC 9110)"},
	{"RetryAfter", "integer", "Seconds to wait"},
	{"Allow", "string", "The methods that the address takes"},
	{"RequestId", "string", "Names this request in the log; on every answer"},
};

/* The header that an error answer carries. */
static const struct {
	int status;
	const char *component, *name;
} carried[] = {
	{401, "WWWAuthenticate", "WWW-Authenticate"},
	{405, "Allow", "Allow"},
	{429, "RetryAfter", "Retry-After"},
	{503, "RetryAfter", "Retry-After"},
};

/* When a route can answer so; several bits: when all of them hold. */
enum {
	KNOWN_CALLER = 1,
	MAY_BE_ABSENT = 2,
	HAS_BODY = 4,
	WRITES = 8,
	CHANGES = 16, /* a record that exists */
	NEGOTIATES = 32,
	RETURNS = 64, /* to where a feed was, or to what a key made */
	CHECKS = 128, /* what was sent, or the key that it was sent with */
};

static const struct {
	enum error_kind kind;
	unsigned when;
	const char *about;
} failures[] = {
	{ERROR_MALFORMED, 0, "Malformed JSON, or an unknown, repeated or malformed parameter"},
	{ERROR_UNAUTHENTICATED, KNOWN_CALLER, "No access token, or one that does not work"},
	{ERROR_FORBIDDEN, KNOWN_CALLER, "Known, but not allowed"},
	{ERROR_NOT_FOUND, MAY_BE_ABSENT, "Not there, or outside what the caller may see"},
	{ERROR_METHOD, 0, "The address does not take that method"},
	{ERROR_NOT_ACCEPTABLE, NEGOTIATES, "None of the formats in Accept is offered"},
	{ERROR_TIMEOUT, HAS_BODY, "The request was not complete in time"},
	{ERROR_CONFLICT, WRITES, "In conflict with the present state, or an illegal transition"},
	{ERROR_GONE, RETURNS,
	 "Of the feed: what followed is kept no more; read everything anew. Of a repeated POST: "
	 "what "
	 "it made was voided since, or is out of sight"},
	{ERROR_STALE, CHANGES, "The record has changed since the ETag in If-Match"},
	{ERROR_TOO_LARGE, 0, "The body is above the limit"},
	{ERROR_URI_TOO_LONG, 0, "The URL is above 8 KiB"},
	{ERROR_MEDIA_TYPE, HAS_BODY, "The body is of another media type"},
	{ERROR_EXPECTATION, 0, "The header Expect cannot be met"},
	{ERROR_INVALID, CHECKS, "The content fails validation; `errors` lists every fault"},
	{ERROR_PRECONDITION, CHANGES, "If-Match is missing"},
	{ERROR_TOO_MANY, 0, "Too many requests"},
	{ERROR_HEADERS_TOO_LARGE, 0, "The request's header fields are too large"},
	{ERROR_INTERNAL, 0, "A fault of ours; it has been logged"},
	{ERROR_UNAVAILABLE, 0, "Busy, stopping, or the database cannot be reached"},
};

enum { PARAMETER_COUNT = sizeof parameters / sizeof *parameters };
enum { HEADER_COUNT = sizeof headers / sizeof *headers };
enum { FAILURE_COUNT = sizeof failures / sizeof *failures };

static json_t *parameter_schema(size_t i)
{
	json_t *schema = json_pack("{s:s, s:s*}", "type", parameters[i].type, "format",
				   parameters[i].format);
	bool is_number = !strcmp(parameters[i].type, "integer");

	if (parameters[i].min)
		json_object_set_new(schema, is_number ? "minimum" : "minLength",
				    json_integer(parameters[i].min));
	if (parameters[i].max)
		json_object_set_new(schema, is_number ? "maximum" : "maxLength",
				    json_integer(parameters[i].max));
	if (parameters[i].value)
		json_object_set_new(schema, "default", json_integer(parameters[i].value));
	if (parameters[i].pattern)
		json_object_set_new(schema, "pattern", json_string(parameters[i].pattern));
	if (parameters[i].codes)
		json_object_set_new(schema, "enum", openapi_codes(parameters[i].codes));
	return schema;
}

static json_t *shared_parameters(void)
{
	json_t *all = json_object();

	for (size_t i = 0; i < PARAMETER_COUNT; i++) {
		json_t *parameter = json_pack("{s:s, s:s, s:s, s:o}", "name", parameters[i].name,
					      "in", parameters[i].in, "description",
					      parameters[i].about, "schema", parameter_schema(i));

		if (parameters[i].is_required)
			json_object_set_new(parameter, "required", json_true());
		json_object_set_new(all, parameters[i].component, parameter);
	}
	json_object_set_new(all, "Format",
			    json_pack("{s:s, s:s, s:s, s:{s:s, s:[s, s, s]}}", "name", "format",
				      "in", "query", "description",
				      "The same as Accept, for those who cannot set it", "schema",
				      "type", "string", "enum", "json", "csv", "ndjson"));
	return all;
}

static json_t *shared_headers(void)
{
	json_t *all = json_object();

	for (size_t i = 0; i < HEADER_COUNT; i++)
		json_object_set_new(all, headers[i].component,
				    json_pack("{s:s, s:{s:s}}", "description", headers[i].about,
					      "schema", "type", headers[i].type));
	return all;
}

/* "/problems/not-found" becomes "NotFound". */
static void failure_name(enum error_kind kind, char name[64])
{
	const struct error error = {.kind = kind, .code = "internal"};
	json_t *problem = error_problem(&error, "en", "/", "");
	const char *type = json_string_value(json_object_get(problem, "type"));
	size_t length = 0;

	for (type = strrchr(type, '/'); *type && length < 63; type++) {
		bool begins = *type == '/' || *type == '-';

		type += begins;
		name[length++] = begins ? (char)(*type & ~0x20) : *type;
	}
	name[length] = '\0';
	json_decref(problem);
}

static json_t *failure_response(size_t i)
{
	const struct error error = {.kind = failures[i].kind};
	json_t *carries = json_pack("{s:o}", "X-Request-Id", openapi_ref("headers", "RequestId"));

	for (size_t j = 0; j < sizeof carried / sizeof *carried; j++)
		if (carried[j].status == error_status(&error))
			json_object_set_new(carries, carried[j].name,
					    openapi_ref("headers", carried[j].component));
	return json_pack("{s:s, s:o, s:{s:{s:o}}}", "description", failures[i].about, "headers",
			 carries, "content", "application/problem+json", "schema",
			 openapi_ref("schemas", "Problem"));
}

static json_t *shared_failures(void)
{
	json_t *all = json_object();
	char name[64];

	for (size_t i = 0; i < FAILURE_COUNT; i++) {
		failure_name(failures[i].kind, name);
		json_object_set_new(all, name, failure_response(i));
	}
	return all;
}

/* What a path names; the figures of a report that nobody submitted; what is for the near alone. */
static bool may_be_absent(const char *path)
{
	return strchr(path, '{') || !strcmp(path, "/v1/indicators") || !strcmp(path, "/metrics");
}

static unsigned conditions(const struct route *route)
{
	bool reads = !strcmp(route->method, "GET") || !strcmp(route->method, "HEAD");
	unsigned bits = 0;

	if (route->authentication != PUBLIC)
		bits |= KNOWN_CALLER;
	if (!strncmp(route->path, "/v1/", 4))
		bits |= NEGOTIATES;
	if (may_be_absent(route->path))
		bits |= MAY_BE_ABSENT;
	if (route->body)
		bits |= HAS_BODY;
	if (route->resource && !reads)
		bits |= WRITES;
	if (route->body || (route->resource && !strcmp(route->method, "POST")))
		bits |= CHECKS;
	if (!strcmp(route->method, "PATCH") ||
	    (route->operation == REMOVE && resource_field(route->resource, "version")))
		bits |= CHANGES;
	if (!strcmp(route->path, "/v1/changes") ||
	    (route->resource && !strcmp(route->method, "POST")))
		bits |= RETURNS;
	return bits;
}

void openapi_add_failures(json_t *responses, const struct route *route)
{
	unsigned bits = conditions(route);
	char name[64], status[16];

	for (size_t i = 0; i < FAILURE_COUNT; i++) {
		const struct error error = {.kind = failures[i].kind};

		if ((failures[i].when & bits) != failures[i].when)
			continue;
		failure_name(failures[i].kind, name);
		snprintf(status, sizeof status, "%d", error_status(&error));
		if (!json_object_get(responses, status))
			json_object_set_new(responses, status, openapi_ref("responses", name));
	}
}

json_t *openapi_not_changed(void)
{
	return json_pack("{s:s, s:{s:o}}", "description", "Not changed", "headers", "ETag",
			 openapi_ref("headers", "ETag"));
}

/* As core/scope.c reads them. */
static json_t *scopes(void)
{
	json_t *all = json_pack("{s:s, s:s, s:s}", "read", "Read what its agency may read", "write",
				"Write what its agency may write", "people:export",
				"Names of minors in bulk exports");
	char name[96];

	for (size_t i = 0; resources[i]; i++) {
		if (resources[i]->parent || resources[i]->traits & (OWN_RULES | NEWEST_FIRST))
			continue;
		snprintf(name, sizeof name, "%s:read", resources[i]->name);
		json_object_set_new(all, name, json_sprintf("Read %s", resources[i]->name));
		if (resources[i]->traits & REFERENCE_DATA)
			continue;
		snprintf(name, sizeof name, "%s:write", resources[i]->name);
		json_object_set_new(all, name, json_sprintf("Write %s", resources[i]->name));
	}
	return all;
}

static json_t *security_schemes(void)
{
	json_t *bearer = json_pack(
		"{s:s, s:s, s:s, s:s}", "type", "http", "scheme", "bearer", "bearerFormat", "JWT",
		"description",
		"The access token of POST /v1/auth/login (people) or POST /oauth/token (systems)");
	json_t *basic = json_pack("{s:s, s:s, s:s}", "type", "http", "scheme", "basic",
				  "description",
				  "client_id and client_secret of a read-only client (BI tools), "
				  "and at /oauth/token");
	json_t *oauth2 = json_pack(
		"{s:s, s:s, s:{s:{s:s, s:o}}}", "type", "oauth2", "description",
		"Systems; a client may ask for the scopes that it is registered with", "flows",
		"clientCredentials", "tokenUrl", "/oauth/token", "scopes", scopes());

	return json_pack("{s:o, s:o, s:o}", "bearer", bearer, "basic", basic, "oauth2", oauth2);
}

static json_t *problem_schema(void)
{
	static const char *const members[][2] = {
		{"type", "Tells the kind of problem; never changes with the language"},
		{"title", "The kind of problem, in the language asked for"},
		{"code", "What went wrong; never changes with the language"},
		{"detail", "What went wrong, in the language asked for"},
		{"instance", "The path that was asked for"},
		{"request_id", "Names this request in the log"},
	};
	json_t *properties = json_object(), *required = json_array();
	const char *key;
	json_t *member;

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		json_object_set_new(
			properties, members[i][0],
			json_pack("{s:s, s:s}", "type", "string", "description", members[i][1]));
	json_object_set_new(
		properties, "status",
		json_pack("{s:s, s:i, s:i}", "type", "integer", "minimum", 400, "maximum", 599));
	json_object_set_new(properties, "errors",
			    json_pack("{s:s, s:s, s:o}", "type", "array", "description",
				      "Every fault at once", "items",
				      openapi_ref("schemas", "Fault")));
	json_object_foreach(properties, key, member)
		json_array_append_new(required, json_string(key));
	return json_pack("{s:s, s:s, s:o, s:o}", "type", "object", "description",
			 "RFC 9457, as application/problem+json", "properties", properties,
			 "required", required);
}

static json_t *fault_schema(void)
{
	return json_pack("{s:s, s:s, s:[s, s, s], s:{s:{s:s, s:s}, s:{s:s}, s:{s:s}}}", "type",
			 "object", "description", "One fault or hint", "required", "pointer",
			 "code", "detail", "properties", "pointer", "type", "string", "description",
			 "JSON Pointer (RFC 6901) into the content, or the name of a parameter",
			 "code", "type", "string", "detail", "type", "string");
}

static json_t *page_schema(void)
{
	return json_pack(
		"{s:s, s:[s, s, s, s], s:{s:{s:s}, s:{s:[s, s]}, s:{s:[s, s], s:s}, s:{s:[s, s], "
		"s:s, s:s}}}",
		"type", "object", "required", "limit", "next_cursor", "next", "total", "properties",
		"limit", "type", "integer", "next_cursor", "type", "string", "null", "next", "type",
		"string", "null", "description", "The address of the next page, null on the last",
		"total", "type", "integer", "null", "format", "int64", "description",
		"All rows; null unless ?count=true");
}

static json_t *warnings_schema(void)
{
	json_t *warning = fault_schema();

	json_object_set_new(json_object_get(warning, "properties"), "about",
			    json_pack("{s:s, s:s}", "type", "object", "description",
				      "What the hint is about, such as person, score and reasons"));
	return json_pack("{s:s, s:[s], s:{s:{s:s, s:s, s:o}}}", "type", "object", "required",
			 "warnings", "properties", "warnings", "type", "array", "description",
			 "Hints that did not refuse the record", "items", warning);
}

void openapi_add_shared(json_t *components)
{
	json_object_set_new(components, "securitySchemes", security_schemes());
	json_object_set_new(components, "parameters", shared_parameters());
	json_object_set_new(components, "headers", shared_headers());
	json_object_set_new(components, "responses", shared_failures());
	json_object_set_new(components, "schemas",
			    json_pack("{s:o, s:o, s:o, s:o}", "Problem", problem_schema(), "Fault",
				      fault_schema(), "Page", page_schema(), "Warnings",
				      warnings_schema()));
}
