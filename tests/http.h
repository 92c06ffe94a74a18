/* A small HTTP client over sockets, which can also send what no decent client would.
 * Each test is a process: what these functions allocate ends with it. */
#ifndef LACHAN_TESTS_HTTP_H
#define LACHAN_TESTS_HTTP_H

#include <check.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct http {
	int status; /* 0: the connection ended before an answer */
	char *headers, *body;
	size_t length;
	json_t *json; /* of the body, NULL when it is none */
};

/* What is left out gets what a decent client sends. */
struct call {
	const char *method; /* NULL: GET */
	const char *path;   /* with the query */
	const char *token;
	const char *headers; /* further lines, each with its CR LF */
	const char *body;
	size_t length;	   /* of the body; 0: up to its NUL */
	const char *type;  /* NULL: by the method */
	const char *key;   /* Idempotency-Key; NULL: a new one for POST below /v1/, "": none */
	const char *match; /* If-Match */
};

/* Ends the test when it does not hold; also outside of a test, where ck_assert() cannot be. */
#define require(condition, ...)                                                                    \
	do {                                                                                       \
		if (!(condition))                                                                  \
			ck_abort_msg(__VA_ARGS__);                                                 \
	} while (0)

/* All calls go to this port of this machine; a connection is kept for the next one. */
void http_use(int port);
int http_port(void);

struct http http_call(struct call call);
#define http(...) http_call((struct call){__VA_ARGS__})

struct http http_get(const char *token, const char *path, ...)
	__attribute__((format(printf, 2, 3)));
struct http http_post(const char *token, const char *path, json_t *take_body);
struct http http_patch(const char *token, const char *path, const char *match, json_t *take_body);
/* `path` with its ?reason=. */
struct http http_delete(const char *token, const char *path, const char *match);

/* The value of a header, NULL when absent. */
const char *http_header(const struct http *answer, const char *name);
/* Text in the JSON answer: "data", "errors[0].pointer"; NULL when it is not there or no text. */
const char *http_text(const struct http *answer, const char *member);
/* True when `errors` has the code at the pointer. */
bool http_blames(const struct http *answer, const char *pointer, const char *code);

/* Sends the bytes on a connection of their own and reads until the end, or until `seconds` pass. */
struct http raw_send(const void *bytes, size_t length, int seconds);
int raw_connect(void);
/* The first answer in a text of answers. */
struct http raw_parse(const char *text, size_t length);

/* "{'a': %d}" to an object: single quotes stand for double ones. */
json_t *object(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define assert_status(answer, expected)                                                            \
	do {                                                                                       \
		const struct http got_ = (answer);                                                 \
		ck_assert_msg(got_.status == (expected), "%d expected, %d came: %.800s",           \
			      (expected), got_.status, got_.body ? got_.body : "");                \
	} while (0)

#define assert_blamed(answer, expected, pointer, code)                                             \
	do {                                                                                       \
		const struct http got_ = (answer);                                                 \
		ck_assert_msg(got_.status == (expected) && http_blames(&got_, pointer, code),      \
			      "%d with %s at \"%s\" expected, %d came: %.800s", (expected), code,  \
			      pointer, got_.status, got_.body ? got_.body : "");                   \
	} while (0)

#endif
