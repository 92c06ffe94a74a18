/* Encryption at rest, blind indexes, password hashes and sealed cursors; all by libsodium. */
#ifndef LACHAN_SECRET_H
#define LACHAN_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

/* Keys derived from the one master key (crypto_kdf), one for each use. */
struct keyring {
	unsigned char seal[32];	   /* values at rest */
	unsigned char index[32];   /* blind index of identity numbers */
	unsigned char cursor[32];  /* paging cursors */
	unsigned char signing[32]; /* wraps the private signing keys */
	unsigned char pepper[32];  /* of passwords */
	unsigned char pseudonym[32];
	unsigned char audit[32]; /* chains the seals of the audit */
	char pseudonyms[257];	 /* the key of pseudonyms, as PostgreSQL makes them with it */
};

/* `master` is 64 hexadecimal digits. */
bool keyring_init(struct keyring *keyring, const char *master, struct error *error) CHECKED;

/* XChaCha20-Poly1305 with a random nonce; `about` (record id) is authenticated, so that a value
 * cannot be moved to another record. Answer: lower-case hexadecimal, to be freed. */
char *secret_seal(const unsigned char key[32], const char *plain, const char *about);
char *secret_open(const unsigned char key[32], const char *sealed, const char *about);

/* HMAC-SHA-256 of the text in hexadecimal: the same text gives the same index. */
void secret_index(const unsigned char key[32], const char *text, char index[65]);
void secret_sha256(const char *text, char hex[65]);

/* `bytes` random bytes as base64url without padding; needs bytes * 4 / 3 + 2 characters. */
void secret_random(size_t bytes, char *out);

/* Opaque text that only we can read or make, base64url; `about` binds it to its use. To be freed.
 */
char *cursor_seal(const struct keyring *keyring, const char *plain, const char *about);
char *cursor_open(const struct keyring *keyring, const char *cursor, const char *about);

#define PASSWORD_HASH_MAX 128
/* argon2id (RFC 9106) over HMAC(pepper, NFC(password)); about 40 ms of one core and 19 MiB. */
bool password_hash(const struct keyring *keyring, const char *password,
		   char hash[PASSWORD_HASH_MAX]) CHECKED;
bool password_matches(const struct keyring *keyring, const char *password, const char *hash);

#endif
