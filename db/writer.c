/* The one writer: rows of a result become JSON, CSV or NDJSON by the resource's table. */
#include "writer.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_name(struct text *list, const char *name)
{
	text_addf(list, "%s\"%s\"", list->length > 1 ? "," : "", name);
}

static void init_lists(struct writer *writer, const struct caller *caller)
{
	const struct query *query = writer->query;
	int at = 0;

	text_add(&writer->redacted, "[");
	text_add(&writer->redacted_of_minor, "[");
	text_add(&writer->may, "[");
	for (size_t i = 0; i < query->column_count; i++) {
		const struct column *column = &query->columns[i];

		if (column->kind == COLUMN_FIELD && column->is_hidden)
			add_name(&writer->redacted, column->field->name);
		if (column->kind == COLUMN_FIELD &&
		    (column->is_hidden ||
		     access_hides_of_minors(caller, writer->plan->resource, column->field,
					    writer->plan->operation, writer->plan->format != JSON)))
			add_name(&writer->redacted_of_minor, column->field->name);
		if (column->kind == COLUMN_MAY && column->is_hidden)
			add_name(&writer->may, operation_names[column->operation]);
		if (column->kind == COLUMN_MAY && !column->is_hidden)
			writer->may_differs = true;
		if (column->kind == COLUMN_MINOR)
			writer->minor_at = at;
		at += !column->is_hidden;
	}
	text_add(&writer->redacted, "]");
	text_add(&writer->redacted_of_minor, "]");
	text_add(&writer->may, "]");
}

void writer_init(struct writer *writer, const struct plan *plan, const struct query *query,
		 const struct caller *caller, const struct keyring *keyring)
{
	*writer = (struct writer){.plan = plan,
				  .query = query,
				  .keyring = keyring,
				  .agency = caller->agency,
				  .minor_at = -1};
	for (size_t i = 0; i < query->column_count; i++) {
		if (query->columns[i].kind == COLUMN_FIELD) {
			text_add(&writer->prefixes, i ? ",\"" : "{\"");
			text_add(&writer->prefixes, query->columns[i].field->name);
			text_add(&writer->prefixes, "\":");
		}
		writer->ends[i] = writer->prefixes.length;
	}
	init_lists(writer, caller);
}

void writer_release(struct writer *writer)
{
	text_release(&writer->prefixes);
	text_release(&writer->redacted);
	text_release(&writer->redacted_of_minor);
	text_release(&writer->may);
}

/* '2026-11-24 03:00:00.123+00' as PostgreSQL writes it, to RFC 3339 in UTC. */
static void add_instant(struct text *out, const char *value, size_t length)
{
	char instant[40];

	if (length < 20 || length >= sizeof instant) {
		text_add_json_bytes(out, value, length);
		return;
	}
	memcpy(instant, value, length);
	instant[10] = 'T';
	instant[length - 3] = 'Z';
	text_add_json_bytes(out, instant, length - 2);
}

/* '{a,"b c",NULL}' to ["a","b c",null]; numbers stay bare. */
static void add_array(struct text *out, const char *value, bool is_text)
{
	auto_text item = {0};

	text_add_char(out, '[');
	for (const char *p = value + 1; *p && *p != '}';) {
		bool is_quoted = *p == '"';

		text_clear(&item);
		for (p += is_quoted; is_quoted ? *p != '"' : *p != ',' && *p != '}'; p++) {
			p += *p == '\\';
			text_add_char(&item, *p);
		}
		p += is_quoted;
		if (is_text)
			text_add_json(out, text_string(&item));
		else
			text_add(out, text_string(&item));
		if (*p == ',') {
			text_add_char(out, ',');
			p++;
		}
	}
	text_add_char(out, ']');
}

/* The whole number when it is asked for; it was sealed with the record's id. */
static char *unsealed(const struct writer *writer, const PGresult *pg, int row, const char *value)
{
	return writer->plan->reveal
		       ? secret_open(writer->keyring->seal, value, PQgetvalue(pg, row, 0))
		       : strdup(value);
}

static void add_value(const struct writer *writer, const PGresult *pg, int row, int at,
		      const struct field *field, struct text *out)
{
	const char *value = PQgetvalue(pg, row, at);
	size_t length = (size_t)PQgetlength(pg, row, at);
	char *number;

	switch (field->type) {
	case INTEGER:
	case DECIMAL:
	case DOCUMENT:
		text_add_bytes(out, value, length);
		break;
	case BOOLEAN:
		text_add(out, *value == 't' ? "true" : "false");
		break;
	case INSTANT:
		add_instant(out, value, length);
		break;
	case CODES:
	case TEXTS:
		add_array(out, value, true);
		break;
	case INTEGERS:
		add_array(out, value, false);
		break;
	case CITIZEN_NUMBER:
		number = unsealed(writer, pg, row, value);
		text_add_json(out, number);
		free(number);
		break;
	default:
		text_add_json_bytes(out, value, length);
	}
}

static void add_may(const struct writer *writer, const PGresult *pg, int row, struct text *out)
{
	bool is_first = true;
	int at = 0;

	if (!writer->may_differs) {
		text_add_bytes(out, writer->may.data, writer->may.length);
		return;
	}
	text_add_char(out, '[');
	for (size_t i = 0; i < writer->query->column_count; i++) {
		const struct column *column = &writer->query->columns[i];

		if (column->kind == COLUMN_MAY &&
		    (column->is_hidden || *PQgetvalue(pg, row, at) == 't')) {
			text_addf(out, "%s\"%s\"", is_first ? "" : ",",
				  operation_names[column->operation]);
			is_first = false;
		}
		at += !column->is_hidden;
	}
	text_add_char(out, ']');
}

void writer_row_json(const struct writer *writer, const struct pg_result *result, int row,
		     struct text *out)
{
	const PGresult *pg = (const PGresult *)result;
	const struct query *query = writer->query;
	size_t start = 0;
	int at = 0;

	for (size_t i = 0; i < query->column_count; i++) {
		const struct column *column = &query->columns[i];

		if (column->kind == COLUMN_FIELD) {
			text_add_bytes(out, writer->prefixes.data + start, writer->ends[i] - start);
			if (column->is_hidden || PQgetisnull(pg, row, at))
				text_add_bytes(out, "null", 4);
			else
				add_value(writer, pg, row, at, column->field, out);
		}
		start = writer->ends[i];
		at += !column->is_hidden;
	}
	bool is_minor = writer->minor_at >= 0 && *PQgetvalue(pg, row, writer->minor_at) == 't';
	const struct text *redacted = is_minor ? &writer->redacted_of_minor : &writer->redacted;

	text_add(out, ",\"redacted\":");
	text_add_bytes(out, redacted->data, redacted->length);
	text_add(out, ",\"may\":");
	add_may(writer, pg, row, out);
	text_add_char(out, '}');
}

void writer_header_csv(const struct writer *writer, struct text *out)
{
	bool is_first = true;

	if (writer->plan->bom)
		text_add(out, "\xEF\xBB\xBF");
	for (size_t i = 0; i < writer->query->column_count; i++)
		if (writer->query->columns[i].kind == COLUMN_FIELD) {
			text_addf(out, "%s%s", is_first ? "" : ",",
				  writer->query->columns[i].field->name);
			is_first = false;
		}
	text_add(out, "\r\n");
}

/* A cell holds what the JSON has: arrays with spaces between, documents as JSON. */
static void add_cell(const struct writer *writer, const PGresult *pg, int row, int at,
		     const struct field *field, struct text *out)
{
	auto_text json = {0};
	const char *value = PQgetvalue(pg, row, at);

	if (field->type == INTEGER || field->type == DECIMAL)
		text_add(out, value);
	else if (field->type == BOOLEAN)
		text_add(out, *value == 't' ? "true" : "false");
	else if (field->type == DOCUMENT)
		text_add_csv(out, value);
	else if (field->type == INSTANT || field->type == CITIZEN_NUMBER) {
		add_value(writer, pg, row, at, field, &json);
		if (json.length > 2) /* without the quotes */
			text_add_bytes(out, json.data + 1, json.length - 2);
	} else if (field->type == CODES || field->type == TEXTS || field->type == INTEGERS) {
		add_value(writer, pg, row, at, field, &json);
		text_add_csv(out, text_string(&json));
	} else
		text_add_csv(out, value);
}

void writer_row_csv(const struct writer *writer, const struct pg_result *result, int row,
		    struct text *out)
{
	const PGresult *pg = (const PGresult *)result;
	bool is_first = true;
	int at = 0;

	for (size_t i = 0; i < writer->query->column_count; i++) {
		const struct column *column = &writer->query->columns[i];

		if (column->kind == COLUMN_FIELD) {
			if (!is_first)
				text_add_char(out, ',');
			is_first = false;
			if (!column->is_hidden && !PQgetisnull(pg, row, at))
				add_cell(writer, pg, row, at, column->field, out);
		}
		at += !column->is_hidden;
	}
	text_add(out, "\r\n");
}

const char *writer_value(const struct writer *writer, const struct pg_result *result, int row,
			 const struct field *field)
{
	int at = 0;

	for (size_t i = 0; i < writer->query->column_count; i++) {
		const struct column *column = &writer->query->columns[i];

		if (column->field == field)
			return column->is_hidden ? NULL : result_value(result, row, at);
		at += !column->is_hidden;
	}
	return NULL;
}

const char *writer_special(const struct writer *writer, const struct pg_result *result, int row,
			   enum column_kind kind, enum operation operation)
{
	int at = 0;

	for (size_t i = 0; i < writer->query->column_count; i++) {
		const struct column *column = &writer->query->columns[i];

		if (column->kind == kind && column->operation == operation && !column->is_hidden)
			return result_value(result, row, at);
		at += !column->is_hidden;
	}
	return NULL;
}
