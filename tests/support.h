/* What the tests stand on: the service as a process of its own, accounts, SQL, and records made
 * over HTTP. Each test is a process: what these functions allocate ends with it. */
#ifndef LACHAN_TESTS_SUPPORT_H
#define LACHAN_TESTS_SUPPORT_H

#include <check.h>
#include <libpq-fe.h>
#include <sys/types.h>

#include "access.h"
#include "http.h"
#include "secret.h"

/* The day on which every test takes place, in C and in the database. */
#define TODAY "2026-11-24"

/* A test for each row of a table; _i is the row. */
#define add_rows(cases, test, table)                                                               \
	tcase_add_loop_test(cases, test, 0, (int)(sizeof(table) / sizeof *(table)))

/* The service */

struct server {
	pid_t pid;
	int port;
	char log[256]; /* the file that its log goes to */
};

/* Starts $BUILD/lachan serve, with limits out of the way and further settings "NAME=value", up to
 * NULL; waits until it serves. What fails here ends the test. */
void server_start(struct server *server, const char *const *settings);
/* SIGTERM; true when it ends by itself with 0 and its log has no report of a sanitizer. */
bool server_stop(struct server *server);
void server_kill(struct server *server);
/* The first line of its log with the text, NULL when there is none. */
char *server_logged(const struct server *server, const char *text);
int server_log_count(const struct server *server, const char *text);

/* Accounts: made and logged in at the first use, then the same for all tests. */

/* An agency's seat; 119 is agency 19 in another commune. */
enum { OTHER_COMMUNE = 119, COMMUNE = 19, PROVINCE = 1 };
#define COMMUNE_UNIT "2025-24121"
#define OTHER_UNIT "2025-24133"
#define BORDER_UNIT "2025-24214"

const char *token(int agency, enum role role);
/* What was signed until now is taken no more: whoever asks for a token next is logged in again. */
void tokens_forget(void);
const char *organization_of(int agency);
const char *unit_of(int agency);
/* The name and password of the account behind the token. */
const char *username_of(int agency, enum role role);
extern const char password[];
const struct keyring *keyring(void);
/* A token of a new system client with these scopes. */
const char *client_token(int agency, const char *scopes, const char *purpose);

/* SQL. `format` is as for printf; a failure ends the test. */

enum database_role { AS_SERVICE, AS_OWNER, AS_SUPERUSER };

PGconn *sql_open(enum database_role as);
/* The first value of the answer of the last statement; NULL when null or no row. */
char *sql(enum database_role as, const char *format, ...) __attribute__((format(printf, 2, 3)));
long long sql_number(enum database_role as, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same as the service with a forged identity; the SQLSTATE when it fails, else NULL. */
const char *sql_forged(int agency, enum role role, char **value, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A database of the test's own beside the others, made anew and empty. */
void database_made(const char *name);
/* The address of one, for whom the variable has the address of the common one. */
char *url_beside(const char *variable, const char *database);

/* Records */

/* A minimal valid person, changed by the members of `changes` (null takes one out). */
json_t *person(const char *changes);
/* Creates it and gives its id; anything but 201 ends the test. */
char *made(const char *with_token, const char *path, json_t *take_body);
/* A person in the commune of agency 19, made by its officer. */
char *person_made(const char *changes);
char *etag_of(const char *with_token, const char *path);
/* Runs the program with the words; its exit status, and what it printed. */
int lachan(const char *words, char **said);
/* `prefix` and something that no other test has. */
char *unique(const char *prefix);
size_t count_of(const struct http *list);
/* Waits until the figures know of everything that was written before; 10 s at most. */
void figures_settle(void);

#endif
