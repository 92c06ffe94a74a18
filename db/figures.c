/* Keeps the figures ready: the refresher's work, and building them anew. */
#include "figures.h"

#include <stdio.h>
#include <stdlib.h>

#include "store.h"

bool figures_refresh(struct pool *pool, long *taken, bool *must_rebuild, struct error *error)
{
	char most[12];
	struct statement statement = {"SELECT figures_refresh($1::integer)", 1, {most}};
	auto_result result = NULL;

	snprintf(most, sizeof most, "%d", FIGURES_BATCH);
	if (!store_one(pool, FAST, NULL, false, &statement, &result, error))
		return false;
	const char *count = result_value(result, 0, 0);

	*must_rebuild = !count;
	*taken = count ? strtol(count, NULL, 10) : 0;
	return true;
}

static bool run(struct pool *pool, const char *sql, struct error *error)
{
	struct statement statement = {sql, 0, {0}};
	auto_result result = NULL;

	return store_one(pool, LANE, NULL, false, &statement, &result, error);
}

static void read_report(struct figures_report *report, const struct pg_result *result)
{
	int count = result_rows(result);

	*report = (struct figures_report){0};
	for (int i = 0; i < count && i < 16; i++) {
		snprintf(report->families[i].family, sizeof report->families[i].family, "%s",
			 result_value(result, i, 0));
		report->families[i].rows = strtoll(result_value(result, i, 1), NULL, 10);
		report->count++;
	}
}

bool figures_rebuild(struct pool *pool, bool only_if_needed, struct figures_report *report,
		     struct error *error)
{
	struct statement statement = {"SELECT * FROM figures_rebuild($1::boolean)",
				      1,
				      {only_if_needed ? "true" : "false"}};
	auto_result result = NULL;

	/* By the lock no refresher begins to build as well, once nothing is ready any more. */
	if (!only_if_needed &&
	    (!run(pool, "SELECT pg_advisory_lock(hashtextextended('lachan figures', 0))", error) ||
	     !run(pool, "SELECT figures_withdraw()", error)))
		return false;
	bool done = store_one(pool, LANE, NULL, false, &statement, &result, error);

	if (!only_if_needed && done)
		done = run(pool, "SELECT pg_advisory_unlock(hashtextextended('lachan figures', 0))",
			   error);
	if (done && report)
		read_report(report, result);
	return done;
}

bool figures_parameter(struct pool *pool, const char *name, int value, struct error *error)
{
	char number[12];
	struct statement statement = {
		"SELECT indicator_parameter_set($1, $2::integer)", 2, {name, number}};
	auto_result result = NULL;

	snprintf(number, sizeof number, "%d", value);
	return store_one(pool, LANE, NULL, false, &statement, &result, error);
}
