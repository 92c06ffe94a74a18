/* The plan, units and code lists: db/seed/NN_<table>.csv into the tables of that name. */
#ifndef LACHAN_SEED_H
#define LACHAN_SEED_H

#include <libpq-fe.h>

#include "error.h"

/* All seed files as one text, whose checksum says whether the seed was applied. */
const char *seed_text(void);

/* Loads every file, in the order of their names: rows are added or brought up to date by primary
 * key, none is removed. `text` is seed_text(). Runs in the caller's transaction. */
bool seed_apply(PGconn *pg, const char *text, struct error *error) CHECKED;

#endif
