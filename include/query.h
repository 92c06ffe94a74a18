/* Plan → SQL text and parameters. Names come only from tables, values only as $n. */
#ifndef LACHAN_QUERY_H
#define LACHAN_QUERY_H

#include "plan.h"
#include "store.h"
#include "text.h"

enum column_kind {
	COLUMN_FIELD, /* a field of the resource */
	COLUMN_SORT,  /* value of a sort, for the cursor; not shown */
	COLUMN_MINOR, /* boolean: under 18 now; drives `redacted` */
	COLUMN_MAY,   /* boolean: this caller may do `operation` with the row */
	COLUMN_TOTAL, /* of ?count=true */
};

struct column {
	enum column_kind kind;
	const struct field *field;
	enum operation operation;
	bool is_hidden; /* from this caller whatever the row */
};

/* A statement being built: the SQL owns its text, parameters that had to be made are kept. */
struct query {
	struct text sql;
	struct statement statement; /* its .sql points into `sql` once that is whole */
	char *made[STATEMENT_PARAMETERS];
	size_t made_count;
	struct column columns[PLAN_FIELDS * 2];
	size_t column_count;
	bool failed;
};

/* What each operation runs. The columns of the result are query.columns, in their order. */
void query_list(struct query *query, const struct plan *plan, const struct caller *caller);
/* `is_traced`: reading it is written to the audit, where the resource asks for that. */
void query_read(struct query *query, const struct plan *plan, const struct caller *caller,
		bool is_traced);
/* Refuses what lies below a parent that the caller does not see, before anything looks at it. */
void query_parent(struct query *query, const struct plan *plan);
/* What writes tells only versions: of what is changed or voided the one that was there, NULL when
 * the caller sees none, and the one that was made, NULL when nothing was. */
bool query_create(struct query *query, const struct plan *plan, const struct keyring *keyring,
		  const char *id, struct error *error) CHECKED;
bool query_update(struct query *query, const struct plan *plan, const struct caller *caller,
		  const struct keyring *keyring, struct error *error) CHECKED;
void query_void(struct query *query, const struct plan *plan, const struct caller *caller);
/* The record as it was written, in the same transaction: its trail is that of the write. */
void query_written(struct query *query, const struct plan *plan, const struct caller *caller,
		   const char *id);
/* A list without limit or audit of each row, for exports. */
void query_export(struct query *query, const struct plan *plan, const struct caller *caller);
void query_release(struct query *query);

/* For the audit, as arrays of PostgreSQL, to be freed: the names of the field classes read, and
 * whether a citizen number was shown whole; and what was sought, of a resource whose keys are not
 * those of records. */
char *query_classes(const struct query *query, const struct plan *plan);
char *query_sought(const struct plan *plan);

/* The SQL condition under which a grant reaches a row of its resource (db/policies.c). */
void policy_condition(struct text *sql, const struct grant *grant);
/* True when the condition holds for every row the caller can see: then no column is needed. */
bool policy_is_plain(const struct caller *caller, const struct grant *grant);

#endif
