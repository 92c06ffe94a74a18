/* What a request asks of a resource, as plain data: one plan serves list, count, CSV and NDJSON. */
#ifndef LACHAN_PLAN_H
#define LACHAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "access.h"
#include "resource.h"
#include "secret.h"

enum { PLAN_FILTERS = 24, PLAN_SORTS = 4, PLAN_FIELDS = 64, PAGE_DEFAULT = 50, PAGE_MAX = 200 };

enum comparison { EQUALS, ANY_OF, AT_LEAST, AT_MOST, WITHIN_UNIT, OVERLAPS };

struct filter {
	const struct field *field;
	enum comparison comparison;
	char *value; /* ANY_OF: a PostgreSQL array literal */
};

struct sort {
	const struct field *field;
	bool descending;
};

enum format { JSON, CSV, NDJSON };

/* Owned by the request; plan_release() frees what it holds. */
struct plan {
	const struct resource *resource;
	enum operation operation;
	char id[64];	 /* READ, UPDATE, REMOVE */
	char parent[64]; /* key of the parent record of a nested resource */
	json_t *body;	 /* CREATE, UPDATE: checked */
	struct filter filters[PLAN_FILTERS];
	size_t filter_count;
	struct sort sorts[PLAN_SORTS]; /* the last is always the key */
	size_t sort_count;
	bool wanted[PLAN_FIELDS]; /* by the field's place in the table; all when not asked */
	bool is_sparse;
	int limit;
	bool is_limited;	 /* ?limit= was sent: an export ends there */
	char *after[PLAN_SORTS]; /* the cursor, opened: values of the last row seen, NULL for null
				  */
	bool has_after;
	char *words; /* ?q=, folded; NULL when absent */
	bool count, bom, reveal;
	enum format format;
	int64_t version;     /* If-Match; 0: "*" */
	char *reason;	     /* of a void */
	char correction[37]; /* the request that an update carries out; "" when none */
};

/* A query parameter, percent-decoded; no name comes twice. */
struct parameter {
	const char *name, *value;
};

/* Reads the parameters of a LIST, READ or REMOVE into the plan. Unknown, empty or malformed
 * ones are each a fault, as is filtering or sorting by what the caller may not see. */
bool plan_parse(struct plan *plan, const struct parameter *parameters, size_t count,
		const struct caller *caller, const struct keyring *keyring,
		struct error *error) CHECKED;

/* The opaque cursor that continues after a row with these sort values; to be freed. It works only
 * for the same resource, filters, sort and access. */
char *plan_cursor(const struct plan *plan, const struct caller *caller,
		  const struct keyring *keyring, const char *const *values);

/* Whether it asks who has an identity number: what somebody could try numbers by. */
bool plan_seeks_number(const struct plan *plan);

void plan_release(struct plan *plan);

#endif
