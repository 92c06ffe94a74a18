/* Requests that would take long at an entrance where others wait meanwhile: a thread of its own
 * answers each, on its socket, while MHD lets the connection rest.
 *
 * MHD knows no other way to give a request to another thread when ulfius answers it: so the answer
 * is written here, and what ulfius prepared meets a socket that is shut. */
#include "errands.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { ERRANDS = 128, STACK = 1024 * 1024, BLOCK = 64 * 1024, READING_MS = 60000 };

struct errands {
	atomic_int count;
	pthread_attr_t thread; /* detached, with a small stack */
};

struct errand {
	struct errands *errands;
	struct request request;
	struct MHD_Connection *connection;
	int socket;
};

struct errands *errands_open(void)
{
	struct errands *errands = calloc(1, sizeof *errands);

	if (!errands)
		return NULL;
	pthread_attr_init(&errands->thread);
	pthread_attr_setdetachstate(&errands->thread, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&errands->thread, STACK);
	return errands;
}

void errands_close(struct errands *errands)
{
	if (errands)
		pthread_attr_destroy(&errands->thread);
	free(errands);
}

int errands_count(struct errands *errands)
{
	return atomic_load(&errands->count);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Whoever does not read that much in a minute is not waited for. */
static bool send_all(int socket, const char *bytes, size_t length)
{
	long long end = now_ms() + READING_MS;

	while (length) {
		ssize_t sent = send(socket, bytes, length, MSG_NOSIGNAL);
		struct pollfd writable = {.fd = socket, .events = POLLOUT};

		if (sent > 0) {
			bytes += sent;
			length -= (size_t)sent;
		} else if ((errno != EAGAIN && errno != EINTR) || now_ms() >= end) {
			return false;
		} else {
			poll(&writable, 1, (int)(end - now_ms()));
		}
	}
	return true;
}

static void add_head(struct text *text, const struct _u_response *response, bool is_chunked)
{
	const char **names = u_map_enum_keys(response->map_header);
	time_t seconds = time(NULL);
	struct tm now;
	char date[40];

	gmtime_r(&seconds, &now);
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &now);
	text_addf(text, "HTTP/1.1 %ld %s\r\nDate: %s\r\n", response->status,
		  MHD_get_reason_phrase_for((unsigned)response->status), date);
	for (size_t i = 0; names && names[i]; i++) {
		const char *value = u_map_get(response->map_header, names[i]);

		if (!strpbrk(value, "\r\n"))
			text_addf(text, "%s: %s\r\n", names[i], value);
	}
	if (is_chunked)
		text_add(text, "Transfer-Encoding: chunked\r\n");
	else if (!response->stream_callback && response->status != 204 && response->status != 304)
		text_addf(text, "Content-Length: %zu\r\n", response->binary_body_length);
	text_add(text, "\r\n");
}

static bool send_chunk(int socket, const char *bytes, size_t length, bool is_chunked)
{
	char size[24];

	if (!is_chunked)
		return send_all(socket, bytes, length);
	snprintf(size, sizeof size, "%zx\r\n", length);
	return send_all(socket, size, strlen(size)) && send_all(socket, bytes, length) &&
	       send_all(socket, "\r\n", 2);
}

static void send_stream(int socket, const struct _u_response *response, bool is_chunked)
{
	char *block = malloc(BLOCK);
	ssize_t length = block ? 0 : U_STREAM_ERROR;

	while (length >= 0) {
		length = response->stream_callback(response->stream_user_data, 0, block, BLOCK);
		if (length > 0 && !send_chunk(socket, block, (size_t)length, is_chunked))
			length = (ssize_t)U_STREAM_ERROR;
	}
	if (length == (ssize_t)U_STREAM_END && is_chunked)
		send_all(socket, "0\r\n\r\n", 5);
	free(block);
}

static void send_answer(int socket, const struct _u_request *http,
			const struct _u_response *response)
{
	bool has_body = strcmp(http->http_verb, "HEAD") != 0;
	bool is_chunked = response->stream_callback && strcmp(http->http_protocol, "HTTP/1.0") != 0;
	auto_text head = {0};

	add_head(&head, response, is_chunked);
	/* With its head in one piece, when it is small. */
	if (has_body && response->binary_body_length <= BLOCK && !response->stream_callback)
		text_add_bytes(&head, response->binary_body, response->binary_body_length);
	if (head.failed || !send_all(socket, head.data, head.length) || !has_body)
		return;
	if (response->stream_callback)
		send_stream(socket, response, is_chunked);
	else if (response->binary_body_length > BLOCK)
		send_all(socket, response->binary_body, response->binary_body_length);
}

static void *run(void *data)
{
	struct errand *errand = data;
	struct errands *errands = errand->errands;
	struct MHD_Connection *connection = errand->connection;
	const struct _u_request *http = errand->request.http;
	struct _u_response response;

	pool_be_guest();
	ulfius_init_response(&response);
	errand->request.is_last = true;
	serve_end(&errand->request, &response);
	send_answer(errand->socket, http, &response);
	if (response.stream_callback && response.stream_callback_free)
		response.stream_callback_free(response.stream_user_data);
	ulfius_clean_response(&response);
	shutdown(errand->socket, SHUT_RDWR);
	free(errand);
	MHD_resume_connection(connection);
	atomic_fetch_sub(&errands->count, 1);
	return NULL;
}

bool errands_send(struct errands *errands, const struct request *request,
		  struct MHD_Connection *connection, int socket)
{
	struct errand *errand = NULL;
	pthread_t thread;

	if (atomic_fetch_add(&errands->count, 1) < ERRANDS)
		errand = malloc(sizeof *errand);
	if (errand) {
		*errand = (struct errand){errands, *request, connection, socket};
		MHD_suspend_connection(connection);
		if (!pthread_create(&thread, &errands->thread, run, errand))
			return true;
		MHD_resume_connection(connection);
	}
	free(errand);
	atomic_fetch_sub(&errands->count, 1);
	return false;
}
