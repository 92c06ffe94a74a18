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

/* Whoever has it alone changes what is kept. */
#define FIGURES_LOCK(function) "SELECT " function "(hashtextextended('lachan figures', 0))"

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
	if (!only_if_needed && (!run(pool, FIGURES_LOCK("pg_advisory_lock"), error) ||
				!run(pool, "SELECT figures_withdraw()", error)))
		return false;
	bool done = store_one(pool, LANE, NULL, false, &statement, &result, error);

	if (!only_if_needed && done)
		done = run(pool, FIGURES_LOCK("pg_advisory_unlock"), error);
	if (done && report)
		read_report(report, result);
	return done;
}

static void read_verdict(const struct pg_result *result,
			 void (*tell)(const struct figures_difference *difference),
			 struct figures_verdict *verdict)
{
	int count = result_rows(result);

	*verdict = (struct figures_verdict){.is_built = count > 0};
	for (int i = 0; i < count; i++) {
		const char *subject = result_value(result, i, 6);
		const struct figures_difference difference = {
			.what = result_value(result, i, 3),
			.measure = result_value(result, i, 4),
			.period = result_value(result, i, 5),
			.of = subject ? subject : result_value(result, i, 7),
			.kept = result_value(result, i, 8),
			.recounted = result_value(result, i, 9),
		};

		verdict->measures = strtoll(result_value(result, i, 0), NULL, 10);
		verdict->subjects = strtoll(result_value(result, i, 1), NULL, 10);
		verdict->cells = strtoll(result_value(result, i, 2), NULL, 10);
		if (!difference.what)
			continue;
		verdict->differences++;
		tell(&difference);
	}
}

bool figures_verify(struct pool *pool, void (*tell)(const struct figures_difference *difference),
		    struct figures_verdict *verdict, struct error *error)
{
	/* The lock is there before the snapshot is: no refresher commits between them. */
	static const struct statement lock = {FIGURES_LOCK("pg_advisory_lock"), 0, {0}};
	static const struct statement unlock = {FIGURES_LOCK("pg_advisory_unlock"), 0, {0}};
	static const struct statement statements[] = {
		{"BEGIN ISOLATION LEVEL REPEATABLE READ", 0, {0}},
		{"SELECT * FROM figures_verify()", 0, {0}},
		{"COMMIT", 0, {0}},
	};
	struct pg_result *results[4] = {0};
	struct connection *connection;

	if (!pool_take(pool, LANE, &connection, error))
		return false;
	bool done = store_run(connection, NULL, false, &lock, 1, results, error) &&
		    store_run(connection, NULL, false, statements, 3, results + 1, error);

	if (done)
		read_verdict(results[2], tell, verdict);
	for (size_t i = 0; i < 4; i++)
		result_release(&results[i]);
	done = done && store_run(connection, NULL, false, &unlock, 1, results, error);
	result_release(&results[0]);
	pool_give(pool, connection);
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
