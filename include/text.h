/* Growing text, and how it becomes JSON or CSV. */
#ifndef LACHAN_TEXT_H
#define LACHAN_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Text that is being built; NUL-terminated once anything was added. {0} is empty. The owner calls
 * text_release(). When memory runs out, or `limit` (0 = none) would be passed, `failed` is set and
 * further additions do nothing. */
struct text {
	char *data;
	size_t length, capacity, limit;
	bool failed;
};

#define auto_text __attribute__((cleanup(text_release))) struct text

void text_release(struct text *text);
void text_clear(struct text *text);
bool text_reserve(struct text *text, size_t more);
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
void text_add_char(struct text *text, char c);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `string` as a JSON string with its quotes (RFC 8259 section 7); NULL becomes null. */
void text_add_json(struct text *text, const char *string);
void text_add_json_bytes(struct text *text, const char *bytes, size_t length);

/* `string` as a CSV cell (RFC 4180) that no spreadsheet takes for a formula; NULL is empty. */
void text_add_csv(struct text *text, const char *string);

/* The text itself, never NULL. */
const char *text_string(const struct text *text);

/* Gives the characters away (caller frees); NULL when building failed. */
char *text_take(struct text *text);

#endif
