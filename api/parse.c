/* Path, query string and body → parameters, JSON and the plan's format. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "request.h"

enum { JSON_DEPTH = 16 };

const char *request_parameter(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->parameter_count; i++)
		if (!strcmp(request->parameters[i].name, name))
			return request->parameters[i].value;
	return NULL;
}

static int hex(char c)
{
	return isdigit((unsigned char)c)    ? c - '0'
	       : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
					    : -1;
}

/* Decodes in place; false for a bad escape, a control character or what is not UTF-8. */
static bool decode(char *text)
{
	char *out = text;
	const char *start = text;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '+')
			c = ' ';
		else if (c == '%') {
			int high = hex(text[1]), low = high < 0 ? -1 : hex(text[2]);

			if (low < 0)
				return false;
			c = (unsigned char)(high * 16 + low);
			text += 2;
		}
		if (c < 0x20 || c == 0x7f)
			return false;
		*out++ = (char)c;
	}
	*out = '\0';
	return !u8_check((const uint8_t *)start, (size_t)(out - start));
}

static bool add_parameter(struct request *request, char *pair)
{
	char *value = strchr(pair, '=');
	struct error *error = &request->error;

	if (value)
		*value++ = '\0';
	if (!decode(pair) || (value && !decode(value)))
		return error_set(error, ERROR_MALFORMED, "url_malformed", NULL);
	if (request->parameter_count == REQUEST_PARAMETERS)
		return error_set(error, ERROR_MALFORMED, "too_many_parameters", "100");
	if (request_parameter(request, pair))
		return error_fault(error, ERROR_MALFORMED, pair, "repeated_parameter", NULL);
	request->parameters[request->parameter_count++] = (struct parameter){pair,
									     value ? value : ""};
	return true;
}

static bool parse_query(struct request *request)
{
	const char *query = strchr(request->http->http_url, '?');
	char *rest = NULL;

	if (!query || !query[1])
		return true;
	request->query = strdup(query + 1);
	if (!request->query)
		return error_internal(&request->error, ERROR_UNAVAILABLE, "out of memory");
	for (char *pair = strtok_r(request->query, "&", &rest); pair;
	     pair = strtok_r(NULL, "&", &rest))
		if (!add_parameter(request, pair))
			return false;
	return true;
}

/* Deeper than any record of ours: refused before anything recurses into it. */
static bool is_shallow(const char *json, size_t length)
{
	int depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < length; i++) {
		if (in_string && json[i] == '\\')
			i++;
		else if (json[i] == '"')
			in_string = !in_string;
		else if (!in_string && (json[i] == '{' || json[i] == '['))
			depth++;
		else if (!in_string && (json[i] == '}' || json[i] == ']'))
			depth--;
		if (depth > JSON_DEPTH)
			return false;
	}
	return true;
}

static bool parse_json(struct request *request)
{
	const char *body = request->http->binary_body;
	size_t length = request->http->binary_body_length;
	json_error_t fault;
	char where[64];

	if (!length)
		return error_set(&request->error, ERROR_MALFORMED, "body_required", NULL);
	if (!is_shallow(body, length))
		return error_set(&request->error, ERROR_MALFORMED, "json_too_deep", "16");
	request->body = json_loadb(body, length, JSON_REJECT_DUPLICATES, &fault);
	if (!request->body) {
		snprintf(where, sizeof where, "%d:%d", fault.line, fault.column);
		return error_set(&request->error, ERROR_MALFORMED, "json_malformed", where);
	}
	return json_is_object(request->body) ||
	       error_set(&request->error, ERROR_MALFORMED, "object_expected", NULL);
}

static bool is_json(const struct route *route)
{
	return route->body && strstr(route->body, "json");
}

bool parse(struct request *request)
{
	/* A body that a route may go without is parsed when there is one. */
	bool may_be_empty = !strcmp(request->route->path, "/v1/auth/logout");

	if (!parse_query(request))
		return false;
	if (!is_json(request->route) || (may_be_empty && !request->http->binary_body_length))
		return true;
	return parse_json(request);
}

/* How much an Accept header (RFC 9110, 12.5.1) wants a media type: 0 not at all, 1000 most. The
 * type itself counts before a range of it. */
static int wanted(const char *accept, const char *type)
{
	size_t main_type = strcspn(type, "/") + 1;
	int best = -1, exact = -1;

	for (const char *item = accept; *item; item += strcspn(item, ","), item += *item == ',') {
		item += strspn(item, " \t");
		size_t length = strcspn(item, ",; \t"), all = strcspn(item, ",");
		const char *q = strstr(item, "q=");
		int value = q && q < item + all ? (int)(strtod(q + 2, NULL) * 1000) : 1000;

		if (length == strlen(type) && !strncasecmp(item, type, length))
			exact = value;
		else if ((length == 3 && !strncmp(item, "*/*", 3)) ||
			 (length == main_type + 1 && !strncasecmp(item, type, main_type) &&
			  item[main_type] == '*'))
			best = value > best ? value : best;
	}
	return exact >= 0 ? exact : best > 0 ? best : 0;
}

static bool negotiate_answer(struct request *request)
{
	static const char *const types[] = {
		[JSON] = "application/json", [CSV] = "text/csv", [NDJSON] = "application/x-ndjson"};
	const char *accept = request_header(request, "Accept");
	const struct route *route = request->route;
	bool is_list = (route->resource && route->operation == LIST) ||
		       !strncmp(route->path, "/v1/indicators", 14);
	int most = 0;

	if (!accept || !*accept || strncmp(route->path, "/v1/", 4) != 0)
		return true;
	for (int i = 0; i < (is_list ? 3 : 1); i++)
		if (wanted(accept, types[i]) > most) {
			most = wanted(accept, types[i]);
			request->plan.format = (enum format)i;
		}
	return most || wanted(accept, "application/problem+json") ||
	       error_set(&request->error, ERROR_NOT_ACCEPTABLE, "not_acceptable",
			 is_list ? "application/json, text/csv, application/x-ndjson"
				 : "application/json");
}

/* Parameters of a media type (RFC 9110, 8.3.1): none, or charset=utf-8, also quoted. */
static bool is_utf8(const char *parameters)
{
	static const char *const said[] = {"charset=utf-8", "charset=\"utf-8\""};

	parameters += strspn(parameters, " \t;");
	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		size_t length = strlen(said[i]);

		if (!strncasecmp(parameters, said[i], length) &&
		    !parameters[length + strspn(parameters + length, " \t;")])
			return true;
	}
	return !*parameters;
}

static bool negotiate_body(struct request *request)
{
	const char *type = request_header(request, "Content-Type");
	const char *encoding = request_header(request, "Content-Encoding");
	const char *taken = request->route->body;
	size_t length = taken ? strlen(taken) : 0;

	if (!taken || (!type && !request->http->binary_body_length))
		return true;
	if (encoding && strcasecmp(encoding, "identity") != 0) {
		reply_header(&request->reply, "Accept-Encoding", "identity");
		return error_set(&request->error, ERROR_MEDIA_TYPE, "media_type", "identity");
	}
	if (!type || strncasecmp(type, taken, length) != 0 || !strchr(" \t;", type[length]))
		return error_set(&request->error, ERROR_MEDIA_TYPE, "media_type", taken);
	return is_utf8(type + length) ||
	       error_set(&request->error, ERROR_MEDIA_TYPE, "media_type", "charset=utf-8");
}

bool negotiate(struct request *request)
{
	return negotiate_answer(request) && negotiate_body(request);
}
