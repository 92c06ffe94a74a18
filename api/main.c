/* configuration → pool → migrate → serve */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "answers.h"
#include "audit.h"
#include "figures.h"
#include "listen.h"
#include "log.h"
#include "migrate.h"
#include "reform.h"
#include "request.h"
#include "sample.h"
#include "service.h"
#include "system.h"
#include "token.h"
#include "worker.h"

enum { STOP_SECONDS = 6, VERIFY_MS = 3600000, REBUILD_MS = 600000 };

static bool service_open(struct service *service, struct error *error)
{
	const struct config *config = &service->config;

	if (!keyring_init(&service->keyring, config->master_key, error))
		return false;
	sodium_memzero(config->master_key, strlen(config->master_key)); /* needed no more */
	service->pool = pool_open(config->database_url, config->workers, config->lane_workers,
				  config->statement_timeout);
	if (!service->pool)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	service->records = (struct records){
		service->pool, &service->keyring,
		exports_open(config->lane_workers, config->export_seconds)};
	if (!service->records.exports)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	return pool_wait(service->pool, config->database_wait, error);
}

static void service_close(struct service *service)
{
	worker_close(service->worker);
	if (service->tokens)
		tokens_close(service->tokens);
	pool_close(service->pool);
	exports_close(service->records.exports);
	answers_close(service->answers);
	limits_close(service->limits);
	metrics_close(service->metrics);
	config_release(&service->config);
	sodium_memzero(&service->keyring, sizeof service->keyring);
}

/* What works as the owner needs to know how. */
static bool has_owner(const struct service *service, struct error *error)
{
	return *service->config.owner_database_url ||
	       error_internal(error, ERROR_INTERNAL, "LACHAN_OWNER_DATABASE_URL is not set");
}

static bool run_migrate(struct service *service, struct error *error)
{
	const struct config *config = &service->config;

	return has_owner(service, error) &&
	       migrate(config->owner_database_url, config->database_wait, error);
}

/* Everything that must hold before the first request. */
static bool prepare(struct service *service, struct error *error)
{
	if (!networks_parse(&service->proxies, service->config.trusted_proxies))
		return error_internal(
			error, ERROR_INTERNAL,
			"LACHAN_TRUSTED_PROXIES is no list of addresses and networks");
	if (*service->config.owner_database_url && !run_migrate(service, error))
		return false;
	if (!routes_are_guarded(routes_all(), error) || !service_open(service, error) ||
	    !schema_is_guarded(service->pool, error) || !schema_is_current(service->pool, error) ||
	    !figures_parameter(service->pool, "youth_max_age", service->config.youth_max_age,
			       error))
		return false;
	service->answers = answers_open();
	service->limits = limits_open();
	service->metrics = metrics_open();
	service->tokens = tokens_open(service, error);
	return service->tokens && service->limits && service->metrics && service->answers;
}

/* Each connection takes a descriptor; the usual 1,024 are for programs that call select(). */
static void allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static bool command_serve(struct service *service, int count, char **words, struct error *error)
{
	struct listener *listener;
	sigset_t signals;
	int port = 0, signal = 0;
	char text[8];

	(void)count;
	(void)words;
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &signals, NULL); /* inherited by every thread */
	allow_descriptors();
	if (!prepare(service, error))
		return false;
	service->worker = worker_open(service->config.database_url, &service->keyring, error);
	if (!service->worker || !(listener = listener_open(service, &port, error)))
		return false;
	snprintf(text, sizeof text, "%d", port);
	log_line("info", "serving", "address", service->config.bind, "port", text, NULL);
	sigwait(&signals, &signal);
	log_line("info", "stopping", NULL);
	atomic_store(&service->is_stopping, true);
	listener_close(listener, STOP_SECONDS);
	worker_close(service->worker); /* seals what the last requests wrote */
	service->worker = NULL;
	log_line("info", "stopped", NULL);
	return true;
}

static bool command_migrate(struct service *service, int count, char **words, struct error *error)
{
	(void)count;
	(void)words;
	return run_migrate(service, error);
}

/* The number after an option, or `otherwise`. */
static long long option(int count, char **words, const char *name, long long otherwise,
			struct error *error)
{
	for (int i = 0; i < count; i++) {
		char *end = NULL;
		long long value = 0;

		if (strcmp(words[i], name) != 0)
			continue;
		if (i + 1 < count)
			value = strtoll(words[i + 1], &end, 10);
		if (!end || *end || end == words[i + 1] || value < 0)
			error_internal(error, ERROR_INTERNAL, "%s takes a number", name);
		return value;
	}
	return otherwise;
}

/* Every option is one there is, with its number after it. */
static bool are_options(int count, char **words, const char *const *names)
{
	for (int i = 0; i < count; i += 2) {
		const char *const *name = names;

		while (*name && strcmp(*name, words[i]) != 0)
			name++;
		if (!*name)
			return false;
	}
	return true;
}

static bool command_sample(struct service *service, int count, char **words, struct error *error)
{
	struct sample_spec spec = {
		.people = (size_t)option(count, words, "--people", 5000, error),
		.interventions = (size_t)option(count, words, "--interventions", 0, error),
		.seed = (uint64_t)option(count, words, "--seed", 1, error),
		.home = service->config.home,
	};

	if (!are_options(count, words,
			 (const char *const[]){"--people", "--interventions", "--seed", NULL}))
		return error_internal(
			error, ERROR_INTERNAL,
			"usage: lachan sample --people N --seed S [--interventions M]");
	return !error->kind && has_owner(service, error) &&
	       keyring_init(&service->keyring, service->config.master_key, error) &&
	       sample_make(service->config.owner_database_url, &service->keyring, &spec, error);
}

static bool command_config(struct service *service, int count, char **words, struct error *error)
{
	(void)service;
	(void)error;
	if (count && !strcmp(words[0], "--table"))
		config_print_table(stdout);
	else
		config_print(stdout);
	return true;
}

static bool command_openapi(struct service *service, int count, char **words, struct error *error)
{
	char *yaml = openapi_yaml("3.1.0");

	(void)service;
	(void)count;
	(void)words;
	if (!yaml)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	fputs(yaml, stdout);
	free(yaml);
	return true;
}

static bool command_keys(struct service *service, int count, char **words, struct error *error)
{
	bool is_stolen = count == 2 && !strcmp(words[1], "--now");

	if (count < 1 || strcmp(words[0], "rotate") != 0 || (count > 1 && !is_stolen))
		return error_internal(error, ERROR_INTERNAL, "usage: lachan keys rotate [--now]");
	return service_open(service, error) && tokens_rotate(service, is_stolen, error);
}

/* "12:4f…", as the log has it. */
static bool head_parse(const char *text, struct audit_head *head)
{
	char *end = NULL;

	head->seq = strtoll(text, &end, 10);
	snprintf(head->hash, sizeof head->hash, "%s", *end == ':' ? end + 1 : "");
	return head->seq > 0 && strlen(head->hash) == 64;
}

static void print_report(const struct audit_report *report)
{
	if (*report->fault)
		printf("audit: first broken link: %s\n", report->fault);
	else
		printf("audit: %lld rows in %lld batches, chain intact, %lld rows not sealed yet\n",
		       report->rows, report->batches, report->waiting);
}

static bool command_audit(struct service *service, int count, char **words, struct error *error)
{
	const struct config *config = &service->config;
	struct audit_head noted = {0};
	struct audit_report report;
	bool has_noted = count == 3 && !strcmp(words[1], "--head") && head_parse(words[2], &noted);

	if (count < 1 || strcmp(words[0], "verify") != 0 || (count > 1 && !has_noted))
		return error_internal(error, ERROR_INTERNAL,
				      "usage: lachan audit verify [--head SEQ:HASH]");
	if (!keyring_init(&service->keyring, config->master_key, error))
		return false;
	service->pool = pool_open(config->database_url, 1, 1, VERIFY_MS);
	if (!service->pool)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	if (!audit_verify(service->pool, &service->keyring, has_noted ? &noted : NULL, &report,
			  error))
		return false;
	print_report(&report);
	return !*report.fault || error_internal(error, ERROR_INTERNAL, "%s", report.fault);
}

static double seconds_since(const struct timespec *before)
{
	struct timespec after;

	clock_gettime(CLOCK_MONOTONIC, &after);
	return (double)(after.tv_sec - before->tv_sec) +
	       (double)(after.tv_nsec - before->tv_nsec) / 1e9;
}

static bool rebuild_indicators(struct pool *pool, struct error *error)
{
	struct figures_report report = {0};
	struct timespec before;
	long long rows = 0;

	clock_gettime(CLOCK_MONOTONIC, &before);
	if (!figures_rebuild(pool, false, &report, error))
		return false;
	for (int i = 0; i < report.count; i++) {
		printf("%-16s %10lld contributions\n", report.families[i].family,
		       report.families[i].rows);
		rows += report.families[i].rows;
	}
	printf("figures: %lld contributions in %.1f s\n", rows, seconds_since(&before));
	return true;
}

static void print_difference(const struct figures_difference *difference)
{
	printf("%-7s %s %s %s: %s kept, %s recounted\n", difference->what, difference->measure,
	       difference->period, difference->of, difference->kept ? difference->kept : "nothing",
	       difference->recounted ? difference->recounted : "nothing");
}

static bool verify_indicators(struct pool *pool, struct error *error)
{
	struct figures_verdict verdict;
	struct timespec before;

	clock_gettime(CLOCK_MONOTONIC, &before);
	if (!figures_verify(pool, print_difference, &verdict, error))
		return false;
	if (!verdict.is_built)
		return error_internal(error, ERROR_INTERNAL,
				      "nothing is built yet: lachan indicators rebuild");
	printf("figures: %lld measures, %lld subjects, %lld cells compared in %.1f s, "
	       "%lld differences\n",
	       verdict.measures, verdict.subjects, verdict.cells, seconds_since(&before),
	       verdict.differences);
	return !verdict.differences ||
	       error_internal(error, ERROR_INTERNAL, "%lld differences", verdict.differences);
}

static bool command_indicators(struct service *service, int count, char **words,
			       struct error *error)
{
	static const struct {
		const char *word;
		int most_ms;
		bool (*run)(struct pool *pool, struct error *error);
	} ways[] = {{"rebuild", REBUILD_MS, rebuild_indicators},
		    {"verify", VERIFY_MS, verify_indicators}};

	for (size_t i = 0; count == 1 && i < sizeof ways / sizeof *ways; i++) {
		if (strcmp(words[0], ways[i].word) != 0)
			continue;
		service->pool = pool_open(service->config.database_url, 1, 1, ways[i].most_ms);
		return service->pool ? ways[i].run(service->pool, error)
				     : error_internal(error, ERROR_INTERNAL, "out of memory");
	}
	return error_internal(error, ERROR_INTERNAL, "usage: lachan indicators rebuild|verify");
}

static const char *or_none(const char *text)
{
	return *text ? text : "–";
}

/* What passes first, then what somebody has to decide. */
static void print_reform(const struct reform_line *lines, size_t count, bool is_trial)
{
	long long passed = 0, undecided = 0;

	for (size_t i = 0; i < count; i++) {
		const struct reform_line *line = &lines[i];

		printf("%-18s %6lld  %s, %s → %s, %s%s\n", line->kind, line->records,
		       or_none(line->from_unit), or_none(line->from_organization),
		       or_none(line->to_unit), or_none(line->to_organization),
		       line->is_decided ? "" : "  (undecided)");
		*(line->is_decided ? &passed : &undecided) += line->records;
	}
	printf("reform: %lld %s, %lld undecided (/v1/reform-undecided)\n", passed,
	       is_trial ? "would pass" : "passed", undecided);
}

static bool command_reform(struct service *service, int count, char **words, struct error *error)
{
	bool is_trial = count == 2 && !strcmp(words[1], "--dry-run");
	struct reform_line *lines = NULL;
	size_t line_count = 0;

	if (count < 1 || strcmp(words[0], "apply") != 0 || (count > 1 && !is_trial))
		return error_internal(error, ERROR_INTERNAL,
				      "usage: lachan reform apply [--dry-run]");
	bool done = has_owner(service, error) && reform_apply(service->config.owner_database_url,
							      is_trial, &lines, &line_count, error);

	if (done)
		print_reform(lines, line_count, is_trial);
	free(lines);
	return done;
}

/* Asks /readyz of the service on this machine: for container engines. */
static bool command_healthcheck(struct service *service, int count, char **words,
				struct error *error)
{
	static const char ask[] =
		"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
	const char *bind = service->config.bind;
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)service->config.port)};
	struct timeval patience = {.tv_sec = 5};
	char answer[16] = "";
	int http = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)count;
	(void)words;
	inet_pton(AF_INET, strcmp(bind, "0.0.0.0") != 0 ? bind : "127.0.0.1", &address.sin_addr);
	setsockopt(http, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	bool is_ready = !connect(http, (struct sockaddr *)&address, sizeof address) &&
			send(http, ask, sizeof ask - 1, MSG_NOSIGNAL) > 0 &&
			recv(http, answer, 12, MSG_WAITALL) == 12 && !strcmp(answer + 9, "200");

	close(http);
	return is_ready || error_internal(error, ERROR_UNAVAILABLE, "not ready at %s:%d", bind,
					  service->config.port);
}

static const struct command {
	const char *name;
	int most; /* words after it */
	const char *about;
	bool (*run)(struct service *service, int count, char **words, struct error *error);
} commands[] = {
	{"serve", 0, "serve requests until SIGTERM", command_serve},
	{"migrate", 0, "bring the database to this program's schema", command_migrate},
	{"sample", 6, "--people N --seed S [--interventions M]: synthetic data and accounts",
	 command_sample},
	{"keys", 2,
	 "rotate [--now]: a new key, told now, signs after LACHAN_KEY_LEAD_SECONDS; --now: the "
	 "others were stolen, take no token of theirs any more",
	 command_keys},
	{"audit", 3, "verify [--head SEQ:HASH]: names the first broken link of the audit's chain",
	 command_audit},
	{"reform", 2,
	 "apply [--dry-run]: what is open passes from units and organisations that ended",
	 command_reform},
	{"indicators", 1,
	 "rebuild: every figure anew, from the records; verify: names what the records tell "
	 "otherwise",
	 command_indicators},
	{"config", 1, "list every setting; --table: as Markdown", command_config},
	{"openapi", 0, "print openapi.yaml", command_openapi},
	{"healthcheck", 0, "exit 0 when the service on this machine is ready", command_healthcheck},
};

static void print_commands(FILE *out)
{
	fputs("usage: lachan COMMAND\n", out);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].about);
}

static bool is_asking(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
}

/* What was meant, or NULL when it has been told how it is done; `status` is what that ends with. */
static const struct command *command_of(int count, char **words, int *status)
{
	const struct command *command = NULL;
	bool asks = count > 1 && is_asking(words[count - 1]);

	for (size_t i = 0; count > 1 && i < sizeof commands / sizeof *commands; i++)
		if (!strcmp(commands[i].name, words[1]))
			command = &commands[i];
	if (command && !asks && count - 2 <= command->most)
		return command;
	*status = asks ? 0 : 2;
	if (count > 1 && !asks && !command)
		fprintf(stderr, "lachan: there is no command %s\n", words[1]);
	if (command)
		fprintf(asks ? stdout : stderr, "usage: lachan %s\n  %s\n", command->name,
			command->about);
	else
		print_commands(asks ? stdout : stderr);
	return NULL;
}

int main(int count, char **words)
{
	static struct service service;
	struct error error = {0};
	int status = 0;
	const struct command *command = command_of(count, words, &status);

	if (!command)
		return status;
	signal(SIGPIPE, SIG_IGN);
	/* Keys and passwords are in this memory: no core of it, no debugger of the same user. */
	prctl(PR_SET_DUMPABLE, 0);
	bool done = config_read(&service.config, &error) &&
		    command->run(&service, count - 2, words + 2, &error);

	if (!done)
		log_line("error", command->name, "cause",
			 *error.internal ? error.internal : error.code, NULL);
	service_close(&service);
	error_release(&error);
	return done ? 0 : 1;
}
