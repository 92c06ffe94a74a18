/* Brings a database to this program's schema, policies, code lists and plan. */
#include "migrate.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "embedded.h"
#include "log.h"
#include "policies.h"
#include "secret.h"
#include "seed.h"
#include "store.h"
#include "text.h"

/* One thing to apply. A migration is applied once and must not change afterwards; everything else
 * again whenever its text changes. */
struct change {
	const char *name;
	const char *text;
	bool is_migration;
	bool (*apply)(PGconn *pg, const char *text, struct error *error);
	bool was_applied; /* now */
};

enum { CHANGES = 128 };

static bool run(PGconn *pg, const char *sql, struct error *error)
{
	PGresult *result = PQexec(pg, sql);
	ExecStatusType status = PQresultStatus(result);
	bool is_fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

	if (!is_fine)
		error_internal(error, ERROR_INTERNAL, "%s", PQresultErrorMessage(result));
	PQclear(result);
	return is_fine;
}

/* The checksum under which the name was applied; "" when it was not. */
static bool applied_as(PGconn *pg, const char *name, char checksum[65], struct error *error)
{
	PGresult *result = PQexecParams(pg, "SELECT checksum FROM applied WHERE name = $1", 1, NULL,
					&name, NULL, NULL, 0);
	bool is_fine = PQresultStatus(result) == PGRES_TUPLES_OK;

	if (!is_fine)
		error_internal(error, ERROR_INTERNAL, "%s", PQresultErrorMessage(result));
	else
		snprintf(checksum, 65, "%s", PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	return is_fine;
}

static bool record(PGconn *pg, const char *name, const char *checksum, struct error *error)
{
	const char *const values[] = {name, checksum};
	PGresult *result = PQexecParams(
		pg,
		"INSERT INTO applied (name, checksum) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE "
		"SET checksum = excluded.checksum, applied_at = now()",
		2, NULL, values, NULL, NULL, 0);
	bool is_fine = PQresultStatus(result) == PGRES_COMMAND_OK;

	if (!is_fine)
		error_internal(error, ERROR_INTERNAL, "%s", PQresultErrorMessage(result));
	PQclear(result);
	return is_fine;
}

/* What a change left to check at the end is checked before the next, which may alter the table. */
static const char settle[] = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED";

static bool apply(PGconn *pg, struct change *change, struct error *error)
{
	char checksum[65], before[65];

	secret_sha256(change->text, checksum);
	if (!applied_as(pg, change->name, before, error))
		return false;
	if (!strcmp(before, checksum))
		return true;
	if (change->is_migration && *before)
		return error_internal(error, ERROR_INTERNAL,
				      "%s was changed after it had been applied", change->name);
	change->was_applied = true;
	if (change->apply(pg, change->text, error) && run(pg, settle, error) &&
	    record(pg, change->name, checksum, error))
		return true;
	char *cause = strdup(error->internal);

	error_release(error);
	error_internal(error, ERROR_INTERNAL, "%s: %s", change->name, cause ? cause : "");
	free(cause);
	return false;
}

/* In one transaction: no table is ever there without its policies, nor half a release. */
static bool apply_all(PGconn *pg, struct change *changes, size_t count, struct error *error)
{
	bool is_new = false;

	if (!run(pg, "BEGIN", error))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!apply(pg, &changes[i], error))
			return false;
		is_new = is_new || changes[i].was_applied;
	}
	if ((is_new && !run(pg, "SELECT figures_check()", error)) || !run(pg, "COMMIT", error))
		return false;
	for (size_t i = 0; i < count; i++)
		if (changes[i].was_applied)
			log_line("info", "applied", "name", changes[i].name, NULL);
	return true;
}

/* All that this program brings, in order; `policies` keeps the text that is made. */
static size_t list_changes(struct change changes[CHANGES], struct text *policies)
{
	static const struct {
		const char *folder;
		bool is_migration;
		bool (*apply)(PGconn *pg, const char *text, struct error *error);
	} kinds[] = {{"db/migrations/", true, run},
		     {"db/indicators/", false, run},
		     {"db/recount/", false, run}};
	const char *newest = "";
	size_t count = 0;

	for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
		for (size_t i = 0; i < embedded_file_count; i++) {
			const struct embedded_file *file = &embedded_files[i];

			if (!strncmp(file->name, kinds[kind].folder, strlen(kinds[kind].folder)) &&
			    count < CHANGES - 2)
				changes[count++] = (struct change){file->name, file->data,
								   kinds[kind].is_migration,
								   kinds[kind].apply};
			if (!strncmp(file->name, kinds[0].folder, strlen(kinds[0].folder)))
				newest = file->name;
		}
	/* Views have the columns of their tables: made again after every migration. */
	text_addf(policies, "-- after %s\n", newest);
	policies_write(policies);
	changes[count++] = (struct change){"policies", text_string(policies), false, run};
	changes[count++] = (struct change){"seed", seed_text(), false, seed_apply};
	return count;
}

static PGconn *connect_owner(const char *url, int wait, struct error *error)
{
	for (int i = 0;; i++) {
		PGconn *pg = PQconnectdb(url);

		if (PQstatus(pg) == CONNECTION_OK)
			return pg;
		if (i >= wait) {
			error_internal(error, ERROR_UNAVAILABLE, "database: %s",
				       PQerrorMessage(pg));
			PQfinish(pg);
			return NULL;
		}
		PQfinish(pg);
		sleep(1);
	}
}

static void ignore_notice(void *nothing, const PGresult *notice)
{
	(void)nothing;
	(void)notice;
}

bool migrate(const char *url, int wait, struct error *error)
{
	static struct change changes[CHANGES];
	auto_text policies = {0};
	PGconn *pg = connect_owner(url, wait, error);

	if (!pg)
		return false;
	PQsetNoticeReceiver(pg, ignore_notice, NULL);
	size_t count = list_changes(changes, &policies);
	/* Held until the connection ends: one replica migrates, the others wait. */
	bool done = run(pg, "SELECT pg_advisory_lock(62, 2024)", error) &&
		    run(pg, embedded_find("db/sql/applied.sql")->data, error) &&
		    apply_all(pg, changes, count, error);

	PQfinish(pg); /* takes back what is not committed */
	return done;
}

/* What must have been applied, a name with its checksum each. Made once: it changes with the
 * program only. */
static char lines[CHANGES][160];
static pthread_once_t lines_made = PTHREAD_ONCE_INIT;

static void make_lines(void)
{
	struct change changes[CHANGES];
	auto_text policies = {0};
	size_t count = list_changes(changes, &policies);
	char checksum[65];

	for (size_t i = 0; i < count; i++) {
		secret_sha256(changes[i].text, checksum);
		snprintf(lines[i], sizeof lines[i], "%s %s", changes[i].name, checksum);
	}
}

bool schema_is_current(struct pool *pool, struct error *error)
{
	static const struct statement statement = {"SELECT applied_checksums()", 0, {0}};
	auto_result result = NULL;

	pthread_once(&lines_made, make_lines);
	if (!store_one(pool, FAST, NULL, true, &statement, &result, error))
		return false;
	const char *applied = result_value(result, 0, 0);

	for (size_t i = 0; *lines[i]; i++)
		if (!applied || !strstr(applied, lines[i]))
			return error_internal(error, ERROR_UNAVAILABLE, "%s is not applied",
					      lines[i]);
	return true;
}

bool schema_is_guarded(struct pool *pool, struct error *error)
{
	auto_text masked = {0};
	auto_result result = NULL;

	policies_masked(&masked);
	const struct statement statement = {
		embedded_find("db/sql/unguarded.sql")->data, 1, {text_string(&masked)}};

	if (!store_one(pool, FAST, NULL, true, &statement, &result, error))
		return false;
	return !result_rows(result) ||
	       error_internal(error, ERROR_INTERNAL, "%s", result_value(result, 0, 0));
}
