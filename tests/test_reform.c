/* Organisations as the operator keeps them, and what passes when units and organisations end. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "support.h"

enum { POLICE = 1, SCHOOLS = 2 };

/* Became a part of 2025-24121; shared out between two. */
#define MERGED "2024-24118"
#define SPLIT "2024-24550"

static struct http post(const char *token, const char *path, json_t *take_body)
{
	return http_post(token, path, take_body);
}

/* A file that stood in the unit before it ended. */
static char *file_in(const char *unit, const char *status)
{
	char *id = person_made("{'date_of_birth': '2001-01-01'}");

	sql(AS_SUPERUSER,
	    "SET session_replication_role = replica; UPDATE people SET unit = '%s', status = %s "
	    "WHERE id = '%s'; SET session_replication_role = origin",
	    unit, status, id);
	return id;
}

static char *unit_of_file(const char *id)
{
	return sql(AS_SUPERUSER, "SELECT unit FROM people WHERE id = '%s'", id);
}

static struct http list_of(const char *token, const char *list, const char *filter)
{
	struct http answer = http_get(token, "/v1/%s?%s", list, filter);

	assert_status(answer, 200);
	return answer;
}

static char *apply(const char *option)
{
	char *said = NULL;

	ck_assert_msg(!lachan(text_of("reform apply %s", option), &said), "%s", said);
	return said;
}

START_TEST(an_open_file_passes_with_what_hangs_on_it)
{
	char *open = file_in(MERGED, "'user'"), *closed = file_in(MERGED, "'closed'");
	const char *police = token(POLICE, ADMIN);

	ck_assert_ptr_nonnull(strstr(apply("--dry-run"), "would pass"));
	ck_assert_str_eq(unit_of_file(open), MERGED);
	ck_assert_ptr_nonnull(strstr(apply(""), " passed"));
	ck_assert_str_eq(unit_of_file(open), "2025-24121");
	ck_assert_str_eq(unit_of_file(closed), MERGED);
	struct http moves = list_of(police, "reform-transfers", text_of("record=%s", open));

	ck_assert_uint_eq(count_of(&moves), 1);
	ck_assert_str_eq(http_text(&moves, "data[0].from_unit"), MERGED);
	ck_assert_str_eq(http_text(&moves, "data[0].effective_on"), "2025-07-01");
	/* Of a past window it counts where it legally was. */
	ck_assert_str_eq(
		sql(AS_SUPERUSER, "SELECT moved_on FROM person_moves WHERE person = '%s'", open),
		"2025-07-01");
	ck_assert_ptr_nonnull(strstr(apply(""), "reform: 0 passed"));
	ck_assert_int_eq(
		sql_number(AS_SUPERUSER,
			   "SELECT count(*) FROM audit_entries WHERE action = 'reform' AND '%s' "
			   "= ANY (records)",
			   open),
		1);
}
END_TEST

START_TEST(what_a_split_leaves_undecided_waits_in_a_list)
{
	char *id = file_in(SPLIT, "'user'");
	const char *police = token(POLICE, ADMIN), *path = "/v1/reform-transfers";

	apply("");
	ck_assert_str_eq(unit_of_file(id), SPLIT);
	assert_status(http_get(police, "/v1/people/%s", id), 200);
	struct http waiting = http_get(police, "/v1/reform-undecided/%s", id);

	assert_status(waiting, 200);
	ck_assert_str_eq(http_text(&waiting, "to_units[0]"), "2025-24544");
	ck_assert_str_eq(http_text(&waiting, "to_units[1]"), "2025-24561");
	ck_assert_int_eq(
		sql_number(AS_SUPERUSER,
			   "SELECT count(*) FROM audit_entries WHERE action = 'read' AND resource "
			   "= 'reform_undecided' AND '%s' = ANY (records)",
			   id),
		1);
	assert_status(http_get(token(COMMUNE, ADMIN), "/v1/reform-undecided"), 403);
	assert_status(http_get(token(0, OPERATOR), "/v1/reform-undecided/%s", id), 404);
	assert_status(post(token(POLICE, OFFICER), path,
			   object("{'record': '%s', 'unit': '2025-24544'}", id)),
		      403);
	assert_blamed(post(police, path, object("{'record': '%s'}", id)), 422, "/unit", "required");
	assert_blamed(post(police, path, object("{'record': '%s', 'unit': '2025-24121'}", id)), 422,
		      "/unit", "not_a_successor");
	struct http decided = post(police, path,
				   object("{'record': '%s', 'unit': '2025-24561'}", id));

	assert_status(decided, 201);
	ck_assert(json_is_string(json_object_get(decided.json, "decided_by")));
	ck_assert_str_eq(unit_of_file(id), "2025-24561");
	assert_status(http_get(police, "/v1/reform-undecided/%s", id), 404);
	assert_blamed(post(police, path, object("{'record': '%s', 'unit': '2025-24544'}", id)), 422,
		      "/record", "no_such_record");
}
END_TEST

static char *account_in(const char *organization, int agency, const char *unit)
{
	return sql(AS_SUPERUSER,
		   "INSERT INTO accounts (id, username, password_hash, organization, agency, role, "
		   "unit, purpose) VALUES (gen_random_uuid(), '%s', 'x', '%s', %d, 'officer', "
		   "'%s', '') RETURNING id",
		   unique("reform-"), organization, agency, unit);
}

static char *organization_of_account(const char *id)
{
	return sql(AS_SUPERUSER, "SELECT organization FROM accounts WHERE id = '%s'", id);
}

START_TEST(accounts_pass_to_the_organisation_that_followed)
{
	char *guard = account_in("bo_chi_huy_bo_doi_bien_phong_tinh", 3, "2025-66"),
	     *district = account_in("ubnd_buon_ma_thuot", 19, "2024-643");
	const char *operator= token(0, OPERATOR);

	apply("");
	ck_assert_str_eq(organization_of_account(guard), "ban_chi_huy_bo_doi_bien_phong_tinh");
	ck_assert_str_eq(organization_of_account(district), "ubnd_buon_ma_thuot");
	assert_status(http_get(token(POLICE, ADMIN), "/v1/reform-undecided/%s", district), 404);
	assert_status(http_get(operator, "/v1/reform-undecided/%s", district), 200);
	assert_status(post(operator, "/v1/reform-transfers",
			   object("{'record': '%s', 'unit': '2025-24133'}", district)),
		      201);
	ck_assert_str_eq(organization_of_account(district), "ubnd_2025_24133");
}
END_TEST

/* How many hotspots are told of the commune that ended, half a year before it did. */
static long long hotspots_then(void)
{
	figures_settle();
	struct http told = http_get(token(POLICE, OFFICER), "/v1/indicators/II.2.b?unit=" MERGED
							    "&map=as_reported&period=2025H1");

	assert_status(told, 200);
	return json_integer_value(json_object_get(
		json_array_get(json_object_get(told.json, "data"), 0), "denominator"));
}

START_TEST(a_hotspot_of_before_the_reform_passes_as_well)
{
	long long before = hotspots_then();
	char *id = made(token(POLICE, OFFICER), "/v1/hotspots",
			object("{'name': 'x', 'kind': 'point', 'unit': '%s', 'detected_on': "
			       "'2025-03-01', 'youth_related': true}",
			       MERGED));

	apply("");
	ck_assert_str_eq(sql(AS_SUPERUSER, "SELECT unit FROM hotspots WHERE id = '%s'", id),
			 "2025-24121");
	ck_assert_int_eq(hotspots_then(), before + 1); /* its past stays where it was */
}
END_TEST

START_TEST(a_task_passes_to_whoever_followed)
{
	char *given = sql(AS_SUPERUSER,
			  "SELECT set_config('lachan.user', gen_random_uuid()::text, false), "
			  "set_config('lachan.organization', 'cong_an_tinh', false); INSERT INTO "
			  "task_assignments (id, task, assignee, period, due_on) SELECT "
			  "gen_random_uuid(), id, 'ban_dan_toc', '2024H1', '2024-06-10' FROM tasks "
			  "ORDER BY code LIMIT 1 RETURNING id");

	apply("");
	ck_assert_str_eq(
		sql(AS_SUPERUSER, "SELECT assignee FROM task_assignments WHERE id = '%s'", given),
		"so_dan_toc_ton_giao");
}
END_TEST

/* Of what has an organisation and no unit none is asked. */
START_TEST(a_task_of_a_split_organisation_is_given_by_decision)
{
	const char *police = token(POLICE, ADMIN), *path = "/v1/reform-transfers";
	char *given = sql(
		AS_SUPERUSER,
		"SELECT set_config('lachan.user', gen_random_uuid()::text, false), "
		"set_config('lachan.organization', 'cong_an_tinh', false); INSERT INTO "
		"task_assignments (id, task, assignee, period, due_on) SELECT "
		"gen_random_uuid(), id, 'ubnd_buon_ma_thuot', '2024H1', '2024-06-10' FROM "
		"tasks ORDER BY code LIMIT 1 RETURNING id");

	apply("");
	struct http waiting = http_get(police, "/v1/reform-undecided/%s", given);

	assert_status(waiting, 200);
	ck_assert_ptr_null(http_text(&waiting, "unit"));
	assert_blamed(post(police, path, object("{'record': '%s'}", given)), 422, "/organization",
		      "required");
	assert_blamed(
		post(police, path, object("{'record': '%s', 'organization': 'so_y_te'}", given)),
		422, "/organization", "not_a_successor");
	assert_blamed(post(police, path,
			   object("{'record': '%s', 'unit': '2025-24133', 'organization': "
				  "'ubnd_2025_24133'}",
				  given)),
		      422, "/unit", "not_a_successor");
	assert_status(post(police, path,
			   object("{'record': '%s', 'organization': 'ubnd_2025_24133'}", given)),
		      201);
	ck_assert_str_eq(
		sql(AS_SUPERUSER, "SELECT assignee FROM task_assignments WHERE id = '%s'", given),
		"ubnd_2025_24133");
	assert_status(http_get(police, "/v1/reform-undecided/%s", given), 404);
}
END_TEST

/* Organisations */

START_TEST(the_operator_keeps_organisations_seats_and_successions)
{
	const char *operator= token(0, OPERATOR);
	char *code = text_of("so_moi_%s", strrchr(unique(""), '-') + 1);
	json_t *body = object("{'code': '%s', 'name_vi': 'Sở Mới', 'name_en': 'New Department', "
			      "'kind': 'department', 'unit': '2025-66', 'valid_from': "
			      "'2026-01-01'}",
			      code);

	assert_status(post(token(POLICE, ADMIN), "/v1/organizations", json_deep_copy(body)), 403);
	struct http made_one = post(operator, "/v1/organizations", json_deep_copy(body));

	assert_status(made_one, 201);
	assert_blamed(post(operator, "/v1/organizations", body), 409, "/code", "duplicate");
	struct http seat = post(operator, "/v1/seats",
				object("{'organization': '%s', 'agency': 11, 'valid_from': "
				       "'2026-01-01'}",
				       code));

	assert_status(seat, 201);
	assert_blamed(post(operator, "/v1/seats",
			   object("{'organization': '%s', 'agency': 11, 'valid_from': "
				  "'2026-02-01', 'is_main': false}",
				  code)),
		      409, "/valid_from", "overlaps");
	assert_status(post(operator, "/v1/successions",
			   object("{'organization': 'so_noi_vu', 'successor': '%s', "
				  "'effective_on': '2026-01-01', 'function': 'một phần'}",
				  code)),
		      201);
	sql(AS_SUPERUSER, "DELETE FROM organization_successors WHERE successor = '%s'", code);
	char *path = text_of("/v1/seats/%s", http_text(&seat, "id"));

	assert_status(
		http_patch(token(POLICE, ADMIN), path, "*", object("{'valid_to': '2026-11-23'}")),
		403);
	assert_status(http_patch(operator, path, "\"9\"", object("{'valid_to': '2026-11-23'}")),
		      412);
	assert_status(http_patch(operator, path, "\"1\"", object("{'valid_to': '2026-11-23'}")),
		      200);
	struct http ended = http_patch(operator, text_of("/v1/organizations/%s", code), "\"1\"",
				       object("{'valid_to': '2026-11-23'}"));

	assert_status(ended, 200);
	ck_assert_str_eq(http_text(&ended, "valid_to"), "2026-11-23");
	ck_assert_int_eq(json_integer_value(json_object_get(ended.json, "version")), 2);
	assert_status(http_patch(operator, text_of("/v1/organizations/%s", code), "\"1\"",
				 object("{'valid_to': null}")),
		      412);
}
END_TEST

static int status_within_five_seconds(const char *access, int expected)
{
	const struct timespec moment = {.tv_nsec = 200000000};
	int status = 0;

	for (int i = 0; i < 25 && status != expected; i++) {
		status = http_get(access, "/v1/me").status;
		nanosleep(&moment, NULL);
	}
	return status;
}

/* In the middle of a session: rights are those of who holds the seat today. */
START_TEST(whoever_acts_by_a_seat_stops_when_it_ends)
{
	const char *operator= token(0, OPERATOR);
	char *code = text_of("so_het_%s", strrchr(unique(""), '-') + 1), *name = unique("u.");
	struct http made_one = post(operator, "/v1/organizations",
				    object("{'code': '%s', 'name_vi': 'Sở', 'name_en': 'Dept', "
					   "'kind': 'department', 'unit': '2025-66', "
					   "'valid_from': '2026-01-01'}",
					   code));
	struct http seat = post(operator, "/v1/seats",
				object("{'organization': '%s', 'agency': 5, 'valid_from': "
				       "'2026-01-01'}",
				       code));
	struct http user = post(operator, "/v1/users",
				object("{'username': '%s', 'role': 'viewer', 'organization': '%s', "
				       "'agency': 5, 'unit': '2025-66'}",
				       name, code));

	assert_status(made_one, 201);
	assert_status(seat, 201);
	assert_status(user, 201);
	const char *secret = http_text(&user, "password");
	json_t *login = object("{'username': '%s', 'password': '%s'}", name, secret);
	struct http session = http_post(NULL, "/v1/auth/login", json_deep_copy(login));
	const char *access = http_text(&session, "access_token");
	const char *path = text_of("/v1/seats/%s", http_text(&seat, "id"));

	ck_assert_int_eq(status_within_five_seconds(access, 200), 200);
	assert_status(http_patch(operator, path, "\"1\"", object("{'valid_to': '2026-11-23'}")),
		      200);
	ck_assert_int_eq(status_within_five_seconds(access, 401), 401);
	assert_status(http_post(NULL, "/v1/auth/login", login), 401);
}
END_TEST

START_TEST(who_forges_an_operator_s_name_moves_nothing)
{
	char *value = NULL;

	ck_assert_ptr_nonnull(sql_forged(POLICE, ADMIN, &value, "SELECT reform_apply(false)"));
	ck_assert_ptr_nonnull(
		sql_forged(SCHOOLS, ADMIN, &value, "SELECT seat_create(gen_random_uuid(), '{}')"));
	ck_assert_ptr_nonnull(sql_forged(SCHOOLS, ADMIN, &value,
					 "UPDATE organizations SET valid_to = '2026-01-01'"));
	ck_assert_ptr_nonnull(
		sql_forged(SCHOOLS, ADMIN, &value, "SELECT count(*) FROM reform_moves"));
}
END_TEST

Suite *reform_suite(void)
{
	Suite *suite = suite_create("reform");
	TCase *cases = tcase_create("reform");

	tcase_set_timeout(cases, 30);
	tcase_add_test(cases, an_open_file_passes_with_what_hangs_on_it);
	tcase_add_test(cases, what_a_split_leaves_undecided_waits_in_a_list);
	tcase_add_test(cases, accounts_pass_to_the_organisation_that_followed);
	tcase_add_test(cases, a_hotspot_of_before_the_reform_passes_as_well);
	tcase_add_test(cases, a_task_passes_to_whoever_followed);
	tcase_add_test(cases, a_task_of_a_split_organisation_is_given_by_decision);
	tcase_add_test(cases, whoever_acts_by_a_seat_stops_when_it_ends);
	tcase_add_test(cases, the_operator_keeps_organisations_seats_and_successions);
	tcase_add_test(cases, who_forges_an_operator_s_name_moves_nothing);
	suite_add_tcase(suite, cases);
	return suite;
}
