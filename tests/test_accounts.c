/* Accounts of people and of systems, as they are managed: /v1/users, /v1/clients, /v1/sessions. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "password.h"
#include "support.h"

#define OWN_PASSWORD "một cụm từ không ai đoán được"

/* An account that a test made. */
struct account {
	char *id, *name, *secret;
};

static char *copy_of(const char *text)
{
	return text ? strdup(text) : NULL;
}

static struct http user_posted(const char *by, const char *name, const char *changes)
{
	json_t *body = object("{'username': '%s', 'role': 'officer'}", name);

	json_object_update_new(body, object("%s", changes));
	return http_post(by, "/v1/users", body);
}

static struct account user_made(const char *by, const char *changes)
{
	char *name = unique("u.");
	struct http answer = user_posted(by, name, changes);

	assert_status(answer, 201);
	return (struct account){copy_of(http_text(&answer, "id")), name,
				copy_of(http_text(&answer, "password"))};
}

static struct http client_posted(const char *by, const char *changes)
{
	json_t *body = object(
		"{'role': 'service', 'scopes': ['people:read'], 'title': 'một hệ thống'}");

	json_object_update_new(body, object("%s", changes));
	return http_post(by, "/v1/clients", body);
}

static struct account client_made(const char *by, const char *changes)
{
	struct http answer = client_posted(by, changes);

	assert_status(answer, 201);
	return (struct account){copy_of(http_text(&answer, "id")),
				copy_of(http_text(&answer, "client_id")),
				copy_of(http_text(&answer, "secret"))};
}

static struct http logged_in(const char *name, const char *secret)
{
	return http_post(NULL, "/v1/auth/login",
			 json_pack("{ssss}", "username", name, "password", secret));
}

static struct http token_answer(const struct account *client)
{
	return http(.method = "POST", .path = "/oauth/token",
		    .type = "application/x-www-form-urlencoded",
		    .body = text_of("grant_type=client_credentials&client_id=%s&client_secret=%s",
				    client->name, client->secret));
}

static char *access_of(struct http answer)
{
	assert_status(answer, 200);
	return copy_of(http_text(&answer, "access_token"));
}

static struct http password_changed(const char *with_token, const char *from, const char *to)
{
	return http_post(with_token, "/v1/auth/password",
			 json_pack("{ssss}", "old_password", from, "new_password", to));
}

/* Logs in and takes a password of its own. */
static char *settled(const struct account *user)
{
	char *own = access_of(logged_in(user->name, user->secret));
	struct http answer = password_changed(own, user->secret, OWN_PASSWORD);

	assert_status(answer, 204);
	return own;
}

static struct http user_patched(const char *by, const struct account *user, const char *changes)
{
	const char *path = text_of("/v1/users/%s", user->id);

	return http_patch(by, path, etag_of(by, path), object("%s", changes));
}

/* True when the token is refused before five seconds are over. */
static bool stops(const char *access)
{
	const struct timespec moment = {.tv_nsec = 200000000};

	for (int i = 0; i < 25; i++) {
		struct http answer = http_get(access, "/v1/me");

		if (answer.status == 401)
			return true;
		nanosleep(&moment, NULL);
	}
	return false;
}

static const char *admin(void)
{
	return token(COMMUNE, ADMIN);
}

static const char *operator(void)
{
	return token(0, OPERATOR);
}

START_TEST(who_was_told_a_password_changes_it_before_anything_else)
{
	struct account user = user_made(admin(), "{'purpose': 'case_management'}");
	char *own = access_of(logged_in(user.name, user.secret));
	struct http people_refused = http_get(own, "/v1/people");
	struct http me = http_get(own, "/v1/me");

	ck_assert_uint_ge(strlen(user.secret), 15);
	assert_status(people_refused, 403);
	ck_assert_str_eq(http_text(&people_refused, "code"), "password_change_required");
	assert_status(me, 200);
	ck_assert(json_is_true(json_object_get(me.json, "must_change_password")));
	struct http changed = password_changed(own, user.secret, OWN_PASSWORD);
	assert_status(changed, 204);
	struct http people_read = http_get(own, "/v1/people?limit=1");
	assert_status(people_read, 200);
	struct http old = logged_in(user.name, user.secret);
	assert_status(old, 401);
	struct http fresh = logged_in(user.name, OWN_PASSWORD);
	assert_status(fresh, 200);
}
END_TEST

START_TEST(what_an_admin_leaves_out_is_its_own)
{
	struct http answer = user_posted(admin(), unique("U."), "{'title': 'Trạm y tế'}");

	assert_status(answer, 201);
	ck_assert_str_eq(http_text(&answer, "organization"), organization_of(COMMUNE));
	ck_assert_str_eq(http_text(&answer, "unit"), COMMUNE_UNIT);
	ck_assert_int_eq(json_integer_value(json_object_get(answer.json, "agency")), 19);
	ck_assert_int_eq(http_text(&answer, "username")[0], 'u');
	ck_assert_ptr_nonnull(http_header(&answer, "ETag"));
	ck_assert_ptr_nonnull(strstr(http_header(&answer, "Location"), http_text(&answer, "id")));
}
END_TEST

static const struct refusal {
	const char *changes;
	int status;
	const char *pointer, *code;
} of_admins[] = {
	{"{'role': 'operator'}", 403, "/role", "not_yours_to_grant"},
	{"{'organization': 'so_y_te', 'agency': 5}", 403, "/organization", "not_yours_to_grant"},
	{"{'agency': 1}", 422, "/agency", "seat_not_held"},
	{"{'unit': '2025-66'}", 403, "/unit", "not_yours_to_grant"},
	{"{'unit': '" OTHER_UNIT "'}", 403, "/unit", "not_yours_to_grant"},
	{"{'unit': '2025-99999'}", 422, "/unit", "unit_not_valid"},
	{"{'role': 'service'}", 422, "/role", "unknown_code"},
	{"{'username': 'hai từ'}", 422, "/username", "invalid"},
	{"{'version': 7}", 422, "/version", "read_only"},
	{"{'password': 'của tôi'}", 422, "/password", "unknown_field"},
	{"{'role': null}", 422, "/role", "required"},
};

START_TEST(an_admin_grants_nothing_that_it_does_not_hold)
{
	const struct refusal *row = &of_admins[_i];
	struct http answer = user_posted(admin(), unique("u."), row->changes);

	assert_blamed(answer, row->status, row->pointer, row->code);
}
END_TEST

static const struct refusal of_operators[] = {
	{"{'role': 'operator', 'agency': 1}", 422, "/agency", "not_for_operators"},
	{"{'role': 'operator', 'unit': '2025-66'}", 422, "/unit", "not_for_operators"},
	{"{}", 422, "/organization", "required"},
	{"{'organization': 'so_y_te'}", 422, "/agency", "required"},
	{"{'organization': 'so_y_te', 'agency': 5}", 422, "/unit", "required"},
	{"{'organization': 'so_y_te', 'agency': 1, 'unit': '2025-66'}", 422, "/agency",
	 "seat_not_held"},
	{"{'organization': 'khong_co', 'agency': 4, 'unit': '2025-66'}", 422, "/organization",
	 "no_such_record"},
	{"{'organization': 'ubnd_2025_24121', 'agency': 19, 'unit': '2025-66'}", 422, "/unit",
	 "outside_organization"},
};

START_TEST(not_even_the_operator_gives_an_organisation_more_than_it_has)
{
	const struct refusal *row = &of_operators[_i];
	struct http answer = user_posted(operator(), unique("u."), row->changes);

	assert_blamed(answer, row->status, row->pointer, row->code);
}
END_TEST

START_TEST(the_operator_makes_accounts_for_any_organisation)
{
	struct account user = user_made(
		operator(), "{'organization': 'so_y_te', 'agency': 5, 'unit': '2025-66'}");
	struct account other = user_made(operator(), "{'role': 'operator'}");
	struct http me = http_get(settled(&user), "/v1/me");
	struct http list = http_get(settled(&other), "/v1/users?username=%s", user.name);

	ck_assert_str_eq(http_text(&me, "organization"), "so_y_te");
	ck_assert_uint_eq(count_of(&list), 1);
	struct http disabled = user_patched(operator(), &other, "{'disabled': true}");
	assert_status(disabled, 200);
}
END_TEST

static const enum role others[] = {VIEWER, OFFICER, SERVICE};

START_TEST(nobody_else_comes_near)
{
	const char *with = token(COMMUNE, others[_i / 2]);
	const char *path = _i % 2 ? "/v1/users" : "/v1/clients";
	struct account user = user_made(admin(), "{}");
	struct http list = http_get(with, "%s", path);
	struct http one = http_get(with, "/v1/users/%s", user.id);
	struct http post = user_posted(with, unique("u."), "{}");
	struct http reset = http_post(with, text_of("/v1/users/%s/reset-password", user.id), NULL);

	assert_status(list, 403);
	assert_status(one, 403);
	assert_status(post, 403);
	assert_status(reset, 403);
}
END_TEST

START_TEST(another_organisation_s_account_is_not_there)
{
	const char *stranger = token(OTHER_COMMUNE, ADMIN);
	struct account user = user_made(admin(), "{}");
	struct account client = client_made(admin(), "{}");
	const char *path = text_of("/v1/users/%s", user.id);
	const char *etag = etag_of(admin(), path);
	struct http answers[] = {
		http_get(stranger, "%s", path),
		http_patch(stranger, path, etag, object("{'title': 'x'}")),
		http_patch(stranger, path, etag, object("{'role': 'x'}")),
		http_post(stranger, text_of("%s/reset-password", path), NULL),
		http_get(stranger, "/v1/clients/%s", client.id),
		http_post(stranger, text_of("/v1/clients/%s/rotate-secret", client.id), NULL),
	};

	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		assert_status(answers[i], 404);
	struct http list = http_get(stranger, "/v1/users?username=%s", user.name);
	assert_status(list, 200);
	ck_assert_uint_eq(count_of(&list), 0);
	struct http still = logged_in(user.name, user.secret);
	assert_status(still, 200);
}
END_TEST

START_TEST(an_operator_s_account_is_no_admin_s)
{
	struct account other = user_made(operator(),
					 text_of("{'role': 'operator', 'organization': '%s'}",
						 organization_of(COMMUNE)));
	struct http read = http_get(admin(), "/v1/users/%s", other.id);
	struct http reset = http_post(admin(), text_of("/v1/users/%s/reset-password", other.id),
				      NULL);

	assert_status(read, 404);
	assert_status(reset, 404);
	struct http disabled = user_patched(operator(), &other, "{'disabled': true}");
	assert_status(disabled, 200);
}
END_TEST

static const struct refusal of_changes[] = {
	{"{'role': 'operator'}", 403, "/role", "not_yours_to_grant"},
	{"{'unit': '2025-66'}", 403, "/unit", "not_yours_to_grant"},
	{"{'unit': null}", 422, "/unit", "required"},
	{"{'agency': 1}", 422, "/agency", "fixed"},
	{"{'organization': 'so_y_te'}", 422, "/organization", "fixed"},
	{"{'username': 'khac'}", 422, "/username", "fixed"},
	{"{'must_change_password': false}", 422, "/must_change_password", "read_only"},
	{"{'disabled': null}", 422, "/disabled", "required"},
	{"{'purpose': 'x'}", 422, "/purpose", "unknown_code"},
};

START_TEST(a_change_widens_nothing)
{
	const struct refusal *row = &of_changes[_i];
	struct account user = user_made(admin(), "{}");
	struct http answer = user_patched(admin(), &user, row->changes);

	assert_blamed(answer, row->status, row->pointer, row->code);
}
END_TEST

START_TEST(a_change_is_meant_for_a_version)
{
	struct account user = user_made(admin(), "{}");
	const char *path = text_of("/v1/users/%s", user.id), *etag = etag_of(admin(), path);
	struct http missing = http_patch(admin(), path, NULL, object("{'title': 'một'}"));
	struct http changed = http_patch(admin(), path, etag,
					 object("{'title': 'một', 'purpose': 'statistics'}"));
	struct http stale = http_patch(admin(), path, etag, object("{'title': 'hai'}"));
	struct http wrong = http_patch(admin(), path, etag, object("{'role': 'vua'}"));

	assert_status(missing, 428);
	assert_status(changed, 200);
	ck_assert_str_eq(http_text(&changed, "title"), "một");
	ck_assert_str_eq(http_text(&changed, "purpose"), "statistics");
	ck_assert_int_eq(json_integer_value(json_object_get(changed.json, "version")), 2);
	assert_status(stale, 412);
	assert_status(wrong, 412);
}
END_TEST

START_TEST(an_admin_of_a_part_takes_over_no_account_of_the_whole)
{
	struct account whole = user_made(token(2, ADMIN), "{}");
	struct account part = user_made(token(2, ADMIN),
					"{'role': 'admin', 'unit': '" COMMUNE_UNIT "'}");
	const char *narrow = settled(&part), *path = text_of("/v1/users/%s", whole.id);
	struct http reset = http_post(narrow, text_of("%s/reset-password", path), NULL);
	struct http patch = user_patched(narrow, &whole, "{'title': 'x'}");
	struct http wider = user_posted(narrow, unique("u."), "{'unit': '2025-66'}");

	assert_status(reset, 403);
	assert_status(patch, 403);
	assert_blamed(wider, 403, "/unit", "not_yours_to_grant");
}
END_TEST

/* An account and a client that may export, which their organisation's admin may not. */
START_TEST(an_admin_takes_over_nothing_that_may_do_more)
{
	struct account user = user_made(admin(), "{}");
	struct account client = client_made(
		operator(),
		"{'organization': 'ubnd_2025_24121', 'agency': 19, 'unit': '" COMMUNE_UNIT
		"', 'scopes': ['people:read', 'people:export']}");
	const char *const paths[] = {text_of("/v1/users/%s", user.id),
				     text_of("/v1/clients/%s", client.id)};
	static const char *const acts[] = {"reset-password", "rotate-secret"};

	sql(AS_SUPERUSER, "UPDATE accounts SET scopes = '{people:export}' WHERE id = '%s'",
	    user.id);
	for (int i = 0; i < 2; i++) {
		const char *etag = etag_of(admin(), paths[i]);

		assert_blamed(http_post(admin(), text_of("%s/%s", paths[i], acts[i]), NULL), 403,
			      "/scopes", "not_yours_to_grant");
		assert_status(http_patch(admin(), paths[i], etag, object("{'disabled': true}")),
			      200);
		etag = etag_of(admin(), paths[i]);
		assert_blamed(http_patch(admin(), paths[i], etag, object("{'disabled': false}")),
			      403, "/scopes", "not_yours_to_grant");
		assert_blamed(http_patch(admin(), paths[i], etag, object("{'role': 'viewer'}")),
			      403, "/scopes", "not_yours_to_grant");
		assert_status(http_patch(admin(), paths[i], etag, object("{'title': 'x'}")), 200);
		etag = etag_of(operator(), paths[i]);
		assert_status(http_patch(operator(), paths[i], etag, object("{'disabled': false}")),
			      200);
	}
}
END_TEST

/* One organisation may hold seats of several agencies; an admin holds the one it sits in. */
START_TEST(an_admin_of_one_seat_grants_and_takes_over_none_of_another)
{
	const char *school = token(2, ADMIN);
	struct account other = user_made(operator(), "{'organization': 'so_giao_duc_dao_tao', "
						     "'agency': 4, 'unit': '2025-66'}");
	struct account system = client_made(operator(), "{'organization': 'so_giao_duc_dao_tao', "
							"'agency': 4, 'unit': '2025-66'}");

	assert_blamed(user_posted(school, unique("u."), "{'agency': 4}"), 403, "/agency",
		      "not_yours_to_grant");
	assert_blamed(client_posted(school, "{'agency': 4}"), 403, "/agency", "not_yours_to_grant");
	assert_status(http_post(school, text_of("/v1/users/%s/reset-password", other.id), NULL),
		      403);
	assert_status(user_patched(school, &other, "{'role': 'admin'}"), 403);
	assert_status(http_post(school, text_of("/v1/clients/%s/rotate-secret", system.id), NULL),
		      403);
	user_made(school, "{'agency': 2}");
}
END_TEST

START_TEST(a_disabled_user_stops_within_five_seconds)
{
	struct account user = user_made(admin(), "{}");
	char *own = settled(&user);
	struct http other = logged_in(user.name, OWN_PASSWORD);
	struct http disabled = user_patched(admin(), &user, "{'disabled': true}");

	assert_status(disabled, 200);
	ck_assert_ptr_nonnull(http_text(&disabled, "disabled_at"));
	ck_assert(stops(own));
	ck_assert(stops(http_text(&other, "access_token")));
	struct http refreshed = http_post(
		NULL, "/v1/auth/refresh",
		json_pack("{ss}", "refresh_token", http_text(&other, "refresh_token")));
	assert_status(refreshed, 401);
	struct http refused = logged_in(user.name, OWN_PASSWORD);
	assert_status(refused, 401);

	struct http enabled = user_patched(admin(), &user, "{'disabled': false}");
	assert_status(enabled, 200);
	struct http before = http_get(own, "/v1/me");
	assert_status(before, 401);
	struct http again = logged_in(user.name, OWN_PASSWORD);
	assert_status(again, 200);
}
END_TEST

START_TEST(a_reset_ends_sessions_and_forgets_failures)
{
	struct account user = user_made(admin(), "{}");
	char *own = settled(&user);
	int status = 401;

	for (int i = 0; i < 8 && status == 401; i++)
		status = logged_in(user.name, "một mật khẩu sai bét").status;
	ck_assert_int_eq(status, 429);
	struct http reset = http_post(admin(), text_of("/v1/users/%s/reset-password", user.id),
				      NULL);
	assert_status(reset, 200);
	ck_assert(json_is_true(json_object_get(reset.json, "must_change_password")));
	ck_assert(stops(own));
	struct http old = logged_in(user.name, OWN_PASSWORD);
	assert_status(old, 401);
	struct http fresh = logged_in(user.name, http_text(&reset, "password"));
	assert_status(fresh, 200);
}
END_TEST

START_TEST(a_changed_role_ends_sessions_a_title_does_not)
{
	struct account user = user_made(admin(), "{}");
	char *own = settled(&user);
	struct http titled = user_patched(admin(), &user, "{'title': 'Cán bộ'}");

	assert_status(titled, 200);
	ck_assert(!stops(own));
	struct http changed = user_patched(admin(), &user, "{'role': 'viewer'}");
	assert_status(changed, 200);
	ck_assert(stops(own));
}
END_TEST

START_TEST(nobody_does_it_to_themselves)
{
	struct account other = user_made(admin(), "{'role': 'admin'}");
	const char *own = settled(&other);
	struct http answers[] = {
		user_patched(own, &other, "{'disabled': true}"),
		user_patched(own, &other, "{'role': 'viewer'}"),
		http_post(own, text_of("/v1/users/%s/reset-password", other.id), NULL),
	};

	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		assert_status(answers[i], 403);
		ck_assert_str_eq(http_text(&answers[i], "code"), "not_yourself");
	}
	struct http titled = user_patched(own, &other, "{'title': 'Tôi'}");
	assert_status(titled, 200);
}
END_TEST

/* Whatever other operators tests have made, they disabled them. */
START_TEST(the_last_operator_stays)
{
	const char *last = username_of(0, OPERATOR);
	char *value = NULL;
	const char *id = sql(AS_SUPERUSER, "SELECT id FROM accounts WHERE username = '%s'", last);

	ck_assert_int_eq(sql_number(AS_SUPERUSER, "SELECT count(*) FROM accounts WHERE role = "
						  "'operator' AND disabled_at IS NULL"),
			 1);
	ck_assert_pstr_eq(sql_forged(0, OPERATOR, &value,
				     "SELECT user_update('%s', 0, '{\"disabled\": true}')", id),
			  "LC409");
}
END_TEST

START_TEST(a_password_is_told_once)
{
	const char *key = unique("k-");
	const char *body = text_of("{\"username\": \"%s\", \"role\": \"viewer\"}", unique("u."));
	struct http answers[2];

	for (int i = 0; i < 2; i++) {
		answers[i] = http(.method = "POST", .path = "/v1/users", .token = admin(),
				  .body = body, .key = key);
		assert_status(answers[i], 201);
	}
	struct http other = http(.method = "POST", .path = "/v1/users", .token = admin(),
				 .body = "{\"username\": \"x\", \"role\": \"viewer\"}", .key = key);
	struct http none = http(.method = "POST", .path = "/v1/users", .token = admin(),
				.body = body, .key = "");

	ck_assert_ptr_nonnull(http_text(&answers[0], "password"));
	ck_assert(json_is_null(json_object_get(answers[1].json, "password")));
	ck_assert_pstr_eq(http_header(&answers[1], "Idempotency-Replayed"), "true");
	ck_assert_str_eq(http_text(&answers[0], "id"), http_text(&answers[1], "id"));
	assert_status(other, 422);
	assert_status(none, 400);
}
END_TEST

START_TEST(a_repeated_reset_resets_once)
{
	struct account user = user_made(admin(), "{}");
	const char *path = text_of("/v1/users/%s/reset-password", user.id), *key = unique("k-");
	struct http first = http(.method = "POST", .path = path, .token = admin(), .key = key);
	struct http again = http(.method = "POST", .path = path, .token = admin(), .key = key);

	assert_status(first, 200);
	assert_status(again, 200);
	ck_assert(json_is_null(json_object_get(again.json, "password")));
	struct http login = logged_in(user.name, http_text(&first, "password"));
	assert_status(login, 200);
}
END_TEST

START_TEST(a_name_is_taken_once)
{
	struct account user = user_made(admin(), "{}");
	struct http again = user_posted(admin(), user.name, "{}");

	assert_blamed(again, 409, "/username", "duplicate");
}
END_TEST

static size_t lines_of(const struct http *answer)
{
	size_t count = 0;

	for (const char *c = answer->body; *c; c++)
		count += *c == '\n';
	return count;
}

static const char *const listed[] = {"/v1/users", "/v1/clients", "/v1/sessions"};

START_TEST(a_list_is_as_long_as_it_says)
{
	const char *path = listed[_i], *next = text_of("%s?limit=1", path);
	size_t walked = 0;

	for (int i = 0; i < 3; i++) {
		user_made(token(17, ADMIN), "{}");
		client_made(token(17, ADMIN), "{}");
		logged_in(username_of(17, ADMIN), password);
	}
	struct http list = http_get(token(17, ADMIN), "%s?limit=200&count=true", path);
	struct http csv = http_get(token(17, ADMIN), "%s?format=csv", path);
	json_t *total = json_object_get(json_object_get(list.json, "page"), "total");

	assert_status(list, 200);
	assert_status(csv, 200);
	ck_assert_uint_ge(count_of(&list), 3);
	ck_assert_uint_eq(count_of(&list), (size_t)json_integer_value(total));
	ck_assert_uint_eq(count_of(&list) + 1, lines_of(&csv));
	while (next) {
		struct http page = http_get(token(17, ADMIN), "%s", next);

		walked += count_of(&page);
		next = copy_of(http_text(&page, "page.next"));
	}
	ck_assert_uint_eq(walked, count_of(&list));
}
END_TEST

static bool file_has(const char *path, const char *text)
{
	FILE *file = fopen(path, "r");
	char *all = NULL;
	size_t size = 0;
	bool has = file && getdelim(&all, &size, '\0', file) > 0 && strstr(all, text);

	if (file)
		fclose(file);
	free(all);
	return has;
}

static bool log_has(const char *text)
{
	glob_t logs;
	bool has = false;

	glob(text_of("%s/service-*.log", getenv("LACHAN_HOME")), 0, NULL, &logs);
	ck_assert_uint_ge(logs.gl_pathc, 1);
	for (size_t i = 0; i < logs.gl_pathc; i++)
		has |= file_has(logs.gl_pathv[i], text);
	globfree(&logs);
	return has;
}

static bool audit_has(const char *text)
{
	return sql_number(AS_SUPERUSER,
			  "SELECT count(*) FROM audit_entries WHERE to_jsonb(audit_entries)::text "
			  "LIKE '%%%s%%'",
			  text) > 0;
}

START_TEST(no_secret_appears_anywhere_else)
{
	struct account user = user_made(admin(), "{}"), client = client_made(admin(), "{}");
	char digest[65];

	settled(&user);
	secret_sha256(client.secret, digest);
	const char *secrets[] = {user.secret, client.secret, digest, "argon2", OWN_PASSWORD};
	for (size_t i = 0; i < sizeof listed / sizeof *listed; i++) {
		struct http list = http_get(admin(), "%s?limit=200", listed[i]);
		struct http csv = http_get(admin(), "%s?format=csv", listed[i]);

		for (size_t j = 0; j < sizeof secrets / sizeof *secrets; j++)
			ck_assert(!strstr(list.body, secrets[j]) && !strstr(csv.body, secrets[j]));
	}
	for (size_t j = 0; j < sizeof secrets / sizeof *secrets; j++)
		ck_assert(!log_has(secrets[j]) && !audit_has(secrets[j]));
}
END_TEST

START_TEST(every_change_is_in_the_audit)
{
	static const struct {
		const char *resource, *action;
	} rows[] = {{"users", "create"},	 {"users", "update"},
		    {"users", "reset_password"}, {"users", "change_password"},
		    {"clients", "create"},	 {"clients", "rotate_secret"},
		    {"sessions", "revoke"}};
	struct account user = user_made(admin(), "{}"), client = client_made(admin(), "{}");
	char *own = settled(&user);
	struct http list = http_get(own, "/v1/sessions");
	const char *session = http_text(&list, "data[0].id");

	http(.method = "DELETE", .path = text_of("/v1/sessions/%s", session), .token = own);
	user_patched(admin(), &user, "{'title': 'x'}");
	http_post(admin(), text_of("/v1/users/%s/reset-password", user.id), NULL);
	http_post(admin(), text_of("/v1/clients/%s/rotate-secret", client.id), NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_msg(
			sql_number(AS_SUPERUSER,
				   "SELECT count(*) FROM audit_entries WHERE resource = '%s' AND "
				   "action = '%s' AND records && '{%s,%s,%s}' AND user_id IS "
				   "NOT NULL AND address <> ''",
				   rows[i].resource, rows[i].action, user.id, client.id,
				   session) == 1,
			"%s %s", rows[i].resource, rows[i].action);
}
END_TEST

static const struct refusal of_clients[] = {
	{"{'scopes': ['people:read', 'khong:read']}", 422, "/scopes", "unknown_scope"},
	{"{'scopes': ['people:read write']}", 422, "/scopes", "unknown_scope"},
	{"{'scopes': ['users:read']}", 422, "/scopes", "unknown_scope"},
	{"{'scopes': ['crimes:write']}", 403, "/scopes", "scope_not_held"},
	{"{'scopes': ['units:write']}", 403, "/scopes", "scope_not_held"},
	{"{'scopes': ['people:export']}", 403, "/scopes", "not_yours_to_grant"},
	{"{'scopes': []}", 422, "/scopes", "wrong_number_of_items"},
	{"{'scopes': 'people:read'}", 422, "/scopes", "array_expected"},
	{"{'scopes': null}", 422, "/scopes", "required"},
	{"{'role': 'admin'}", 422, "/role", "unknown_code"},
	{"{'unit': '2025-66'}", 403, "/unit", "not_yours_to_grant"},
	{"{'agency': 1}", 422, "/agency", "seat_not_held"},
	{"{'organization': 'so_y_te', 'agency': 5}", 403, "/organization", "not_yours_to_grant"},
	{"{'client_id': 'của-tôi'}", 422, "/client_id", "read_only"},
};

START_TEST(a_client_gets_no_more_than_its_agency_has)
{
	const struct refusal *row = &of_clients[_i];
	struct http answer = client_posted(admin(), row->changes);

	assert_blamed(answer, row->status, row->pointer, row->code);
}
END_TEST

START_TEST(finance_gets_no_scope_for_crimes)
{
	struct http answer = client_posted(token(8, ADMIN), "{'scopes': ['crimes:read']}");
	struct http tasks_read = client_posted(token(8, ADMIN), "{'scopes': ['tasks:read']}");

	assert_blamed(answer, 403, "/scopes", "scope_not_held");
	assert_status(tasks_read, 201);
	struct http widened = http_patch(token(8, ADMIN),
					 text_of("/v1/clients/%s", http_text(&tasks_read, "id")),
					 http_header(&tasks_read, "ETag"),
					 object("{'scopes': ['tasks:read', 'crimes:read']}"));
	assert_blamed(widened, 403, "/scopes", "scope_not_held");
}
END_TEST

START_TEST(a_client_works_within_its_scopes_until_it_is_disabled)
{
	struct account client = client_made(admin(), "{'purpose': 'case_management'}");
	char *access = access_of(token_answer(&client));
	const char *path = text_of("/v1/clients/%s", client.id);
	struct http read = http_get(access, "/v1/people?limit=1");
	struct http written = http_post(access, "/v1/people", person(NULL));
	struct http tasks_read = http_get(access, "/v1/tasks");

	assert_status(read, 200);
	assert_status(written, 403);
	assert_status(tasks_read, 403);
	struct http disabled = http_patch(admin(), path, etag_of(admin(), path),
					  object("{'disabled': true}"));
	assert_status(disabled, 200);
	ck_assert(stops(access));
	struct http refused = token_answer(&client);
	assert_status(refused, 401);
}
END_TEST

START_TEST(a_rotated_secret_overlaps_with_the_one_before)
{
	struct account before = client_made(admin(), "{}"), after = before;
	char *access = access_of(token_answer(&before));
	struct http rotated = http_post(admin(), text_of("/v1/clients/%s/rotate-secret", before.id),
					NULL);

	assert_status(rotated, 200);
	ck_assert_ptr_nonnull(http_text(&rotated, "previous_until"));
	after.secret = copy_of(http_text(&rotated, "secret"));
	access_of(token_answer(&before));
	access_of(token_answer(&after));
	ck_assert(!stops(access));
	sql(AS_SUPERUSER, "UPDATE clients SET previous_until = now() WHERE id = '%s'", before.id);
	struct http old = token_answer(&before);
	assert_status(old, 401);
	access_of(token_answer(&after));
}
END_TEST

static struct http units_by_basic(const char *name, const char *secret)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *pair = text_of("%s:%s", name, secret);
	size_t length = strlen(pair), out = 0;
	char encoded[512];

	for (size_t i = 0; i < length; i += 3) {
		unsigned bits = (unsigned)(unsigned char)pair[i] << 16;

		bits |= i + 1 < length ? (unsigned)(unsigned char)pair[i + 1] << 8 : 0;
		bits |= i + 2 < length ? (unsigned char)pair[i + 2] : 0;
		encoded[out++] = digits[bits >> 18];
		encoded[out++] = digits[bits >> 12 & 63];
		encoded[out++] = i + 1 < length ? digits[bits >> 6 & 63] : '=';
		encoded[out++] = i + 2 < length ? digits[bits & 63] : '=';
	}
	encoded[out] = '\0';
	return http(.path = "/v1/units?limit=1",
		    .headers = text_of("Authorization: Basic %s\r\n", encoded));
}

START_TEST(a_viewer_client_reads_by_basic)
{
	struct account client = client_made(admin(), "{'role': 'viewer', 'scopes': ['read']}");

	assert_status(units_by_basic(client.name, client.secret), 200);
}
END_TEST

START_TEST(basic_that_is_refused_says_why)
{
	struct account client = client_made(admin(),
					    "{'role': 'service', 'scopes': ['read', 'write']}");
	struct http writer = units_by_basic(client.name, client.secret);
	struct http wrong = units_by_basic(client.name, "wrong");

	assert_status(writer, 403);
	ck_assert_str_eq(http_text(&writer, "code"), "basic_read_only");
	assert_status(wrong, 401);
	ck_assert_str_eq(http_text(&wrong, "code"), "basic_invalid");
}
END_TEST

/* The contract of a viewing system is its scopes, as that of any other. */
START_TEST(a_viewer_client_reads_no_more_than_its_scopes)
{
	struct account client = client_made(token(1, ADMIN),
					    "{'role': 'viewer', 'purpose': 'case_management', "
					    "'scopes': ['units:read', 'people:read']}");
	struct http narrow =
		http(.method = "POST", .path = "/oauth/token",
		     .type = "application/x-www-form-urlencoded",
		     .body = text_of("grant_type=client_credentials&client_id=%s&client_secret=%s&"
				     "scope=units:read",
				     client.name, client.secret));
	const char *whole = access_of(token_answer(&client)), *part = access_of(narrow);

	ck_assert_str_eq(http_text(&narrow, "scope"), "units:read");
	assert_status(http_get(whole, "/v1/people?limit=1"), 200);
	assert_status(http_post(whole, "/v1/people", person(NULL)), 403);
	assert_status(http_get(whole, "/v1/crimes?limit=1"), 403);
	assert_status(http_get(part, "/v1/units?limit=1"), 200);
	assert_status(http_get(part, "/v1/people?limit=1"), 403);
}
END_TEST

START_TEST(one_s_own_sessions_are_listed_and_ended)
{
	struct account user = user_made(admin(), "{}");
	char *own = settled(&user), *other = access_of(logged_in(user.name, OWN_PASSWORD));
	struct http list = http_get(own, "/v1/sessions?sort=created_at");

	assert_status(list, 200);
	ck_assert_uint_eq(count_of(&list), 2);
	ck_assert_str_eq(http_text(&list, "data[0].user"), user.id);
	ck_assert_ptr_nonnull(http_text(&list, "data[0].address"));
	ck_assert_ptr_nonnull(http_text(&list, "data[0].last_used_at"));
	json_t *first = json_array_get(json_object_get(list.json, "data"), 0);
	json_t *second = json_array_get(json_object_get(list.json, "data"), 1);
	ck_assert(json_is_true(json_object_get(first, "current")));
	ck_assert(json_is_false(json_object_get(second, "current")));
	struct http ended = http(.method = "DELETE", .token = own,
				 .path = text_of("/v1/sessions/%s",
						 http_text(&list, "data[1].id")));
	assert_status(ended, 204);
	ck_assert(stops(other));
	struct http left = http_get(own, "/v1/sessions");
	ck_assert_uint_eq(count_of(&left), 1);
}
END_TEST

START_TEST(sessions_of_others_are_their_admin_s_to_end)
{
	struct account user = user_made(admin(), "{}"), peer = user_made(admin(), "{}");
	char *own = settled(&user), *other = settled(&peer);
	struct http seen = http_get(admin(), "/v1/sessions?user=%s", user.id);
	struct http peeped = http_get(other, "/v1/sessions?user=%s", user.id);
	struct http strange = http_get(token(OTHER_COMMUNE, ADMIN), "/v1/sessions?user=%s",
				       user.id);
	const char *path = text_of("/v1/sessions/%s", http_text(&seen, "data[0].id"));

	ck_assert_uint_eq(count_of(&seen), 1);
	ck_assert_uint_eq(count_of(&peeped), 0);
	ck_assert_uint_eq(count_of(&strange), 0);
	struct http by_peer = http(.method = "DELETE", .token = other, .path = path);
	struct http by_stranger = http(.method = "DELETE", .token = token(OTHER_COMMUNE, ADMIN),
				       .path = path);
	struct http by_admin = http(.method = "DELETE", .token = admin(), .path = path);
	assert_status(by_peer, 404);
	assert_status(by_stranger, 404);
	assert_status(by_admin, 204);
	ck_assert(stops(own));
}
END_TEST

START_TEST(an_admin_of_a_part_ends_no_session_of_the_whole)
{
	struct account part = user_made(token(2, ADMIN),
					"{'role': 'admin', 'unit': '" COMMUNE_UNIT "'}");
	struct account whole = user_made(token(2, ADMIN), "{'role': 'admin'}");
	char *narrow = settled(&part), *wide = settled(&whole);
	struct http theirs = http_get(narrow, "/v1/sessions?user=%s", whole.id);
	struct http own = http_get(narrow, "/v1/sessions?user=%s", part.id);
	const char *path = text_of("/v1/sessions/%s", http_text(&theirs, "data[0].id"));

	assert_status(http(.method = "DELETE", .token = narrow, .path = path), 403);
	assert_status(http_get(wide, "/v1/me"), 200);
	assert_status(http(.method = "DELETE", .token = narrow,
			   .path = text_of("/v1/sessions/%s", http_text(&own, "data[0].id"))),
		      204);
	assert_status(http(.method = "DELETE", .token = token(2, ADMIN), .path = path), 204);
}
END_TEST

static const struct {
	const char *password, *code; /* NULL: good */
} candidates[] = {
	{"mười bốn chữ đ", "too_short"},
	{"mười lăm chữ đây", NULL},
	{"nói không phải là", NULL},
	{"               ", "password_common"},
	{"passwordpassword", "password_common"},
	{"PasswordPassword2026!", "password_common"},
	{"Mật khẩu của tôi 123", "password_common"},
	{"ĐắkLắk-ĐắkLắk-2026", "password_common"},
	{"daklak123456789", "password_common"},
	{"lachan 2026 2026", "password_common"},
	{"Sở Giáo dục và Đào tạo 2026", "password_common"},
	{"Công an tỉnh Đắk Lắk", "password_common"},
	{"1q2w3e4r5t6y7u8i9o0p", "password_common"},
	{"123456789012345", "password_common"},
	{"aaaaaaaaaaaaaaaaaaaa", "password_common"},
	{"qwertyuiopasdfghjkl", "password_common"},
	{"Correct Horse Battery Staple", "password_common"},
	{"con trâu đi trước cái cày", NULL},
	{"739184650271846", NULL},
	{"xin chào a19.officer nhé", "password_has_username"},
};

/* Milliseconds until a wrong password for the name is refused. */
static double refusal_took(const char *name)
{
	struct timespec from, to;

	sql(AS_SUPERUSER, "DELETE FROM login_throttles");
	clock_gettime(CLOCK_MONOTONIC, &from);
	struct http answer = logged_in(name, "sai từ đầu đến cuối");
	clock_gettime(CLOCK_MONOTONIC, &to);
	ck_assert_int_eq(answer.status, 401);
	return (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
}

/* The greatest distance of the two distributions (Kolmogorov and Smirnov): of 100 tries each, above
 * 0.35 comes by chance once in 100,000 times. */
START_TEST(the_time_of_a_refusal_tells_no_name)
{
	enum { TRIES = 100 };
	double took[2][TRIES], farthest = 0;
	const char *known = username_of(7, VIEWER);

	for (int i = 0; i < TRIES; i++) {
		took[i % 2][i] = refusal_took(i % 2 ? known : unique("nobody."));
		took[!(i % 2)][i] = refusal_took(i % 2 ? unique("nobody.") : known);
	}
	for (int i = 0; i < 2 * TRIES; i++) {
		double at = took[i / TRIES][i % TRIES], ahead = 0;

		for (int j = 0; j < TRIES; j++)
			ahead += (took[0][j] <= at) - (took[1][j] <= at);
		farthest = ahead > farthest ? ahead : -ahead > farthest ? -ahead : farthest;
	}
	ck_assert_msg(farthest <= 0.35 * TRIES, "%g", farthest / TRIES);
}
END_TEST

START_TEST(a_password_is_long_and_not_guessed)
{
	struct error error = {0};
	bool accepts = password_accepts(candidates[_i].password, "a19.officer", "/p", &error);

	ck_assert_msg(accepts == !candidates[_i].code, "%s: %s", candidates[_i].password,
		      json_dumps(error.faults, 0));
	if (candidates[_i].code)
		ck_assert_str_eq(
			json_string_value(json_object_get(json_array_get(error.faults, 0), "code")),
			candidates[_i].code);
}
END_TEST

START_TEST(a_password_has_at_most_128_characters_and_512_bytes)
{
	char long_one[600] = "";
	struct error error = {0};

	for (int i = 0; i < 128; i++)
		long_one[i] = (char)('a' + i * i % 23);
	ck_assert(password_accepts(long_one, "a19.officer", "/p", &error));
	long_one[128] = 'z';
	ck_assert(!password_accepts(long_one, "a19.officer", "/p", &error));
}
END_TEST

START_TEST(a_changed_password_ends_all_other_sessions)
{
	struct account user = user_made(admin(), "{}");
	char *own = settled(&user), *other = access_of(logged_in(user.name, OWN_PASSWORD));
	struct http wrong = password_changed(own, "không phải thế này", "một câu khác hẳn đây");
	struct http same = password_changed(own, OWN_PASSWORD, OWN_PASSWORD);
	struct http weak = password_changed(own, OWN_PASSWORD, "passwordpassword");
	struct http changed = password_changed(own, OWN_PASSWORD, "một câu khác hẳn đây");

	assert_blamed(wrong, 422, "/old_password", "password_wrong");
	assert_blamed(same, 422, "/new_password", "password_unchanged");
	assert_blamed(weak, 422, "/new_password", "password_common");
	assert_status(changed, 204);
	ck_assert(stops(other));
	struct http me = http_get(own, "/v1/me");
	assert_status(me, 200);
}
END_TEST

START_TEST(guessing_the_old_password_is_slowed_down)
{
	struct account user = user_made(admin(), "{}");
	char *own = settled(&user);
	int status = 422;

	for (int i = 0; i < 8 && status == 422; i++)
		status = password_changed(own, "không phải thế này", "một câu khác hẳn đây").status;
	ck_assert_int_eq(status, 429);
}
END_TEST

START_TEST(a_system_has_no_password)
{
	struct http answer = password_changed(token(COMMUNE, SERVICE), password, OWN_PASSWORD);

	assert_status(answer, 403);
}
END_TEST

static const struct {
	int agency;
	enum role role;
	const char *statement, *state, *value;
} forgeries[] = {
	{19, OFFICER, "SELECT count(*) FROM users", NULL, "0"},
	{19, OFFICER, "SELECT count(*) FROM system_clients", NULL, "0"},
	{19, VIEWER, "SELECT count(*) FROM open_sessions", NULL, "0"},
	{19, ADMIN, "SELECT count(*) FROM users WHERE organization <> 'ubnd_2025_24121'", NULL,
	 "0"},
	{0, OPERATOR, "SELECT password_hash FROM accounts", "42501", NULL},
	{0, OPERATOR, "SELECT secret_hash FROM clients", "42501", NULL},
	{0, OPERATOR, "UPDATE users SET role = 'operator'", "42501", NULL},
	{19, OFFICER,
	 "SELECT user_create(gen_random_uuid(), 'x', '{\"username\": \"x\", \"role\": "
	 "\"viewer\"}')",
	 "LC403", NULL},
	{19, ADMIN,
	 "SELECT user_create(gen_random_uuid(), 'x', '{\"username\": \"x\", \"role\": "
	 "\"operator\"}')",
	 "LC403", NULL},
	{19, ADMIN,
	 "SELECT user_create(gen_random_uuid(), 'x', '{\"username\": \"x\", \"role\": \"viewer\", "
	 "\"unit\": \"2025-66\"}')",
	 "LC403", NULL},
	{19, ADMIN,
	 "SELECT client_create(gen_random_uuid(), 'x', 'x', '{\"role\": \"service\", \"scopes\": "
	 "[\"crimes:read\"]}', '{1}')",
	 "LC403", NULL},
};

START_TEST(the_database_says_so_as_well)
{
	char *value = NULL;
	const char *state = sql_forged(forgeries[_i].agency, forgeries[_i].role, &value, "%s",
				       forgeries[_i].statement);

	ck_assert_pstr_eq(state, forgeries[_i].state);
	ck_assert_pstr_eq(value, forgeries[_i].value);
}
END_TEST

START_TEST(without_an_identity_there_is_nothing)
{
	ck_assert_int_eq(sql_number(AS_SERVICE, "SELECT (SELECT count(*) FROM users) + (SELECT "
						"count(*) FROM system_clients) + (SELECT count(*) "
						"FROM open_sessions)"),
			 0);
}
END_TEST

Suite *accounts_suite(void)
{
	Suite *suite = suite_create("accounts");
	TCase *cases = tcase_create("accounts");

	tcase_set_timeout(cases, 60);
	tcase_add_test(cases, who_was_told_a_password_changes_it_before_anything_else);
	tcase_add_test(cases, what_an_admin_leaves_out_is_its_own);
	add_rows(cases, an_admin_grants_nothing_that_it_does_not_hold, of_admins);
	add_rows(cases, not_even_the_operator_gives_an_organisation_more_than_it_has, of_operators);
	tcase_add_test(cases, the_operator_makes_accounts_for_any_organisation);
	tcase_add_loop_test(cases, nobody_else_comes_near, 0, 6);
	tcase_add_test(cases, another_organisation_s_account_is_not_there);
	tcase_add_test(cases, an_operator_s_account_is_no_admin_s);
	add_rows(cases, a_change_widens_nothing, of_changes);
	tcase_add_test(cases, a_change_is_meant_for_a_version);
	tcase_add_test(cases, an_admin_of_a_part_takes_over_no_account_of_the_whole);
	tcase_add_test(cases, an_admin_takes_over_nothing_that_may_do_more);
	tcase_add_test(cases, an_admin_of_one_seat_grants_and_takes_over_none_of_another);
	tcase_add_test(cases, a_disabled_user_stops_within_five_seconds);
	tcase_add_test(cases, a_reset_ends_sessions_and_forgets_failures);
	tcase_add_test(cases, a_changed_role_ends_sessions_a_title_does_not);
	tcase_add_test(cases, nobody_does_it_to_themselves);
	tcase_add_test(cases, the_last_operator_stays);
	tcase_add_test(cases, a_password_is_told_once);
	tcase_add_test(cases, a_repeated_reset_resets_once);
	tcase_add_test(cases, a_name_is_taken_once);
	add_rows(cases, a_list_is_as_long_as_it_says, listed);
	tcase_add_test(cases, no_secret_appears_anywhere_else);
	tcase_add_test(cases, every_change_is_in_the_audit);
	add_rows(cases, a_client_gets_no_more_than_its_agency_has, of_clients);
	tcase_add_test(cases, finance_gets_no_scope_for_crimes);
	tcase_add_test(cases, a_client_works_within_its_scopes_until_it_is_disabled);
	tcase_add_test(cases, a_rotated_secret_overlaps_with_the_one_before);
	tcase_add_test(cases, a_viewer_client_reads_no_more_than_its_scopes);
	tcase_add_test(cases, a_viewer_client_reads_by_basic);
	tcase_add_test(cases, basic_that_is_refused_says_why);
	tcase_add_test(cases, one_s_own_sessions_are_listed_and_ended);
	tcase_add_test(cases, sessions_of_others_are_their_admin_s_to_end);
	tcase_add_test(cases, an_admin_of_a_part_ends_no_session_of_the_whole);
	tcase_add_test(cases, the_time_of_a_refusal_tells_no_name);
	add_rows(cases, a_password_is_long_and_not_guessed, candidates);
	tcase_add_test(cases, a_password_has_at_most_128_characters_and_512_bytes);
	tcase_add_test(cases, a_changed_password_ends_all_other_sessions);
	tcase_add_test(cases, guessing_the_old_password_is_slowed_down);
	tcase_add_test(cases, a_system_has_no_password);
	add_rows(cases, the_database_says_so_as_well, forgeries);
	tcase_add_test(cases, without_an_identity_there_is_nothing);
	suite_add_tcase(suite, cases);
	return suite;
}
