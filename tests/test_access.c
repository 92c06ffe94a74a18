/* Who sees and does what, by agency and role, over HTTP. The tables here say again what access.csv
 * asks for, in other words than core/access.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "samples.h"
#include "session.h"
#include "text.h"

static const int seats[] = {1,	2,  3,	4,  5,	6,  7,	8,  9,	10,
			    11, 12, 13, 14, 15, 16, 17, 18, 19, OTHER_COMMUNE};
enum { SEATS = sizeof seats / sizeof *seats };

static const char nowhere[] = "01890a5d-ac96-774b-bcce-b302099a8057";

/* What an agency's admin may try at all: l(ist), r(ead), c(reate), u(pdate), v(oid). "*": all
 * others. */
static const struct {
	const struct resource *resource;
	struct {
		const char *agencies, *may;
	} rules[6];
} rights[] = {
	{&people,
	 {{"1", "lrcuv"}, {"4 19", "lrcu"}, {"2 3 5", "lrc"}, {"16 17", "lr"}, {"*", "r"}}},
	{&referrals, {{"1 2 3 4 5 16 17 19", "lrcu"}, {"*", "lru"}}},
	{&person_duplicates, {{"1 2 3 4 5 16 17 19", "l"}}},
	{&merges, {{"1 4 19", "lrcu"}}},
	{&handovers, {{"1 4 19", "lrcu"}}},
	{&break_glasses, {{"1 2 3 4 5 16 17 19", "lrcu"}}},
	{&notices, {{"*", "lru"}}},
	{&subject_requests, {{"1 2 3 4 5 16 17 19", "lrcu"}}},
	{&restrictions, {{"1 19", "lrcu"}}},
	{&retention, {{"1 19", "l"}}},
	{&retention_decisions, {{"1 19", "lrcu"}}},
	{&person_statuses, {{"1", "lrcuv"}, {"4 19", "lrcu"}, {"2 3 5 16 17", "lr"}}},
	{&person_violations, {{"1", "lrcuv"}, {"19", "lrc"}, {"2 3 4 5 16 17", "lr"}}},
	{&interventions, {{"1 4 5 19", "lrcuv"}, {"2 12 17 18", "lrcu"}, {"14", "lru"}}},
	{&person_interventions, {{"1 4 5 19", "lrcuv"}, {"2 17", "lrcu"}}},
	{&crimes, {{"1", "lrcuv"}, {"3", "lrcu"}, {"16", "lr"}, {"19", "lr"}}},
	{&crime_participants, {{"1", "lrcuv"}, {"3", "lrcu"}, {"16", "lr"}}},
	{&crime_stages, {{"1", "lrcuv"}, {"3 16", "lrcu"}, {"19", "lr"}}},
	{&hotspots, {{"1", "lrcuv"}, {"3", "lrc"}, {"13 19", "lr"}}},
	{&hotspot_events, {{"1", "lrcuv"}, {"3 13 19", "lr"}}},
	{&training_sessions, {{"*", "lrcuv"}}},
	{&session_attendees, {{"*", "lrcuv"}}},
	{&campaigns, {{"*", "lrcuv"}}},
	{&models, {{"1 2 3 12 17 18 19", "lrcuv"}, {"*", "lr"}}},
	{&union_organizations, {{"17", "lrcuv"}, {"*", "lr"}}},
	{&key_communes, {{"1", "lrcuv"}, {"*", "lr"}}},
	{&baselines, {{"1 2 4 5 17", "lrcuv"}, {"*", "lr"}}},
	{&institution_headcounts, {{"2", "lrcuv"}, {"*", "lr"}}},
	{&institutions, {{"2", "lrcuv"}, {"*", "lr"}}},
	{&tasks, {{"*", "lr"}}},
	{&task_assignments, {{"1", "lrcuv"}, {"*", "lrcu"}}},
	{&task_progress, {{"*", "lrcu"}}},
	{&reports, {{"*", "lrcu"}}},
	{&report_entries, {{"*", "lrcuv"}}},
	{&report_completeness, {{"*", "lr"}}},
	{&task_trees, {{"*", "lr"}}},
	{&task_overview, {{"*", "lr"}}},
	{&clocks, {{"*", "lr"}}},
	{&units, {{"*", "lr"}}},
	{&agencies, {{"*", "lr"}}},
	{&organizations, {{"*", "lr"}}},
	{&targets, {{"*", "lr"}}},
	{&codes, {{"*", "lr"}}},
	{&reporting_periods, {{"*", "lr"}}},
	{&legal_references, {{"*", "lr"}}},
	{&held_seats, {{"*", "lr"}}},
	{&successions, {{"*", "lr"}}},
	{&reform_undecided, {{"1", "lr"}}},
	{&reform_transfers, {{"1", "lrc"}}},
	{&users, {{"*", "lrcu"}}},
	{&system_clients, {{"*", "lrcu"}}},
	{&open_sessions, {{"*", "lrv"}}},
	{&audit, {{"*", "l"}}},
};
enum { RIGHTS = sizeof rights / sizeof *rights };

/* Whether a list of numbers has one. */
static bool has_number(const char *list, int number)
{
	char *text = text_of(" %s ", list), *one = text_of(" %d ", number);

	return strstr(text, one) != NULL || !strcmp(list, "*");
}

static const char *may_of(const struct resource *resource, int agency)
{
	int right = 0;

	while (rights[right].resource != resource)
		right++;
	for (int i = 0; i < 6 && rights[right].rules[i].agencies; i++)
		if (has_number(rights[right].rules[i].agencies, agency % 100))
			return rights[right].rules[i].may;
	return "";
}

/* Tries the operation where it would end in something else than 403 for whoever may. */
static struct http attempt(const char *as, const struct resource *resource, char operation)
{
	const char *list = sample_path(resource);
	char *one = text_of("%s/%s", list, nowhere);

	switch (operation) {
	case 'l':
		return http_get(as, "%s?limit=1", list);
	case 'r':
		return http_get(as, "%s", one);
	case 'c':
		return http_post(as, list, object("{'colour': 1}"));
	case 'u':
		return http_patch(as, one, "\"1\"", object("{'colour': 1}"));
	default:
		return http_delete(as, text_of("%s?reason=other", one), "\"1\"");
	}
}

START_TEST(each_agency_tries_each_operation_on_each_resource)
{
	const char *admin = token(seats[_i], ADMIN);

	for (int right = 0; right < RIGHTS; right++)
		for (const char *operation = "lrcuv"; *operation; operation++) {
			const struct resource *resource = rights[right].resource;
			struct http answer = attempt(admin, resource, *operation);
			const char *letters = may_of(resource, seats[_i]);
			/* Whoever has no list reads only what is shared with it, which here nothing
			 * is. */
			bool may = strchr(letters, *operation) &&
				   (*operation != 'r' || strchr(letters, 'l'));
			bool is_there = answer.status != 405 && answer.status != 404;
			bool is_refused = answer.status == 403;

			if (*operation == 'r' && resource->traits & REFERENCE_DATA)
				continue; /* some have no page of one */
			/* What nobody may do has no route; below an unseen parent there is nothing.
			 */
			ck_assert_msg(may ? !is_refused && answer.status < 500
					  : is_refused || !is_there,
				      "agency %d %c %s: %d %s", seats[_i], *operation,
				      resource->table, answer.status, answer.body);
			ck_assert_msg(may || answer.status != 404 || !resource->parent ||
					      *operation != 'l',
				      "agency %d %c %s: 404 instead of 403", seats[_i], *operation,
				      resource->table);
		}
}
END_TEST

START_TEST(every_resource_has_its_rights_here)
{
	for (int i = 0; resources[i]; i++) {
		int right = 0;

		while (right < RIGHTS && rights[right].resource != resources[i])
			right++;
		ck_assert_msg(right < RIGHTS, "%s has no row in `rights`", resources[i]->table);
	}
}
END_TEST

START_TEST(me_says_what_the_rights_are)
{
	struct http me = http_get(token(seats[_i], ADMIN), "/v1/me");
	const json_t *all = json_object_get(me.json, "resources");

	for (int right = 0; right < RIGHTS; right++) {
		json_t *may = json_object_get(
			json_object_get(all, resource_word(rights[right].resource)), "may");
		char *text = json_dumps(may, JSON_COMPACT);
		const char *letters = may_of(rights[right].resource, seats[_i]);

		if (rights[right].resource == &person_interventions)
			continue; /* told of its table */
		ck_assert_int_eq(!strstr(text, "\"list\""), !strchr(letters, 'l'));
		ck_assert_int_eq(!strstr(text, "\"read\""), !strchr(letters, 'r'));
		ck_assert_int_eq(!strstr(text, "\"create\""), !strchr(letters, 'c'));
		ck_assert_int_eq(!strstr(text, "\"update\""), !strchr(letters, 'u'));
		ck_assert_int_eq(!strstr(text, "\"void\""), !strchr(letters, 'v'));
	}
}
END_TEST

/* Roles cut down what the agency may: here of the police and a commune. */
static const struct {
	int agency;
	enum role role;
	const char *may; /* on people */
} roles[] = {
	{1, VIEWER, "lr"},   {1, OFFICER, "lrcu"},  {1, ADMIN, "lrcuv"}, {1, SERVICE, "lrcu"},
	{19, VIEWER, "lr"},  {19, OFFICER, "lrcu"}, {19, ADMIN, "lrcu"}, {19, SERVICE, "lrcu"},
	{16, OFFICER, "lr"}, {0, OPERATOR, ""},
};

START_TEST(a_role_does_no_more_than_it_may)
{
	const char *as = token(roles[_i].agency, roles[_i].role);

	for (const char *operation = "lrcuv"; *operation; operation++) {
		struct http answer = attempt(as, &people, *operation);

		ck_assert_msg((answer.status == 403) != (strchr(roles[_i].may, *operation) != NULL),
			      "%c: %d %s", *operation, answer.status, answer.body);
	}
}
END_TEST

START_TEST(the_operator_sees_no_person_and_no_crime)
{
	const char *operator= token(0, OPERATOR);

	for (int i = 0; resources[i]; i++) {
		bool is_open = resources[i]->traits & (REFERENCE_DATA | OWN_RULES) &&
			       !(resources[i]->traits & PERSONAL);
		struct http answer = http_get(operator, "%s?limit=1", sample_path(resources[i]));

		ck_assert_msg(answer.status == (is_open ? 200 : 403), "%s: %d", resources[i]->table,
			      answer.status);
	}
}
END_TEST

static const struct {
	const char *scopes, *may; /* on people */
} clients[] = {
	{"read", "lr"},
	{"read write", "lrcu"},
	{"write", "cu"},
	{"people:read", "lr"},
	{"people:write", "cu"},
	{"crimes:read", ""},
	{"people:read people:write", "lrcu"},
};

START_TEST(a_client_does_no_more_than_its_scopes)
{
	const char *as = client_token(1, clients[_i].scopes, NULL);

	for (const char *operation = "lrcuv"; *operation; operation++) {
		struct http answer = attempt(as, &people, *operation);

		ck_assert_msg((answer.status == 403) !=
				      (strchr(clients[_i].may, *operation) != NULL),
			      "%c: %d %s", *operation, answer.status, answer.body);
	}
	struct http nested = attempt(as, &person_statuses, 'l');
	ck_assert_int_eq(nested.status != 403, strchr(clients[_i].may, 'r') != NULL);
}
END_TEST

/* What is written is answered by what was written to, not by what it holds. */
START_TEST(a_client_that_only_writes_is_told_nothing_that_it_would_read)
{
	const char *as = client_token(1, "people:write", "case_management"),
		   *key = unique("only-writes-");
	char *path = text_of("/v1/people/%s", person_made("{'health_note': 'x'}"));
	struct http changed = http_patch(as, path, etag_of(token(1, OFFICER), path),
					 object("{'occupation': 'Thợ'}"));

	assert_status(changed, 200);
	for (int again = 0; again < 2; again++) {
		struct http made_by_it = http(
			"POST", "/v1/people", as, .key = key,
			.body = json_dumps(person("{'full_name': 'Y Bhok'}"), 0));

		assert_status(made_by_it, 201);
		ck_assert_uint_eq(strlen(http_text(&made_by_it, "id")), 36);
		ck_assert_ptr_null(strstr(made_by_it.body, "Y Bhok"));
	}
	ck_assert_ptr_null(json_object_get(changed.json, "full_name"));
	ck_assert_ptr_null(json_object_get(changed.json, "health_note"));
	struct http list = http_post(client_token(1, "people:write people:read", "case_management"),
				     "/v1/people", person("{'full_name': 'Y Bhok'}"));
	ck_assert_str_eq(http_text(&list, "full_name"), "Y Bhok");
}
END_TEST

START_TEST(without_a_token_there_is_nothing)
{
	for (int right = 0; right < RIGHTS; right++)
		for (const char *operation = "lrcuv"; *operation; operation++) {
			struct http answer = attempt(NULL, rights[right].resource, *operation);

			ck_assert_msg(answer.status == 401 || answer.status == 405 ||
					      (answer.status == 404 && *operation != 'l'),
				      "%c %s: %d", *operation, rights[right].resource->table,
				      answer.status);
			ck_assert(answer.status != 401 || http_header(&answer, "WWW-Authenticate"));
		}
}
END_TEST

/* Each row is one route that nobody thought about. */
static const struct route unguarded[] = {
	{"GET", "/v1/forgotten", .perform = engine_list, .resource = &people},
	{"GET", "/v1/forgotten", BEARER, .resource = &people},
	{"GET", "/v1/forgotten", BEARER, engine_list},
	{"GET", "/v1/forgotten", BEARER_OR_BASIC, engine_list},
	{"POST", "/v1/forgotten", BEARER, engine_create, &audit, CREATE},
};

/* It does so before anything is opened: what is asked at the start (api/main.c) is asked here. */
START_TEST(a_route_without_a_policy_stops_the_program_at_its_start)
{
	struct route routes[2] = {unguarded[_i]};
	struct error error = {0};

	ck_assert(!routes_are_guarded(routes, &error));
	ck_assert_ptr_nonnull(strstr(error.internal, "/v1/forgotten has no policy"));
	error_release(&error);
	routes[0] = (struct route){"GET", "/v1/me", BEARER, me_show, .for_everyone = true};
	ck_assert(routes_are_guarded(routes, &error));
	ck_assert(routes_are_guarded(routes_all(), &error));
}
END_TEST

/* Rows: one person of each kind, and who sees it */

#define EVERYWHERE_SEEN "1 4 5"

static const struct kind {
	const char *name, *changes, *status, *seen_by; /* 19 and 119 beside the agencies */
} kinds[] = {
	{"plain", "{}", NULL, EVERYWHERE_SEEN " 19"},
	{"other", "{'unit': '" OTHER_UNIT "'}", NULL, EVERYWHERE_SEEN " 119"},
	{"border", "{'unit': '" BORDER_UNIT "'}", NULL, EVERYWHERE_SEEN " 3"},
	{"student", "{'institution': '%s'}", NULL, EVERYWHERE_SEEN " 2 19"},
	{"suspect", "{}", NULL, EVERYWHERE_SEEN " 16 19"},
	{"compulsory", "{}",
	 "{'status': 'in_rehab', 'rehab_form': 'compulsory', 'decided_by': 'court', 'starts_on': "
	 "'2026-08-01'}",
	 EVERYWHERE_SEEN " 16 19"},
	{"after", "{}",
	 "{'status': 'post_rehab', 'origin': 'voluntary', 'starts_on': '2026-08-01'}",
	 EVERYWHERE_SEEN " 17 19"},
	{"released", "{'unit': '" OTHER_UNIT "'}",
	 "{'status': 'released', 'starts_on': '2026-08-01'}", EVERYWHERE_SEEN " 17 119"},
	{"addict", "{}", "{'status': 'addict', 'starts_on': '2026-08-01'}", EVERYWHERE_SEEN " 19"},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* Made once for the tests that only look. */
static char *ids[KINDS], *source;

static void people_made(void)
{
	const char *police = token(1, OFFICER);

	source = unique("access-");
	for (int kind = 0; kind < KINDS; kind++) {
		bool is_student = !strcmp(kinds[kind].name, "student");
		json_t *sent = person(
			is_student ? text_of("{'institution': '%s'}", sample_parent(&institutions))
				   : kinds[kind].changes);

		json_object_set_new(sent, "source", json_string(source));
		json_object_set_new(sent, "full_name", json_string(text_of("Thử %s", source)));
		ids[kind] = made(police, "/v1/people", sent);
		if (kinds[kind].status)
			made(police, text_of("/v1/people/%s/statuses", ids[kind]),
			     object("%s", kinds[kind].status));
		if (!strcmp(kinds[kind].name, "suspect"))
			made(police,
			     text_of("/v1/crimes/%s/participants",
				     made(police, "/v1/crimes",
					  object("{'article': '249', 'detected_on': '2026-03-01', "
						 "'unit': "
						 "'2025-24121'}"))),
			     object("{'role': 'suspect', 'person': '%s'}", ids[kind]));
	}
}

static bool sees(int seat, int kind)
{
	return has_number(kinds[kind].seen_by, seat);
}

static size_t seen_by(int seat)
{
	size_t count = 0;

	for (int kind = 0; kind < KINDS; kind++)
		count += sees(seat, kind);
	return count;
}

/* Every way to people leads to the same ones. */
START_TEST(each_agency_sees_its_people_and_no_other)
{
	const char *officer = token(seats[_i], OFFICER), *as = officer;
	bool may_list = strchr(may_of(&people, seats[_i]), 'l');

	const char *const lists[] = {text_of("source=%s&count=true", source),
				     text_of("q=%s&count=true", source),
				     text_of("source=%s&count=true&sort=-full_name", source)};
	for (size_t i = 0; i < 3; i++) {
		struct http list = http_get(as, "/v1/people?%s", lists[i]);

		assert_status(list, may_list ? 200 : 403);
		ck_assert_int_eq(json_integer_value(json_object_get(
					 json_object_get(list.json, "page"), "total")),
				 (json_int_t)seen_by(seats[_i]));
		for (int kind = 0; kind < KINDS; kind++)
			ck_assert_msg(!strstr(list.body, ids[kind]) == !sees(seats[_i], kind),
				      "%s: %s", lists[i], kinds[kind].name);
	}
	for (int format = 0; format < 2; format++) {
		struct http export = http_get(as, "/v1/people?source=%s&format=%s", source,
					      format ? "csv" : "ndjson");

		for (int kind = 0; kind < KINDS; kind++)
			ck_assert_int_eq(!strstr(export.body, ids[kind]), !sees(seats[_i], kind));
	}
	for (int kind = 0; kind < KINDS; kind++) {
		const char *const paths[] = {text_of("/v1/people/%s", ids[kind]),
					     text_of("/v1/people/%s/statuses", ids[kind])};

		for (size_t i = 0; i < 2; i++) {
			struct http answer = http_get(as, "%s", paths[i]);
			int unseen = may_list ? 404 : 403;

			ck_assert_msg(answer.status == (sees(seats[_i], kind) ? 200 : unseen),
				      "%s %s: %d", kinds[kind].name, paths[i], answer.status);
		}
	}
}
END_TEST

START_TEST(what_is_out_of_sight_cannot_be_changed)
{
	const char *as = token(seats[_i], ADMIN), *may = may_of(&people, seats[_i]);

	if (!strchr(may, 'u'))
		return;
	people_made();
	for (int kind = 0; kind < KINDS; kind++) {
		char *path = text_of("/v1/people/%s", ids[kind]);
		bool is_seen = sees(seats[_i], kind);
		struct http patch = http_patch(as, path, "*", object("{'address': 'x'}"));
		struct http wrong = http_patch(as, path, "*", object("{'colour': 'x'}"));
		struct http status = http_post(
			as, text_of("%s/statuses", path),
			object("{'status': 'closed', 'close_reason': 'moved', "
			       "'starts_on': '2026-09-01'}"));
		struct http done = http_post(as, text_of("%s/interventions", path),
					     object("{'kind': 'counselling', 'status': 'planned', "
						    "'starts_on': '2026-01-01'}"));

		ck_assert_int_eq(patch.status, is_seen ? 200 : 404);
		ck_assert_int_eq(wrong.status, is_seen ? 422 : 404);
		ck_assert_msg(is_seen ? status.status == 201 || status.status == 409
				      : status.status == 404,
			      "%s: %d %s", kinds[kind].name, status.status, status.body);
		ck_assert_msg(is_seen ? done.status == 201
				      : done.status == 404 || done.status == 422,
			      "%s: %d %s", kinds[kind].name, done.status, done.body);
		if (!is_seen)
			ck_assert_int_eq(sql_number(AS_SUPERUSER,
						    "SELECT version FROM people WHERE id = '%s'",
						    ids[kind]),
					 kinds[kind].status ? 2 : 1);
	}
}
END_TEST

START_TEST(another_communes_person_is_as_one_that_is_not_there)
{
	const char *as = token(COMMUNE, ADMIN);
	char *hidden = made(token(OTHER_COMMUNE, OFFICER), "/v1/people",
			    person("{'unit': '" OTHER_UNIT "'}"));
	const char *const forms[] = {"/v1/people/%s", "/v1/people/%s/statuses",
				     "/v1/people/%s/interventions"};

	for (size_t i = 0; i < 3; i++)
		for (int method = 0; method < 3; method++) {
			struct http answers[2];

			for (int which = 0; which < 2; which++) {
				const char *id = which ? hidden : nowhere;
				char *path = text_of("/v1/people/%s%s", id,
						     forms[i] + strlen("/v1/people/%s"));

				answers[which] = method == 0 ? http_get(as, "%s", path)
						 : method == 1
							 ? http_patch(as, path, "\"1\"",
								      object("{'address': 'x'}"))
							 : http_post(as, path, object("{}"));
				json_object_del(answers[which].json, "instance");
				json_object_del(answers[which].json, "request_id");
			}
			ck_assert_int_eq(answers[0].status, answers[1].status);
			ck_assert(json_equal(answers[0].json, answers[1].json));
		}
	struct http list = http_get(as, "/v1/interventions?person=%s&count=true", hidden);
	ck_assert_int_eq(
		json_integer_value(json_object_get(json_object_get(list.json, "page"), "total")),
		0);
}
END_TEST

/* Where an agency may enter people. */
static const struct {
	int seat;
	const char *changes;
	int status;
	const char *blamed; /* NULL: no member */
} entries[] = {
	{1, "{}", 201},
	{4, "{'unit': '" OTHER_UNIT "'}", 201},
	{5, "{}", 201},
	{19, "{}", 201},
	{19, "{'unit': '" OTHER_UNIT "'}", 403, "/unit"},
	{OTHER_COMMUNE, "{'unit': '" OTHER_UNIT "'}", 201},
	{2, "{}", 403},
	{2, "{'institution': '%s'}", 201},
	{3, "{}", 403},
	{3, "{'unit': '" BORDER_UNIT "'}", 201},
	{16, "{}", 403},
	{17, "{}", 403},
};

START_TEST(an_agency_enters_people_where_it_sees_them)
{
	json_t *sent = person(
		strchr(entries[_i].changes, '%')
			? text_of("{'institution': '%s'}", sample_parent(&institutions))
			: entries[_i].changes);
	struct http answer = http_post(token(entries[_i].seat, OFFICER), "/v1/people", sent);

	assert_status(answer, entries[_i].status);
	if (entries[_i].blamed)
		ck_assert(http_blames(&answer, entries[_i].blamed, "outside_territory"));
	else if (answer.status == 403)
		ck_assert_uint_eq(json_array_size(json_object_get(answer.json, "errors")), 0);
}
END_TEST

START_TEST(nobody_moves_a_person_out_of_their_own_sight)
{
	char *path = text_of("/v1/people/%s", person_made("{}"));
	struct http answer = http_patch(token(COMMUNE, OFFICER), path, "*",
					object("{'unit': '" OTHER_UNIT "'}"));

	ck_assert_int_eq(answer.status, 403);
	answer = http_patch(token(COMMUNE, OFFICER), path, etag_of(token(COMMUNE, OFFICER), path),
			    object("{'unit': '" OTHER_UNIT "'}"));
	assert_blamed(answer, 403, "/unit", "outside_territory");
	ck_assert_str_eq(http_text(&answer, "code"), "row_not_allowed");
}
END_TEST

/* Interventions: by whom, of which kind, and who sees them. All are of a commune's student. */
static const struct {
	int by;
	const char *kind, *more, *seen_by;
} done_for[] = {
	{1, "counselling", "", "1 4 5 19"},
	{1, "treatment", "", "1 4 5 19"},
	{1, "legal_aid", "", "1 4 19"},
	{1, "loan", "", "1 4 14 19"},
	{1, "employment", "", "1 4 19"},
	{1, "community_support", "", "1 4 19"},
	{2, "behaviour_education", "", "1 2 4 19"},
	{2, "counselling", "", "1 2 4 5 19"},
	{5, "screening", "", "1 4 5 19"},
	{12, "community_support", "", "1 4 12 19"},
	{17, "mentoring", "", "1 4 17 19"},
	{18, "community_support", "", "1 4 18 19"},
	{19, "vocational_training", "", "1 4 19"},
};

START_TEST(an_intervention_is_seen_by_whom_it_concerns)
{
	char *id = made(token(1, OFFICER), "/v1/people",
			person(text_of("{'institution': '%s'}", sample_parent(&institutions))));
	char *path = "/v1/interventions";

	made(token(1, OFFICER), text_of("/v1/people/%s/statuses", id),
	     object("{'status': 'released', 'starts_on': '2026-08-01'}"));
	char *done = made(token(done_for[_i].by, OFFICER), path,
			  object("{'person': '%s', 'kind': '%s', 'status': 'planned', 'starts_on': "
				 "'2026-09-01'%s}",
				 id, done_for[_i].kind, done_for[_i].more));
	for (int seat = 0; seat < SEATS; seat++) {
		bool may_list = strchr(may_of(&interventions, seats[seat]), 'r');
		bool is_seen = has_number(done_for[_i].seen_by, seats[seat]);
		struct http answer = http_get(token(seats[seat], OFFICER), "/v1/interventions/%s",
					      done);

		ck_assert_msg(answer.status == (!may_list ? 403
						: is_seen ? 200
							  : 404),
			      "agency %d: %d", seats[seat], answer.status);
	}
}
END_TEST

/* Of a minor nobody but the police, the court and those of its file see what is criminal, nor does
 * who entered it; when nobody knows how old it is, neither. */
static const struct {
	const char *born; /* JSON */
	bool is_shown;
} took_part[] = {{"'1990-05-06'", true}, {"'2012'", false}, {"null", false}};

START_TEST(the_border_guard_sees_no_minor_of_its_own_crimes)
{
	const char *guard = token(3, OFFICER);
	char *crime = made(guard, "/v1/crimes",
			   object("{'article': '249', 'detected_on': '2026-03-01', 'unit': '%s'}",
				  BORDER_UNIT));
	char *list = text_of("/v1/crimes/%s/participants", crime), *value;
	char *id = made(guard, list,
			object("{'role': 'victim', 'full_name': 'Y Bhok', 'date_of_birth': %s}",
			       took_part[_i].born));
	char *path = text_of("%s/%s", list, id);
	struct http changed = http_patch(guard, path, etag_of(guard, path),
					 object("{'outcome': 'Đã giao gia đình'}"));
	const struct http answers[] = {http_get(guard, "%s/%s", list, id), changed,
				       http_get(guard, "%s", list),
				       http_get(guard, "%s?format=ndjson", list)};

	assert_status(changed, 200);
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		assert_status(answers[i], 200);
		ck_assert(!strstr(answers[i].body, "giao gia") == !took_part[_i].is_shown);
		ck_assert(!strstr(answers[i].body, "victim") == !took_part[_i].is_shown);
		ck_assert(!strstr(answers[i].body, "\"redacted\":[]") != took_part[_i].is_shown);
	}
	ck_assert_ptr_nonnull(strstr(http_get(token(1, OFFICER), "%s", path).body, "Y Bhok"));
	assert_status(http_get(guard, "%s?role=victim", list), 400);
	ck_assert_pstr_eq(sql_forged(3, OFFICER, &value, "SELECT born_by FROM crime_participants"),
			  "42501");
	ck_assert_ptr_null(sql_forged(3, OFFICER, &value,
				      "SELECT count(full_name) + count(role) FROM "
				      "crime_participants_seen WHERE id = '%s'",
				      id));
	ck_assert_str_eq(value, took_part[_i].is_shown ? "2" : "0");
	ck_assert_ptr_null(sql_forged(
		3, OFFICER, &value,
		"SELECT count(born_by) FROM crime_participants_seen WHERE id = '%s'", id));
	ck_assert_str_eq(value, took_part[_i].is_shown ? "1" : "0");
}
END_TEST

/* Who knows people by pseudonym alone knows the same one again, and no other agency does. */
START_TEST(a_pseudonym_is_one_person_s_and_one_agency_s)
{
	static const struct {
		int agency;
		const char *kind;
	} by[] = {{12, "community_support"}, {18, "community_support"}, {12, "community_support"}};
	char *id = person_made(NULL), *names[3], digest[65];

	for (int i = 0; i < 3; i++) {
		struct http answer = http_post(
			token(by[i].agency, OFFICER), "/v1/interventions",
			object("{'person': '%s', 'kind': '%s', 'status': 'planned', 'starts_on': "
			       "'2026-09-01'}",
			       id, by[i].kind));

		assert_status(answer, 201);
		ck_assert(json_is_null(json_object_get(answer.json, "person")));
		ck_assert_ptr_null(strstr(answer.body, id));
		names[i] = strdup(http_text(&answer, "pseudonym"));
		ck_assert_uint_eq(strlen(names[i]), 32);
		assert_status(
			http_get(token(by[i].agency, OFFICER), "/v1/interventions?person=%s", id),
			400);
		struct http open = http_get(token(1, OFFICER), "/v1/interventions/%s",
					    http_text(&answer, "id"));

		ck_assert_str_eq(http_text(&open, "person"), id);
		ck_assert(json_is_null(json_object_get(open.json, "pseudonym")));
	}
	ck_assert_str_eq(names[0], names[2]);
	ck_assert_str_ne(names[0], names[1]);
	secret_index(keyring()->pseudonym, text_of("12 %s", id), digest);
	ck_assert_mem_eq(names[0], digest, 32); /* as ever: the agency keeps it */
	struct http csv = http_get(token(12, OFFICER), "/v1/interventions?format=csv");

	ck_assert_ptr_nonnull(strstr(csv.body, names[0]));
	ck_assert_ptr_null(strstr(csv.body, id));
}
END_TEST

/* Somebody whom the agency helps. */
static char *person_helped(int agency)
{
	char *id = person_made(NULL);

	made(token(agency, OFFICER), "/v1/interventions",
	     object("{'person': '%s', 'kind': 'community_support', 'status': 'planned', "
		    "'starts_on': '2026-09-01'}",
		    id));
	assert_status(http_get(token(agency, OFFICER), "/v1/interventions?limit=200"), 200);
	return id;
}

/* The same in the database, where nobody has the key that pseudonyms are made with. */
static const struct {
	const char *statement,
		*outcome; /* a value, or the SQLSTATE; %s is somebody helped and told of */
} by_pseudonym[] = {
	{"SELECT count(*) > 0 FROM interventions", "t"},
	{"SELECT count(*) > 0 FROM notices", "t"},
	{"SELECT count(person) FROM interventions", "42501"},
	{"SELECT count(person) FROM notices", "42501"},
	{"SELECT count(*) FROM interventions WHERE person = '%s'", "42501"},
	{"UPDATE interventions SET note = person", "42501"},
	{"SELECT count(person) + count(pseudonym) FROM interventions_seen", "0"},
	{"SELECT count(person) + count(pseudonym) FROM notices_seen", "0"},
	{"SELECT DISTINCT hidden FROM interventions_seen", "{person}"},
	{"SELECT count(*) FROM interventions_seen WHERE person = '%s'", "0"},
	{"SELECT count(*) FROM interventions_seen_1", "0"},
	{"SELECT count(*) FROM notices_seen_1", "0"},
};

START_TEST(a_pseudonym_is_all_that_the_database_tells)
{
	char *id = person_helped(12), *value;
	const char *statement = by_pseudonym[_i].statement, *place = strstr(statement, "%s");

	made(token(1, OFFICER), "/v1/restrictions",
	     object("{'person': '%s', 'kind': 'processing', 'reason': 'other'}",
		    person_helped(12)));
	const char *state = sql_forged(
		12, ADMIN, &value, "%s",
		place ? text_of("%.*s%s%s", (int)(place - statement), statement, id, place + 2)
		      : statement);

	ck_assert_str_eq(state ? state : value, by_pseudonym[_i].outcome);
}
END_TEST

START_TEST(me_tells_what_is_shared_from_what_is_one_s_own)
{
	static const struct {
		int agency;
		const char *resource, *scope;
	} told[] = {{12, "people", "shared"},
		    {1, "people", "territory"},
		    {12, "interventions", "own"},
		    {2, "campaigns", "all"},
		    {6, "task_progress", "own"}};

	for (int i = 0; i < 5; i++) {
		struct http me = http_get(token(told[i].agency, OFFICER), "/v1/me");

		ck_assert_str_eq(http_text(&me, text_of("resources.%s.scope", told[i].resource)),
				 told[i].scope);
	}
}
END_TEST

/* What may not be made: another agency's kind, or for whom one does not see. */
static const struct {
	int by;
	const char *kind;
	int status;
} not_done[] = {
	{2, "treatment", 403},
	{5, "legal_aid", 403},
	{12, "counselling", 403},
	{14, "loan", 403},
	{17, "counselling", 403},
	{18, "loan", 403},
	{2, "counselling", 422}, /* no student: agency 2 does not see this person */
	{17, "mentoring", 422},	 /* nor agency 17 whom no aftercare concerns */
	{OTHER_COMMUNE, "counselling", 422},
};

START_TEST(an_agency_does_its_own_kinds_for_its_own_people)
{
	bool is_student = not_done[_i].status == 403;
	char *id = made(
		token(1, OFFICER), "/v1/people",
		person(is_student ? text_of("{'institution': '%s'}", sample_parent(&institutions))
				  : "{}"));
	struct http answer = http_post(token(not_done[_i].by, OFFICER), "/v1/interventions",
				       object("{'person': '%s', 'kind': '%s', 'status': 'planned', "
					      "'starts_on': '2026-09-01'}",
					      id, not_done[_i].kind));

	ck_assert_msg(answer.status == not_done[_i].status ||
			      (answer.status == 422 && not_done[_i].by == 17),
		      "%d %s", answer.status, answer.body);
	ck_assert_int_eq(sql_number(AS_SUPERUSER,
				    "SELECT count(*) FROM interventions WHERE person = '%s'", id),
			 0);
}
END_TEST

/* Crimes */

static const struct {
	int by;
	const char *unit, *seen_by;
} seen_crimes[] = {
	{1, COMMUNE_UNIT, "1 16 19"},
	{1, OTHER_UNIT, "1 16 119"},
	{1, BORDER_UNIT, "1 16"},
	{3, BORDER_UNIT, "1 3 16"},
};

START_TEST(a_crime_is_seen_by_police_courts_and_its_commune)
{
	char *id = made(token(seen_crimes[_i].by, OFFICER), "/v1/crimes",
			object("{'article': '249', 'detected_on': '2026-03-01', 'unit': '%s', "
			       "'summary': 'x'}",
			       seen_crimes[_i].unit));

	for (int seat = 0; seat < SEATS; seat++) {
		const char *as = token(seats[seat], OFFICER);
		struct http answer = http_get(as, "/v1/crimes/%s", id);
		struct http below = http_get(as, "/v1/crimes/%s/stages", id);
		bool may_list = strchr(may_of(&crimes, seats[seat]), 'r');
		int expected = !may_list					  ? 403
			       : has_number(seen_crimes[_i].seen_by, seats[seat]) ? 200
										  : 404;

		ck_assert_msg(answer.status == expected, "agency %d: %d", seats[seat],
			      answer.status);
		ck_assert_msg(below.status == expected, "agency %d: %d below", seats[seat],
			      below.status);
	}
}
END_TEST

START_TEST(border_guards_enter_crimes_at_the_border)
{
	struct http answer = http_post(
		token(3, OFFICER), "/v1/crimes",
		object("{'article': '249', 'detected_on': '2026-03-01', 'unit': '%s'}",
		       COMMUNE_UNIT));

	assert_status(answer, 403);
}
END_TEST

/* What every agency may read and each write for itself. */
START_TEST(a_session_is_changed_by_its_organisation_alone)
{
	const struct sample *sample = sample_of(&training_sessions);
	struct http session = sample_made(sample, 0);
	char *path = text_of("/v1/training-sessions/%s", http_text(&session, "id"));
	const char *as = token(seats[_i], ADMIN);
	struct http read = http_get(as, "%s", path);
	struct http patch = http_patch(as, path, "*", object("{'note': 'x'}"));
	bool is_own = !strcmp(organization_of(seats[_i]), organization_of(1));
	json_t *may = json_object_get(read.json, "may");

	assert_status(read, 200);
	ck_assert_int_eq(patch.status, is_own ? 200 : 403);
	ck_assert_uint_eq(json_array_size(may), is_own ? 2 : 0);
	struct http gone = http_delete(as, text_of("%s?reason=other", path), "*");
	ck_assert_int_eq(gone.status, is_own ? 204 : 403);
}
END_TEST

/* A record of each sample, for the tests that fork from the fixture. */
static const char *record_paths[128];

static void records_made(void)
{
	for (int i = 0; samples[i].resource; i++) {
		const char *list = sample_path(samples[i].resource);
		struct http record = sample_made(&samples[i], 0);

		record_paths[i] = text_of("%s/%s", list, http_text(&record, "id"));
	}
}

/* A change that nothing but a right stands against: a note, or else what is always refused. */
static json_t *harmless(const struct resource *resource)
{
	for (const struct field *field = resource->fields; field->name; field++)
		if (field->type == TEXT && !(field->flags & (FIXED | READ_ONLY | REQUIRED)) &&
		    !field->writers && !resource->rules)
			return json_pack("{ss}", field->name, "x");
	return object("{'colour': 1}");
}

/* `may` of each row is what then happens. */
START_TEST(what_may_be_done_is_what_is_done)
{
	const char *as = token(seats[_i], ADMIN);

	for (int i = 0; samples[i].resource; i++) {
		const struct resource *resource = samples[i].resource;
		struct http read = http_get(as, "%s", record_paths[i]);
		json_t *change = harmless(resource);
		bool is_valid = !json_object_get(change, "colour");

		if (read.status != 200)
			continue;
		char *may = json_dumps(json_object_get(read.json, "may"), JSON_ENCODE_ANY);
		bool may_update = strstr(may, "update"), may_void = strstr(may, "void");
		struct http patch = http_patch(as, record_paths[i], "*", change);
		ck_assert_msg(patch.status == (!is_valid && patch.status != 403 ? 422
					       : may_update			? 200
										: 403),
			      "%s: %s, %d %s", resource->table, may, patch.status, patch.body);
		if (may_void)
			continue; /* test_records.c does it */
		struct http gone = http_delete(as, text_of("%s?reason=other", record_paths[i]),
					       "*");
		ck_assert_msg(gone.status == 403 || gone.status == 405, "%s: %s, %d",
			      resource->table, may, gone.status);
	}
}
END_TEST

/* Hidden fields */

static const struct {
	int seat;
	bool is_minor;
	const char *hidden; /* of a person: the classes */
} hidden_people[] = {
	{1, false, ""},
	{1, true, ""},
	{2, false, "health criminal contact"},
	{2, true, "health criminal contact"},
	{3, false, "health criminal"},
	{3, true, "health criminal contact"},
	{4, false, "criminal"},
	{4, true, "criminal"},
	{5, false, "criminal"},
	{5, true, "criminal"},
	{16, false, "health contact"},
	{16, true, "health contact"},
	{17, false, "health criminal"},
	{17, true, "health criminal contact"},
	{19, false, "criminal"},
	{19, true, "criminal"},
};

static const char *class_of(const struct field *field)
{
	static const char *const names[] = {"open",	 "identity",   "contact", "case",
					    "education", "employment", "health",  "criminal"};

	return names[field->sensitivity];
}

/* A person that every agency with people sees, with every field filled. */
static char *whole_person(bool is_minor)
{
	const char *police = token(1, OFFICER);
	json_t *sent = sample_object(sample_of(&people), 0);

	for (const struct field *field = people.fields; field->name; field++)
		if (!(field->flags & READ_ONLY) && !json_object_get(sent, field->name))
			json_object_set(
				sent, field->name,
				json_object_get(sample_object(sample_of(&people), 1), field->name));
	json_object_set_new(sent, "date_of_birth",
			    json_string(is_minor ? "2012-01-01" : "1990-01-01"));
	json_object_set_new(sent, "unit", json_string(BORDER_UNIT));
	char *id = made(police, "/v1/people", sent);
	made(police, text_of("/v1/people/%s/statuses", id),
	     object("{'status': 'post_rehab', 'origin': 'voluntary', 'starts_on': '2026-08-01'}"));
	sql(AS_SUPERUSER, "UPDATE people SET is_court_matter = true WHERE id = '%s'", id);
	return id;
}

static bool is_named(const json_t *list, const char *name)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)list, i, one)
		if (!strcmp(json_string_value(one), name))
			return true;
	return false;
}

START_TEST(a_hidden_field_is_null_and_named)
{
	int seat = hidden_people[_i].seat;
	char *id = whole_person(hidden_people[_i].is_minor);
	struct http whole = http_get(token(1, OFFICER), "/v1/people/%s", id);

	if (seat == 19)
		sql(AS_SUPERUSER, "UPDATE people SET unit = '%s' WHERE id = '%s'", COMMUNE_UNIT,
		    id);
	const char *as = token(seat, OFFICER);
	struct http read = http_get(as, "/v1/people/%s", id);
	struct http list = http_get(as, "/v1/people?updated_since=%s&limit=200&sort=-id",
				    http_text(&whole, "created_at"));
	json_t *row = json_array_get(json_object_get(list.json, "data"), 0);

	assert_status(read, 200);
	ck_assert_str_eq(json_string_value(json_object_get(row, "id")), id);
	for (const struct field *field = people.fields; field->name; field++) {
		bool is_hidden = field->sensitivity != OPEN &&
				 strstr(hidden_people[_i].hidden, class_of(field));
		json_t *value = json_object_get(read.json, field->name);

		ck_assert_msg(json_is_null(json_object_get(whole.json, field->name)) ||
				      json_is_null(value) == is_hidden,
			      "%s: %s", field->name, read.body);
		ck_assert_msg(is_named(json_object_get(read.json, "redacted"), field->name) ==
				      is_hidden,
			      "%s: %s", field->name, read.body);
		ck_assert(json_equal(value, json_object_get(row, field->name)) ||
			  !strcmp(field->name, "version") || !strcmp(field->name, "updated_at"));
	}
	ck_assert(json_equal(json_object_get(read.json, "redacted"),
			     json_object_get(row, "redacted")));
}
END_TEST

/* Neither rows nor counts may be told apart by what is hidden. */
START_TEST(a_hidden_field_cannot_be_asked_about)
{
	int seat = hidden_people[_i].seat;
	const char *as = token(seat, OFFICER);

	/* What is hidden of minors is hidden from questions about everybody. */
	for (const struct field *field = people.fields; field->name; field++) {
		bool is_hidden = false;

		for (size_t row = 0; row < sizeof hidden_people / sizeof *hidden_people; row++)
			is_hidden = is_hidden ||
				    (hidden_people[row].seat == seat &&
				     field->sensitivity != OPEN &&
				     strstr(hidden_people[row].hidden, class_of(field)));
		struct http fields = http_get(as, "/v1/people?fields=%s", field->name);
		struct http sort = http_get(as, "/v1/people?sort=%s", field->name);
		struct http csv = http_get(as, "/v1/people?format=csv&sort=-%s", field->name);

		if (is_hidden)
			assert_blamed(fields, 400, "fields", "hidden_field");
		else
			assert_status(fields, 200);
		ck_assert_int_eq(sort.status, field->flags & SORT && !is_hidden ? 200 : 400);
		ck_assert_int_eq(csv.status, sort.status);
	}
}
END_TEST

static const struct {
	const struct resource *resource;
	int seat;
	const char *hidden, *query; /* a filter on what is hidden */
} hidden_elsewhere[] = {
	{&interventions, 12, "person", "person=01890a5d-ac96-774b-bcce-b302099a8057"},
	{&interventions, 14, "person", "person=01890a5d-ac96-774b-bcce-b302099a8057"},
	{&interventions, 18, "person", "person=01890a5d-ac96-774b-bcce-b302099a8057"},
	{&crimes, 19, "summary", NULL},
};

START_TEST(a_field_hidden_elsewhere_is_null_and_named_too)
{
	const struct resource *resource = hidden_elsewhere[_i].resource;
	int seat = hidden_elsewhere[_i].seat;
	const char *as = token(seat, OFFICER), *kind = seat == 14 ? "loan" : "community_support";
	char *id = resource == &crimes
			   ? made(token(1, OFFICER), "/v1/crimes",
				  object("{'article': '249', 'detected_on': '2026-03-01', 'unit': "
					 "'2025-24121', 'summary': 'x'}"))
			   : made(token(seat == 14 ? 1 : seat, OFFICER), "/v1/interventions",
				  object("{'person': '%s', 'kind': '%s', 'status': 'planned', "
					 "'starts_on': "
					 "'2026-09-01'}",
					 person_made(NULL), kind));
	struct http read = http_get(as, "/v1/%s/%s", resource->name, id);
	struct http fields = http_get(as, "/v1/%s?fields=%s", resource->name,
				      hidden_elsewhere[_i].hidden);

	assert_status(read, 200);
	ck_assert(json_is_null(json_object_get(read.json, hidden_elsewhere[_i].hidden)));
	ck_assert(is_named(json_object_get(read.json, "redacted"), hidden_elsewhere[_i].hidden));
	assert_blamed(fields, 400, "fields", "hidden_field");
	if (hidden_elsewhere[_i].query) {
		struct http filter = http_get(as, "/v1/%s?%s", resource->name,
					      hidden_elsewhere[_i].query);

		assert_blamed(filter, 400, hidden_elsewhere[_i].hidden, "hidden_field");
	}
}
END_TEST

START_TEST(a_field_of_another_agency_cannot_be_written)
{
	char *path = text_of("/v1/people/%s", person_made(NULL));
	struct http commune = http_patch(token(COMMUNE, OFFICER), path,
					 etag_of(token(COMMUNE, OFFICER), path),
					 object("{'criminal_record': 'x'}"));
	struct http police = http_patch(token(1, OFFICER), path, etag_of(token(1, OFFICER), path),
					object("{'criminal_record': 'x'}"));

	assert_blamed(commune, 422, "/criminal_record", "not_yours_to_write");
	assert_status(police, 200);
}
END_TEST

Suite *access_suite(void)
{
	Suite *suite = suite_create("access");
	TCase *cases = tcase_create("access");

	tcase_set_timeout(cases, 30);
	tcase_add_unchecked_fixture(cases, records_made, samples_forget);
	add_rows(cases, each_agency_tries_each_operation_on_each_resource, seats);
	tcase_add_test(cases, every_resource_has_its_rights_here);
	add_rows(cases, me_says_what_the_rights_are, seats);
	add_rows(cases, a_role_does_no_more_than_it_may, roles);
	tcase_add_test(cases, the_operator_sees_no_person_and_no_crime);
	add_rows(cases, a_client_does_no_more_than_its_scopes, clients);
	tcase_add_test(cases, a_client_that_only_writes_is_told_nothing_that_it_would_read);
	tcase_add_test(cases, without_a_token_there_is_nothing);
	add_rows(cases, a_route_without_a_policy_stops_the_program_at_its_start, unguarded);
	add_rows(cases, what_is_out_of_sight_cannot_be_changed, seats);
	tcase_add_test(cases, another_communes_person_is_as_one_that_is_not_there);
	add_rows(cases, an_agency_enters_people_where_it_sees_them, entries);
	tcase_add_test(cases, nobody_moves_a_person_out_of_their_own_sight);
	add_rows(cases, an_intervention_is_seen_by_whom_it_concerns, done_for);
	add_rows(cases, the_border_guard_sees_no_minor_of_its_own_crimes, took_part);
	tcase_add_test(cases, a_pseudonym_is_one_person_s_and_one_agency_s);
	add_rows(cases, a_pseudonym_is_all_that_the_database_tells, by_pseudonym);
	tcase_add_test(cases, me_tells_what_is_shared_from_what_is_one_s_own);
	add_rows(cases, an_agency_does_its_own_kinds_for_its_own_people, not_done);
	add_rows(cases, a_crime_is_seen_by_police_courts_and_its_commune, seen_crimes);
	tcase_add_test(cases, border_guards_enter_crimes_at_the_border);
	add_rows(cases, a_session_is_changed_by_its_organisation_alone, seats);
	add_rows(cases, what_may_be_done_is_what_is_done, seats);
	add_rows(cases, a_hidden_field_is_null_and_named, hidden_people);
	add_rows(cases, a_hidden_field_cannot_be_asked_about, hidden_people);
	add_rows(cases, a_field_hidden_elsewhere_is_null_and_named_too, hidden_elsewhere);
	tcase_add_test(cases, a_field_of_another_agency_cannot_be_written);
	suite_add_tcase(suite, cases);

	TCase *rows = tcase_create("rows");

	tcase_set_timeout(rows, 30);
	tcase_add_unchecked_fixture(rows, people_made, samples_forget);
	add_rows(rows, each_agency_sees_its_people_and_no_other, seats);
	suite_add_tcase(suite, rows);
	return suite;
}
