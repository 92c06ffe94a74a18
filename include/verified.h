/* What was verified a moment ago: bounded, found by the scheme and the SHA-256 of a credential's
 * text. */
#ifndef LACHAN_VERIFIED_H
#define LACHAN_VERIFIED_H

#include <stdbool.h>
#include <time.h>

#include "access.h"

struct verified;
struct tokens;

/* A change in the database holds everywhere within 5 s; this leaves time to ask. */
enum { VERIFIED_FRESH_MS = 3000, VERIFIED_KEY = 33 };

/* What of one scheme was verified is nothing by another. */
enum scheme { SCHEME_BEARER, SCHEME_BASIC };

struct verified *verified_open(void);
void verified_close(struct verified *verified);

void verified_key(const struct verified *verified, enum scheme scheme, const char *text,
		  size_t length, unsigned char key[VERIFIED_KEY]);

enum finding { NOT_FOUND, STALE, FRESH };

/* STALE: the credential is good until it ends, but what the database says is older than 3 s. */
enum finding verified_find(struct verified *verified, const unsigned char key[VERIFIED_KEY],
			   struct caller *caller);
/* Keeps what the database said when it was asked (verified_now() before); `until` is when the
 * credential ends, 0: keep the present one. */
void verified_keep(struct verified *verified, const unsigned char key[VERIFIED_KEY], time_t until,
		   const struct caller *caller, long long asked);
void verified_forget(struct verified *verified, const unsigned char key[VERIFIED_KEY]);
long long verified_now(void);

/* The cache that the tokens and HTTP Basic share (api/token.c). */
struct verified *tokens_verified(struct tokens *tokens);

#endif
