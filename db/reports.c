/* Reports: what is typed beside figures, and what was submitted. */
#include "reports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "store.h"

#define COPY(to, from) snprintf(to, sizeof(to), "%s", (from) ? (from) : "")

static const char *sql_of(const char *path)
{
	const struct embedded_file *file = embedded_find(path);

	return file ? file->data : NULL;
}

/* NULL stays NULL. */
static bool copy(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return *to || !from;
}

static bool is_true(const char *value)
{
	return value && *value == 't';
}

/* Columns from `first` on: numerator, denominator, value, reason. */
static bool take_entry(struct report_figure *figure, const struct pg_result *result, int row,
		       int first)
{
	struct report_entry *entry = &figure->entry;

	COPY(entry->numerator, result_value(result, row, first));
	COPY(entry->denominator, result_value(result, row, first + 1));
	COPY(entry->value, result_value(result, row, first + 2));
	figure->has_entry = *entry->numerator || *entry->denominator || *entry->value;
	return copy(&entry->reason, result_value(result, row, first + 3));
}

static bool take_entries(struct report *report, const struct pg_result *result)
{
	for (int row = 0; row < result_rows(result) && report->count < REPORT_FIGURES; row++) {
		struct report_figure *figure = &report->figures[report->count++];

		COPY(figure->indicator, result_value(result, row, 0));
		COPY(figure->definition, result_value(result, row, 1));
		if (!take_entry(figure, result, row, 2))
			return false;
	}
	return true;
}

static bool take_frozen(struct report *report, const struct pg_result *result)
{
	for (int row = 0; row < result_rows(result) && report->count < REPORT_FIGURES; row++) {
		struct report_figure *figure = &report->figures[report->count++];

		COPY(figure->indicator, result_value(result, row, 0));
		COPY(figure->definition, result_value(result, row, 1));
		figure->is_headline = is_true(result_value(result, row, 2));
		if (!copy(&figure->figure, result_value(result, row, 3)) ||
		    !take_entry(figure, result, row, 4))
			return false;
	}
	return true;
}

static void take_head(struct report *report, const struct pg_result *head)
{
	COPY(report->period, result_value(head, 0, 0));
	COPY(report->unit, result_value(head, 0, 1));
	COPY(report->status, result_value(head, 0, 2));
	report->is_submitted = strcmp(report->status, "draft") != 0 &&
			       strcmp(report->status, "returned") != 0;
	report->is_own = is_true(result_value(head, 0, 4));
	report->is_consolidated = !strcmp(result_value(head, 0, 5), "consolidated");
	COPY(report->level, result_value(head, 0, 6));
}

bool report_read(struct pool *pool, const struct caller *caller, const char *id,
		 struct report *report, struct error *error)
{
	const struct statement statements[] = {
		{sql_of("db/sql/report_head.sql"), 1, {id}},
		{sql_of("db/sql/report_entries.sql"), 1, {id}},
		{sql_of("db/sql/report_frozen.sql"), 1, {id}},
	};
	struct pg_result *results[3] = {0};
	struct connection *connection = NULL;

	*report = (struct report){0};
	if (!pool_take(pool, LANE, &connection, error))
		return false;
	bool done = store_run(connection, caller, true, statements, 3, results, error);

	pool_give(pool, connection);
	if (done && !result_rows(results[0]))
		done = error_set(error, ERROR_NOT_FOUND, "not_found", NULL);
	if (done) {
		take_head(report, results[0]);
		done = (report->is_submitted ? take_frozen(report, results[2])
					     : take_entries(report, results[1])) ||
		       error_internal(error, ERROR_INTERNAL, "out of memory");
	}
	for (int i = 0; i < 3; i++)
		result_release(&results[i]);
	return done;
}

void report_release(struct report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		free(report->figures[i].figure);
		free(report->figures[i].entry.reason);
	}
	report->count = 0;
}

/* What the calendar of reports calls a period of the targets: 2026Y for 2026, else the same. */
static void calendar_code(const char *period, char code[8])
{
	snprintf(code, 8, "%.6s%s", period, strlen(period) == 4 ? "Y" : "");
}

bool report_coverage(struct pool *pool, const struct caller *caller, const char *unit,
		     const char *period, struct report_coverage *coverage, struct error *error)
{
	char code[8];
	const struct statement statement = {sql_of("db/sql/report_coverage.sql"), 2, {unit, code}};
	auto_result result = NULL;

	calendar_code(period, code);
	if (!store_one(pool, LANE, caller, true, &statement, &result, error))
		return false;
	COPY(coverage->due, result_value(result, 0, 0));
	COPY(coverage->submitted, result_value(result, 0, 1));
	COPY(coverage->on_time, result_value(result, 0, 2));
	return true;
}

bool report_replay(struct pool *pool, const struct caller *caller, const char *unit,
		   const char *period, const char *as_of, const char *indicator,
		   const char *definition, struct report *report, struct error *error)
{
	char code[8];
	const struct statement statement = {
		sql_of("db/sql/report_as_of.sql"), 5, {unit, code, as_of, indicator, definition}};
	auto_result result = NULL;

	calendar_code(period, code);
	*report = (struct report){0};
	if (!store_one(pool, LANE, caller, true, &statement, &result, error))
		return false;
	for (int row = 0; row < result_rows(result) && report->count < REPORT_FIGURES; row++) {
		struct report_figure *figure = &report->figures[report->count++];

		COPY(figure->indicator, result_value(result, row, 0));
		if (!copy(&figure->figure, result_value(result, row, 1)))
			return error_internal(error, ERROR_INTERNAL, "out of memory");
	}
	return report->count > 0 || error_set(error, ERROR_NOT_FOUND, "no_submission", NULL);
}
