/* A small HTTP client over sockets, which can also send what no decent client would. */
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "text.h"
#include "uuid.h"

enum { PATIENCE_SECONDS = 60 };

/* The connection that is kept belongs to one process: after a fork the child makes its own. */
static struct {
	int port, socket;
	pid_t owner;
} kept;

void http_use(int port)
{
	if (kept.owner == getpid())
		close(kept.socket);
	kept.owner = 0;
	kept.port = port;
}

int http_port(void)
{
	return kept.port;
}

static int connect_for(int seconds)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)kept.port)};
	struct timeval patience = {.tv_sec = seconds};
	int one = 1, http = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
	setsockopt(http, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(http, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(http, (struct sockaddr *)&address, sizeof address)) {
		close(http);
		return -1;
	}
	return http;
}

int raw_connect(void)
{
	return connect_for(PATIENCE_SECONDS);
}

static bool send_all(int http, const char *bytes, size_t length)
{
	while (length) {
		ssize_t sent = send(http, bytes, length, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		bytes += sent;
		length -= (size_t)sent;
	}
	return true;
}

static bool receive(int http, struct text *text)
{
	char bytes[65536];
	ssize_t length;

	do
		length = recv(http, bytes, sizeof bytes, 0);
	while (length < 0 && errno == EINTR);
	if (length > 0)
		text_add_bytes(text, bytes, (size_t)length);
	return length > 0;
}

/* The length of all chunks with their last one, 0 while it has not come; adds them to `body`. */
static size_t dechunk(const char *bytes, size_t length, struct text *body)
{
	const char *at = bytes, *end = bytes + length;

	while (at < end) {
		const char *line = memmem(at, (size_t)(end - at), "\r\n", 2);
		size_t size = line ? strtoull(at, NULL, 16) : 0;

		if (!line || (size_t)(end - line) < size + 4)
			return 0;
		if (!size)
			return (size_t)(line + 4 - bytes);
		text_add_bytes(body, line + 2, size);
		at = line + 2 + size + 2;
	}
	return 0;
}

const char *http_header(const struct http *answer, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = answer->headers; line && *line; line = strstr(line, "\r\n")) {
		line += 2 * (line != answer->headers);
		if (!strncasecmp(line, name, length) && line[length] == ':') {
			const char *value = line + length + 1 + strspn(line + length + 1, " ");

			return strndup(value, strcspn(value, "\r"));
		}
	}
	return NULL;
}

/* How many bytes the answer has, 0 while some are missing. `is_end`: no more will come. */
static size_t parse(const char *bytes, size_t length, bool has_body, bool is_end,
		    struct http *answer)
{
	const char *end = memmem(bytes, length, "\r\n\r\n", 4);
	struct text body = {0};

	*answer = (struct http){0};
	if (!end || length < 12)
		return 0;
	size_t head = (size_t)(end - bytes) + 4, all = head;
	answer->status = (int)strtol(bytes + 9, NULL, 10);
	answer->headers = strndup(bytes, head - 2);
	const char *size = http_header(answer, "Content-Length");
	if (!has_body || answer->status == 204 || answer->status == 304)
		return head;
	if (http_header(answer, "Transfer-Encoding")) {
		all = dechunk(bytes + head, length - head, &body);
		all = all ? head + all : 0;
	} else {
		size_t expected = size ? strtoull(size, NULL, 10) : length - head;

		if (length - head < expected || (!size && !is_end))
			return 0;
		text_add_bytes(&body, bytes + head, expected);
		all = head + expected;
	}
	answer->length = body.length;
	answer->body = text_take(&body);
	return all;
}

static size_t parse_whole(const char *bytes, size_t length, bool has_body, bool is_end,
			  struct http *answer)
{
	size_t all = parse(bytes, length, has_body, is_end, answer);
	const char *type = all ? http_header(answer, "Content-Type") : NULL;

	if (all && type && strstr(type, "json") && !strstr(type, "ndjson"))
		answer->json = json_loads(answer->body ? answer->body : "", JSON_ALLOW_NUL, NULL);
	return all;
}

struct http raw_parse(const char *text, size_t length)
{
	struct http answer;

	if (!parse_whole(text, length, true, true, &answer))
		answer.status = 0;
	return answer;
}

struct http raw_send(const void *bytes, size_t length, int seconds)
{
	struct text text = {0};
	int http = connect_for(seconds);

	if (http < 0)
		return (struct http){0};
	send_all(http, bytes, length);
	while (receive(http, &text))
		;
	close(http);
	struct http answer = raw_parse(text_string(&text), text.length);
	if (!answer.headers)
		answer.headers = strdup("");
	return answer;
}

static void write_request(struct text *text, const struct call *call)
{
	const char *method = call->method ? call->method : "GET", *type = call->type;
	bool is_post = !strcmp(method, "POST");
	size_t length = call->body && !call->length ? strlen(call->body) : call->length;
	char key[37];

	if (!type)
		type = !strcmp(method, "PATCH") ? "application/merge-patch+json"
						: "application/json";
	text_addf(text, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, call->path);
	if (call->token)
		text_addf(text, "Authorization: Bearer %s\r\n", call->token);
	if (call->match)
		text_addf(text, "If-Match: %s\r\n", call->match);
	if (call->key ? *call->key : is_post && !strncmp(call->path, "/v1/", 4)) {
		uuid_make(key);
		text_addf(text, "Idempotency-Key: %s\r\n", call->key ? call->key : key);
	}
	if (call->body && *type)
		text_addf(text, "Content-Type: %s\r\n", type);
	if (call->body || is_post)
		text_addf(text, "Content-Length: %zu\r\n", length);
	text_add(text, call->headers ? call->headers : "");
	text_add(text, "\r\n");
	if (call->body)
		text_add_bytes(text, call->body, length);
}

static bool exchange(const struct text *request, bool has_body, struct http *answer)
{
	struct text text = {0};
	bool is_open = true;

	if (kept.owner != getpid()) {
		kept.socket = raw_connect();
		kept.owner = kept.socket < 0 ? 0 : getpid();
	}
	if (!kept.owner || !send_all(kept.socket, request->data, request->length))
		is_open = false;
	while (is_open && !parse_whole(text_string(&text), text.length, has_body, false, answer))
		is_open = receive(kept.socket, &text);
	if (!is_open && !parse_whole(text_string(&text), text.length, has_body, true, answer))
		*answer = (struct http){0};
	const char *connection = http_header(answer, "Connection");
	if (!is_open || (connection && !strcasecmp(connection, "close"))) {
		close(kept.socket);
		kept.owner = 0;
	}
	text_release(&text);
	return answer->status;
}

struct http http_call(struct call call)
{
	bool was_kept = kept.owner == getpid();
	bool has_body = !call.method || strcmp(call.method, "HEAD") != 0;
	struct text request = {0};
	struct http answer = {0};

	write_request(&request, &call);
	/* A kept connection may have been closed meanwhile; the same key makes asking again safe.
	 */
	if (!exchange(&request, has_body, &answer) && was_kept)
		exchange(&request, has_body, &answer);
	text_release(&request);
	return answer;
}

static char *print(const char *format, va_list arguments)
{
	char *text = NULL;

	return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}

char *text_of(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *text = print(format, arguments);
	va_end(arguments);
	return text;
}

json_t *object(const char *format, ...)
{
	json_error_t fault;
	va_list arguments;

	va_start(arguments, format);
	char *text = print(format, arguments);
	va_end(arguments);
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	json_t *value = json_loads(text, JSON_DECODE_ANY, &fault);

	require(value != NULL, "the test's own JSON: %s: %s", fault.text, text);
	free(text);
	return value;
}

struct http http_get(const char *token, const char *path, ...)
{
	va_list arguments;

	va_start(arguments, path);
	char *whole = print(path, arguments);
	va_end(arguments);
	struct http answer = http(.path = whole, .token = token);

	free(whole);
	return answer;
}

static struct http send_object(struct call call, json_t *take_body)
{
	char *body = json_dumps(take_body, JSON_COMPACT);

	json_decref(take_body);
	call.body = body;
	struct http answer = http_call(call);

	free(body);
	return answer;
}

struct http http_post(const char *token, const char *path, json_t *take_body)
{
	return send_object((struct call){.method = "POST", .path = path, .token = token},
			   take_body);
}

struct http http_patch(const char *token, const char *path, const char *match, json_t *take_body)
{
	return send_object(
		(struct call){.method = "PATCH", .path = path, .token = token, .match = match},
		take_body);
}

struct http http_delete(const char *token, const char *path, const char *match)
{
	return http(.method = "DELETE", .path = path, .token = token, .match = match);
}

const char *http_text(const struct http *answer, const char *member)
{
	json_t *value = answer->json;
	char name[64];

	while (value && *member) {
		size_t length = strcspn(member, ".[");

		if (*member == '[') {
			value = json_array_get(value, strtoul(member + 1, NULL, 10));
			member += strcspn(member, "]") + 1;
		} else {
			snprintf(name, sizeof name, "%.*s", (int)length, member);
			value = json_object_get(value, name);
			member += length;
		}
		member += *member == '.';
	}
	return json_string_value(value);
}

bool http_blames(const struct http *answer, const char *pointer, const char *code)
{
	const json_t *faults = json_object_get(answer->json, "errors");
	size_t i;
	json_t *fault;

	json_array_foreach((json_t *)(uintptr_t)faults, i, fault) {
		const char *at = json_string_value(json_object_get(fault, "pointer"));
		const char *why = json_string_value(json_object_get(fault, "code"));

		if (at && why && !strcmp(at, pointer) && !strcmp(why, code))
			return true;
	}
	return false;
}
