/* What the law and the plan ask of records, over HTTP: a row for each promise. */
#include <string.h>

#include "support.h"

/* A promise: a record is made, perhaps one below it, perhaps a change; the last answer is judged.
 */
struct promise {
	const char *says;
	const char *made;	 /* changes of a plain record */
	const char *participant; /* of a crime */
	const char *below;	 /* "statuses", "participants", "stages" */
	const char *before[5];	 /* made below it before */
	const char *sent;	 /* made below it */
	const char *patch;	 /* the change of the last one made */
	int status;		 /* 0: 422 with a code, else what success is */
	const char *pointer, *code;
	const char *shown;  /* members of the answer */
	const char *parent; /* members of the record afterwards */
};

struct noun {
	const char *path, *plain;
	bool has_person;
};

static const struct noun people_noun = {
	"/v1/people",
	"'full_name': 'Nguyễn Văn An', 'date_of_birth': '1999-05-17', 'sex': 'male', "
	"'unit': '2025-24214'",
};
static const struct noun crime_noun = {
	"/v1/crimes",
	"'article': '249', 'detected_on': '2026-01-20', 'unit': '2025-24133'",
};
static const struct noun session_noun = {
	"/v1/training-sessions",
	"'kind': 'training', 'title': 'Tập huấn', 'status': 'held', 'held_on': '2026-03-26', "
	"'audience': ['staff'], 'unit': '2025-24133'",
};
static const struct noun intervention_noun = {
	"/v1/interventions",
	"'kind': 'counselling', 'status': 'in_progress', 'starts_on': '2026-03-01'",
	.has_person = true,
};

static const struct noun hotspot_noun = {
	"/v1/hotspots",
	"'name': 'Quán X', 'kind': 'point', 'detected_on': '2026-03-10', 'unit': '2025-24133'",
};

static const char *police(void)
{
	return token(PROVINCE, ADMIN);
}

static json_t *merged(const struct noun *noun, const char *changes)
{
	json_t *plain = object("{%s}", noun->plain), *changed = object("{%s}", changes), *value;
	const char *name;

	if (noun->has_person)
		json_object_set_new(plain, "person", json_string(person_made("{}")));
	json_object_foreach(changed, name, value) {
		if (json_is_null(value))
			json_object_del(plain, name);
		else
			json_object_set(plain, name, value);
	}
	json_decref(changed);
	return plain;
}

static void assert_shows(const struct http *answer, const char *members, const char *says)
{
	json_t *expected = object("{%s}", members ? members : ""), *value;
	const char *name;

	json_object_foreach(expected, name, value) {
		ck_assert_msg(json_equal(json_object_get(answer->json, name), value),
			      "%s: %s expected, came: %.900s", says, members, answer->body);
	}
	json_decref(expected);
}

static void assert_told(const struct http *answer, int status, const char *pointer,
			const char *code, const char *says)
{
	bool is_told = !code || (pointer ? http_blames(answer, pointer, code)
					 : http_text(answer, "code") &&
						   !strcmp(http_text(answer, "code"), code));

	ck_assert_msg(answer->status == status && is_told,
		      "%s: %d with %s at %s expected, %d came: %.900s", says, status,
		      code ? code : "nothing", pointer ? pointer : "-", answer->status,
		      answer->body ? answer->body : "");
}

/* The path of what the answer has made in the list. */
static char *path_in(const char *list, const struct http *answer)
{
	return text_of("%s/%s", list, http_text(answer, "id"));
}

static struct http patched(const char *with_token, const char *path, json_t *take_body)
{
	return http_patch(with_token, path, etag_of(with_token, path), take_body);
}

static struct http voided(const char *with_token, const char *path)
{
	return http_delete(with_token, text_of("%s?reason=entered_in_error", path),
			   etag_of(with_token, path));
}

static void keep(const struct noun *noun, const struct promise *promise)
{
	const char *list = noun->path;
	struct http answer = http_post(police(), list,
				       merged(noun, promise->made ? promise->made : ""));
	int expected = promise->status	? promise->status
		       : promise->code	? 422
		       : promise->patch ? 200
					: 201;

	if (promise->below || promise->patch || promise->parent)
		assert_told(&answer, 201, NULL, NULL, promise->says);
	char *record = answer.status == 201 ? path_in(list, &answer) : NULL, *path = record;
	if (promise->participant)
		made(police(), text_of("%s/participants", record),
		     object("{%s}", promise->participant));
	if (promise->below) {
		list = text_of("%s/%s", record, promise->below);
		for (int i = 0; i < 5 && promise->before[i]; i++)
			made(police(), list, object("{%s}", promise->before[i]));
		answer = http_post(police(), list, object("{%s}", promise->sent));
		path = answer.status == 201 ? path_in(list, &answer) : NULL;
	}
	if (promise->patch) {
		ck_assert_msg(path, "%s: cannot be made: %s", promise->says, answer.body);
		answer = patched(police(), path, object("{%s}", promise->patch));
	}
	assert_told(&answer, expected, promise->pointer, promise->code, promise->says);
	assert_shows(&answer, promise->shown, promise->says);
	if (promise->parent) {
		answer = http_get(police(), "%s", record);
		assert_shows(&answer, promise->parent, promise->says);
	}
}

/* Statuses: which may follow which */

enum status {
	AT_RISK,
	USER,
	ADDICT,
	IN_REHAB,
	SUBSTITUTION,
	POST_REHAB,
	SERVING,
	RELEASED,
	CLOSED,
	STATUSES,
	NONE = STATUSES,
	PREVIOUS,
};

static const struct {
	const char *name, *asks;
	enum status path[3]; /* legal steps to it, up to itself */
} statuses[] = {
	[AT_RISK] = {"at_risk", "", {AT_RISK}},
	[USER] = {"user",
		  ", 'tested_on': '2023-01-01', 'decision_date': '2023-01-02', 'decision_number': "
		  "'1/QĐ'",
		  {AT_RISK, USER}},
	[ADDICT] = {"addict", "", {USER, ADDICT}},
	[IN_REHAB] = {"in_rehab",
		      ", 'rehab_form': 'voluntary_home', 'term_months': 6, 'rehab_stages': "
		      "['reception', 'detox', 'behaviour']",
		      {USER, ADDICT, IN_REHAB}},
	[SUBSTITUTION] = {"substitution", "", {USER, ADDICT, SUBSTITUTION}},
	[POST_REHAB] = {"post_rehab",
			", 'origin': 'substitution'",
			{ADDICT, SUBSTITUTION, POST_REHAB}},
	[SERVING] = {"serving_sentence", "", {AT_RISK, SERVING}},
	[RELEASED] = {"released", "", {ADDICT, SERVING, RELEASED}},
	[CLOSED] = {"closed", ", 'close_reason': 'moved'", {AT_RISK, CLOSED}},
};

/* Drug law 73/2021/QH14: article 23 (users), 27 (addiction is determined), 28–33 (rehabilitation
 * and substitution are for addicts), 40 (aftercare follows one of them). What is not here may not
 * follow; the text is why the former status then ended. */
static const char *const law[PREVIOUS][STATUSES] = {
	[NONE] = {[AT_RISK] = "-",
		  [USER] = "-",
		  [ADDICT] = "-",
		  [IN_REHAB] = "-",
		  [SUBSTITUTION] = "-",
		  [POST_REHAB] = "-",
		  [SERVING] = "-",
		  [RELEASED] = "-"},
	[AT_RISK] = {[USER] = "superseded",
		     [ADDICT] = "superseded",
		     [SERVING] = "imprisoned",
		     [CLOSED] = "moved"},
	[USER] = {[AT_RISK] = "expired",
		  [USER] = "expired",
		  [ADDICT] = "determined_addict",
		  [SERVING] = "imprisoned",
		  [CLOSED] = "moved"},
	[ADDICT] = {[IN_REHAB] = "superseded",
		    [SUBSTITUTION] = "superseded",
		    [SERVING] = "imprisoned",
		    [CLOSED] = "moved"},
	[IN_REHAB] = {[ADDICT] = "quit",
		      [IN_REHAB] = "quit",
		      [SUBSTITUTION] = "superseded",
		      [POST_REHAB] = "completed",
		      [SERVING] = "imprisoned",
		      [CLOSED] = "moved"},
	[SUBSTITUTION] = {[ADDICT] = "quit",
			  [IN_REHAB] = "quit",
			  [POST_REHAB] = "completed",
			  [SERVING] = "imprisoned",
			  [CLOSED] = "moved"},
	[POST_REHAB] = {[ADDICT] = "relapsed",
			[IN_REHAB] = "relapsed",
			[SUBSTITUTION] = "relapsed",
			[SERVING] = "imprisoned",
			[CLOSED] = "moved"},
	[SERVING] = {[RELEASED] = "completed", [CLOSED] = "moved"},
	[RELEASED] = {[AT_RISK] = "superseded",
		      [USER] = "superseded",
		      [ADDICT] = "superseded",
		      [SERVING] = "imprisoned",
		      [CLOSED] = "moved"},
	[CLOSED] = {[AT_RISK] = "superseded",
		    [USER] = "superseded",
		    [ADDICT] = "superseded",
		    [SERVING] = "superseded"},
};

static json_t *status_on(enum status status, const char *day, bool follows_rehab)
{
	const char *asks = status == POST_REHAB && follows_rehab ? ", 'origin': 'voluntary'"
								 : statuses[status].asks;

	return object("{'status': '%s', 'starts_on': '%s'%s}", statuses[status].name, day, asks);
}

/* Walks to the status by legal steps; the path of the last one, NULL for none. */
static char *status_reached(const char *list, enum status goal)
{
	char *last = NULL;

	if (goal == NONE)
		return NULL;
	for (int i = 0; i < 3; i++) {
		enum status step = statuses[goal].path[i];
		char *id = made(police(), list,
				status_on(step, text_of("2023-0%d-01", i + 2), false));

		last = text_of("%s/%s", list, id);
		if (step == goal)
			break;
	}
	return last;
}

START_TEST(a_status_follows_another_as_the_law_allows)
{
	enum status previous = (enum status)(_i / STATUSES), next = (enum status)(_i % STATUSES);
	const char *reason = law[previous][next], *name = statuses[next].name;
	char *record = text_of(
		"/v1/people/%s",
		made(police(), "/v1/people",
		     person("{'substance_groups': ['opioid'], 'unit': '" BORDER_UNIT "'}")));
	char *list = text_of("%s/statuses", record), *former = status_reached(list, previous);
	const char *says = text_of("from %s to %s",
				   previous == NONE ? "none" : statuses[previous].name, name);
	struct http before = http_get(police(), "%s", record);
	struct http answer = http_post(police(), list,
				       status_on(next, "2025-06-01", previous == IN_REHAB));

	if (!reason) {
		assert_told(&answer, 409, "/status", "transition_not_allowed", says);
		struct http after = http_get(police(), "%s", record);
		ck_assert_str_eq(after.body, before.body);
		return;
	}
	assert_told(&answer, 201, NULL, NULL, says);
	struct http holder = http_get(police(), "%s", record), was;
	assert_shows(&holder, text_of("'status': '%s', 'status_since': '2025-06-01'", name), says);
	ck_assert(json_equal(json_object_get(holder.json, "status_ends_on"),
			     json_object_get(answer.json, "ends_on")));
	if (former) {
		was = http_get(police(), "%s", former);
		assert_shows(&was, text_of("'ended_on': '2025-06-01', 'end_reason': '%s'", reason),
			     says);
	}

	/* Voiding it brings the former one back. */
	struct http gone = voided(police(), path_in(list, &answer));
	assert_told(&gone, 204, NULL, NULL, says);
	holder = http_get(police(), "%s", record);
	static const char *const since[] = {"status", "status_since", "status_ends_on"};
	for (int i = 0; i < 3; i++)
		ck_assert_msg(json_equal(json_object_get(holder.json, since[i]),
					 json_object_get(before.json, since[i])),
			      "%s, voided: %s", says, holder.body);
	if (former) {
		was = http_get(police(), "%s", former);
		assert_shows(&was, "'ended_on': null, 'end_reason': null", says);
	}
}
END_TEST

START_TEST(a_status_is_voided_by_the_admin_of_the_police_from_the_last_one_on)
{
	char *record = text_of("/v1/people/%s", person_made("{}"));
	char *list = text_of("%s/statuses", record);
	char *first = text_of("%s/%s", list,
			      made(police(), list, status_on(AT_RISK, "2025-08-01", false)));
	char *last = text_of("%s/%s", list,
			     made(police(), list, status_on(USER, "2025-08-01", false)));
	static const struct {
		int agency;
		enum role role;
	} others[] = {{PROVINCE, OFFICER}, {COMMUNE, ADMIN}, {4, ADMIN}};

	for (int i = 0; i < 3; i++) {
		struct http refused = voided(token(others[i].agency, others[i].role), last);
		assert_status(refused, 403);
	}
	struct http answer = voided(police(), first);
	assert_blamed(answer, 409, "/status", "still_referenced");
	answer = voided(police(), last);
	assert_status(answer, 204);
	answer = voided(police(), first);
	assert_status(answer, 204);
	answer = http_get(police(), "%s", record);
	assert_shows(&answer, "'status': null, 'status_since': null, 'status_ends_on': null", "");
}
END_TEST

START_TEST(a_voided_dossier_is_no_matter_of_the_courts)
{
	char *record = text_of("/v1/people/%s", person_made("{}"));
	char *list = text_of("%s/statuses", record);
	char *id = made(police(), list,
			object("{'status': 'in_rehab', 'starts_on': '2025-07-01', 'rehab_form': "
			       "'compulsory', 'decided_by': 'court'}"));
	struct http answer = http_get(token(16, OFFICER), "%s", record);

	assert_status(answer, 200);
	answer = voided(police(), text_of("%s/%s", list, id));
	assert_status(answer, 204);
	answer = http_get(token(16, OFFICER), "%s", record);
	assert_status(answer, 404);
}
END_TEST

/* Statuses: what the law asks of one */

#define STATUS(status, day, rest) "'status': '" status "', 'starts_on': '" day "'" rest
#define MANAGED(day, tested, decided)                                                              \
	STATUS("user", day,                                                                        \
	       ", 'tested_on': '" tested "', 'decision_date': '" decided                           \
	       "', 'decision_number': '12/QĐ-UBND'")
#define REHAB(form, day, rest) STATUS("in_rehab", day, ", 'rehab_form': '" form "'" rest)
#define VOLUNTARY(day, months) REHAB("voluntary_facility", day, ", 'term_months': " months)
#define COMPULSORY(day, months)                                                                    \
	REHAB("compulsory", day, ", 'decided_by': 'court', 'term_months': " months)
#define AFTERCARE_OF(day, origin) STATUS("post_rehab", day, ", 'origin': '" origin "'")
#define THREE ", 'rehab_stages': ['reception', 'detox', 'behaviour']"
#define FIVE ", 'rehab_stages': ['reception', 'detox', 'behaviour', 'vocational', 'return']"
#define BORN(day) "'date_of_birth': '" day "', 'guardian_name': 'H Bé'"
#define OPIOID ", 'substance_groups': ['opioid', 'ats']"
#define BELOW "statuses"

static const struct promise status_promises[] = {
	/* V1 */
	{"compulsory at 11", BORN("2012-06-02"), .below = BELOW,
	 .sent = COMPULSORY("2024-06-01", "6"), .pointer = "/rehab_form", .code = "too_young"},
	{"compulsory on the 12th birthday", BORN("2012-06-01"), .below = BELOW,
	 .sent = COMPULSORY("2024-06-01", "6"), .shown = "'ends_on': '2024-12-01'"},
	{"a month of birth counts from its last day", BORN("2012-06"), .below = BELOW,
	 .sent = COMPULSORY("2024-06-29", "6"), .pointer = "/rehab_form", .code = "too_young"},
	{"and on its last day", BORN("2012-06"), .below = BELOW,
	 .sent = COMPULSORY("2024-06-30", "6")},
	{"a year of birth counts from its last day", BORN("2012"), .below = BELOW,
	 .sent = COMPULSORY("2024-12-30", "6"), .pointer = "/rehab_form", .code = "too_young"},
	/* V2 */
	{"compulsory without a decider", .below = BELOW,
	 .sent = REHAB("compulsory", "2025-01-01", ""), .pointer = "/decided_by",
	 .code = "court_required"},
	{"compulsory by a chair", .below = BELOW,
	 .sent = REHAB("compulsory", "2025-01-01", ", 'decided_by': 'commune_chair'"),
	 .pointer = "/decided_by", .code = "court_required"},
	{"compulsory of a minor by the police", BORN("2010-06-01"), .below = BELOW,
	 .sent = REHAB("compulsory", "2025-01-01", ", 'decided_by': 'police'"),
	 .pointer = "/decided_by", .code = "court_required"},
	{"voluntary without a court", .below = BELOW, .sent = VOLUNTARY("2025-01-01", "6")},
	/* V3 */
	{"substitution without opioids", "'substance_groups': ['ats']", .below = BELOW,
	 .sent = STATUS("substitution", "2025-01-01", ""), .pointer = "/status",
	 .code = "opioid_required"},
	{"substitution of nothing known", .below = BELOW,
	 .sent = STATUS("substitution", "2025-01-01", ""), .pointer = "/status",
	 .code = "opioid_required"},
	{"substitution at 11", BORN("2013-01-02") OPIOID, .below = BELOW,
	 .sent = STATUS("substitution", "2025-01-01", ", 'guardian_consent_on': '2025-01-01'"),
	 .pointer = "/status", .code = "too_young"},
	{"substitution at 12 without consent", BORN("2013-01-01") OPIOID, .below = BELOW,
	 .sent = STATUS("substitution", "2025-01-01", ""), .pointer = "/guardian_consent_on",
	 .code = "consent_required"},
	{"substitution at 12 with consent", BORN("2013-01-01") OPIOID, .below = BELOW,
	 .sent = STATUS("substitution", "2025-01-01", ", 'guardian_consent_on': '2025-01-01'"),
	 .shown = "'ends_on': null"},
	{"substitution the day before 18", BORN("2007-01-02") OPIOID, .below = BELOW,
	 .sent = STATUS("substitution", "2025-01-01", ""), .pointer = "/guardian_consent_on",
	 .code = "consent_required"},
	{"substitution at 18", "'date_of_birth': '2007-01-01'" OPIOID, .below = BELOW,
	 .sent = STATUS("substitution", "2025-01-01", "")},
	{"consent to anything else", .below = BELOW,
	 .sent = STATUS("addict", "2025-01-01", ", 'guardian_consent_on': '2025-01-01'"),
	 .pointer = "/guardian_consent_on", .code = "forbidden_unless"},
	{"consent after the start", BORN("2010-01-01") OPIOID, .below = BELOW,
	 .sent = STATUS("substitution", "2025-08-01", ", 'guardian_consent_on': '2025-08-02'"),
	 .pointer = "/guardian_consent_on", .code = "after_start"},
	/* V4 */
	{"a user for 12 months from the decision", .below = BELOW,
	 .sent = MANAGED("2025-03-05", "2025-02-27", "2025-03-01"),
	 .shown = "'ends_on': '2026-03-01'", .parent = "'status_ends_on': '2026-03-01'"},
	{"from a leap day", .below = BELOW,
	 .sent = MANAGED("2024-02-29", "2024-02-29", "2024-02-29"),
	 .shown = "'ends_on': '2025-02-28'"},
	{"also under the law of 2025", .below = BELOW,
	 .sent = MANAGED("2026-07-01", "2026-07-01", "2026-07-01"),
	 .shown = "'ends_on': '2027-07-01'"},
	{"a decision before the test", .below = BELOW,
	 .sent = MANAGED("2025-03-05", "2025-03-02", "2025-03-01"), .pointer = "/decision_date",
	 .code = "before"},
	{"a user without a test", .below = BELOW,
	 .sent = STATUS("user", "2025-03-01",
			", 'decision_date': '2025-03-01', 'decision_number': '1'"),
	 .pointer = "/tested_on", .code = "required_when"},
	{"a user without a decision", .below = BELOW,
	 .sent = STATUS("user", "2025-03-01", ", 'tested_on': '2025-03-01'"),
	 .pointer = "/decision_date", .code = "required_when"},
	{"a decision without a number", .below = BELOW,
	 .sent = STATUS("user", "2025-03-01",
			", 'decision_date': '2025-03-01', 'tested_on': '2025-03-01'"),
	 .pointer = "/decision_number", .code = "required_when"},
	{"a second file the day before the first ends", .below = BELOW,
	 .before = {MANAGED("2024-03-01", "2024-03-01", "2024-03-01")},
	 .sent = MANAGED("2025-02-28", "2025-02-28", "2025-02-28"), .status = 409,
	 .pointer = "/status", .code = "still_running"},
	{"a second file when the first ends", .below = BELOW,
	 .before = {MANAGED("2024-03-01", "2024-03-01", "2024-03-01")},
	 .sent = MANAGED("2025-03-01", "2025-03-01", "2025-03-01")},
	{"a correction of the decision moves the term", .below = BELOW,
	 .sent = MANAGED("2025-03-05", "2025-02-27", "2025-03-01"),
	 .patch = "'decision_date': '2025-03-03'", .shown = "'ends_on': '2026-03-03'",
	 .parent = "'status_ends_on': '2026-03-03'"},
	{"but never before the test", .below = BELOW,
	 .sent = MANAGED("2025-03-05", "2025-02-27", "2025-03-01"),
	 .patch = "'decision_date': '2025-02-26'", .pointer = "/decision_date", .code = "before"},
	{"managed before the decision", .below = BELOW,
	 .sent = MANAGED("2025-03-05", "2025-02-27", "2026-03-05"), .pointer = "/decision_date",
	 .code = "after_start"},
	{"nor by a correction", .below = BELOW,
	 .sent = MANAGED("2025-03-05", "2025-02-27", "2025-03-01"),
	 .patch = "'decision_date': '2025-03-06'", .pointer = "/decision_date",
	 .code = "after_start"},
	{"a user by a court", .below = BELOW,
	 .sent = MANAGED("2025-03-05", "2025-03-05", "2025-03-05") ", 'decided_by': 'court'",
	 .pointer = "/decided_by", .code = "chair_required"},
	{"a user by the chair", .below = BELOW,
	 .sent = MANAGED("2025-03-05", "2025-03-05",
			 "2025-03-05") ", 'decided_by': 'commune_chair'"},
	{"aftercare by a facility", .below = BELOW,
	 .sent = AFTERCARE_OF("2025-07-01", "voluntary") ", 'decided_by': 'facility'",
	 .pointer = "/decided_by", .code = "chair_required"},
	/* V5 */
	{"12 months after voluntary", .below = BELOW,
	 .before = {VOLUNTARY("2024-01-01", "6") THREE},
	 .sent = AFTERCARE_OF("2024-07-01", "voluntary"), .shown = "'ends_on': '2025-07-01'"},
	{"12 months after substitution", "'sex': 'female'" OPIOID, .below = BELOW,
	 .before = {STATUS("substitution", "2024-01-01", "")},
	 .sent = AFTERCARE_OF("2024-07-01", "substitution"), .shown = "'ends_on': '2025-07-01'"},
	{"24 months after compulsory", .below = BELOW,
	 .before = {COMPULSORY("2023-01-01", "12") FIVE},
	 .sent = AFTERCARE_OF("2024-01-01", "compulsory"), .shown = "'ends_on': '2026-01-01'"},
	{"12 months after compulsory of a minor", BORN("2005-01-02"), .below = BELOW,
	 .before = {COMPULSORY("2023-01-01", "12") FIVE},
	 .sent = AFTERCARE_OF("2024-01-01", "compulsory_minor"),
	 .shown = "'ends_on': '2025-01-01'"},
	{"24 months under the law of 2025", .below = BELOW,
	 .sent = AFTERCARE_OF("2026-07-01", "compulsory"), .shown = "'ends_on': '2028-07-01'"},
	{"12 months without a former status", .below = BELOW,
	 .sent = AFTERCARE_OF("2026-01-31", "voluntary"), .shown = "'ends_on': '2027-01-31'"},
	{"the term runs from the decision", .below = BELOW,
	 .sent = AFTERCARE_OF("2026-01-31", "voluntary") ", 'decision_date': '2026-01-20'",
	 .shown = "'ends_on': '2027-01-20'"},
	{"voluntary does not shorten compulsory", .below = BELOW,
	 .before = {COMPULSORY("2023-01-01", "12") FIVE},
	 .sent = AFTERCARE_OF("2024-01-01", "voluntary"), .pointer = "/origin", .code = "invalid"},
	{"an adult is no compulsory_minor", BORN("2005-01-01"), .below = BELOW,
	 .before = {COMPULSORY("2023-01-01", "12") FIVE},
	 .sent = AFTERCARE_OF("2024-01-01", "compulsory_minor"), .pointer = "/origin",
	 .code = "invalid"},
	{"compulsory after voluntary", .below = BELOW,
	 .before = {VOLUNTARY("2024-01-01", "6") THREE},
	 .sent = AFTERCARE_OF("2024-07-01", "compulsory"), .pointer = "/origin", .code = "invalid"},
	{"voluntary after substitution", "'sex': 'female'" OPIOID, .below = BELOW,
	 .before = {STATUS("substitution", "2024-01-01", "")},
	 .sent = AFTERCARE_OF("2024-07-01", "voluntary"), .pointer = "/origin", .code = "invalid"},
	{"aftercare of nothing", .below = BELOW, .sent = STATUS("post_rehab", "2024-07-01", ""),
	 .pointer = "/origin", .code = "required_when"},
	/* V6 */
	{"aftercare before stage c", .below = BELOW,
	 .before = {VOLUNTARY("2024-01-01", "6") ", 'rehab_stages': ['reception', 'detox']"},
	 .sent = AFTERCARE_OF("2024-07-01", "voluntary"), .pointer = "/status",
	 .code = "stages_missing"},
	{"aftercare without stages", .below = BELOW, .before = {VOLUNTARY("2024-01-01", "6")},
	 .sent = AFTERCARE_OF("2024-07-01", "voluntary"), .pointer = "/status",
	 .code = "stages_missing"},
	{"three stages of compulsory", .below = BELOW,
	 .before = {COMPULSORY("2023-01-01", "12") THREE},
	 .sent = AFTERCARE_OF("2024-01-01", "compulsory"), .pointer = "/status",
	 .code = "stages_missing"},
	{"stages of somebody not in rehab", .below = BELOW,
	 .sent = STATUS("addict", "2024-01-01", THREE), .pointer = "/rehab_stages",
	 .code = "forbidden_unless"},
	/* the terms of rehab, binding until 2026-06-30 */
	{"voluntary for 5", .below = BELOW, .sent = VOLUNTARY("2026-06-30", "5"),
	 .pointer = "/term_months", .code = "outside_term"},
	{"voluntary for 6", .below = BELOW, .sent = VOLUNTARY("2026-06-30", "6"),
	 .shown = "'ends_on': '2026-12-30'"},
	{"voluntary for 12", .below = BELOW, .sent = VOLUNTARY("2026-06-30", "12")},
	{"voluntary for 13", .below = BELOW, .sent = VOLUNTARY("2026-06-30", "13"),
	 .pointer = "/term_months", .code = "outside_term"},
	{"at home for 13", .below = BELOW,
	 .sent = REHAB("voluntary_home", "2025-01-01", ", 'term_months': 13"),
	 .pointer = "/term_months", .code = "outside_term"},
	{"compulsory for 11", .below = BELOW, .sent = COMPULSORY("2026-06-30", "11"),
	 .pointer = "/term_months", .code = "outside_term"},
	{"compulsory for 12", .below = BELOW, .sent = COMPULSORY("2026-06-30", "12")},
	{"compulsory for 24", .below = BELOW, .sent = COMPULSORY("2026-06-30", "24"),
	 .shown = "'ends_on': '2028-06-30'"},
	{"compulsory for 25", .below = BELOW, .sent = COMPULSORY("2026-06-30", "25"),
	 .pointer = "/term_months", .code = "outside_term"},
	{"compulsory of a minor for 5", BORN("2010-01-01"), .below = BELOW,
	 .sent = COMPULSORY("2026-06-30", "5"), .pointer = "/term_months", .code = "outside_term"},
	{"compulsory of a minor for 12", BORN("2010-01-01"), .below = BELOW,
	 .sent = COMPULSORY("2026-06-30", "12")},
	{"compulsory of a minor for 13", BORN("2010-01-01"), .below = BELOW,
	 .sent = COMPULSORY("2026-06-30", "13"), .pointer = "/term_months", .code = "outside_term"},
	{"at 18 the terms of adults hold", "'date_of_birth': '2008-06-30'", .below = BELOW,
	 .sent = COMPULSORY("2026-06-30", "11"), .pointer = "/term_months", .code = "outside_term"},
	{"the law of 2025 only informs: 5", .below = BELOW, .sent = VOLUNTARY("2026-07-01", "5"),
	 .shown = "'ends_on': '2026-12-01'"},
	{"the law of 2025 only informs: 48", .below = BELOW, .sent = COMPULSORY("2026-07-01", "48"),
	 .shown = "'ends_on': '2030-07-01'"},
	{"months of anything else", .below = BELOW,
	 .sent = STATUS("addict", "2025-01-01", ", 'term_months': 6"), .pointer = "/term_months",
	 .code = "forbidden_unless"},
	/* V11 */
	{"in a commune of the day", .below = BELOW,
	 .sent = STATUS("at_risk", "2024-06-01", ", 'unit': '2024-24133'")},
	{"in a commune that was no more", .below = BELOW,
	 .sent = STATUS("at_risk", "2026-06-01", ", 'unit': '2024-24133'"), .pointer = "/unit",
	 .code = "unit_not_valid"},
	{"in a commune that was not yet", .below = BELOW,
	 .sent = STATUS("at_risk", "2025-06-30", ", 'unit': '2025-24133'"), .pointer = "/unit",
	 .code = "unit_not_valid"},
	{"in a district", .below = BELOW,
	 .sent = STATUS("at_risk", "2024-06-01", ", 'unit': '2024-643'"), .pointer = "/unit",
	 .code = "not_a_commune"},
	{"where the commune has followed one other", .below = BELOW,
	 .sent = STATUS("at_risk", "2025-06-30", ""), .shown = "'unit': '2024-24214'"},
	{"from its first day", .below = BELOW, .sent = STATUS("at_risk", "2025-07-01", ""),
	 .shown = "'unit': '2025-24214'"},
	{"where it has followed several", "'unit': '2025-24133'", .below = BELOW,
	 .sent = STATUS("at_risk", "2025-06-30", ""), .pointer = "/unit", .code = "unit_not_valid"},
	/* V13 */
	{"today", .below = BELOW, .sent = STATUS("at_risk", TODAY, "")},
	{"tomorrow", .below = BELOW, .sent = STATUS("at_risk", "2026-11-25", ""),
	 .pointer = "/starts_on", .code = "in_future"},
	{"before birth", .below = BELOW, .sent = STATUS("at_risk", "1999-05-16", ""),
	 .pointer = "/starts_on", .code = "before_birth"},
	{"tested before birth", .below = BELOW,
	 .sent = MANAGED("2025-03-01", "1999-05-16", "2025-03-01"), .pointer = "/tested_on",
	 .code = "before_birth"},
	{"decided before birth", .below = BELOW,
	 .sent = STATUS("addict", "2025-03-01", ", 'decision_date': '1999-05-16'"),
	 .pointer = "/decision_date", .code = "before_birth"},
	{"tested tomorrow", .below = BELOW, .sent = MANAGED(TODAY, "2026-11-25", "2026-11-25"),
	 .pointer = "/tested_on", .code = "in_future"},
	{"decided tomorrow", .below = BELOW, .sent = MANAGED(TODAY, TODAY, "2026-11-25"),
	 .pointer = "/decision_date", .code = "in_future"},
	{"part of a date", .below = BELOW, .sent = STATUS("at_risk", "2025-06", ""),
	 .pointer = "/starts_on", .code = "not_a_date"},
	{"30 February", .below = BELOW, .sent = STATUS("at_risk", "2025-02-30", ""),
	 .pointer = "/starts_on", .code = "not_a_date"},
	{"on the same day as the former", .below = BELOW,
	 .before = {STATUS("at_risk", "2025-03-01", "")},
	 .sent = STATUS("addict", "2025-03-01", "")},
	{"before the former", .below = BELOW, .before = {STATUS("at_risk", "2025-03-01", "")},
	 .sent = STATUS("addict", "2025-02-28", ""), .pointer = "/starts_on", .code = "not_first"},
	{"closed for no reason", .below = BELOW, .before = {STATUS("at_risk", "2025-03-01", "")},
	 .sent = STATUS("closed", "2025-04-01", ""), .pointer = "/close_reason",
	 .code = "required_when"},
};

/* The law of 2025 informs of its range: outside it is told, and entered. */
START_TEST(a_term_outside_the_law_of_2025_is_told)
{
	static const struct {
		const char *sent;
		bool is_told;
	} terms[] = {
		{VOLUNTARY("2026-07-01", "6"), true},
		{VOLUNTARY("2026-07-01", "23"), true},
		{VOLUNTARY("2026-07-01", "24"), false},
		{COMPULSORY("2026-07-01", "36"), false},
		{COMPULSORY("2026-07-01", "60"), true},
		{VOLUNTARY("2026-06-30", "6"), false},
		{MANAGED("2026-07-01", "2026-07-01", "2026-07-01"), false},
	};
	struct http answer = http_post(police(),
				       text_of("/v1/people/%s/statuses", person_made("{}")),
				       object("{%s}", terms[_i].sent));

	assert_status(answer, 201);
	if (terms[_i].is_told) {
		ck_assert_pstr_eq(http_text(&answer, "warnings[0].code"), "unusual_term");
		ck_assert_pstr_eq(http_text(&answer, "warnings[0].pointer"), "/term_months");
	} else {
		ck_assert_uint_eq(json_array_size(json_object_get(answer.json, "warnings")), 0);
	}
}
END_TEST

/* People: guardians, dates, communes */

static const struct promise people_promises[] = {
	/* V12 */
	{"a minor alone", "'date_of_birth': '2008-11-25'", .pointer = "/guardian_name",
	 .code = "guardian_required"},
	{"18 today", "'date_of_birth': '2008-11-24'"},
	{"18 at the end of the month", "'date_of_birth': '2008-11'", .pointer = "/guardian_name",
	 .code = "guardian_required"},
	{"18 since last month", "'date_of_birth': '2008-10'"},
	{"18 at the end of the year", "'date_of_birth': '2008'", .pointer = "/guardian_name",
	 .code = "guardian_required"},
	{"18 since last year", "'date_of_birth': '2007'"},
	{"a minor with a guardian", BORN("2012-02-29")},
	{"a minor with a reason", "'date_of_birth': '2012', 'no_guardian_reason': 'Mồ côi'"},
	{"no guardian any more", BORN("2012"), .patch = "'guardian_name': null",
	 .pointer = "/guardian_name", .code = "guardian_required"},
	{"a reason instead", BORN("2012"),
	 .patch = "'guardian_name': null, 'no_guardian_reason': 'Mồ côi'"},
	{"younger than thought", "'date_of_birth': '2008-11-24'",
	 .patch = "'date_of_birth': '2008-11-25'", .pointer = "/guardian_name",
	 .code = "guardian_required"},
	/* V13 */
	{"born today", BORN(TODAY)},
	{"born tomorrow", BORN("2026-11-25"), .pointer = "/date_of_birth", .code = "in_future"},
	{"born this month", BORN("2026-11")},
	{"born next month", BORN("2026-12"), .pointer = "/date_of_birth", .code = "in_future"},
	{"born this year", BORN("2026")},
	{"born next year", BORN("2027"), .pointer = "/date_of_birth", .code = "in_future"},
	{"born on no day", BORN("2011-02-29"), .pointer = "/date_of_birth", .code = "not_a_date"},
	{"born in no month", BORN("2011-13"), .pointer = "/date_of_birth", .code = "not_a_date"},
	/* V11 */
	{"a commune until October 2024", "'unit': '2024-24133'", .pointer = "/unit",
	 .code = "unit_not_valid"},
	{"a commune until June 2025", "'unit': '202411-24133'", .pointer = "/unit",
	 .code = "unit_not_valid"},
	{"a district", "'unit': '2024-643'", .pointer = "/unit", .code = "not_a_commune"},
	{"a province", "'unit': '2025-66'", .pointer = "/unit", .code = "not_a_commune"},
	{"no commune", "'unit': '2025-99999'", .pointer = "/unit", .code = "no_such_record"},
	{"a move to a former commune", .patch = "'unit': '2024-24133'", .pointer = "/unit",
	 .code = "unit_not_valid"},
};

#define DONE_FOR(kind, rest)                                                                       \
	"'kind': '" kind "', 'status': 'in_progress', 'starts_on': '2026-03-01'" rest
#define EPISODE(kind, form) DONE_FOR(kind, ", 'rehab_form': '" form "'")

/* What is recorded of somebody born on 2000-01-01, and the birth that it is corrected to. */
static const struct {
	const char *says, *list, *recorded, *birth, *code;
} births[] = {
	/* V13 */
	{"a status before birth", "statuses", STATUS("at_risk", "2025-07-02", ""), "2025-07-03",
	 "before_birth"},
	{"a status on the day of birth", "statuses", STATUS("at_risk", "2025-07-02", ""),
	 "2025-07-02", NULL},
	{"a status in the month of birth", "statuses", STATUS("at_risk", "2025-07-02", ""),
	 "2025-07", "before_birth"},
	{"a test before birth", "statuses", MANAGED("2025-07-03", "2025-07-01", "2025-07-02"),
	 "2025-07-02", "before_birth"},
	{"an intervention before birth", "interventions",
	 "'kind': 'counselling', 'status': 'completed', 'starts_on': '2025-07-02', 'ends_on': "
	 "'2025-07-02'",
	 "2025-07-03", "before_birth"},
	{"a violation before birth", "violations",
	 "'violated_on': '2025-07-02', 'kind': 'illegal_use', 'unit': '" COMMUNE_UNIT "'",
	 "2025-07-03", "before_birth"},
	/* V1 */
	{"compulsory at 11", "statuses", COMPULSORY("2025-08-01", "12"), "2013-08-02", "too_young"},
	{"compulsory at 12", "statuses", COMPULSORY("2025-08-01", "12"), "2013-08-01", NULL},
	{"voluntary at 11", "statuses", VOLUNTARY("2025-08-01", "6"), "2013-08-02", NULL},
	/* V3 */
	{"substitution at 11", "statuses",
	 STATUS("substitution", "2025-08-01", ", 'guardian_consent_on': '2025-08-01'"),
	 "2013-08-02", "too_young"},
	{"substitution at 17 without consent", "statuses", STATUS("substitution", "2025-08-01", ""),
	 "2007-08-02", "consent_required"},
	{"substitution at 18 without consent", "statuses", STATUS("substitution", "2025-08-01", ""),
	 "2007-08-01", NULL},
	{"an episode of compulsory rehab at 11", "interventions", EPISODE("rehab", "compulsory"),
	 "2014-03-02", "too_young"},
	{"an episode of substitution at 11", "interventions", DONE_FOR("substitution", ""),
	 "2014-03-02", "too_young"},
};

/* Nor is the file merged into one of such a birth. */
START_TEST(a_birth_is_not_corrected_past_what_is_recorded)
{
	const char *code = births[_i].code, *says = births[_i].says;
	char *id = person_made("{'date_of_birth': '2000-01-01', 'guardian_name': 'H Bé'" OPIOID
			       "}"),
	     *path = text_of("/v1/people/%s", id);

	made(police(), text_of("%s/%s", path, births[_i].list),
	     object("{%s}", births[_i].recorded));
	struct http answer = patched(police(), path,
				     object("{'date_of_birth': '%s'}", births[_i].birth));

	assert_told(&answer, code ? 422 : 200, code ? "/date_of_birth" : NULL, code, says);
	answer = http_post(police(), "/v1/merges",
			   object("{'person': '%s', 'kept': '%s', 'reason': 'trùng'}", id,
				  person_made(text_of("{" BORN("%s") "}", births[_i].birth))));
	assert_told(&answer, code ? 422 : 201, code ? "/kept" : NULL, code, says);
}
END_TEST

/* Crimes */

static const struct promise crime_promises[] = {
	/* V7 */
	{"256a the day before",
	 "'article': '256a', 'occurred_on': '2025-06-30', 'unit': "
	 "'202411-24133'",
	 .pointer = "/article", .code = "article_not_in_force"},
	{"256a from the day on", "'article': '256a', 'occurred_on': '2025-07-01'"},
	{"256a detected the day before",
	 "'article': '256a', 'detected_on': '2025-06-30', 'unit': "
	 "'202411-24133'",
	 .pointer = "/article", .code = "article_not_in_force"},
	{"256a detected later but done before",
	 "'article': '256a', 'occurred_on': '2025-01-01', 'unit': '202411-24133'",
	 .pointer = "/article", .code = "article_not_in_force"},
	{"256a beside another charge",
	 "'other_articles': ['255', '256a'], 'occurred_on': "
	 "'2025-01-01', 'unit': '202411-24133'",
	 .pointer = "/other_articles", .code = "article_not_in_force"},
	{"256a beside another charge since", "'other_articles': ['256a']"},
	{"256a found out later", "'occurred_on': '2025-01-01', 'unit': '202411-24133'",
	 .patch = "'article': '256a'", .pointer = "/article", .code = "article_not_in_force"},
	{"older than thought", "'article': '256a'",
	 .patch = "'occurred_on': '2025-01-01', 'unit': '202411-24133'", .pointer = "/article",
	 .code = "article_not_in_force"},
	/* V10 */
	{"detected on the day", "'occurred_on': '2026-01-20'"},
	{"detected before it was done", "'occurred_on': '2026-01-21'", .pointer = "/detected_on",
	 .code = "before"},
	{"done after it was detected", "'occurred_on': '2026-01-19'",
	 .patch = "'occurred_on': '2026-01-21'", .pointer = "/detected_on", .code = "before"},
	/* V11 */
	{"in a commune of the day", "'occurred_on': '2024-10-31', 'unit': '2024-24133'"},
	{"in a commune that had ended", "'occurred_on': '2024-11-01', 'unit': '2024-24133'",
	 .pointer = "/unit", .code = "unit_not_valid"},
	{"in a commune of 2024 in 2026", "'unit': '2024-24133'", .pointer = "/unit",
	 .code = "unit_not_valid"},
	{"in a commune that was not yet", "'occurred_on': '2025-06-30'", .pointer = "/unit",
	 .code = "unit_not_valid"},
	{"in a commune from its first day", "'occurred_on': '2025-07-01'"},
	{"the day moves, the commune does not", .patch = "'occurred_on': '2025-06-30'",
	 .pointer = "/unit", .code = "unit_not_valid"},
	{"in a district", "'occurred_on': '2024-06-01', 'unit': '2024-643'", .pointer = "/unit",
	 .code = "not_a_commune"},
	/* V13 */
	{"detected today", "'detected_on': '" TODAY "'"},
	{"detected tomorrow", "'detected_on': '2026-11-25'", .pointer = "/detected_on",
	 .code = "in_future"},
	{"done tomorrow", "'occurred_on': '2026-11-25', 'detected_on': '2026-11-24'",
	 .pointer = "/occurred_on", .code = "in_future"},
	{"only unclassified", "'classification': 'secret'", .pointer = "/classification",
	 .code = "unknown_code"},
};

#undef BELOW
#define BELOW "participants"
#define WHO(role, born) "'role': '" role "', 'date_of_birth': '" born "'"
#define BY_HAND "'youth_related': true, 'youth_related_reason': 'Bên trường học'"

static const struct promise participant_promises[] = {
	/* V8: the offence is on 2026-01-20 */
	{"a suspect of 13", .below = BELOW, .sent = WHO("suspect", "2012-01-21"),
	 .pointer = "/role", .code = "too_young"},
	{"a suspect on the 14th birthday", .below = BELOW, .sent = WHO("suspect", "2012-01-20"),
	 .shown = "'age_at_offence': 14", .parent = "'youth_related': true"},
	{"born that month", .below = BELOW, .sent = WHO("suspect", "2012-01"), .pointer = "/role",
	 .code = "too_young"},
	{"born the month before", .below = BELOW, .sent = WHO("suspect", "2011-12"),
	 .shown = "'age_at_offence': 14"},
	{"born that year", .below = BELOW, .sent = WHO("suspect", "2012"), .pointer = "/role",
	 .code = "too_young"},
	{"born the year before", .below = BELOW, .sent = WHO("suspect", "2011"),
	 .shown = "'age_at_offence': 14"},
	{"born on a leap day: 28 February", "'detected_on': '2026-02-28'", .below = BELOW,
	 .sent = WHO("suspect", "2012-02-29"), .pointer = "/role", .code = "too_young"},
	{"born on a leap day: 1 March", "'detected_on': '2026-03-01'", .below = BELOW,
	 .sent = WHO("suspect", "2012-02-29"), .shown = "'age_at_offence': 14"},
	{"the age is that of the offence", "'occurred_on': '2025-12-31'", .below = BELOW,
	 .sent = WHO("suspect", "2012-01-20"), .pointer = "/role", .code = "too_young"},
	{"a suspect nobody knows", .below = BELOW, .sent = "'role': 'suspect'",
	 .shown = "'age_at_offence': null", .parent = "'youth_related': false"},
	{"a victim of 13", .below = BELOW, .sent = WHO("victim", "2012-01-21"),
	 .shown = "'age_at_offence': 13", .parent = "'youth_related': true"},
	{"a victim turned suspect", .below = BELOW, .sent = WHO("victim", "2012-01-21"),
	 .patch = "'role': 'suspect'", .pointer = "/role", .code = "too_young"},
	{"30 is young", .below = BELOW, .sent = WHO("lured", "1995-01-21"),
	 .shown = "'age_at_offence': 30", .parent = "'youth_related': true"},
	{"31 is not", .below = BELOW, .sent = WHO("lured", "1995-01-20"),
	 .shown = "'age_at_offence': 31", .parent = "'youth_related': false"},
	{"a young witness changes nothing", .below = BELOW, .sent = WHO("witness", "2010-01-20"),
	 .parent = "'youth_related': false"},
	{"the offence was earlier: 13 then", .participant = WHO("suspect", "2012-01-20"),
	 .patch = "'occurred_on': '2026-01-19'", .pointer = "/role", .code = "too_young"},
	{"256a charged before it was law", "'occurred_on': '2025-06-30', 'unit': '202411-24133'",
	 .below = BELOW, .sent = "'role': 'suspect', 'articles': ['249', '256a']",
	 .pointer = "/articles", .code = "article_not_in_force"},
	{"256a charged since", "'occurred_on': '2025-07-01'", .below = BELOW,
	 .sent = "'role': 'suspect', 'articles': ['256a']"},
	/* V13 */
	{"a victim born later", .below = BELOW, .sent = WHO("victim", "2026-01-21"),
	 .pointer = "/date_of_birth", .code = "in_future"},
	{"a victim born that month", .below = BELOW, .sent = WHO("victim", "2026-01"),
	 .shown = "'age_at_offence': 0"},
	{"a witness born that year", .below = BELOW, .sent = WHO("witness", "2026")},
	{"a suspect born tomorrow", .below = BELOW, .sent = WHO("suspect", "2026-11-25"),
	 .pointer = "/date_of_birth", .code = "in_future"},
	/* A case concerns the young while one takes part, or as agency 1 has set it */
	{"a young suspect turned witness", .below = BELOW, .sent = WHO("suspect", "2000-01-20"),
	 .patch = "'role': 'witness'", .parent = "'youth_related': false"},
	{"a witness turned suspect", .below = BELOW, .sent = WHO("witness", "2000-01-20"),
	 .patch = "'role': 'suspect'", .parent = "'youth_related': true"},
	{"older than told", .below = BELOW, .sent = WHO("suspect", "2000-01-20"),
	 .patch = "'date_of_birth': '1980'", .parent = "'youth_related': false"},
	{"younger than told", .below = BELOW, .sent = WHO("suspect", "1980"),
	 .patch = "'date_of_birth': '2000-01-20'", .parent = "'youth_related': true"},
	{"the day comes before the birthday", .participant = WHO("lured", "1995-01-20"),
	 .patch = "'occurred_on': '2026-01-19'", .parent = "'youth_related': true"},
	{"the day comes after the birthday", .participant = WHO("lured", "1995-01-21"),
	 .patch = "'detected_on': '2026-01-21'", .parent = "'youth_related': false"},
	{"no longer said of a young suspect", .participant = WHO("suspect", "2000-01-20"),
	 .patch = "'youth_related': false", .pointer = "/youth_related",
	 .code = "young_participant", .parent = "'youth_related': true"},
	{"said again of a young suspect", .participant = WHO("suspect", "2000-01-20"),
	 .patch = "'youth_related': true", .parent = "'youth_related': true"},
	{"said with a day on which none was young", .participant = WHO("lured", "1995-01-21"),
	 .patch = "'detected_on': '2026-01-21', 'youth_related': false",
	 .parent = "'youth_related': false"},
	{"by hand without a reason", "'youth_related': true", .pointer = "/youth_related_reason",
	 .code = "hand_reason_required"},
	{"later by hand without a reason", .patch = "'youth_related': true",
	 .pointer = "/youth_related_reason", .code = "hand_reason_required"},
	{"by hand, the reason taken back", BY_HAND, .patch = "'youth_related_reason': null",
	 .pointer = "/youth_related_reason", .code = "hand_reason_required"},
	{"by hand", BY_HAND, .parent = BY_HAND},
	{"by hand with somebody older", BY_HAND, .below = BELOW, .sent = WHO("suspect", "1980"),
	 .parent = BY_HAND},
	{"by hand beside somebody young who is a witness", BY_HAND, .below = BELOW,
	 .sent = WHO("suspect", "2000-01-20"), .patch = "'role': 'witness'", .parent = BY_HAND},
	{"by hand no more", BY_HAND, .patch = "'youth_related': false",
	 .parent = "'youth_related': false, 'youth_related_reason': null"},
	{"a reason for nothing", "'youth_related_reason': 'x'", .pointer = "/youth_related_reason",
	 .code = "forbidden_unless"},
	{"a reason for what is not", "'youth_related': false, 'youth_related_reason': 'x'",
	 .pointer = "/youth_related_reason", .code = "forbidden_unless"},
};

#undef BELOW
#define BELOW "stages"
#define STAGE(stage, day) "'stage': '" stage "', 'reached_on': '" day "'"

static const struct promise stage_promises[] = {
	/* V9 */
	{"diverted at 17", .participant = WHO("suspect", "2008-01-21"), .below = BELOW,
	 .sent = STAGE("diverted", "2026-02-01"), .parent = "'stage': 'diverted'"},
	{"diverted at 18", .participant = WHO("suspect", "2008-01-20"), .below = BELOW,
	 .sent = STAGE("diverted", "2026-02-01"), .pointer = "/stage", .code = "not_diverted"},
	{"diverted with nobody", .below = BELOW, .sent = STAGE("diverted", "2026-02-01"),
	 .pointer = "/stage", .code = "not_diverted"},
	{"diverted for a victim's youth", .participant = WHO("victim", "2010-01-21"),
	 .below = BELOW, .sent = STAGE("diverted", "2026-02-01"), .pointer = "/stage",
	 .code = "not_diverted"},
	{"diverted before the law", "'detected_on': '2025-12-01'",
	 .participant = WHO("suspect", "2009-01-01"), .below = BELOW,
	 .sent = STAGE("diverted", "2025-12-31"), .pointer = "/stage", .code = "not_diverted"},
	{"diverted from its first day", "'detected_on': '2025-12-01'",
	 .participant = WHO("suspect", "2009-01-01"), .below = BELOW,
	 .sent = STAGE("diverted", "2026-01-01")},
	/* V10 */
	{"in order", .below = BELOW,
	 .before = {STAGE("source", "2026-01-20"), STAGE("verification", "2026-01-21"),
		    STAGE("initiated", "2026-02-01"), STAGE("investigation", "2026-02-01"),
		    STAGE("indicted", "2026-05-01")},
	 .sent = STAGE("first_instance", "2026-06-01"),
	 .parent = "'stage': 'first_instance', 'stage_on': '2026-06-01'"},
	{"before the former stage", .below = BELOW, .before = {STAGE("initiated", "2026-02-01")},
	 .sent = STAGE("indicted", "2026-01-31"), .pointer = "/reached_on",
	 .code = "before_previous_stage", .parent = "'stage': 'initiated'"},
	{"before the offence", "'occurred_on': '2026-01-10'", .below = BELOW,
	 .sent = STAGE("source", "2026-01-09"), .pointer = "/reached_on",
	 .code = "before_previous_stage"},
	{"a source before the detection", "'occurred_on': '2026-01-10'", .below = BELOW,
	 .sent = STAGE("source", "2026-01-12")},
	{"initiated before the detection", "'occurred_on': '2026-01-10'", .below = BELOW,
	 .sent = STAGE("initiated", "2026-01-12"), .pointer = "/reached_on",
	 .code = "before_previous_stage"},
	/* V13 */
	{"reached today", .below = BELOW, .sent = STAGE("source", TODAY)},
	{"reached tomorrow", .below = BELOW, .sent = STAGE("source", "2026-11-25"),
	 .pointer = "/reached_on", .code = "in_future"},
};

/* V9: a suspect of 17, and what is changed of the case that was diverted. */
static const struct {
	const char *says, *of, *change, *pointer;
} diversions[] = {
	{"younger", "participant", "'date_of_birth': '2008-06-21'", NULL},
	{"an adult", "participant", "'date_of_birth': '2008-01-20'", "/date_of_birth"},
	{"of an unknown age", "participant", "'date_of_birth': null", "/date_of_birth"},
	{"a witness", "participant", "'role': 'witness'", "/role"},
	{"an adult by the file", "person", "'date_of_birth': '2008-01-20'", "/date_of_birth"},
	{"younger by the file", "person", "'date_of_birth': '2008-06-21'", NULL},
	{"an older offence", "crime", "'occurred_on': '2026-01-10'", NULL},
	{"an adult by then", "crime", "'detected_on': '2026-01-21'", "/detected_on"},
	{"an adult on the day", "crime", "'occurred_on': '2026-01-21', 'detected_on': '2026-01-25'",
	 "/occurred_on"},
};

START_TEST(who_is_diverted_stays_under_18)
{
	bool is_on_file = !strcmp(diversions[_i].of, "person");
	char *person = person_made("{" BORN("2008-01-21") "}");
	char *crime = text_of("/v1/crimes/%s",
			      made(police(), "/v1/crimes", merged(&crime_noun, "")));
	char *list = text_of("%s/participants", crime),
	     *suspect = is_on_file ? text_of("'person': '%s'", person)
				   : "'date_of_birth': '2008-01-21'";
	char *participant = text_of(
		"%s/%s", list, made(police(), list, object("{'role': 'suspect', %s}", suspect)));

	made(police(), text_of("%s/stages", crime),
	     object("{'stage': 'diverted', 'reached_on': '2026-02-01'}"));
	const char *path = is_on_file				 ? text_of("/v1/people/%s", person)
			   : !strcmp(diversions[_i].of, "crime") ? crime
								 : participant;
	struct http answer = patched(police(), path, object("{%s}", diversions[_i].change));
	const char *pointer = diversions[_i].pointer;

	assert_told(&answer, pointer ? 422 : 200, pointer, pointer ? "not_diverted" : NULL,
		    diversions[_i].says);
}
END_TEST

/* V10: a case detected on 2026-01-20 with a stage, and its days corrected. */
static const struct {
	const char *says, *stage, *change, *pointer;
} corrected_days[] = {
	{"detected on the day of the stage", STAGE("initiated", "2026-02-01"),
	 "'detected_on': '2026-02-01'", NULL},
	{"detected after a stage", STAGE("initiated", "2026-02-01"), "'detected_on': '2026-02-02'",
	 "/detected_on"},
	{"detected after the judgment", STAGE("first_instance", "2026-02-01"),
	 "'detected_on': '2026-02-02'", "/detected_on"},
	{"done after a stage", STAGE("initiated", "2026-02-01"),
	 "'occurred_on': '2026-02-02', 'detected_on': '2026-02-02'", "/detected_on"},
	{"detected after its source, which tells of no detection", STAGE("source", "2026-01-25"),
	 "'occurred_on': '2026-01-25', 'detected_on': '2026-01-26'", NULL},
	{"done after its source", STAGE("source", "2026-01-25"),
	 "'occurred_on': '2026-01-26', 'detected_on': '2026-01-26'", "/occurred_on"},
	{"detected after its source, done nobody knows when", STAGE("verification", "2026-01-25"),
	 "'detected_on': '2026-01-26'", "/detected_on"},
	{"detected earlier", STAGE("initiated", "2026-02-01"), "'detected_on': '2026-01-10'", NULL},
};

START_TEST(the_days_of_a_case_keep_their_order_when_they_are_corrected)
{
	char *crime = text_of("/v1/crimes/%s",
			      made(police(), "/v1/crimes", merged(&crime_noun, "")));
	const char *pointer = corrected_days[_i].pointer;

	made(police(), text_of("%s/stages", crime), object("{%s}", corrected_days[_i].stage));
	struct http answer = patched(police(), crime, object("{%s}", corrected_days[_i].change));

	assert_told(&answer, pointer ? 422 : 200, pointer, pointer ? "after_next_stage" : NULL,
		    corrected_days[_i].says);
}
END_TEST

START_TEST(voiding_a_stage_brings_the_former_one_back)
{
	char *record = path_in(
		"/v1/crimes",
		&(struct http){.json = object("{'id': '%s'}", made(police(), "/v1/crimes",
								   merged(&crime_noun, "")))});
	char *list = text_of("%s/stages", record);
	char *first = made(police(), list, object("{" STAGE("source", "2026-02-01") "}"));
	char *second = made(police(), list, object("{" STAGE("initiated", "2026-02-01") "}"));

	struct http answer = voided(token(16, ADMIN), text_of("%s/%s", list, second));
	assert_status(answer, 403);
	answer = voided(police(), text_of("%s/%s", list, second));
	assert_status(answer, 204);
	answer = http_get(police(), "%s", record);
	assert_shows(&answer, "'stage': 'source', 'stage_on': '2026-02-01'", "one voided");
	answer = voided(police(), text_of("%s/%s", list, first));
	assert_status(answer, 204);
	answer = http_get(police(), "%s", record);
	assert_shows(&answer, "'stage': null, 'stage_on': null", "both voided");
}
END_TEST

START_TEST(what_is_voided_links_nobody_to_the_courts)
{
	char *record = text_of("/v1/people/%s", person_made("{}"));
	char *crime = text_of("/v1/crimes/%s",
			      made(police(), "/v1/crimes", merged(&crime_noun, "")));
	char *list = text_of("%s/participants", crime);
	char *id = made(police(), list, object("{'role': 'witness', 'person': '%s'}", record + 11));
	char *path = text_of("%s/%s", list, id);
	struct http answer = http_get(token(16, OFFICER), "%s", record);

	assert_status(answer, 200);
	answer = voided(police(), _i ? crime : path);
	assert_status(answer, 204);
	answer = http_get(token(16, OFFICER), "%s", record);
	assert_status(answer, 404);
}
END_TEST

START_TEST(a_person_named_in_a_crime_lends_birth_and_sex)
{
	char *id = person_made("{'date_of_birth': '2012-01', 'sex': 'female', 'guardian_name': "
			       "'H Bé'}");
	char *list = text_of("/v1/crimes/%s/participants",
			     made(police(), "/v1/crimes", merged(&crime_noun, "")));
	struct http answer = http_post(police(), list,
				       object("{'role': 'lured', 'person': '%s', "
					      "'date_of_birth': '1990', 'sex': 'male'}",
					      id));

	assert_status(answer, 201);
	assert_shows(&answer, "'date_of_birth': '2012-01', 'sex': 'female', 'age_at_offence': 13",
		     "named");
	char *path = text_of("/v1/people/%s", id);

	assert_status(http_patch(police(), path, etag_of(police(), path),
				 object("{'date_of_birth': '2012-02'}")),
		      200);
	ck_assert_int_eq(
		sql_number(AS_SUPERUSER,
			   "SELECT count(*) FROM crime_participants WHERE person = '%s' AND "
			   "date_of_birth = '2012-02'",
			   id),
		1);
	answer = http_post(police(), list, object("{'role': 'suspect', 'person': '%s'}", id));
	assert_blamed(answer, 422, "/role", "too_young");
	answer = http_post(police(), list,
			   object("{'role': 'suspect', 'person': "
				  "'00000000-0000-7000-8000-000000000000'}"));
	assert_blamed(answer, 422, "/person", "no_such_record");
}
END_TEST

static const char *youth_of(const char *crime)
{
	return sql(AS_SUPERUSER, "SELECT youth_related FROM crimes WHERE id = '%s'", crime);
}

/* Also of a file that names its birth, and of the age up to which the plan calls one young. */
START_TEST(a_case_concerns_the_young_while_one_takes_part)
{
	char *id = person_made("{'date_of_birth': '1995-05-17'}"),
	     *person = text_of("/v1/people/%s", id);
	char *crime = made(police(), "/v1/crimes", merged(&crime_noun, ""));
	char *list = text_of("/v1/crimes/%s/participants", crime);
	char *suspect = made(police(), list, object("{'role': 'suspect', 'person': '%s'}", id));

	ck_assert_str_eq(youth_of(crime), "t");
	assert_status(patched(police(), person, object("{'date_of_birth': '1980-05-17'}")), 200);
	ck_assert_str_eq(youth_of(crime), "f");
	assert_status(patched(police(), person, object("{'date_of_birth': '1995-05-17'}")), 200);
	ck_assert_str_eq(youth_of(crime), "t");
	sql(AS_SUPERUSER, "BEGIN");
	sql(AS_SUPERUSER, "SELECT indicator_parameter_set('youth_max_age', 29)");
	ck_assert_str_eq(youth_of(crime), "f");
	sql(AS_SUPERUSER, "ROLLBACK");
	assert_status(voided(police(), text_of("%s/%s", list, suspect)), 204);
	ck_assert_str_eq(youth_of(crime), "f");
}
END_TEST

/* Whoever is 14 or 15 answers for articles 248 to 252 alone: else it is told, and entered. */
START_TEST(an_article_that_is_not_answered_for_at_14_is_told)
{
	char *list = text_of("/v1/crimes/%s/participants",
			     made(police(), "/v1/crimes",
				  merged(&crime_noun, "'article': '249', 'detected_on': "
						      "'2026-03-01', 'occurred_on': null")));
	static const struct {
		const char *birth, *articles;
		bool is_told;
	} suspects[] = {
		{"2011-05-01", "['249']", false},
		{"2011-05-01", "['255']", true},
		{"2011-05-01", "[]", false}, /* as the case */
		{"2009-05-01", "['255']", false},
	};

	for (int i = 0; i < 4; i++) {
		struct http answer = http_post(
			police(), list,
			object("{'role': 'suspect', 'full_name': 'A', 'date_of_birth': '%s', "
			       "'articles': %s}",
			       suspects[i].birth, suspects[i].articles));

		assert_status(answer, 201);
		ck_assert_msg(!!strstr(answer.body, "age_article") == suspects[i].is_told, "%d: %s",
			      i, answer.body);
	}
}
END_TEST

/* Hotspots */

#undef BELOW
#define BELOW "events"
#define EVENT(kind, day) "'kind': '" kind "', 'occurred_on': '" day "'"

static const struct promise hotspot_promises[] = {
	/* V14 */
	{"eliminated on the day", .below = BELOW, .sent = EVENT("eliminated", "2026-03-10"),
	 .parent = "'status': 'eliminated', 'eliminated_on': '2026-03-10'"},
	{"eliminated before it was found", .below = BELOW,
	 .sent = EVENT("eliminated", "2026-03-09"), .pointer = "/occurred_on", .code = "before",
	 .parent = "'status': 'open', 'eliminated_on': null"},
	{"formed again on the same day", .below = BELOW,
	 .before = {EVENT("eliminated", "2026-03-10")}, .sent = EVENT("reformed", "2026-03-10"),
	 .pointer = "/occurred_on", .code = "not_after", .parent = "'status': 'eliminated'"},
	{"formed again the day after", .below = BELOW,
	 .before = {EVENT("eliminated", "2026-03-10")}, .sent = EVENT("reformed", "2026-03-11"),
	 .parent = "'status': 'reformed', 'reformed_on': '2026-03-11'"},
	{"eliminated again", .below = BELOW,
	 .before = {EVENT("eliminated", "2026-03-10"), EVENT("reformed", "2026-03-11")},
	 .sent = EVENT("eliminated", "2026-03-11"),
	 .parent = "'status': 'eliminated', 'eliminated_on': '2026-03-11'"},
	{"formed again without an end", .below = BELOW, .sent = EVENT("reformed", "2026-03-11"),
	 .status = 409, .pointer = "/kind", .code = "transition_not_allowed"},
	{"eliminated twice", .below = BELOW, .before = {EVENT("eliminated", "2026-03-10")},
	 .sent = EVENT("eliminated", "2026-03-11"), .status = 409, .pointer = "/kind",
	 .code = "transition_not_allowed"},
	/* V11, V13 */
	{"eliminated tomorrow", .below = BELOW, .sent = EVENT("eliminated", "2026-11-25"),
	 .pointer = "/occurred_on", .code = "in_future"},
	{"found tomorrow", "'detected_on': '2026-11-25'", .pointer = "/detected_on",
	 .code = "in_future"},
	{"in a commune that was not yet", "'detected_on': '2025-06-30'", .pointer = "/unit",
	 .code = "unit_not_valid"},
	{"in a commune of the day", "'detected_on': '2024-10-31', 'unit': '2024-24133'"},
};

/* Interventions */

static const struct promise intervention_promises[] = {
	{"planned in the future", "'status': 'planned', 'starts_on': '2027-01-01'"},
	{"begun today", "'starts_on': '" TODAY "'"},
	{"begun tomorrow", "'starts_on': '2026-11-25'", .pointer = "/starts_on",
	 .code = "in_future"},
	{"completed before it begins",
	 "'status': 'completed', 'starts_on': '2026-11-25', 'ends_on': '2026-11-25'",
	 .pointer = "/starts_on", .code = "in_future"},
	{"completed today", "'status': 'completed', 'ends_on': '" TODAY "'"},
	{"completed tomorrow", "'status': 'completed', 'ends_on': '2026-11-25'",
	 .pointer = "/ends_on", .code = "in_future"},
	{"running until the future", "'ends_on': '2027-03-01'"},
	{"planned, then begun too early", "'status': 'planned', 'starts_on': '2027-01-01'",
	 .patch = "'status': 'in_progress'", .pointer = "/starts_on", .code = "in_future"},
	{"completed without an end", "'status': 'completed'", .pointer = "/ends_on",
	 .code = "required_when"},
	{"made completed without an end", .patch = "'status': 'completed'", .pointer = "/ends_on",
	 .code = "required_when"},
	{"ended before it began", "'ends_on': '2026-02-28'", .pointer = "/ends_on",
	 .code = "before"},
	{"made to end before it began", .patch = "'ends_on': '2026-02-28'", .pointer = "/ends_on",
	 .code = "before"},
	{"begun before birth", "'starts_on': '1999-05-16'", .pointer = "/starts_on",
	 .code = "before_birth"},
	{"begun on the day of birth", "'starts_on': '1999-05-17'"},
	{"moved before birth", .patch = "'starts_on': '1999-05-16'", .pointer = "/starts_on",
	 .code = "before_birth"},
	{"part of a date", "'starts_on': '2026-03'", .pointer = "/starts_on", .code = "not_a_date"},
	{"for nobody", "'person': '00000000-0000-7000-8000-000000000000'", .pointer = "/person",
	 .code = "no_such_record"},
	{"a job", "'kind': 'employment', 'employer': 'Tự làm', 'job_until': '2027-01-01', "
		  "'confirmed_by_union_on': '2026-04-01', 'confirmed_by_police_on': '2026-04-01'"},
	{"an employer who counsels", "'employer': 'X'", .pointer = "/employer",
	 .code = "forbidden_unless"},
	{"a job of counselling", "'job_until': '2026-04-01'", .pointer = "/job_until",
	 .code = "forbidden_unless"},
	{"counselling confirmed by the union", "'confirmed_by_union_on': '2026-04-01'",
	 .pointer = "/confirmed_by_union_on", .code = "forbidden_unless"},
	{"counselling confirmed by the police", "'confirmed_by_police_on': '2026-04-01'",
	 .pointer = "/confirmed_by_police_on", .code = "forbidden_unless"},
	{"later an employer", .patch = "'employer': 'X'", .pointer = "/employer",
	 .code = "forbidden_unless"},
	{"later a job", .patch = "'job_until': '2026-04-01'", .pointer = "/job_until",
	 .code = "forbidden_unless"},
	{"later confirmed by the union", .patch = "'confirmed_by_union_on': '2026-04-01'",
	 .pointer = "/confirmed_by_union_on", .code = "forbidden_unless"},
	{"later confirmed by the police", .patch = "'confirmed_by_police_on': '2026-04-01'",
	 .pointer = "/confirmed_by_police_on", .code = "forbidden_unless"},
	{"a job that ended before it began", "'kind': 'employment', 'job_until': '2026-02-28'",
	 .pointer = "/job_until", .code = "before"},
	{"confirmed tomorrow", "'kind': 'employment', 'confirmed_by_union_on': '2026-11-25'",
	 .pointer = "/confirmed_by_union_on", .code = "in_future"},
	{"confirmed by the union before it began",
	 "'kind': 'employment', 'confirmed_by_union_on': '2026-02-28'",
	 .pointer = "/confirmed_by_union_on", .code = "before"},
	{"confirmed by the police before it began",
	 "'kind': 'employment', 'confirmed_by_police_on': '2026-02-28'",
	 .pointer = "/confirmed_by_police_on", .code = "before"},
	{"confirmed on its first day",
	 "'kind': 'employment', 'confirmed_by_union_on': '2026-03-01', "
	 "'confirmed_by_police_on': '2026-03-01'"},
	{"later confirmed before it began", "'kind': 'employment'",
	 .patch = "'confirmed_by_union_on': '2026-02-28'", .pointer = "/confirmed_by_union_on",
	 .code = "before"},
	{"begun after it was confirmed",
	 "'kind': 'employment', 'confirmed_by_police_on': '2026-03-05'",
	 .patch = "'starts_on': '2026-03-06'", .pointer = "/confirmed_by_police_on",
	 .code = "before"},
	{"a loan", "'kind': 'loan', 'loan_amount': 50000000"},
	{"a loan of nothing", "'kind': 'loan', 'loan_amount': 0", .pointer = "/loan_amount",
	 .code = "out_of_range"},
	{"money for mentoring", "'kind': 'mentoring', 'loan_amount': 1", .pointer = "/loan_amount",
	 .code = "forbidden_unless"},
	{"later money", .patch = "'loan_amount': 1", .pointer = "/loan_amount",
	 .code = "forbidden_unless"},
	{"rehab of a form", "'kind': 'rehab', 'rehab_form': 'voluntary_home'"},
	{"rehab of no form", "'kind': 'rehab'", .pointer = "/rehab_form", .code = "required_when"},
	{"a form of counselling", "'rehab_form': 'compulsory'", .pointer = "/rehab_form",
	 .code = "forbidden_unless"},
	{"another kind later", .patch = "'kind': 'loan'", .pointer = "/kind", .code = "fixed"},
};

/* V1 and V3 of what begins on 2026-03-01. */
static const struct promise episode_promises[] = {
	{"compulsory at 11", BORN("2014-03-02"), .below = "interventions",
	 .sent = EPISODE("rehab", "compulsory"), .pointer = "/rehab_form", .code = "too_young"},
	{"compulsory at 12", BORN("2014-03-01"), .below = "interventions",
	 .sent = EPISODE("rehab", "compulsory")},
	{"voluntary at 11", BORN("2014-03-02"), .below = "interventions",
	 .sent = EPISODE("rehab", "voluntary_home")},
	{"made compulsory at 11", BORN("2014-03-02"), .below = "interventions",
	 .sent = EPISODE("rehab", "voluntary_home"), .patch = "'rehab_form': 'compulsory'",
	 .pointer = "/rehab_form", .code = "too_young"},
	{"begun before 12", BORN("2014-03-01"), .below = "interventions",
	 .sent = EPISODE("rehab", "compulsory"), .patch = "'starts_on': '2026-02-28'",
	 .pointer = "/rehab_form", .code = "too_young"},
	{"substitution at 11", BORN("2014-03-02") OPIOID, .below = "interventions",
	 .sent = DONE_FOR("substitution", ""), .pointer = "/kind", .code = "too_young"},
	{"substitution at 12", BORN("2014-03-01") OPIOID, .below = "interventions",
	 .sent = DONE_FOR("substitution", "")},
	{"substitution of nothing known", .below = "interventions",
	 .sent = DONE_FOR("substitution", ""), .pointer = "/kind", .code = "opioid_required"},
	{"substitution without opioids", "'substance_groups': ['ats']", .below = "interventions",
	 .sent = DONE_FOR("substitution", ""), .pointer = "/kind", .code = "opioid_required"},
};

/* The days on which the staff is counted for a period: its own, and until it is due. */
static const struct {
	const char *period, *counted_on, *later;
	bool is_refused;
} counts[] = {
	{"2025Y", "2024-12-14", NULL, true},	      {"2025Y", "2024-12-15", NULL, false},
	{"2025Y", "2025-12-19", NULL, false},	      {"2025Y", "2025-12-20", NULL, true},
	{"2026H1", "2026-06-19", NULL, false},	      {"2026H1", "2026-06-20", NULL, true},
	{"2026H1", "2026-06-14", "2026-06-20", true}, {"2026H1", "2026-06-14", "2026-06-19", false},
};

START_TEST(staff_is_counted_in_the_period_or_until_it_is_due)
{
	const char *as = token(2, OFFICER);
	char *list = text_of("/v1/institutions/%s/headcounts",
			     made(as, "/v1/institutions",
				  object("{'name': '%s', 'type': 'thcs', 'ownership': 'public', "
					 "'unit': '2025-24133'}",
					 unique("THCS "))));
	struct http answer = http_post(as, list,
				       object("{'period': '%s', 'staff': 10, 'counted_on': '%s'}",
					      counts[_i].period, counts[_i].counted_on));

	if (counts[_i].later)
		answer = patched(as, path_in(list, &answer),
				 object("{'counted_on': '%s'}", counts[_i].later));
	if (counts[_i].is_refused)
		assert_blamed(answer, 422, "/counted_on", "outside_period");
	else
		assert_status(answer, counts[_i].later ? 200 : 201);
}
END_TEST

START_TEST(a_member_of_staff_attends_once_however_the_code_is_typed)
{
	const char *as = token(2, OFFICER);
	char *school = made(as, "/v1/institutions",
			    object("{'name': '%s', 'type': 'thcs', 'ownership': 'public', 'unit': "
				   "'2025-24133'}",
				   unique("THCS ")));
	char *list = text_of("/v1/training-sessions/%s/attendees",
			     made(as, "/v1/training-sessions", merged(&session_noun, "")));
	static const char *const again[] = {"A1", "a1", " A1 "};

	struct http answer = http_post(
		as, list, object("{'institution': '%s', 'staff_code': ' A1'}", school));

	assert_status(answer, 201);
	assert_shows(&answer, "'staff_code': 'A1'", "typed");
	for (int i = 0; i < 3; i++) {
		answer = http_post(
			as, list,
			object("{'institution': '%s', 'staff_code': '%s'}", school, again[i]));
		assert_blamed(answer, 409, "/staff_code", "duplicate");
	}
}
END_TEST

enum { PLANNED, IN_PROGRESS, COMPLETED, REFUSED, CANCELLED, PROGRESSES };

static const char *const progresses[] = {"planned", "in_progress", "completed", "refused",
					 "cancelled"};

static const bool may_become[PROGRESSES][PROGRESSES] = {
	[PLANNED] = {true, true, true, true, true},
	[IN_PROGRESS] =
		{[IN_PROGRESS] = true, [COMPLETED] = true, [REFUSED] = true, [CANCELLED] = true},
	[COMPLETED] = {[COMPLETED] = true},
	[REFUSED] = {[REFUSED] = true},
	[CANCELLED] = {[CANCELLED] = true},
};

START_TEST(an_intervention_goes_on_as_it_may)
{
	const char *from = progresses[_i / PROGRESSES], *to = progresses[_i % PROGRESSES];
	const char *says = text_of("from %s to %s", from, to);
	char *path = text_of(
		"/v1/interventions/%s",
		made(police(), "/v1/interventions",
		     merged(&intervention_noun,
			    text_of("'status': '%s', 'ends_on': '2026-04-01'", from))));
	struct http answer = patched(police(), path, object("{'status': '%s'}", to));

	if (may_become[_i / PROGRESSES][_i % PROGRESSES])
		assert_told(&answer, 200, NULL, NULL, says);
	else
		assert_told(&answer, 409, "/status", "transition_not_allowed", says);
}
END_TEST

/* Training sessions */

static const struct promise session_promises[] = {
	{"held today", "'held_on': '" TODAY "'"},
	{"held tomorrow", "'held_on': '2026-11-25'", .pointer = "/held_on", .code = "in_future"},
	{"planned for the future", "'status': 'planned', 'held_on': '2027-03-26'"},
	{"planned, then held too early", "'status': 'planned', 'held_on': '2027-03-26'",
	 .patch = "'status': 'held'", .pointer = "/held_on", .code = "in_future"},
	{"planned, then held", "'status': 'planned'", .patch = "'status': 'held'"},
	{"cancelled, then held", "'status': 'cancelled'", .patch = "'status': 'held'",
	 .status = 409, .pointer = "/status", .code = "transition_not_allowed"},
	{"cancelled, then planned", "'status': 'cancelled'", .patch = "'status': 'planned'",
	 .status = 409, .pointer = "/status", .code = "transition_not_allowed"},
	{"a commune of its time", "'held_on': '2024-10-31', 'unit': '2024-24133'"},
	{"a commune past its time", "'held_on': '2024-11-01', 'unit': '2024-24133'",
	 .pointer = "/unit", .code = "unit_not_valid"},
	{"a commune of 2024 in 2026", "'unit': '2024-24133'", .pointer = "/unit",
	 .code = "unit_not_valid"},
	{"a commune before its time", "'held_on': '2025-06-30'", .pointer = "/unit",
	 .code = "unit_not_valid"},
	{"a commune's first day", "'held_on': '2025-07-01'"},
	{"moved before the commune was", .patch = "'held_on': '2025-06-30'", .pointer = "/unit",
	 .code = "unit_not_valid"},
	{"a district", "'held_on': '2024-06-01', 'unit': '2024-643'", .pointer = "/unit",
	 .code = "not_a_commune"},
	{"no commune", "'unit': '2025-99999'", .pointer = "/unit", .code = "no_such_record"},
	{"for nobody", "'audience': []", .pointer = "/audience", .code = "wrong_number_of_items"},
	{"part of a date", "'held_on': '2026-03'", .pointer = "/held_on", .code = "not_a_date"},
	{"no school", "'institution': '00000000-0000-7000-8000-000000000000'",
	 .pointer = "/institution", .code = "no_such_record"},
};

/* Tasks: the assignee is agency 2, a partner agency 5, a stranger agency 8 */

enum { ASSIGNEE = 2, PARTNER = 5, STRANGER = 8 };

struct step {
	int agency;
	const char *sent; /* the first one is made, the others change it */
	int status;
	const char *pointer, *code;
	const char *assignment; /* members of it afterwards */
};

#define REPORT(status, percent)                                                                    \
	"'reported_on': '2026-11-20', 'summary': 'Đã làm', 'status': '" status                     \
	"', 'percent': " percent
#define TURN(status) "'status': '" status "'"
#define DONE(status)                                                                               \
	"'completed_on': '2026-11-20', 'is_overdue': false, 'progress_status': '" status "'"
#define OPEN(status) "'completed_on': null, 'is_overdue': true, 'progress_status': '" status "'"
#define CONFLICT 409, "/status", "transition_not_allowed"

static const struct {
	const char *says;
	struct step steps[6];
} bookings[] = {
	{"accepted at 100",
	 {{ASSIGNEE, REPORT("draft", "100"), 201, .assignment = OPEN("draft")},
	  {ASSIGNEE, TURN("submitted"), 200, .assignment = OPEN("submitted")},
	  {PROVINCE, TURN("accepted") ", 'rating': 'met'", 200, .assignment = DONE("accepted")}}},
	{"accepted at 99",
	 {{ASSIGNEE, REPORT("submitted", "99"), 201, .assignment = OPEN("submitted")},
	  {PROVINCE, TURN("accepted"), 200, .assignment = OPEN("accepted")}}},
	{"returned and accepted",
	 {{ASSIGNEE, REPORT("submitted", "100"), 201},
	  {PROVINCE, TURN("returned"), 422, "/return_reason", "required_when", OPEN("submitted")},
	  {PROVINCE, TURN("returned") ", 'return_reason': 'Thiếu số liệu'", 200,
	   .assignment = OPEN("returned")},
	  {PROVINCE, TURN("accepted"), CONFLICT},
	  {ASSIGNEE, TURN("submitted") ", 'summary': 'Đã bổ sung'", 200},
	  {PROVINCE, TURN("accepted"), 200, .assignment = DONE("accepted")}}},
	{"accepted is the end",
	 {{ASSIGNEE, REPORT("submitted", "100"), 201},
	  {PROVINCE, TURN("accepted"), 200},
	  {ASSIGNEE, TURN("submitted"), CONFLICT},
	  {PROVINCE, TURN("returned") ", 'return_reason': 'Sai'", CONFLICT},
	  {ASSIGNEE, "'percent': 1", 403, NULL, "row_not_allowed"},
	  {PROVINCE, "'rating': 'exceeded'", 200, .assignment = DONE("accepted")}}},
	{"a draft is not decided",
	 {{ASSIGNEE, REPORT("draft", "100"), 201},
	  {PROVINCE, TURN("accepted"), CONFLICT},
	  {PROVINCE, TURN("returned") ", 'return_reason': 'Sai'", CONFLICT},
	  {ASSIGNEE, TURN("accepted"), CONFLICT}}},
	{"nobody accepts their own",
	 {{ASSIGNEE, REPORT("submitted", "100"), 201},
	  {ASSIGNEE, TURN("accepted"), 403, NULL, "row_not_allowed", OPEN("submitted")},
	  {ASSIGNEE, TURN("returned") ", 'return_reason': 'Sai'", 422, "/return_reason",
	   "not_yours_to_write"},
	  {ASSIGNEE, TURN("draft"), CONFLICT}}},
	{"accepted from the beginning", {{ASSIGNEE, REPORT("accepted", "100"), CONFLICT}}},
	{"a rating of one's own",
	 {{ASSIGNEE, REPORT("draft", "100") ", 'rating': 'met'", 422, "/rating",
	   "not_yours_to_write"}}},
	{"a partner reports",
	 {{PARTNER, REPORT("submitted", "100"), 201},
	  {PARTNER, TURN("accepted"), 403, NULL, "row_not_allowed"},
	  {ASSIGNEE, "'summary': 'y'", 200},
	  {PROVINCE, TURN("accepted"), 200, .assignment = DONE("accepted")}}},
	{"a stranger does not",
	 {{STRANGER, REPORT("submitted", "100"), 403, NULL, "row_not_allowed"}}},
	{"a stranger decides nothing",
	 {{ASSIGNEE, REPORT("submitted", "100"), 201},
	  {STRANGER, TURN("accepted"), 404, NULL, "not_found", OPEN("submitted")}}},
	{"more than all", {{ASSIGNEE, REPORT("draft", "101"), 422, "/percent", "out_of_range"}}},
	{"reported tomorrow",
	 {{ASSIGNEE, "'reported_on': '2026-11-25', 'summary': 'x', 'status': 'draft', 'percent': 0",
	   422, "/reported_on", "in_future"}}},
};

struct assignment {
	char *task, *period; /* a pair that nobody else has used */
	char *list, *id;
};

static json_t *assigned(const char *to, const char *period, const char *due)
{
	return object("{'assignee': '%s', 'period': '%s', 'due_on': '%s'}", to, period, due);
}

static struct assignment assignment_made(const char *due)
{
	struct assignment given = {0};
	char *pair = sql(AS_SUPERUSER, "SELECT tasks.id || ' ' || p.code FROM tasks, "
				       "reporting_periods p WHERE 5 = ANY (partner_agencies) AND "
				       "NOT 8 = ANY (partner_agencies) AND NOT EXISTS (SELECT FROM "
				       "task_assignments a WHERE a.task = tasks.id AND a.period = "
				       "p.code) ORDER BY random() LIMIT 1");

	require(pair != NULL, "no task is left");
	given.task = strndup(pair, 36);
	given.period = pair + 37;
	given.list = text_of("/v1/tasks/%s/assignments", given.task);
	given.id = made(token(PROVINCE, OFFICER), given.list,
			assigned(organization_of(ASSIGNEE), given.period, due));
	return given;
}

START_TEST(progress_is_reported_and_decided)
{
	struct assignment given = assignment_made("2026-11-23");
	char *list = text_of("/v1/tasks/%s/progress", given.task), *path = NULL;
	const char *says = bookings[_i].says;

	for (int i = 0; i < 6 && bookings[_i].steps[i].sent; i++) {
		const struct step *step = &bookings[_i].steps[i];
		const char *as = token(step->agency, OFFICER);
		json_t *sent = object("{%s}", step->sent);
		struct http answer;

		if (i) { /* a stranger does not even see its version */
			char *etag = etag_of(token(PROVINCE, OFFICER), path);
			struct http seen = http_get(as, "%s", path);
			answer = http_patch(as, path, seen.status == 200 ? etag_of(as, path) : etag,
					    sent);
		} else {
			json_object_set_new(sent, "assignment", json_string(given.id));
			answer = http_post(as, list, sent);
			path = answer.status == 201 ? path_in(list, &answer) : NULL;
		}
		says = text_of("%s, step %d", bookings[_i].says, i + 1);
		assert_told(&answer, step->status, step->pointer, step->code, says);
		answer = http_get(as, "%s/%s", given.list, given.id);
		assert_shows(&answer, step->assignment, says);
	}
}
END_TEST

START_TEST(progress_is_of_an_assignment_of_the_task)
{
	struct assignment one = assignment_made(TODAY), other = assignment_made(TODAY);
	const char *as = token(ASSIGNEE, OFFICER);

	while (!strcmp(one.task, other.task))
		other = assignment_made(TODAY);
	const char *const wrong[] = {other.id, "00000000-0000-7000-8000-000000000000"};
	for (int i = 0; i < 2; i++) {
		json_t *sent = object("{" REPORT("draft", "0") "}");

		json_object_set_new(sent, "assignment", json_string(wrong[i]));
		struct http answer = http_post(as, text_of("/v1/tasks/%s/progress", one.task),
					       sent);
		assert_blamed(answer, 422, "/assignment", "wrong_assignment");
	}
}
END_TEST

START_TEST(an_assignment_is_given_once_to_somebody_for_a_period)
{
	struct assignment given = assignment_made("2026-11-23");
	const char *as = token(PROVINCE, OFFICER);
	const struct {
		const char *to, *period, *pointer, *code;
		int status;
	} rows[] = {
		{organization_of(ASSIGNEE), given.period, "/assignee", "duplicate", 409},
		{"so_khong_co", given.period, "/assignee", "no_such_record", 422},
		{organization_of(ASSIGNEE), "2099Y", "/period", "no_such_record", 422},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct http answer = http_post(as, given.list,
					       assigned(rows[i].to, rows[i].period, TODAY));
		assert_blamed(answer, rows[i].status, rows[i].pointer, rows[i].code);
	}
	struct http answer = http_post(token(ASSIGNEE, ADMIN), given.list,
				       assigned(organization_of(PARTNER), given.period, TODAY));
	assert_status(answer, 403);
}
END_TEST

START_TEST(a_task_is_overdue_the_day_after)
{
	static const struct {
		const char *due, *shown;
	} rows[] = {{"2026-11-23", "'is_overdue': true"},
		    {TODAY, "'is_overdue': false"},
		    {"2027-06-14", "'is_overdue': false"}};
	struct assignment given = assignment_made(rows[_i].due);
	const char *as = token(ASSIGNEE, VIEWER);
	struct http answer = http_get(as, "%s/%s", given.list, given.id);

	assert_shows(&answer, rows[_i].shown, rows[_i].due);
	long long count = sql_number(AS_SUPERUSER,
				     "SELECT count(*) FROM task_assignments WHERE task = '%s' AND "
				     "voided_at IS NULL AND completed_on IS NULL AND due_on < '%s'",
				     given.task, TODAY);
	answer = http_get(as, "/v1/tasks/%s", given.task);
	assert_shows(&answer, text_of("'overdue': %lld", count), "the task counts");
}
END_TEST

#define KEEPS(nouns, noun)                                                                         \
	START_TEST(what_the_law_asks_of_##nouns)                                                   \
	{                                                                                          \
		keep(&noun, &nouns[_i]);                                                           \
	}                                                                                          \
	END_TEST

KEEPS(status_promises, people_noun)
KEEPS(people_promises, people_noun)
KEEPS(crime_promises, crime_noun)
KEEPS(participant_promises, crime_noun)
KEEPS(stage_promises, crime_noun)
KEEPS(hotspot_promises, hotspot_noun)
KEEPS(intervention_promises, intervention_noun)
KEEPS(episode_promises, people_noun)
KEEPS(session_promises, session_noun)

Suite *law_suite(void)
{
	Suite *suite = suite_create("law");
	TCase *cases = tcase_create("law");

	tcase_set_timeout(cases, 30);
	tcase_add_loop_test(cases, a_status_follows_another_as_the_law_allows, 0,
			    PREVIOUS * STATUSES);
	tcase_add_test(cases, a_status_is_voided_by_the_admin_of_the_police_from_the_last_one_on);
	tcase_add_test(cases, a_voided_dossier_is_no_matter_of_the_courts);
	add_rows(cases, what_the_law_asks_of_status_promises, status_promises);
	tcase_add_loop_test(cases, a_term_outside_the_law_of_2025_is_told, 0, 7);
	add_rows(cases, what_the_law_asks_of_people_promises, people_promises);
	add_rows(cases, a_birth_is_not_corrected_past_what_is_recorded, births);
	add_rows(cases, what_the_law_asks_of_crime_promises, crime_promises);
	add_rows(cases, what_the_law_asks_of_participant_promises, participant_promises);
	add_rows(cases, what_the_law_asks_of_stage_promises, stage_promises);
	add_rows(cases, what_the_law_asks_of_hotspot_promises, hotspot_promises);
	add_rows(cases, who_is_diverted_stays_under_18, diversions);
	add_rows(cases, the_days_of_a_case_keep_their_order_when_they_are_corrected,
		 corrected_days);
	tcase_add_test(cases, voiding_a_stage_brings_the_former_one_back);
	tcase_add_loop_test(cases, what_is_voided_links_nobody_to_the_courts, 0, 2);
	tcase_add_test(cases, a_person_named_in_a_crime_lends_birth_and_sex);
	tcase_add_test(cases, a_case_concerns_the_young_while_one_takes_part);
	tcase_add_test(cases, an_article_that_is_not_answered_for_at_14_is_told);
	add_rows(cases, what_the_law_asks_of_intervention_promises, intervention_promises);
	add_rows(cases, what_the_law_asks_of_episode_promises, episode_promises);
	tcase_add_loop_test(cases, an_intervention_goes_on_as_it_may, 0, PROGRESSES * PROGRESSES);
	add_rows(cases, what_the_law_asks_of_session_promises, session_promises);
	tcase_add_test(cases, a_member_of_staff_attends_once_however_the_code_is_typed);
	add_rows(cases, staff_is_counted_in_the_period_or_until_it_is_due, counts);
	add_rows(cases, progress_is_reported_and_decided, bookings);
	tcase_add_test(cases, progress_is_of_an_assignment_of_the_task);
	tcase_add_test(cases, an_assignment_is_given_once_to_somebody_for_a_period);
	tcase_add_loop_test(cases, a_task_is_overdue_the_day_after, 0, 3);
	suite_add_tcase(suite, cases);
	return suite;
}
