/* How long each connection has been at what it does: whoever drips is cut (api only). */
#ifndef LACHAN_CONNECTIONS_H
#define LACHAN_CONNECTIONS_H

#include <microhttpd.h>
#include <stddef.h>

struct connections;

/* What a connection does, and for how many seconds it may. */
struct connection_limits {
	int idle;    /* between requests, or in a request line */
	int request; /* from the request line to the end of the body; then it gets a 408 */
	int answer;  /* from there to the end of the answer; 0: as long as it goes on */
};

/* NULL when out of memory. */
struct connections *connections_open(struct connection_limits limits);
void connections_close(struct connections *connections);

/* For MHD: a connection comes or goes. */
void connections_notice(void *connections, struct MHD_Connection *connection, void **context,
			enum MHD_ConnectionNotificationCode what);
int connections_count(struct connections *connections);

/* A request line came. */
void connections_begin(struct connections *connections, struct MHD_Connection *connection);
/* The request is complete. */
void connections_answer(struct connections *connections, struct MHD_Connection *connection);
/* The request is complete, and whoever answers it sees to its own time. The socket; 0 when it has
 * no place. */
int connections_lend(struct connections *connections, struct MHD_Connection *connection);
/* The answer is complete. */
void connections_rest(struct connections *connections, struct MHD_Connection *connection);

/* Cuts what has taken too long; to be called about once a second. */
void connections_sweep(struct connections *connections);
/* Cuts them all. */
void connections_end(struct connections *connections);

#endif
