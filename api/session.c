/* Sessions of people: login, refresh, logout. */
#include "session.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token.h"
#include "verified.h"

enum {
	HASHES_AT_ONCE = 4, /* 19 MiB and a core each */
	HASHES_WAITING = 32,
	REFRESH_TOKEN_MAX = 128,
	SECONDS_A_DAY = 86400,
};

/* Of the cost of a real one (core/secret.c), and of no password: an unknown name takes as long. */
static const char nobodys_hash[] = "$argon2id$v=19$m=19456,t=2,p=1$bGFjaGFuLW5vLW9uZS1sYQ$"
				   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/* The only mutable state of the file: how many hash passwords, and wait to. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	int running, waiting;
} gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};

static bool gate_enter(struct error *error)
{
	bool is_full;

	pthread_mutex_lock(&gate.lock);
	is_full = gate.running >= HASHES_AT_ONCE && gate.waiting >= HASHES_WAITING;
	if (!is_full) {
		gate.waiting++;
		while (gate.running >= HASHES_AT_ONCE)
			pthread_cond_wait(&gate.freed, &gate.lock);
		gate.waiting--;
		gate.running++;
	}
	pthread_mutex_unlock(&gate.lock);
	if (!is_full)
		return true;
	error->retry_after = 1;
	return error_set(error, ERROR_UNAVAILABLE, "busy", NULL);
}

static void gate_leave(void)
{
	pthread_mutex_lock(&gate.lock);
	gate.running--;
	pthread_cond_signal(&gate.freed);
	pthread_mutex_unlock(&gate.lock);
}

/* A member of the body; the text is borrowed. `max` is in bytes. */
struct member {
	const char *name;
	size_t max;
	bool is_optional;
	const char *text;
};

static void member_read(struct member *member, const json_t *body, struct error *error)
{
	const json_t *value = json_object_get(body, member->name);
	char pointer[64], max[24];

	snprintf(pointer, sizeof pointer, "/%s", member->name);
	if ((!value || json_is_null(value)) && member->is_optional)
		return;
	if (!value || json_is_null(value) ||
	    (json_is_string(value) && !json_string_length(value))) {
		error_fault(error, ERROR_INVALID, pointer, "required", NULL);
	} else if (!json_is_string(value)) {
		error_fault(error, ERROR_INVALID, pointer, "text_expected", NULL);
	} else if (json_string_length(value) > member->max) {
		snprintf(max, sizeof max, "%zu", member->max);
		error_fault(error, ERROR_INVALID, pointer, "too_long", max);
	} else {
		member->text = json_string_value(value);
	}
}

/* RFC 6901: ~ and / of a name are written ~0 and ~1. */
static void unknown_member(const char *name, struct error *error)
{
	auto_text pointer = {0};

	text_add_char(&pointer, '/');
	for (const char *c = name; *c && pointer.length < 128; c++) {
		if (*c == '~' || *c == '/')
			text_add(&pointer, *c == '~' ? "~0" : "~1");
		else
			text_add_char(&pointer, *c);
	}
	error_fault(error, ERROR_INVALID, text_string(&pointer), "unknown_field", name);
}

/* `members` ends in {0}. Every fault is told. */
static bool body_read(const json_t *body, struct member *members, struct error *error)
{
	const char *name;
	json_t *value;

	if (!json_is_object(body))
		return error_fault(error, ERROR_INVALID, "", "object_expected", NULL);
	for (struct member *member = members; member->name; member++)
		member_read(member, body, error);
	json_object_foreach((json_t *)(uintptr_t)body, name, value) {
		const struct member *member = members;

		while (member->name && strcmp(member->name, name))
			member++;
		if (!member->name)
			unknown_member(name, error);
	}
	return !error->kind;
}

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

/* True when it is the password; a failure is counted. Holds a place in the gate. */
static bool password_proves(struct request *request, const struct attempt *attempt,
			    const char *password, struct credential *credential)
{
	struct service *service = request->service;

	if (!accounts_login_begin(service->pool, attempt, credential, &request->error))
		return false;
	if (credential->wait) {
		request->error.retry_after = credential->wait;
		return error_set(&request->error, ERROR_TOO_MANY, "too_many_attempts", NULL);
	}
	bool is_somebody = credential->holder[0] != '\0';
	bool matches = password_matches(&service->keyring, password,
					is_somebody ? credential->password : nobodys_hash);
	if (matches && is_somebody)
		return true;
	return accounts_login_failed(service->pool, attempt, "password", &request->error) &&
	       refuse(request, "login_invalid");
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
	bool stands = false;

	if (!body_read(request->body, members, &request->error) || !gate_enter(&request->error))
		return false;
	attempt_init(&attempt, members[0].text, request->caller.address,
		     service->config.login_rate_per_minute);
	bool is_proved = password_proves(request, &attempt, members[1].text, &credential);
	gate_leave();
	if (!is_proved)
		return false;

	refresh_first(&service->keyring, refresh);
	secret_sha256(refresh, hash);
	const struct session_start start = {.attempt = &attempt,
					    .account = credential.holder,
					    .seconds = session_seconds(request),
					    .refresh = hash};
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

	if (!body_read(request->body, members, &request->error))
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
	verified_key(verified, token, strlen(token), key);
	verified_forget(verified, key);
}

bool session_logout(struct request *request)
{
	struct member members[] = {{"refresh_token", REFRESH_TOKEN_MAX, true, NULL}, {0}};
	char hash[65];

	if (request->body && !body_read(request->body, members, &request->error))
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
