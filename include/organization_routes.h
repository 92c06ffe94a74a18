/* Organisations, their seats and what passes from one to the next, as the operator and agency 1
 * keep them; the database decides (db/migrations/0024). */
#ifndef LACHAN_ORGANIZATION_ROUTES_H
#define LACHAN_ORGANIZATION_ROUTES_H

#include "request.h"

bool organization_create(struct request *request);
bool organization_update(struct request *request);
bool seat_create(struct request *request);
bool seat_update(struct request *request);
bool succession_create(struct request *request);
bool reform_decide(struct request *request);

#endif
