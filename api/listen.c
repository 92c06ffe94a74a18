/* The sockets. An own accept thread hands connections round the workers of the fast lane; what
 * asks for long work first goes to the slow lane, where each connection has its thread. What asks
 * for it later, or finds the slow lane full, gets a thread for that request: nothing long stalls
 * the connections that share a worker. */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <ulfius.h>
#include <unistd.h>

#include "connections.h"
#include "errands.h"
#include "log.h"
#include "request.h"

enum {
	CONNECTIONS = 4096,	/* of the fast lane */
	LANE_CONNECTIONS = 128, /* of the slow lane; whoever comes then goes to the fast one */
	WAITING = 2048,		/* accepted, nothing sent yet */
	FIRST_BYTES_SECONDS = 10,
	CONNECTION_MEMORY = 32 * 1024,
	STACK = 1024 * 1024,
	LANE_IDLE_SECONDS = 5, /* a thread is not kept for who is quiet */
	IDLE_MORE_SECONDS = 2, /* MHD closes what is silent; the rest drips */
	GIVE_UP_MOMENTS = 50,
	ANSWER_SECONDS = 60, /* to read an answer; in the slow lane after what an export may take */
};

/* A connection that has not said yet what it wants. */
struct newcomer {
	int socket; /* 0: the place is free */
	time_t since;
	struct sockaddr_in address;
};

/* Where the connections of a lane come in. */
struct entrance {
	struct service *service;
	struct connections *connections;
	struct errands *errands; /* of the fast lane; NULL where a request has its thread anyway */
	struct _u_instance instance;
};

struct listener {
	struct service *service;
	struct entrance lanes[2];
	int socket, events, wake;
	bool is_deaf; /* there is no descriptor for another connection: until the next sweep */
	pthread_t thread;
	struct newcomer waiting[WAITING];
};

/* Every request that MHD begins it also ends: what lies between is in flight. Its connection goes
 * with it in a member that only clients of ulfius use. */
static void *begun(void *data, const char *uri, struct MHD_Connection *connection)
{
	struct entrance *entrance = data;
	struct connection_info_struct *info = ulfius_uri_logger(NULL, uri);

	atomic_fetch_add(&entrance->service->in_flight, 1);
	connections_begin(entrance->connections, connection);
	if (info && info->request)
		info->request->timeout = (unsigned long)(uintptr_t)connection;
	return info;
}

static void ended(void *data, struct MHD_Connection *connection, void **context,
		  enum MHD_RequestTerminationCode why)
{
	struct entrance *entrance = data;

	mhd_request_completed(NULL, connection, context, why);
	connections_rest(entrance->connections, connection);
	atomic_fetch_sub(&entrance->service->in_flight, 1);
}

static bool is_sent(const struct entrance *entrance, const struct request *request)
{
	struct MHD_Connection *connection = request_connection(request->http);
	int socket = connections_lend(entrance->connections, connection);

	if (socket && errands_send(entrance->errands, request, connection, socket))
		return true;
	connections_answer(entrance->connections, connection);
	return false;
}

static int begin_answer(const struct _u_request *http, struct _u_response *response, void *data)
{
	const struct entrance *entrance = data;
	struct request request;

	connections_answer(entrance->connections, request_connection(http));
	if (!entrance->errands)
		pool_be_guest();
	if (serve_begin(&request, http, entrance->service) && entrance->errands &&
	    routes_lane(&request) == LANE) {
		if (is_sent(entrance, &request))
			return U_CALLBACK_COMPLETE;
		request.error.retry_after = 1;
		error_set(&request.error, ERROR_UNAVAILABLE, "busy", NULL);
	}
	serve_end(&request, response);
	return U_CALLBACK_COMPLETE;
}

static int idle_seconds(const struct config *config, enum lane lane)
{
	int idle = config->idle_timeout;

	return (lane == LANE && idle > LANE_IDLE_SECONDS ? LANE_IDLE_SECONDS : idle) +
	       IDLE_MORE_SECONDS;
}

static bool lane_open(struct listener *listener, enum lane lane, struct error *error)
{
	struct service *service = listener->service;
	struct entrance *entrance = &listener->lanes[lane];
	struct _u_instance *instance = &entrance->instance;
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
			 (lane == FAST ? MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME
				       : MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL);

	entrance->service = service;
	entrance->connections = connections_open((struct connection_limits){
		.idle = idle_seconds(&service->config, lane),
		.request = service->config.request_timeout,
		.answer = ANSWER_SECONDS + (lane == LANE ? service->config.export_seconds : 0),
	});
	struct MHD_OptionItem options[] = {
		{MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)connections_notice, entrance->connections},
		{MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)ended, entrance},
		{MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)begun, entrance},
		{MHD_OPTION_CONNECTION_TIMEOUT, service->config.idle_timeout, NULL},
		/* Kept by the listener; this divides by the workers. */
		{MHD_OPTION_CONNECTION_LIMIT, 2 * CONNECTIONS, NULL},
		{MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL},
		{MHD_OPTION_THREAD_STACK_SIZE, STACK, NULL},
		{MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
		{lane == FAST ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END,
		 service->config.workers, NULL},
		{MHD_OPTION_END, 0, NULL},
	};

	entrance->errands = lane == FAST ? errands_open() : NULL;
	if (!entrance->connections || (lane == FAST && !entrance->errands))
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	/* The port is ours; ulfius only wants one that could be. */
	if (ulfius_init_instance(instance, 1, NULL, NULL) != U_OK)
		return error_internal(error, ERROR_INTERNAL, "ulfius does not start");
	instance->max_post_body_size = (size_t)service->config.body_limit + 1;
	instance->max_post_param_size = 1;
	instance->allowed_post_processor = U_POST_PROCESS_NONE;
	instance->check_utf8 = 0;
	ulfius_set_default_endpoint(instance, begin_answer, entrance);
	return ulfius_start_framework_with_mhd_options(instance, flags, options) == U_OK ||
	       error_internal(error, ERROR_INTERNAL, "the lane does not start");
}

/* A line that ends in a bare line feed, or goes on by folding: two servers could read it as two
 * different requests (RFC 9112, 2.2 and 5.2). */
static bool is_smuggled(const char *first)
{
	for (const char *c = first; *c; c++) {
		if (*c != '\n')
			continue;
		if (c == first || c[-1] != '\r' || c[1] == ' ' || c[1] == '\t')
			return true;
		if (c[1] == '\r')
			return false; /* the end of the headers */
	}
	return false;
}

static const char bad_request[] =
	"HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\n"
	"Content-Length: 55\r\nConnection: close\r\n\r\n"
	"{\"title\":\"Bad Request\",\"status\":400,\"code\":\"malformed\"}";
static const char full[] =
	"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
	"Content-Length: 58\r\nRetry-After: 2\r\nConnection: close\r\n\r\n"
	"{\"title\":\"Service Unavailable\",\"status\":503,\"code\":\"busy\"}";

static void turn_away(int socket, const char *answer)
{
	char bytes[4096];

	send(socket, answer, strlen(answer), MSG_NOSIGNAL | MSG_DONTWAIT);
	/* Closed with something unread, the connection would be reset before this is read. */
	for (int i = 0; i < 16 && recv(socket, bytes, sizeof bytes, MSG_DONTWAIT) > 0; i++)
		;
	close(socket);
}

static void forget(struct listener *listener, struct newcomer *newcomer)
{
	epoll_ctl(listener->events, EPOLL_CTL_DEL, newcomer->socket, NULL);
	newcomer->socket = 0;
}

static bool is_full(const struct entrance *entrance)
{
	return connections_count(entrance->connections) >=
	       (entrance->errands ? CONNECTIONS : LANE_CONNECTIONS);
}

/* By what a connection sends first. */
static enum lane door_of(const struct listener *listener, const char *first)
{
	enum lane lane = routes_lane_first(first);

	return lane == LANE && is_full(&listener->lanes[LANE]) ? FAST : lane;
}

static void hand_over(struct listener *listener, struct newcomer *newcomer)
{
	char first[1024];
	int socket = newcomer->socket;
	ssize_t length = recv(socket, first, sizeof first - 1, MSG_PEEK | MSG_DONTWAIT);

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	forget(listener, newcomer);
	first[length > 0 ? length : 0] = '\0';
	enum lane lane = door_of(listener, first);
	if (length <= 0)
		close(socket);
	else if (is_smuggled(first))
		turn_away(socket, bad_request);
	else if (is_full(&listener->lanes[lane]))
		turn_away(socket, full);
	else /* MHD closes the socket itself, also when it refuses it. */
		MHD_add_connection(listener->lanes[lane].instance.mhd_daemon, socket,
				   (struct sockaddr *)&newcomer->address, sizeof newcomer->address);
}

/* What waits for the socket would wake the thread again at once. */
static void listen_on(struct listener *listener, bool is_deaf)
{
	struct epoll_event event = {.events = is_deaf ? 0 : EPOLLIN, .data.ptr = &listener->socket};

	if (is_deaf != listener->is_deaf)
		epoll_ctl(listener->events, EPOLL_CTL_MOD, listener->socket, &event);
	listener->is_deaf = is_deaf;
}

static void welcome(struct listener *listener)
{
	struct sockaddr_in address;
	socklen_t size = sizeof address;
	int socket = accept4(listener->socket, (struct sockaddr *)&address, &size,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (socket < 0 &&
	    (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
		listen_on(listener, true);
	for (int i = 0; socket >= 0 && i < WAITING; i++) {
		struct newcomer *place = &listener->waiting[(socket + i) % WAITING];

		if (place->socket)
			continue;
		*place = (struct newcomer){socket, time(NULL), address};
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = place};
		epoll_ctl(listener->events, EPOLL_CTL_ADD, socket, &event);
		return;
	}
	if (socket >= 0)
		turn_away(socket, full);
}

static void close_silent(struct listener *listener)
{
	time_t now = time(NULL);

	for (int i = 0; i < WAITING; i++) {
		struct newcomer *newcomer = &listener->waiting[i];
		int socket = newcomer->socket;

		if (socket && now - newcomer->since > FIRST_BYTES_SECONDS) {
			forget(listener, newcomer);
			close(socket);
		}
	}
}

static void *accept_all(void *data)
{
	struct listener *listener = data;
	struct epoll_event events[64];
	time_t swept = time(NULL);

	for (;;) {
		int count = epoll_wait(listener->events, events, 64, 1000);

		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr == &listener->wake)
				return NULL;
			if (events[i].data.ptr == &listener->socket)
				welcome(listener);
			else
				hand_over(listener, events[i].data.ptr);
		}
		if (time(NULL) > swept) {
			swept = time(NULL);
			listen_on(listener, false);
			close_silent(listener);
			connections_sweep(listener->lanes[FAST].connections);
			connections_sweep(listener->lanes[LANE].connections);
		}
	}
}

static bool bind_socket(struct listener *listener, int *port, struct error *error)
{
	const struct config *config = &listener->service->config;
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)config->port)};
	socklen_t size = sizeof address;
	int one = 1;

	if (inet_pton(AF_INET, config->bind, &address.sin_addr) != 1)
		return error_internal(error, ERROR_INTERNAL, "LACHAN_BIND is no IPv4 address");
	listener->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(listener->socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(listener->socket, (struct sockaddr *)&address, sizeof address) ||
	    listen(listener->socket, 1024))
		return error_internal(error, ERROR_INTERNAL, "cannot listen on %s:%d: %s",
				      config->bind, config->port, strerror(errno));
	getsockname(listener->socket, (struct sockaddr *)&address, &size);
	*port = ntohs(address.sin_port);
	return true;
}

static bool start_accepting(struct listener *listener, struct error *error)
{
	struct epoll_event socket = {.events = EPOLLIN, .data.ptr = &listener->socket};
	struct epoll_event wake = {.events = EPOLLIN, .data.ptr = &listener->wake};

	listener->events = epoll_create1(EPOLL_CLOEXEC);
	listener->wake = eventfd(0, EFD_CLOEXEC);
	if (epoll_ctl(listener->events, EPOLL_CTL_ADD, listener->socket, &socket) ||
	    epoll_ctl(listener->events, EPOLL_CTL_ADD, listener->wake, &wake) ||
	    pthread_create(&listener->thread, NULL, accept_all, listener))
		return error_internal(error, ERROR_INTERNAL, "cannot start accepting");
	return true;
}

struct listener *listener_open(struct service *service, int *port, struct error *error)
{
	struct listener *listener = calloc(1, sizeof *listener);

	if (!listener)
		return NULL;
	listener->service = service;
	if (bind_socket(listener, port, error) && lane_open(listener, FAST, error) &&
	    lane_open(listener, LANE, error) && start_accepting(listener, error))
		return listener;
	free(listener);
	return NULL;
}

/* Whoever has not had its answer by now has none: its statement ends and its thread with it. No
 * errand may be under way when MHD stops. */
static void give_up(struct listener *listener)
{
	const struct timespec moment = {.tv_nsec = 20 * 1000 * 1000};
	struct errands *errands = listener->lanes[FAST].errands;

	for (int i = 0; errands_count(errands) ||
			(atomic_load(&listener->service->in_flight) && i < GIVE_UP_MOMENTS);
	     i++) {
		connections_end(listener->lanes[FAST].connections);
		connections_end(listener->lanes[LANE].connections);
		pool_cancel(listener->service->pool);
		nanosleep(&moment, NULL);
	}
}

void listener_close(struct listener *listener, int seconds)
{
	const struct timespec moment = {.tv_nsec = 20 * 1000 * 1000};
	uint64_t one = 1;

	if (write(listener->wake, &one, sizeof one) < 0)
		log_line("error", "cannot wake the accept thread", NULL);
	pthread_join(listener->thread, NULL);
	close(listener->socket);
	/* Whoever was accepted but not handed over yet is still served, until the time is over. */
	for (int i = 0; i < WAITING; i++)
		if (listener->waiting[i].socket)
			hand_over(listener, &listener->waiting[i]);
	nanosleep(&moment, NULL);
	for (int i = 0; i < seconds * 50 && atomic_load(&listener->service->in_flight); i++)
		nanosleep(&moment, NULL);
	for (int i = 0; i < WAITING; i++)
		if (listener->waiting[i].socket)
			close(listener->waiting[i].socket);
	give_up(listener);
	for (int lane = 0; lane < 2; lane++) {
		ulfius_stop_framework(&listener->lanes[lane].instance);
		ulfius_clean_instance(&listener->lanes[lane].instance);
		connections_close(listener->lanes[lane].connections);
		errands_close(listener->lanes[lane].errands);
	}
	close(listener->events);
	close(listener->wake);
	free(listener);
}
