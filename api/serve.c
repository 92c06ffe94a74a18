/* The line every request takes: the first step that fails has said why in request.error. It has two
 * halves: what is known at once, and what may take long. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "request.h"
#include "system.h"
#include "uuid.h"

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void request_release(struct request *request)
{
	free(request->query);
	json_decref(request->body);
	plan_release(&request->plan);
	text_release(&request->reply.body);
	for (size_t i = 0; i < request->reply.header_count; i++)
		free(request->reply.headers[i].value);
	export_close(request->reply.export);
	error_release(&request->error);
}

static bool authorise(struct request *request)
{
	const struct route *route = request->route;

	if (request->caller.must_change_password && !route->with_told_password)
		return error_set(&request->error, ERROR_FORBIDDEN, "password_change_required",
				 NULL);
	if (!route->resource || access_may(&request->caller, route->resource, route->operation))
		return true;
	return error_set(&request->error, ERROR_FORBIDDEN, "not_allowed", NULL);
}

/* OPTIONS is answered for every path there is, and says no more than 405 would. */
static bool is_options(struct request *request)
{
	char allowed[96];

	if (strcmp(request->http->http_verb, "OPTIONS") != 0 || !*routes_allowed(request, allowed))
		return false;
	if (request_header(request, "Access-Control-Request-Method"))
		error_set(&request->error, ERROR_FORBIDDEN, "not_allowed", NULL);
	reply_header(&request->reply, "Allow", allowed);
	request->reply.status = 204;
	return true;
}

static void log_request(const struct request *request, int status)
{
	char code[8], ms[24], agency[8];

	snprintf(code, sizeof code, "%d", status);
	snprintf(ms, sizeof ms, "%.2f", (double)(now() - request->started) / 1e6);
	snprintf(agency, sizeof agency, "%d", request->caller.agency);
	log_line(status >= 500 ? "error" : "info", "request", "request", request->id, "agency",
		 request->is_authenticated ? agency : NULL, "method", request->http->http_verb,
		 "route", request->route ? request->route->path : NULL, "status", code, "ms", ms,
		 "error", request->error.kind ? request->error.code : NULL, "cause",
		 *request->error.internal ? request->error.internal : NULL, NULL);
}

bool serve_begin(struct request *request, const struct _u_request *http, struct service *service)
{
	*request = (struct request){.service = service, .http = http, .started = now()};
	uuid_make(request->id);
	request->is_ready = frame(request) &&	     /* 400 414 417 501 */
			    !is_options(request) &&  /* 204 */
			    route(request) &&	     /* 404 405 413 */
			    authenticate(request) && /* 401 */
			    admit(request) &&	     /* 429 */
			    authorise(request) &&    /* 403 */
			    negotiate(request) &&    /* 406 415 */
			    parse(request);	     /* 400 */
	return request->is_ready;
}

void serve_end(struct request *request, struct _u_response *response)
{
	if (request->is_ready && !request->error.kind)
		(void)!request->route->perform(request); /* 404 409 412 422 428 503, or 2xx */
	respond(request, response);
	metrics_count(request->service->metrics, request, (int)response->status);
	log_request(request, (int)response->status);
	request_release(request);
}
