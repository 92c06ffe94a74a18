/* The sockets: accepts connections and hands each to one of two lanes (api only). */
#ifndef LACHAN_LISTEN_H
#define LACHAN_LISTEN_H

#include "error.h"
#include "service.h"

struct listener;

/* Binds, starts the lanes and serves. `*port` is the one bound, also when 0 was configured. */
struct listener *listener_open(struct service *service, int *port, struct error *error);

/* Takes no new connection, lets what is in flight end (at most `seconds`), cancels the rest and
 * stops. */
void listener_close(struct listener *listener, int seconds);

#endif
