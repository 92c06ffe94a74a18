/* /v1/changes: what changed since, for whoever keeps a copy. */
#include "change_routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "changes.h"
#include "worker.h"

/* Whoever waits has a thread meanwhile, of which the lane has 128. */
enum { WAIT_MOST = 25, WAITING_MOST = 64, LIMIT = 50, LIMIT_MOST = 200 };

#define AFTER_MOST 999999999999999999 /* 18 digits, as the contract has it */

struct question {
	long long after, limit, wait;
};

static bool read_number(struct request *request, const char *name, long long least, long long most,
			long long *number)
{
	const char *value = request_parameter(request, name);
	char range[48];

	if (!value)
		return true;
	*number = strtoll(value, NULL, 10);
	if (*value && strspn(value, "0123456789") == strlen(value) && strlen(value) <= 18 &&
	    *number >= least && *number <= most)
		return true;
	snprintf(range, sizeof range, "%lld–%lld", least, most);
	return error_fault(&request->error, ERROR_MALFORMED, name, "out_of_range", range);
}

static bool read_question(struct request *request, struct question *question)
{
	static const char *const names[] = {"after", "limit", "wait"};
	bool is_first[] = {true, true, true};

	*question = (struct question){.limit = LIMIT};
	for (size_t i = 0; i < request->parameter_count; i++) {
		size_t name = 0;

		while (name < 3 && strcmp(names[name], request->parameters[i].name) != 0)
			name++;
		if (name == 3 || !is_first[name])
			return error_fault(
				&request->error, ERROR_MALFORMED, request->parameters[i].name,
				name == 3 ? "unknown_parameter" : "repeated_parameter", NULL);
		is_first[name] = false;
	}
	return read_number(request, "after", 0, AFTER_MOST, &question->after) &&
	       read_number(request, "limit", 1, LIMIT_MOST, &question->limit) &&
	       read_number(request, "wait", 0, WAIT_MOST, &question->wait);
}

/* The operator reads no records; who reads those of people says what for. */
static bool check_caller(struct request *request)
{
	const struct caller *caller = &request->caller;
	bool may = false;

	for (size_t i = 0; resources[i]; i++)
		may |= resource_is_followed(resources[i]) && access_may(caller, resources[i], READ);
	if (!may)
		return error_set(&request->error, ERROR_FORBIDDEN, "not_allowed", NULL);
	return *caller->purpose ||
	       error_fault(&request->error, ERROR_MALFORMED, "Purpose", "purpose_required", NULL);
}

static bool goes_on(const struct request *request, const struct changes *changes, time_t end)
{
	return !changes->count && !changes->is_gone && time(NULL) < end &&
	       !atomic_load(&request->service->is_stopping);
}

/* Reads on until there is something for the caller, or its patience ends. */
static bool follow(struct request *request, const struct question *question,
		   struct changes *changes)
{
	static const struct timespec pause = {.tv_nsec = 100000000};
	struct service *service = request->service;
	time_t end = time(NULL) + question->wait;
	long long after = question->after;

	for (;;) {
		if (!changes_read(service->pool, LANE, &request->caller, after,
				  (int)question->limit, changes, &request->error))
			return false;
		if (!goes_on(request, changes, end))
			return true;
		after = changes->next;
		changes_release(changes);
		*changes = (struct changes){0};
		while (worker_changes_head(service->worker) <= after &&
		       goes_on(request, changes, end))
			nanosleep(&pause, NULL);
		if (!authenticate(request)) /* it may have lost its rights meanwhile */
			return false;
	}
}

static bool answer(struct request *request, const struct question *question,
		   const struct changes *changes)
{
	struct text *body = &request->reply.body;
	char next[96];

	if (changes->is_gone)
		return error_set(&request->error, ERROR_GONE, "changes_too_old", NULL);
	snprintf(next, sizeof next, "/v1/changes?after=%lld&limit=%lld", changes->next,
		 question->limit);
	text_addf(body, "{\"data\":%s,\"page\":{\"limit\":%lld,\"next_cursor\":\"%lld\",\"next\":",
		  text_string(&changes->rows), question->limit, changes->next);
	text_add_json(body, next);
	text_addf(body, ",\"total\":null,\"head\":%lld}}", changes->head);
	request->reply.status = 200;
	request->reply.content_type = "application/json; charset=utf-8";
	return !body->failed ||
	       error_internal(&request->error, ERROR_UNAVAILABLE, "out of memory for changes");
}

bool changes_show(struct request *request)
{
	__attribute__((cleanup(changes_release))) struct changes changes = {0};
	struct question question;

	if (!check_caller(request) || !read_question(request, &question))
		return false;
	/* Those who are too many are answered at once, and ask again. */
	if (atomic_fetch_add(&request->service->waiting, 1) >= WAITING_MOST)
		question.wait = 0;
	bool done = follow(request, &question, &changes);

	atomic_fetch_sub(&request->service->waiting, 1);
	return done && answer(request, &question, &changes);
}
