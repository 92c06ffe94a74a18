/* The handlers of every resource (api only). */
#ifndef LACHAN_ENGINE_H
#define LACHAN_ENGINE_H

#include "request.h"

bool engine_list(struct request *request);
bool engine_read(struct request *request);
bool engine_create(struct request *request);
bool engine_update(struct request *request);
bool engine_void(struct request *request);

/* What they are made of, for handlers that write by a function of their own. Each fills
 * request->plan, or has set the error. */

/* The ids of the path and the parameters of the query. */
bool engine_parameters(struct request *request);
/* The body, checked and in its stored form. */
bool engine_body(struct request *request);
/* The same of an update: If-Match, and then the body; a stale version is told first. */
bool engine_changes(struct request *request);
/* Idempotency-Key; `scope` is what the key points to. Before the body takes its stored form. */
bool engine_idempotency(struct request *request, struct idempotency *idempotency, char scope[65]);
/* Takes the record as the reply: ETag, of 201 Location, and whether it is a replay. */
void engine_answer(struct request *request, int status, struct answer *answer);

/* Sends the tag of what is answered; "": it has none. */
void engine_tag(struct request *request, const char *etag);
/* True, with a 304 and the tag, when the header If-None-Match has it. */
bool engine_is_unchanged(struct request *request, const char *etag);

#endif
