/* What the service says of itself: contract, reference pages, health. */
#include "system.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "embedded.h"
#include "migrate.h"
#include "request.h"
#include "worker.h"

/* Made once: they change with the program only. */
static struct contract {
	const char *path, *version, *type;
	bool is_yaml;
	struct text text, packed;
} contracts[] = {
	{"/openapi.json", "3.1.0", "application/json; charset=utf-8", false},
	{"/openapi.yaml", "3.1.0", "application/yaml; charset=utf-8", true},
	{"/openapi-3.0.json", "3.0.3", "application/json; charset=utf-8", false},
};
static pthread_once_t contracts_made = PTHREAD_ONCE_INIT;

static void make_contracts(void)
{
	for (size_t i = 0; i < sizeof contracts / sizeof *contracts; i++) {
		struct contract *contract = &contracts[i];
		json_t *document = contract->is_yaml ? NULL : openapi_document(contract->version);

		char *text = contract->is_yaml ? openapi_yaml(contract->version)
					       : json_dumps(document, JSON_COMPACT);

		text_add(&contract->text, text ? text : "");
		text_add(&contract->packed, text ? text : "");
		if (!gzip_pack(&contract->packed))
			text_clear(&contract->packed);
		free(text);
		json_decref(document);
	}
}

bool system_openapi(struct request *request)
{
	struct reply *reply = &request->reply;

	pthread_once(&contracts_made, make_contracts);
	for (size_t i = 0; i < sizeof contracts / sizeof *contracts; i++) {
		const struct contract *contract = &contracts[i];

		if (strcmp(contract->path, request->path) != 0 || !contract->text.length)
			continue;
		bool is_packed = contract->packed.length &&
				 reply_wants_gzip(request, contract->text.length);
		const struct text *text = is_packed ? &contract->packed : &contract->text;

		text_add_bytes(&reply->body, text->data, text->length);
		if (is_packed)
			reply_header(reply, "Content-Encoding", "gzip");
		reply->status = 200;
		reply->content_type = contracts[i].type;
		reply_header(reply, "Cache-Control", "public, max-age=300");
		return true;
	}
	return error_set(&request->error, ERROR_NOT_FOUND, "no_route", NULL);
}

static const struct {
	const char *path, *file, *type;
} pages[] = {
	{"/docs", "api/docs.html", "text/html; charset=utf-8"},
	{"/docs.css", "api/docs.css", "text/css; charset=utf-8"},
	{"/docs.js", "api/docs.js", "text/javascript; charset=utf-8"},
};

bool system_page(struct request *request)
{
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		const struct embedded_file *file = embedded_find(pages[i].file);

		if (strcmp(pages[i].path, request->path) != 0 || !file)
			continue;
		text_add_bytes(&request->reply.body, file->data, file->size);
		request->reply.status = 200;
		request->reply.content_type = pages[i].type;
		reply_header(&request->reply, "Cache-Control", "public, max-age=300");
		reply_header(&request->reply, "Content-Security-Policy",
			     "default-src 'none'; style-src 'self'; script-src 'self'; "
			     "connect-src 'self'; img-src data:; frame-ancestors 'none'; "
			     "base-uri 'none'; form-action 'none'");
		return true;
	}
	return error_set(&request->error, ERROR_NOT_FOUND, "no_route", NULL);
}

/* Whoever opens the address in a browser wants to see something. */
bool system_root(struct request *request)
{
	request->reply.status = 303;
	reply_header(&request->reply, "Location", "/docs");
	return true;
}

bool system_health(struct request *request)
{
	return reply_json(request, 200, json_pack("{ss}", "status", "ok"));
}

enum { READINESS_MS = 1000 };

/* Asked of the database once in a second, however often it is asked here. */
static bool is_current(struct service *service, struct error *error)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	long long now = time.tv_sec * 1000LL + time.tv_nsec / 1000000,
		  kept = atomic_load(&service->readiness);

	if (now - (kept >> 1) >= READINESS_MS) {
		bool is_so = schema_is_current(service->pool, error);

		atomic_store(&service->readiness, now << 1 | is_so);
		return is_so;
	}
	return kept & 1 ||
	       error_internal(error, ERROR_UNAVAILABLE, "a moment ago it was not ready");
}

/* The audit goes on being written while its seals lag: worth telling, no reason not to serve. */
enum { LAG_TOLD = 60 };

bool system_ready(struct request *request)
{
	long long lag = worker_audit_lag(request->service->worker);
	if (atomic_load(&request->service->is_stopping))
		return error_set(&request->error, ERROR_UNAVAILABLE, "stopping", NULL);
	return is_current(request->service, &request->error) &&
	       reply_json(request, 200,
			  lag > LAG_TOLD ? json_pack("{sssI}", "status", "ready",
						     "audit_lag_seconds", (json_int_t)lag)
					 : json_pack("{ss}", "status", "ready"));
}
