/* What the service says of itself: contract, reference pages, health, counters (api only). */
#ifndef LACHAN_SYSTEM_H
#define LACHAN_SYSTEM_H

#include "request.h"

bool system_openapi(struct request *request);
bool system_root(struct request *request);
bool system_page(struct request *request);
bool system_health(struct request *request);
bool system_ready(struct request *request);
bool system_metrics(struct request *request);

/* Counts requests and time by route and status. */
struct metrics *metrics_open(void);
void metrics_close(struct metrics *metrics);
void metrics_count(struct metrics *metrics, const struct request *request, int status);

/* Token buckets by account and by address. */
struct limits *limits_open(void);
void limits_close(struct limits *limits);

#endif
