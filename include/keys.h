/* The keys that sign our tokens: ES256, P-256; kept sealed in the database, loaded as they change.
 */
#ifndef LACHAN_KEYS_H
#define LACHAN_KEYS_H

#include <jansson.h>
#include <stdbool.h>

#include "accounts.h"
#include "error.h"
#include "pool.h"
#include "secret.h"

enum { KEY_PEM_MAX = 512, TOKEN_SKEW = 30 };

struct keys;

/* `life` is how many seconds a token lives: so long a retired key still verifies. Makes the first
 * key when there is none. NULL on failure. */
struct keys *keys_open(struct pool *pool, const struct keyring *keyring, int life,
		       struct error *error);
void keys_close(struct keys *keys);

/* Copies the key that signs now; sees another replica's rotation within 1 s. */
bool keys_signer(struct keys *keys, char kid[65], char pem[KEY_PEM_MAX],
		 struct error *error) CHECKED;
/* Copies the public key of that name; asks the database for an unknown one, at most once a second.
 * False when there is none. */
bool keys_find(struct keys *keys, const char *kid, char pem[KEY_PEM_MAX]);

/* RFC 7517; a new reference. */
json_t *keys_jwks(struct keys *keys, struct error *error);

/* Makes a new key and tells it (enum key_occasion); what the one before it signed is taken for
 * `life` on, unless that was stolen. */
bool keys_make(struct pool *pool, const struct keyring *keyring, enum key_occasion occasion,
	       int lead, struct error *error) CHECKED;

#endif
