/* Who is asking: bearer token, or HTTP Basic of a read-only system, to caller. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "request.h"
#include "scope.h"
#include "session.h"
#include "token.h"
#include "verified.h"

enum { BASIC_SECONDS = 60, BASIC_MAX = 1100 };

bool scheme_is(const char *authorization, const char *scheme, const char **rest)
{
	size_t length = strlen(scheme);

	if (!authorization || strncasecmp(authorization, scheme, length) ||
	    (authorization[length] && authorization[length] != ' '))
		return false;
	*rest = authorization + length + strspn(authorization + length, " ");
	return true;
}

bool client_secret_read(const char *authorization, struct client_secret *secret)
{
	char text[BASIC_MAX];
	const char *encoded;
	size_t length = 0;

	if (!scheme_is(authorization, "Basic", &encoded) ||
	    sodium_base642bin((unsigned char *)text, sizeof text - 1, encoded, strlen(encoded),
			      NULL, &length, NULL, sodium_base64_VARIANT_ORIGINAL) ||
	    memchr(text, '\0', length))
		return false;
	text[length] = '\0';
	size_t name = strcspn(text, ":");
	if (!name || name == length || name >= sizeof secret->name ||
	    length - name > sizeof secret->secret)
		return false;
	text[name] = '\0';
	memcpy(secret->name, text, name + 1);
	memcpy(secret->secret, text + name + 1, length - name);
	sodium_memzero(text, sizeof text);
	return true;
}

bool client_proves(struct request *request, const struct client_secret *secret,
		   struct attempt *attempt, struct credential *credential)
{
	struct service *service = request->service;

	attempt_init(attempt, secret->name, request->caller.address,
		     service->config.login_rate_per_minute);
	if (!accounts_client_begin(service->pool, attempt, secret->secret, credential,
				   &request->error))
		return false;
	if (credential->wait) {
		request->error.retry_after = credential->wait;
		return error_set(&request->error, ERROR_TOO_MANY, "too_many_attempts", NULL);
	}
	return credential->holder[0] ||
	       accounts_login_failed(service->pool, attempt, "secret", &request->error);
}

/* Where it comes from. What a header says of that could be anybody's, but for a trusted proxy's. */
static void address_of(const struct request *request, char address[ADDRESS])
{
	auto_text forwarded = {0};

	network_address(request->http->client_address, address);
	if (networks_have(&request->service->proxies, address) &&
	    request_header_lines(request, "X-Forwarded-For", &forwarded) && !forwarded.failed)
		networks_trace(&request->service->proxies, text_string(&forwarded), address);
}

static bool refuse(struct request *request, const char *code)
{
	char challenge[128];

	snprintf(challenge, sizeof challenge, "Bearer realm=\"lachan\"%s%s",
		 strcmp(code, "token_invalid") ? "" : ", error=\"invalid_token\"",
		 request->route->authentication == BEARER_OR_BASIC
			 ? ", Basic realm=\"lachan\", charset=\"UTF-8\""
			 : "");
	reply_header(&request->reply, "WWW-Authenticate", challenge);
	return error_set(&request->error, ERROR_UNAUTHENTICATED, code, NULL);
}

static bool is_read_only(const struct caller *caller)
{
	const struct scopes scopes = {caller->scopes, caller->minor_names};

	return caller->role == VIEWER || (caller->role == SERVICE && scopes_only_read(&scopes));
}

/* Asks the database who proves itself by the header, and whether it may by Basic. */
static bool basic_stands(struct request *request, const char *authorization, struct caller *caller)
{
	struct client_secret secret;
	struct credential credential;
	struct attempt attempt;
	bool stands = false;

	if (!client_secret_read(authorization, &secret))
		return refuse(request, "basic_invalid");
	if (!client_proves(request, &secret, &attempt, &credential))
		return false;
	if (credential.holder[0] && !accounts_client(request->service->pool, credential.holder,
						     caller, &stands, &request->error))
		return false;
	if (!stands)
		return refuse(request, "basic_invalid");
	return is_read_only(caller) ||
	       error_set(&request->error, ERROR_FORBIDDEN, "basic_read_only", NULL);
}

static bool basic(struct request *request, const char *authorization)
{
	struct verified *verified = tokens_verified(request->service->tokens);
	unsigned char key[VERIFIED_KEY];
	struct caller caller;
	long long asked = verified_now();

	verified_key(verified, SCHEME_BASIC, authorization, strlen(authorization), key);
	if (verified_find(verified, key, &caller) != FRESH) {
		if (!basic_stands(request, authorization, &caller))
			return false;
		verified_keep(verified, key, time(NULL) + BASIC_SECONDS, &caller, asked);
	}
	request->caller = caller;
	return true;
}

static bool bearer(struct request *request, const char *token)
{
	struct caller caller;

	if (token_verify(request->service, token, &caller, &request->error)) {
		request->caller = caller;
		return true;
	}
	if (request->error.kind == ERROR_UNAUTHENTICATED)
		return refuse(request, "token_invalid");
	return false;
}

static bool credentials(struct request *request)
{
	const char *authorization = request_header(request, "Authorization"), *rest;

	if (scheme_is(authorization, "Bearer", &rest) && *rest)
		return bearer(request, rest);
	if (request->route->authentication == BEARER_OR_BASIC &&
	    scheme_is(authorization, "Basic", &rest) && *rest)
		return basic(request, authorization);
	return refuse(request, "token_required");
}

/* What for: the header, else what the account or client is registered for. */
static bool purpose(struct request *request)
{
	const char *value = request_header(request, "Purpose");

	if (!value)
		return true;
	if (!code_list_has(&codes_purpose, value))
		return error_choice(&request->error, "Purpose", codes_purpose.codes);
	snprintf(request->caller.purpose, sizeof request->caller.purpose, "%s", value);
	return true;
}

bool authenticate(struct request *request)
{
	char address[ADDRESS];

	address_of(request, address);
	memcpy(request->caller.address, address, sizeof address);
	if (request->route->authentication != PUBLIC) {
		if (!credentials(request))
			return false;
		request->is_authenticated = true;
	}
	if (access_by_pseudonym(request->caller.agency))
		request->caller.pseudonyms = request->service->keyring.pseudonyms;
	memcpy(request->caller.address, address, sizeof address);
	memcpy(request->caller.request, request->id, sizeof request->id);
	return !request->is_authenticated || purpose(request);
}
