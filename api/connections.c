/* How long each connection has been at what it does: whoever drips is cut.
 *
 * The timeout of MHD starts anew with each byte, so a byte a second would hold a connection for
 * ever. */
#include "connections.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum { PLACES = 8192 }; /* by number of the socket; one beyond has no deadline */

enum phase { ABSENT, IDLE, RECEIVING, ANSWERING, LENT };

struct connections {
	struct connection_limits limits;
	pthread_mutex_t lock; /* a socket is not closed while it is being cut */
	_Atomic unsigned long long places[PLACES]; /* since << 3 | phase */
	atomic_int count;
};

static unsigned long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
	return (unsigned long long)time.tv_sec;
}

static void enter(struct connections *connections, size_t place, enum phase phase)
{
	if (place)
		atomic_store(&connections->places[place], now() << 3 | phase);
}

static size_t place_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	return info && info->connect_fd > 0 && info->connect_fd < PLACES ? (size_t)info->connect_fd
									 : 0;
}

struct connections *connections_open(struct connection_limits limits)
{
	struct connections *connections = calloc(1, sizeof *connections);

	if (!connections)
		return NULL;
	connections->limits = limits;
	pthread_mutex_init(&connections->lock, NULL);
	return connections;
}

void connections_close(struct connections *connections)
{
	if (!connections)
		return;
	pthread_mutex_destroy(&connections->lock);
	free(connections);
}

void connections_notice(void *data, struct MHD_Connection *connection, void **context,
			enum MHD_ConnectionNotificationCode what)
{
	struct connections *connections = data;
	size_t place = place_of(connection);

	(void)context;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		atomic_fetch_add(&connections->count, 1);
		enter(connections, place, IDLE);
		return;
	}
	atomic_fetch_sub(&connections->count, 1);
	pthread_mutex_lock(&connections->lock);
	enter(connections, place, ABSENT);
	pthread_mutex_unlock(&connections->lock);
}

int connections_count(struct connections *connections)
{
	return atomic_load(&connections->count);
}

void connections_begin(struct connections *connections, struct MHD_Connection *connection)
{
	enter(connections, place_of(connection), RECEIVING);
}

void connections_answer(struct connections *connections, struct MHD_Connection *connection)
{
	enter(connections, place_of(connection), ANSWERING);
}

int connections_lend(struct connections *connections, struct MHD_Connection *connection)
{
	size_t place = place_of(connection);

	enter(connections, place, LENT);
	return (int)place;
}

void connections_rest(struct connections *connections, struct MHD_Connection *connection)
{
	enter(connections, place_of(connection), IDLE);
}

static const char too_slow[] =
	"HTTP/1.1 408 Request Timeout\r\nContent-Type: application/problem+json\r\n"
	"Content-Length: 65\r\nConnection: close\r\n\r\n"
	"{\"title\":\"Request Timeout\",\"status\":408,\"code\":\"request_timeout\"}";

/* While a request is being received, MHD has nothing to say on its socket. */
static void cut(int socket, enum phase phase)
{
	if (phase == RECEIVING)
		send(socket, too_slow, sizeof too_slow - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(socket, SHUT_RDWR);
}

void connections_sweep(struct connections *connections)
{
	const int seconds[] = {
		[IDLE] = connections->limits.idle,
		[RECEIVING] = connections->limits.request,
		[ANSWERING] = connections->limits.answer,
		[LENT] = 0,
	};
	unsigned long long time = now();

	pthread_mutex_lock(&connections->lock);
	for (int socket = 1; socket < PLACES; socket++) {
		unsigned long long place = atomic_load(&connections->places[socket]);
		enum phase phase = place & 7;

		if (phase != ABSENT && seconds[phase] &&
		    time - (place >> 3) > (unsigned long long)seconds[phase])
			cut(socket, phase);
	}
	pthread_mutex_unlock(&connections->lock);
}

void connections_end(struct connections *connections)
{
	pthread_mutex_lock(&connections->lock);
	for (int socket = 1; socket < PLACES; socket++)
		if ((atomic_load(&connections->places[socket]) & 7) != ABSENT)
			shutdown(socket, SHUT_RDWR);
	pthread_mutex_unlock(&connections->lock);
}
