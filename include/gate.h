/* How many passwords are hashed at once: each takes a core and 19 MiB (api only). */
#ifndef LACHAN_GATE_H
#define LACHAN_GATE_H

#include "error.h"

/* Waits for a place; ERROR_UNAVAILABLE when too many wait already. */
bool gate_enter(struct error *error) CHECKED;
void gate_leave(void);

#endif
