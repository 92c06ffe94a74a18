/* Reports, tasks as a tree, and the clocks that run, over HTTP. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "support.h"

enum { POLICE = 1, HEALTH = 5, YOUTH_UNION = 17 };

static struct http post(int agency, enum role role, const char *path)
{
	return http(.method = "POST", .path = path, .token = token(agency, role), .body = "{}");
}

static struct http change(int agency, enum role role, const char *path, json_t *take_changes)
{
	return http_patch(token(agency, role), path, etag_of(token(agency, role), path),
			  take_changes);
}

/* A draft of the period; what is in its way is another organisation's from then on. */
static char *drafted(int agency, const char *period, const char *kind)
{
	sql(AS_OWNER,
	    "UPDATE reports SET organization = (SELECT code FROM organizations WHERE NOT EXISTS "
	    "(SELECT "
	    "FROM reports AS other WHERE other.organization = code AND other.period = "
	    "reports.period AND "
	    "other.kind = reports.kind) ORDER BY random() LIMIT 1) WHERE organization = '%s' AND "
	    "period = "
	    "'%s' AND kind = '%s'",
	    organization_of(agency), period, kind);
	return text_of("/v1/reports/%s",
		       made(token(agency, OFFICER), "/v1/reports",
			    object("{'period': '%s', 'kind': '%s'}", period, kind)));
}

static char *submitted(int agency, const char *period)
{
	char *path = drafted(agency, period, "organization");
	struct http answer = post(agency, OFFICER, text_of("%s/submission", path));

	assert_status(answer, 200);
	ck_assert_str_eq(http_text(&answer, "status"), "submitted");
	return path;
}

/* The line of an indicator's headline. */
static json_t *line_of(const struct http *figures, const char *indicator)
{
	json_t *line;
	size_t i;

	json_array_foreach(json_object_get(figures->json, "data"), i, line)
		if (!strcmp(json_string_value(json_object_get(line, "indicator")), indicator) &&
		    json_is_true(json_object_get(line, "is_headline")))
			return line;
	ck_abort_msg("no line %s", indicator);
}

static struct http figures_of(int agency, const char *path)
{
	struct http answer = http_get(token(agency, OFFICER), "%s/figures", path);

	assert_status(answer, 200);
	return answer;
}

/* Of II.1.a: a young user in the commune of agency 19 without any service. */
static void user_made(void)
{
	char *person = person_made("{'date_of_birth': '2005-01-01'}");

	made(token(COMMUNE, OFFICER), text_of("/v1/people/%s/statuses", person),
	     object("{'status': 'user', 'starts_on': '2026-02-01', 'tested_on': '2026-01-30', "
		    "'decision_date': '2026-02-01', 'decision_number': '1/QĐ'}"));
}

static long long denominator_of(json_t *figure)
{
	return json_integer_value(json_object_get(figure, "denominator"));
}

/* The refresher is given its second. */
static bool comes_to(const char *path, const char *indicator, const char *member,
		     long long expected)
{
	const struct timespec pause = {.tv_nsec = 50 * 1000000L};

	for (int i = 0; i < 60; i++, nanosleep(&pause, NULL)) {
		struct http figures = figures_of(COMMUNE, path);
		json_t *line = line_of(&figures, indicator);

		if (denominator_of(json_object_get(line, member)) == expected)
			return true;
	}
	return false;
}

START_TEST(a_draft_has_the_figures_of_the_records)
{
	char *path = drafted(COMMUNE, "2026H1", "organization");
	struct http before = figures_of(COMMUNE, path);
	long long count = denominator_of(json_object_get(line_of(&before, "II.1.a"), "figure"));

	ck_assert_uint_ge(json_array_size(json_object_get(before.json, "data")), 25);
	user_made();
	ck_assert(comes_to(path, "II.1.a", "figure", count + 1));
}
END_TEST

START_TEST(what_was_submitted_stays_and_what_changed_is_shown_beside_it)
{
	char *path = submitted(COMMUNE, "2026H1");
	struct http before = figures_of(COMMUNE, path);
	json_t *line = line_of(&before, "II.1.a");
	char *frozen = json_dumps(json_object_get(line, "figure"), 0);
	long long count = denominator_of(json_object_get(line, "figure"));

	ck_assert(json_is_false(json_object_get(line, "is_restated")));
	user_made();
	ck_assert(comes_to(path, "II.1.a", "now", count + 1));
	struct http after = figures_of(COMMUNE, path);

	line = line_of(&after, "II.1.a");
	ck_assert_str_eq(json_dumps(json_object_get(line, "figure"), 0), frozen);
	ck_assert(json_is_true(json_object_get(line, "is_restated")));
}
END_TEST

/* The figures of the report, each as the question for it as of then is answered. */
static void assert_replayed(const char *token, const struct http *report, const char *as_of)
{
	json_t *line, *lines = json_object_get(report->json, "data");
	size_t i;

	json_array_foreach(lines, i, line) {
		char *figure = json_dumps(json_object_get(line, "figure"), JSON_COMPACT);
		struct http replayed = http_get(
			token, "/v1/indicators/%s?unit=%s&period=2026H1&definition=%s&as_of=%s",
			json_string_value(json_object_get(line, "indicator")),
			json_string_value(json_object_get(json_object_get(line, "figure"), "unit")),
			json_string_value(json_object_get(line, "definition")), as_of);

		assert_status(replayed, 200);
		ck_assert_str_eq(
			json_dumps(json_array_get(json_object_get(replayed.json, "data"), 0),
				   JSON_COMPACT),
			figure);
		free(figure);
	}
}

START_TEST(a_submission_is_replayed_after_a_thousand_edits)
{
	const char *officer = token(COMMUNE, OFFICER);
	char *path = submitted(COMMUNE, "2026H1");
	struct http report = http_get(officer, "%s", path), then = figures_of(COMMUNE, path);
	const char *question = text_of(
		"/v1/indicators?unit=%s&period=2026H1&as_of=%s&format=", http_text(&report, "unit"),
		http_text(&report, "submitted_at"));
	struct http json = http_get(officer, "%sjson", question),
		    csv = http_get(officer, "%scsv", question);

	assert_status(json, 200);
	assert_status(csv, 200);
	assert_replayed(officer, &then, http_text(&report, "submitted_at"));
	for (int i = 0; i < 40; i++)
		user_made();
	sql(AS_OWNER,
	    "DO $$ BEGIN FOR i IN 1..20 LOOP UPDATE people SET health_note = i::text, version = "
	    "version + 1 WHERE id IN (SELECT id FROM people ORDER BY created_at DESC LIMIT "
	    "50); END LOOP; END $$");
	ck_assert(
		comes_to(path, "II.1.a", "now",
			 denominator_of(json_object_get(line_of(&then, "II.1.a"), "figure")) + 40));
	ck_assert_str_eq(http_get(officer, "%sjson", question).body, json.body);
	ck_assert_str_eq(http_get(officer, "%scsv", question).body, csv.body);
	assert_replayed(officer, &then, http_text(&report, "submitted_at"));
	assert_status(http_get(officer, "/v1/indicators?unit=%s&period=2026H1&as_of=%s",
			       http_text(&report, "unit"), "2026-06-15T00:00:00Z"),
		      404);
	assert_blamed(http_get(officer, "%sjson&map=2024", question), 400, "as_of", "not_with");
}
END_TEST

START_TEST(a_typed_figure_far_from_the_records_needs_a_reason)
{
	char *path = drafted(COMMUNE, "2025Y", "organization");
	char *entry = made(
		token(COMMUNE, OFFICER), text_of("%s/entries", path),
		object("{'indicator': 'II.1.a', 'numerator': 7, 'denominator': 100000}"));

	assert_blamed(post(COMMUNE, OFFICER, text_of("%s/submission", path)), 422,
		      "/entries/II.1.a/reason", "reason_required");
	assert_status(change(COMMUNE, OFFICER, text_of("%s/entries/%s", path, entry),
			     object("{'reason': 'Hồ sơ giấy chưa nhập'}")),
		      200);
	assert_status(post(COMMUNE, OFFICER, text_of("%s/submission", path)), 200);
	struct http figures = figures_of(COMMUNE, path);
	json_t *typed = json_object_get(line_of(&figures, "II.1.a"), "entry");

	ck_assert_int_eq(json_integer_value(json_object_get(typed, "denominator")), 100000);
	assert_status(change(COMMUNE, OFFICER, text_of("%s/entries/%s", path, entry),
			     object("{'reason': 'x'}")),
		      409);
}
END_TEST

/* Of each figure of the province, 5 % more exactly. */
START_TEST(a_typed_figure_5_percent_away_needs_no_reason)
{
	char *path = drafted(POLICE, "2026H1", "organization");
	struct http figures = figures_of(POLICE, path);
	json_t *line;
	size_t i, typed = 0;

	json_array_foreach(json_object_get(figures.json, "data"), i, line) {
		double value = json_number_value(
			json_object_get(json_object_get(line, "figure"), "value"));
		long long hundredths = (long long)(value * 100 + 0.5);

		if (hundredths <= 0)
			continue;
		typed++;
		made(token(POLICE, OFFICER), text_of("%s/entries", path),
		     object("{'indicator': '%s', 'definition': '%s', 'value': %lld.%04lld}",
			    json_string_value(json_object_get(line, "indicator")),
			    json_string_value(json_object_get(line, "definition")),
			    hundredths * 105 / 10000, hundredths * 105 % 10000));
	}
	ck_assert_uint_gt(typed, 0);
	assert_status(post(POLICE, OFFICER, text_of("%s/submission", path)), 200);
}
END_TEST

START_TEST(a_figure_that_there_is_not_cannot_be_submitted)
{
	char *path = drafted(COMMUNE, "2025H1", "organization");

	made(token(COMMUNE, OFFICER), text_of("%s/entries", path),
	     object("{'indicator': 'II.1.a', 'definition': 'nothing', 'value': 1}"));
	assert_blamed(post(COMMUNE, OFFICER, text_of("%s/submission", path)), 422,
		      "/entries/II.1.a/definition", "unknown_definition");
	assert_blamed(http_post(token(COMMUNE, OFFICER), text_of("%s/entries", path),
				object("{'indicator': 'IX.9', 'value': 1}")),
		      422, "/indicator", "no_such_record");
}
END_TEST

START_TEST(a_period_that_runs_is_not_submitted)
{
	struct http answer = post(
		COMMUNE, OFFICER,
		text_of("%s/submission", drafted(COMMUNE, "2026Y", "organization")));

	assert_status(answer, 409);
	ck_assert_str_eq(http_text(&answer, "code"), "period_not_over");
	assert_blamed(
		http_post(token(COMMUNE, OFFICER), "/v1/reports", object("{'period': '2027Y'}")),
		422, "/period", "no_such_record");
}
END_TEST

/* Steps on one report: who, which change, and what comes of it. */
static const struct step {
	int agency;
	enum role role;
	const char *changes; /* NULL: a submission */
	int status;
	const char *code;
} ways[][6] = {
	{{POLICE, OFFICER, "{'status': 'received'}", 200, NULL},
	 {POLICE, OFFICER, "{'status': 'accepted'}", 200, NULL},
	 {COMMUNE, OFFICER, "{'note': 'x'}", 409, "report_accepted"},
	 {POLICE, OFFICER, "{'status': 'returned', 'return_reason': 'Sai'}", 409,
	  "report_accepted"},
	 {POLICE, ADMIN, "{'status': 'returned', 'return_reason': 'Đính chính'}", 200, NULL},
	 {COMMUNE, OFFICER, NULL, 200, NULL}},
	{{COMMUNE, OFFICER, "{'note': 'x'}", 409, "report_submitted"},
	 {COMMUNE, OFFICER, NULL, 409, "report_submitted"},
	 {COMMUNE, OFFICER, "{'status': 'received'}", 403, "row_not_allowed"},
	 {POLICE, OFFICER, "{'status': 'accepted'}", 409, "transition_not_allowed"},
	 {POLICE, OFFICER, "{'status': 'returned'}", 422, "required_when"},
	 {POLICE, OFFICER, "{'note': 'x'}", 403, "row_not_allowed"}},
	{{POLICE, OFFICER, "{'status': 'returned', 'return_reason': 'Thiếu'}", 200, NULL},
	 {COMMUNE, OFFICER, "{'note': 'Đã bổ sung'}", 200, NULL},
	 {COMMUNE, VIEWER, NULL, 403, "not_allowed"},
	 {COMMUNE, OFFICER, NULL, 200, NULL},
	 {HEALTH, OFFICER, NULL, 404, "not_found"},
	 {YOUTH_UNION, OFFICER, "{'status': 'received'}", 403, "row_not_allowed"}},
};

START_TEST(a_report_goes_its_way)
{
	char *path = submitted(COMMUNE, "2026H1");

	for (int i = 0; i < 6; i++) {
		const struct step *step = &ways[_i][i];
		struct http answer = step->changes ? change(step->agency, step->role, path,
							    object("%s", step->changes))
						   : post(step->agency, step->role,
							  text_of("%s/submission", path));
		const char *code = http_text(&answer, "errors[0].code");

		ck_assert_msg(answer.status == step->status, "%d: %d expected, %s", i, step->status,
			      answer.body);
		if (step->code)
			ck_assert_str_eq(code ? code : http_text(&answer, "code"), step->code);
	}
}
END_TEST

START_TEST(the_youth_union_countersigns_what_agency_1_consolidates)
{
	char *accepted = submitted(COMMUNE, "2026H1"),
	     *waiting = submitted(OTHER_COMMUNE, "2026H1");
	char *whole = drafted(POLICE, "2026H1", "consolidated");

	change(POLICE, OFFICER, accepted, object("{'status': 'received'}"));
	assert_status(change(POLICE, OFFICER, accepted, object("{'status': 'accepted'}")), 200);
	assert_status(http_post(token(COMMUNE, OFFICER), "/v1/reports",
				object("{'period': '2026H1', 'kind': 'consolidated'}")),
		      403);
	assert_status(post(YOUTH_UNION, OFFICER, text_of("%s/countersignature", whole)), 409);
	assert_status(post(POLICE, OFFICER, text_of("%s/submission", whole)), 200);
	assert_status(post(POLICE, OFFICER, text_of("%s/countersignature", whole)), 403);
	assert_status(post(YOUTH_UNION, OFFICER, text_of("%s/countersignature", whole)), 200);
	struct http one = http_get(token(COMMUNE, OFFICER), "%s", accepted),
		    other = http_get(token(OTHER_COMMUNE, OFFICER), "%s", waiting);

	ck_assert_str_eq(http_text(&one, "status"), "consolidated");
	ck_assert_str_eq(http_text(&other, "status"), "submitted");
}
END_TEST

START_TEST(the_19th_is_the_last_day_in_time)
{
	char *path = submitted(COMMUNE, "2026H1"), *id = strrchr(path, '/') + 1;
	static const struct {
		const char *at;
		bool is_late;
	} days[] = {{"2026-06-19 23:59:59+07", false}, {"2026-06-20 00:00:00+07", true}};

	for (int i = 0; i < 2; i++) {
		sql(AS_OWNER, "UPDATE reports SET first_submitted_at = '%s' WHERE id = '%s'",
		    days[i].at, id);
		struct http report = http_get(token(COMMUNE, OFFICER), "%s", path);
		struct http owed = http_get(token(COMMUNE, OFFICER),
					    "/v1/report-completeness?period=2026H1");
		json_t *row = json_array_get(json_object_get(owed.json, "data"), 0);

		ck_assert_int_eq(json_is_true(json_object_get(report.json, "is_late")),
				 days[i].is_late);
		ck_assert_uint_eq(count_of(&owed), 1);
		ck_assert_int_eq(json_integer_value(json_object_get(row, "on_time")),
				 !days[i].is_late);
		ck_assert_int_eq(json_integer_value(json_object_get(row, "days_late")),
				 days[i].is_late);
	}
	struct http all = http_get(token(YOUTH_UNION, OFFICER),
				   "/v1/report-completeness?period=2026H1&limit=200");
	struct http explained = http_get(token(HEALTH, OFFICER),
					 "/v1/indicators/II.4.a/explain?period=2026H1");
	json_t *coverage = json_object_get(explained.json, "reports");

	ck_assert_uint_eq((size_t)json_integer_value(json_object_get(coverage, "due")),
			  count_of(&all));
	ck_assert_int_ge(json_integer_value(json_object_get(coverage, "submitted")), 1);

	ck_assert_uint_gt(count_of(&all), 100);
}
END_TEST

START_TEST(small_counts_of_a_report_are_kept_back_from_who_reads_no_people)
{
	char *path = submitted(COMMUNE, "2026H1");
	struct http own = figures_of(COMMUNE, path), theirs = figures_of(YOUTH_UNION, path);

	ck_assert(json_is_object(json_object_get(line_of(&own, "II.1.a"), "figure")));
	ck_assert(json_is_null(json_object_get(line_of(&theirs, "II.1.a"), "figure")));
	ck_assert(json_is_object(json_object_get(line_of(&theirs, "II.4.a"), "figure")));
	assert_status(http_get(token(HEALTH, OFFICER), "%s/figures", path), 404);
	struct http report = http_get(token(COMMUNE, OFFICER), "%s", path);
	struct http replayed = http_get(
		token(YOUTH_UNION, OFFICER), "/v1/indicators/II.1.a?unit=%s&period=2026H1&as_of=%s",
		http_text(&report, "unit"), http_text(&report, "submitted_at"));
	json_t *row = json_array_get(json_object_get(replayed.json, "data"), 0);

	ck_assert(json_is_true(json_object_get(row, "suppressed")));
	ck_assert(json_is_null(json_object_get(row, "value")));
	ck_assert(json_is_null(json_object_get(row, "denominator")));
	assert_status(http_get(token(HEALTH, OFFICER),
			       "/v1/indicators/II.1.a?unit=%s&period=2026H1&as_of=%s",
			       http_text(&report, "unit"), http_text(&report, "submitted_at")),
		      404);
}
END_TEST

START_TEST(a_submitted_figure_is_nobody_s_to_change)
{
	char *value = NULL, *id = strrchr(submitted(COMMUNE, "2026H1"), '/') + 1;

	ck_assert_ptr_nonnull(
		sql_forged(COMMUNE, ADMIN, &value,
			   "UPDATE report_figures SET figure = '{}' WHERE report = '%s'", id));
	ck_assert_ptr_nonnull(
		sql_forged(POLICE, ADMIN, &value,
			   "UPDATE reports SET status = 'consolidated' WHERE id = '%s'", id));
	ck_assert_ptr_nonnull(sql_forged(
		HEALTH, ADMIN, &value, "SELECT report_submit('%s', 1, '[]', repeat('0', 64))", id));
	ck_assert_ptr_null(sql_forged(HEALTH, ADMIN, &value,
				      "SELECT count(*) FROM report_figures WHERE report = '%s'",
				      id));
	ck_assert_str_eq(value, "0");
}
END_TEST

/* Tasks */

static char *task_id(const char *code)
{
	return sql(AS_OWNER, "SELECT id FROM tasks WHERE code = '%s'", code);
}

static struct http given(int agency, const char *task, const char *assignee, const char *more)
{
	sql(AS_OWNER,
	    "UPDATE task_assignments SET voided_at = now() WHERE task = '%s' AND assignee = '%s'",
	    task, assignee);
	return http_post(token(agency, OFFICER), text_of("/v1/tasks/%s/assignments", task),
			 object("{'assignee': '%s', 'period': '2026Y', %s}", assignee, more));
}

START_TEST(whoever_was_given_a_task_gives_parts_of_it_on)
{
	char *task = task_id("IV.5.01");
	struct http whole = given(POLICE, task, organization_of(HEALTH), "'due_on': '2026-12-10'");

	assert_status(whole, 201);
	const char *part_of = http_text(&whole, "id");

	assert_status(given(HEALTH, task, organization_of(COMMUNE), "'due_on': '2026-12-01'"), 403);
	assert_status(given(COMMUNE, task, organization_of(OTHER_COMMUNE),
			    text_of("'due_on': '2026-12-01', 'part_of': '%s'", part_of)),
		      403);
	assert_blamed(given(HEALTH, task, organization_of(COMMUNE),
			    text_of("'due_on': '2026-12-11', 'part_of': '%s'", part_of)),
		      422, "/due_on", "after_whole");
	struct http part = given(HEALTH, task, organization_of(COMMUNE),
				 text_of("'due_on': '2026-11-01', 'part_of': '%s'", part_of));

	assert_status(part, 201);
	made(token(COMMUNE, OFFICER), text_of("/v1/tasks/%s/progress", task),
	     object("{'assignment': '%s', 'reported_on': '2026-11-20', 'status': 'submitted', "
		    "'percent': "
		    "60, 'summary': 'Đã làm', 'evidence': '12/BC'}",
		    http_text(&part, "id")));
	struct http tree = http_get(token(HEALTH, OFFICER), "/v1/task-trees/%s", task);

	assert_status(tree, 200);
	ck_assert_ptr_nonnull(strstr(tree.body, http_text(&part, "id")));
	json_t *first = json_array_get(json_object_get(tree.json, "assignments"), 0);
	json_t *below = json_array_get(json_object_get(first, "parts"), 0);

	ck_assert_int_eq(json_integer_value(json_object_get(below, "percent")), 60);
	ck_assert(json_is_true(json_object_get(below, "is_overdue")));
	struct http overview = http_get(token(HEALTH, OFFICER),
					"/v1/task-overview?agency=5&period=2026Y");
	json_t *row = json_array_get(json_object_get(overview.json, "data"), 0);

	ck_assert_int_ge(json_integer_value(json_object_get(row, "overdue")), 1);
	ck_assert_int_ge(json_integer_value(json_object_get(row, "to_decide")), 1);
}
END_TEST

START_TEST(a_common_task_stands_as_those_that_carry_it_out)
{
	char *doer = sql(AS_OWNER, "SELECT carried_out_by FROM task_links ORDER BY 1 LIMIT 1");
	char *common = sql(AS_OWNER,
			   "SELECT task FROM task_links WHERE carried_out_by = '%s' LIMIT 1", doer);

	sql(AS_OWNER, "SELECT task_instances_open()");
	struct http tree = http_get(token(POLICE, OFFICER), "/v1/task-trees?code=%s", common);
	json_t *row = json_array_get(json_object_get(tree.json, "data"), 0);

	ck_assert_ptr_nonnull(strstr(tree.body, doer));
	ck_assert_int_ge(json_integer_value(json_object_get(row, "assigned")), 1);
}
END_TEST

START_TEST(recurring_tasks_are_opened_for_each_period_once)
{
	sql(AS_OWNER, "SELECT task_instances_open()");
	ck_assert_int_eq(sql_number(AS_OWNER, "SELECT task_instances_open()"), 0);
	ck_assert_int_eq(
		sql_number(AS_OWNER,
			   "SELECT count(*) FROM tasks WHERE agency IS NOT NULL AND recurrence = "
			   "'yearly' AND NOT EXISTS (SELECT FROM task_assignments WHERE task = "
			   "tasks.id AND period = '2026Y') AND agency IN (SELECT agency FROM "
			   "organization_agencies WHERE is_main AND valid_to IS NULL)"),
		0);
}
END_TEST

/* Clocks */

static json_t *clock_of(int agency, const char *query, const char *id)
{
	struct http list = http_get(token(agency, OFFICER), "/v1/clocks?limit=200&%s", query);
	json_t *row;
	size_t i;

	assert_status(list, 200);
	json_array_foreach(json_object_get(list.json, "data"), i, row)
		if (!strcmp(json_string_value(json_object_get(row, "id")), id))
			return row;
	return NULL;
}

START_TEST(a_term_is_due_soon_then_breached_and_only_its_desk_sees_it)
{
	static const struct {
		const char *starts_on, *state;
	} terms[] = {{"2025-11-23", "breached"}, /* its last day was yesterday */
		     {"2025-11-24", "due_soon"},
		     {"2025-12-24", "due_soon"},
		     {"2025-12-25", "running"}};

	for (int i = 0; i < 4; i++) {
		char *person = person_made(NULL);
		char *status = made(
			token(COMMUNE, OFFICER), text_of("/v1/people/%s/statuses", person),
			object("{'status': 'user', 'starts_on': '%s', 'tested_on': '2025-11-20', "
			       "'decision_date': '%s', 'decision_number': '1/QĐ'}",
			       terms[i].starts_on, terms[i].starts_on));
		json_t *row = clock_of(COMMUNE, text_of("person=%s", person), status);

		ck_assert_msg(row != NULL, "%s", terms[i].starts_on);
		ck_assert_str_eq(json_string_value(json_object_get(row, "state")), terms[i].state);
		ck_assert_ptr_null(clock_of(OTHER_COMMUNE, text_of("person=%s", person), status));
	}
	assert_status(http_get(token(COMMUNE, OFFICER), "/v1/clocks?state=due_soon"), 200);
}
END_TEST

START_TEST(what_a_person_asks_has_its_clock)
{
	char *id = made(token(COMMUNE, OFFICER), "/v1/subject-requests",
			object("{'person': '%s', 'kind': 'access', 'requester': 'subject', "
			       "'received_on': '2026-11-02'}",
			       person_made("{'date_of_birth': '1995'}")));
	json_t *row = clock_of(COMMUNE, "kind=subject_request", id);

	ck_assert_ptr_nonnull(row);
	ck_assert_str_eq(json_string_value(json_object_get(row, "due_on")), "2026-11-04");
	ck_assert_str_eq(json_string_value(json_object_get(row, "state")), "breached");
	ck_assert_ptr_null(clock_of(OTHER_COMMUNE, "kind=subject_request", id));
}
END_TEST

START_TEST(a_hand_over_is_on_the_receiver_s_list)
{
	char *person = person_made(NULL);
	char *id = made(token(COMMUNE, OFFICER), "/v1/handovers",
			object("{'person': '%s', 'to_unit': '%s', 'reason': 'Chuyển nơi ở'}",
			       person, OTHER_UNIT));
	json_t *row = clock_of(OTHER_COMMUNE, "kind=handover", id);

	ck_assert_ptr_nonnull(row);
	ck_assert_str_eq(json_string_value(json_object_get(row, "organization")),
			 organization_of(OTHER_COMMUNE));
}
END_TEST

Suite *reports_suite(void);
Suite *reports_suite(void)
{
	Suite *suite = suite_create("reports");
	TCase *cases = tcase_create("reports"), *tasks_cases = tcase_create("tasks"),
	      *clock_cases = tcase_create("clocks");

	tcase_set_timeout(cases, 60);
	tcase_add_test(cases, a_draft_has_the_figures_of_the_records);
	tcase_add_test(cases, what_was_submitted_stays_and_what_changed_is_shown_beside_it);
	tcase_add_test(cases, a_submission_is_replayed_after_a_thousand_edits);
	tcase_add_test(cases, a_typed_figure_far_from_the_records_needs_a_reason);
	tcase_add_test(cases, a_typed_figure_5_percent_away_needs_no_reason);
	tcase_add_test(cases, a_figure_that_there_is_not_cannot_be_submitted);
	tcase_add_test(cases, a_period_that_runs_is_not_submitted);
	add_rows(cases, a_report_goes_its_way, ways);
	tcase_add_test(cases, the_youth_union_countersigns_what_agency_1_consolidates);
	tcase_add_test(cases, the_19th_is_the_last_day_in_time);
	tcase_add_test(cases, small_counts_of_a_report_are_kept_back_from_who_reads_no_people);
	tcase_add_test(cases, a_submitted_figure_is_nobody_s_to_change);
	tcase_add_test(tasks_cases, whoever_was_given_a_task_gives_parts_of_it_on);
	tcase_add_test(tasks_cases, a_common_task_stands_as_those_that_carry_it_out);
	tcase_add_test(tasks_cases, recurring_tasks_are_opened_for_each_period_once);
	tcase_add_test(clock_cases, a_term_is_due_soon_then_breached_and_only_its_desk_sees_it);
	tcase_add_test(clock_cases, what_a_person_asks_has_its_clock);
	tcase_add_test(clock_cases, a_hand_over_is_on_the_receiver_s_list);
	suite_add_tcase(suite, cases);
	suite_add_tcase(suite, tasks_cases);
	suite_add_tcase(suite, clock_cases);
	return suite;
}
