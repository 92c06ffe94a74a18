/* What of a request is wrong before anything is looked up: framing, headers, URL. */
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "request.h"

static const char *const methods[] = {"GET",	"HEAD",	   "POST",  "PATCH",   "PUT",
				      "DELETE", "OPTIONS", "TRACE", "CONNECT", NULL};

static bool method_is_known(const char *method)
{
	for (const char *const *known = methods; *known; known++)
		if (!strcmp(*known, method))
			return true;
	return false;
}

const char *request_header(const struct request *request, const char *name)
{
	return u_map_get_case(request->http->map_header, name);
}

struct MHD_Connection *request_connection(const struct _u_request *http)
{
	return (struct MHD_Connection *)(uintptr_t)http->timeout;
}

struct header_lines {
	const char *name;
	size_t count;
	struct text *joined;
};

static enum MHD_Result add_line(void *data, enum MHD_ValueKind kind, const char *name,
				const char *value)
{
	struct header_lines *lines = data;

	(void)kind;
	if (strcasecmp(name, lines->name) != 0)
		return MHD_YES;
	if (lines->count++ && lines->joined)
		text_add_char(lines->joined, ',');
	if (value && lines->joined)
		text_add(lines->joined, value);
	return MHD_YES;
}

size_t request_header_lines(const struct request *request, const char *name, struct text *joined)
{
	struct header_lines lines = {.name = name, .joined = joined};

	MHD_get_connection_values(request_connection(request->http), MHD_HEADER_KIND, add_line,
				  &lines);
	return lines.count;
}

static bool headers_are_single(struct request *request)
{
	static const char *const single[] = {
		"Host",	   "Content-Length",   "Authorization", "Content-Type", "Idempotency-Key",
		"Purpose", "Transfer-Encoding"};

	for (size_t i = 0; i < sizeof single / sizeof *single; i++)
		if (request_header_lines(request, single[i], NULL) > 1)
			return error_set(&request->error, ERROR_MALFORMED, "header_repeated",
					 single[i]);
	return true;
}

static bool headers_are_sound(struct request *request)
{
	const char *expect = request_header(request, "Expect");
	const char *encoding = request_header(request, "Transfer-Encoding");
	const char **names = u_map_enum_keys(request->http->map_header);

	if (encoding &&
	    (strcasecmp(encoding, "chunked") != 0 || request_header(request, "Content-Length")))
		return error_set(&request->error, ERROR_MALFORMED, "header_malformed",
				 "Transfer-Encoding");
	if (expect && strcasecmp(expect, "100-continue") != 0)
		return error_set(&request->error, ERROR_EXPECTATION, "expectation", expect);
	if (!request_header(request, "Host") &&
	    strcmp(request->http->http_protocol, "HTTP/1.0") != 0)
		return error_set(&request->error, ERROR_MALFORMED, "header_malformed", "Host");
	for (int i = 0; names && names[i]; i++)
		if (strpbrk(names[i], " \t"))
			return error_set(&request->error, ERROR_MALFORMED, "header_malformed", "");
	return headers_are_single(request);
}

/* "vi" unless English is preferred. */
static const char *language_of(const struct request *request)
{
	const char *wanted = request_header(request, "Accept-Language");
	const char *english = wanted ? strcasestr(wanted, "en") : NULL;
	const char *vietnamese = wanted ? strcasestr(wanted, "vi") : NULL;

	return english && (!vietnamese || english < vietnamese) ? "en" : "vi";
}

static bool url_is_sound(struct request *request)
{
	const char *url = request->http->http_url ? request->http->http_url : "";
	size_t path = strcspn(url, "?");
	char limit[16];

	snprintf(limit, sizeof limit, "%d", request->service->config.url_limit);
	if (strlen(url) > (size_t)request->service->config.url_limit)
		return error_set(&request->error, ERROR_URI_TOO_LONG, "url_too_long", limit);
	if (url[0] != '/' || strpbrk(url, "#\\ \t"))
		return error_set(&request->error, ERROR_MALFORMED, "url_malformed", NULL);
	if (path >= sizeof request->path)
		return error_set(&request->error, ERROR_NOT_FOUND, "no_route", NULL);
	snprintf(request->path, sizeof request->path, "%.*s", (int)path, url);
	/* No address of ours needs an escape: what hides behind one is refused. */
	if (strchr(request->path, '%'))
		return error_set(&request->error, ERROR_MALFORMED, "url_malformed", NULL);
	return true;
}

bool frame(struct request *request)
{
	request->language = language_of(request);
	/* The URL first: a problem names its path. */
	if (!url_is_sound(request) || !headers_are_sound(request))
		return false;
	return method_is_known(request->http->http_verb) ||
	       error_set(&request->error, ERROR_NOT_IMPLEMENTED, "method_unknown", NULL);
}
