/* Runs statements as a caller, in one round trip, as one transaction.
 * For db/ only what PGresult needs is declared here; api sees struct answer in records.h. */
#ifndef LACHAN_STORE_H
#define LACHAN_STORE_H

#include "access.h"
#include "error.h"
#include "pool.h"

struct pg_result; /* libpq's PGresult */

enum { STATEMENT_PARAMETERS = 128, STATEMENTS_PER_TRIP = 4 };

/* SQL with $1…$n and their text values (NULL = null). Prepared once on each connection. */
struct statement {
	const char *sql;
	int count;
	const char *values[STATEMENT_PARAMETERS];
};

/* Sends the caller's identity and the statements in one pipeline: one implicit transaction that
 * ends at the sync point, so the identity ends with it. On success results[i] belongs to statement
 * i and the caller gives it to result_release(). `caller` NULL: no identity, which sees no row of
 * any table; only SECURITY DEFINER functions answer then. `reading`: the transaction writes at most
 * the audit of a read, whose commit need not wait for the disk. */
bool store_run(struct connection *connection, const struct caller *caller, bool reading,
	       const struct statement *statements, size_t count, struct pg_result **results,
	       struct error *error) CHECKED;

/* The same for one statement on a connection borrowed meanwhile from the pool. */
bool store_one(struct pool *pool, enum lane lane, const struct caller *caller, bool reading,
	       const struct statement *statement, struct pg_result **result,
	       struct error *error) CHECKED;

/* Values of a result as text; NULL when null. */
const char *result_value(const struct pg_result *result, int row, int column);
int result_rows(const struct pg_result *result);
void result_release(struct pg_result **result);
#define auto_result __attribute__((cleanup(result_release))) struct pg_result *

#endif
