/* Organisations, their seats and what passes from one to the next. */
#include "organization_routes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "uuid.h"

/* The body by a function of the database; `key` names the member that is the key, NULL: a new id.
 */
static bool create(struct request *request, const char *function, const char *key)
{
	struct idempotency idempotency = {0};
	struct answer answer = {0};
	char scope[65];

	if (!engine_idempotency(request, &idempotency, scope) || !engine_parameters(request) ||
	    !engine_body(request))
		return false;
	if (key)
		snprintf(request->plan.id, sizeof request->plan.id, "%s",
			 json_string_value(json_object_get(request->plan.body, key)));
	else
		uuid_make(request->plan.id);
	char *content = json_dumps(request->plan.body, JSON_COMPACT);
	const struct named_call call = {function, {request->plan.id, content}, 2};
	bool done = records_call(&request->service->records, &request->caller, &request->plan,
				 &call, key ? NULL : &idempotency, &answer, &request->error);

	free(content);
	if (done)
		engine_answer(request, 201, &answer);
	answer_release(&answer);
	return done;
}

static bool update(struct request *request, const char *function)
{
	struct answer answer = {0};
	char version[24];

	if (!engine_changes(request))
		return false;
	char *changes = json_dumps(request->plan.body, JSON_COMPACT);
	const struct named_call call = {function, {request->plan.id, version, changes}, 3};

	snprintf(version, sizeof version, "%" PRId64, request->plan.version);
	bool done = records_call(&request->service->records, &request->caller, &request->plan,
				 &call, NULL, &answer, &request->error);

	free(changes);
	if (done)
		engine_answer(request, 200, &answer);
	answer_release(&answer);
	return done;
}

bool organization_create(struct request *request)
{
	return create(request, "organization_create", "code");
}

bool organization_update(struct request *request)
{
	return update(request, "organization_update");
}

bool seat_create(struct request *request)
{
	return create(request, "seat_create", NULL);
}

bool seat_update(struct request *request)
{
	return update(request, "seat_update");
}

bool succession_create(struct request *request)
{
	return create(request, "succession_create", NULL);
}

bool reform_decide(struct request *request)
{
	return create(request, "reform_decide", NULL);
}
