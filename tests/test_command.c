/* The program at a terminal. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store.h"
#include "support.h"

static const struct {
	const char *words;
	int status;
	const char *says;
} spoken[] = {
	{"--help", 0, "usage: lachan COMMAND\n  serve "},
	{"-h", 0, "usage: lachan COMMAND\n"},
	{"help", 0, "usage: lachan COMMAND\n"},
	{"", 2, "usage: lachan COMMAND\n"},
	{"sevre", 2, "lachan: there is no command sevre\nusage: lachan COMMAND\n"},
	{"keys --help", 0, "usage: lachan keys\n  rotate [--now]: "},
	{"serve --port 80", 2, "usage: lachan serve\n"},
	{"openapi --x", 2, "usage: lachan openapi\n"},
	{"sample --peeple 5", 1, "usage: lachan sample --people N"},
	{"keys", 1, "usage: lachan keys rotate [--now]"},
	{"keys rotate --later", 1, "usage: lachan keys rotate [--now]"},
	{"config", 0, "LACHAN_PORT="},
};

START_TEST(a_word_that_is_not_known_is_told)
{
	char *said;
	int status = lachan(spoken[_i].words, &said);

	ck_assert_msg(status == spoken[_i].status && strstr(said, spoken[_i].says), "%d: %s",
		      status, said);
}
END_TEST

static const struct {
	const char *words, *without, *says;
} lacking[] = {
	{"migrate", "LACHAN_OWNER_DATABASE_URL", "LACHAN_OWNER_DATABASE_URL is not set"},
	{"sample --people 5", "LACHAN_OWNER_DATABASE_URL", "LACHAN_OWNER_DATABASE_URL is not set"},
	{"reform apply", "LACHAN_OWNER_DATABASE_URL", "LACHAN_OWNER_DATABASE_URL is not set"},
	{"audit verify", "LACHAN_MASTER_KEY", "LACHAN_MASTER_KEY is not set"},
	{"keys rotate", "LACHAN_MASTER_KEY", "LACHAN_MASTER_KEY is not set"},
};

START_TEST(a_setting_that_is_missing_is_named)
{
	char *said;

	unsetenv(lacking[_i].without);
	ck_assert_int_eq(lachan(lacking[_i].words, &said), 1);
	ck_assert_msg(strstr(said, lacking[_i].says) != NULL, "%s", said);
}
END_TEST

START_TEST(the_public_address_follows_the_port)
{
	char *said;

	unsetenv("LACHAN_PUBLIC_URL");
	setenv("LACHAN_PORT", "8123", 1);
	ck_assert_int_eq(lachan("config", &said), 0);
	ck_assert_msg(strstr(said, "LACHAN_PUBLIC_URL=http://127.0.0.1:8123\n") != NULL, "%s",
		      said);
}
END_TEST

/* Beside `make run` a command needs no more than the directory of state, also a relative one. */
START_TEST(a_command_finds_the_private_database_and_its_key)
{
	char home[] = "/tmp/lachan-home.XXXXXX", *said;
	const char *socket = strstr(getenv("LACHAN_DATABASE_URL"), "host=") + 5;

	ck_assert_ptr_nonnull(mkdtemp(home));
	ck_assert_int_eq(mkdir(text_of("%s/postgres", home), 0700), 0);
	ck_assert_int_eq(symlink(socket, text_of("%s/postgres/socket", home)), 0);
	FILE *key = fopen(text_of("%s/master.key", home), "w");

	fputs(getenv("LACHAN_MASTER_KEY"), key);
	fclose(key);
	setenv("LACHAN_HOME", home + sizeof "/tmp/" - 1, 1);
	unsetenv("LACHAN_DATABASE_URL");
	unsetenv("LACHAN_MASTER_KEY");
	char *build = realpath(getenv("BUILD") ? getenv("BUILD") : ".build", NULL);

	setenv("BUILD", build, 1);
	ck_assert_int_eq(chdir("/tmp"), 0);
	int status = lachan("audit verify", &said);

	unlink(text_of("%s/master.key", home));
	unlink(text_of("%s/postgres/socket", home));
	rmdir(text_of("%s/postgres", home));
	rmdir(home);
	ck_assert_msg(status == 0 && strstr(said, "chain intact"), "%d: %s", status, said);
}
END_TEST

/* What the database says beside its answer; of its detail nothing. */
static const struct {
	const char *severity, *level;
} said_beside[] = {{"WARNING", "warning"}, {"NOTICE", "info"}};

START_TEST(what_the_database_says_beside_its_answer_is_a_line_of_the_log)
{
	char *raise = text_of("DO $$ BEGIN RAISE %s 'a \"quoted\"\nmessage' USING DETAIL = "
			      "'of somebody'; END $$",
			      said_beside[_i].severity);
	const struct statement statement = {raise, 0, {0}};
	struct pool *pool = pool_open(getenv("LACHAN_DATABASE_URL"), 1, 1, 5000);
	struct error error = {0};
	auto_result result = NULL;
	FILE *log = tmpfile();
	char line[512] = "", next[2];
	int terminal = dup(STDERR_FILENO);

	dup2(fileno(log), STDERR_FILENO);
	bool is_done = store_one(pool, FAST, NULL, false, &statement, &result, &error);

	dup2(terminal, STDERR_FILENO);
	pool_close(pool);
	ck_assert_msg(is_done, "%s", error.internal);
	rewind(log);
	ck_assert_ptr_nonnull(fgets(line, sizeof line, log));
	ck_assert_ptr_null(fgets(next, sizeof next, log));
	json_auto_t *told = json_loads(line, 0, NULL);

	ck_assert_msg(told != NULL, "%s", line);
	ck_assert_pstr_eq(json_string_value(json_object_get(told, "level")), said_beside[_i].level);
	ck_assert_pstr_eq(json_string_value(json_object_get(told, "cause")),
			  "a \"quoted\"\nmessage");
	ck_assert_ptr_null(strstr(line, "somebody"));
}
END_TEST

/* Which has the master key, the signing keys, and what people sent. */
START_TEST(a_service_that_dies_leaves_no_copy_of_its_memory)
{
	const struct rlimit endless = {RLIM_INFINITY, RLIM_INFINITY};
	struct server doomed;
	int status = 0;

	setenv("BUILD", realpath(getenv("BUILD"), NULL), 1);
	ck_assert_int_eq(chdir(getenv("LACHAN_HOME")), 0); /* here `core` is a directory */
	ck_assert_int_eq(setrlimit(RLIMIT_CORE, &endless), 0);
	server_start(&doomed, NULL);
	kill(doomed.pid, SIGABRT);
	ck_assert_int_eq(waitpid(doomed.pid, &status, 0), doomed.pid);
	ck_assert(WIFSIGNALED(status) && !WCOREDUMP(status));
}
END_TEST

/* What the script prints, whether it ends well or not. */
static char *bash(const char *script)
{
	static char said[1024];
	FILE *process;
	size_t length;

	setenv("LACHAN_TEST_SCRIPT", script, 1);
	process = popen("bash -c \"$LACHAN_TEST_SCRIPT\" 2>&1", "r");
	length = fread(said, 1, sizeof said - 1, process);
	pclose(process);
	said[length] = '\0';
	return said;
}

/* What the name of the socket, which is PostgreSQL's user's to change, may lead to: the words make
 * `target` below the directory of the test, $1, or beside it in /tmp. */
static const struct {
	const char *target, *made_by;
	bool is_removed;
} sockets[] = {
	{"/tmp/lachan-socket.$name", "mkdir $target; chown --reference=$1 $target", true},
	{"$1/victim", "mkdir $target; chown --reference=$1 $target", false},
	{"/tmp/lachan-socket.$name/../lachan-victim.$name",
	 "mkdir /tmp/lachan-socket.$name $target; chown --reference=$1 $target", false},
	{"/tmp/lachan-socket.$name", "mkdir $1/victim; ln -s $1/victim $target", false},
	{"/tmp/lachan-socket.$name", "touch $target; chown --reference=$1 $target", false},
	{"/tmp/lachan-socket.$name-more", "mkdir $target; chown --reference=$1 $target", false},
	{"/tmp/lachan-socket.$name", "mkdir $target; chown 4711 $target", false},
};

START_TEST(nothing_but_our_own_short_directory_is_removed_with_the_socket)
{
	char script[2048];

	if (geteuid() != 0)
		return; /* one user cannot make what is another's */
	snprintf(script, sizeof script,
		 "set -eu; . db/cluster.sh; set -- $(mktemp -d /tmp/lachan-cluster.XXXXXX); "
		 "name=${1##*.}\n"
		 "target=%s; cluster_become $1; %s\n"
		 "ln -s $target $1/socket; touch $target/kept 2>/dev/null || true\n"
		 "cluster_find_socket $1; [ -d $cluster_socket ]; [ ! -L $1/socket ]\n"
		 "[ -O $cluster_socket ] && echo of root; [ -e $target ] && echo kept || echo "
		 "removed\n"
		 "rm -rf $1 /tmp/lachan-socket.$name* /tmp/lachan-victim.$name\n",
		 sockets[_i].target, sockets[_i].made_by);
	ck_assert_str_eq(bash(script), sockets[_i].is_removed ? "removed\n" : "kept\n");
}
END_TEST

/* What a run that was interrupted left, and what is told of the secrets after two more. */
static const struct {
	const char *left, *told;
} interrupted[] = {
	{"", "64 64 in-url same"},
	{": >master_key; : >owner_password", "64 64 in-url same"},
	{": >owner_password; echo postgresql://lachan_owner:@postgres/lachan >owner_database_url",
	 "64 64 in-url same"},
	{"printf kept >owner_password", "64 4 in-url same"},
	{"printf half >master_key.new", "64 64 in-url same"},
};

START_TEST(secrets_are_whole_after_a_run_that_was_interrupted)
{
	char script[1024];

	snprintf(script, sizeof script,
		 "set -eu; makefile=$PWD/Makefile; cd $(mktemp -d $LACHAN_HOME/secrets.XXXXXX)\n"
		 "mkdir .secrets; (cd .secrets; %s)\n"
		 "secrets() { sleep 0.02; make -s -f $makefile secrets; (cd .secrets; cat *) | "
		 "sha256sum; }\n"
		 "first=$(secrets); second=$(secrets); cd .secrets\n"
		 "echo $(stat -c %%s master_key owner_password)"
		 " $(grep -q $(cat owner_password)@ owner_database_url && echo in-url)"
		 " $([ \"$first\" = \"$second\" ] && echo same)\n",
		 *interrupted[_i].left ? interrupted[_i].left : "true");
	ck_assert_str_eq(bash(script), text_of("%s\n", interrupted[_i].told));
}
END_TEST

/* Whoever tries the system finds no target that says nothing. */
START_TEST(the_sample_has_figures_for_each_target)
{
	char *said;

	database_made("sampled");
	setenv("LACHAN_HOME", text_of("%s/sampled", getenv("LACHAN_HOME")), 1);
	ck_assert_int_eq(mkdir(getenv("LACHAN_HOME"), 0700), 0);
	setenv("LACHAN_OWNER_DATABASE_URL", url_beside("LACHAN_OWNER_DATABASE_URL", "sampled"), 1);
	setenv("LACHAN_DATABASE_URL", url_beside("LACHAN_DATABASE_URL", "sampled"), 1);
	ck_assert_msg(!lachan("migrate", &said), "%s", said);
	ck_assert_msg(!lachan("sample --people 1000 --seed 2", &said), "%s", said);
	PGconn *pg = PQconnectdb(url_beside("LACHAN_ADMIN_DATABASE_URL", "sampled"));
	/* I.2.a and I.2.b are reckoned from I.1.a and I.1.b. */
	PGresult *silent = PQexec(pg, "SELECT string_agg(code, ' ' ORDER BY code) FROM targets "
				      "WHERE NOT EXISTS (SELECT FROM cells WHERE measure LIKE "
				      "targets.code || ':%')");

	ck_assert_str_eq(PQgetvalue(silent, 0, 0), "I.2.a I.2.b");
	PQclear(silent);
	PQfinish(pg);
	ck_assert_msg(!lachan("indicators verify", &said), "%s", said);
	sql(AS_SUPERUSER, "DROP DATABASE sampled");
}
END_TEST

Suite *command_suite(void)
{
	Suite *suite = suite_create("command");
	TCase *cases = tcase_create("command"), *sample = tcase_create("sample");

	tcase_set_timeout(cases, 20);
	tcase_set_timeout(sample, 120);
	add_rows(cases, a_word_that_is_not_known_is_told, spoken);
	add_rows(cases, a_setting_that_is_missing_is_named, lacking);
	tcase_add_test(cases, the_public_address_follows_the_port);
	tcase_add_test(cases, a_command_finds_the_private_database_and_its_key);
	add_rows(cases, what_the_database_says_beside_its_answer_is_a_line_of_the_log, said_beside);
	tcase_add_test(cases, a_service_that_dies_leaves_no_copy_of_its_memory);
	add_rows(cases, nothing_but_our_own_short_directory_is_removed_with_the_socket, sockets);
	add_rows(cases, secrets_are_whole_after_a_run_that_was_interrupted, interrupted);
	tcase_add_test(sample, the_sample_has_figures_for_each_target);
	suite_add_tcase(suite, cases);
	suite_add_tcase(suite, sample);
	return suite;
}
