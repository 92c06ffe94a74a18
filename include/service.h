/* The running service: made once in main, passed to everything, read only but for what locks. */
#ifndef LACHAN_SERVICE_H
#define LACHAN_SERVICE_H

#include <stdatomic.h>

#include "config.h"
#include "network.h"
#include "pool.h"
#include "records.h"
#include "secret.h"

struct tokens;
struct limits;
struct metrics;
struct worker;
struct answers;

struct service {
	struct config config;
	struct networks proxies; /* trusted to say whom a request comes from */
	struct keyring keyring;
	struct pool *pool;
	struct records records;
	struct tokens *tokens;	 /* signing keys and verified tokens (api/token.c) */
	struct limits *limits;	 /* token buckets (api/limit.c) */
	struct metrics *metrics; /* counters for /metrics (api/metrics.c) */
	struct answers *answers; /* of indicators, by tag (api/answers.c) */
	struct worker *worker;	 /* what is done beside requests (db/worker.c) */
	atomic_int in_flight;
	atomic_int waiting; /* for changes */
	atomic_bool is_stopping;
	atomic_llong readiness; /* monotonic ms of when it was asked last << 1 | whether it was */
};

#endif
