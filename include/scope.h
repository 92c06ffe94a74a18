/* Scopes of system clients as text: "read", "write" (everything the role may), "people:read",
 * "training-sessions:write" …, and "people:export", which lets names of minors leave in bulk. */
#ifndef LACHAN_SCOPE_H
#define LACHAN_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "resource.h"
#include "text.h"

struct scopes {
	uint64_t bits; /* of scope_bit(), as struct caller has them */
	bool minor_names;
};

/* The bit for reading or writing a resource: two for each that stands alone, so up to 32 of them; a
 * nested one goes with its parent. */
uint64_t scope_bit(const struct resource *resource, bool writing);

/* Reads names divided by single spaces; "" is the empty set. False when one is not known. */
bool scopes_parse(const char *text, struct scopes *scopes);
/* The shortest text that means the set. */
void scopes_format(const struct scopes *scopes, struct text *text);

bool scopes_include(const struct scopes *outer, const struct scopes *inner);
bool scopes_only_read(const struct scopes *scopes);

/* Whether the agency may something of what one name covers. "read" and "write" are all that it may,
 * whatever that is. */
bool scope_fits(const char *name, int agency);

#endif
