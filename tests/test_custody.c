/* How one person's file is shared: referral, hand-over and broken glass, over HTTP. */
#include <stdio.h>
#include <string.h>

#include "samples.h"

enum { POLICE = 1, HEALTH = 5, FINANCE = 8, FRONT = 12, BANK = 14, YOUTH_UNION = 17 };

/* SQL that says who is asking, somebody who has no token here. */
static char *identity(int agency, const char *role, const char *organization, const char *within)
{
	return text_of("SELECT set_config('lachan.user', gen_random_uuid()::text, true), "
		       "set_config('lachan.organization', '%s', true), "
		       "set_config('lachan.agency', '%d', true), set_config('lachan.role', '%s', "
		       "true), set_config('lachan.units', '%s', true)",
		       organization, agency, role, within);
}

#define LONG_REASON "Cấp cứu: bệnh nhân bất tỉnh, cần biết tiền sử"

static int reads(int agency, const char *person)
{
	return http_get(token(agency, OFFICER), "/v1/people/%s", person).status;
}

static struct http change(int agency, const char *path, json_t *take_changes)
{
	const char *as = token(agency, OFFICER);

	return http_patch(as, path, etag_of(as, path), take_changes);
}

/* How often the organisation was told of it. */
static size_t told(int agency, const char *kind, const char *subject)
{
	struct http list = http_get(token(agency, OFFICER), "/v1/notices?kind=%s&subject=%s", kind,
				    subject);

	assert_status(list, 200);
	return count_of(&list);
}

static char *referred(int from, int to, const char *person)
{
	return made(token(from, OFFICER), "/v1/referrals",
		    object("{'person': '%s', 'to_organization': '%s', 'reason': 'Cần hỗ trợ'}",
			   person, organization_of(to)));
}

/* Referral */

START_TEST(a_referral_opens_one_person_until_it_is_closed)
{
	char *person = person_made("{'phone': '0912345678', 'health_note': 'x'}"),
	     *other = person_made(NULL);

	ck_assert_int_ne(reads(FRONT, person), 200);
	char *id = referred(COMMUNE, FRONT, person), *path = text_of("/v1/referrals/%s", id);
	struct http seen = http_get(token(FRONT, OFFICER), "/v1/people/%s", person);

	assert_status(seen, 200);
	ck_assert(json_is_null(json_object_get(seen.json, "phone")));
	ck_assert(json_is_null(json_object_get(seen.json, "health_note")));
	ck_assert_int_eq(reads(FRONT, other), 403);
	ck_assert_int_ne(reads(FINANCE, person), 200);
	ck_assert_uint_eq(told(FRONT, "referral_opened", id), 1);
	ck_assert_uint_eq(told(FINANCE, "referral_opened", id), 0);

	assert_blamed(change(FRONT, path, object("{'status': 'closed'}")), 422, "/outcome",
		      "required_when");
	assert_status(change(FRONT, path, object("{'status': 'closed', 'outcome': 'Đã tư vấn'}")),
		      200);
	ck_assert_int_eq(reads(FRONT, person), 403);
	ck_assert_uint_eq(told(COMMUNE, "referral_closed", id), 1);
	assert_status(change(COMMUNE, path, object("{'status': 'open'}")), 409);
}
END_TEST

/* The referral names the person: a pseudonym beside it would tell whose all the others are. */
START_TEST(a_referral_tells_nobody_whose_a_pseudonym_is)
{
	char *id = referred(COMMUNE, BANK, person_made(NULL)), *value;
	struct http notice = http_get(token(BANK, OFFICER), "/v1/notices?subject=%s", id);

	ck_assert_uint_eq(count_of(&notice), 1);
	ck_assert_ptr_null(http_text(&notice, "data[0].person"));
	ck_assert_ptr_null(http_text(&notice, "data[0].pseudonym"));
	ck_assert_ptr_null(
		sql_forged(BANK, OFFICER, &value,
			   "SELECT count(pseudonym) FROM (SELECT "
			   "set_config('lachan.pseudonyms', repeat('00', 128), true)) AS key, "
			   "notices_seen WHERE subject = '%s'",
			   id));
	ck_assert_str_eq(value, "0");
}
END_TEST

/* The first status is the first one, whatever is sent. */
START_TEST(nothing_begins_in_the_middle)
{
	char *person = person_made(NULL);
	const char *officer = token(COMMUNE, OFFICER);

	assert_blamed(http_post(officer, "/v1/referrals",
				object("{'person': '%s', 'to_organization': '%s', 'reason': 'x', "
				       "'status': 'closed', 'outcome': 'x'}",
				       person, organization_of(FRONT))),
		      409, "/status", "transition_not_allowed");
	assert_blamed(http_post(officer, "/v1/handovers",
				object("{'person': '%s', 'to_unit': '%s', 'reason': 'x', 'status': "
				       "'accepted'}",
				       person, OTHER_UNIT)),
		      409, "/status", "transition_not_allowed");
	assert_blamed(http_post(officer, "/v1/restrictions",
				object("{'person': '%s', 'kind': 'hold', 'reason': 'legal_claim', "
				       "'status': 'lifted', 'lifting_reason': 'x'}",
				       person)),
		      409, "/status", "transition_not_allowed");
}
END_TEST

START_TEST(a_referral_is_withdrawn_by_its_sender_alone)
{
	char *person = person_made(NULL), *id = referred(COMMUNE, YOUTH_UNION, person);
	char *path = text_of("/v1/referrals/%s", id);

	assert_status(change(YOUTH_UNION, path, object("{'status': 'withdrawn'}")), 403);
	ck_assert_int_eq(reads(YOUTH_UNION, person), 200);
	assert_status(change(COMMUNE, path, object("{'status': 'withdrawn'}")), 200);
	ck_assert_int_eq(reads(YOUTH_UNION, person), 404);
}
END_TEST

START_TEST(nobody_refers_whom_it_does_not_see)
{
	char *person = person_made(NULL);
	json_t *body = object("{'person': '%s', 'to_organization': '%s', 'reason': 'x'}", person,
			      organization_of(FRONT));

	assert_blamed(http_post(token(OTHER_COMMUNE, OFFICER), "/v1/referrals", json_incref(body)),
		      422, "/person", "no_such_record");
	assert_status(http_post(token(FINANCE, OFFICER), "/v1/referrals", json_incref(body)), 403);
	json_object_set_new(body, "to_organization", json_string(organization_of(COMMUNE)));
	assert_blamed(http_post(token(COMMUNE, OFFICER), "/v1/referrals", body), 422,
		      "/to_organization", "not_to_oneself");
}
END_TEST

/* A referral outlives the glass, and the referral it came by. */
START_TEST(nobody_passes_on_what_was_shared_with_it)
{
	char *person = person_made(NULL);
	json_t *body = object("{'person': '%s', 'to_organization': '%s', 'reason': 'x'}", person,
			      organization_of(FRONT));

	assert_status(http_post(token(OTHER_COMMUNE, OFFICER), "/v1/break-glasses",
				object("{'person': '%s', 'reason': '%s'}", person, LONG_REASON)),
		      201);
	assert_status(http_post(token(OTHER_COMMUNE, OFFICER), "/v1/referrals", json_incref(body)),
		      403);
	referred(COMMUNE, YOUTH_UNION, person);
	ck_assert_int_eq(reads(YOUTH_UNION, person), 200);
	assert_status(http_post(token(YOUTH_UNION, OFFICER), "/v1/referrals", json_incref(body)),
		      403);
	/* Whoever sees the person by itself may, whatever was shared with it. */
	referred(COMMUNE, HEALTH, person);
	assert_status(http_post(token(HEALTH, OFFICER), "/v1/referrals", body), 201);
}
END_TEST

static const char *const shared_by[] = {"referral", "hand-over", "glass"};

static void share(const char *by, const char *person)
{
	if (!strcmp(by, "referral"))
		referred(COMMUNE, OTHER_COMMUNE, person);
	else if (!strcmp(by, "hand-over"))
		made(token(COMMUNE, OFFICER), "/v1/handovers",
		     object("{'person': '%s', 'to_unit': '%s', 'reason': 'x'}", person,
			    OTHER_UNIT));
	else
		made(token(OTHER_COMMUNE, OFFICER), "/v1/break-glasses",
		     object("{'person': '%s', 'reason': '%s'}", person, LONG_REASON));
}

START_TEST(what_is_shared_is_read_and_not_written)
{
	const char *owner = token(COMMUNE, OFFICER), *other = token(OTHER_COMMUNE, OFFICER);
	char *person = person_made(NULL), *statuses = text_of("/v1/people/%s/statuses", person);
	const json_t *next = object("{'status': 'closed', 'starts_on': '2026-11-02', "
				    "'close_reason': 'completed'}");
	char *status = made(owner, statuses,
			    object("{'status': 'at_risk', 'starts_on': '2026-11-01'}"));

	share(shared_by[_i], person);
	struct http list = http_get(other, "%s", statuses);
	ck_assert_uint_eq(count_of(&list), 1);
	ck_assert_ptr_nonnull(strstr(list.body, "\"may\":[]"));
	char *path = text_of("%s/%s", statuses, status);
	assert_status(http_patch(other, path, etag_of(other, path), object("{'note': 'x'}")), 403);
	assert_status(http_post(other, statuses, json_deep_copy(next)), 403);
	assert_status(http_post(other, text_of("/v1/people/%s/violations", person),
				object("{'violated_on': '2026-11-01', 'kind': 'illegal_use', "
				       "'unit': '%s'}",
				       COMMUNE_UNIT)),
		      403);
	assert_status(http_patch(owner, path, etag_of(owner, path), object("{'note': 'x'}")), 200);
}
END_TEST

START_TEST(of_a_minor_its_own_unit_alone_sees_the_contact)
{
	const char *changes = "{'phone': '0912345678', 'guardian_name': 'Bia', "
			      "'date_of_birth': '%s'}";
	char *value, *child = person_made(text_of(changes, "2010-03-04")),
		     *adult = person_made(text_of(changes, "2000-03-04"));

	share(shared_by[_i], child);
	share(shared_by[_i], adult);
	struct http ours = http_get(token(COMMUNE, OFFICER), "/v1/people/%s", child);
	struct http theirs = http_get(token(OTHER_COMMUNE, OFFICER), "/v1/people/%s", child);
	struct http grown = http_get(token(OTHER_COMMUNE, OFFICER), "/v1/people/%s", adult);

	ck_assert_str_eq(http_text(&ours, "phone"), "+84912345678");
	ck_assert(json_is_null(json_object_get(theirs.json, "phone")));
	ck_assert(json_is_null(json_object_get(theirs.json, "guardian_name")));
	ck_assert_ptr_nonnull(strstr(theirs.body, "\"redacted\":[\"phone\""));
	/* By raw SQL as the one who opened it: what is hidden begins with the phone. */
	ck_assert_ptr_null(
		sql_forged(OTHER_COMMUNE, OFFICER, &value,
			   "SELECT set_config('lachan.user', '%s', true); SELECT coalesce(phone, "
			   "guardian_name, hidden[1]) FROM people_seen WHERE id = '%s'",
			   sql(AS_SUPERUSER, "SELECT id FROM accounts WHERE username = '%s'",
			       username_of(OTHER_COMMUNE, OFFICER)),
			   child));
	ck_assert_str_eq(value, "phone");
	ck_assert_str_eq(http_text(&grown, "phone"), "+84912345678");
	ck_assert_ptr_null(strstr(grown.body, "\"redacted\":[\"phone\""));
	/* The day on which it grows up is another representation of the same version. */
	sql(AS_SUPERUSER,
	    "SET session_replication_role = replica; UPDATE people SET date_of_birth = "
	    "'2000-03-04' "
	    "WHERE id = '%s'; SET session_replication_role = origin",
	    child);
	struct http later = http_get(token(OTHER_COMMUNE, OFFICER), "/v1/people/%s", child);
	ck_assert_str_eq(http_text(&later, "phone"), "+84912345678");
	ck_assert_str_ne(http_header(&later, "ETag"), http_header(&theirs, "ETag"));
}
END_TEST

START_TEST(a_person_is_referred_to_an_organisation_once_at_a_time)
{
	char *person = person_made(NULL);

	referred(COMMUNE, FRONT, person);
	assert_status(http_post(token(COMMUNE, OFFICER), "/v1/referrals",
				object("{'person': '%s', 'to_organization': '%s', 'reason': 'x'}",
				       person, organization_of(FRONT))),
		      409);
}
END_TEST

/* Whoever enters a person and may not go on with it refers it to the committee of the commune. */
static const struct {
	int seat;
	const char *unit;
	int committee; /* of the unit */
	size_t told;
} entered[] = {
	{2, COMMUNE_UNIT, COMMUNE, 1},	    {HEALTH, COMMUNE_UNIT, COMMUNE, 1},
	{HEALTH, OTHER_UNIT, COMMUNE, 0},   {HEALTH, OTHER_UNIT, OTHER_COMMUNE, 1},
	{POLICE, COMMUNE_UNIT, COMMUNE, 0}, {COMMUNE, COMMUNE_UNIT, COMMUNE, 0},
};

START_TEST(a_commune_is_told_of_whom_others_enter_there)
{
	char *id = made(token(entered[_i].seat, OFFICER), "/v1/people",
			person(text_of("{'unit': '%s', 'institution': '%s'}", entered[_i].unit,
				       sample_parent(&institutions))));

	ck_assert_uint_eq(told(entered[_i].committee, "person_entered", id), entered[_i].told);
}
END_TEST

/* Hand-over */

static char *proposed(const char *person)
{
	return made(token(COMMUNE, OFFICER), "/v1/handovers",
		    object("{'person': '%s', 'to_unit': '%s', 'reason': 'Chuyển nơi ở'}", person,
			   OTHER_UNIT));
}

START_TEST(a_file_is_its_sender_s_until_it_is_received)
{
	char *person = person_made(NULL), *id = proposed(person);
	char *path = text_of("/v1/handovers/%s", id);

	ck_assert_int_eq(reads(COMMUNE, person), 200);
	ck_assert_int_eq(reads(OTHER_COMMUNE, person), 200); /* what it is asked to take */
	ck_assert_uint_eq(told(OTHER_COMMUNE, "handover_proposed", id), 1);
	assert_status(change(OTHER_COMMUNE, text_of("/v1/people/%s", person),
			     object("{'address': 'Số 1'}")),
		      403);

	assert_status(change(COMMUNE, path, object("{'status': 'accepted'}")), 403);
	assert_status(change(OTHER_COMMUNE, path, object("{'status': 'accepted'}")), 200);
	ck_assert_int_eq(reads(COMMUNE, person), 404);
	ck_assert_int_eq(reads(OTHER_COMMUNE, person), 200);
	assert_status(change(OTHER_COMMUNE, text_of("/v1/people/%s", person),
			     object("{'address': 'Số 1'}")),
		      200);
	ck_assert_str_eq(sql(AS_SUPERUSER, "SELECT unit FROM people WHERE id = '%s'", person),
			 OTHER_UNIT);
	ck_assert_uint_eq(told(COMMUNE, "handover_accepted", id), 1);
	assert_status(change(OTHER_COMMUNE, path, object("{'status': 'withdrawn'}")), 409);
}
END_TEST

/* Every body may have an account in the commune; only some take files over. */
START_TEST(a_file_on_its_way_is_shown_to_whom_it_goes_alone)
{
	static const struct {
		int agency;
		const char *seen;
	} rows[] = {{19, "1"}, {1, "1"}, {4, "1"}, {FINANCE, "0"}, {FRONT, "0"}, {2, "0"}};
	char *person = person_made(NULL);

	proposed(person);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_str_eq(sql(AS_SERVICE, "%s; SELECT count(*) FROM people WHERE id = '%s'",
				     identity(rows[i].agency, "viewer", "x", OTHER_UNIT), person),
				 rows[i].seen);
}
END_TEST

START_TEST(a_file_on_its_way_goes_nowhere_else)
{
	char *person = person_made(NULL), *path = text_of("/v1/people/%s", person);
	char *handover = text_of("/v1/handovers/%s", proposed(person));
	const char *moves = "{'unit': '" BORDER_UNIT "'}";

	assert_blamed(change(POLICE, path, object("%s", moves)), 409, "/unit",
		      "transition_not_allowed");
	assert_status(change(POLICE, path, object("{'unit': '%s', 'address': 'x'}", COMMUNE_UNIT)),
		      200);
	assert_status(change(COMMUNE, handover, object("{'status': 'withdrawn'}")), 200);
	assert_status(change(POLICE, path, object("%s", moves)), 200);
}
END_TEST

START_TEST(a_refused_file_stays_and_the_refusal_has_a_reason)
{
	char *person = person_made(NULL), *path = text_of("/v1/handovers/%s", proposed(person));

	assert_blamed(change(OTHER_COMMUNE, path, object("{'status': 'refused'}")), 422,
		      "/refusal_reason", "required_when");
	assert_status(change(OTHER_COMMUNE, path,
			     object("{'status': 'refused', 'refusal_reason': 'Không ở đây'}")),
		      200);
	ck_assert_int_eq(reads(COMMUNE, person), 200);
	ck_assert_int_eq(reads(OTHER_COMMUNE, person), 404);
	proposed(person); /* again, to whom it may concern */
}
END_TEST

START_TEST(a_withdrawn_file_is_no_longer_shown)
{
	char *person = person_made(NULL), *path = text_of("/v1/handovers/%s", proposed(person));

	assert_status(http_post(token(COMMUNE, OFFICER), "/v1/handovers",
				object("{'person': '%s', 'to_unit': '%s', 'reason': 'x'}", person,
				       OTHER_UNIT)),
		      409);
	assert_status(change(OTHER_COMMUNE, path, object("{'status': 'withdrawn'}")), 403);
	assert_status(change(COMMUNE, path, object("{'status': 'withdrawn'}")), 200);
	ck_assert_int_eq(reads(OTHER_COMMUNE, person), 404);
}
END_TEST

START_TEST(after_a_day_a_hand_over_is_overdue)
{
	char *id = proposed(person_made(NULL));
	const char *receiver = token(OTHER_COMMUNE, OFFICER);
	struct http before = http_get(receiver, "/v1/handovers/%s", id);

	ck_assert(json_is_false(json_object_get(before.json, "is_overdue")));
	ck_assert_str_eq(
		sql(AS_SUPERUSER,
		    "SELECT due_at - created_at = interval '24 hours' FROM handovers WHERE id = "
		    "'%s'",
		    id),
		"t");
	sql(AS_SUPERUSER,
	    "UPDATE handovers SET due_at = now() - interval '1 second' WHERE id = '%s'", id);
	struct http late = http_get(receiver, "/v1/handovers?is_overdue=true&limit=200");

	assert_status(late, 200);
	ck_assert_ptr_nonnull(strstr(late.body, id));
}
END_TEST

/* Broken glass */

static struct http broken(int agency, const char *person)
{
	return http_post(token(agency, OFFICER), "/v1/break-glasses",
			 object("{'person': '%s', 'reason': '%s'}", person, LONG_REASON));
}

START_TEST(an_officer_without_access_opens_one_person_for_three_hours)
{
	char *person = person_made(NULL);
	struct http before = http_get(token(OTHER_COMMUNE, OFFICER), "/v1/people/%s", person);

	assert_status(before, 404);
	ck_assert_ptr_nonnull(strstr(http_text(&before, "type"), "break-glass"));
	struct http opened = broken(OTHER_COMMUNE, person);

	assert_status(opened, 201);
	ck_assert_int_eq(reads(OTHER_COMMUNE, person), 200);
	ck_assert_int_eq(http_get(token(OTHER_COMMUNE, ADMIN), "/v1/people/%s", person).status,
			 404);
	const char *id = http_text(&opened, "id");

	ck_assert_uint_eq(told(COMMUNE, "break_glass_opened", id), 1);
	ck_assert_uint_eq(told(POLICE, "break_glass_opened", id), 1);
	ck_assert_str_eq(
		sql(AS_SUPERUSER,
		    "SELECT expires_at - created_at = interval '3 hours' FROM break_glasses "
		    "WHERE id = '%s'",
		    id),
		"t");
	sql(AS_SUPERUSER, "UPDATE break_glasses SET expires_at = now() WHERE id = '%s'", id);
	ck_assert_int_eq(reads(OTHER_COMMUNE, person), 404);
}
END_TEST

/* An officer of the police in a commune is of the organisation that must hear of it. */
START_TEST(the_police_are_told_of_the_glass_that_their_own_broke)
{
	char *person = made(token(POLICE, OFFICER), "/v1/people",
			    object("{'full_name': 'Y Bhok', 'date_of_birth': '2000-01-02', 'sex': "
				   "'male', 'unit': '%s'}",
				   COMMUNE_UNIT));
	char *id = sql(AS_SERVICE,
		       "%s; INSERT INTO break_glasses (id, person, reason) VALUES "
		       "(gen_random_uuid(), '%s', '%s') RETURNING id",
		       identity(1, "officer", organization_of(POLICE), OTHER_UNIT), person,
		       LONG_REASON);

	ck_assert_uint_eq(told(POLICE, "break_glass_opened", id), 1);
	ck_assert_uint_eq(told(COMMUNE, "break_glass_opened", id), 1);
}
END_TEST

START_TEST(the_police_of_a_commune_see_no_glass_of_the_province)
{
	struct http opened = broken(OTHER_COMMUNE, person_made(NULL));
	const char *sees = "%s; SELECT count(*) FROM break_glasses WHERE id = '%s'";

	assert_status(opened, 201);
	const char *id = http_text(&opened, "id");
	ck_assert_str_eq(sql(AS_SERVICE, sees, identity(1, "officer", "cong_an_tinh", "*"), id),
			 "1");
	ck_assert_str_eq(
		sql(AS_SERVICE, sees, identity(1, "officer", "cong_an_tinh", OTHER_UNIT), id), "0");
}
END_TEST

START_TEST(broken_glass_is_reviewed_by_somebody_else_once)
{
	struct http opened = broken(OTHER_COMMUNE, person_made(NULL));

	assert_status(opened, 201);
	char *path = text_of("/v1/break-glasses/%s", http_text(&opened, "id"));
	const char *review = "{'review_status': 'justified', 'review_note': 'Đúng'}";

	assert_status(change(OTHER_COMMUNE, path, object("%s", review)), 403);
	assert_blamed(change(POLICE, path, object("{'review_status': 'justified'}")), 422,
		      "/review_note", "required_when");
	assert_status(change(POLICE, path, object("%s", review)), 200);
	assert_status(change(POLICE, path, object("{'review_status': 'not_justified'}")), 409);
	ck_assert_uint_eq(told(OTHER_COMMUNE, "break_glass_reviewed", http_text(&opened, "id")), 1);
}
END_TEST

START_TEST(glass_is_broken_only_by_those_who_may_and_with_a_reason)
{
	char *person = person_made(NULL);
	json_t *body = object("{'person': '%s', 'reason': '%s'}", person, LONG_REASON);
	struct http plain = http_get(token(FINANCE, OFFICER), "/v1/people/%s", person);

	ck_assert_ptr_null(strstr(plain.body, "break-glass"));
	assert_status(http_post(token(FINANCE, OFFICER), "/v1/break-glasses", json_incref(body)),
		      403);
	assert_status(
		http_post(token(OTHER_COMMUNE, VIEWER), "/v1/break-glasses", json_incref(body)),
		403);
	json_object_set_new(body, "reason", json_string("ngắn"));
	assert_blamed(http_post(token(OTHER_COMMUNE, OFFICER), "/v1/break-glasses", body), 422,
		      "/reason", "too_short");
}
END_TEST

/* It is opened to an officer, by name: behind a system may stand anybody. */
START_TEST(no_system_breaks_glass_or_reviews_what_was_broken)
{
	char *person = person_made(NULL), *value;
	const char *systems = client_token(OTHER_COMMUNE, "read write", "care"),
		   *police = client_token(POLICE, "read write", "care");
	struct http hidden = http_get(systems, "/v1/people/%s", person);

	assert_status(hidden, 404);
	ck_assert_ptr_null(strstr(http_text(&hidden, "type"), "break-glass"));
	assert_status(http_post(systems, "/v1/break-glasses",
				object("{'person': '%s', 'reason': '%s'}", person, LONG_REASON)),
		      403);
	ck_assert_pstr_eq(sql_forged(OTHER_COMMUNE, SERVICE, &value,
				     "INSERT INTO break_glasses (id, person, reason) VALUES "
				     "(gen_random_uuid(), '%s', '%s')",
				     person, LONG_REASON),
			  "42501");
	struct http opened = broken(OTHER_COMMUNE, person);
	char *path = text_of("/v1/break-glasses/%s", http_text(&opened, "id"));

	assert_status(http_patch(police, path, etag_of(police, path),
				 object("{'review_status': 'justified', 'review_note': 'Đúng'}")),
		      403);
}
END_TEST

/* What was decided stands */

/* A record of its own, what decides it and by whom, and what would rewrite the decision. */
static const struct {
	const char *path, *body, *decision;
	int by;
	const char *rewriting[3];
} decided[] = {
	{"/v1/handovers",
	 "{'to_unit': '" OTHER_UNIT "', 'reason': 'x'}",
	 "{'status': 'refused', 'refusal_reason': 'x'}",
	 OTHER_COMMUNE,
	 {"{'refusal_reason': 'y'}", "{'status': 'refused'}"}},
	{"/v1/break-glasses",
	 "{'reason': 'Tìm người mất tích theo tin báo'}",
	 "{'review_status': 'not_justified', 'review_note': 'x'}",
	 POLICE,
	 {"{'review_note': 'y'}"}},
	{"/v1/subject-requests",
	 "{'kind': 'correction', 'requester': 'subject', 'received_on': '2026-11-24'}",
	 "{'status': 'refused', 'refusal_reason': 'x'}",
	 COMMUNE,
	 {"{'details': 'y'}", "{'refusal_reason': 'y'}", "{'executed_on': '2026-11-24'}"}},
	{"/v1/subject-requests",
	 "{'kind': 'correction', 'requester': 'subject', 'received_on': '2026-11-24'}",
	 "{'status': 'answered', 'outcome': 'x'}",
	 COMMUNE,
	 {"{'details': 'y'}", "{'outcome': 'y'}"}},
	{"/v1/merges",
	 "{'reason': 'x'}",
	 "{'status': 'undone', 'undo_reason': 'x'}",
	 COMMUNE,
	 {"{'undo_reason': 'y'}"}},
};

START_TEST(what_was_decided_is_not_rewritten)
{
	json_t *body = object("%s", decided[_i].body);
	const char *field = strstr(decided[_i].path, "glass") ? "/review_status" : "/status";

	json_object_set_new(body, "person", json_string(person_made(NULL)));
	if (strstr(decided[_i].path, "merges"))
		json_object_set_new(body, "kept", json_string(person_made(NULL)));
	char *path = text_of("%s/%s", decided[_i].path,
			     made(token(COMMUNE, OFFICER), decided[_i].path, body));

	assert_status(change(decided[_i].by, path, object("%s", decided[_i].decision)), 200);
	for (int i = 0; i < 3 && decided[_i].rewriting[i]; i++)
		assert_blamed(change(COMMUNE, path, object("%s", decided[_i].rewriting[i])), 409,
			      field, "transition_not_allowed");
	if (strstr(decided[_i].decision, "answered")) /* what was granted is done afterwards */
		assert_status(change(COMMUNE, path, object("{'executed_on': '2026-11-24'}")), 200);
}
END_TEST

Suite *custody_suite(void)
{
	Suite *suite = suite_create("custody");
	TCase *referral = tcase_create("referral"), *handover = tcase_create("handover"),
	      *glass = tcase_create("glass"), *decision = tcase_create("decision");

	tcase_add_test(referral, a_referral_opens_one_person_until_it_is_closed);
	tcase_add_test(referral, a_referral_tells_nobody_whose_a_pseudonym_is);
	tcase_add_test(referral, nothing_begins_in_the_middle);
	tcase_add_test(referral, a_referral_is_withdrawn_by_its_sender_alone);
	tcase_add_test(referral, nobody_refers_whom_it_does_not_see);
	tcase_add_test(referral, nobody_passes_on_what_was_shared_with_it);
	add_rows(referral, what_is_shared_is_read_and_not_written, shared_by);
	add_rows(referral, of_a_minor_its_own_unit_alone_sees_the_contact, shared_by);
	tcase_add_test(referral, a_person_is_referred_to_an_organisation_once_at_a_time);
	add_rows(referral, a_commune_is_told_of_whom_others_enter_there, entered);
	tcase_add_test(handover, a_file_is_its_sender_s_until_it_is_received);
	tcase_add_test(handover, a_file_on_its_way_is_shown_to_whom_it_goes_alone);
	tcase_add_test(handover, a_file_on_its_way_goes_nowhere_else);
	tcase_add_test(handover, a_refused_file_stays_and_the_refusal_has_a_reason);
	tcase_add_test(handover, a_withdrawn_file_is_no_longer_shown);
	tcase_add_test(handover, after_a_day_a_hand_over_is_overdue);
	tcase_add_test(glass, an_officer_without_access_opens_one_person_for_three_hours);
	tcase_add_test(glass, the_police_are_told_of_the_glass_that_their_own_broke);
	tcase_add_test(glass, the_police_of_a_commune_see_no_glass_of_the_province);
	tcase_add_test(glass, broken_glass_is_reviewed_by_somebody_else_once);
	tcase_add_test(glass, glass_is_broken_only_by_those_who_may_and_with_a_reason);
	tcase_add_test(glass, no_system_breaks_glass_or_reviews_what_was_broken);
	add_rows(decision, what_was_decided_is_not_rewritten, decided);
	suite_add_tcase(suite, decision);
	suite_add_tcase(suite, referral);
	suite_add_tcase(suite, handover);
	suite_add_tcase(suite, glass);
	return suite;
}
