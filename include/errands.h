/* Requests that would take long at an entrance where others wait meanwhile (api only). */
#ifndef LACHAN_ERRANDS_H
#define LACHAN_ERRANDS_H

#include <microhttpd.h>
#include <stdbool.h>

#include "request.h"

struct errands;

/* NULL when out of memory. */
struct errands *errands_open(void);
/* All must be back. */
void errands_close(struct errands *errands);
/* How many are under way. */
int errands_count(struct errands *errands);

/* Lets a thread of its own answer what serve_begin() has read, and close the connection then. To be
 * called by the handler of the request, whose own answer is never sent when this is true. The
 * request has moved then; false, with the request as it was, when too many are under way. */
bool errands_send(struct errands *errands, const struct request *request,
		  struct MHD_Connection *connection, int socket);

#endif
