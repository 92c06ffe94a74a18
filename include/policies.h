/* The row policies of PostgreSQL, written from the grants of core/access.c. */
#ifndef LACHAN_POLICIES_H
#define LACHAN_POLICIES_H

#include "text.h"

/* The SQL that replaces every policy and every right of lachan_service by what the grants say. Run
 * by the owner in one transaction whenever the text differs from what was last applied. */
void policies_write(struct text *sql);

/* As an array of PostgreSQL, each as table.column: what lachan_service reads by a view alone. */
void policies_masked(struct text *array);

#endif
