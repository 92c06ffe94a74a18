/* Access tokens: ES256 JWT (RFC 7519), signed and verified with libjwt behind the guards it lacks.
 * The only file that touches jwt.h is api/token.c. */
#ifndef LACHAN_TOKEN_H
#define LACHAN_TOKEN_H

#include <jansson.h>
#include <stdbool.h>

#include "access.h"
#include "service.h"

/* Loads the signing keys (makes the first one) and starts the cache of verified tokens. */
struct tokens *tokens_open(struct service *service, struct error *error);
void tokens_close(struct tokens *tokens);

/* A signed access token for the caller, as a new string; NULL on failure. `seconds` to live. */
char *token_sign(struct service *service, const struct caller *caller, int seconds,
		 struct error *error);

/* Verifies a bearer token and that its key and its session still stand in the database (checked
 * again when the last check is older than 3 s); fills the caller. Every failure is the same 401. */
bool token_verify(struct service *service, const char *token, struct caller *caller,
		  struct error *error) CHECKED;

/* RFC 7517 key set; a new reference. */
json_t *tokens_jwks(struct service *service, struct error *error);

/* Makes a new key, which is published at once and signs after LACHAN_KEY_LEAD_SECONDS; the one
 * before stays published until no token of its lives. Was it stolen, the new one signs at once,
 * and no token of any other is taken. The command `lachan keys rotate [--now]`. */
bool tokens_rotate(struct service *service, bool is_stolen, struct error *error) CHECKED;

#endif
