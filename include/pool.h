/* Connections to PostgreSQL: as many as there are workers, and a bounded lane for long work. */
#ifndef LACHAN_POOL_H
#define LACHAN_POOL_H

#include "error.h"

struct pool;
struct connection;

/* FAST: for short work; a thread is lent the one it had last, when that is free. LANE: one of a
 * few, for work above 50 ms, whose statements may take twelve times as long. GUESTS: what the
 * threads of such work get as FAST, so that the workers keep theirs. */
enum lane { FAST, LANE, GUESTS, LANES };

/* Connects lazily. `fast` and `lane` are how many connections each may have at once; guests have as
 * many as the lane. NULL: out of memory. */
struct pool *pool_open(const char *url, int fast, int lane, int statement_timeout_ms);
/* Waits for every connection to be given back. */
void pool_close(struct pool *pool);

/* Borrows a connection; waits up to 2 s, then ERROR_UNAVAILABLE. */
bool pool_take(struct pool *pool, enum lane lane, struct connection **connection,
	       struct error *error) CHECKED;
/* This thread is no worker of the fast lane, from now on. */
void pool_be_guest(void);
/* A connection that is not idle is closed, never lent again. NULL is fine. */
void pool_give(struct pool *pool, struct connection *connection);

/* Cancels what runs on any connection and lends none any more: to be called until all is over. */
void pool_cancel(struct pool *pool);

/* Tries to reach the database, for at most `seconds`. */
bool pool_wait(struct pool *pool, int seconds, struct error *error) CHECKED;

#endif
