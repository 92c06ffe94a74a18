/* The feed of what changed: to whoever sees the record, all of it, and to nobody else. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "samples.h"

enum { POLICE = 1, LABOUR = 4, FINANCE = 8, AGENCIES = 19, WRITERS = 8, WRITES = 25 };

static struct http ask(int agency, const char *question)
{
	return http_get(token(agency, OFFICER), "/v1/changes?%s", question);
}

static long long place_in(const struct http *answer, const char *name)
{
	return json_integer_value(json_object_get(json_object_get(answer->json, "page"), name));
}

/* Where the feed stands once all that was written can be read. */
static long long head(void)
{
	long long written = sql_number(AS_SUPERUSER, "SELECT coalesce(max(seq), 0) FROM changes");

	for (int i = 0; i < 1000; i++) {
		struct http answer = ask(POLICE, "limit=1");

		assert_status(answer, 200);
		if (place_in(&answer, "head") >= written)
			return place_in(&answer, "head");
		usleep(10000);
	}
	ck_abort_msg("the feed does not go on");
}

/* What an agency is told after the place, to the end. */
static json_t *told(int agency, long long after)
{
	json_t *all = json_array();
	long long end = head();

	while (after < end) {
		struct http answer = ask(agency, text_of("after=%lld&limit=200", after));

		assert_status(answer, 200);
		json_array_extend(all, json_object_get(answer.json, "data"));
		after = strtoll(http_text(&answer, "page.next_cursor"), NULL, 10);
	}
	return all;
}

static int count_told(const json_t *changes, const char *record, const char *operation)
{
	json_t *change;
	int count = 0;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)changes, i, change)
		count += !strcmp(json_string_value(json_object_get(change, "record")), record) &&
			 (!operation ||
			  !strcmp(json_string_value(json_object_get(change, "operation")),
				  operation));
	return count;
}

START_TEST(every_table_that_is_written_tells)
{
	for (size_t i = 0; resources[i]; i++)
		if (resource_is_followed(resources[i]))
			ck_assert_int_eq(
				sql_number(AS_SUPERUSER,
					   "SELECT count(*) FROM pg_trigger WHERE tgrelid = "
					   "'%s'::regclass AND tgname IN ('changes_create', "
					   "'changes_update')",
					   resources[i]->table),
				2);
}
END_TEST

static bool sees(int agency, const char *table, const char *id)
{
	char *count = NULL;

	ck_assert_ptr_null(sql_forged(agency, OFFICER, &count,
				      "SELECT count(*) FROM %s WHERE id = '%s'", table, id));
	return strcmp(count, "0") != 0;
}

/* A record of each kind is told to just those who see it. */
START_TEST(a_change_is_told_to_whoever_sees_the_record)
{
	const struct sample *sample = &samples[_i];
	long long before = head();
	struct http created = sample_made(sample, 0);
	const char *id = http_text(&created, "id");

	for (int agency = 1; agency <= AGENCIES + 1; agency++) {
		int seat = agency > AGENCIES ? OTHER_COMMUNE : agency;
		struct caller caller = {.agency = seat % 100, .role = OFFICER};
		bool is_seen = access_may(&caller, sample->resource, READ) &&
			       sees(seat, sample->resource->table, id);
		int count = count_told(told(seat, before), id, "create");

		ck_assert_msg(count == is_seen, "agency %d is told %d times of %s that it %s", seat,
			      count, sample->resource->table, is_seen ? "sees" : "does not see");
	}
}
END_TEST

START_TEST(each_version_is_told_once_and_in_order)
{
	long long before = head();
	char *id = person_made(NULL), *path = text_of("/v1/people/%s", id);
	json_t *changes, *change;
	size_t i;
	const char *as = token(POLICE, ADMIN);

	assert_status(http_patch(as, path, "*", object("{'address': 'Buôn Ky'}")), 200);
	assert_status(http_patch(as, path, "*", object("{'address': 'Buôn Păm Lăm'}")), 200);
	assert_status(http_delete(as, text_of("%s?reason=entered_in_error", path), "*"), 204);
	changes = told(POLICE, before);
	ck_assert_int_eq(count_told(changes, id, NULL), 4);
	ck_assert_int_eq(count_told(changes, id, "void"), 1);
	long long seq = before, version = 0;

	json_array_foreach(changes, i, change) {
		ck_assert_int_gt(json_integer_value(json_object_get(change, "seq")), seq);
		seq = json_integer_value(json_object_get(change, "seq"));
		if (strcmp(json_string_value(json_object_get(change, "record")), id) != 0)
			continue;
		ck_assert_int_eq(json_integer_value(json_object_get(change, "version")), ++version);
		ck_assert_ptr_null(json_object_get(change, "full_name"));
	}
}
END_TEST

START_TEST(whose_territory_it_left_is_told_so)
{
	char *id = person_made(NULL);
	long long before = head();

	assert_status(http_patch(token(POLICE, ADMIN), text_of("/v1/people/%s", id), "*",
				 object("{'unit': '%s'}", OTHER_UNIT)),
		      200);
	ck_assert_int_eq(count_told(told(COMMUNE, before), id, "leave"), 1);
	ck_assert_int_eq(count_told(told(COMMUNE, before), id, NULL), 1);
	ck_assert_int_eq(count_told(told(OTHER_COMMUNE, before), id, "update"), 1);
	ck_assert_int_eq(count_told(told(POLICE, before), id, "leave"), 0);
	ck_assert_int_eq(count_told(told(17, before), id, NULL), 0);
}
END_TEST

/* That a person was named in a crime changes who sees it, and nothing that the record shows. */
START_TEST(what_a_record_does_not_show_is_not_told)
{
	char *id = person_made(NULL);
	char *crime = made(token(POLICE, OFFICER), "/v1/crimes",
			   object("{'article': '249', 'occurred_on': '2026-05-01', 'detected_on': "
				  "'2026-05-02', 'unit': '%s'}",
				  COMMUNE_UNIT));
	long long before = head();

	made(token(POLICE, OFFICER), text_of("/v1/crimes/%s/participants", crime),
	     object("{'role': 'suspect', 'person': '%s'}", id));
	ck_assert(
		strcmp(sql(AS_SUPERUSER, "SELECT is_court_matter FROM people WHERE id = '%s'", id),
		       "t") == 0);
	ck_assert_int_eq(count_told(told(LABOUR, before), id, NULL), 0);
}
END_TEST

/* Whoever commits late is not skipped: the feed waits for it. */
START_TEST(nothing_that_commits_late_is_skipped)
{
	long long before = head();
	PGconn *late = PQconnectdb(getenv("LACHAN_ADMIN_DATABASE_URL"));
	char *first = person_made(NULL), *second;

	PQclear(PQexec(late, "BEGIN"));
	PQclear(PQexec(late,
		       text_of("UPDATE people SET version = version + 1 WHERE id = '%s'", first)));
	second = person_made(NULL);
	usleep(1500000);
	struct http early = ask(POLICE, text_of("after=%lld&limit=200", before));

	ck_assert_int_eq(count_told(json_object_get(early.json, "data"), second, NULL), 0);
	PQclear(PQexec(late, "COMMIT"));
	PQfinish(late);
	long long after = strtoll(http_text(&early, "page.next_cursor"), NULL, 10);

	ck_assert_int_eq(count_told(told(POLICE, after), second, "create"), 1);
	ck_assert_int_eq(count_told(told(POLICE, before), first, "update"), 1);
}
END_TEST

static void *write_some(void *ids)
{
	for (int i = 0; i < WRITES; i++) {
		char *body = json_dumps(person(NULL), 0);
		char *request = text_of(
			"POST /v1/people HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
			"Authorization: Bearer %s\r\nIdempotency-Key: %s\r\nContent-Type: "
			"application/json\r\nContent-Length: %zu\r\n\r\n%s",
			token(POLICE, OFFICER), unique(""), strlen(body), body);
		struct http answer = raw_send(request, strlen(request), 20);

		assert_status(answer, 201);
		snprintf(((char(*)[37])ids)[i], 37, "%s", http_text(&answer, "id"));
	}
	return NULL;
}

START_TEST(a_reader_that_keeps_its_place_misses_nothing)
{
	static char ids[WRITERS][WRITES][37];
	pthread_t threads[WRITERS];
	long long after = head();
	json_t *all = json_array();
	int found = 0;

	token(POLICE, OFFICER);
	for (int i = 0; i < WRITERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, write_some, ids[i]), 0);
	for (time_t end = time(NULL) + 30; found < WRITERS * WRITES && time(NULL) < end;) {
		struct http answer = ask(POLICE, text_of("after=%lld&limit=7&wait=2", after));
		json_t *data = json_object_get(answer.json, "data");

		assert_status(answer, 200);
		json_array_extend(all, data);
		found += (int)json_array_size(data);
		after = strtoll(http_text(&answer, "page.next_cursor"), NULL, 10);
	}
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < WRITERS; i++)
		for (int j = 0; j < WRITES; j++)
			ck_assert_int_eq(count_told(all, ids[i][j], "create"), 1);
}
END_TEST

struct patient {
	const char *token;
	char *question;
	struct http answer;
	double seconds;
};

static void *wait_for_it(void *data)
{
	struct patient *patient = data;
	struct timespec begun, ended;
	char *request = text_of("GET /v1/changes?%s HTTP/1.1\r\nHost: localhost\r\nConnection: "
				"close\r\nPurpose: case_management\r\nAuthorization: Bearer "
				"%s\r\n\r\n",
				patient->question, patient->token);

	clock_gettime(CLOCK_MONOTONIC, &begun);
	patient->answer = raw_send(request, strlen(request), 30);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	patient->seconds = (double)(ended.tv_sec - begun.tv_sec) +
			   (double)(ended.tv_nsec - begun.tv_nsec) / 1e9;
	return NULL;
}

START_TEST(whoever_waits_is_told_when_something_comes)
{
	struct patient patient = {token(OTHER_COMMUNE, OFFICER),
				  text_of("after=%lld&wait=20", head())};
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, wait_for_it, &patient), 0);
	usleep(300000);
	person_made(NULL); /* another commune's: nothing for who waits */
	usleep(1200000);
	char *id = made(token(OTHER_COMMUNE, OFFICER), "/v1/people",
			person(text_of("{'unit': '%s'}", OTHER_UNIT)));

	pthread_join(thread, NULL);
	assert_status(patient.answer, 200);
	ck_assert_int_eq(count_told(json_object_get(patient.answer.json, "data"), id, "create"), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(patient.answer.json, "data")), 1);
}
END_TEST

START_TEST(whoever_waits_and_loses_its_rights_is_told_nothing)
{
	struct patient patient = {client_token(COMMUNE, "read", "case_management"),
				  text_of("after=%lld&wait=20", head())};
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, wait_for_it, &patient), 0);
	usleep(300000);
	sql(AS_SUPERUSER,
	    "UPDATE clients SET disabled_at = now() WHERE id = (SELECT id FROM clients ORDER BY "
	    "created_at DESC LIMIT 1)");
	sleep(5);
	person_made(NULL);
	pthread_join(thread, NULL);
	assert_status(patient.answer, 401);
}
END_TEST

static const struct {
	const char *question, *parameter, *code;
} faults[] = {
	{"after=-1", "after", "out_of_range"},
	{"after=x", "after", "out_of_range"},
	{"after=99999999999999999999", "after", "out_of_range"},
	{"after=1000000000000000000", "after", "out_of_range"},
	{"limit=0", "limit", "out_of_range"},
	{"limit=201", "limit", "out_of_range"},
	{"wait=26", "wait", "out_of_range"},
	{"since=1", "since", "unknown_parameter"},
	{"after=1&after=2", "after", "repeated_parameter"},
};

START_TEST(a_question_is_understood_or_its_fault_is_named)
{
	assert_blamed(ask(POLICE, faults[_i].question), 400, faults[_i].parameter, faults[_i].code);
}
END_TEST

START_TEST(the_bound_that_is_told_holds)
{
	struct http answer = ask(POLICE, "after=x");

	ck_assert_ptr_nonnull(strstr(answer.body, "0–999999999999999999."));
	assert_status(ask(POLICE, "after=999999999999999999"), 410);
}
END_TEST

START_TEST(what_is_kept_no_more_is_gone)
{
	person_made(NULL);
	long long place = head();

	sql(AS_SUPERUSER, "UPDATE change_head SET removed = %lld", place);
	struct http gone = ask(POLICE, text_of("after=%lld", place - 1));
	struct http kept = ask(POLICE, text_of("after=%lld", place));

	sql(AS_SUPERUSER, "UPDATE change_head SET removed = 0");
	assert_status(gone, 410);
	assert_status(kept, 200);
	sql(AS_SUPERUSER,
	    "UPDATE changes SET changed_at = now() - interval '91 days' WHERE seq = %lld", place);
	sql(AS_SUPERUSER, "SELECT changes_remove()");
	ck_assert_int_eq(sql_number(AS_SUPERUSER, "SELECT removed FROM change_head"), place);
	ck_assert_int_eq(
		sql_number(AS_SUPERUSER, "SELECT count(*) FROM changes WHERE seq = %lld", place),
		0);
	sql(AS_SUPERUSER, "UPDATE change_head SET removed = 0");
}
END_TEST

/* A place of a database that was since restored to an earlier time: to wait for it would skip. */
START_TEST(a_place_that_was_not_reached_yet_is_gone)
{
	struct http head = http_get(token(1, OFFICER), "/v1/changes?limit=1");
	json_int_t end = json_integer_value(
		json_object_get(json_object_get(head.json, "page"), "head"));

	assert_status(http_get(token(1, OFFICER), "/v1/changes?after=%lld", (long long)end), 200);
	assert_status(
		http_get(token(1, OFFICER), "/v1/changes?after=%lld", (long long)end + 100000),
		410);
}
END_TEST

START_TEST(the_feed_is_for_those_who_read_records_and_is_in_the_audit)
{
	long long before = head();
	char *id = person_made(NULL);
	const char *reader = username_of(LABOUR, OFFICER);

	assert_status(http_get(NULL, "/v1/changes"), 401);
	assert_status(http_get(token(0, OPERATOR), "/v1/changes"), 403);
	assert_status(ask(FINANCE, "limit=1"), 200);
	ck_assert_int_eq(count_told(told(LABOUR, before), id, "create"), 1);
	ck_assert_int_gt(
		sql_number(
			AS_SUPERUSER,
			"SELECT count(*) FROM audit_entries JOIN accounts ON accounts.id = user_id "
			"WHERE username = '%s' AND resource = 'changes' AND action = 'list' AND "
			"'%s' = ANY (records)",
			reader, id),
		0);
}
END_TEST

/* Rows of the audit that wait for their seals by the ten thousands. */
START_TEST(a_backlog_of_seals_does_not_hold_up_the_feed)
{
	sql(AS_SUPERUSER,
	    "INSERT INTO audit (caller, action, resource, records) SELECT audit_said(NULL, NULL), "
	    "'read', 'people', ARRAY[gen_random_uuid()] FROM generate_series(1, 80000)");
	person_made(NULL);
	head();
	long long waiting = sql_number(AS_SUPERUSER, "SELECT count(*) FROM audit");

	ck_assert_int_gt(waiting, 10000);
	while (sql_number(AS_SUPERUSER, "SELECT count(*) FROM audit") > 100)
		usleep(100000);
}
END_TEST

Suite *changes_suite(void)
{
	Suite *suite = suite_create("changes");
	TCase *cases = tcase_create("changes");

	tcase_set_timeout(cases, 60);
	tcase_add_test(cases, every_table_that_is_written_tells);
	tcase_add_loop_test(cases, a_change_is_told_to_whoever_sees_the_record, 0, sample_count());
	tcase_add_test(cases, each_version_is_told_once_and_in_order);
	tcase_add_test(cases, whose_territory_it_left_is_told_so);
	tcase_add_test(cases, what_a_record_does_not_show_is_not_told);
	tcase_add_test(cases, nothing_that_commits_late_is_skipped);
	tcase_add_test(cases, a_reader_that_keeps_its_place_misses_nothing);
	tcase_add_test(cases, whoever_waits_is_told_when_something_comes);
	tcase_add_test(cases, whoever_waits_and_loses_its_rights_is_told_nothing);
	add_rows(cases, a_question_is_understood_or_its_fault_is_named, faults);
	tcase_add_test(cases, a_backlog_of_seals_does_not_hold_up_the_feed);
	tcase_add_test(cases, the_bound_that_is_told_holds);
	tcase_add_test(cases, what_is_kept_no_more_is_gone);
	tcase_add_test(cases, a_place_that_was_not_reached_yet_is_gone);
	tcase_add_test(cases, the_feed_is_for_those_who_read_records_and_is_in_the_audit);
	suite_add_tcase(suite, cases);
	return suite;
}
