/* Accounts of people and of systems as they are managed. A password or secret that is made here is
 * shown in the answer to the request that made it and never again. */
#include "managed.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "gate.h"
#include "scope.h"
#include "uuid.h"

enum { PASSWORD_BYTES = 15, SECRET_BYTES = 32, SECRET_MAX = SECRET_BYTES * 4 / 3 + 2 };

/* What was made for the account; `hash` is what the database keeps of it. */
struct made {
	const char *member; /* of the answer; NULL: nothing was made */
	char secret[SECRET_MAX], hash[PASSWORD_HASH_MAX];
};

static bool make_password(struct request *request, struct made *made)
{
	made->member = "password";
	secret_random(PASSWORD_BYTES, made->secret);
	if (!gate_enter(&request->error))
		return false;
	bool hashed = password_hash(&request->service->keyring, made->secret, made->hash);

	gate_leave();
	return hashed || error_internal(&request->error, ERROR_INTERNAL, "cannot hash a password");
}

static void make_secret(struct made *made)
{
	made->member = "secret";
	secret_random(SECRET_BYTES, made->secret);
	secret_sha256(made->secret, made->hash);
}

static void add_secret(const struct made *made, struct answer *answer)
{
	if (!made->member || !answer->body.length)
		return;
	answer->body.length--; /* the closing brace */
	text_addf(&answer->body, ",\"%s\":", made->member);
	text_add_json(&answer->body, answer->is_replayed ? NULL : made->secret);
	text_add_char(&answer->body, '}');
}

/* Runs the call and answers the record with what was made for it. */
static bool answer_call(struct request *request, int status, const struct named_call *call,
			const struct idempotency *idempotency, struct made *made)
{
	struct answer answer = {0};
	bool done = records_call(&request->service->records, &request->caller, &request->plan, call,
				 idempotency, &answer, &request->error);

	if (done) {
		add_secret(made, &answer);
		engine_answer(request, status, &answer);
	}
	answer_release(&answer);
	sodium_memzero(made, sizeof *made);
	return done;
}

bool user_create(struct request *request)
{
	struct idempotency idempotency = {0};
	struct made made = {0};
	char scope[65];

	if (!engine_idempotency(request, &idempotency, scope) || !engine_parameters(request) ||
	    !engine_body(request) || !make_password(request, &made))
		return false;
	uuid_make(request->plan.id);
	char *content = json_dumps(request->plan.body, JSON_COMPACT);
	const struct named_call call = {"user_create", {request->plan.id, made.hash, content}, 3};
	bool done = answer_call(request, 201, &call, &idempotency, &made);

	free(content);
	return done;
}

bool user_update(struct request *request)
{
	struct made none = {0};
	char version[24];

	if (!engine_changes(request))
		return false;
	char *changes = json_dumps(request->plan.body, JSON_COMPACT);
	const struct named_call call = {"user_update", {request->plan.id, version, changes}, 3};

	snprintf(version, sizeof version, "%" PRId64, request->plan.version);
	bool done = answer_call(request, 200, &call, NULL, &none);

	free(changes);
	return done;
}

bool user_reset_password(struct request *request)
{
	struct idempotency idempotency = {0};
	struct made made = {0};
	char scope[65];

	if (!engine_idempotency(request, &idempotency, scope) || !engine_parameters(request) ||
	    !make_password(request, &made))
		return false;
	const struct named_call call = {"user_reset_password", {request->plan.id, made.hash}, 2};

	return answer_call(request, 200, &call, &idempotency, &made);
}

static bool fits_all(const json_t *names, int agency)
{
	const json_t *name;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)names, i, name)
		if (!scope_fits(json_string_value(name), agency))
			return false;
	return true;
}

/* The agencies that may all that the scopes name, as an array of PostgreSQL: "{1,4}". */
static bool find_fitting(struct request *request, char fitting[64])
{
	const json_t *names = json_object_get(request->plan.body, "scopes"), *name;
	struct scopes scopes;
	size_t i, length = 1;

	json_array_foreach((json_t *)(uintptr_t)names, i, name) {
		const char *text = json_string_value(name);

		if (strchr(text, ' ') || !scopes_parse(text, &scopes))
			error_fault(&request->error, ERROR_INVALID, "/scopes", "unknown_scope",
				    text);
	}
	if (request->error.kind)
		return false;
	snprintf(fitting, 64, "{");
	for (int agency = 1; agency < 20; agency++)
		if (fits_all(names, agency))
			length += (size_t)snprintf(fitting + length, 64 - length, "%s%d",
						   length > 1 ? "," : "", agency);
	snprintf(fitting + length, 64 - length, "}");
	return true;
}

bool client_create(struct request *request)
{
	struct idempotency idempotency = {0};
	struct made made = {0};
	char scope[65], fitting[64], random[24], digest[65], client_id[32];

	if (!engine_idempotency(request, &idempotency, scope) || !engine_parameters(request) ||
	    !engine_body(request) || !find_fitting(request, fitting))
		return false;
	make_secret(&made);
	uuid_make(request->plan.id);
	secret_random(16, random);
	secret_sha256(random, digest);
	snprintf(client_id, sizeof client_id, "client-%.16s", digest);
	char *content = json_dumps(request->plan.body, JSON_COMPACT);
	const struct named_call call = {
		"client_create",
		{request->plan.id, client_id, made.hash, content, fitting},
		5,
	};
	bool done = answer_call(request, 201, &call, &idempotency, &made);

	free(content);
	return done;
}

bool client_update(struct request *request)
{
	struct made none = {0};
	char version[24], fitting[64];

	if (!engine_changes(request) || !find_fitting(request, fitting))
		return false;
	char *changes = json_dumps(request->plan.body, JSON_COMPACT);
	const struct named_call call = {
		"client_update", {request->plan.id, version, changes, fitting}, 4};

	snprintf(version, sizeof version, "%" PRId64, request->plan.version);
	bool done = answer_call(request, 200, &call, NULL, &none);

	free(changes);
	return done;
}

bool client_rotate_secret(struct request *request)
{
	struct idempotency idempotency = {0};
	struct made made = {0};
	char scope[65];

	if (!engine_idempotency(request, &idempotency, scope) || !engine_parameters(request))
		return false;
	make_secret(&made);
	const struct named_call call = {"client_rotate_secret", {request->plan.id, made.hash}, 2};

	return answer_call(request, 200, &call, &idempotency, &made);
}
