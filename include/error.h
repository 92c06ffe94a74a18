/* What went wrong, once, where it is known; RFC 9457 says how a client is told. */
#ifndef LACHAN_ERROR_H
#define LACHAN_ERROR_H

#include <jansson.h>
#include <stdbool.h>

enum error_kind {
	ERROR_NONE,
	ERROR_MALFORMED,	 /* 400 */
	ERROR_UNAUTHENTICATED,	 /* 401 */
	ERROR_FORBIDDEN,	 /* 403 */
	ERROR_NOT_FOUND,	 /* 404 */
	ERROR_BREAK_GLASS,	 /* 404, to whoever may break the glass */
	ERROR_METHOD,		 /* 405 */
	ERROR_NOT_ACCEPTABLE,	 /* 406 */
	ERROR_TIMEOUT,		 /* 408 */
	ERROR_CONFLICT,		 /* 409 */
	ERROR_GONE,		 /* 410 */
	ERROR_STALE,		 /* 412 */
	ERROR_TOO_LARGE,	 /* 413 */
	ERROR_URI_TOO_LONG,	 /* 414 */
	ERROR_MEDIA_TYPE,	 /* 415 */
	ERROR_EXPECTATION,	 /* 417 */
	ERROR_INVALID,		 /* 422 */
	ERROR_PRECONDITION,	 /* 428 */
	ERROR_TOO_MANY,		 /* 429 */
	ERROR_HEADERS_TOO_LARGE, /* 431 */
	ERROR_INTERNAL,		 /* 500 */
	ERROR_NOT_IMPLEMENTED,	 /* 501 */
	ERROR_UNAVAILABLE,	 /* 503 */
	ERROR_KINDS
};

/* `code` names a row of the message table (core/message.c) and never changes with the language.
 * `argument` fills the %s of that message. `faults` is an array of {pointer, code, argument}. */
struct error {
	enum error_kind kind;
	const char *code;
	char argument[160];
	char internal[256]; /* for our log only, never for a client */
	json_t *faults;
	unsigned retry_after; /* seconds, 0 = not said */
};

#define CHECKED __attribute__((warn_unused_result))

/* Sets the error and returns false, so that a refusal is one line. `argument` may be NULL. */
bool error_set(struct error *error, enum error_kind kind, const char *code, const char *argument);

/* Adds one fault at a JSON Pointer (RFC 6901) or parameter name; the kind is set if none is yet. */
bool error_fault(struct error *error, enum error_kind kind, const char *pointer, const char *code,
		 const char *argument);

/* Blames a parameter or header that has none of the words, which end in NULL, and tells them. */
bool error_choice(struct error *error, const char *name, const char *const *words);

/* A failure of ours or of the machine: `internal` is logged, the client learns only the kind. */
bool error_internal(struct error *error, enum error_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

int error_status(const struct error *error);
void error_release(struct error *error);

/* The application/problem+json document; a new reference. `language` is "vi" or "en". */
json_t *error_problem(const struct error *error, const char *language, const char *instance,
		      const char *request);

/* The sentence for a code in a language, its %s filled in; a new string the caller frees. */
char *message_text(const char *code, const char *language, const char *argument);
/* The table's own copy of a code, which lives for ever; NULL when it has no row. */
const char *message_code(const char *code);

#endif
