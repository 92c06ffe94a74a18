/* The handlers of every resource (api only). */
#ifndef LACHAN_ENGINE_H
#define LACHAN_ENGINE_H

#include "request.h"

bool engine_list(struct request *request);
bool engine_read(struct request *request);
bool engine_create(struct request *request);
bool engine_update(struct request *request);
bool engine_void(struct request *request);

#endif
