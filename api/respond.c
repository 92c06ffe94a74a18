/* Answer or error → HTTP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "request.h"

enum { GZIP_FROM = 1024, STREAM_BLOCK = 64 * 1024 };

void reply_header(struct reply *reply, const char *name, const char *value)
{
	if (reply->header_count == REPLY_HEADERS)
		return;
	reply->headers[reply->header_count].name = name;
	reply->headers[reply->header_count++].value = strdup(value);
}

bool reply_json(struct request *request, int status, json_t *take_document)
{
	char *text = json_dumps(take_document, JSON_COMPACT);

	json_decref(take_document);
	if (!text)
		return error_internal(&request->error, ERROR_UNAVAILABLE, "out of memory");
	text_add(&request->reply.body, text);
	free(text);
	request->reply.status = status;
	request->reply.content_type = "application/json; charset=utf-8";
	return true;
}

static bool has_header(const struct reply *reply, const char *name)
{
	for (size_t i = 0; i < reply->header_count; i++)
		if (!strcmp(reply->headers[i].name, name))
			return true;
	return false;
}

static ssize_t stream_read(void *export, uint64_t offset, char *bytes, size_t capacity)
{
	long long length = export_read(export, bytes, capacity);

	(void)offset;
	return length > 0    ? (ssize_t)length
	       : length == 0 ? (ssize_t)U_STREAM_END
			     : (ssize_t)U_STREAM_ERROR;
}

static void stream_close(void *export)
{
	export_close(export);
}

/* What does not change between a record's ETag and its bytes may be packed; a record may not:
 * its tag is strong. */
bool reply_wants_gzip(const struct request *request, size_t length)
{
	const char *accepted = request_header(request, "Accept-Encoding");

	return accepted && strstr(accepted, "gzip") && !strstr(accepted, "gzip;q=0") &&
	       length > GZIP_FROM && !has_header(&request->reply, "ETag");
}

bool gzip_pack(struct text *body)
{
	z_stream stream = {0};
	struct text packed = {0};

	if (deflateInit2(&stream, 5, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	if (text_reserve(&packed, deflateBound(&stream, body->length))) {
		stream.next_in = (Bytef *)body->data;
		stream.avail_in = (uInt)body->length;
		stream.next_out = (Bytef *)packed.data;
		stream.avail_out = (uInt)packed.capacity;
	}
	bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;

	packed.length = stream.total_out;
	deflateEnd(&stream);
	if (!done) {
		text_release(&packed);
		return false;
	}
	text_release(body);
	*body = packed;
	return true;
}

static void put_headers(struct request *request, struct _u_response *response)
{
	struct reply *reply = &request->reply;
	struct _u_map *headers = response->map_header;

	u_map_put(headers, "X-Request-Id", request->id);
	u_map_put(headers, "X-Content-Type-Options", "nosniff");
	u_map_put(headers, "Referrer-Policy", "no-referrer");
	u_map_put(headers, "Vary", "Authorization, Accept, Accept-Language, Origin");
	if (!has_header(reply, "Content-Security-Policy"))
		u_map_put(headers, "Content-Security-Policy",
			  "default-src 'none'; frame-ancestors 'none'");
	if (!has_header(reply, "Cache-Control"))
		u_map_put(headers, "Cache-Control", "no-store");
	if (reply->content_type && reply->status != 204 && reply->status != 304)
		u_map_put(headers, "Content-Type", reply->content_type);
	for (size_t i = 0; i < reply->header_count; i++)
		if (reply->headers[i].value)
			u_map_put(headers, reply->headers[i].name, reply->headers[i].value);
	if (request->error.retry_after) {
		char seconds[16];

		snprintf(seconds, sizeof seconds, "%u", request->error.retry_after);
		u_map_put(headers, "Retry-After", seconds);
	}
	if (atomic_load(&request->service->is_stopping) || request->is_last || reply->status == 413)
		u_map_put(headers, "Connection", "close");
}

static void put_body(struct request *request, struct _u_response *response)
{
	struct reply *reply = &request->reply;

	/* Of a HEAD nothing is streamed: MHD would send the end of the chunks. */
	if (reply->export && strcmp(request->http->http_verb, "HEAD") != 0) {
		ulfius_set_stream_response(response, (unsigned)reply->status, stream_read,
					   stream_close, U_STREAM_SIZE_UNKNOWN, STREAM_BLOCK,
					   reply->export);
		reply->export = NULL;
		return;
	}
	response->status = reply->status;
	if (!has_header(reply, "Content-Encoding") &&
	    reply_wants_gzip(request, reply->body.length) && gzip_pack(&reply->body))
		u_map_put(response->map_header, "Content-Encoding", "gzip");
	/* Handed over without a copy: ulfius frees it. */
	response->binary_body_length = reply->body.length;
	response->binary_body = text_take(&reply->body);
}

static void explain(struct request *request)
{
	json_t *problem = error_problem(&request->error, request->language, request->path,
					request->id);
	int status = error_status(&request->error);

	text_clear(&request->reply.body);
	reply_json(request, status, problem);
	request->reply.content_type = "application/problem+json; charset=utf-8";
	reply_header(&request->reply, "Content-Language", request->language);
}

void respond(struct request *request, struct _u_response *response)
{
	if (request->error.kind)
		explain(request);
	put_headers(request, response);
	put_body(request, response);
}
