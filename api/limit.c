/* How fast one account or address may ask: token buckets. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "request.h"
#include "system.h"

enum { SHARDS = 16, BUCKETS = 512 };

struct bucket {
	char who[48];
	double left;
	double at; /* seconds */
};

/* A table of fixed size: when two share a place, the older is forgotten (and starts full). */
struct limits {
	struct shard {
		pthread_mutex_t lock; /* guards `buckets` */
		struct bucket buckets[BUCKETS];
	} shards[SHARDS];
};

struct limits *limits_open(void)
{
	struct limits *limits = calloc(1, sizeof *limits);

	for (int i = 0; limits && i < SHARDS; i++)
		pthread_mutex_init(&limits->shards[i].lock, NULL);
	return limits;
}

void limits_close(struct limits *limits)
{
	for (int i = 0; limits && i < SHARDS; i++)
		pthread_mutex_destroy(&limits->shards[i].lock);
	free(limits);
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool take(struct limits *limits, const char *who, double rate, int burst)
{
	uint32_t hash = 2166136261u;

	for (const char *c = who; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	struct shard *shard = &limits->shards[hash % SHARDS];
	struct bucket *bucket = &shard->buckets[hash / SHARDS % BUCKETS];
	double now = seconds_now();

	pthread_mutex_lock(&shard->lock);
	if (strncmp(bucket->who, who, sizeof bucket->who - 1) != 0) {
		snprintf(bucket->who, sizeof bucket->who, "%s", who);
		bucket->left = burst;
		bucket->at = now;
	}
	bucket->left += (now - bucket->at) * rate;
	bucket->at = now;
	if (bucket->left > burst)
		bucket->left = burst;
	bool may = bucket->left >= 1;
	if (may)
		bucket->left -= 1;
	pthread_mutex_unlock(&shard->lock);
	return may;
}

bool admit(struct request *request)
{
	const struct config *config = &request->service->config;
	const char *who = request->is_authenticated ? request->caller.user
						    : request->caller.address;

	/* The health of the service is asked by its keeper, as often as that likes. */
	if (request->route->authentication == PUBLIC && request->route->body == NULL)
		return true;
	if (take(request->service->limits, who, config->rate_per_second, config->rate_burst))
		return true;
	request->error.retry_after = 1;
	return error_set(&request->error, ERROR_TOO_MANY, "too_many_requests", NULL);
}

/* A number is sought, or written where it would be refused if another record has it. A system that
 * hands over what it holds makes a record of each, and stands by it. */
static bool tries_number(const struct plan *plan, enum role role)
{
	const char *name;
	json_t *value;

	if (plan->operation == CREATE && role == SERVICE)
		return false;
	json_object_foreach(plan->body, name, value)
		if (resource_field(plan->resource, name)->type == CITIZEN_NUMBER &&
		    json_is_string(value))
			return true;
	return plan_seeks_number(plan);
}

/* Nobody finds out by trying who has which number. */
bool admit_number(struct request *request)
{
	int most = request->service->config.number_searches_per_hour;
	char who[48];

	snprintf(who, sizeof who, "number:%s", request->caller.user);
	if (!tries_number(&request->plan, request->caller.role) ||
	    take(request->service->limits, who, most / 3600.0, most))
		return true;
	log_line("warning", "numbers tried", "user", request->caller.user, NULL);
	request->error.retry_after = 3600 / most + 1;
	return error_set(&request->error, ERROR_TOO_MANY, "too_many_requests", NULL);
}
