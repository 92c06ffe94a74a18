/* The feed of what changed. */
#include "changes.h"

#include <stdio.h>
#include <stdlib.h>

#include "embedded.h"
#include "store.h"

enum { STEP = 5000 }; /* as in db/sql/changes.sql */

static void add_resources(struct text *array, const struct caller *caller)
{
	for (size_t i = 0; resources[i]; i++)
		if (resource_is_followed(resources[i]) && access_may(caller, resources[i], READ))
			text_addf(array, "%s%s", array->length ? "," : "{", resources[i]->table);
	text_add(array, array->length ? "}" : "{}");
}

static long long number(const struct pg_result *result, int row, int column)
{
	const char *value = result_value(result, row, column);

	return value ? strtoll(value, NULL, 10) : 0;
}

static void add_row(struct text *rows, const struct pg_result *result, int row)
{
	text_addf(rows,
		  "{\"seq\":%s,\"resource\":\"%s\",\"record\":\"%s\",\"operation\":\"%s\","
		  "\"version\":%s,\"changed_at\":\"%s\"}",
		  result_value(result, row, 2), result_value(result, row, 3),
		  result_value(result, row, 4), result_value(result, row, 5),
		  result_value(result, row, 6), result_value(result, row, 7));
}

static bool take(struct changes *changes, const struct pg_result *result, long long after,
		 int limit, struct error *error)
{
	long long end = after + STEP;

	changes->head = number(result, 0, 1);
	/* Beyond the head lies a place of a database that was since restored to an earlier time. */
	changes->is_gone = after < number(result, 0, 0) || after > changes->head;
	text_add_char(&changes->rows, '[');
	for (int row = 0; row < result_rows(result) && result_value(result, row, 2); row++) {
		text_add(&changes->rows, changes->count++ ? "," : "");
		add_row(&changes->rows, result, row);
	}
	text_add_char(&changes->rows, ']');
	changes->next = end < changes->head ? end : changes->head;
	if (changes->count == limit)
		changes->next = number(result, limit - 1, 2);
	if (changes->next < after)
		changes->next = after;
	return !changes->rows.failed ||
	       error_internal(error, ERROR_UNAVAILABLE, "out of memory for changes");
}

bool changes_read(struct pool *pool, enum lane lane, const struct caller *caller, long long after,
		  int limit, struct changes *changes, struct error *error)
{
	char place[24], most[12];
	auto_text readable = {0};
	auto_result result = NULL;

	*changes = (struct changes){0};
	snprintf(place, sizeof place, "%lld", after);
	snprintf(most, sizeof most, "%d", limit);
	add_resources(&readable, caller);
	struct statement statement = {embedded_find("db/sql/changes.sql")->data,
				      3,
				      {place, most, text_string(&readable)}};

	return store_one(pool, lane, caller, true, &statement, &result, error) &&
	       take(changes, result, after, limit, error);
}

void changes_release(struct changes *changes)
{
	text_release(&changes->rows);
}

bool changes_advance(struct pool *pool, long long *head, struct error *error)
{
	static const struct statement statement = {"SELECT changes_advance()", 0, {0}};
	auto_result result = NULL;

	if (!store_one(pool, LANE, NULL, false, &statement, &result, error))
		return false;
	*head = number(result, 0, 0);
	return true;
}
