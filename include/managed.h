/* Accounts of people and of systems as they are managed (api only). */
#ifndef LACHAN_MANAGED_H
#define LACHAN_MANAGED_H

#include "request.h"

/* The routes' perform functions. */
bool user_create(struct request *request);	    /* POST /v1/users */
bool user_update(struct request *request);	    /* PATCH /v1/users/{id} */
bool user_reset_password(struct request *request);  /* POST /v1/users/{id}/reset-password */
bool client_create(struct request *request);	    /* POST /v1/clients */
bool client_update(struct request *request);	    /* PATCH /v1/clients/{id} */
bool client_rotate_secret(struct request *request); /* POST /v1/clients/{id}/rotate-secret */

#endif
