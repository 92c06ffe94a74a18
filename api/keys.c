/* The keys that sign our tokens: made, sealed, loaded and found by name. */
#include "keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"

enum {
	RELOAD_MS = 1000, /* what another replica did is seen after at most this, and asked no
			     more often */
	REPLICA_LAG = 10, /* s that another replica may still sign with a retired key */
};

struct key {
	char kid[65];
	char private_pem[KEY_PEM_MAX], public_pem[KEY_PEM_MAX];
	char x[44], y[44];
	time_t from;  /* when it may sign */
	time_t until; /* when its tokens are taken no more; 0: it stays */
};

struct key_set {
	struct key list[SIGNING_KEYS_MAX];
	size_t count;
};

struct keys {
	struct pool *pool;
	const struct keyring *keyring;
	int keep;
	pthread_rwlock_t lock; /* guards set */
	struct key_set set;
	atomic_llong loaded; /* ms, monotonic */
};

static long long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static bool coordinate(const EVP_PKEY *pair, const char *name, char text[44])
{
	unsigned char bytes[32];
	BIGNUM *value = NULL;
	bool is_read = EVP_PKEY_get_bn_param(pair, name, &value) &&
		       BN_bn2binpad(value, bytes, sizeof bytes) == sizeof bytes;

	BN_free(value);
	if (is_read)
		sodium_bin2base64(text, 44, bytes, sizeof bytes,
				  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return is_read;
}

static bool is_p256(const EVP_PKEY *pair)
{
	char group[32] = "";

	return EVP_PKEY_get_base_id(pair) == EVP_PKEY_EC &&
	       EVP_PKEY_get_group_name(pair, group, sizeof group, NULL) == 1 &&
	       !strcmp(group, "prime256v1");
}

static bool pem(EVP_PKEY *pair, bool private, char text[KEY_PEM_MAX])
{
	BIO *memory = BIO_new(BIO_s_mem());
	int length = 0;

	if (memory && (private ? PEM_write_bio_PrivateKey(memory, pair, NULL, NULL, 0, NULL, NULL)
			       : PEM_write_bio_PUBKEY(memory, pair)))
		length = BIO_read(memory, text, KEY_PEM_MAX);
	BIO_free(memory);
	if (length <= 0 || length >= KEY_PEM_MAX)
		return false;
	text[length] = '\0';
	return true;
}

/* RFC 7638: SHA-256 of the required members in order. */
static void thumbprint(const struct key *key, char kid[65])
{
	char members[160];
	unsigned char digest[crypto_hash_sha256_BYTES];
	int length = snprintf(members, sizeof members,
			      "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}",
			      key->x, key->y);

	crypto_hash_sha256(digest, (unsigned char *)members, (unsigned long long)length);
	sodium_bin2base64(kid, 65, digest, sizeof digest, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static bool key_fill(struct key *key, EVP_PKEY *pair)
{
	if (!pair || !is_p256(pair) || !pem(pair, true, key->private_pem) ||
	    !pem(pair, false, key->public_pem) ||
	    !coordinate(pair, OSSL_PKEY_PARAM_EC_PUB_X, key->x) ||
	    !coordinate(pair, OSSL_PKEY_PARAM_EC_PUB_Y, key->y))
		return false;
	thumbprint(key, key->kid);
	return true;
}

/* No passphrase is ever asked for on a terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *data)
{
	(void)buffer, (void)size, (void)writing, (void)data;
	return -1;
}

/* The name is bound to the content: a row of which either was changed does not open. */
static bool key_open(const struct keyring *keyring, const struct sealed_key *sealed,
		     struct key *key)
{
	char *text = secret_open(keyring->signing, sealed->sealed, sealed->kid);
	BIO *memory = text ? BIO_new_mem_buf(text, -1) : NULL;
	EVP_PKEY *pair = memory ? PEM_read_bio_PrivateKey(memory, NULL, no_passphrase, NULL) : NULL;
	bool is_ours = key_fill(key, pair) && !strcmp(key->kid, sealed->kid);

	EVP_PKEY_free(pair);
	BIO_free(memory);
	if (text)
		sodium_memzero(text, strlen(text));
	free(text);
	return is_ours;
}

bool keys_make(struct pool *pool, const struct keyring *keyring, enum key_occasion occasion,
	       int lead, struct error *error)
{
	struct key key = {0};
	struct sealed_key sealed = {0};
	EVP_PKEY *pair = EVP_EC_gen("P-256");
	bool is_made = key_fill(&key, pair);

	EVP_PKEY_free(pair);
	char *text = is_made ? secret_seal(keyring->signing, key.private_pem, key.kid) : NULL;
	sodium_memzero(key.private_pem, sizeof key.private_pem);
	if (!text || strlen(text) >= sizeof sealed.sealed) {
		free(text);
		return error_internal(error, ERROR_INTERNAL, "cannot make a signing key");
	}
	snprintf(sealed.kid, sizeof sealed.kid, "%s", key.kid);
	snprintf(sealed.sealed, sizeof sealed.sealed, "%s", text);
	memcpy(sealed.x, key.x, sizeof key.x);
	memcpy(sealed.y, key.y, sizeof key.y);
	free(text);
	return accounts_key_add(pool, &sealed, occasion, lead, error);
}

static bool set_read(const struct keys *keys, struct key_set *set, struct error *error)
{
	struct sealed_key sealed[SIGNING_KEYS_MAX];
	size_t count;

	*set = (struct key_set){0};
	if (!accounts_keys(keys->pool, keys->keep, sealed, &count, error))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct key *key = &set->list[set->count++];

		if (!key_open(keys->keyring, &sealed[i], key))
			return error_internal(error, ERROR_INTERNAL,
					      "signing key %s does not open with this master key",
					      sealed[i].kid);
		key->from = time(NULL) + sealed[i].signs_in;
		if (sealed[i].ends_in >= 0)
			key->until = time(NULL) + sealed[i].ends_in;
	}
	if (!set->count || set->list[0].until)
		return error_internal(error, ERROR_INTERNAL, "there is no signing key");
	return true;
}

static bool reload(struct keys *keys, struct error *error)
{
	struct key_set set;
	bool is_read = set_read(keys, &set, error);

	if (is_read) {
		pthread_rwlock_wrlock(&keys->lock);
		keys->set = set;
		pthread_rwlock_unlock(&keys->lock);
	}
	sodium_memzero(&set, sizeof set);
	return is_read;
}

/* Reloads when the last time is long enough ago; one thread does, the others go on. When the
 * database is away the known keys stay. */
static void refresh(struct keys *keys)
{
	struct error error = {0};
	long long loaded = atomic_load(&keys->loaded), now = milliseconds();

	if (now - loaded < RELOAD_MS ||
	    !atomic_compare_exchange_strong(&keys->loaded, &loaded, now))
		return;
	if (!reload(keys, &error))
		log_line("error", "signing keys not reloaded", "cause", error.internal, NULL);
	error_release(&error);
}

struct keys *keys_open(struct pool *pool, const struct keyring *keyring, int life,
		       struct error *error)
{
	struct keys *keys = calloc(1, sizeof *keys);

	if (!keys) {
		error_internal(error, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	keys->pool = pool;
	keys->keyring = keyring;
	keys->keep = life + TOKEN_SKEW + REPLICA_LAG;
	pthread_rwlock_init(&keys->lock, NULL);
	atomic_store(&keys->loaded, milliseconds());
	if (keys_make(pool, keyring, FIRST_KEY, 0, error) && reload(keys, error))
		return keys;
	keys_close(keys);
	return NULL;
}

void keys_close(struct keys *keys)
{
	if (!keys)
		return;
	pthread_rwlock_destroy(&keys->lock);
	sodium_memzero(keys, sizeof *keys);
	free(keys);
}

bool keys_signer(struct keys *keys, char kid[65], char text[KEY_PEM_MAX], struct error *error)
{
	bool is_there = false;

	refresh(keys);
	pthread_rwlock_rdlock(&keys->lock);
	for (size_t i = 0; i < keys->set.count && !is_there; i++) {
		const struct key *key = &keys->set.list[i];

		if (key->from > time(NULL))
			continue;
		memcpy(kid, key->kid, sizeof key->kid);
		memcpy(text, key->private_pem, sizeof key->private_pem);
		is_there = true;
	}
	pthread_rwlock_unlock(&keys->lock);
	return is_there || error_internal(error, ERROR_INTERNAL, "there is no signing key");
}

bool keys_find(struct keys *keys, const char *kid, char text[KEY_PEM_MAX])
{
	bool is_found = false;

	refresh(keys);
	pthread_rwlock_rdlock(&keys->lock);
	for (size_t i = 0; i < keys->set.count && !is_found; i++) {
		const struct key *key = &keys->set.list[i];

		if (strcmp(key->kid, kid) || (key->until && key->until < time(NULL)))
			continue;
		memcpy(text, key->public_pem, sizeof key->public_pem);
		is_found = true;
	}
	pthread_rwlock_unlock(&keys->lock);
	return is_found;
}

json_t *keys_jwks(struct keys *keys, struct error *error)
{
	json_t *list = json_array();

	refresh(keys);
	pthread_rwlock_rdlock(&keys->lock);
	for (size_t i = 0; i < keys->set.count; i++) {
		const struct key *key = &keys->set.list[i];

		if (!key->until || key->until >= time(NULL))
			json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
							      "kty", "EC", "crv", "P-256", "use",
							      "sig", "alg", "ES256", "kid",
							      key->kid, "x", key->x, "y", key->y));
	}
	pthread_rwlock_unlock(&keys->lock);
	json_t *set = json_pack("{s:o}", "keys", list);
	if (!set)
		error_internal(error, ERROR_INTERNAL, "out of memory");
	return set;
}
