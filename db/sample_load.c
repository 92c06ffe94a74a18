/* How the sample reaches PostgreSQL: statements of db/sql, and rows by COPY. */
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "embedded.h"
#include "log.h"
#include "sample_parts.h"

enum { PIECE = 64 * 1024 };

static const char *const maker_id = "019372a5-1a00-7000-8000-00000000005a";

static bool fail(struct pg_conn *connection, struct error *error)
{
	return error_internal(error, ERROR_INTERNAL, "sample: %s", PQerrorMessage(connection));
}

bool sample_ask(struct sample *sample, const char *name, const char *parameter,
		struct pg_result **result, struct error *error)
{
	char path[64];

	snprintf(path, sizeof path, "db/sql/sample_%s.sql", name);
	const struct embedded_file *file = embedded_find(path);
	if (!file)
		return error_internal(error, ERROR_INTERNAL, "%s is not built in", path);
	*result = PQexecParams(sample->connection, file->data, parameter != NULL, NULL, &parameter,
			       NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(*result);
	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		return true;
	PQclear(*result);
	*result = NULL;
	return fail(sample->connection, error);
}

static void copy_send(struct load *load)
{
	if (load->pending.failed)
		load->failed = !error_internal(load->error, ERROR_INTERNAL, "out of memory");
	else if (!load->failed && PQputCopyData(load->connection, load->pending.data,
						(int)load->pending.length) != 1)
		load->failed = !fail(load->connection, load->error);
	text_clear(&load->pending);
}

/* The server's own complaint comes as the result of the COPY. */
static void copy_close(struct load *load)
{
	PGresult *result;

	if (load->pending.length)
		copy_send(load);
	if (PQputCopyEnd(load->connection, load->failed ? "given up" : NULL) != 1 && !load->failed)
		load->failed = !fail(load->connection, load->error);
	while ((result = PQgetResult(load->connection))) {
		if (PQresultStatus(result) != PGRES_COMMAND_OK && !load->failed)
			load->failed = !fail(load->connection, load->error);
		PQclear(result);
	}
}

bool load_begin(struct load *load, struct pg_conn *connection, const char *copy,
		struct error *error)
{
	PGresult *result = PQexecParams(connection, copy, 0, NULL, NULL, NULL, NULL, 0);
	bool begun = PQresultStatus(result) == PGRES_COPY_IN;

	*load = (struct load){.connection = connection, .copy = copy, .error = error};
	PQclear(result);
	return begun || fail(connection, error);
}

static void begin_value(struct load *load)
{
	if (load->row_begun)
		text_add_char(&load->pending, '\t');
	load->row_begun = true;
}

void load_value(struct load *load, const char *value)
{
	begin_value(load);
	if (!value)
		value = "\\N";
	else if (value[strcspn(value, "\\\t\n\r")])
		load->failed = !error_internal(load->error, ERROR_INTERNAL,
					       "a value needs escapes");
	text_add(&load->pending, value);
}

void load_number(struct load *load, int64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, value);
	load_value(load, text);
}

void load_day(struct load *load, int day)
{
	char text[11];

	if (day != NO_DAY)
		day_text(day, text);
	load_value(load, day == NO_DAY ? NULL : text);
}

void load_row(struct load *load)
{
	text_add_char(&load->pending, '\n');
	load->row_begun = false;
	load->rows++;
	if (load->pending.length >= PIECE || load->pending.failed)
		copy_send(load);
}

void load_end_of_row(struct load *load, const char *organization, size_t version,
		     const char *created_at, const char *updated_at)
{
	load_value(load, organization);
	load_value(load, maker_id);
	load_number(load, (int64_t)version);
	load_value(load, created_at);
	load_value(load, updated_at);
	load_row(load);
}

bool load_end(struct load *load)
{
	char table[64] = "", rows[24];

	copy_close(load);
	text_release(&load->pending);
	sscanf(load->copy, "COPY %63s", table);
	snprintf(rows, sizeof rows, "%zu", load->rows);
	if (!load->failed)
		log_line("info", "sample loaded", "table", table, "rows", rows, NULL);
	return !load->failed;
}
