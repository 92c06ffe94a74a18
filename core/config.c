/* Settings: the environment only, LACHAN_*, from one table. */
#include "config.h"

#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

enum kind { TEXT_SETTING, NUMBER, SECRET };

/* The one list: `lachan config` and the README's table come from it. A default may begin a word, or
 * end, with another setting: $LACHAN_HOME/…, $LACHAN_PORT. A default with an @ is a file's. */
static const struct setting {
	const char *name; /* after LACHAN_ */
	enum kind kind;
	size_t offset;
	const char *value; /* default */
	long min, max;
	const char *about;
} settings[] = {
	{"HOME", TEXT_SETTING, offsetof(struct config, home), "var", 0, 0,
	 "Directory of all state: private database, keys, accounts.csv"},
	{"BIND", TEXT_SETTING, offsetof(struct config, bind), "127.0.0.1", 0, 0,
	 "IPv4 address to listen on"},
	{"PORT", NUMBER, offsetof(struct config, port), "8080", 0, 65535,
	 "Port to listen on; 0 picks a free one"},
	{"TRUSTED_PROXIES", TEXT_SETTING, offsetof(struct config, trusted_proxies), "", 0, 0,
	 "Addresses and networks (CIDR), with commas, of the proxies whose X-Forwarded-For is "
	 "believed; empty: nobody's"},
	{"PUBLIC_URL", TEXT_SETTING, offsetof(struct config, public_url),
	 "http://127.0.0.1:$LACHAN_PORT", 0, 0,
	 "Address that clients see, for the contract and the token metadata"},
	{"ISSUER", TEXT_SETTING, offsetof(struct config, issuer), "https://lachan.daklak.gov.vn", 0,
	 0, "Claim iss of the tokens"},
	{"AUDIENCE", TEXT_SETTING, offsetof(struct config, audience), "urn:lachan:api", 0, 0,
	 "Claim aud of the tokens"},
	{"DATABASE_URL", SECRET, offsetof(struct config, database_url),
	 "host=$LACHAN_HOME/postgres/socket dbname=lachan user=lachan_service", 0, 0,
	 "libpq connection string of the serving role, which owns nothing"},
	{"OWNER_DATABASE_URL", SECRET, offsetof(struct config, owner_database_url), "", 0, 0,
	 "libpq connection string of the owner, for migrations and sample data"},
	{"MASTER_KEY", SECRET, offsetof(struct config, master_key), "@$LACHAN_HOME/master.key", 0,
	 0, "64 hexadecimal digits; every key of the service is derived from it"},
	{"DATABASE_WAIT", NUMBER, offsetof(struct config, database_wait), "30", 0, 3600,
	 "Seconds to wait for the database at start"},
	{"WORKERS", NUMBER, offsetof(struct config, workers), "8", 1, 64,
	 "Worker threads for short work, and as many database connections"},
	{"LANE_WORKERS", NUMBER, offsetof(struct config, lane_workers), "4", 1, 64,
	 "Connections for long work (exports, reports), and as many for logins and indicators"},
	{"BODY_LIMIT", NUMBER, offsetof(struct config, body_limit), "1048576", 1024, 1 << 26,
	 "Largest request body in bytes"},
	{"URL_LIMIT", NUMBER, offsetof(struct config, url_limit), "8192", 256, 16384,
	 "Longest URL in bytes"},
	{"IDLE_TIMEOUT", NUMBER, offsetof(struct config, idle_timeout), "30", 1, 3600,
	 "Seconds after which an idle connection is closed"},
	{"REQUEST_TIMEOUT", NUMBER, offsetof(struct config, request_timeout), "15", 1, 600,
	 "Seconds in which a request must be there, to the end of its body"},
	{"STATEMENT_TIMEOUT", NUMBER, offsetof(struct config, statement_timeout), "5000", 100,
	 600000,
	 "Milliseconds after which a statement is cancelled; twelve times that for long work"},
	{"EXPORT_SECONDS", NUMBER, offsetof(struct config, export_seconds), "600", 1, 86400,
	 "Seconds after which an export is cut off, however slowly it is read"},
	{"ACCESS_TOKEN_SECONDS", NUMBER, offsetof(struct config, access_token_seconds), "900", 30,
	 900, "Life of an access token"},
	{"KEY_LEAD_SECONDS", NUMBER, offsetof(struct config, key_lead_seconds), "600", 5, 604800,
	 "Seconds for which a new signing key is told before it signs"},
	{"REFRESH_DAYS", NUMBER, offsetof(struct config, refresh_days), "14", 1, 90,
	 "Life of a session without use"},
	{"RATE_PER_SECOND", NUMBER, offsetof(struct config, rate_per_second), "200", 1, 1000000,
	 "Requests a second that an account may make for long"},
	{"RATE_BURST", NUMBER, offsetof(struct config, rate_burst), "2000", 1, 10000000,
	 "Requests that an account may make at once"},
	{"LOGIN_RATE_PER_MINUTE", NUMBER, offsetof(struct config, login_rate_per_minute), "120", 1,
	 1000000, "Logins a minute from one address"},
	{"NUMBER_SEARCHES_PER_HOUR", NUMBER, offsetof(struct config, number_searches_per_hour),
	 "100", 1, 1000000,
	 "Identity numbers that an account may search for or write; a system enters any"},
	{"YOUTH_MAX_AGE", NUMBER, offsetof(struct config, youth_max_age), "30", 15, 40,
	 "Completed years up to which the plan counts somebody as young"},
};

enum { SETTINGS = sizeof settings / sizeof *settings };

static const char *environment_of(const char *name)
{
	const char *value = getenv(name);

	for (int i = 0; !(value && *value) && i < SETTINGS; i++)
		if (!strcmp(name + sizeof "LACHAN_" - 1, settings[i].name))
			value = settings[i].value;
	return value ? value : "";
}

/* The default with the setting that it speaks of; a path as the file system has it, since libpq
 * takes sockets by absolute paths alone. */
static char *expand(const char *text)
{
	auto_text expanded = {0}, place = {0};
	const char *open = strchr(text, '$');
	char name[32], *real;

	if (!open)
		return strdup(text);
	size_t length = 1 + strspn(open + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
	size_t rest = strcspn(open + length, " ");

	snprintf(name, sizeof name, "%.*s", (int)length - 1, open + 1);
	text_addf(&place, "%s%.*s", environment_of(name), (int)rest, open + length);
	real = strchr(text_string(&place), '/') ? realpath(text_string(&place), NULL) : NULL;
	text_addf(&expanded, "%.*s%s%s", (int)(open - text), text,
		  real ? real : text_string(&place), open + length + rest);
	free(real);
	return text_take(&expanded);
}

/* The first line of a file; a new string. */
static char *read_file(const char *name, const char *path, struct error *error)
{
	char line[4096];
	FILE *file = fopen(path, "r");

	if (!file || !fgets(line, sizeof line, file)) {
		error_internal(error, ERROR_INTERNAL, "%s: cannot read %s", name, path);
		line[0] = '\0';
	}
	if (file)
		fclose(file);
	line[strcspn(line, "\r\n")] = '\0';
	char *value = strdup(line);

	sodium_memzero(line, sizeof line);
	return value;
}

/* A file that is a default may not be there. */
static char *default_of(const struct setting *setting, const char *name, struct error *error)
{
	char *value = expand(setting->value);

	if (!value || *value != '@')
		return value;
	char *content = access(value + 1, R_OK) ? strdup("") : read_file(name, value + 1, error);

	free(value);
	return content;
}

/* From the environment, from the file that LACHAN_<name>_FILE names, or the default. */
static char *value_of(const struct setting *setting, struct error *error)
{
	char name[64], file[72];

	snprintf(name, sizeof name, "LACHAN_%s", setting->name);
	snprintf(file, sizeof file, "%s_FILE", name);
	const char *value = getenv(name), *path = setting->kind == SECRET ? getenv(file) : NULL;

	if (value && *value)
		return strdup(value);
	return path && *path ? read_file(file, path, error) : default_of(setting, name, error);
}

static void put_number(const struct setting *setting, const char *text, struct config *config,
		       struct error *error)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*end || end == text || value < setting->min || value > setting->max)
		error_internal(error, ERROR_INTERNAL, "LACHAN_%s must be a number from %ld to %ld",
			       setting->name, setting->min, setting->max);
	else
		*(int *)(void *)((char *)config + setting->offset) = (int)value;
}

bool config_read(struct config *config, struct error *error)
{
	*config = (struct config){0};
	for (int i = 0; i < SETTINGS; i++) {
		char *value = value_of(&settings[i], error);

		if (settings[i].kind == NUMBER) {
			put_number(&settings[i], value ? value : "", config, error);
			free(value);
		} else {
			*(char **)(void *)((char *)config + settings[i].offset) = value;
		}
	}
	return !error->kind;
}

void config_release(struct config *config)
{
	for (int i = 0; i < SETTINGS; i++)
		if (settings[i].kind != NUMBER)
			free(*(char **)(void *)((char *)config + settings[i].offset));
	*config = (struct config){0};
}

void config_print(FILE *out)
{
	for (int i = 0; i < SETTINGS; i++) {
		const struct setting *setting = &settings[i];
		struct error error = {0};
		char *value = value_of(setting, &error);
		const char *shown = setting->kind == SECRET && value && *value ? "(set)" : value;

		fprintf(out, "LACHAN_%s=%s\n    %s%s\n", setting->name, shown ? shown : "",
			setting->about,
			setting->kind == SECRET ? "; or in the file that LACHAN_…_FILE names" : "");
		free(value);
		error_release(&error);
	}
}

void config_print_table(FILE *out)
{
	fputs("| variable | default | meaning |\n| --- | --- | --- |\n", out);
	for (int i = 0; i < SETTINGS; i++)
		fprintf(out, "| `LACHAN_%s`%s | %s%s%s | %s |\n", settings[i].name,
			settings[i].kind == SECRET ? " (`_FILE`)" : "",
			*settings[i].value ? "`" : "",
			settings[i].value + (*settings[i].value == '@'),
			*settings[i].value ? "`" : "", settings[i].about);
}
