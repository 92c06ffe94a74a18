/* Sessions of people: login, refresh, logout, their own password, and which sessions stand. */
#include "session.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "gate.h"
#include "members.h"
#include "password.h"
#include "token.h"
#include "verified.h"

enum {
	REFRESH_TOKEN_MAX = 128,
	SECONDS_A_DAY = 86400,
};

/* Of the cost of a real one (core/secret.c), and of no password: an unknown name takes as long. */
static const char nobodys_hash[] = "$argon2id$v=19$m=19456,t=2,p=1$bGFjaGFuLW5vLW9uZS1sYQ$"
				   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static bool refuse(struct request *request, const char *code)
{
	reply_header(&request->reply, "WWW-Authenticate", "Bearer realm=\"lachan\"");
	return error_set(&request->error, ERROR_UNAUTHENTICATED, code, NULL);
}

/* A refresh token's successor follows from it by a key of ours; so it is never kept anywhere. */
static void refresh_next(const struct keyring *keyring, const char *token, char next[65])
{
	char text[REFRESH_TOKEN_MAX + 16];

	snprintf(text, sizeof text, "refresh:%s", token);
	secret_index(keyring->signing, text, next);
	sodium_memzero(text, sizeof text);
}

static void refresh_first(const struct keyring *keyring, char token[65])
{
	char random[45];

	secret_random(32, random);
	refresh_next(keyring, random, token);
}

static int session_seconds(const struct request *request)
{
	return request->service->config.refresh_days * SECONDS_A_DAY;
}

static bool reply_tokens(struct request *request, const struct caller *caller, const char *refresh)
{
	int seconds = request->service->config.access_token_seconds;
	char *token = token_sign(request->service, caller, seconds, &request->error);

	if (!token)
		return false;
	json_t *document = json_pack("{s:s, s:s, s:i, s:s}", "access_token", token, "token_type",
				     "Bearer", "expires_in", seconds, "refresh_token", refresh);
	free(token);
	return reply_json(request, 200, document);
}

/* Whether it is the password; when not, that is counted. Holds a place in the gate. */
static bool compare_in_gate(struct request *request, const struct attempt *attempt,
			    const char *password, struct credential *credential, bool *matches)
{
	struct service *service = request->service;

	if (!accounts_login_begin(service->pool, attempt, credential, &request->error))
		return false;
	if (credential->wait) {
		request->error.retry_after = credential->wait;
		return error_set(&request->error, ERROR_TOO_MANY, "too_many_attempts", NULL);
	}
	bool is_somebody = credential->holder[0] != '\0';

	*matches = password_matches(&service->keyring, password,
				    is_somebody ? credential->password : nobodys_hash) &&
		   is_somebody;
	return *matches ||
	       accounts_login_failed(service->pool, attempt, "password", &request->error);
}

/* False: too many attempts, or a failure of ours. */
static bool password_compare(struct request *request, const struct attempt *attempt,
			     const char *password, struct credential *credential, bool *matches)
{
	if (!gate_enter(&request->error))
		return false;
	bool done = compare_in_gate(request, attempt, password, credential, matches);

	gate_leave();
	return done;
}

bool session_login(struct request *request)
{
	struct member members[] = {
		{"username", 512, false, NULL}, {"password", PASSWORD_MAX, false, NULL}, {0}};
	struct service *service = request->service;
	struct attempt attempt;
	struct credential credential;
	struct caller caller;
	char refresh[65], hash[65];
	bool stands = false, matches = false;

	if (!members_read(request->body, members, &request->error))
		return false;
	attempt_init(&attempt, members[0].text, request->caller.address,
		     service->config.login_rate_per_minute);
	if (!password_compare(request, &attempt, members[1].text, &credential, &matches))
		return false;
	if (!matches)
		return refuse(request, "login_invalid");

	refresh_first(&service->keyring, refresh);
	secret_sha256(refresh, hash);
	const struct session_start start = {.attempt = &attempt,
					    .account = credential.holder,
					    .seconds = session_seconds(request),
					    .refresh = hash,
					    .password = credential.password};
	if (!accounts_session_open(service->pool, &start, &caller, &stands, &request->error))
		return false;
	return stands ? reply_tokens(request, &caller, refresh) : refuse(request, "login_invalid");
}

/* Who sent it, well enough to tell two tabs from a thief elsewhere. */
static void fingerprint(const struct request *request, char hash[65])
{
	const char *agent = request_header(request, "User-Agent");
	auto_text text = {0};

	text_addf(&text, "%s\n%s", request->caller.address, agent ? agent : "");
	secret_sha256(text_string(&text), hash);
}

bool session_refresh(struct request *request)
{
	struct member members[] = {{"refresh_token", REFRESH_TOKEN_MAX, false, NULL}, {0}};
	struct service *service = request->service;
	struct caller caller;
	char token[65], hash[65], next[65], next_hash[65], client[65];
	unsigned steps = 0;
	bool stands = false;

	if (!members_read(request->body, members, &request->error))
		return false;
	secret_sha256(members[0].text, hash);
	refresh_next(&service->keyring, members[0].text, next);
	secret_sha256(next, next_hash);
	fingerprint(request, client);
	const struct refresh refresh = {.token = hash,
					.next = next_hash,
					.client = client,
					.address = request->caller.address,
					.seconds = session_seconds(request)};
	if (!accounts_refresh(service->pool, &refresh, &caller, &steps, &stands, &request->error))
		return false;
	if (!stands || !steps)
		return refuse(request, "refresh_invalid");
	for (memcpy(token, next, sizeof token); steps > 1; steps--) {
		refresh_next(&service->keyring, token, next);
		memcpy(token, next, sizeof token);
	}
	return reply_tokens(request, &caller, token);
}

/* On this replica the token that was sent ends at once, elsewhere within 5 s. */
static void forget(struct request *request)
{
	struct verified *verified = tokens_verified(request->service->tokens);
	unsigned char key[VERIFIED_KEY];
	const char *token;

	if (!scheme_is(request_header(request, "Authorization"), "Bearer", &token))
		return;
	verified_key(verified, SCHEME_BEARER, token, strlen(token), key);
	verified_forget(verified, key);
}

bool session_logout(struct request *request)
{
	struct member members[] = {{"refresh_token", REFRESH_TOKEN_MAX, true, NULL}, {0}};
	char hash[65];

	if (request->body && !members_read(request->body, members, &request->error))
		return false;
	if (members[0].text)
		secret_sha256(members[0].text, hash);
	if (!accounts_logout(request->service->pool, request->caller.session,
			     members[0].text ? hash : NULL, &request->error))
		return false;
	forget(request);
	request->reply.status = 204;
	return true;
}

/* Proves that it is the account of the caller, who has a token of it and must know its password. */
static bool own_password(struct request *request, const char *username, const char *password,
			 struct credential *credential)
{
	struct attempt attempt;
	bool matches = false;

	attempt_init(&attempt, username, request->caller.address,
		     request->service->config.login_rate_per_minute);
	if (!password_compare(request, &attempt, password, credential, &matches))
		return false;
	if (!matches || strcmp(credential->holder, request->caller.user) != 0)
		return error_fault(&request->error, ERROR_INVALID, "/old_password",
				   "password_wrong", NULL);
	return true;
}

static bool replace_password(struct request *request, const struct credential *credential,
			     const char *password)
{
	struct service *service = request->service;
	char hash[PASSWORD_HASH_MAX];

	if (!gate_enter(&request->error))
		return false;
	bool hashed = password_hash(&service->keyring, password, hash);

	gate_leave();
	return hashed ? accounts_change_password(service->pool, &request->caller,
						 credential->password, hash, &request->error)
		      : error_internal(&request->error, ERROR_INTERNAL, "cannot hash a password");
}

bool session_password(struct request *request)
{
	struct member members[] = {{"old_password", PASSWORD_MAX, false, NULL},
				   {"new_password", PASSWORD_MAX, false, NULL},
				   {0}};
	__attribute__((cleanup(holder_names_release))) struct holder_names names = {0};
	struct error *error = &request->error;
	struct credential credential;

	if (request->caller.role == SERVICE)
		return error_set(error, ERROR_FORBIDDEN, "not_allowed", NULL);
	if (!members_read(request->body, members, error) ||
	    !accounts_names(request->service->pool, &request->caller, &names, error) ||
	    !password_accepts(members[1].text, names.username, "/new_password", error))
		return false;
	if (!strcmp(members[0].text, members[1].text))
		return error_fault(error, ERROR_INVALID, "/new_password", "password_unchanged",
				   NULL);
	request->reply.status = 204;
	return own_password(request, names.username, members[0].text, &credential) &&
	       replace_password(request, &credential, members[1].text);
}

/* Whoever names nobody asks for their own. */
bool session_list(struct request *request)
{
	if (request_parameter(request, "user"))
		return engine_list(request);
	if (request->parameter_count == REQUEST_PARAMETERS)
		return error_set(&request->error, ERROR_MALFORMED, "too_many_parameters", "100");
	request->parameters[request->parameter_count++] = (struct parameter){"user",
									     request->caller.user};
	return engine_list(request);
}

bool session_end(struct request *request)
{
	request->reply.status = 204;
	return engine_parameters(request) &&
	       accounts_end_session(request->service->pool, &request->caller, request->plan.id,
				    &request->error);
}
