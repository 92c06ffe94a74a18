/* What a unit and the codes of figures are called in Vietnamese. */
#ifndef LACHAN_LABELS_H
#define LACHAN_LABELS_H

#include "indicator.h"
#include "pool.h"

struct labels {
	struct pg_result *found;
};

/* Those of the unit that is asked of, and of what the figures are broken down by. */
bool labels_read(struct pool *pool, const struct caller *caller,
		 const struct indicator_query *query, struct labels *labels,
		 struct error *error) CHECKED;
void labels_release(struct labels *labels);

/* The code itself when it has no label; of a unit `list` is NULL. */
const char *labels_of(const struct labels *labels, const char *list, const char *code);

#endif
