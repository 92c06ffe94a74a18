/* What the service says of itself: contract, reference pages, health. */
#include "system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "migrate.h"
#include "request.h"

bool system_openapi(struct request *request)
{
	bool is_old = strstr(request->path, "3.0") != NULL;
	struct reply *reply = &request->reply;

	reply->may_be_stored = true;
	reply_header(reply, "Cache-Control", "public, max-age=300");
	if (!strstr(request->path, ".yaml"))
		return reply_json(request, 200, openapi_document(is_old ? "3.0.3" : "3.1.0"));
	char *yaml = openapi_yaml("3.1.0");

	text_add(&reply->body, yaml ? yaml : "");
	free(yaml);
	reply->status = 200;
	reply->content_type = "application/yaml; charset=utf-8";
	return true;
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
		request->reply.may_be_stored = true;
		reply_header(&request->reply, "Cache-Control", "public, max-age=300");
		reply_header(&request->reply, "Content-Security-Policy",
			     "default-src 'none'; style-src 'self'; script-src 'self'; "
			     "connect-src 'self'; img-src data:; frame-ancestors 'none'; "
			     "base-uri 'none'; form-action 'none'");
		return true;
	}
	return error_set(&request->error, ERROR_NOT_FOUND, "no_route", NULL);
}

bool system_health(struct request *request)
{
	return reply_json(request, 200, json_pack("{ss}", "status", "ok"));
}

bool system_ready(struct request *request)
{
	if (atomic_load(&request->service->is_stopping))
		return error_set(&request->error, ERROR_UNAVAILABLE, "stopping", NULL);
	return schema_is_current(request->service->pool, &request->error) &&
	       reply_json(request, 200, json_pack("{ss}", "status", "ready"));
}
