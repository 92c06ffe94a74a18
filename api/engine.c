/* The handlers of every resource: list, read, create, update, void. */
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "period.h"

/* The record and its parent, from the path. What cannot be an id names nothing. */
static bool take_ids(struct request *request)
{
	const struct route *route = request->route;
	struct plan *plan = &request->plan;
	bool has_id = route->operation != LIST && route->operation != CREATE;
	const char *id = request->variables[route->resource->parent ? 1 : 0];
	struct error fault = {0};
	char *parsed = NULL;

	plan->resource = route->resource;
	plan->operation = route->operation;
	if (route->resource->parent) {
		if (!uuid_is_valid(request->variables[0]))
			return error_set(&request->error, ERROR_NOT_FOUND, "not_found", NULL);
		snprintf(plan->parent, sizeof plan->parent, "%s", request->variables[0]);
	}
	if (!has_id)
		return true;
	parsed = field_parses(resource_key(route->resource), id, "id", &fault);
	error_release(&fault);
	if (!parsed)
		return error_set(&request->error, ERROR_NOT_FOUND, "not_found", NULL);
	snprintf(plan->id, sizeof plan->id, "%s", parsed);
	free(parsed);
	return true;
}

bool engine_parameters(struct request *request)
{
	if (!take_ids(request) ||
	    !plan_parse(&request->plan, request->parameters, request->parameter_count,
			&request->caller, &request->service->keyring, &request->error))
		return false;
	bool is_personal = request->plan.resource->traits & PERSONAL;
	/* A number is shown whole for a purpose of this very request, not for the registered one.
	 */
	bool has_purpose = request->plan.reveal ? request_header(request, "Purpose") != NULL
						: *request->caller.purpose != '\0';

	return !is_personal || has_purpose ||
	       error_fault(&request->error, ERROR_MALFORMED, "Purpose", "purpose_required", NULL);
}

bool engine_body(struct request *request)
{
	char today[11];

	today_in_vietnam(today);
	if (!resource_accepts(request->route->resource, request->route->operation, request->body,
			      request->caller.agency, today, &request->error))
		return false;
	request->plan.body = json_incref(request->body);
	return true;
}

/* An unreserved form of the query without the cursor, then the new one. */
static void add_next(struct request *request, const char *cursor, struct text *next)
{
	text_add(next, request->path);
	text_add_char(next, '?');
	for (size_t i = 0; i < request->parameter_count; i++) {
		const struct parameter *parameter = &request->parameters[i];

		if (!strcmp(parameter->name, "cursor"))
			continue;
		text_addf(next, "%s=", parameter->name);
		for (const char *c = parameter->value; *c; c++)
			if (strchr("-_.,~:", *c) || (*c >= '0' && *c <= '9') ||
			    ((*c | 32) >= 'a' && (*c | 32) <= 'z'))
				text_add_char(next, *c);
			else
				text_addf(next, "%%%02X", (unsigned char)*c);
		text_add_char(next, '&');
	}
	text_addf(next, "cursor=%s", cursor);
}

static void finish_list(struct request *request, struct answer *answer)
{
	auto_text next = {0}, link = {0};

	text_add(&answer->body, ",\"next\":");
	if (answer->next_cursor) {
		add_next(request, answer->next_cursor, &next);
		text_addf(&link, "<%s>; rel=\"next\"", text_string(&next));
		reply_header(&request->reply, "Link", text_string(&link));
	}
	text_add_json(&answer->body, next.data);
	text_add(&answer->body, "}}");
}

static void take_answer(struct request *request, int status, struct answer *answer)
{
	request->reply.status = status;
	request->reply.content_type = "application/json; charset=utf-8";
	request->reply.body = answer->body;
	answer->body = (struct text){0};
}

void engine_tag(struct request *request, const char *etag)
{
	char quoted[72];

	if (!*etag)
		return;
	snprintf(quoted, sizeof quoted, "\"%s\"", etag);
	reply_header(&request->reply, "ETag", quoted);
}

void engine_answer(struct request *request, int status, struct answer *answer)
{
	char location[640];

	snprintf(location, sizeof location, "%s/%s", request->path, answer->id);
	if (status == 201)
		reply_header(&request->reply, "Location", location);
	if (answer->is_replayed)
		reply_header(&request->reply, "Idempotency-Replayed", "true");
	engine_tag(request, answer->etag);
	take_answer(request, status, answer);
}

static bool stream(struct request *request)
{
	request->reply.status = 200;
	request->reply.content_type = request->plan.format == CSV
					      ? "text/csv; charset=utf-8; header=present"
					      : "application/x-ndjson";
	return export_open(&request->service->records, &request->caller, &request->plan,
			   &request->reply.export, &request->error);
}

bool engine_list(struct request *request)
{
	struct answer answer = {0};

	if (!engine_parameters(request) || !admit_number(request))
		return false;
	if (request->plan.format != JSON)
		return stream(request);
	bool done = records_list(&request->service->records, &request->caller, &request->plan,
				 &answer, &request->error);

	if (done) {
		finish_list(request, &answer);
		take_answer(request, 200, &answer);
	}
	answer_release(&answer);
	return done;
}

/* Whether a list of entity tags (RFC 9110, 8.8.3) has this one, compared weakly. */
static bool has_tag(const char *tags, const char *etag)
{
	char quoted[72];

	snprintf(quoted, sizeof quoted, "\"%s\"", etag);
	return !strcmp(tags, "*") || strstr(tags, quoted);
}

/* What a record out of sight is called. Whoever has no people at all but those shared with it is
 * refused; whoever may break the glass is told so, whether or not there is such a person. */
static void explain_absence(struct request *request)
{
	const struct resource *resource = request->route->resource;

	if (request->error.kind != ERROR_NOT_FOUND)
		return;
	error_release(&request->error);
	if (!access_may(&request->caller, resource, LIST))
		error_set(&request->error, ERROR_FORBIDDEN, "not_allowed", NULL);
	else if (resource == &people && access_may(&request->caller, &break_glasses, CREATE))
		error_set(&request->error, ERROR_BREAK_GLASS, "break_glass_available", NULL);
	else
		error_set(&request->error, ERROR_NOT_FOUND, "not_found", NULL);
}

bool engine_is_unchanged(struct request *request, const char *etag)
{
	const char *tags = request_header(request, "If-None-Match");

	if (!tags || !*etag || !has_tag(tags, etag))
		return false;
	engine_tag(request, etag);
	request->reply.status = 304;
	return true;
}

bool engine_read(struct request *request)
{
	struct answer answer = {0};

	if (!engine_parameters(request))
		return false;
	bool done = records_read(&request->service->records, &request->caller, &request->plan,
				 &answer, &request->error);

	if (!done)
		explain_absence(request);
	else if (!engine_is_unchanged(request, answer.etag))
		engine_answer(request, 200, &answer);
	answer_release(&answer);
	return done;
}

/* Hints beside the record: {"…","warnings":[…]}. */
static void add_warnings(struct request *request, struct answer *answer)
{
	json_t *warnings = resource_warnings(request->route->resource, request->body), *warning;
	size_t i;

	if (!answer->body.length) {
		json_decref(warnings);
		return;
	}
	warnings = warnings ? warnings : json_array();
	/* What it may not list it is not told of either. */
	if (access_may(&request->caller, request->route->resource, LIST))
		records_warnings(&request->service->records, &request->caller,
				 request->route->resource, answer->id, warnings);
	answer->body.length--; /* the closing brace */
	text_add(&answer->body, ",\"warnings\":[");
	json_array_foreach(warnings, i, warning) {
		const char *code = json_string_value(json_object_get(warning, "code"));
		char *detail = message_text(code, request->language, NULL);

		text_addf(&answer->body,
			  "%s{\"pointer\":\"%s\",\"code\":\"%s\",\"detail\":", i ? "," : "",
			  json_string_value(json_object_get(warning, "pointer")), code);
		text_add_json(&answer->body, detail);
		if (json_object_get(warning, "about")) {
			char *about = json_dumps(json_object_get(warning, "about"), JSON_COMPACT);

			text_addf(&answer->body, ",\"about\":%s", about);
			free(about);
		}
		text_add_char(&answer->body, '}');
		free(detail);
	}
	text_add(&answer->body, "]}");
	json_decref(warnings);
}

/* Of ! to ~ alone, and of at least one. */
static bool is_visible(const char *key)
{
	size_t length = 0;

	while (key[length] >= '!' && key[length] <= '~')
		length++;
	return length && !key[length];
}

/* Who, what and with which key: what a repeated POST is known by. */
bool engine_idempotency(struct request *request, struct idempotency *idempotency, char scope[65])
{
	const char *key = request_header(request, "Idempotency-Key");
	auto_text about = {0};

	if (!key)
		return error_fault(&request->error, ERROR_MALFORMED, "Idempotency-Key",
				   "idempotency_key_required", NULL);
	if (!is_visible(key) || strlen(key) > 128)
		return error_fault(&request->error, ERROR_MALFORMED, "Idempotency-Key",
				   "idempotency_key_malformed", NULL);
	text_addf(&about, "%s POST %s %s", request->caller.user, request->path, key);
	secret_sha256(text_string(&about), scope);
	char *canonical = json_dumps(request->body, JSON_COMPACT | JSON_SORT_KEYS);

	secret_sha256(canonical ? canonical : "", idempotency->fingerprint);
	free(canonical);
	idempotency->key = scope;
	return true;
}

/* A row that is not the caller's to write for the unit that was sent: its grants are of a
 * territory, and that is outside. */
static void blame_unit(struct request *request)
{
	const char *unit = json_string_value(json_object_get(request->plan.body, "unit"));
	const struct grant *found[8];
	size_t count = access_grants(request->caller.agency, request->plan.resource,
				     request->plan.operation, found, 8);

	if (!unit || access_reaches(&request->caller, unit) || !request->error.code ||
	    strcmp(request->error.code, "row_not_allowed") != 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (found[i]->scope != TERRITORY)
			return;
	error_fault(&request->error, ERROR_FORBIDDEN, "/unit", "outside_territory", NULL);
}

bool engine_create(struct request *request)
{
	struct idempotency idempotency = {0};
	struct answer answer = {0};
	char scope[65];

	/* The fingerprint is of what was sent, before it takes its stored form. */
	if (!engine_idempotency(request, &idempotency, scope) || !engine_parameters(request) ||
	    !engine_body(request) || !admit_number(request))
		return false;
	bool done = records_create(&request->service->records, &request->caller, &request->plan,
				   &idempotency, &answer, &request->error);

	if (done) {
		add_warnings(request, &answer);
		engine_answer(request, 201, &answer);
	} else {
		blame_unit(request);
	}
	answer_release(&answer);
	return done;
}

/* The version that the next strong tag of a list has; what is weak or no tag of ours matches
 * nothing. False at its end. */
static bool next_version(const char **tags, int64_t *version)
{
	const char *tag = *tags;

	*version = 0;
	tag += strspn(tag, " \t,");
	const char *open = strchr(tag, '"'), *close = open ? strchr(open + 1, '"') : NULL;
	char *end;

	if (!close)
		return false;
	*tags = close + 1;
	if (open != tag)
		return true;
	*version = strtoll(open + 1, &end, 10);
	if (*version < 0 || (*end != '-' && end != close))
		*version = 0;
	return true;
}

/* The version of the record that is to be changed. */
static bool version_now(const struct request *request, int64_t *version, struct error *error)
{
	struct plan plan = {.resource = request->plan.resource, .operation = READ};
	struct answer now = {0};

	snprintf(plan.id, sizeof plan.id, "%s", request->plan.id);
	snprintf(plan.parent, sizeof plan.parent, "%s", request->plan.parent);
	bool found = records_read(&request->service->records, &request->caller, &plan, &now, error);

	*version = now.version;
	answer_release(&now);
	return found;
}

/* Of several tags any may match. */
static bool take_present_version(struct request *request, const char *tags)
{
	int64_t now, version;

	if (!version_now(request, &now, &request->error))
		return false;
	while (next_version(&tags, &version))
		if (version == now) {
			request->plan.version = now;
			return true;
		}
	return error_set(&request->error, ERROR_STALE, "stale", NULL);
}

/* If-Match: the version in a strong tag of ours, or "*" for admins. */
static bool take_version(struct request *request)
{
	const char *tags = request_header(request, "If-Match"), *rest = tags;
	int64_t version, count = 0;

	if (!tags || !*tags)
		return error_set(&request->error, ERROR_PRECONDITION, "if_match_required", NULL);
	if (!strcmp(tags, "*")) {
		request->plan.version = 0;
		return request->caller.role == ADMIN ||
		       error_set(&request->error, ERROR_FORBIDDEN, "wildcard_not_allowed", NULL);
	}
	while (next_version(&rest, &version))
		if (version) {
			request->plan.version = version;
			count++;
		}
	if (count > 1)
		return take_present_version(request, tags);
	return count || error_set(&request->error, ERROR_STALE, "stale", NULL);
}

/* A stale version is told before what is wrong with the content (RFC 9110, 13.2.1). */
static bool is_current(struct request *request)
{
	struct error error = {0};
	int64_t now;
	bool found = version_now(request, &now, &error);
	bool fits = found && (!request->plan.version || now == request->plan.version);

	if (!fits) {
		error_release(&request->error);
		if (found)
			error_set(&request->error, ERROR_STALE, "stale", NULL);
		else
			error_set(&request->error, error.kind, error.code, NULL);
	}
	error_release(&error);
	return fits;
}

bool engine_changes(struct request *request)
{
	if (!engine_parameters(request) || !take_version(request))
		return false;
	if (engine_body(request))
		return true;
	(void)!is_current(request);
	return false;
}

/* The header Correction: which request of the person the update carries out. */
static bool take_correction(struct request *request)
{
	const char *of_request = request_header(request, "Correction");

	if (!of_request)
		return true;
	if (!resource_is_correctable(request->route->resource))
		return error_fault(&request->error, ERROR_MALFORMED, "Correction",
				   "not_correctable", NULL);
	if (!uuid_is_valid(of_request))
		return error_fault(&request->error, ERROR_MALFORMED, "Correction", "not_a_uuid",
				   NULL);
	snprintf(request->plan.correction, sizeof request->plan.correction, "%s", of_request);
	return true;
}

bool engine_update(struct request *request)
{
	struct answer answer = {0};

	if (!engine_changes(request) || !take_correction(request) || !admit_number(request))
		return false;
	bool done = records_update(&request->service->records, &request->caller, &request->plan,
				   &answer, &request->error);

	if (done) {
		add_warnings(request, &answer);
		engine_answer(request, 200, &answer);
	} else {
		blame_unit(request);
	}
	answer_release(&answer);
	return done;
}

bool engine_void(struct request *request)
{
	if (!engine_parameters(request) || !take_version(request))
		return false;
	if (!request->plan.reason)
		return error_fault(&request->error, ERROR_MALFORMED, "reason", "required", NULL);
	request->reply.status = 204;
	return records_void(&request->service->records, &request->caller, &request->plan,
			    &request->error);
}
