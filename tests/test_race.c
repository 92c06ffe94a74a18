/* Many at once, and an end without warning: nothing is lost, nothing is done twice. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "samples.h"
#include "text.h"
#include "uuid.h"

enum { RIVALS = 100, TWINS = 50, WRITERS = 16, WRITES = 1000 };

/* One of many that send the same; each on a connection of its own. */
struct rival {
	pthread_t thread;
	char *request;
	struct http answer;
};

static atomic_bool go;

static void *send_at_once(void *data)
{
	struct rival *rival = data;

	while (!atomic_load(&go))
		sched_yield();
	rival->answer = raw_send(rival->request, strlen(rival->request), 30);
	return NULL;
}

static void race(struct rival *rivals, size_t count)
{
	atomic_store(&go, false);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(pthread_create(&rivals[i].thread, NULL, send_at_once, &rivals[i]),
				 0);
	atomic_store(&go, true);
	for (size_t i = 0; i < count; i++)
		pthread_join(rivals[i].thread, NULL);
}

static char *request_of(const char *method, const char *path, const char *as, const char *header,
			const char *type, const char *body)
{
	return text_of(
		"%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer "
		"%s\r\n%s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
		method, path, as, header, type, strlen(body), body);
}

static int count_status(const struct rival *rivals, size_t count, int status)
{
	int found = 0;

	for (size_t i = 0; i < count; i++)
		found += rivals[i].answer.status == status;
	return found;
}

START_TEST(of_many_changes_of_one_version_one_wins)
{
	static struct rival rivals[RIVALS];
	const char *officer = token(1, OFFICER);
	char *path = text_of("/v1/people/%s", person_made(NULL)), *etag = etag_of(officer, path);

	for (int i = 0; i < RIVALS; i++)
		rivals[i].request = request_of(
			"PATCH", path, officer, text_of("If-Match: %s", etag),
			"application/merge-patch+json", text_of("{\"address\":\"%d\"}", i));
	race(rivals, RIVALS);
	ck_assert_int_eq(count_status(rivals, RIVALS, 200), 1);
	ck_assert_int_eq(count_status(rivals, RIVALS, 412), RIVALS - 1);
	struct http after = http_get(officer, "%s", path);
	ck_assert_int_eq(json_integer_value(json_object_get(after.json, "version")), 2);
	for (int i = 0; i < RIVALS; i++)
		if (rivals[i].answer.status == 200)
			ck_assert_str_eq(http_text(&after, "address"), text_of("%d", i));
}
END_TEST

START_TEST(of_many_posts_with_one_key_one_makes_a_record)
{
	static struct rival rivals[TWINS];
	const char *officer = token(1, OFFICER), *source = unique("twin-"), *id = NULL;
	char *key = text_of("Idempotency-Key: %s", unique(""));
	char *body = json_dumps(person(text_of("{'source': '%s'}", source)), 0);

	for (int i = 0; i < TWINS; i++)
		rivals[i].request = request_of("POST", "/v1/people", officer, key,
					       "application/json", body);
	race(rivals, TWINS);
	ck_assert_int_ge(count_status(rivals, TWINS, 201), 1);
	ck_assert_int_eq(count_status(rivals, TWINS, 201) + count_status(rivals, TWINS, 409),
			 TWINS);
	for (int i = 0; i < TWINS; i++)
		if (rivals[i].answer.status == 409) {
			ck_assert_str_eq(http_text(&rivals[i].answer, "code"),
					 "idempotency_in_progress");
		} else {
			ck_assert(!id || !strcmp(id, http_text(&rivals[i].answer, "id")));
			id = http_text(&rivals[i].answer, "id");
		}
	struct http list = http_get(officer, "/v1/people?source=%s", source);
	ck_assert_uint_eq(count_of(&list), 1);
	ck_assert_int_eq(
		sql_number(AS_SUPERUSER,
			   "SELECT count(*) FROM audit_entries WHERE action = 'create' AND '%s' = "
			   "ANY (records)",
			   id),
		1);
}
END_TEST

/* The refresh token of a new session. */
static const char *refresh_token_of(int agency)
{
	struct http answer = http_post(NULL, "/v1/auth/login",
				       json_pack("{ssss}", "username", username_of(agency, OFFICER),
						 "password", password));

	assert_status(answer, 200);
	return http_text(&answer, "refresh_token");
}

static void race_refresh(struct rival *rivals, const char *token, bool is_one_client)
{
	char *body = text_of("{\"refresh_token\":\"%s\"}", token);

	for (int i = 0; i < TWINS; i++)
		rivals[i].request = text_of("POST /v1/auth/refresh HTTP/1.1\r\nHost: localhost\r\n"
					    "Connection: close\r\nUser-Agent: tab %d\r\n"
					    "Content-Type: application/json\r\nContent-Length: "
					    "%zu\r\n\r\n%s",
					    is_one_client ? 0 : i, strlen(body), body);
	race(rivals, TWINS);
}

static long long live_refresh_tokens(const char *of_token)
{
	char hash[65];

	secret_sha256(of_token, hash);
	return sql_number(
		AS_SUPERUSER,
		"SELECT count(*) FROM refresh_tokens JOIN sessions ON sessions.id = session "
		"WHERE session = (SELECT session FROM refresh_tokens WHERE hash = '%s') AND "
		"used_at IS NULL AND refresh_tokens.revoked_at IS NULL AND "
		"sessions.revoked_at IS NULL",
		hash);
}

START_TEST(many_tabs_that_refresh_at_once_share_one_successor)
{
	static struct rival rivals[TWINS];
	const char *token = refresh_token_of(1);

	race_refresh(rivals, token, true);
	ck_assert_int_eq(count_status(rivals, TWINS, 200), TWINS);
	for (int i = 1; i < TWINS; i++)
		ck_assert_str_eq(http_text(&rivals[i].answer, "refresh_token"),
				 http_text(&rivals[0].answer, "refresh_token"));
	ck_assert_int_eq(live_refresh_tokens(token), 1);
	struct http next = http_post(
		NULL, "/v1/auth/refresh",
		json_pack("{ss}", "refresh_token", http_text(&rivals[0].answer, "refresh_token")));
	ck_assert_int_eq(next.status, 200);
}
END_TEST

START_TEST(a_refresh_token_in_many_hands_ends_its_family)
{
	static struct rival rivals[TWINS];
	const char *token = refresh_token_of(1);

	race_refresh(rivals, token, false);
	ck_assert_int_le(count_status(rivals, TWINS, 200), 1);
	ck_assert_int_eq(live_refresh_tokens(token), 0);
	for (int i = 0; i < TWINS; i++)
		if (rivals[i].answer.status == 200) {
			struct http next = http_post(
				NULL, "/v1/auth/refresh",
				json_pack("{ss}", "refresh_token",
					  http_text(&rivals[i].answer, "refresh_token")));
			ck_assert_int_eq(next.status, 401);
		}
}
END_TEST

/* One person, many statuses at once: the history stays one line. */
START_TEST(of_many_next_statuses_one_follows)
{
	static struct rival rivals[20];
	const char *officer = token(1, OFFICER);
	char *id = person_made(NULL), *path = text_of("/v1/people/%s/statuses", id);

	for (int i = 0; i < 20; i++)
		rivals[i].request = request_of(
			"POST", path, officer, text_of("Idempotency-Key: %s", unique("")),
			"application/json", "{\"status\":\"addict\",\"starts_on\":\"2026-01-01\"}");
	race(rivals, 20);
	ck_assert_int_eq(count_status(rivals, 20, 201), 1);
	ck_assert_int_eq(count_status(rivals, 20, 409), 19);
	ck_assert_int_eq(
		sql_number(
			AS_SUPERUSER,
			"SELECT count(*) FROM person_statuses WHERE person = '%s' AND ended_on IS "
			"NULL",
			id),
		1);
}
END_TEST

START_TEST(of_many_voidings_one_is_done)
{
	static struct rival rivals[20];
	const char *admin = token(1, ADMIN);
	char *id = person_made(NULL), *path = text_of("/v1/people/%s", id),
	     *etag = etag_of(admin, path);

	for (int i = 0; i < 20; i++)
		rivals[i].request = request_of("DELETE", text_of("%s?reason=duplicate", path),
					       admin, text_of("If-Match: %s", etag),
					       "application/json", "");
	race(rivals, 20);
	ck_assert_int_eq(count_status(rivals, 20, 204), 1);
	ck_assert_int_eq(count_status(rivals, 20, 204) + count_status(rivals, 20, 404) +
				 count_status(rivals, 20, 412),
			 20);
	ck_assert_int_eq(sql_number(AS_SUPERUSER,
				    "SELECT count(*) FROM audit_entries WHERE action = 'void' AND "
				    "'%s' = ANY (records)",
				    id),
			 1);
}
END_TEST

/* A file that ends while another waits for it */

/* Whatever comes to a file; the person is named by its path or by the first word of its body. */
static const struct {
	int agency;
	const char *path, *body;
} joining[] = {
	{1, "/v1/interventions",
	 "{'person': '%s', 'kind': 'counselling', 'status': 'planned', 'starts_on': '2026-03-01'}"},
	{12, "/v1/interventions",
	 "{'person': '%s', 'kind': 'community_support', 'status': 'planned', 'starts_on': "
	 "'2026-03-01'}"},
	{1, "/v1/people/%s/statuses", "{'status': 'at_risk', 'starts_on': '2026-01-01'}"},
	{1, "/v1/people/%s/violations",
	 "{'violated_on': '2026-03-01', 'kind': 'other', 'unit': '" COMMUNE_UNIT "'}"},
	{1, "/v1/referrals", "{'person': '%s', 'to_organization': 'so_y_te', 'reason': 'x'}"},
	{1, "/v1/handovers", "{'person': '%s', 'to_unit': '" OTHER_UNIT "', 'reason': 'x'}"},
	{OTHER_COMMUNE, "/v1/break-glasses",
	 "{'person': '%s', 'reason': 'Tìm người mất tích theo tin báo'}"},
	{1, "/v1/subject-requests",
	 "{'person': '%s', 'kind': 'access', 'requester': 'subject', 'received_on': '2026-11-24'}"},
	{1, "/v1/restrictions", "{'person': '%s', 'kind': 'hold', 'reason': 'legal_claim'}"},
	{1, "/v1/crimes//participants", "{'person': '%s', 'role': 'victim'}"},
	{1, "/v1/merges", "{'person': '%s', 'kept': '', 'reason': 'x'}"},
	{1, "/v1/merges", "{'kept': '%s', 'person': '', 'reason': 'x'}"},
};

/* The words with what is not known before it is made: a crime, another file. */
static char *request_to_join(const char *as, const char *path, const char *body, const char *id)
{
	char *whole = strstr(path, "//")
			      ? text_of("/v1/crimes/%s/participants", sample_parent(&crimes))
		      : strstr(path, "%s") ? text_of(path, id)
					   : text_of("%s", path);
	json_t *content = strstr(body, "%s") ? object(body, id) : object("%s", body), *value;
	const char *name;

	json_object_foreach(content, name, value)
		if (!*json_string_value(value))
			json_object_set_new(content, name, json_string(person_made(NULL)));
	return request_of("POST", whole, as, text_of("Idempotency-Key: %s", unique("")),
			  "application/json", json_dumps(content, 0));
}

/* Sends the request while a transaction of somebody else, begun by the statement, is not over. */
static struct http sent_meanwhile(char *request, const char *statement)
{
	struct rival rival = {.request = request};

	sql(AS_SUPERUSER, "BEGIN; SET LOCAL session_replication_role = replica; %s", statement);
	atomic_store(&go, true);
	ck_assert_int_eq(pthread_create(&rival.thread, NULL, send_at_once, &rival), 0);
	for (int i = 0; i < 200; i++) {
		if (sql_number(AS_SUPERUSER, "SELECT count(*) FROM pg_locks WHERE NOT granted"))
			break;
		usleep(10000);
	}
	sql(AS_SUPERUSER, "COMMIT");
	pthread_join(rival.thread, NULL);
	return rival.answer;
}

START_TEST(nothing_comes_to_a_file_that_ended_meanwhile)
{
	char *id = person_made(NULL);
	char *request = request_to_join(token(joining[_i].agency, OFFICER), joining[_i].path,
					joining[_i].body, id);

	assert_status(sent_meanwhile(request, text_of("UPDATE people SET voided_at = now() WHERE "
						      "id = '%s'",
						      id)),
		      422);
}
END_TEST

START_TEST(no_file_ends_with_what_came_meanwhile)
{
	char *id = person_made(NULL), *path = text_of("/v1/people/%s", id);
	char *etag = etag_of(token(1, ADMIN), path);
	char *helped = made(token(1, OFFICER), "/v1/interventions",
			    object("{'person': '%s', 'kind': 'counselling', 'status': 'planned', "
				   "'starts_on': '2026-03-01'}",
				   person_made(NULL)));
	char *request = request_of("DELETE", text_of("%s?reason=duplicate", path), token(1, ADMIN),
				   text_of("If-Match: %s", etag), "application/json", "");
	struct http answer = sent_meanwhile(
		request, text_of("SELECT FROM people WHERE id = '%s' FOR NO KEY UPDATE; UPDATE "
				 "interventions SET person = '%s' WHERE id = '%s'",
				 id, id, helped));

	assert_status(answer, 409);
	ck_assert_str_eq(http_text(&answer, "code"), "joined_meanwhile");
	assert_status(raw_send(request, strlen(request), 30), 204); /* known by now */
}
END_TEST

enum { ROUNDS = 12 };

static char *merging(const char *gone, const char *kept)
{
	return request_to_join(token(1, OFFICER), "/v1/merges",
			       text_of("{'person': '%s', 'kept': '%s', 'reason': 'x'}", gone, kept),
			       NULL);
}

START_TEST(merges_that_meet_lose_nothing)
{
	for (int i = 0; i < ROUNDS; i++) {
		char *files[3] = {person_made(NULL), person_made(NULL), person_made(NULL)};
		char *last = i % 2 ? files[2] : files[0]; /* in a row, or against each other */
		char *helped = made(token(1, OFFICER), "/v1/interventions",
				    object("{'person': '%s', 'kind': 'counselling', 'status': "
					   "'planned', 'starts_on': '2026-03-01'}",
					   files[0]));
		struct rival rivals[] = {
			{.request = merging(files[0], files[1])},
			{.request = merging(files[1], last)},
			{.request = request_of(
				 "PATCH", text_of("/v1/interventions/%s", helped),
				 token(1, OFFICER),
				 text_of("If-Match: %s",
					 etag_of(token(1, OFFICER),
						 text_of("/v1/interventions/%s", helped))),
				 "application/merge-patch+json", "{\"note\":\"x\"}")},
		};

		race(rivals, 3);
		ck_assert_int_eq(count_status(rivals, 2, 201) + count_status(rivals, 2, 422), 2);
		ck_assert_int_ge(count_status(rivals, 2, 201), 1);
		ck_assert_int_eq(
			count_status(rivals + 2, 1, 200) + count_status(rivals + 2, 1, 412), 1);
		ck_assert_int_eq(sql_number(AS_SUPERUSER,
					    "SELECT count(*) FROM interventions JOIN people ON "
					    "people.id = person WHERE interventions.id = '%s' AND "
					    "people.voided_at IS NULL",
					    helped),
				 1);
	}
}
END_TEST

/* The end without warning */

struct writers {
	const char *token, *source;
	atomic_int sent, kept;
	char (*ids)[37]; /* of every 201 */
};

static void *write_on(void *data)
{
	struct writers *writers = data;

	while (atomic_fetch_add(&writers->sent, 1) < WRITES) {
		char *body = json_dumps(person(text_of("{'source': '%s'}", writers->source)), 0);
		char *request = request_of("POST", "/v1/people", writers->token,
					   text_of("Idempotency-Key: %s", unique("")),
					   "application/json", body);
		struct http answer = raw_send(request, strlen(request), 10);
		const char *id = answer.status == 201 ? http_text(&answer, "id") : NULL;

		free(body);
		free(request);
		if (!id)
			return NULL; /* the service is gone */
		memcpy(writers->ids[atomic_fetch_add(&writers->kept, 1)], id, 37);
	}
	return NULL;
}

/* kill -9 in the midst of a thousand writes: what was answered is there, whole and once. */
START_TEST(what_was_answered_outlives_the_service)
{
	static char ids[WRITES + WRITERS][37];
	struct writers writers = {
		.token = token(1, OFFICER), .source = unique("kill-"), .ids = ids};
	pthread_t threads[WRITERS];
	struct server doomed;
	int shared = http_port();

	server_start(&doomed, NULL);
	http_use(doomed.port);
	for (int i = 0; i < WRITERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, write_on, &writers), 0);
	while (atomic_load(&writers.kept) < WRITES / 3)
		usleep(1000);
	server_kill(&doomed);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	int kept = atomic_load(&writers.kept);
	ck_assert_int_lt(kept, WRITES);

	server_start(&doomed, NULL);
	http_use(doomed.port);
	for (int i = 0; i < kept; i++) {
		struct http answer = http_get(writers.token, "/v1/people/%s", ids[i]);

		assert_status(answer, 200);
	}
	ck_assert_int_eq(
		sql_number(AS_SUPERUSER,
			   "SELECT count(*) FROM people WHERE source = '%s' AND NOT "
			   "EXISTS (SELECT FROM "
			   "audit_entries WHERE action = 'create' AND resource = 'people' AND "
			   "records = ARRAY[people.id])",
			   writers.source),
		0);
	/* Each writer may have had one under way that was done and not answered. */
	long long there = sql_number(
		AS_SUPERUSER, "SELECT count(*) FROM people WHERE source = '%s'", writers.source);
	ck_assert_int_ge(there, kept);
	ck_assert_int_le(there, kept + WRITERS);
	ck_assert_int_eq(
		sql_number(
			AS_SUPERUSER,
			"SELECT count(*) FROM people_keys WHERE person IN (SELECT id FROM people "
			"WHERE source = '%s')",
			writers.source),
		there * 7);
	http_use(shared);
	ck_assert(server_stop(&doomed));
}
END_TEST

/* What is in flight is answered; then it is over, with 0. */
START_TEST(the_service_ends_what_it_began)
{
	static char ids[WRITES + WRITERS][37];
	struct writers writers = {
		.token = token(1, OFFICER), .source = unique("term-"), .ids = ids};
	pthread_t threads[WRITERS];
	struct server ending;
	int shared = http_port();

	server_start(&ending, NULL);
	http_use(ending.port);
	for (int i = 0; i < WRITERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, write_on, &writers), 0);
	while (atomic_load(&writers.kept) < WRITES / 10)
		usleep(1000);
	ck_assert(server_stop(&ending));
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	http_use(shared);
	/* Done and not answered would be a request that was cut off. */
	ck_assert_int_eq(sql_number(AS_SUPERUSER, "SELECT count(*) FROM people WHERE source = '%s'",
				    writers.source),
			 atomic_load(&writers.kept));
}
END_TEST

/* What hangs at the end: in the lane, in a thread of the fast lane's, in
 * the refresher if it is this one. */
START_TEST(the_service_ends_though_statements_hang)
{
	const char *officer = token(1, OFFICER);
	struct server ending;
	int shared = http_port(), sockets[2];
	char *id = person_made(NULL);

	server_start(&ending, NULL);
	http_use(ending.port);
	sql(AS_SUPERUSER, "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; LOCK TABLE "
			  "people");
	sql(AS_OWNER, "INSERT INTO contribution_queue VALUES ('people', '%s')", id);
	for (int i = 0; i < 2; i++) {
		char *bytes = text_of(
			"%sGET /v1/people/%s/dossier HTTP/1.1\r\nHost: localhost\r\nPurpose: "
			"case_management\r\nAuthorization: Bearer %s\r\n\r\n",
			i ? "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" : "", id, officer);

		sockets[i] = raw_connect();
		ck_assert_int_gt(send(sockets[i], bytes, strlen(bytes), MSG_NOSIGNAL), 0);
	}
	sleep(1);
	bool has_ended = server_stop(&ending);

	sql(AS_SUPERUSER, "ROLLBACK");
	http_use(shared);
	ck_assert(has_ended);
}
END_TEST

/* Asks until the service answers with the status; false when it does not within the seconds. */
static bool comes_to_answer(const char *path, int status, int seconds)
{
	const struct timespec pause = {.tv_nsec = 50 * 1000000L};
	time_t end = time(NULL) + seconds;

	do
		if (http_get(token(1, OFFICER), "%s", path).status == status)
			return true;
	while (!nanosleep(&pause, NULL) && time(NULL) <= end);
	return false;
}

START_TEST(without_its_database_the_service_says_so_and_recovers)
{
	char *path = text_of("/v1/people/%s", person_made(NULL));

	sql(AS_SUPERUSER,
	    "ALTER ROLE lachan_service NOLOGIN; SELECT count(pg_terminate_backend(pid)) "
	    "FROM pg_stat_activity WHERE usename = 'lachan_service'");
	bool is_told = comes_to_answer(path, 503, 5);
	struct http answer = http_get(token(1, OFFICER), "%s", path);
	struct http ready = http_get(NULL, "/readyz"), alive = http_get(NULL, "/healthz");

	sql(AS_SUPERUSER, "ALTER ROLE lachan_service LOGIN");
	ck_assert(comes_to_answer(path, 200, 5));
	ck_assert(is_told);
	ck_assert_int_eq(answer.status, 503);
	ck_assert_ptr_nonnull(http_header(&answer, "Retry-After"));
	ck_assert_int_eq(ready.status, 503);
	ck_assert_int_eq(alive.status, 200);
}
END_TEST

/* What fails for long is told once, though all else goes on. */
START_TEST(what_goes_on_failing_is_told_once)
{
	struct server other;

	server_start(&other, NULL);
	sql(AS_SUPERUSER, "ALTER FUNCTION changes_advance() RENAME TO changes_advance_gone");
	for (int tries = 0; tries < 100 && !server_logged(&other, "advancing the changes"); tries++)
		usleep(100000);
	int first = server_log_count(&other, "advancing the changes");

	sleep(3);
	int later = server_log_count(&other, "advancing the changes");

	sql(AS_SUPERUSER, "ALTER FUNCTION changes_advance_gone() RENAME TO changes_advance");
	ck_assert_int_eq(first, 1);
	ck_assert_int_eq(later, 1);
	ck_assert(server_stop(&other));
}
END_TEST

Suite *race_suite(void)
{
	Suite *suite = suite_create("race");
	TCase *cases = tcase_create("race");

	tcase_set_timeout(cases, 60);
	tcase_add_test(cases, of_many_changes_of_one_version_one_wins);
	tcase_add_test(cases, without_its_database_the_service_says_so_and_recovers);
	tcase_add_test(cases, what_goes_on_failing_is_told_once);
	tcase_add_test(cases, many_tabs_that_refresh_at_once_share_one_successor);
	tcase_add_test(cases, a_refresh_token_in_many_hands_ends_its_family);
	tcase_add_test(cases, of_many_posts_with_one_key_one_makes_a_record);
	tcase_add_test(cases, of_many_next_statuses_one_follows);
	tcase_add_test(cases, of_many_voidings_one_is_done);
	add_rows(cases, nothing_comes_to_a_file_that_ended_meanwhile, joining);
	tcase_add_test(cases, no_file_ends_with_what_came_meanwhile);
	tcase_add_test(cases, merges_that_meet_lose_nothing);
	tcase_add_test(cases, what_was_answered_outlives_the_service);
	tcase_add_test(cases, the_service_ends_what_it_began);
	tcase_add_test(cases, the_service_ends_though_statements_hang);
	suite_add_tcase(suite, cases);
	return suite;
}
