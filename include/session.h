/* How people and systems come to a token, and what a caller may ask about itself (api only). */
#ifndef LACHAN_SESSION_H
#define LACHAN_SESSION_H

#include "accounts.h"
#include "request.h"

/* The routes' perform functions. */
bool session_login(struct request *request);	/* POST /v1/auth/login, PUBLIC */
bool session_refresh(struct request *request);	/* POST /v1/auth/refresh, PUBLIC */
bool session_logout(struct request *request);	/* POST /v1/auth/logout, BEARER; body optional */
bool session_token(struct request *request);	/* POST /oauth/token, PUBLIC, form */
bool session_jwks(struct request *request);	/* GET /.well-known/jwks.json, PUBLIC */
bool session_metadata(struct request *request); /* GET /.well-known/oauth-authorization-server */
bool session_password(struct request *request); /* POST /v1/auth/password, BEARER */
bool session_list(struct request *request);	/* GET /v1/sessions, BEARER */
bool session_end(struct request *request);	/* DELETE /v1/sessions/{id}, BEARER */
bool me_show(struct request *request);		/* GET /v1/me, BEARER */

struct client_secret {
	char name[256], secret[PASSWORD_MAX + 1];
};

/* Reads the value of Authorization: Basic (RFC 7617); false for anything else. */
bool client_secret_read(const char *authorization, struct client_secret *secret);

/* Compares; credential->holder is "" when the client is unknown or the secret wrong, which is then
 * counted. False: too many attempts, or a failure of ours. */
bool client_proves(struct request *request, const struct client_secret *secret,
		   struct attempt *attempt, struct credential *credential);

/* True for "Bearer …" and "Basic …" whatever their case; *rest is what follows. */
bool scheme_is(const char *authorization, const char *scheme, const char **rest);

#endif
