/* /v1/people/{id}/dossier (api only). */
#ifndef LACHAN_DOSSIER_ROUTES_H
#define LACHAN_DOSSIER_ROUTES_H

#include "request.h"

bool dossier_show(struct request *request);

#endif
