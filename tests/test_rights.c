/* The rights of the person: requests, correction, restriction, the dossier, retention. */
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "samples.h"

enum { POLICE = 1, EDUCATION_SEAT = 2, HEALTH = 5, FINANCE = 8, FRONT = 12 };

static struct http change(const char *as, const char *path, json_t *take_changes)
{
	return http_patch(as, path, etag_of(as, path), take_changes);
}

static struct http corrected(const char *as, const char *path, const char *request,
			     const char *changes)
{
	return http(.method = "PATCH", .path = path, .token = as, .body = changes,
		    .headers = text_of("If-Match: %s\r\nCorrection: %s\r\n", etag_of(as, path),
				       request));
}

static char *asked_of(int agency, const char *person, const char *kind)
{
	return made(token(agency, OFFICER), "/v1/subject-requests",
		    object("{'person': '%s', 'kind': '%s', 'requester': 'subject', 'received_on': "
			   "'2026-11-24'}",
			   person, kind));
}

static char *asked(const char *person, const char *kind)
{
	return asked_of(COMMUNE, person, kind);
}

static char *restricted(const char *person, const char *kind)
{
	return made(token(COMMUNE, OFFICER), "/v1/restrictions",
		    object("{'person': '%s', 'kind': '%s', 'reason': 'accuracy_contested'}", person,
			   kind));
}

static struct http lifted(int agency, const char *restriction)
{
	return change(token(agency, OFFICER), text_of("/v1/restrictions/%s", restriction),
		      object("{'status': 'lifted', 'lifting_reason': 'Đã xác minh'}"));
}

static int reads(int agency, const char *person)
{
	return http_get(token(agency, OFFICER), "/v1/people/%s", person).status;
}

static bool is_listed(int agency, const char *person)
{
	struct http list = http_get(token(agency, OFFICER), "/v1/people?limit=200&sort=-id");

	assert_status(list, 200);
	return strstr(list.body, person) != NULL;
}

static size_t told(int agency, const char *kind, const char *subject)
{
	struct http list = http_get(token(agency, OFFICER), "/v1/notices?kind=%s&subject=%s", kind,
				    subject);

	assert_status(list, 200);
	return count_of(&list);
}

/* The same as sql_forged(), for a purpose. */
static const char *forged(int agency, char **value, const char *statement)
{
	return sql_forged(agency, OFFICER, value,
			  "SELECT set_config('lachan.purpose', 'inspection', true); %s", statement);
}

/* Requests */

static const struct {
	const char *received, *answer_due, *execution_due;
} request_clocks[] = {
	{"2026-11-18", "2026-11-20", "2026-11-21"},
	{"2026-11-20", "2026-11-24", "2026-11-23"}, /* a weekend between */
	{"2026-04-29", "2026-05-05", "2026-05-02"}, /* two holidays and a weekend */
	{"2025-12-30", "2026-01-02", "2026-01-02"}, /* the decree before, a new year */
};

START_TEST(a_request_has_the_clock_of_the_law)
{
	struct http answer = http_post(
		token(COMMUNE, OFFICER), "/v1/subject-requests",
		object("{'person': '%s', 'kind': 'access', 'requester': 'subject', "
		       "'received_on': '%s'}",
		       person_made(NULL), request_clocks[_i].received));

	assert_status(answer, 201);
	ck_assert_str_eq(http_text(&answer, "answer_due_on"), request_clocks[_i].answer_due);
	ck_assert_str_eq(http_text(&answer, "execution_due_on"), request_clocks[_i].execution_due);
	ck_assert_str_eq(http_text(&answer, "status"), "received");
	bool is_late = strcmp(request_clocks[_i].answer_due, TODAY) < 0;
	ck_assert_int_eq(json_is_true(json_object_get(answer.json, "is_overdue")), is_late);
	struct http late = http_get(token(POLICE, OFFICER),
				    "/v1/subject-requests?is_overdue=true&sort=-id&limit=200");
	ck_assert_int_eq(strstr(late.body, http_text(&answer, "id")) != NULL, is_late);
}
END_TEST

START_TEST(a_request_is_answered_or_refused_once)
{
	const char *officer = token(COMMUNE, OFFICER);
	char *path = text_of("/v1/subject-requests/%s", asked(person_made(NULL), "access"));

	assert_blamed(change(officer, path, object("{'status': 'answered'}")), 422, "/outcome",
		      "required_when");
	assert_blamed(change(officer, path, object("{'status': 'refused'}")), 422,
		      "/refusal_reason", "required_when");
	struct http answer = change(officer, path,
				    object("{'status': 'answered', 'outcome': 'Đã giao bản sao'}"));

	assert_status(answer, 200);
	ck_assert_str_eq(http_text(&answer, "answered_on"), TODAY);
	ck_assert_str_eq(http_text(&answer, "executed_on"), TODAY);
	assert_status(change(officer, path,
			     object("{'status': 'refused', 'refusal_reason': 'Không có căn cứ'}")),
		      409);
}
END_TEST

START_TEST(of_a_child_the_representative_asks)
{
	char *child = person_made("{'date_of_birth': '2011-05-17', 'guardian_name': 'H Bé'}");
	json_t *body = object("{'person': '%s', 'kind': 'access', 'requester': 'subject', "
			      "'received_on': '2026-11-20'}",
			      child);
	const char *officer = token(COMMUNE, OFFICER);

	assert_blamed(http_post(officer, "/v1/subject-requests", json_incref(body)), 422,
		      "/requester", "representative_required");
	json_object_set_new(body, "requester", json_string("representative"));
	assert_status(http_post(officer, "/v1/subject-requests", json_incref(body)), 201);
	assert_blamed(
		http_post(token(OTHER_COMMUNE, OFFICER), "/v1/subject-requests", json_incref(body)),
		422, "/person", "no_such_record");
	assert_status(http_post(token(FINANCE, OFFICER), "/v1/subject-requests", body), 403);
}
END_TEST

/* Correction */

START_TEST(a_correction_keeps_what_was_and_tells_who_read_it)
{
	char *person = person_made("{'address': 'Thôn 1'}"), *request = asked(person, "correction");
	char *path = text_of("/v1/people/%s", person);

	ck_assert_int_eq(reads(HEALTH, person), 200);
	assert_status(corrected(token(COMMUNE, OFFICER), path, request, "{\"address\":\"Thôn 2\"}"),
		      200);
	ck_assert_str_eq(sql(AS_SUPERUSER,
			     "SELECT was->>'address' || ' → ' || (becomes->>'address') FROM "
			     "corrections WHERE request = '%s'",
			     request),
			 "Thôn 1 → Thôn 2");
	ck_assert_str_eq(
		sql(AS_SUPERUSER,
		    "SELECT reason FROM audit_entries WHERE action = 'correct' AND '%s' = ANY "
		    "(records)",
		    person),
		request);
	ck_assert_uint_eq(told(HEALTH, "corrected", request), 1);
	ck_assert_uint_eq(told(EDUCATION_SEAT, "corrected", request), 0);
	struct http now = http_get(token(COMMUNE, OFFICER), "/v1/subject-requests/%s", request);
	ck_assert_str_eq(http_text(&now, "executed_on"), TODAY);
}
END_TEST

/* It is told all the same, by the pseudonym that it knows. */
START_TEST(whoever_knows_a_pseudonym_is_told_by_it)
{
	char *person = person_made(NULL);
	const char *front = token(12, OFFICER);
	char *id = made(front, "/v1/interventions",
			object("{'person': '%s', 'kind': 'community_support', 'status': "
			       "'planned', 'starts_on': '2026-11-20'}",
			       person));
	struct http seen = http_get(front, "/v1/interventions/%s", id);
	char *restriction = made(
		token(POLICE, OFFICER), "/v1/restrictions",
		object("{'person': '%s', 'kind': 'processing', 'reason': 'other'}", person));
	struct http notice = http_get(front, "/v1/notices?subject=%s", restriction);

	ck_assert_uint_eq(count_of(&notice), 1);
	ck_assert_ptr_null(strstr(notice.body, person));
	ck_assert_str_eq(http_text(&notice, "data[0].pseudonym"), http_text(&seen, "pseudonym"));
	ck_assert_str_eq(http_text(&notice, "data[0].redacted[0]"), "person");
	assert_status(http_get(front, "/v1/notices?person=%s", person), 400);
}
END_TEST

START_TEST(a_correction_is_one_of_this_person_and_asked_for)
{
	char *person = person_made(NULL), *path = text_of("/v1/people/%s", person);
	char *of_another = asked(person_made(NULL), "correction"),
	     *access = asked(person, "access");
	const char *officer = token(COMMUNE, OFFICER), *body = "{\"address\":\"Thôn 2\"}";
	char *crimes_path = text_of("/v1/crimes/%s", sample_parent(&crimes));

	assert_blamed(corrected(officer, path, of_another, body), 422, "Correction",
		      "no_such_record");
	assert_blamed(corrected(officer, path, access, body), 422, "Correction", "no_such_record");
	assert_blamed(corrected(officer, path, "x", body), 400, "Correction", "not_a_uuid");
	assert_blamed(corrected(token(POLICE, OFFICER), crimes_path, access, "{\"number\":\"1\"}"),
		      400, "Correction", "not_correctable");
	struct http now = http_get(officer, "%s", path);
	ck_assert(json_is_null(json_object_get(now.json, "address")));
	/* a plain change is no correction */
	assert_status(change(officer, path, object("{'address': 'Thôn 3'}")), 200);
	ck_assert_int_eq(sql_number(AS_SUPERUSER,
				    "SELECT count(*) FROM corrections WHERE person = '%s'", person),
			 0);
}
END_TEST

/* Restriction */

START_TEST(a_restricted_person_is_seen_by_its_holder_and_the_police_alone)
{
	char *person = person_made(NULL), *value;
	char *intervention = made(token(COMMUNE, OFFICER), "/v1/interventions",
				  object("{'person': '%s', 'kind': 'counselling', 'status': "
					 "'planned', 'starts_on': '2026-01-01'}",
					 person));

	made(token(COMMUNE, OFFICER), "/v1/referrals",
	     object("{'person': '%s', 'to_organization': '%s', 'reason': 'x'}", person,
		    organization_of(FRONT)));
	ck_assert_int_eq(reads(HEALTH, person), 200);
	ck_assert_int_eq(reads(FRONT, person), 200);
	char *restriction = restricted(person, "processing");

	ck_assert_int_eq(reads(HEALTH, person), 404);
	ck_assert_int_eq(reads(FRONT, person), 403);
	ck_assert(!is_listed(HEALTH, person));
	ck_assert(!strstr(
		http(.path = "/v1/people?format=ndjson", .token = token(HEALTH, OFFICER)).body,
		person));
	assert_status(http_get(token(HEALTH, OFFICER), "/v1/interventions/%s", intervention), 404);
	ck_assert_int_eq(reads(COMMUNE, person), 200);
	ck_assert_int_eq(reads(POLICE, person), 200);
	ck_assert(is_listed(COMMUNE, person));

	char *count = text_of("SELECT count(*) FROM people WHERE id = '%s'", person);
	ck_assert_ptr_null(forged(HEALTH, &value, count));
	ck_assert_str_eq(value, "0");
	ck_assert_ptr_null(forged(COMMUNE, &value, count));
	ck_assert_str_eq(value, "1");
	/* nobody without a purpose */
	ck_assert_ptr_null(sql_forged(POLICE, ADMIN, &value, "%s", count));
	ck_assert_str_eq(value, "0");
	ck_assert_ptr_null(
		forged(HEALTH, &value,
		       text_of("SELECT count(*) FROM people_search WHERE id = '%s'", person)));
	ck_assert_str_eq(value, "0");
	ck_assert_uint_eq(told(HEALTH, "restricted", restriction), 1);
	ck_assert_uint_eq(told(FRONT, "restricted", restriction), 1);

	assert_status(lifted(COMMUNE, restriction), 200);
	ck_assert_int_eq(reads(HEALTH, person), 200);
	ck_assert_uint_eq(told(HEALTH, "restriction_lifted", restriction), 1);
}
END_TEST

/* Each would write of the person %s. */
static const struct {
	const char *path, *body;
} writes[] = {
	{"/v1/people/%s/statuses", "'status': 'at_risk', 'starts_on': '2026-01-01'"},
	{"/v1/people/%s/violations",
	 "'violated_on': '2026-01-01', 'kind': 'other', 'unit': '" COMMUNE_UNIT "'"},
	{"/v1/people/%s/interventions",
	 "'kind': 'counselling', 'status': 'planned', 'starts_on': '2026-01-01'"},
	{"/v1/interventions",
	 "'kind': 'counselling', 'status': 'planned', 'starts_on': '2026-01-01', 'person': '%s'"},
	{"/v1/referrals", "'to_organization': 'so_y_te', 'reason': 'x', 'person': '%s'"},
	{"/v1/handovers", "'to_unit': '" OTHER_UNIT "', 'reason': 'x', 'person': '%s'"},
};

/* `text` with the person in the place of its %s, if there is one. */
static char *with(const char *text, const char *person)
{
	const char *place = strstr(text, "%s");

	return place ? text_of("%.*s%s%s", (int)(place - text), text, person, place + 2)
		     : text_of("%s", text);
}

START_TEST(nothing_is_written_of_a_restricted_person)
{
	char *person = person_made(NULL), *path = with(writes[_i].path, person);
	char *body = text_of("{%s}", with(writes[_i].body, person));
	char *restriction = restricted(person, "processing");
	struct http answer = http_post(token(COMMUNE, OFFICER), path, object("%s", body));

	assert_status(answer, 409);
	ck_assert_str_eq(http_text(&answer, "code"), "restricted");
	ck_assert_ptr_nonnull(strstr(http_text(&answer, "detail"), "Công an"));
	assert_status(lifted(POLICE, restriction), 200);
	assert_status(http_post(token(COMMUNE, OFFICER), path, object("%s", body)), 201);
}
END_TEST

START_TEST(a_restricted_record_is_changed_by_its_correction_alone)
{
	char *person = person_made(NULL), *path = text_of("/v1/people/%s", person), *value;
	const char *officer = token(COMMUNE, OFFICER);

	restricted(person, "processing");
	assert_status(change(officer, path, object("{'address': 'Thôn 2'}")), 409);
	assert_status(http_delete(token(POLICE, ADMIN), text_of("%s?reason=other", path), "*"),
		      409);
	ck_assert_pstr_eq(
		forged(COMMUNE, &value,
		       text_of("UPDATE people SET address = 'x' WHERE id = '%s'", person)),
		"LC409");
	ck_assert_pstr_eq(
		forged(COMMUNE, &value,
		       text_of("SELECT set_config('lachan.correction', gen_random_uuid()::text, "
			       "true); UPDATE people SET address = 'x' WHERE id = '%s'",
			       person)),
		"LC409");
	assert_status(
		corrected(officer, path, asked(person, "correction"), "{\"address\":\"Thôn 2\"}"),
		200);
}
END_TEST

START_TEST(a_restriction_is_set_by_the_holder_and_lifted_by_it_or_the_police)
{
	char *person = person_made(NULL), *value;
	json_t *body = object("{'person': '%s', 'kind': 'processing', 'reason': 'other'}", person);

	assert_status(http_post(token(HEALTH, OFFICER), "/v1/restrictions", json_incref(body)),
		      403);
	assert_blamed(
		http_post(token(OTHER_COMMUNE, OFFICER), "/v1/restrictions", json_incref(body)),
		422, "/person", "no_such_record");
	char *by_police = made(token(POLICE, OFFICER), "/v1/restrictions", json_incref(body));

	assert_status(http_post(token(COMMUNE, OFFICER), "/v1/restrictions", body), 409);
	assert_status(lifted(COMMUNE, by_police), 403);
	ck_assert_pstr_eq(
		forged(COMMUNE, &value,
		       text_of("UPDATE restrictions SET status = 'lifted', lifting_reason = "
			       "'x' WHERE id = '%s'",
			       by_police)),
		"LC403");
	assert_status(lifted(POLICE, by_police), 200);
	assert_status(lifted(POLICE, by_police), 409);
	/* whoever breaks the glass of a restricted person is turned away */
	restricted(person, "processing");
	assert_blamed(http_post(token(OTHER_COMMUNE, OFFICER), "/v1/break-glasses",
				object("{'person': '%s', 'reason': 'Cấp cứu: bệnh nhân bất tỉnh'}",
				       person)),
		      422, "/person", "no_such_record");
	/* and nobody else learns of a restriction by trying to write */
	ck_assert_pstr_eq(
		forged(OTHER_COMMUNE, &value,
		       text_of("INSERT INTO person_statuses (id, person, status, starts_on) VALUES "
			       "(gen_random_uuid(), '%s', 'at_risk', '2026-01-01')",
			       person)),
		"42501");
	assert_blamed(
		http_post(token(HEALTH, OFFICER), "/v1/interventions",
			  object("{'person': '%s', 'kind': 'counselling', 'status': 'planned', "
				 "'starts_on': '2026-01-01'}",
				 person)),
		422, "/person", "no_such_record");
	assert_blamed(http_post(token(FRONT, OFFICER), "/v1/interventions",
				object("{'person': '%s', 'kind': 'community_support', 'status': "
				       "'planned', 'starts_on': '2026-01-01'}",
				       person)),
		      422, "/person", "no_such_record");
}
END_TEST

START_TEST(a_juvenile_s_file_is_shut_when_it_is_closed)
{
	char *person = person_made("{'date_of_birth': '2010-05-06', 'guardian_name': 'H Bé'}");
	char *path = text_of("/v1/people/%s/statuses", person);

	made(token(COMMUNE, OFFICER), path,
	     object("{'status': 'at_risk', 'starts_on': '2026-01-01'}"));
	ck_assert_int_eq(reads(HEALTH, person), 200);
	made(token(COMMUNE, OFFICER), path,
	     object("{'status': 'closed', 'starts_on': '2026-06-01', 'close_reason': "
		    "'completed'}"));
	ck_assert_int_eq(reads(HEALTH, person), 404);
	ck_assert_int_eq(reads(COMMUNE, person), 200);
	ck_assert_str_eq(
		sql(AS_SUPERUSER, "SELECT reason FROM restrictions WHERE person = '%s'", person),
		"juvenile_closed");
}
END_TEST

/* A request that waits for a lock that this test holds. */
struct waiting {
	pthread_t thread;
	char *request;
	struct http answer;
};

static void *send_it(void *data)
{
	struct waiting *waiting = data;

	waiting->answer = raw_send(waiting->request, strlen(waiting->request), 30);
	return NULL;
}

static void wait_for_lock(void)
{
	PGconn *watch = PQconnectdb(getenv("LACHAN_ADMIN_DATABASE_URL"));
	bool is_waiting = false;

	while (!is_waiting) {
		PGresult *result = PQexec(
			watch, "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
			       "usename = 'lachan_service'");

		is_waiting = PQntuples(result) > 0;
		PQclear(result);
		usleep(10000);
	}
	PQfinish(watch);
}

START_TEST(a_write_in_flight_meets_the_restriction)
{
	char *person = person_made(NULL);
	char *const requests[] = {
		text_of("PATCH /v1/people/%s HTTP/1.1\r\nContent-Type: "
			"application/merge-patch+json\r\nIf-Match: *\r\nContent-Length: 15\r\n",
			person),
		text_of("POST /v1/people/%s/interventions HTTP/1.1\r\nContent-Type: "
			"application/json\r\nIdempotency-Key: %s\r\nContent-Length: 68\r\n",
			person, unique("")),
	};
	static const char *const bodies[] = {
		"{\"address\":\"x\"}",
		"{\"kind\":\"counselling\",\"status\":\"planned\",\"starts_on\":\"2026-01-01\"}",
	};
	struct waiting waiting = {
		.request = text_of(
			"%sHost: localhost\r\nConnection: close\r\nAuthorization: Bearer "
			"%s\r\n\r\n%-68s",
			requests[_i], token(POLICE, ADMIN), bodies[_i])};

	sql(AS_SUPERUSER,
	    "BEGIN; SELECT set_config('lachan.agency', '1', true), set_config('lachan.units', '*', "
	    "true), set_config('lachan.organization', 'cong_an_tinh', true), "
	    "set_config('lachan.user', gen_random_uuid()::text, true); INSERT INTO restrictions "
	    "(id, person, kind, reason) VALUES (gen_random_uuid(), '%s', 'processing', 'other')",
	    person);
	pthread_create(&waiting.thread, NULL, send_it, &waiting);
	wait_for_lock();
	sql(AS_SUPERUSER, "COMMIT");
	pthread_join(waiting.thread, NULL);
	assert_status(waiting.answer, 409);
	ck_assert_str_eq(http_text(&waiting.answer, "code"), "restricted");
	ck_assert_int_eq(sql_number(AS_SUPERUSER,
				    "SELECT count(*) FROM interventions WHERE person = '%s'",
				    person),
			 0);
}
END_TEST

/* The dossier */

static struct http dossier(int agency, enum role role, const char *person)
{
	return http_get(token(agency, role), "/v1/people/%s/dossier", person);
}

/* A table that comes to refer to people is found here when the dossier does not show it. */
START_TEST(a_dossier_has_every_table_that_refers_to_people)
{
	char *person = person_made(NULL);
	struct http answer = dossier(POLICE, ADMIN, person);
	PGresult *tables = PQexec(
		sql_open(AS_OWNER),
		"SELECT DISTINCT conrelid::regclass FROM pg_constraint WHERE contype "
		"= 'f' AND confrelid = 'people'::regclass AND conrelid <> "
		"'people_keys'::regclass");

	assert_status(answer, 200);
	ck_assert_int_gt(PQntuples(tables), 8);
	for (int row = 0; row < PQntuples(tables); row++)
		ck_assert_msg(json_is_array(json_object_get(json_object_get(answer.json, "records"),
							    PQgetvalue(tables, row, 0))),
			      "%s is not in the dossier", PQgetvalue(tables, row, 0));
	ck_assert_uint_eq(json_array_size(json_object_get(answer.json, "withheld")), 0);
}
END_TEST

START_TEST(a_dossier_says_what_is_held_and_who_was_given_it)
{
	char *number = text_of("066%09u", randombytes_uniform(1000000000));
	char *person = person_made(
		text_of("{'address': 'Thôn 1', 'citizen_number': '%s'}", number));

	made(token(COMMUNE, OFFICER), text_of("/v1/people/%s/statuses", person),
	     object("{'status': 'at_risk', 'starts_on': '2026-01-01'}"));
	http(.path = text_of("/v1/people/%s", person), .token = token(HEALTH, OFFICER),
	     .headers = "Purpose: health_care\r\n");
	struct http answer = dossier(COMMUNE, OFFICER, person);

	assert_status(answer, 200);
	ck_assert_str_eq(http_text(&answer, "person.address"), "Thôn 1");
	ck_assert_str_eq(http_text(&answer, "person.citizen_number"),
			 text_of("066*******%s", number + 10));
	ck_assert_str_eq(http_text(&answer, "records.person_statuses[0].status"), "at_risk");
	char *readings = json_dumps(json_object_get(answer.json, "readings"), JSON_COMPACT);

	ck_assert_ptr_nonnull(strstr(readings, "\"so_y_te\""));
	ck_assert_ptr_nonnull(strstr(readings, "\"health_care\""));
	ck_assert_ptr_null(strstr(answer.body, "created_by"));
	ck_assert_ptr_null(strstr(readings, "user_id"));
	ck_assert_ptr_null(strstr(answer.body, number));
	ck_assert_int_eq(
		sql_number(AS_SUPERUSER,
			   "SELECT count(*) FROM audit_entries WHERE action = 'dossier' AND '%s' = "
			   "ANY (records) AND organization = '%s' AND purpose IS NOT NULL",
			   person, organization_of(COMMUNE)),
		1);
}
END_TEST

START_TEST(a_dossier_hides_what_is_hidden_from_its_reader)
{
	json_t *body = person("{'criminal_record': 'x'}");
	char *id = made(token(POLICE, OFFICER), "/v1/people", body);
	char *crime = made(token(POLICE, OFFICER), "/v1/crimes",
			   object("{'article': '249', 'detected_on': '2026-03-01', 'unit': '%s'}",
				  COMMUNE_UNIT));

	made(token(POLICE, OFFICER), text_of("/v1/crimes/%s/participants", crime),
	     object("{'role': 'suspect', 'person': '%s'}", id));
	assert_status(corrected(token(POLICE, OFFICER), text_of("/v1/people/%s", id),
				asked(id, "correction"),
				"{\"criminal_record\":\"bí mật\",\"address\":\"Thôn 5\"}"),
		      200);
	struct http commune = dossier(COMMUNE, OFFICER, id), police = dossier(POLICE, OFFICER, id);

	ck_assert_ptr_null(strstr(commune.body, "bí mật"));
	ck_assert_ptr_null(strstr(commune.body, crime));
	ck_assert_ptr_nonnull(strstr(commune.body, "\"criminal_record\""));
	char *withheld = json_dumps(json_object_get(commune.json, "withheld"), JSON_COMPACT);

	ck_assert_str_eq(withheld, "[\"crime_participants\",\"retention_decisions\"]");
	ck_assert_str_eq(http_text(&commune, "records.corrections[0].becomes.address"), "Thôn 5");
	ck_assert_str_eq(http_text(&police, "person.criminal_record"), "bí mật");
	ck_assert_str_eq(http_text(&police, "records.crime_participants[0].role"), "suspect");
}
END_TEST

static const struct {
	int agency;
	enum role role;
	int status;
} readers[] = {
	{COMMUNE, OFFICER, 200}, {COMMUNE, ADMIN, 200},	       {COMMUNE, VIEWER, 403},
	{COMMUNE, SERVICE, 403}, {POLICE, OFFICER, 200},       {POLICE, VIEWER, 403},
	{HEALTH, OFFICER, 403},	 {HEALTH, ADMIN, 403},	       {OTHER_COMMUNE, ADMIN, 404},
	{FINANCE, ADMIN, 404},	 {EDUCATION_SEAT, ADMIN, 404},
};

START_TEST(a_dossier_is_given_to_who_answers_for_the_file)
{
	char *person = person_made(NULL), *value;
	struct http answer = dossier(readers[_i].agency, readers[_i].role, person);

	assert_status(answer, readers[_i].status);
	const char *state = sql_forged(readers[_i].agency, readers[_i].role, &value,
				       "SELECT set_config('lachan.purpose', 'inspection', true); "
				       "SELECT content->>'full_name' "
				       "FROM dossier('%s', '{}') WHERE section = 'people'",
				       person);

	if (readers[_i].status == 200)
		ck_assert_ptr_null(state);
	else
		ck_assert_pstr_eq(state, readers[_i].status == 403 ? "LC403" : "LC404");
	ck_assert_pstr_eq(
		sql_forged(POLICE, ADMIN, &value, "SELECT FROM dossier('%s', '{}')", person),
		"LC403"); /* for no purpose */
}
END_TEST

/* Whoever sees a file may hold it. */
static const int holders[] = {POLICE, EDUCATION_SEAT, 3, 4, HEALTH, 16, 17, COMMUNE};

static const struct {
	const char *table, *list;
} lists_of_people[] = {
	{"person_statuses", "people/%s/statuses?limit=200"},
	{"person_violations", "people/%s/violations?limit=200"},
	{"interventions", "people/%s/interventions?limit=200"},
	{"interventions", "interventions?limit=200&person=%s"},
	{"referrals", "referrals?limit=200&person=%s"},
	{"handovers", "handovers?limit=200&person=%s"},
	{"break_glasses", "break-glasses?limit=200&person=%s"},
	{"merges", "merges?limit=200&kept=%s"},
	{"notices", "notices?limit=200&person=%s"},
	{"subject_requests", "subject-requests?limit=200&person=%s"},
	{"restrictions", "restrictions?limit=200&person=%s"},
	{"retention_decisions", "retention-decisions?limit=200&person=%s"},
};

#define POLICE_NOTE "chỉ công an biết"

static char *helped(int agency, const char *person, const char *kind)
{
	return made(token(agency, OFFICER), "/v1/interventions",
		    object("{'person': '%s', 'kind': '%s', 'status': 'planned', 'starts_on': "
			   "'2026-03-01', 'note': '%s'}",
			   person, kind, agency == POLICE ? POLICE_NOTE : "của mình"));
}

static void serve_and_correct(const char *person)
{
	char *counselling = helped(POLICE, person, "counselling");

	helped(POLICE, person, "screening");
	helped(POLICE, person, "mentoring");
	helped(POLICE, person, "legal_aid");
	helped(EDUCATION_SEAT, person, "behaviour_education");
	helped(HEALTH, person, "assessment");
	helped(17, person, "vocational_training");
	assert_status(corrected(token(POLICE, OFFICER),
				text_of("/v1/interventions/%s", counselling),
				asked_of(POLICE, person, "correction"),
				"{\"note\":\"" POLICE_NOTE " hơn\"}"),
		      200);
	asked_of(HEALTH, person, "access");
}

/* What one and another ask and decide about the file. */
static void pass_around(const char *person)
{
	const char *police = token(POLICE, OFFICER);
	char *other = person_made(NULL);

	made(police, "/v1/merges",
	     object("{'person': '%s', 'kept': '%s', 'reason': 'trùng'}", other, person));
	for (int i = 0; i < 2; i++)
		made(token(i ? HEALTH : POLICE, OFFICER), "/v1/referrals",
		     object("{'person': '%s', 'to_organization': '%s', 'reason': 'x'}", person,
			    organization_of(i ? EDUCATION_SEAT : FRONT)));
	made(police, "/v1/restrictions",
	     object("{'person': '%s', 'kind': 'hold', 'reason': 'legal_claim'}", person));
	made(police, text_of("/v1/people/%s/violations", person),
	     object("{'violated_on': '2026-03-01', 'kind': 'other', 'unit': '%s'}", COMMUNE_UNIT));
	made(token(OTHER_COMMUNE, OFFICER), "/v1/break-glasses",
	     object("{'person': '%s', 'reason': 'Tìm người mất tích theo tin báo'}", person));
	made(police, "/v1/handovers",
	     object("{'person': '%s', 'to_unit': '%s', 'reason': 'x'}", person, OTHER_UNIT));
}

/* Somebody that each of the holders sees, with something in every table but of the erased. */
static char *somebody(const char *unit)
{
	static const char *const statuses[] = {"at_risk", "serving_sentence", "released"};
	const char *police = token(POLICE, OFFICER);
	struct http school = sample_made(sample_of(&institutions), 0);
	char *person = made(police, "/v1/people",
			    object("{'full_name': 'Y Đủ', 'date_of_birth': '1999-05-17', 'sex': "
				   "'male', 'unit': '%s', 'institution': '%s'}",
				   unit, http_text(&school, "id")));
	char *crime = made(
		police, "/v1/crimes",
		object("{'article': '249', 'detected_on': '2026-03-01', 'unit': '%s'}", unit));

	for (int i = 0; i < 3; i++)
		made(police, text_of("/v1/people/%s/statuses", person),
		     object("{'status': '%s', 'starts_on': '2026-0%d-01'}", statuses[i], i + 1));
	made(police, text_of("/v1/crimes/%s/participants", crime),
	     object("{'role': 'victim', 'person': '%s'}", person));
	serve_and_correct(person);
	pass_around(person);
	return person;
}

/* Each has the records of the other: ids are as long as another. */
static void expect_same(int agency, const char *table, const json_t *shown, const struct http *list)
{
	const json_t *listed = json_object_get(list->json, "data");
	size_t i;
	json_t *one;

	ck_assert_msg(json_array_size(shown) == json_array_size(listed),
		      "agency %d is shown %zu %s, not %zu", agency, json_array_size(shown), table,
		      json_array_size(listed));
	json_array_foreach((json_t *)(uintptr_t)shown, i, one)
		ck_assert_ptr_nonnull(
			strstr(list->body, json_string_value(json_object_get(one, "id"))));
}

START_TEST(a_dossier_shows_what_the_lists_show)
{
	int agency = holders[_i];
	char *person = somebody(agency == COMMUNE ? COMMUNE_UNIT : BORDER_UNIT);

	sql(AS_SUPERUSER,
	    "SET session_replication_role = replica; UPDATE people SET organization = '%s' WHERE "
	    "id = '%s'; SET session_replication_role = origin",
	    organization_of(agency), person);
	struct http answer = dossier(agency, OFFICER, person);

	assert_status(answer, 200);
	for (size_t i = 0; i < sizeof lists_of_people / sizeof *lists_of_people; i++) {
		char *path = text_of(lists_of_people[i].list, person);
		struct http list = http_get(token(agency, OFFICER), "/v1/%s", path);

		ck_assert_msg(list.status == 200 || list.status == 403, "%s: %d", path,
			      list.status);
		expect_same(agency, path,
			    json_object_get(json_object_get(answer.json, "records"),
					    lists_of_people[i].table),
			    &list);
	}
	/* Of health kinds agency 5 reads what others did. */
	ck_assert_int_eq(strstr(answer.body, POLICE_NOTE) != NULL,
			 agency == POLICE || agency == 4 || agency == HEALTH || agency == COMMUNE);
	ck_assert_int_eq(sql_number(AS_SUPERUSER,
				    "SELECT count(*) FROM interventions WHERE person = '%s' AND "
				    "id = ANY (ARRAY(SELECT unnest(records) FROM audit_entries "
				    "WHERE action = 'dossier' AND organization = '%s'))",
				    person, organization_of(agency)),
			 (long long)json_array_size(json_object_get(
				 json_object_get(answer.json, "records"), "interventions")));
}
END_TEST

/* Where it was is told as well, and keeps nobody from asking who read it. */
START_TEST(a_file_that_moved_has_a_dossier)
{
	char *person = person_made(NULL);
	char *path = text_of("/v1/handovers/%s",
			     made(token(COMMUNE, OFFICER), "/v1/handovers",
				  object("{'person': '%s', 'to_unit': '%s', 'reason': 'x'}", person,
					 OTHER_UNIT)));

	assert_status(change(token(OTHER_COMMUNE, OFFICER), path, object("{'status': 'accepted'}")),
		      200);
	struct http answer = dossier(OTHER_COMMUNE, OFFICER, person);

	assert_status(answer, 200);
	ck_assert_str_eq(http_text(&answer, "records.person_moves[0].to_unit"), OTHER_UNIT);
	assert_status(http_get(token(POLICE, ADMIN), "/v1/audit?person=%s", person), 200);
	made(token(OTHER_COMMUNE, OFFICER), "/v1/restrictions",
	     object("{'person': '%s', 'kind': 'processing', 'reason': 'legal_claim'}", person));
}
END_TEST

START_TEST(a_dossier_is_whole)
{
	char *path = text_of("/v1/people/%s/dossier", person_made(NULL));

	assert_blamed(http_get(token(POLICE, ADMIN), "%s?fields=sex", path), 400, "fields",
		      "unknown_parameter");
	assert_status(http_get(token(POLICE, ADMIN), "/v1/people/%s/dossier",
			       "01890a5d-ac96-774b-bcce-b302099a8057"),
		      404);
}
END_TEST

/* Retention */

/* Somebody with a file as `kind` from 2010 on, closed in that June, and with something to lose. */
static char *closed(const char *kind, const char *changes)
{
	json_t *body = object(
		"{'full_name': 'Trần Thị Quên', 'other_name': 'Út Quên', 'date_of_birth': "
		"'1990-05-17', 'sex': 'female', 'unit': '%s', 'phone': '0912345678', 'address': "
		"'Thôn Quên', 'citizen_number': '066%09u', 'occupation': 'Quên', 'ethnicity': "
		"'12'}",
		COMMUNE_UNIT, randombytes_uniform(1000000000));
	json_t *changed = object("%s", changes);

	json_object_update(body, changed);
	char *person = made(token(COMMUNE, OFFICER), "/v1/people", body);
	char *path = text_of("/v1/people/%s", person);

	made(token(COMMUNE, OFFICER), text_of("%s/statuses", path),
	     object("{'status': '%s', 'starts_on': '2010-01-01', 'unit': '2024-24121', 'note': "
		    "'Quên'}",
		    kind));
	made(token(COMMUNE, OFFICER), text_of("%s/interventions", path),
	     object("{'kind': 'counselling', 'status': 'completed', 'starts_on': '2010-02-01', "
		    "'ends_on': '2010-03-01', 'note': 'Quên'}"));
	made(token(COMMUNE, OFFICER), text_of("%s/statuses", path),
	     object("{'status': 'closed', 'starts_on': '2010-06-01', 'unit': '2024-24121', "
		    "'close_reason': "
		    "'completed'}"));
	return person;
}

static json_t *due(int agency, const char *person)
{
	struct http list = http_get(token(agency, ADMIN), "/v1/retention?limit=200&sort=-id");
	json_t *file;
	size_t i;

	assert_status(list, 200);
	json_array_foreach(json_object_get(list.json, "data"), i, file)
		if (!strcmp(json_string_value(json_object_get(file, "id")), person))
			return file;
	return NULL;
}

static struct http proposed(const char *person)
{
	return http_post(token(COMMUNE, ADMIN), "/v1/retention-decisions",
			 object("{'person': '%s'}", person));
}

static struct http approved(int agency, const struct http *decision)
{
	return change(token(agency, ADMIN),
		      text_of("/v1/retention-decisions/%s", http_text(decision, "id")),
		      object("{'status': 'approved'}"));
}

static const struct {
	const char *kind, *born;
	int years;
} terms[] = {
	{"at_risk", "1990-05-17", 3},
	{"at_risk", "1995-05-17", 1}, /* under 18 when it was closed */
	{"addict", "1990-05-17", 10},
	{"addict", "1995-05-17", 5},
};

START_TEST(what_is_due_is_listed_by_class_and_nothing_happens)
{
	char *person = closed(terms[_i].kind, text_of("{'date_of_birth': '%s'}", terms[_i].born)),
	     *value;
	json_t *file = due(COMMUNE, person);

	ck_assert_ptr_nonnull(file);
	ck_assert_str_eq(json_string_value(json_object_get(file, "kind")), terms[_i].kind);
	ck_assert_int_eq(json_integer_value(json_object_get(file, "years")), terms[_i].years);
	ck_assert_str_eq(json_string_value(json_object_get(file, "due_on")),
			 text_of("%d-06-01", 2010 + terms[_i].years));
	ck_assert(json_is_false(json_object_get(file, "is_binding")));
	ck_assert_uint_eq(json_array_size(json_object_get(file, "blocked_by")), 0);
	ck_assert_str_eq(json_string_value(json_object_get(file, "status")), "due");
	ck_assert_ptr_nonnull(due(POLICE, person));
	ck_assert_ptr_null(due(OTHER_COMMUNE, person));
	assert_status(http_get(token(COMMUNE, OFFICER), "/v1/retention"), 403);
	assert_status(http_get(token(HEALTH, ADMIN), "/v1/retention"), 403);
	ck_assert_ptr_null(sql_forged(HEALTH, ADMIN, &value, "SELECT count(*) FROM retention"));
	ck_assert_str_eq(value, "0");
	ck_assert_ptr_null(sql_forged(COMMUNE, OFFICER, &value, "SELECT count(*) FROM retention"));
	ck_assert_str_eq(value, "0");
	ck_assert_int_eq(reads(COMMUNE, person), 200);
}
END_TEST

START_TEST(what_is_not_due_is_not_proposed)
{
	char *person = person_made(NULL), *path = text_of("/v1/people/%s/statuses", person);

	assert_blamed(proposed(person), 422, "/person", "no_such_record");
	made(token(COMMUNE, OFFICER), path,
	     object("{'status': 'at_risk', 'starts_on': '2024-01-01', 'unit': '2024-24121'}"));
	made(token(COMMUNE, OFFICER), path,
	     object("{'status': 'closed', 'starts_on': '2024-06-01', 'unit': '2024-24121', "
		    "'close_reason': "
		    "'completed'}"));
	assert_blamed(proposed(person), 409, "/person", "not_due");
	ck_assert_ptr_null(due(COMMUNE, person));
	assert_status(http_post(token(OTHER_COMMUNE, ADMIN), "/v1/retention-decisions",
				object("{'person': '%s'}", closed("at_risk", "{}"))),
		      422);
}
END_TEST

START_TEST(two_decide)
{
	char *person = closed("at_risk", "{}"), *value;
	struct http decision = proposed(person);
	const char *id = http_text(&decision, "id");

	assert_status(decision, 201);
	assert_status(proposed(person), 409);
	assert_status(approved(COMMUNE, &decision), 403);
	ck_assert_pstr_eq(
		sql_forged(COMMUNE, ADMIN, &value,
			   "SELECT set_config('lachan.user', (SELECT created_by::text FROM "
			   "retention_decisions WHERE id = '%s'), true); UPDATE "
			   "retention_decisions SET status = 'approved' WHERE id = '%s'",
			   id, id),
		"LC403");
	assert_status(http_patch(token(COMMUNE, OFFICER), text_of("/v1/retention-decisions/%s", id),
				 "\"1\"", object("{'status': 'withdrawn'}")),
		      403);
	assert_status(change(token(POLICE, ADMIN), text_of("/v1/retention-decisions/%s", id),
			     object("{'status': 'executed'}")),
		      409);
	ck_assert_str_eq(json_string_value(json_object_get(due(COMMUNE, person), "status")),
			 "proposed");
	sql(AS_SERVICE, "SELECT retention_execute()");
	ck_assert_int_eq(reads(COMMUNE, person), 200);
	assert_status(change(token(COMMUNE, ADMIN), text_of("/v1/retention-decisions/%s", id),
			     object("{'status': 'withdrawn'}")),
		      200);
	assert_status(approved(POLICE, &decision), 409);
	assert_status(proposed(person), 201);
}
END_TEST

/* What stands in the way, done to the person %s. */
static const struct {
	const char *reason, *path, *body;
} blocks[] = {
	{"legal_hold", "/v1/restrictions",
	 "'kind': 'hold', 'reason': 'legal_claim', 'person': '%s'"},
	{"restricted", "/v1/restrictions",
	 "'kind': 'processing', 'reason': 'other', 'person': '%s'"},
	{"open_request", "/v1/subject-requests",
	 "'kind': 'access', 'requester': 'subject', 'received_on': '2026-11-24', 'person': '%s'"},
	{"open_custody", "/v1/referrals",
	 "'to_organization': 'so_y_te', 'reason': 'x', 'person': '%s'"},
	{"open_case", NULL, "'role': 'suspect', 'person': '%s'"},
};

START_TEST(what_blocks_a_file_blocks_each_step)
{
	char *before = closed("at_risk", "{}"), *after = closed("at_risk", "{}");
	struct http decision = proposed(after);
	char *const people_of[] = {before, after};

	assert_status(decision, 201);
	assert_status(approved(POLICE, &decision), 200);
	for (int i = 0; i < 2; i++) {
		const char *path = blocks[_i].path;

		if (!path)
			path = text_of(
				"/v1/crimes/%s/participants",
				made(token(POLICE, OFFICER), "/v1/crimes",
				     object("{'article': '249', 'detected_on': '2009-03-01', "
					    "'unit': '2024-24121'}")));
		/* Before the worker comes by, and if it came before, nothing is left to test. */
		struct http answer = http_post(token(POLICE, OFFICER), path,
					       object("{%s}", with(blocks[_i].body, people_of[i])));
		if (i && reads(COMMUNE, after) == 404)
			return;
		assert_status(answer, 201);
	}
	assert_blamed(proposed(before), 409, "/person", "retention_blocked");
	ck_assert_str_eq(json_string_value(json_array_get(
				 json_object_get(due(COMMUNE, before), "blocked_by"), 0)),
			 blocks[_i].reason);
	sql(AS_SERVICE, "SELECT retention_execute(1000)");
	ck_assert_int_eq(reads(COMMUNE, after), 200);
}
END_TEST

static json_t *figures_of(const char *path)
{
	struct http answer = http_get(token(POLICE, OFFICER), "%s", path);
	json_t *rows = json_object_get(answer.json, "data"), *row;
	size_t i;

	assert_status(answer, 200);
	json_array_foreach(rows, i, row)
		json_object_del(row, "as_of");
	return rows;
}

/* One indicator as it is defined each way, in windows of now and of then. */
static void add_figures(json_t *gathered, const json_t *indicator)
{
	static const char *const windows[] = {"period=2026Y", "from=2009-12-15&to=2010-06-14",
					      "from=2010-01-17&to=2010-05-16"};
	bool by_person = json_array_size(json_object_get(indicator, "dimensions")) > 1;
	json_t *way;
	size_t i;

	json_array_foreach(json_object_get(indicator, "definitions"), i, way)
		for (int window = 0; window < 3; window++)
			json_array_append(
				gathered,
				figures_of(text_of(
					"/v1/indicators/%s?unit=%s&definition=%s&%s%s",
					json_string_value(json_object_get(indicator, "code")),
					COMMUNE_UNIT,
					json_string_value(json_object_get(way, "code")),
					windows[window], by_person ? "&by=sex,age_band" : "")));
}

/* All indicators that are computed. */
static char *figures(void)
{
	struct http all = http_get(token(POLICE, OFFICER), "/v1/indicators");
	json_t *indicator, *gathered = json_array();
	size_t i;

	json_array_foreach(json_object_get(all.json, "data"), i, indicator)
		if (json_is_true(json_object_get(indicator, "is_computed")))
			add_figures(gathered, indicator);
	return json_dumps(gathered, JSON_SORT_KEYS | JSON_INDENT(1));
}

/* Every text that the database has of the person, but for its audit. */
static char *all_of(const char *person)
{
	return sql(AS_OWNER,
		   "SELECT (SELECT people::text FROM people WHERE id = '%s') || (SELECT "
		   "string_agg(content::text, ' ') FROM records_of_person('%s'))",
		   person, person);
}

START_TEST(what_is_pseudonymised_identifies_nobody_and_moves_no_figure)
{
	char *none = figures(), *person = NULL;

	/* 18 since twelve days in the last of the windows: another day of birth is another band.
	 * Fewer would be a small cell. */
	for (int i = 0; i < 6; i++)
		person = closed("addict", "{'date_of_birth': '1992-01-05', 'health_note': 'Quên', "
					  "'guardian_name': 'Mẹ Quên'}");
	char *crime = made(token(POLICE, OFFICER), "/v1/crimes",
			   object("{'article': '249', 'detected_on': '2010-03-01', 'unit': "
				  "'2024-24121'}"));

	made(token(POLICE, OFFICER), text_of("/v1/crimes/%s/participants", crime),
	     object("{'role': 'suspect', 'person': '%s', 'full_name': 'Trần Thị Quên', 'outcome': "
		    "'Quên'}",
		    person));
	made(token(POLICE, OFFICER), text_of("/v1/crimes/%s/stages", crime),
	     object("{'stage': 'executed', 'reached_on': '2012-01-01'}"));
	struct http referral = http_post(token(COMMUNE, OFFICER), "/v1/referrals",
					 object("{'person': '%s', 'to_organization': 'so_y_te', "
						"'reason': 'Quên'}",
						person));
	assert_status(referral, 201);
	assert_status(change(token(COMMUNE, OFFICER),
			     text_of("/v1/referrals/%s", http_text(&referral, "id")),
			     object("{'status': 'closed', 'outcome': 'Quên'}")),
		      200);
	long long trail = sql_number(
		AS_SUPERUSER, "SELECT count(*) FROM audit_entries WHERE '%s' = ANY (records)",
		person);
	char *before = figures();
	struct http decision = proposed(person);

	ck_assert_msg(strcmp(before, none) != 0, "nothing is counted");
	ck_assert_ptr_nonnull(strstr(before, "\"denominator\": 6,"));

	assert_status(approved(POLICE, &decision), 200);
	sql(AS_SERVICE, "SELECT retention_execute(1000)");
	ck_assert_ptr_null(strstr(all_of(person), "Quên"));
	ck_assert_ptr_null(strstr(all_of(person), "912345678"));
	ck_assert_msg(!strcmp(figures(), before), "a figure moved");
	ck_assert_str_eq(
		sql(AS_SUPERUSER, "SELECT youth_related FROM crimes WHERE id = '%s'", crime), "t");
	ck_assert_int_eq(sql_number(AS_SUPERUSER,
				    "SELECT count(*) FROM people_keys WHERE person = '%s'", person),
			 0);
	ck_assert_int_gt(sql_number(AS_SUPERUSER,
				    "SELECT count(*) FROM audit_entries WHERE '%s' = ANY (records)",
				    person),
			 trail);
	ck_assert_int_eq(reads(POLICE, person), 404);
	assert_status(dossier(POLICE, ADMIN, person), 404);
}
END_TEST

START_TEST(what_is_pseudonymised_stays_so)
{
	char *person = closed("at_risk", "{}"), *value;
	struct http decision = proposed(person);
	char *path = text_of("/v1/retention-decisions/%s", http_text(&decision, "id"));

	assert_status(approved(POLICE, &decision), 200);
	for (int i = 0; i < 2; i++)
		sql(AS_SERVICE, "SELECT retention_execute(1000)");
	ck_assert_int_eq(
		sql_number(AS_SUPERUSER,
			   "SELECT count(*) FROM audit_entries WHERE action = 'pseudonymise' AND "
			   "'%s' = ANY (records)",
			   person),
		1);
	struct http now = http_get(token(POLICE, ADMIN), "%s", path);

	ck_assert_str_eq(http_text(&now, "status"), "executed");
	assert_status(change(token(POLICE, ADMIN), path, object("{'status': 'withdrawn'}")), 409);
	ck_assert_ptr_null(due(POLICE, person));
	assert_status(proposed(person), 422);
	ck_assert_ptr_null(forged(POLICE, &value,
				  text_of("SELECT count(*) FROM people WHERE id = '%s'", person)));
	ck_assert_str_eq(value, "0");
	ck_assert_pstr_eq(
		forged(POLICE, &value,
		       text_of("INSERT INTO person_statuses (id, person, status, starts_on) VALUES "
			       "(gen_random_uuid(), '%s', 'at_risk', '2020-01-01')",
			       person)),
		"LC422");
	/* the service's role cannot erase by itself */
	ck_assert_pstr_eq(sql_forged(POLICE, ADMIN, &value, "SELECT pseudonymise('%s')", person),
			  "42501");
	ck_assert_pstr_eq(sql_forged(POLICE, ADMIN, &value,
				     "UPDATE retention_decisions SET executed_at = now()"),
			  "42501");
}
END_TEST

START_TEST(a_crash_leaves_a_file_as_it_was)
{
	char *person = closed("at_risk", "{}"), *before = all_of(person);
	struct http decision = proposed(person);

	before = all_of(person);
	sql(AS_SUPERUSER,
	    "BEGIN; SELECT set_config('lachan.user', gen_random_uuid()::text, true), "
	    "set_config('lachan.units', '*', true); UPDATE retention_decisions SET status = "
	    "'approved' WHERE id = '%s'; SELECT retention_execute(1000)",
	    http_text(&decision, "id"));
	ck_assert_str_eq(sql(AS_SUPERUSER, "SELECT full_name FROM people WHERE id = '%s'", person),
			 "–");
	PQreset(sql_open(AS_SUPERUSER));
	ck_assert_msg(!strcmp(all_of(person), before), "a file was changed");
}
END_TEST

START_TEST(the_service_carries_out_what_was_approved)
{
	char *person = closed("at_risk", "{}"), *status = NULL;
	struct http decision = proposed(person);
	struct server server;

	assert_status(approved(POLICE, &decision), 200);
	server_start(&server, NULL);
	do {
		usleep(10000);
		status = sql(AS_SUPERUSER, "SELECT status FROM retention_decisions WHERE id = '%s'",
			     http_text(&decision, "id"));
	} while (strcmp(status, "executed") != 0);
	ck_assert(server_stop(&server));
}
END_TEST

static void *execute(void *nothing)
{
	PGconn *pg = PQconnectdb(getenv("LACHAN_DATABASE_URL"));

	PQclear(PQexec(pg, "SELECT retention_execute(1000)"));
	PQfinish(pg);
	return nothing;
}

START_TEST(of_many_that_erase_one_erases)
{
	enum { FILES = 5, HANDS = 4 };
	char *person[FILES];
	pthread_t hands[HANDS];

	for (int i = 0; i < FILES; i++) {
		person[i] = closed("at_risk", "{}");
		struct http decision = proposed(person[i]);

		assert_status(approved(POLICE, &decision), 200);
	}
	for (int i = 0; i < HANDS; i++)
		pthread_create(&hands[i], NULL, execute, NULL);
	for (int i = 0; i < HANDS; i++)
		pthread_join(hands[i], NULL);
	for (int i = 0; i < FILES; i++)
		ck_assert_int_eq(sql_number(AS_SUPERUSER,
					    "SELECT count(*) FROM audit_entries WHERE action = "
					    "'pseudonymise' AND '%s' = ANY (records)",
					    person[i]),
				 1);
}
END_TEST

Suite *rights_suite(void)
{
	Suite *suite = suite_create("rights");
	TCase *requests = tcase_create("requests"), *restriction = tcase_create("restriction"),
	      *whole = tcase_create("dossier"), *keeping = tcase_create("retention");

	add_rows(requests, a_request_has_the_clock_of_the_law, request_clocks);
	tcase_add_test(requests, a_request_is_answered_or_refused_once);
	tcase_add_test(requests, of_a_child_the_representative_asks);
	tcase_add_test(requests, a_correction_keeps_what_was_and_tells_who_read_it);
	tcase_add_test(requests, whoever_knows_a_pseudonym_is_told_by_it);
	tcase_add_test(requests, a_correction_is_one_of_this_person_and_asked_for);
	tcase_add_test(restriction, a_restricted_person_is_seen_by_its_holder_and_the_police_alone);
	add_rows(restriction, nothing_is_written_of_a_restricted_person, writes);
	tcase_add_test(restriction, a_restricted_record_is_changed_by_its_correction_alone);
	tcase_add_test(restriction,
		       a_restriction_is_set_by_the_holder_and_lifted_by_it_or_the_police);
	tcase_add_test(restriction, a_juvenile_s_file_is_shut_when_it_is_closed);
	tcase_add_loop_test(restriction, a_write_in_flight_meets_the_restriction, 0, 2);
	tcase_add_test(whole, a_dossier_has_every_table_that_refers_to_people);
	tcase_add_test(whole, a_dossier_says_what_is_held_and_who_was_given_it);
	tcase_add_test(whole, a_dossier_hides_what_is_hidden_from_its_reader);
	add_rows(whole, a_dossier_is_given_to_who_answers_for_the_file, readers);
	add_rows(whole, a_dossier_shows_what_the_lists_show, holders);
	tcase_add_test(whole, a_file_that_moved_has_a_dossier);
	tcase_add_test(whole, a_dossier_is_whole);
	add_rows(keeping, what_is_due_is_listed_by_class_and_nothing_happens, terms);
	tcase_add_test(keeping, what_is_not_due_is_not_proposed);
	tcase_add_test(keeping, two_decide);
	add_rows(keeping, what_blocks_a_file_blocks_each_step, blocks);
	tcase_add_test(keeping, what_is_pseudonymised_identifies_nobody_and_moves_no_figure);
	tcase_add_test(keeping, what_is_pseudonymised_stays_so);
	tcase_add_test(keeping, a_crash_leaves_a_file_as_it_was);
	tcase_add_test(keeping, the_service_carries_out_what_was_approved);
	tcase_add_test(keeping, of_many_that_erase_one_erases);
	tcase_set_timeout(restriction, 30);
	tcase_set_timeout(keeping, 60);
	suite_add_tcase(suite, requests);
	suite_add_tcase(suite, restriction);
	suite_add_tcase(suite, whole);
	suite_add_tcase(suite, keeping);
	return suite;
}
