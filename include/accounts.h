/* Accounts of people and of systems, their sessions and the signing keys, as the database has them.
 */
#ifndef LACHAN_ACCOUNTS_H
#define LACHAN_ACCOUNTS_H

#include "access.h"
#include "pool.h"
#include "secret.h"

enum { ACCOUNT_NAME_MAX = 128, PASSWORD_MAX = 512, SIGNING_KEYS_MAX = 16 };

/* Somebody who tries to prove who they are: what failures are counted by. */
struct attempt {
	char name[ACCOUNT_NAME_MAX + 1]; /* lower case; "" when it cannot be the name of anybody */
	char hash[65];			 /* SHA-256 of the name as sent */
	char place[48];			 /* the address; of IPv6 the /64 */
	int per_minute;			 /* failures that one place may have */
};

void attempt_init(struct attempt *attempt, const char *name, const char *address, int per_minute);

/* What an attempt is decided by. `wait` is in seconds; above 0 nothing else may be looked at. */
struct credential {
	unsigned wait;
	char holder[37];		  /* "" when there is nobody, or the secret is wrong */
	char password[PASSWORD_HASH_MAX]; /* of an account */
	char scopes[2048];		  /* of a client, as registered */
};

bool accounts_login_begin(struct pool *pool, const struct attempt *attempt,
			  struct credential *credential, struct error *error) CHECKED;
bool accounts_client_begin(struct pool *pool, const struct attempt *attempt, const char *secret,
			   struct credential *credential, struct error *error) CHECKED;
/* `why` is "password" or "secret". */
bool accounts_login_failed(struct pool *pool, const struct attempt *attempt, const char *why,
			   struct error *error) CHECKED;

/* The functions below set *stands when somebody may ask, and fill the caller but for address,
 * request and purpose of the request. False is a failure of ours. */

struct session_start {
	const struct attempt *attempt;
	const char *account, *client; /* one of them, the other NULL */
	int seconds;
	const char *scopes;   /* of a client, granted; NULL: as registered */
	const char *refresh;  /* the first refresh token's SHA-256, or NULL */
	const char *password; /* the hash that was compared; NULL of a client */
};
bool accounts_session_open(struct pool *pool, const struct session_start *start,
			   struct caller *caller, bool *stands, struct error *error) CHECKED;
bool accounts_session(struct pool *pool, const char *session, struct caller *caller, bool *stands,
		      struct error *error) CHECKED;
bool accounts_client(struct pool *pool, const char *client, struct caller *caller, bool *stands,
		     struct error *error) CHECKED;

/* `token` and `next` are the SHA-256 of a refresh token and of its successor, `client` the
 * fingerprint of who sent it. *steps is how many successors away the usable token is. */
struct refresh {
	const char *token, *next, *client, *address;
	int seconds;
};
bool accounts_refresh(struct pool *pool, const struct refresh *refresh, struct caller *caller,
		      unsigned *steps, bool *stands, struct error *error) CHECKED;
/* Ends the session, and that of the refresh token (SHA-256, or NULL) of the same account. */
bool accounts_logout(struct pool *pool, const char *session, const char *refresh,
		     struct error *error) CHECKED;

/* Gives the caller's account another password; its other sessions end. `compared` is the hash that
 * the old one was compared with. */
bool accounts_change_password(struct pool *pool, const struct caller *caller, const char *compared,
			      const char *hash, struct error *error) CHECKED;
/* Ends a session of the caller's own or of one whom it manages. */
bool accounts_end_session(struct pool *pool, const struct caller *caller, const char *session,
			  struct error *error) CHECKED;

/* How the caller is called; new strings, "" when unknown. */
struct holder_names {
	char *username, *organization, *unit;
};
bool accounts_names(struct pool *pool, const struct caller *caller, struct holder_names *names,
		    struct error *error) CHECKED;
void holder_names_release(struct holder_names *names);

struct sealed_key {
	char kid[65];
	char sealed[1024];
	char x[44], y[44];  /* only to add it */
	long long signs_in; /* seconds until it may sign; 0: it may */
	long long ends_in;  /* seconds until its tokens are taken no more; -1: it stays */
};
/* The newest first, then those retired less than `keep` seconds ago. */
bool accounts_keys(struct pool *pool, int keep, struct sealed_key keys[SIGNING_KEYS_MAX],
		   size_t *count, struct error *error) CHECKED;
/* Why there is a new key. FIRST_KEY: unless there is one already. NEXT_KEY: it signs after `lead`
 * seconds, and the one before until then. STOLEN_KEY: it signs at once, and no other is told or
 * taken any more. */
enum key_occasion { FIRST_KEY, NEXT_KEY, STOLEN_KEY };
bool accounts_key_add(struct pool *pool, const struct sealed_key *key, enum key_occasion occasion,
		      int lead, struct error *error) CHECKED;

/* An account, or a client when the role is "service" or `is_client`: then username is its client_id
 * and password its secret. */
struct account_spec {
	const char *username, *password, *role;
	int agency;			 /* 0: the operator */
	const char *organization, *unit; /* NULL for the operator */
	const char *scopes;  /* NULL: "read write" of a service, "read" of a viewer, "" of people */
	const char *purpose; /* of requests that say none; NULL: case_management of people, none of
				clients */
	bool is_client;
};
/* Makes or replaces it; on the owner's connection, for the sample data, the first operator and the
 * tests. */
bool accounts_provision(struct pool *owner_pool, const struct keyring *keyring,
			const struct account_spec *spec, struct error *error) CHECKED;

#endif
