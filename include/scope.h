/* Scopes of system clients as text: "read", "write" (everything the role may), "people:read",
 * "training-sessions:write" …, and "people:export", which lets names of minors leave in bulk. */
#ifndef LACHAN_SCOPE_H
#define LACHAN_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

/* `bits` as struct caller has them: 2i for reading resource i of resources[], 2i + 1 for writing
 * it. */
struct scopes {
	uint64_t bits;
	bool minor_names;
};

/* Reads names divided by single spaces; "" is the empty set. False when one is not known. */
bool scopes_parse(const char *text, struct scopes *scopes);
/* The shortest text that means the set. */
void scopes_format(const struct scopes *scopes, struct text *text);

bool scopes_include(const struct scopes *outer, const struct scopes *inner);
bool scopes_only_read(const struct scopes *scopes);

#endif
