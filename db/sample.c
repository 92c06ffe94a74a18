/* The command `lachan sample`: fills an empty database with invented people and all around them. */
#include "sample.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "period.h"
#include "sample_parts.h"

static bool programme_make(struct sample *sample, struct error *error)
{
	PGresult *result;
	char today[11];

	day_text(sample->today, today);
	if (!sample_ask(sample, "programme", today, &result, error))
		return false;
	PQclear(result);
	return true;
}

/* In an order that foreign keys allow. */
static bool (*const steps[])(struct sample *, struct error *) = {
	sample_places_read, sample_law_read,	sample_schools_load,  sample_sessions_load,
	sample_links_make,  sample_people_load, sample_statuses_load, sample_interventions_load,
	sample_crimes_load, sample_tasks_load,	programme_make,
};

static bool run(struct sample *sample, const char *name, struct error *error)
{
	PGresult *result = NULL;
	bool succeeded = sample_ask(sample, name, NULL, &result, error);

	PQclear(result);
	return succeeded;
}

static bool command(struct sample *sample, const char *sql, struct error *error)
{
	PGresult *result = PQexecParams(sample->connection, sql, 0, NULL, NULL, NULL, NULL, 0);
	/* COMMIT of a failed transaction answers ROLLBACK. */
	bool succeeded = PQresultStatus(result) == PGRES_COMMAND_OK &&
			 strcmp(PQcmdStatus(result), "ROLLBACK");

	PQclear(result);
	return succeeded || error_internal(error, ERROR_INTERNAL, "sample: %s: %s", sql,
					   PQerrorMessage(sample->connection));
}

static bool check_nobody_is_there(struct sample *sample, struct error *error)
{
	PGresult *result;

	if (!sample_ask(sample, "refusal", NULL, &result, error))
		return false;
	bool may = PQgetisnull(result, 0, 0) ||
		   error_internal(error, ERROR_CONFLICT, "sample: %s", PQgetvalue(result, 0, 0));
	PQclear(result);
	return may;
}

static bool fill(struct sample *sample, struct error *error)
{
	if (!run(sample, "begin", error) || !check_nobody_is_there(sample, error))
		return false;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (!steps[i](sample, error))
			return false;
	return run(sample, "end", error);
}

static bool check_spec(const struct sample *sample, struct error *error)
{
	const struct sample_spec *spec = sample->spec;

	if (spec->people < 1 || spec->people > SAMPLE_PEOPLE_MAX)
		return error_internal(error, ERROR_INVALID, "sample: 1 to %d people",
				      SAMPLE_PEOPLE_MAX);
	if (sample->last < day_of(2025, 7, 1))
		return error_internal(error, ERROR_INVALID,
				      "sample: today's communes exist since 2025-07-01");
	return true;
}

/* The accounts come first, since the transaction keeps others out of the tables they need; their
 * file waits beside its name until there are people. */
static bool make(struct sample *sample, const char *owner_url, struct error *error)
{
	return command(sample, "SET idle_in_transaction_session_timeout = 0", error) &&
	       check_nobody_is_there(sample, error) &&
	       sample_accounts_make(owner_url, sample->keyring, sample->spec->home, error) &&
	       command(sample, "BEGIN", error) && fill(sample, error) &&
	       command(sample, "COMMIT", error) &&
	       sample_accounts_publish(sample->spec->home, error) &&
	       run(sample, "analyze", error) && run(sample, "figures", error);
}

bool sample_make(const char *owner_url, const struct keyring *keyring,
		 const struct sample_spec *spec, struct error *error)
{
	char today[11];
	struct sample sample = {.keyring = keyring, .spec = spec};
	bool made = false;

	today_in_vietnam(today);
	sample.today = day_parse(today);
	sample.last = sample.today - 1;
	if (!check_spec(&sample, error))
		return false;
	sample.connection = PQconnectdb(owner_url);
	if (PQstatus(sample.connection) == CONNECTION_OK)
		made = make(&sample, owner_url, error);
	else
		error_internal(error, ERROR_UNAVAILABLE, "sample: %s",
			       PQerrorMessage(sample.connection));
	PQfinish(sample.connection);
	free(sample.communes);
	free(sample.formers);
	free(sample.schools);
	free(sample.terms);
	free(sample.transitions);
	free(sample.linked);
	return made;
}
