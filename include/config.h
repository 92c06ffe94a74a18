/* Settings: the environment only, LACHAN_*, from one table. */
#ifndef LACHAN_CONFIG_H
#define LACHAN_CONFIG_H

#include <stdbool.h>
#include <stdio.h>

#include "error.h"

struct config {
	char *home, *bind, *trusted_proxies, *public_url, *issuer, *audience;
	char *database_url, *owner_database_url, *master_key;
	int port, workers, lane_workers, database_wait;
	int body_limit, url_limit, idle_timeout, request_timeout, statement_timeout, export_seconds;
	int access_token_seconds, key_lead_seconds, refresh_days;
	int rate_per_second, rate_burst, login_rate_per_minute, number_searches_per_hour;
	int youth_max_age;
};

/* Reads the environment; every fault is named in `error.internal`. `config_release` frees. */
bool config_read(struct config *config, struct error *error) CHECKED;
void config_release(struct config *config);

/* Name, value in force (secrets are not shown) and meaning of every setting. */
void config_print(FILE *out);
/* Name, default and meaning as the Markdown table of the README. */
void config_print_table(FILE *out);

#endif
