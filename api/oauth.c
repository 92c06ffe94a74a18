/* Tokens for systems (RFC 6749, client credentials), the key set and the metadata (RFC 8414). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scope.h"
#include "session.h"
#include "token.h"

enum { FORM_MAX = 16384, FORM_PARAMETERS = 16, CLIENT_SESSION_SLACK = 60 };

/* A form, decoded in place of its own copy. */
struct form {
	char *text;
	struct parameter parameters[FORM_PARAMETERS];
	size_t count;
};

static void form_release(struct form *form)
{
	free(form->text);
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 32) >= 'a' && (c | 32) <= 'f')
		return (c | 32) - 'a' + 10;
	return -1;
}

/* Decodes in place; false for a malformed escape or a NUL. */
static bool unescape(char *text, bool plus)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (*from == '%') {
			int high = hex(from[1]), low = high < 0 ? -1 : hex(from[2]);

			if (low < 0 || !(high | low))
				return false;
			*to++ = (char)(high * 16 + low);
			from += 2;
		} else {
			*to++ = *from == '+' && plus ? ' ' : *from;
		}
	}
	*to = '\0';
	return true;
}

static const char *form_value(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (!strcmp(form->parameters[i].name, name))
			return form->parameters[i].value;
	return NULL;
}

static bool form_add(struct form *form, char *pair)
{
	char *value = strchr(pair, '=');

	if (!value || form->count == FORM_PARAMETERS)
		return false;
	*value++ = '\0';
	if (!*pair || !unescape(pair, true) || !unescape(value, true) || form_value(form, pair))
		return false;
	form->parameters[form->count++] = (struct parameter){pair, value};
	return true;
}

/* False when a parameter is malformed or sent twice. */
static bool form_read(struct form *form, const void *bytes, size_t length)
{
	if (!length || length > FORM_MAX || memchr(bytes, '\0', length))
		return false;
	form->text = strndup(bytes, length);
	for (char *rest = form->text, *pair; (pair = strsep(&rest, "&"));)
		if (!form_add(form, pair))
			return false;
	return form->text != NULL;
}

/* RFC 6749, 5.2. `about` is for the client's developer. */
static bool refuse(struct request *request, int status, const char *code, const char *about)
{
	if (status == 401)
		reply_header(&request->reply, "WWW-Authenticate",
			     "Basic realm=\"lachan\", charset=\"UTF-8\"");
	return reply_json(request, status,
			  json_pack("{s:s, s:s}", "error", code, "error_description", about));
}

/* RFC 6749, 2.3.1: both halves of Basic are form-encoded. Most clients leave them plain, and what
 * does not decode is taken so. */
static bool basic_read(const char *authorization, struct client_secret *secret)
{
	struct client_secret decoded;

	if (!client_secret_read(authorization, secret))
		return false;
	decoded = *secret;
	if (unescape(decoded.name, false) && unescape(decoded.secret, false))
		*secret = decoded;
	return true;
}

static bool form_secret(const struct form *form, struct client_secret *secret)
{
	const char *name = form_value(form, "client_id");
	const char *text = form_value(form, "client_secret");

	if (!name || !*name || strlen(name) >= sizeof secret->name || !text ||
	    strlen(text) >= sizeof secret->secret)
		return false;
	snprintf(secret->name, sizeof secret->name, "%s", name);
	snprintf(secret->secret, sizeof secret->secret, "%s", text);
	return true;
}

/* The scopes of the new token: those asked for, which must be registered; else all of them. */
static bool scope_grant(const struct credential *credential, const char *asked,
			struct text *granted)
{
	struct scopes registered, wanted;

	if (!scopes_parse(credential->scopes, &registered))
		return false;
	if (asked && *asked &&
	    (!scopes_parse(asked, &wanted) || !scopes_include(&registered, &wanted)))
		return false;
	scopes_format(asked && *asked ? &wanted : &registered, granted);
	return true;
}

static bool grant(struct request *request, const struct attempt *attempt,
		  const struct credential *credential, const char *scope)
{
	struct service *service = request->service;
	int seconds = service->config.access_token_seconds;
	const struct session_start start = {.attempt = attempt,
					    .client = credential->holder,
					    .seconds = seconds + CLIENT_SESSION_SLACK,
					    .scopes = scope};
	struct caller caller;
	bool stands = false;

	if (!accounts_session_open(service->pool, &start, &caller, &stands, &request->error))
		return false;
	if (!stands)
		return refuse(request, 401, "invalid_client", "The client is not allowed in");
	char *token = token_sign(service, &caller, seconds, &request->error);
	if (!token)
		return false;
	json_t *document = json_pack("{s:s, s:s, s:i, s:s}", "access_token", token, "token_type",
				     "Bearer", "expires_in", seconds, "scope", scope);
	free(token);
	return reply_json(request, 200, document);
}

static bool token_for(struct request *request, const struct form *form)
{
	const char *type = form_value(form, "grant_type");
	const char *authorization = request_header(request, "Authorization");
	struct client_secret secret;
	struct attempt attempt;
	struct credential credential;
	auto_text scope = {0};

	if (!type || !*type)
		return refuse(request, 400, "invalid_request", "grant_type is missing");
	if (strcmp(type, "client_credentials"))
		return refuse(request, 400, "unsupported_grant_type",
			      "Only client_credentials is supported");
	if (authorization && form_value(form, "client_secret"))
		return refuse(request, 400, "invalid_request",
			      "Two ways of authentication at once");
	if (authorization ? !basic_read(authorization, &secret) : !form_secret(form, &secret))
		return refuse(request, 401, "invalid_client", "Client authentication is missing");
	if (!client_proves(request, &secret, &attempt, &credential))
		return false;
	if (!credential.holder[0])
		return refuse(request, 401, "invalid_client", "Client authentication failed");
	if (!scope_grant(&credential, form_value(form, "scope"), &scope))
		return refuse(request, 400, "invalid_scope", "The scope is not registered");
	return grant(request, &attempt, &credential, text_string(&scope));
}

/* A secret in a URL is in every log on the way. */
bool session_token(struct request *request)
{
	__attribute__((cleanup(form_release))) struct form form = {0};
	const struct _u_request *http = request->http;

	if (request_parameter(request, "client_secret"))
		return refuse(request, 401, "invalid_client", "A secret must not be in the URL");
	if (request->parameter_count)
		return refuse(request, 400, "invalid_request", "Parameters belong in the body");
	if (!form_read(&form, http->binary_body, http->binary_body_length))
		return refuse(request, 400, "invalid_request",
			      "The form is empty or malformed, or a parameter is repeated");
	return token_for(request, &form);
}

static bool reply_public(struct request *request, json_t *document)
{
	if (!document)
		return error_internal(&request->error, ERROR_INTERNAL, "out of memory");
	reply_header(&request->reply, "Cache-Control", "public, max-age=300");
	return reply_json(request, 200, document);
}

bool session_jwks(struct request *request)
{
	json_t *keys = tokens_jwks(request->service, &request->error);

	return keys && reply_public(request, keys);
}

static json_t *scopes_supported(void)
{
	json_t *list = json_pack("[s, s, s]", "read", "write", "people:export");

	for (unsigned i = 0; list && resources[i]; i++) {
		if (resources[i]->parent || resources[i]->traits & (OWN_RULES | NEWEST_FIRST))
			continue;
		json_array_append_new(list, json_sprintf("%s:read", resources[i]->name));
		if (!(resources[i]->traits & REFERENCE_DATA))
			json_array_append_new(list, json_sprintf("%s:write", resources[i]->name));
	}
	return list;
}

bool session_metadata(struct request *request)
{
	const struct config *config = &request->service->config;
	const char *url = config->public_url;

	return reply_public(
		request,
		json_pack("{s:s, s:o, s:o, s:o, s:[], s:[s], s:[s, s], s:o}", "issuer",
			  config->issuer, "token_endpoint", json_sprintf("%s/oauth/token", url),
			  "jwks_uri", json_sprintf("%s/.well-known/jwks.json", url),
			  "service_documentation", json_sprintf("%s/docs", url),
			  "response_types_supported", "grant_types_supported", "client_credentials",
			  "token_endpoint_auth_methods_supported", "client_secret_basic",
			  "client_secret_post", "scopes_supported", scopes_supported()));
}
