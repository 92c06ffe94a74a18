/* The plan, units and code lists: db/seed/NN_<table>.csv into the tables of that name. */
#include "seed.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "secret.h"
#include "text.h"

static const char folder[] = "db/seed/";

static bool is_seed(const struct embedded_file *file)
{
	return !strncmp(file->name, folder, sizeof folder - 1);
}

static char digests[64 * 80];
static pthread_once_t digests_made = PTHREAD_ONCE_INIT;

/* The digest of each file: as good as the files themselves to see that one changed. */
static void make_digests(void)
{
	size_t length = 0;

	for (size_t i = 0; i < embedded_file_count; i++) {
		char digest[65];

		if (!is_seed(&embedded_files[i]) || length + 80 > sizeof digests)
			continue;
		secret_sha256(embedded_files[i].data, digest);
		length += (size_t)snprintf(digests + length, sizeof digests - length, "%s\n",
					   digest);
	}
}

const char *seed_text(void)
{
	pthread_once(&digests_made, make_digests);
	return digests;
}

static bool finish(PGresult *result, ExecStatusType wanted, struct error *error)
{
	bool is_fine = PQresultStatus(result) == wanted;

	if (!is_fine)
		error_internal(error, ERROR_INTERNAL, "%s", PQresultErrorMessage(result));
	PQclear(result);
	return is_fine;
}

/* The file into a temporary table of the same columns. */
static bool copy_in(PGconn *pg, const char *table, const char *columns,
		    const struct embedded_file *file, struct error *error)
{
	auto_text sql = {0};

	text_addf(&sql,
		  "DROP TABLE IF EXISTS pg_temp.seed; CREATE TEMPORARY TABLE seed AS SELECT %s "
		  "FROM %s "
		  "WITH NO DATA",
		  columns, table);
	if (!finish(PQexec(pg, text_string(&sql)), PGRES_COMMAND_OK, error))
		return false;
	text_clear(&sql);
	text_addf(&sql, "COPY pg_temp.seed (%s) FROM STDIN (FORMAT csv, HEADER)", columns);
	if (!finish(PQexec(pg, text_string(&sql)), PGRES_COPY_IN, error))
		return false;
	if (PQputCopyData(pg, file->data, (int)file->size) != 1 || PQputCopyEnd(pg, NULL) != 1)
		return error_internal(error, ERROR_INTERNAL, "%s", PQerrorMessage(pg));
	bool copied = finish(PQgetResult(pg), PGRES_COMMAND_OK, error);

	PQclear(PQgetResult(pg));
	return copied;
}

static bool upsert(PGconn *pg, const char *table, const char *columns, struct error *error)
{
	const char *const values[] = {table, columns};
	PGresult *statement = PQexecParams(pg, embedded_find("db/sql/seed_upsert.sql")->data, 2,
					   NULL, values, NULL, NULL, 0);
	bool done = PQresultStatus(statement) == PGRES_TUPLES_OK
			    ? finish(PQexec(pg, PQgetvalue(statement, 0, 0)), PGRES_COMMAND_OK,
				     error)
			    : error_internal(error, ERROR_INTERNAL, "%s",
					     PQresultErrorMessage(statement));

	PQclear(statement);
	return done;
}

static bool load(PGconn *pg, const struct embedded_file *file, struct error *error)
{
	char table[64], columns[1024];
	const char *name = file->name + sizeof folder - 1 + 3; /* after "NN_" */

	snprintf(table, sizeof table, "%.*s", (int)strcspn(name, "."), name);
	snprintf(columns, sizeof columns, "%.*s", (int)strcspn(file->data, "\r\n"), file->data);
	if (copy_in(pg, table, columns, file, error) && upsert(pg, table, columns, error))
		return true;
	char *cause = strdup(error->internal);

	error_release(error);
	error_internal(error, ERROR_INTERNAL, "%s: %s", file->name, cause ? cause : "");
	free(cause);
	return false;
}

bool seed_apply(PGconn *pg, const char *text, struct error *error)
{
	(void)text;
	for (size_t i = 0; i < embedded_file_count; i++)
		if (is_seed(&embedded_files[i]) && !load(pg, &embedded_files[i], error))
			return false;
	return true;
}
