/* Runs every suite against one service; what it logs counts as well. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support.h"

/* A row for each tests/test_<module>.c. */
/* clang-format off */
#define SUITES(suite) \
	suite(support) \
	suite(command) \
	suite(audit_chain) \
	suite(field) \
	suite(resource) \
	suite(text) \
	suite(unicode) \
	suite(period) \
	suite(uuid) \
	suite(secret) \
	suite(plan) \
	suite(message) \
	suite(records) \
	suite(contract) \
	suite(list) \
	suite(law) \
	suite(access) \
	suite(accounts) \
	suite(policies) \
	suite(audit) \
	suite(custody) \
	suite(reports) \
	suite(rights) \
	suite(reform) \
	suite(duplicates) \
	suite(changes) \
	suite(token) \
	suite(hostile) \
	suite(race) \
	suite(crash) \
	suite(indicator) \
	suite(privacy) \
	suite(subtraction) \
	suite(figures) \
	suite(histories) \
	suite(matrix) \
	suite(disclosure) \
	suite(recount)

/* clang-format on */
#define DECLARE(name) Suite *name##_suite(void);
#define ADD(name) srunner_add_suite(runner, name##_suite());

SUITES(DECLARE)

/* The processes of tests end without freeing; what leaks in the service is its own report. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

/* No request of any test may bring about what is the service's own fault. */
static bool has_failed(const struct server *server)
{
	char *line = server_logged(server, "\"status\":\"500\"");

	if (line)
		fprintf(stderr, "the service failed: %s\n", line);
	return line != NULL;
}

int main(void)
{
	static struct server server;
	SRunner *runner = srunner_create(NULL);

	signal(SIGPIPE, SIG_IGN);
	setenv("LACHAN_TODAY", TODAY, 1);
	sql(AS_SUPERUSER, "ALTER DATABASE lachan SET lachan.today = '%s'", TODAY);
	server_start(&server, NULL);
	http_use(server.port);
	SUITES(ADD)

	/* CK_RUN_SUITE and CK_RUN_CASE choose, CK_VERBOSITY tells more. */
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);

	srunner_free(runner);
	if (has_failed(&server))
		failed++;
	if (!server_stop(&server))
		failed++;
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
