/* Counters by route and class of status, for Prometheus. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "request.h"
#include "system.h"
#include "worker.h"

enum { CLASSES = 6 };

struct metrics {
	atomic_ullong requests[ROUTES + 1][CLASSES]; /* the last row: no route */
	atomic_ullong nanoseconds[ROUTES + 1];
	time_t started;
};

struct metrics *metrics_open(void)
{
	struct metrics *metrics = calloc(1, sizeof *metrics);

	if (metrics)
		metrics->started = time(NULL);
	return metrics;
}

void metrics_close(struct metrics *metrics)
{
	free(metrics);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void metrics_count(struct metrics *metrics, const struct request *request, int status)
{
	size_t route = request->route ? route_index(request->route) : ROUTES;

	atomic_fetch_add_explicit(&metrics->requests[route][status / 100 % CLASSES], 1,
				  memory_order_relaxed);
	atomic_fetch_add_explicit(&metrics->nanoseconds[route], now() - request->started,
				  memory_order_relaxed);
}

/* Loopback and private networks: the monitor of the house, not the world. */
static bool is_near(const char *address)
{
	struct networks near;

	return networks_parse(&near, "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,"
				     "::1,fc00::/7") &&
	       networks_have(&near, address);
}

static void write_route(struct text *out, const struct metrics *metrics, size_t at,
			const char *method, const char *path)
{
	unsigned long long all = 0;

	for (int class = 1; class < CLASSES; class ++) {
		unsigned long long count = atomic_load(&metrics->requests[at][class]);

		all += count;
		if (count)
			text_addf(out,
				  "lachan_requests_total{method=\"%s\",route=\"%s\","
				  "status=\"%dxx\"} %llu\n",
				  method, path, class, count);
	}
	if (all)
		text_addf(out,
			  "lachan_request_seconds_sum{method=\"%s\",route=\"%s\"} %.6f\n"
			  "lachan_request_seconds_count{method=\"%s\",route=\"%s\"} %llu\n",
			  method, path, (double)atomic_load(&metrics->nanoseconds[at]) / 1e9,
			  method, path, all);
}

bool system_metrics(struct request *request)
{
	const struct metrics *metrics = request->service->metrics;
	struct text *out = &request->reply.body;
	size_t at = 0;

	if (!is_near(request->caller.address))
		return error_set(&request->error, ERROR_NOT_FOUND, "no_route", NULL);
	text_addf(out,
		  "# TYPE lachan_up_seconds gauge\nlachan_up_seconds %lld\n"
		  "# TYPE lachan_requests_in_flight gauge\nlachan_requests_in_flight %d\n"
		  "# TYPE lachan_audit_lag_seconds gauge\nlachan_audit_lag_seconds %lld\n"
		  "# TYPE lachan_requests_total counter\n"
		  "# TYPE lachan_request_seconds summary\n",
		  (long long)(time(NULL) - metrics->started),
		  atomic_load(&request->service->in_flight),
		  worker_audit_lag(request->service->worker));
	for (const struct route *route = routes_all(); route->method; route++, at++)
		write_route(out, metrics, at, route->method, route->path);
	write_route(out, metrics, ROUTES, "", "none");
	request->reply.status = 200;
	request->reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
	return true;
}
