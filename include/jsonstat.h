/* JSON-stat 2.0 (json-stat.org/format): rows of an indicator as a cube. */
#ifndef LACHAN_JSONSTAT_H
#define LACHAN_JSONSTAT_H

#include "indicators.h"
#include "labels.h"
#include "text.h"

/* One dataset: dimensions unit, period, those asked for, and measure (numerator, denominator,
 * value); what is suppressed has the status "s". Every period asked for is there; another dimension
 * has the categories of the rows or, without any, all it can have, so that none is empty. `name` is
 * its label. False: out of memory. */
bool jsonstat_write(struct text *json, const struct indicator_query *query,
		    const struct indicator_rows *rows, const struct labels *labels,
		    const char *name) CHECKED;

#endif
