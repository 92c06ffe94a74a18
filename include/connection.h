/* What a connection is; for db/pool.c, db/store.c, db/export.c and db/audit.c only. */
#ifndef LACHAN_CONNECTION_H
#define LACHAN_CONNECTION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "pool.h"

enum { PREPARED_SLOTS = 1024, PREPARED_MOST = 600 };

struct connection {
	PGconn *pg;	  /* in pipeline mode; NULL while closed */
	PGcancel *cancel; /* of the same; guarded by the lane's lock */
	enum lane lane;
	bool is_lent;
	/* The statements prepared here: a hash table by their text. */
	struct prepared {
		uint64_t hash;
		char *sql;
	} prepared[PREPARED_SLOTS];
	int prepared_count;
};

/* Forgets what was prepared: the server side is gone. */
void connection_forget(struct connection *connection);

#endif
