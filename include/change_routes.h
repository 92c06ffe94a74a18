/* /v1/changes: what changed since. */
#ifndef LACHAN_CHANGE_ROUTES_H
#define LACHAN_CHANGE_ROUTES_H

#include "request.h"

bool changes_show(struct request *request);

#endif
