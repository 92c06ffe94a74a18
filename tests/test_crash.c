/* Whatever is killed between a write and what follows from it, no figure is wrong afterwards. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"
#include "uuid.h"

enum { KILLS = 50, LOOKS = 5, WRITERS = 3, SAMPLE = 100, WRITES_MOST = 100000 };

/* A PostgreSQL and a service of the test's own. */
static struct {
	FILE *script;
	pid_t postmaster;
	struct server service;
	char port[24];
} own;

static void database_start(const char *directory)
{
	char socket[128];

	own.script = popen(text_of("exec tests/cluster.sh %s/postgres", directory), "r");
	ck_assert_int_eq(fscanf(own.script, "%d %127s", &own.postmaster, socket), 2);
	setenv("LACHAN_DATABASE_URL",
	       text_of("postgresql://lachan_service@/lachan?host=%s", socket), 1);
	setenv("LACHAN_OWNER_DATABASE_URL",
	       text_of("postgresql://lachan_owner@/lachan?host=%s", socket), 1);
	setenv("LACHAN_ADMIN_DATABASE_URL",
	       text_of("postgresql://postgres@/lachan?host=%s", socket), 1);
}

static void database_end(int signal)
{
	kill(own.postmaster, signal);
	pclose(own.script);
}

static void service_start(void)
{
	const char *const settings[] = {*own.port ? own.port : NULL, NULL};

	server_start(&own.service, settings);
	snprintf(own.port, sizeof own.port, "LACHAN_PORT=%d", own.service.port);
}

static char *run(const char *words)
{
	char *said;

	ck_assert_msg(lachan(words, &said) == 0, "%s: %s", words, said);
	return said;
}

static void all_start(void)
{
	char *directory = text_of("%s/crash", getenv("LACHAN_HOME"));

	mkdir(directory, 0711);
	database_start(directory);
	setenv("LACHAN_HOME", directory, 1);
	run("migrate");
	sql(AS_SUPERUSER, "ALTER DATABASE lachan SET lachan.today = '%s'", TODAY);
	run(text_of("sample --people %d --seed 1", SAMPLE));
	service_start();
	http_use(own.service.port);
}

static char *log_in(void)
{
	char line[512], *word = NULL;
	FILE *accounts = fopen(text_of("%s/accounts.csv", getenv("LACHAN_HOME")), "r");

	while (!word && fgets(line, sizeof line, accounts))
		if (!strncmp(line, "a01.admin,", 10))
			word = strtok_r(line + 10, ",", &(char *){NULL});
	fclose(accounts);
	struct http answer = http_post(
		NULL, "/v1/auth/login",
		json_pack("{ssss}", "username", "a01.admin", "password", word));

	assert_status(answer, 200);
	return strdup(http_text(&answer, "access_token"));
}

/* The load */

static struct {
	const char *token;
	char people[SAMPLE][37];
	atomic_bool is_over;
	atomic_int kept, answered;
	char (*ids)[37]; /* of every intervention that was answered by 201 */
} load;

static struct http send_one(const char *method, const char *path, const char *body)
{
	char key[37];

	uuid_make(key);
	char *bytes = text_of("%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
			      "Authorization: Bearer %s\r\nPurpose: case_management\r\n"
			      "Idempotency-Key: %s\r\nIf-Match: *\r\nContent-Type: %s\r\n"
			      "Content-Length: %zu\r\n\r\n%s",
			      method, path, load.token, key,
			      *method == 'P' && method[1] == 'A' ? "application/merge-patch+json"
								 : "application/json",
			      strlen(body), body);
	struct http answer = raw_send(bytes, strlen(bytes), 10);

	free(bytes);
	atomic_fetch_add(&load.answered, answer.status >= 200 && answer.status < 300);
	return answer;
}

/* Interventions that begin, end and are voided, and people who move and whose birth is corrected.
 */
static void write_once(unsigned *dice)
{
	static const char *const kinds[] = {"counselling", "screening", "behaviour_education",
					    "mentoring", "employment"};
	static const char *const communes[] = {"2025-24121", "2025-24133", "2025-24163"};
	const char *person = load.people[rand_r(dice) % SAMPLE];
	unsigned month = 1 + rand_r(dice) % 11, kind = rand_r(dice) % 5;
	struct http answer = send_one(
		"POST", "/v1/interventions",
		text_of("{\"person\":\"%s\",\"kind\":\"%s\",\"status\":\"in_progress\","
			"\"starts_on\":\"2026-%02u-01\"}",
			person, kinds[kind], month));
	const char *id = answer.status == 201 ? http_text(&answer, "id") : NULL;
	int place = id ? atomic_fetch_add(&load.kept, 1) : WRITES_MOST;

	if (place < WRITES_MOST)
		memcpy(load.ids[place], id, 37);
	if (id && rand_r(dice) % 3 == 0)
		send_one("PATCH", text_of("/v1/interventions/%s", id),
			 text_of("{\"status\":\"completed\",\"ends_on\":\"2026-%02u-20\"}", month));
	if (rand_r(dice) % 5 == 0)
		send_one("PATCH", text_of("/v1/people/%s", person),
			 text_of("{\"unit\":\"%s\"}", communes[rand_r(dice) % 3]));
	if (rand_r(dice) % 5 == 0)
		send_one("PATCH", text_of("/v1/people/%s", person),
			 text_of("{\"date_of_birth\":\"%u-06-14\"}", 1990 + rand_r(dice) % 20));
	if (id && rand_r(dice) % 7 == 0)
		send_one("DELETE", text_of("/v1/interventions/%s?reason=entered_in_error", id), "");
}

static void *write_on(void *data)
{
	unsigned dice = (unsigned)(uintptr_t)data;

	while (!atomic_load(&load.is_over)) {
		write_once(&dice);
		usleep(5000);
	}
	return NULL;
}

static void people_read(void)
{
	PGresult *result = PQexec(sql_open(AS_SUPERUSER), "SELECT id FROM people ORDER BY id");

	ck_assert_int_ge(PQntuples(result), SAMPLE);
	for (int i = 0; i < SAMPLE; i++)
		snprintf(load.people[i], sizeof *load.people, "%s", PQgetvalue(result, i, 0));
	PQclear(result);
}

/* True when something was left to refresh. */
static bool service_kill_and_start(void)
{
	server_kill(&own.service);
	bool is_waiting = sql_number(AS_SUPERUSER, "SELECT count(*) FROM contribution_queue") > 0;

	service_start();
	return is_waiting;
}

/* The service goes on by itself when its database is there again. */
static void database_kill_and_start(const char *directory)
{
	database_end(SIGKILL);
	database_start(directory);
	PQreset(sql_open(AS_SUPERUSER));
}

static void rounds_run(const char *directory)
{
	unsigned dice = 62;
	int waiting = 0, answered = 0, busy = 0;

	for (int turn = 0; turn < KILLS; turn++) {
		usleep(50000 + (useconds_t)(rand_r(&dice) % 200000));
		if (turn % 2)
			waiting += service_kill_and_start();
		else
			database_kill_and_start(directory);
		if (turn % LOOKS == 0) /* also while others write */
			run("indicators verify");
		busy += atomic_load(&load.answered) > answered;
		answered = atomic_load(&load.answered);
	}
	printf("crash: %d kills, half of PostgreSQL, %d of the service with something to refresh; "
	       "%d writes answered\n",
	       KILLS, waiting, answered);
	ck_assert_int_gt(waiting, KILLS / 10);
	ck_assert_int_gt(busy, KILLS / 2);
}

static void expect_all_kept(void)
{
	int kept = atomic_load(&load.kept);

	for (int i = 0; i < kept && i < WRITES_MOST; i++)
		ck_assert_int_eq(sql_number(AS_SUPERUSER,
					    "SELECT count(*) FROM interventions WHERE id = '%s'",
					    load.ids[i]),
				 1);
}

START_TEST(no_kill_leaves_a_figure_wrong_or_a_write_lost)
{
	int shared = http_port();
	pthread_t threads[WRITERS];

	all_start();
	people_read();
	load.token = log_in();
	load.ids = calloc(WRITES_MOST, sizeof *load.ids);
	for (uintptr_t i = 0; i < WRITERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, write_on, (void *)(i + 1)), 0);
	rounds_run(getenv("LACHAN_HOME"));
	atomic_store(&load.is_over, true);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	expect_all_kept();
	figures_settle();
	run("indicators verify");
	run("audit verify");
	ck_assert(server_stop(&own.service));
	database_end(SIGINT);
	http_use(shared);
}
END_TEST

Suite *crash_suite(void)
{
	Suite *suite = suite_create("crash");
	TCase *cases = tcase_create("crash");

	tcase_set_timeout(cases, 600);
	tcase_add_test(cases, no_kill_leaves_a_figure_wrong_or_a_write_lost);
	suite_add_tcase(suite, cases);
	return suite;
}
