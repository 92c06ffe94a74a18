/* Brings a database to this program's schema, policies, code lists and plan. */
#ifndef LACHAN_MIGRATE_H
#define LACHAN_MIGRATE_H

#include "error.h"
#include "pool.h"

/* Applies what is new, in one transaction under an advisory lock: the migrations in order, never
 * again; then the functions of db/indicators, the row policies and the seed, each whenever it
 * differs from what was last applied. `url` is the owner's; waits up to `wait` seconds for the
 * database. Several replicas may run it at once. */
bool migrate(const char *url, int wait, struct error *error) CHECKED;

/* True when the database, asked as the serving role, has all that this program brings; else an
 * error that says what is missing. */
bool schema_is_current(struct pool *pool, struct error *error) CHECKED;

/* Refuses to serve with a role that row policies do not bind, with a table that has none, or with a
 * function that everybody may call as its owner. */
bool schema_is_guarded(struct pool *pool, struct error *error) CHECKED;

#endif
