/* The one writer: rows of a result become JSON, CSV or NDJSON by the resource's table. */
#ifndef LACHAN_WRITER_H
#define LACHAN_WRITER_H

#include "plan.h"
#include "query.h"

/* What is the same for every row, made once for a request. */
struct writer {
	const struct plan *plan;
	const struct query *query;
	const struct keyring *keyring;
	struct text prefixes;			 /* ,"name": of each column, one after the other */
	size_t ends[PLAN_FIELDS * 2];		 /* where each prefix ends */
	struct text redacted, redacted_of_minor; /* ready JSON arrays */
	struct text may;			 /* ready JSON array, when the same for all rows */
	bool may_differs;
	int agency;   /* who reads */
	int minor_at; /* result column of is_minor, -1 */
};

void writer_init(struct writer *writer, const struct plan *plan, const struct query *query,
		 const struct caller *caller, const struct keyring *keyring);
void writer_release(struct writer *writer);

void writer_row_json(const struct writer *writer, const struct pg_result *result, int row,
		     struct text *out);
void writer_row_csv(const struct writer *writer, const struct pg_result *result, int row,
		    struct text *out);
/* The header line of CSV, with a byte order mark when the plan asks for it. */
void writer_header_csv(const struct writer *writer, struct text *out);

/* The value of a field in a row, as PostgreSQL wrote it; NULL when null, hidden or not selected. */
const char *writer_value(const struct writer *writer, const struct pg_result *result, int row,
			 const struct field *field);
/* The value of the first column of a kind. */
const char *writer_special(const struct writer *writer, const struct pg_result *result, int row,
			   enum column_kind kind, enum operation operation);

#endif
