/* What was verified a moment ago: sets of four entries, each shard behind its own lock. */
#include "verified.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SHARDS = 64, SETS = 16, WAYS = 4 }; /* 4,096 entries */

struct entry {
	unsigned char key[VERIFIED_KEY];
	time_t until;
	long long asked, used; /* ms */
	struct caller caller;
};

struct shard {
	pthread_mutex_t lock;
	struct entry *entries[SETS][WAYS];
};

struct verified {
	EVP_MD *sha256;
	struct shard shards[SHARDS];
};

long long verified_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

struct verified *verified_open(void)
{
	struct verified *verified = calloc(1, sizeof *verified);

	if (!verified)
		return NULL;
	verified->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!verified->sha256) {
		free(verified);
		return NULL;
	}
	for (int i = 0; i < SHARDS; i++)
		pthread_mutex_init(&verified->shards[i].lock, NULL);
	return verified;
}

void verified_close(struct verified *verified)
{
	if (!verified)
		return;
	for (int i = 0; i < SHARDS; i++) {
		pthread_mutex_destroy(&verified->shards[i].lock);
		for (int set = 0; set < SETS; set++)
			for (int way = 0; way < WAYS; way++)
				free(verified->shards[i].entries[set][way]);
	}
	EVP_MD_free(verified->sha256);
	free(verified);
}

void verified_key(const struct verified *verified, enum scheme scheme, const char *text,
		  size_t length, unsigned char key[VERIFIED_KEY])
{
	/* Without a digest no key is ever found again. */
	if (!EVP_Digest(text, length, key, NULL, verified->sha256, NULL))
		abort();
	key[VERIFIED_KEY - 1] = (unsigned char)scheme;
}

static struct shard *shard_of(struct verified *verified, const unsigned char *key)
{
	return &verified->shards[key[0] % SHARDS];
}

static struct entry **set_of(struct shard *shard, const unsigned char *key)
{
	return shard->entries[key[1] % SETS];
}

/* The place of the key in its set; NULL when it is not there. */
static struct entry **place_of(struct entry **set, const unsigned char *key)
{
	for (int way = 0; way < WAYS; way++)
		if (set[way] && !memcmp(set[way]->key, key, VERIFIED_KEY))
			return &set[way];
	return NULL;
}

/* A free place, or the one that was used longest ago. */
static struct entry **place_for(struct entry **set)
{
	struct entry **place = &set[0];

	for (int way = 0; way < WAYS; way++) {
		if (!set[way])
			return &set[way];
		if (set[way]->used < (*place)->used)
			place = &set[way];
	}
	return place;
}

enum finding verified_find(struct verified *verified, const unsigned char key[VERIFIED_KEY],
			   struct caller *caller)
{
	struct shard *shard = shard_of(verified, key);
	enum finding finding = NOT_FOUND;
	long long now = verified_now();

	pthread_mutex_lock(&shard->lock);
	struct entry **place = place_of(set_of(shard, key), key);
	if (place && (*place)->until < time(NULL)) {
		free(*place);
		*place = NULL;
	} else if (place) {
		(*place)->used = now;
		finding = now - (*place)->asked < VERIFIED_FRESH_MS ? FRESH : STALE;
		*caller = (*place)->caller;
	}
	pthread_mutex_unlock(&shard->lock);
	return finding;
}

void verified_keep(struct verified *verified, const unsigned char key[VERIFIED_KEY], time_t until,
		   const struct caller *caller, long long asked)
{
	struct shard *shard = shard_of(verified, key);

	pthread_mutex_lock(&shard->lock);
	struct entry **set = set_of(shard, key), **place = place_of(set, key);
	if (!place && until) {
		place = place_for(set);
		if (!*place)
			*place = malloc(sizeof **place);
		if (*place)
			memcpy((*place)->key, key, VERIFIED_KEY);
	}
	if (place && *place) {
		if (until)
			(*place)->until = until;
		(*place)->asked = asked;
		(*place)->used = asked;
		(*place)->caller = *caller;
	}
	pthread_mutex_unlock(&shard->lock);
}

void verified_forget(struct verified *verified, const unsigned char key[VERIFIED_KEY])
{
	struct shard *shard = shard_of(verified, key);

	pthread_mutex_lock(&shard->lock);
	struct entry **place = place_of(set_of(shard, key), key);
	if (place) {
		free(*place);
		*place = NULL;
	}
	pthread_mutex_unlock(&shard->lock);
}
