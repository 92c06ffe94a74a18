/* Connections to PostgreSQL: as many as there are workers, and a bounded lane for long work. */
#include "connection.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

enum { WAIT_SECONDS = 2, LANE_TIMEOUT_FACTOR = 12 };

struct lane_state {
	struct connection *connections;
	int count, free, waiting;
	pthread_mutex_t lock; /* guards `free`, `waiting` and of connections[] is_lent and cancel */
	pthread_cond_t given;
};

struct pool {
	char *url;
	int statement_timeout;
	struct lane_state lanes[LANES];
	atomic_bool is_over;
};

/* Whether it is no worker of the fast lane, so that it has none of the workers' connections. */
static _Thread_local bool is_guest;
/* The connection this thread had last: its plans and caches are warm. */
static _Thread_local int home;

static void set_cancel(struct lane_state *state, struct connection *connection, PGcancel *cancel)
{
	pthread_mutex_lock(&state->lock);
	PQfreeCancel(connection->cancel);
	connection->cancel = cancel;
	pthread_mutex_unlock(&state->lock);
}

static void connection_close(struct lane_state *state, struct connection *connection)
{
	set_cancel(state, connection, NULL);
	PQfinish(connection->pg);
	connection->pg = NULL;
	connection_forget(connection);
}

void pool_close(struct pool *pool)
{
	for (int i = 0; pool && i < LANES; i++) {
		struct lane_state *state = &pool->lanes[i];

		pthread_mutex_lock(&state->lock);
		while (state->free < state->count)
			pthread_cond_wait(&state->given, &state->lock);
		pthread_mutex_unlock(&state->lock);
		for (int j = 0; j < state->count; j++)
			connection_close(state, &state->connections[j]);
		free(state->connections);
		pthread_mutex_destroy(&state->lock);
		pthread_cond_destroy(&state->given);
	}
	if (pool)
		free(pool->url);
	free(pool);
}

struct pool *pool_open(const char *url, int fast, int lane, int statement_timeout_ms)
{
	struct pool *pool = calloc(1, sizeof *pool);
	const int counts[LANES] = {[FAST] = fast, [LANE] = lane, [GUESTS] = lane};

	if (!pool)
		return NULL;
	pool->url = strdup(url);
	bool is_whole = pool->url != NULL;

	pool->statement_timeout = statement_timeout_ms;
	for (int i = 0; i < LANES; i++) {
		struct lane_state *state = &pool->lanes[i];

		state->connections = calloc((size_t)counts[i], sizeof *state->connections);
		state->count = state->free = state->connections ? counts[i] : 0;
		is_whole = is_whole && state->connections;
		pthread_mutex_init(&state->lock, NULL);
		pthread_cond_init(&state->given, NULL);
		for (int j = 0; j < state->count; j++)
			state->connections[j].lane = (enum lane)i;
	}
	if (is_whole)
		return pool;
	pool_close(pool);
	return NULL;
}

/* What is said beside an answer; a detail may tell of somebody. */
static void log_notice(void *nothing, const PGresult *notice)
{
	const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
	bool is_warning = severity && !strcmp(severity, "WARNING");

	(void)nothing;
	log_line(is_warning ? "warning" : "info", "database", "cause",
		 PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY), NULL);
}

/* PostgreSQL closes a transaction that a vanished service left open, and a dead network is noticed.
 */
static bool connection_open(struct pool *pool, struct lane_state *state,
			    struct connection *connection, struct error *error)
{
	char options[192];
	int timeout = pool->statement_timeout *
		      (connection->lane == LANE ? LANE_TIMEOUT_FACTOR : 1);

	snprintf(options, sizeof options,
		 "-c statement_timeout=%d -c idle_in_transaction_session_timeout=15000 "
		 "-c timezone=UTC -c datestyle=ISO,YMD -c jit=off%s",
		 timeout, connection->lane == LANE ? " -c work_mem=64MB" : "");
	const char *const keys[] = {"application_name",
				    "connect_timeout",
				    "tcp_user_timeout",
				    "client_encoding",
				    "dbname",
				    "options",
				    NULL};
	const char *const values[] = {"lachan", "5", "10000", "UTF8", pool->url, options, NULL};

	connection->pg = PQconnectdbParams(keys, values, 1);
	if (PQstatus(connection->pg) != CONNECTION_OK || !PQenterPipelineMode(connection->pg)) {
		error_internal(error, ERROR_UNAVAILABLE, "database: %s",
			       PQerrorMessage(connection->pg));
		connection_close(state, connection);
		return false;
	}
	PQsetNoticeReceiver(connection->pg, log_notice, NULL);
	set_cancel(state, connection, PQgetCancel(connection->pg));
	return true;
}

static struct connection *borrow(struct lane_state *state)
{
	int found = home < state->count && !state->connections[home].is_lent ? home : -1;

	for (int i = 0; found < 0 && i < state->count; i++)
		if (!state->connections[i].is_lent)
			found = i;
	if (found < 0)
		return NULL;
	home = found;
	state->connections[found].is_lent = true;
	state->free--;
	return &state->connections[found];
}

/* Whether PostgreSQL has said something since, which is why it closes, or has closed: a request
 * need not find that out. */
static bool has_ended(const struct connection *connection)
{
	char byte;

	return PQstatus(connection->pg) != CONNECTION_OK ||
	       recv(PQsocket(connection->pg), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

void pool_be_guest(void)
{
	is_guest = true;
}

bool pool_take(struct pool *pool, enum lane lane, struct connection **connection,
	       struct error *error)
{
	struct lane_state *state = &pool->lanes[lane == FAST && is_guest ? GUESTS : lane];
	struct timespec until;
	struct connection *taken = NULL;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_SECONDS;
	pthread_mutex_lock(&state->lock);
	state->waiting++;
	while (atomic_load(&pool->is_over) || !(taken = borrow(state)))
		if (atomic_load(&pool->is_over) ||
		    pthread_cond_timedwait(&state->given, &state->lock, &until))
			break;
	state->waiting--;
	pthread_mutex_unlock(&state->lock);

	if (!taken)
		return error_internal(error, ERROR_UNAVAILABLE, "no free database connection");
	if (taken->pg && has_ended(taken))
		connection_close(state, taken);
	if (!taken->pg && !connection_open(pool, state, taken, error)) {
		pool_give(pool, taken);
		return false;
	}
	*connection = taken;
	return true;
}

void pool_give(struct pool *pool, struct connection *connection)
{
	if (!connection)
		return;
	struct lane_state *state = &pool->lanes[connection->lane];

	if (connection->pg && PQtransactionStatus(connection->pg) != PQTRANS_IDLE)
		connection_close(state, connection);
	pthread_mutex_lock(&state->lock);
	connection->is_lent = false;
	state->free++;
	if (state->waiting || state->free == state->count)
		pthread_cond_broadcast(&state->given);
	pthread_mutex_unlock(&state->lock);
}

void pool_cancel(struct pool *pool)
{
	char why[256];

	atomic_store(&pool->is_over, true);
	for (int i = 0; i < LANES; i++) {
		struct lane_state *state = &pool->lanes[i];

		pthread_mutex_lock(&state->lock);
		for (int j = 0; j < state->count; j++)
			if (state->connections[j].is_lent && state->connections[j].cancel)
				(void)!PQcancel(state->connections[j].cancel, why, sizeof why);
		pthread_cond_broadcast(&state->given);
		pthread_mutex_unlock(&state->lock);
	}
}

bool pool_wait(struct pool *pool, int seconds, struct error *error)
{
	for (int i = 0;; i++) {
		struct connection *connection;

		error_release(error);
		if (pool_take(pool, FAST, &connection, error)) {
			pool_give(pool, connection);
			return true;
		}
		if (i >= seconds)
			return false;
		sleep(1);
	}
}
