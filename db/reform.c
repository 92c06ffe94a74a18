/* The reform of units and organisations. */
#include "reform.h"

#include <stdio.h>
#include <stdlib.h>

#include "embedded.h"
#include "store.h"

#define COPY(to, from) snprintf(to, sizeof(to), "%s", (from) ? (from) : "")

enum { REFORM_MS = 600000 };

static bool take_lines(const struct pg_result *result, struct reform_line **lines, size_t *count,
		       struct error *error)
{
	*count = (size_t)result_rows(result);
	*lines = calloc(*count + 1, sizeof **lines);
	if (!*lines)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	for (int i = 0; i < result_rows(result); i++) {
		struct reform_line *line = *lines + i;

		COPY(line->kind, result_value(result, i, 0));
		COPY(line->from_unit, result_value(result, i, 1));
		COPY(line->from_organization, result_value(result, i, 2));
		COPY(line->to_unit, result_value(result, i, 3));
		COPY(line->to_organization, result_value(result, i, 4));
		line->is_decided = *result_value(result, i, 5) == 't';
		line->records = strtoll(result_value(result, i, 6), NULL, 10);
	}
	return true;
}

bool reform_apply(const char *owner_url, bool is_trial, struct reform_line **lines, size_t *count,
		  struct error *error)
{
	struct statement statement = {
		embedded_find("db/sql/reform_apply.sql")->data, 1, {is_trial ? "true" : "false"}};
	struct pool *pool = pool_open(owner_url, 1, 1, REFORM_MS);
	auto_result result = NULL;

	if (!pool)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	bool done = store_one(pool, LANE, NULL, false, &statement, &result, error) &&
		    take_lines(result, lines, count, error);

	pool_close(pool);
	return done;
}
