/* What the tests stand on: the service as a process of its own, accounts, SQL, records. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "accounts.h"
#include "text.h"
#include "uuid.h"

extern char **environ;

/* The service */

static const char *const out_of_the_way[] = {
	"LACHAN_PORT=0",
	"LACHAN_RATE_PER_SECOND=1000000",
	"LACHAN_RATE_BURST=10000000",
	"LACHAN_LOGIN_RATE_PER_MINUTE=1000000",
	"LACHAN_NUMBER_SEARCHES_PER_HOUR=1000000",
	"LACHAN_TODAY=" TODAY,
	"LACHAN_OWNER_DATABASE_URL=", /* serving needs no rights but the service's */
	NULL,
};

static void pause_ms(long ms)
{
	const struct timespec moment = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&moment, NULL);
}

static void become_service(const struct server *server, const char *const *settings)
{
	const char *build = getenv("BUILD");
	char program[512];
	int log = open(server->log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(log, STDERR_FILENO);
	dup2(log, STDOUT_FILENO);
	for (int i = 0; out_of_the_way[i]; i++)
		putenv((char *)(uintptr_t)out_of_the_way[i]);
	for (int i = 0; settings && settings[i]; i++)
		putenv((char *)(uintptr_t)settings[i]);
	snprintf(program, sizeof program, "%s/lachan", build ? build : ".build");
	execl(program, program, "serve", NULL);
	_exit(127);
}

static char *file_text(const char *path)
{
	auto_text text = {0};
	char bytes[65536];
	FILE *file = fopen(path, "r");
	size_t length;

	while (file && (length = fread(bytes, 1, sizeof bytes, file)))
		text_add_bytes(&text, bytes, length);
	if (file)
		fclose(file);
	return text_take(&text);
}

char *server_logged(const struct server *server, const char *text)
{
	char *log = file_text(server->log), *found = strstr(log, text), *line = NULL;

	if (found) {
		while (found > log && found[-1] != '\n')
			found--;
		line = strndup(found, strcspn(found, "\n"));
	}
	free(log);
	return line;
}

int server_log_count(const struct server *server, const char *text)
{
	char *log = file_text(server->log);
	int count = 0;

	for (const char *at = log; (at = strstr(at, text)); at++)
		count++;
	free(log);
	return count;
}

void server_start(struct server *server, const char *const *settings)
{
	static int count;
	const char *home = getenv("LACHAN_HOME");
	char *line = NULL, *port;

	snprintf(server->log, sizeof server->log, "%s/service-%d-%d.log", home ? home : "/tmp",
		 (int)getpid(), count++);
	server->pid = fork();
	if (!server->pid)
		become_service(server, settings);
	for (int i = 0; i < 3000 && !line && !waitpid(server->pid, NULL, WNOHANG); i++) {
		pause_ms(10);
		line = server_logged(server, "\"serving\"");
	}
	port = line ? strstr(line, "\"port\":\"") : NULL;
	if (!port) {
		fprintf(stderr, "the service does not start:\n%s\n", file_text(server->log));
		abort();
	}
	server->port = (int)strtol(port + 8, NULL, 10);
	free(line);
}

static bool has_report(const struct server *server)
{
	static const char *const signs[] = {"ERROR: AddressSanitizer", "ERROR: LeakSanitizer",
					    "WARNING: ThreadSanitizer", "runtime error:"};
	bool found = false;

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		char *line = server_logged(server, signs[i]);

		if (line) {
			fprintf(stderr, "%s: %s\n", server->log, line);
			found = true;
		}
		free(line);
	}
	return found;
}

bool server_stop(struct server *server)
{
	int status = 0;
	pid_t ended = 0;

	kill(server->pid, SIGTERM);
	for (int i = 0; i < 3000 && !ended; i++) {
		ended = waitpid(server->pid, &status, WNOHANG);
		if (!ended)
			pause_ms(10);
	}
	if (!ended) {
		fputs("the service does not stop\n", stderr);
		server_kill(server);
		return false;
	}
	if (status)
		fprintf(stderr, "the service ended with %#x, not 0\n", (unsigned)status);
	return !has_report(server) && !status;
}

void server_kill(struct server *server)
{
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
}

/* SQL */

PGconn *sql_open(enum database_role as)
{
	static const char *const urls[] = {[AS_SERVICE] = "LACHAN_DATABASE_URL",
					   [AS_OWNER] = "LACHAN_OWNER_DATABASE_URL",
					   [AS_SUPERUSER] = "LACHAN_ADMIN_DATABASE_URL"};
	static struct {
		PGconn *pg;
		pid_t owner;
	} open[3];

	if (!open[as].pg || open[as].owner != getpid()) {
		open[as].pg = PQconnectdb(getenv(urls[as]));
		open[as].owner = getpid();
	}
	require(PQstatus(open[as].pg) == CONNECTION_OK, "%s", PQerrorMessage(open[as].pg));
	return open[as].pg;
}

/* The SQLSTATE of a failure, or NULL. */
static const char *run(PGconn *pg, const char *text, char **value, char **message)
{
	PGresult *result = PQexec(pg, text);
	ExecStatusType status = PQresultStatus(result);
	const char *state = NULL;

	*value = NULL;
	if (status == PGRES_TUPLES_OK && PQntuples(result) && !PQgetisnull(result, 0, 0))
		*value = strdup(PQgetvalue(result, 0, 0));
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
		state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
		state = strdup(state ? state : "?");
		*message = strdup(PQresultErrorMessage(result));
	}
	PQclear(result);
	return state;
}

static char *print(const char *format, va_list arguments)
{
	char *text = NULL;

	return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}

char *sql(enum database_role as, const char *format, ...)
{
	va_list arguments;
	char *value, *message = NULL;

	va_start(arguments, format);
	char *text = print(format, arguments);
	va_end(arguments);
	require(!run(sql_open(as), text, &value, &message), "%s: %s", message, text);
	free(text);
	return value;
}

long long sql_number(enum database_role as, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *text = print(format, arguments);
	va_end(arguments);
	const char *value = sql(as, "%s", text);

	free(text);
	return value ? strtoll(value, NULL, 10) : 0;
}

const char *sql_forged(int agency, enum role role, char **value, const char *format, ...)
{
	va_list arguments;
	char *message = NULL;

	va_start(arguments, format);
	char *text = print(format, arguments);
	va_end(arguments);
	char *within = sql(AS_OWNER, "SELECT territory('%s')", unit_of(agency));
	char *all = text_of(
		"SELECT set_config('lachan.user', '00000000-0000-7000-8000-%012d', true), "
		"set_config('lachan.organization', '%s', true), set_config('lachan.agency', '%d', "
		"true), set_config('lachan.role', '%s', true), set_config('lachan.unit', '%s', "
		"true), "
		"set_config('lachan.units', '%s', true), set_config('lachan.caller', "
		"'(00000000-0000-7000-8000-%012d,%s,,,,,)', true); %s",
		agency, organization_of(agency), agency % 100, role_names[role], unit_of(agency),
		within, agency, organization_of(agency), text);
	const char *state = run(sql_open(AS_SERVICE), all, value, &message);

	free(text);
	free(within);
	free(all);
	free(message);
	return state;
}

/* Accounts */

static const struct seat {
	int agency;
	const char *organization, *unit;
} seats[] = {
	{0, "cong_an_tinh", "2025-66"},
	{1, "cong_an_tinh", "2025-66"},
	{2, "so_giao_duc_dao_tao", "2025-66"},
	{3, "ban_chi_huy_bo_doi_bien_phong_tinh", "2025-66"},
	{4, "so_noi_vu", "2025-66"},
	{5, "so_y_te", "2025-66"},
	{6, "so_khoa_hoc_cong_nghe", "2025-66"},
	{7, "so_van_hoa_the_thao_du_lich", "2025-66"},
	{8, "so_tai_chinh", "2025-66"},
	{9, "so_noi_vu", "2025-66"},
	{10, "so_dan_toc_ton_giao", "2025-66"},
	{11, "so_tu_phap", "2025-66"},
	{12, "uy_ban_mttq_tinh", "2025-66"},
	{13, "chi_cuc_quan_ly_thi_truong", "2025-66"},
	{14, "ngan_hang_chinh_sach_xa_hoi_tinh", "2025-66"},
	{15, "bao_phat_thanh_truyen_hinh_dak_lak", "2025-66"},
	{16, "toa_an_nhan_dan_tinh", "2025-66"},
	{17, "doan_thanh_nien_tinh", "2025-66"},
	{18, "hoi_lien_hiep_phu_nu_tinh", "2025-66"},
	{19, "ubnd_2025_24121", COMMUNE_UNIT},
	{OTHER_COMMUNE, "ubnd_2025_24133", OTHER_UNIT},
};

enum { SEATS = sizeof seats / sizeof *seats, TOKEN_SIZE = 2048, TOKEN_SECONDS = 600 };

const char password[] = "Mat khau 62/KH-UBND, cua cac phep thu";

/* Shared by all processes of the run: a login is paid for once. */
static struct session {
	char token[TOKEN_SIZE];
	char username[64];
	time_t since;
} (*sessions)[ROLES];

__attribute__((constructor)) static void share_sessions(void)
{
	sessions = mmap(NULL, SEATS * sizeof *sessions, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static size_t seat_of(int agency)
{
	size_t at = 0;

	while (at < SEATS && seats[at].agency != agency)
		at++;
	require(at < SEATS, "no seat %d", agency);
	return at;
}

const char *organization_of(int agency)
{
	return seats[seat_of(agency)].organization;
}

const char *unit_of(int agency)
{
	return seats[seat_of(agency)].unit;
}

const struct keyring *keyring(void)
{
	static struct keyring made;
	static bool is_made;
	struct error error = {0};

	if (!is_made)
		require(keyring_init(&made, getenv("LACHAN_MASTER_KEY"), &error), "%s",
			error.internal);
	is_made = true;
	return &made;
}

static void provision(const struct account_spec *spec)
{
	struct error error = {0};
	struct pool *pool = pool_open(getenv("LACHAN_OWNER_DATABASE_URL"), 1, 1, 60000);

	require(accounts_provision(pool, keyring(), spec, &error), "%s: %s", spec->username,
		error.internal);
	pool_close(pool);
}

static struct http log_in(const char *username, bool is_client)
{
	if (!is_client)
		return http_post(NULL, "/v1/auth/login",
				 json_pack("{ssss}", "username", username, "password", password));
	char *body = text_of("grant_type=client_credentials&client_id=%s&client_secret="
			     "Mat+khau+62%%2FKH-UBND%%2C+cua+cac+phep+thu",
			     username);
	return http(.method = "POST", .path = "/oauth/token",
		    .type = "application/x-www-form-urlencoded", .body = body);
}

static const char *session_open(struct session *session, const struct account_spec *spec)
{
	struct http answer;

	if (!session->since)
		provision(spec);
	answer = log_in(spec->username, !strcmp(spec->role, "service"));
	const char *access = http_text(&answer, "access_token");
	require(access && strlen(access) < TOKEN_SIZE, "%s cannot log in: %d %s", spec->username,
		answer.status, answer.body ? answer.body : "");
	snprintf(session->username, sizeof session->username, "%s", spec->username);
	memcpy(session->token, access, strlen(access) + 1);
	session->since = time(NULL);
	return session->token;
}

const char *token(int agency, enum role role)
{
	const struct seat *seat = &seats[seat_of(agency)];
	struct session *session = &sessions[seat - seats][role];
	char username[64];

	if (session->since && time(NULL) - session->since < TOKEN_SECONDS)
		return session->token;
	snprintf(username, sizeof username, "test%d.%s", agency, role_names[role]);
	const struct account_spec spec = {
		.username = username,
		.password = password,
		.role = role_names[role],
		.agency = agency % 100,
		.organization = role == OPERATOR ? NULL : seat->organization,
		.unit = role == OPERATOR ? NULL : seat->unit,
		.purpose = role == SERVICE ? "case_management" : NULL,
	};
	return session_open(session, &spec);
}

void tokens_forget(void)
{
	for (size_t seat = 0; seat < SEATS; seat++)
		for (int role = 0; role < ROLES; role++)
			if (sessions[seat][role].since)
				sessions[seat][role].since = 1;
}

const char *username_of(int agency, enum role role)
{
	token(agency, role);
	return sessions[seat_of(agency)][role].username;
}

const char *client_token(int agency, const char *scopes, const char *purpose)
{
	const struct seat *seat = &seats[seat_of(agency)];
	struct session *session = calloc(1, sizeof *session);
	const struct account_spec spec = {
		.username = unique("client-"),
		.password = password,
		.role = "service",
		.agency = agency % 100,
		.organization = seat->organization,
		.unit = seat->unit,
		.scopes = scopes,
		.purpose = purpose,
	};

	return session_open(session, &spec);
}

int lachan(const char *words, char **said)
{
	const char *build = getenv("BUILD");
	FILE *output = popen(text_of("%s/lachan %s 2>&1", build ? build : ".build", words), "r");
	char text[16384];
	size_t length = fread(text, 1, sizeof text - 1, output);
	int status = pclose(output);

	text[length] = '\0';
	*said = strdup(text);
	return WEXITSTATUS(status);
}

char *url_beside(const char *variable, const char *database)
{
	const char *url = getenv(variable), *name = strstr(url, "/lachan?");

	require(name != NULL, "%s names no database", variable);
	return text_of("%.*s/%s%s", (int)(name - url), url, database, strchr(name, '?'));
}

void database_made(const char *name)
{
	sql(AS_SUPERUSER, "SET client_min_messages = warning");
	sql(AS_SUPERUSER, "DROP DATABASE IF EXISTS %s", name);
	sql(AS_SUPERUSER,
	    "CREATE DATABASE %s OWNER lachan_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE "
	    "'C.UTF-8'",
	    name);
	PGconn *pg = PQconnectdb(url_beside("LACHAN_ADMIN_DATABASE_URL", name));

	PQclear(PQexec(pg, "ALTER SCHEMA public OWNER TO lachan_owner; "
			   "GRANT USAGE, CREATE ON SCHEMA public TO lachan_reader"));
	PQfinish(pg);
}

/* Records */

char *unique(const char *prefix)
{
	char uuid[37];

	uuid_make(uuid);
	return text_of("%s%s", prefix, uuid);
}

json_t *person(const char *changes)
{
	json_t *made_up = object("{'full_name': 'Nguyễn Văn An', 'date_of_birth': '1999-05-17', "
				 "'sex': 'male', 'unit': '%s'}",
				 COMMUNE_UNIT);
	json_t *changed = object("%s", changes ? changes : "{}"), *value;
	const char *name;

	json_object_foreach(changed, name, value) {
		if (json_is_null(value))
			json_object_del(made_up, name);
		else
			json_object_set(made_up, name, value);
	}
	json_decref(changed);
	return made_up;
}

char *made(const char *with_token, const char *path, json_t *take_body)
{
	struct http answer = http_post(with_token, path, take_body);

	assert_status(answer, 201);
	return strdup(http_text(&answer, "id"));
}

char *person_made(const char *changes)
{
	return made(token(COMMUNE, OFFICER), "/v1/people", person(changes));
}

char *etag_of(const char *with_token, const char *path)
{
	struct http answer = http_get(with_token, "%s", path);
	const char *etag = http_header(&answer, "ETag");

	require(etag != NULL, "%s has no ETag: %d %s", path, answer.status, answer.body);
	return strdup(etag);
}

size_t count_of(const struct http *list)
{
	return json_array_size(json_object_get(list->json, "data"));
}

void figures_settle(void)
{
	for (int i = 0; i < 1000; i++) {
		if (sql_number(AS_SUPERUSER, "SELECT count(*) FROM contribution_queue") == 0 &&
		    sql_number(AS_SUPERUSER, "SELECT is_ready::int FROM indicator_state"))
			return;
		usleep(10000);
	}
	ck_abort_msg("the figures do not settle");
}
