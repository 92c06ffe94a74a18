/* What the service does by itself, beside requests: it seals the audit, lets the feed of changes
 * go on, keeps the figures ready, clears away, and pseudonymises the files that two decided to. */
#include "worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit.h"
#include "changes.h"
#include "figures.h"
#include "log.h"
#include "store.h"

enum { PAUSE_MS = 500, MINUTE = 60, HOUR = 3600, STATEMENT_MS = 10000 };
/* The stop: then the statement that runs is cancelled, and what is left waits for the next start.
 */
enum { LAST_SEALS = 2, LAST_MS = 2500, REFRESH_MS = 200 };
enum { SEALS_OF_A_ROUND = 5 }; /* what else there is to do does not wait for a long backlog */
/* Building the figures anew runs in the lane, which has twelve times as long. */
enum { FIGURES_PAUSE_MS = 400, FIGURES_STATEMENT_MS = 300000 };

/* Each fails by itself. */
enum activity {
	SEALING,
	ADVANCING,
	PARTITIONS,
	EXPIRED,
	OLD_CHANGES,
	RETENTION,
	TASKS,
	ACTIVITIES
};

static const struct {
	const char *sql;
	bool is_hourly; /* else each minute */
} jobs[ACTIVITIES] = {
	[PARTITIONS] = {"SELECT audit_partitions_prepare()", false},
	[EXPIRED] = {"SELECT expired_remove()", false},
	[OLD_CHANGES] = {"SELECT changes_remove()", false},
	[RETENTION] = {"SELECT retention_execute()", false},
	[TASKS] = {"SELECT task_instances_open()", true},
};

struct worker {
	pthread_t thread, refresher;
	struct pool *pool;    /* its own: no export keeps it from sealing */
	struct pool *figures; /* the refresher's: nor do figures */
	const struct keyring *keyring;
	pthread_mutex_t lock; /* guards is_stopping */
	pthread_cond_t stopped;
	bool is_stopping;
	bool has_thread, has_refresher;
	atomic_llong sealed_until; /* monotonic seconds: rows from before that are sealed */
	atomic_llong changes_head; /* how far changes may be read */
	bool refresh_has_failed;   /* the refresher's alone */
	/* The thread's alone. */
	struct audit_head head;
	time_t next_minute, next_hour;
	bool has_failed[ACTIVITIES];
};

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* So that the head of the chain lives outside the database as well. */
static void log_head(const struct worker *worker)
{
	char seq[24];

	snprintf(seq, sizeof seq, "%lld", worker->head.seq);
	log_line("info", "audit head", "seq", seq, "hash", worker->head.hash, NULL);
}

/* Once for a failure that lasts. */
static void fail(bool *has_failed, const char *what, struct error *error)
{
	if (!*has_failed)
		log_line("error", what, "cause", *error->internal ? error->internal : error->code,
			 NULL);
	*has_failed = true;
	error_release(error);
}

/* What was sealed before stays the same while we look on. */
static void compare_heads(const struct worker *worker, const struct audit_head *before)
{
	const struct audit_head *head = &worker->head;

	if (head->seq < before->seq ||
	    (head->seq == before->seq && *before->hash && strcmp(head->hash, before->hash) != 0))
		log_line("error", "audit: the newest seals were changed or removed", "hash",
			 before->hash, NULL);
}

/* False when there is nothing more to seal now. */
static bool seal(struct worker *worker)
{
	struct audit_head before = worker->head;
	struct error error = {0};
	size_t sealed = 0;

	if (!audit_seal_next(worker->pool, worker->keyring, &worker->head, &sealed, &error)) {
		worker->head = before;
		fail(&worker->has_failed[SEALING], "sealing the audit", &error);
		return false;
	}
	worker->has_failed[SEALING] = false;
	compare_heads(worker, &before);
	atomic_store(&worker->sealed_until, now() - (long long)worker->head.lag);
	return sealed == AUDIT_BATCH;
}

static void run_jobs(struct worker *worker, bool is_hourly)
{
	for (enum activity job = PARTITIONS; job < ACTIVITIES; job++) {
		const struct statement statement = {jobs[job].sql, 0, {0}};
		struct pg_result *result = NULL;
		struct error error = {0};

		if (jobs[job].is_hourly != is_hourly)
			continue;
		if (store_one(worker->pool, LANE, NULL, false, &statement, &result, &error))
			worker->has_failed[job] = false;
		else
			fail(&worker->has_failed[job], jobs[job].sql, &error);
		result_release(&result);
	}
}

static void advance(struct worker *worker)
{
	struct error error = {0};
	long long head;

	if (!changes_advance(worker->pool, &head, &error)) {
		fail(&worker->has_failed[ADVANCING], "advancing the changes", &error);
		return;
	}
	worker->has_failed[ADVANCING] = false;
	atomic_store(&worker->changes_head, head);
}

/* True when more waits to be sealed. */
static bool work(struct worker *worker)
{
	bool has_more = true;

	for (int i = 0; has_more && i < SEALS_OF_A_ROUND; i++)
		has_more = seal(worker);
	advance(worker);
	if (now() >= worker->next_minute) {
		worker->next_minute = now() + MINUTE;
		run_jobs(worker, false);
	}
	if (now() >= worker->next_hour) {
		worker->next_hour = now() + HOUR;
		log_head(worker);
		run_jobs(worker, true);
	}
	return has_more;
}

/* False when the worker shall stop. */
static bool rest(struct worker *worker, long pause_ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += pause_ms * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&worker->lock);
	while (!worker->is_stopping &&
	       !pthread_cond_timedwait(&worker->stopped, &worker->lock, &until))
		;
	bool goes_on = !worker->is_stopping;

	pthread_mutex_unlock(&worker->lock);
	return goes_on;
}

static void *run(void *argument)
{
	struct worker *worker = argument;

	while (rest(worker, work(worker) ? 0 : PAUSE_MS))
		;
	time_t end = now() + LAST_SEALS;

	while (now() < end && seal(worker))
		;
	log_head(worker);
	return NULL;
}

static bool build(struct worker *worker, struct error *error)
{
	log_line("info", "building the figures", NULL);
	if (!figures_rebuild(worker->figures, true, NULL, error))
		return false;
	log_line("info", "figures built", NULL);
	return true;
}

/* False when there is nothing more to do now. */
static bool refresh(struct worker *worker)
{
	struct error error = {0};
	bool must_rebuild = false;
	long taken = 0;

	if (!figures_refresh(worker->figures, &taken, &must_rebuild, &error) ||
	    (must_rebuild && !build(worker, &error))) {
		fail(&worker->refresh_has_failed, "keeping the figures", &error);
		return false;
	}
	worker->refresh_has_failed = false;
	return taken == FIGURES_BATCH || must_rebuild;
}

static void *run_refresher(void *argument)
{
	struct worker *worker = argument;

	while (rest(worker, refresh(worker) ? 0 : FIGURES_PAUSE_MS))
		;
	return NULL;
}

static bool start(struct worker *worker)
{
	if (pthread_create(&worker->thread, NULL, run, worker))
		return false;
	worker->has_thread = true;
	worker->has_refresher = !pthread_create(&worker->refresher, NULL, run_refresher, worker);
	return worker->has_refresher;
}

struct worker *worker_open(const char *url, const struct keyring *keyring, struct error *error)
{
	struct worker *worker = calloc(1, sizeof *worker);

	if (!worker) {
		error_internal(error, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	worker->pool = pool_open(url, 1, 1, STATEMENT_MS);
	worker->figures = pool_open(url, 1, 1, FIGURES_STATEMENT_MS);
	worker->keyring = keyring;
	worker->sealed_until = now();
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->stopped, NULL);
	if (!worker->pool || !worker->figures || !start(worker)) {
		worker_close(worker);
		error_internal(error, ERROR_INTERNAL, "no thread for the worker");
		return NULL;
	}
	return worker;
}

/* Waits for the thread; after a while, without patience. */
static void end_thread(pthread_t thread, struct pool *pool, int patience_ms)
{
	const struct timespec moment = {.tv_nsec = 20 * 1000000L};

	for (int waited = 0; pthread_tryjoin_np(thread, NULL); waited += 20) {
		if (waited >= patience_ms)
			pool_cancel(pool);
		nanosleep(&moment, NULL);
	}
}

void worker_close(struct worker *worker)
{
	if (!worker)
		return;
	pthread_mutex_lock(&worker->lock);
	worker->is_stopping = true;
	pthread_cond_broadcast(&worker->stopped);
	pthread_mutex_unlock(&worker->lock);
	if (worker->has_refresher)
		end_thread(worker->refresher, worker->figures, REFRESH_MS);
	if (worker->has_thread)
		end_thread(worker->thread, worker->pool, LAST_MS);
	pool_close(worker->pool);
	pool_close(worker->figures);
	pthread_cond_destroy(&worker->stopped);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
}

long long worker_changes_head(const struct worker *worker)
{
	return atomic_load(&worker->changes_head);
}

long long worker_audit_lag(const struct worker *worker)
{
	long long lag = worker ? now() - atomic_load(&worker->sealed_until) : 0;

	return lag > 0 ? lag : 0;
}
