/* The members of a body that is no record: text, required or not. */
#ifndef LACHAN_MEMBERS_H
#define LACHAN_MEMBERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "error.h"

/* The text is borrowed. `max` is in bytes. */
struct member {
	const char *name;
	size_t max;
	bool is_optional;
	const char *text;
};

/* `members` ends in {0}. Every fault is told. */
bool members_read(const json_t *body, struct member *members, struct error *error) CHECKED;

#endif
