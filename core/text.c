/* Growing text, and how it becomes JSON or CSV. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_release(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}

void text_clear(struct text *text)
{
	text->length = 0;
	text->failed = false;
	if (text->data)
		text->data[0] = '\0';
}

bool text_reserve(struct text *text, size_t more)
{
	size_t needed = text->length + more + 1;

	if (text->failed || (text->limit && text->length + more > text->limit)) {
		text->failed = true;
		return false;
	}
	if (needed <= text->capacity)
		return true;

	size_t capacity = text->capacity ? text->capacity : 256;
	while (capacity < needed)
		capacity *= 2;
	char *data = realloc(text->data, capacity);
	if (!data) {
		text->failed = true;
		return false;
	}
	text->data = data;
	text->capacity = capacity;
	return true;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
	if (!text_reserve(text, length))
		return;
	memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

void text_add_char(struct text *text, char c)
{
	text_add_bytes(text, &c, 1);
}

void text_addf(struct text *text, const char *format, ...)
{
	va_list arguments, again;
	size_t room = text->failed ? 0 : text->capacity - text->length;

	va_start(arguments, format);
	va_copy(again, arguments);
	int length = vsnprintf(room ? text->data + text->length : NULL, room, format, arguments);
	va_end(arguments);
	bool fits = length >= 0 && (size_t)length < room;

	if (length >= 0 && text_reserve(text, (size_t)length)) {
		if (!fits)
			vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
		text->length += (size_t)length;
	} else if (room) {
		text->data[text->length] = '\0'; /* nothing is kept of what passes the limit */
	}
	va_end(again);
}

/* What stands for a byte inside a JSON string: NULL for itself. */
static const char *const escapes[256] = {
	[0] = "\\u0000",  [1] = "\\u0001",  [2] = "\\u0002",  [3] = "\\u0003",	[4] = "\\u0004",
	[5] = "\\u0005",  [6] = "\\u0006",  [7] = "\\u0007",  [8] = "\\b",	[9] = "\\t",
	[10] = "\\n",	  [11] = "\\u000b", [12] = "\\f",     [13] = "\\r",	[14] = "\\u000e",
	[15] = "\\u000f", [16] = "\\u0010", [17] = "\\u0011", [18] = "\\u0012", [19] = "\\u0013",
	[20] = "\\u0014", [21] = "\\u0015", [22] = "\\u0016", [23] = "\\u0017", [24] = "\\u0018",
	[25] = "\\u0019", [26] = "\\u001a", [27] = "\\u001b", [28] = "\\u001c", [29] = "\\u001d",
	[30] = "\\u001e", [31] = "\\u001f", ['"'] = "\\\"",   ['\\'] = "\\\\",	[127] = "\\u007f",
};

void text_add_json_bytes(struct text *text, const char *bytes, size_t length)
{
	/* The longest escape has 6 characters: reserve once, then write freely. */
	if (!text_reserve(text, length * 6 + 2))
		return;
	char *out = text->data + text->length;

	*out++ = '"';
	for (size_t i = 0; i < length; i++) {
		const char *escape = escapes[(unsigned char)bytes[i]];

		if (!escape)
			*out++ = bytes[i];
		else
			while (*escape)
				*out++ = *escape++;
	}
	*out++ = '"';
	*out = '\0';
	text->length = (size_t)(out - text->data);
}

void text_add_json(struct text *text, const char *string)
{
	if (string)
		text_add_json_bytes(text, string, strlen(string));
	else
		text_add(text, "null");
}

void text_add_csv(struct text *text, const char *string)
{
	if (!string)
		return;
	bool is_formula = *string && strchr("=+-@\t\r", *string);

	if (!is_formula && !string[strcspn(string, "\",\r\n")]) {
		text_add(text, string);
		return;
	}
	text_add_char(text, '"');
	if (is_formula)
		text_add_char(text, '\'');
	for (; *string; string++) {
		if (*string == '"')
			text_add_char(text, '"');
		text_add_char(text, *string);
	}
	text_add_char(text, '"');
}

const char *text_string(const struct text *text)
{
	return text->data ? text->data : "";
}

char *text_take(struct text *text)
{
	char *data = text->failed ? NULL : text->data;

	if (!data)
		free(text->data);
	if (!data && !text->failed)
		data = strdup("");
	*text = (struct text){0};
	return data;
}
