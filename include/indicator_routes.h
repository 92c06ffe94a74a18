/* The routes of the plan's indicators (api only). */
#ifndef LACHAN_INDICATOR_ROUTES_H
#define LACHAN_INDICATOR_ROUTES_H

#include "indicators.h"
#include "request.h"

/* All are GET, BEARER_OR_BASIC, LANE; in explain BEARER, as it may list people. */
bool indicators_list(struct request *request);	 /* /v1/indicators */
bool indicator_rows(struct request *request);	 /* /v1/indicators/{code} */
bool indicator_explain(struct request *request); /* /v1/indicators/{code}/explain */

/* The row as a JSON object, the same members whatever was asked. */
void indicator_row_write(struct text *json, const struct indicator_row *row);

#endif
