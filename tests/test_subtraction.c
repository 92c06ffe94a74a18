/* Whoever may not read people gathers every answer it can get and solves them for what was kept
 * back: the counts are unknowns, the answers equations between them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

enum { POLICE = 1, SCHOOLS = 2, FINANCE = 8, YOUTH_UNION = 17 };

/* What is counted in a commune and a window. Indicators that count the same are one unknown. */
enum quantity {
	USERS_VALID,
	USERS,
	ADDICTS_VALID,
	ADDICTS,
	AFTER_VALID,
	AFTER,
	STOCKS,
	OFFENDERS = STOCKS,
	SERVED,
	SUITABLE,
	ANY,
	ALL,
	COUNSELLED,
	SCREENED,
	EDUCATED,
	SERVED_ADDICTS,
	TREATED,
	AFTERCARE_DUE,
	AFTERCARE_GIVEN,
	RELEASED_DUE,
	RELEASED_GIVEN,
	QUANTITIES,
	NONE = -1
};

static const struct {
	const char *code, *definition;
	enum quantity numerator, denominator;
} counted[] = {
	{"I.1.a", "count", USERS_VALID, NONE},
	{"I.1.b", "count", ADDICTS, NONE},
	{"I.1.c", "count", OFFENDERS, NONE},
	{"I.2.c", "share", USERS_VALID, USERS},
	{"I.2.d", "share", ADDICTS_VALID, ADDICTS},
	{"I.2.e", "share", AFTER_VALID, AFTER},
	{"II.1.a", "suitable", SUITABLE, SERVED},
	{"II.1.a", "any", ANY, SERVED},
	{"II.1.a", "all", ALL, SERVED},
	{"II.1.b", "share", COUNSELLED, SERVED},
	{"II.1.c", "share", SCREENED, SERVED},
	{"II.1.d", "share", EDUCATED, SERVED},
	{"II.1.e", "share", TREATED, SERVED_ADDICTS},
	{"II.1.f", "share", AFTERCARE_GIVEN, AFTERCARE_DUE},
	{"II.1.g", "share", RELEASED_GIVEN, RELEASED_DUE},
};

enum { COUNTED = sizeof counted / sizeof *counted };

/* Never more of the first than of the second. */
static const enum quantity parts[][2] = {
	{USERS_VALID, USERS},
	{ADDICTS_VALID, ADDICTS},
	{AFTER_VALID, AFTER},
	{ALL, SUITABLE},
	{SUITABLE, ANY},
	{ANY, SERVED},
	{COUNSELLED, ANY},
	{SCREENED, ANY},
	{EDUCATED, ANY},
	{ALL, COUNSELLED},
	{ALL, SCREENED},
	{ALL, EDUCATED},
	{SUITABLE, SCREENED},
	{TREATED, SERVED_ADDICTS},
	{SERVED_ADDICTS, SERVED},
	{USERS_VALID, SERVED},
	{ADDICTS, SERVED_ADDICTS},
	{AFTER_VALID, AFTERCARE_DUE},
	{AFTERCARE_GIVEN, AFTERCARE_DUE},
	{RELEASED_GIVEN, RELEASED_DUE},
};

enum { PARTS = sizeof parts / sizeof *parts };

/* The windows; before: a year earlier, outer: one that has all of it; -1: none here. */
enum window { Y2024, Y2025, Y2026, FIRST_2025, FIRST_2026, REVIEW, SECOND_2026, WINDOWS };

static const struct {
	const char *period, *start;
	int before, outer;
} windows[WINDOWS] = {
	[Y2024] = {"2024Y", "2023-12-15", -1, REVIEW},
	[Y2025] = {"2025Y", "2024-12-15", Y2024, REVIEW},
	[Y2026] = {"2026Y", "2025-12-15", Y2025, REVIEW},
	[FIRST_2025] = {"2025H1", "2024-12-15", -1, Y2025},
	[FIRST_2026] = {"2026H1", "2025-12-15", FIRST_2025, Y2026},
	[REVIEW] = {"2026R", "2023-12-15", -1, -1},
	[SECOND_2026] = {NULL, "2026-06-15", -1, Y2026},
};

static const char *const questions[] = {
	"period=2024,2025,2026,2025H1,2026H1,2026R",
	"from=2026-06-15&to=2026-12-14",
};

/* Where a sum is told, and of which former provinces. */
static const struct {
	const char *place, *groups;
} sums[] = {
	{"unit=2025-66", "66 54"}, {"unit=2025-66&basis=plan", "66"},	 {"unit=2024-66", "66"},
	{"unit=2024-54", "54"},	   {"unit=2025-66&level=commune", NULL},
};

enum { SUMS = sizeof sums / sizeof *sums, UNITS_MOST = 256, EQUATIONS_MOST = 1024, MANY = 1 << 20 };

/* What somebody knows of each count: it is from `least` to `most`. */
struct knowledge {
	int least[QUANTITIES][WINDOWS][UNITS_MOST], most[QUANTITIES][WINDOWS][UNITS_MOST];
	int sum[QUANTITIES][WINDOWS][SUMS]; /* -1: not told */
	bool has_grown;
};

static char communes[UNITS_MOST][24], groups[UNITS_MOST][8];
static int unit_count;

static const char *text(const json_t *row, const char *name)
{
	const char *value = json_string_value(json_object_get(row, name));

	return value ? value : "";
}

/* -1: not told. */
static int number(const json_t *row, const char *name)
{
	const json_t *value = json_object_get(row, name);

	return json_is_integer(value) ? (int)json_integer_value(value) : -1;
}

static int unit_number(const char *unit)
{
	for (int i = 0; i < unit_count; i++)
		if (!strcmp(communes[i], unit))
			return i;
	ck_assert_int_lt(unit_count, UNITS_MOST);
	snprintf(communes[unit_count], sizeof *communes, "%s", unit);
	snprintf(groups[unit_count], sizeof *groups, "%s",
		 sql(AS_OWNER, "SELECT former_province FROM units WHERE key = '%s'", unit));
	return unit_count++;
}

/* Gathering */

static void learn(struct knowledge *knowledge, enum quantity quantity, int window, int place,
		  const char *unit, int value)
{
	if (quantity == NONE || window < 0 || value < 0)
		return;
	if (sums[place].groups) {
		knowledge->sum[quantity][window][place] = value;
		return;
	}
	int at = unit_number(unit);

	knowledge->least[quantity][window][at] = value;
	knowledge->most[quantity][window][at] = value;
}

static void learn_row(struct knowledge *knowledge, size_t what, int place, const json_t *row)
{
	const char *unit = text(row, "unit"), *period = text(row, "period");
	int window = *period ? 0 : SECOND_2026;
	bool is_share = counted[what].denominator != NONE;

	while (*period && strcmp(windows[window].period, period) != 0)
		window++;
	learn(knowledge, counted[what].numerator, window, place, unit, number(row, "numerator"));
	learn(knowledge, is_share ? counted[what].denominator : counted[what].numerator,
	      is_share ? window : windows[window].before, place, unit, number(row, "denominator"));
	/* What is said of a year before follows from what is told of it. */
	if (!sums[place].groups && !json_is_null(json_object_get(row, "previous")) && is_share &&
	    windows[window].before >= 0) {
		int at = unit_number(unit), before = windows[window].before;

		ck_assert_int_eq(knowledge->least[counted[what].numerator][before][at],
				 knowledge->most[counted[what].numerator][before][at]);
	}
}

static struct knowledge *gathered(int agency)
{
	struct knowledge *knowledge = calloc(1, sizeof *knowledge);

	memset(knowledge->sum, -1, sizeof knowledge->sum);
	for (int *most = &knowledge->most[0][0][0];
	     most < &knowledge->most[0][0][0] + QUANTITIES * WINDOWS * UNITS_MOST; most++)
		*most = MANY;
	for (size_t what = 0; what < COUNTED; what++)
		for (int place = 0; place < SUMS; place++)
			for (int question = 0; question < 2; question++) {
				struct http answer = http_get(
					token(agency, OFFICER),
					"/v1/indicators/%s?definition=%s&%s&%s", counted[what].code,
					counted[what].definition, questions[question],
					sums[place].place);
				json_t *row;
				size_t i;

				assert_status(answer, 200);
				json_array_foreach(json_object_get(answer.json, "data"), i, row)
					learn_row(knowledge, what, place, row);
			}
	return knowledge;
}

/* Reasoning by bounds */

struct term {
	int quantity, window, unit;
};

static int *least_of(struct knowledge *knowledge, struct term term)
{
	return &knowledge->least[term.quantity][term.window][term.unit];
}

static int *most_of(struct knowledge *knowledge, struct term term)
{
	return &knowledge->most[term.quantity][term.window][term.unit];
}

static void raise_to(struct knowledge *knowledge, struct term term, int value)
{
	if (*least_of(knowledge, term) >= value)
		return;
	*least_of(knowledge, term) = value;
	knowledge->has_grown = true;
}

static void lower_to(struct knowledge *knowledge, struct term term, int value)
{
	if (*most_of(knowledge, term) <= value)
		return;
	*most_of(knowledge, term) = value;
	knowledge->has_grown = true;
}

static void reason_part(struct knowledge *knowledge, struct term part, struct term whole)
{
	lower_to(knowledge, part, *most_of(knowledge, whole));
	raise_to(knowledge, whole, *least_of(knowledge, part));
}

/* The terms make the sum. */
static void reason_sum(struct knowledge *knowledge, const struct term *terms, int count, int sum)
{
	int least = 0, most = 0;

	for (int i = 0; i < count; i++) {
		least += *least_of(knowledge, terms[i]);
		most += *most_of(knowledge, terms[i]);
	}
	for (int i = 0; i < count; i++) {
		int low = *least_of(knowledge, terms[i]), high = *most_of(knowledge, terms[i]);

		lower_to(knowledge, terms[i], sum - (least - low));
		if (most < MANY)
			raise_to(knowledge, terms[i], sum - (most - high));
	}
}

/* The terms of a sum that is told; 0 when it is not. */
static int terms_of(const struct knowledge *knowledge, int quantity, int window, int place,
		    struct term terms[UNITS_MOST])
{
	int count = 0;

	for (int unit = 0; unit < unit_count && sums[place].groups; unit++)
		if (knowledge->sum[quantity][window][place] >= 0 &&
		    strstr(sums[place].groups, groups[unit]))
			terms[count++] = (struct term){quantity, window, unit};
	return count;
}

static void reason_units(struct knowledge *knowledge, int window, int unit)
{
	int outer = windows[window].outer;

	for (int i = 0; i < PARTS; i++)
		reason_part(knowledge, (struct term){parts[i][0], window, unit},
			    (struct term){parts[i][1], window, unit});
	for (int quantity = STOCKS; quantity < QUANTITIES && outer >= 0; quantity++)
		if (quantity != SUITABLE && quantity != ALL)
			reason_part(knowledge, (struct term){quantity, window, unit},
				    (struct term){quantity, outer, unit});
	/* At the end of the year and of the review stand the same. */
	for (int quantity = 0; quantity < STOCKS && window == Y2026; quantity++) {
		struct term year = {quantity, Y2026, unit}, review = {quantity, REVIEW, unit};

		reason_part(knowledge, year, review);
		reason_part(knowledge, review, year);
	}
}

static void reason(struct knowledge *knowledge)
{
	struct term terms[UNITS_MOST];

	do {
		knowledge->has_grown = false;
		for (int window = 0; window < WINDOWS; window++) {
			for (int unit = 0; unit < unit_count; unit++)
				reason_units(knowledge, window, unit);
			for (int quantity = 0; quantity < QUANTITIES; quantity++)
				for (int place = 0; place < SUMS; place++)
					reason_sum(
						knowledge, terms,
						terms_of(knowledge, quantity, window, place, terms),
						knowledge->sum[quantity][window][place]);
		}
	} while (knowledge->has_grown);
}

/* Reasoning by elimination, in the numbers modulo a prime. Columns: window and unit. */

enum { PRIME = 1000003, COLUMNS = WINDOWS * UNITS_MOST };

struct system {
	int rows[EQUATIONS_MOST][COLUMNS];
	int count;
};

static int power(long long base, int exponent)
{
	long long result = 1;

	for (; exponent; exponent /= 2, base = base * base % PRIME)
		if (exponent % 2)
			result = result * base % PRIME;
	return (int)result;
}

/* What is known already is no unknown. */
static void add_term(struct system *system, struct knowledge *knowledge, struct term term, int sign)
{
	if (*least_of(knowledge, term) < *most_of(knowledge, term))
		system->rows[system->count][term.window * UNITS_MOST + term.unit] = (sign + PRIME) %
										    PRIME;
}

static void state(struct system *system, struct knowledge *knowledge, int quantity)
{
	struct term terms[UNITS_MOST];

	for (int window = 0; window < WINDOWS; window++)
		for (int place = 0; place < SUMS; place++) {
			int count = terms_of(knowledge, quantity, window, place, terms);

			for (int i = 0; i < count; i++)
				add_term(system, knowledge, terms[i], 1);
			system->count += count > 0;
		}
	for (int unit = 0; unit < unit_count; unit++) {
		if (quantity != OFFENDERS && quantity >= STOCKS)
			break;
		/* Nobody was found twice here, so that the halves make the year. */
		add_term(system, knowledge, (struct term){quantity, Y2026, unit}, 1);
		add_term(system, knowledge,
			 (struct term){quantity, quantity == OFFENDERS ? FIRST_2026 : REVIEW, unit},
			 -1);
		if (quantity == OFFENDERS)
			add_term(system, knowledge, (struct term){quantity, SECOND_2026, unit}, -1);
		system->count++;
	}
	ck_assert_int_le(system->count, EQUATIONS_MOST);
}

static void subtract(int *row, const int *pivot, int factor)
{
	for (int i = 0; i < COLUMNS && factor; i++)
		if (pivot[i])
			row[i] = (int)((row[i] + (long long)(PRIME - factor) * pivot[i]) % PRIME);
}

static void eliminate(struct system *system)
{
	int done = 0;

	for (int column = 0; column < COLUMNS; column++) {
		int found = done;

		while (found < system->count && !system->rows[found][column])
			found++;
		if (found == system->count)
			continue;
		for (int i = 0; i < COLUMNS && found != done; i++) {
			int other = system->rows[done][i];

			system->rows[done][i] = system->rows[found][i];
			system->rows[found][i] = other;
		}
		int *pivot = system->rows[done++], inverse = power(pivot[column], PRIME - 2);

		for (int i = 0; i < COLUMNS; i++)
			pivot[i] = (int)((long long)pivot[i] * inverse % PRIME);
		for (int row = 0; row < system->count; row++)
			if (system->rows[row] != pivot)
				subtract(system->rows[row], pivot, system->rows[row][column]);
	}
}

/* An equation that is left with one unknown tells it. */
static void solve(struct knowledge *knowledge, int quantity)
{
	struct system *system = calloc(1, sizeof *system);

	state(system, knowledge, quantity);
	eliminate(system);
	for (int row = 0; row < system->count; row++) {
		int unknowns = 0, last = 0;

		for (int i = 0; i < COLUMNS; i++)
			if (system->rows[row][i]) {
				unknowns++;
				last = i;
			}
		if (unknowns == 1)
			*most_of(knowledge,
				 (struct term){quantity, last / UNITS_MOST, last % UNITS_MOST}) =
				*least_of(knowledge, (struct term){quantity, last / UNITS_MOST,
								   last % UNITS_MOST});
	}
	free(system);
}

/* Judging */

static bool is_small(int count)
{
	return count >= 1 && count <= 4;
}

static bool is_pinned(struct knowledge *knowledge, struct term term)
{
	return *least_of(knowledge, term) == *most_of(knowledge, term);
}

static const char *what(struct term term)
{
	return text_of("quantity %d of %s in %s", term.quantity, communes[term.unit],
		       windows[term.window].period ? windows[term.window].period : "2026H2");
}

static int expect_secrets(struct knowledge *knowledge, struct knowledge *truth, struct term term)
{
	int is_secret = is_small(*least_of(truth, term));

	ck_assert_msg(!is_secret || !is_pinned(knowledge, term), "%s is %d, and is known",
		      what(term), *least_of(truth, term));
	for (size_t i = 0; i < COUNTED; i++) {
		struct term whole = {counted[i].denominator, term.window, term.unit};

		if (counted[i].numerator != (enum quantity)term.quantity ||
		    whole.quantity == NONE ||
		    !is_small(*least_of(truth, whole) - *least_of(truth, term)))
			continue;
		ck_assert_msg(!is_pinned(knowledge, term) || !is_pinned(knowledge, whole),
			      "%s: how many are not among them is known", what(term));
		is_secret++;
	}
	return is_secret;
}

/* Records of several communes of both former provinces; the two of whom nothing is small: the
 * smaller stands beside those where something is. */

#define BESIDE "2025-24250"
#define LARGE "2025-24259"

static const struct {
	const char *unit;
	int users, addicts, after, offenders;
} made_in[] = {
	{"2025-24211", 2, 5, 1, 3}, {"2025-24217", 5, 6, 0, 5},	 {"2025-24221", 6, 0, 2, 6},
	{"2025-24229", 7, 8, 5, 0}, {"2025-24235", 1, 10, 6, 2}, {"2025-24241", 9, 5, 0, 9},
	{"2025-22051", 3, 0, 0, 0}, {"2025-22057", 5, 5, 5, 5},	 {"2025-22060", 6, 7, 1, 0},
};

static void given(const char *id, const char *kind, const char *day)
{
	made(token(POLICE, OFFICER), text_of("/v1/people/%s/interventions", id),
	     object("{'kind': '%s', 'status': 'in_progress', 'starts_on': '%s'}", kind, day));
}

static char *somebody(const char *unit)
{
	return made(token(POLICE, OFFICER), "/v1/people",
		    person(text_of("{'date_of_birth': '2004-05-06', 'unit': '%s'}", unit)));
}

static char *managed(const char *unit, const char *status)
{
	char *id = somebody(unit);

	made(token(POLICE, OFFICER), text_of("/v1/people/%s/statuses", id), object("%s", status));
	return id;
}

static void place_made(size_t place)
{
	const char *unit = made_in[place].unit;

	for (int i = 0; i < made_in[place].users; i++) {
		char *id = managed(unit, i % 4 == 3
						 ? "{'status': 'user', 'starts_on': '2025-08-01', "
						   "'tested_on': '2025-07-31', 'decision_date': "
						   "'2025-08-01', 'decision_number': '1/QĐ'}"
						 : "{'status': 'user', 'starts_on': '2026-02-01', "
						   "'tested_on': '2026-01-30', 'decision_date': "
						   "'2026-02-01', 'decision_number': '1/QĐ'}");

		given(id, "counselling", i % 2 ? "2026-03-01" : "2026-08-01");
		if (i % 3 || place % 2)
			given(id, "screening", "2026-03-02");
		if (place == 1 || i == 0)
			given(id, "behaviour_education", "2026-03-03");
	}
	for (int i = 0; i < made_in[place].addicts; i++) {
		char *id = managed(unit, i % 2 ? "{'status': 'addict', 'starts_on': '2026-01-05'}"
					       : "{'status': 'addict', 'starts_on': '2025-08-05'}");

		if (i % 3)
			given(id, "treatment", "2026-07-01");
	}
	for (int i = 0; i < made_in[place].after; i++) {
		char *id = managed(unit, "{'status': 'post_rehab', 'origin': 'voluntary', "
					 "'starts_on': '2026-03-01'}");

		if (i % 2)
			given(id, "mentoring", "2026-04-01");
	}
	for (int i = 0; i < made_in[place].offenders; i++)
		made(token(POLICE, OFFICER), text_of("/v1/people/%s/violations", somebody(unit)),
		     object("{'violated_on': '%s', 'kind': 'illegal_use', 'unit': '%s'}",
			    i % 3 ? "2026-03-04" : "2026-09-04", unit));
}

/* Users alone, each with every service. */
static void served_made(const char *unit, int count)
{
	for (int i = 0; i < count; i++) {
		char *id = managed(unit,
				   "{'status': 'user', 'starts_on': '2026-02-01', 'tested_on': "
				   "'2026-01-30', 'decision_date': '2026-02-01', "
				   "'decision_number': '1/QĐ'}");

		given(id, "counselling", "2026-03-01");
		given(id, "screening", "2026-03-02");
		given(id, "behaviour_education", "2026-03-03");
	}
}

static void places_made(void)
{
	served_made(BESIDE, 9);
	served_made(LARGE, 11);
	for (size_t i = 0; i < sizeof made_in / sizeof *made_in; i++)
		place_made(i);
	figures_settle();
}

static const int attackers[] = {YOUTH_UNION, FINANCE, SCHOOLS, COMMUNE};

START_TEST(no_small_count_follows_from_all_answers_together)
{
	int agency = attackers[_i], secrets = 0, own = -1;
	struct knowledge *truth = gathered(POLICE), *knowledge = gathered(agency);

	reason(knowledge);
	for (int quantity = 0; quantity < QUANTITIES; quantity++)
		solve(knowledge, quantity);
	if (agency == COMMUNE)
		own = unit_number(COMMUNE_UNIT);
	for (int quantity = 0; quantity < QUANTITIES; quantity++)
		for (int window = 0; window < WINDOWS; window++)
			for (int unit = 0; unit < unit_count; unit++)
				if (unit != own)
					secrets += expect_secrets(
						knowledge, truth,
						(struct term){quantity, window, unit});
	ck_assert_int_gt(secrets, 100);
}
END_TEST

START_TEST(where_nothing_is_small_the_year_is_told)
{
	static const char *const periods[] = {"2026", "2026H1", "2026R"};

	for (int i = 0; i < 3; i++) {
		struct http large = http_get(token(attackers[_i], OFFICER),
					     "/v1/indicators/II.1.a?period=%s&unit=" LARGE,
					     periods[i]),
			    beside = http_get(token(attackers[_i], OFFICER),
					      "/v1/indicators/II.1.a?period=%s&unit=" BESIDE,
					      periods[i]);

		ck_assert_int_eq(number(json_array_get(json_object_get(large.json, "data"), 0),
					"denominator"),
				 i ? -1 : 11);
		ck_assert_int_eq(number(json_array_get(json_object_get(beside.json, "data"), 0),
					"denominator"),
				 -1);
	}
}
END_TEST

/* A part that nobody is in has no row: that there is one would tell of somebody. */
static const char *const broken_down[] = {
	"II.1.a?definition=any&by=kind",
	"II.1.b?by=sex,kind",
	"II.1.f?by=kind",
	"I.1.a?by=ethnicity",
	"I.2.d?by=sex,ethnicity",
	"I.1.c?by=article",
};

enum { BREAKDOWNS = sizeof broken_down / sizeof *broken_down };

START_TEST(where_people_are_not_read_no_part_of_them_has_a_row)
{
	int agency = attackers[_i];

	for (int i = 0; i < BREAKDOWNS; i++) {
		struct http all = http_get(
			token(agency, OFFICER),
			"/v1/indicators/%s&period=2026&unit=2025-66&level=commune", broken_down[i]);
		struct http one = http_get(token(agency, OFFICER),
					   "/v1/indicators/%s&period=2026&unit=" BESIDE,
					   broken_down[i]);
		json_t *row;
		size_t at;

		assert_status(all, 200);
		ck_assert_str_eq(http_text(&all, "page.scope"), "small_cells_suppressed");
		json_array_foreach(json_object_get(all.json, "data"), at, row)
			ck_assert_msg(agency == COMMUNE && !strcmp(text(row, "unit"), COMMUNE_UNIT),
				      "%s: %s", broken_down[i], json_dumps(row, 0));
		ck_assert_uint_eq(json_array_size(json_object_get(one.json, "data")), 0);
		ck_assert_str_eq(http_text(&one, "page.scope"), "small_cells_suppressed");
	}
}
END_TEST

/* One that was shared out, with an addict in 2024: without one it has no row today. */
#define SHARED_OUT "2024-24550"
#define SOMEBODY "00000000-0000-7000-8000-0000000000cd"

static void shared_out_made(void)
{
	sql(AS_SUPERUSER, "SET session_replication_role = replica");
	sql(AS_SUPERUSER,
	    "INSERT INTO people (id, full_name, full_name_keys, date_of_birth, sex, unit, "
	    "organization, created_by) VALUES ('" SOMEBODY "', 'A', '{}', '2000-01-01', 'male', "
	    "'" SHARED_OUT "', 'cong_an_tinh', '" SOMEBODY "')");
	sql(AS_SUPERUSER,
	    "INSERT INTO person_statuses (id, person, status, starts_on, unit, organization, "
	    "created_by) VALUES ('" SOMEBODY "', '" SOMEBODY "', 'addict', '2024-06-01', "
	    "'" SHARED_OUT "', 'cong_an_tinh', '" SOMEBODY "')");
	sql(AS_SUPERUSER, "SET session_replication_role = origin");
	sql(AS_SUPERUSER, "INSERT INTO contribution_queue (kind, subject) VALUES ('people', "
			  "'" SOMEBODY "')");
	figures_settle();
}

static void shared_out_removed(void)
{
	sql(AS_SUPERUSER, "DELETE FROM person_statuses WHERE person = '" SOMEBODY "'");
	sql(AS_SUPERUSER, "DELETE FROM people WHERE id = '" SOMEBODY "'");
	figures_settle();
}

static bool has_row(int agency, const char *map)
{
	struct http answer = http_get(
		token(agency, OFFICER),
		"/v1/indicators/II.1.a?period=2024&unit=2025-66&level=commune&map=%s", map);

	assert_status(answer, 200);
	return strstr(answer.body, "\"unit\":\"" SHARED_OUT "\"") != NULL;
}

START_TEST(what_cannot_be_placed_today_has_a_row_for_whoever_reads_people)
{
	int agency = attackers[_i];

	shared_out_made();
	bool police = has_row(POLICE, "current"), attacker = has_row(agency, "current"),
	     reported = has_row(agency, "as_reported");

	shared_out_removed();
	ck_assert(police);
	ck_assert(!attacker);
	ck_assert(reported); /* it was there then, whoever lived in it */
	ck_assert(!has_row(POLICE, "current"));
}
END_TEST

START_TEST(what_the_province_is_made_of_is_told)
{
	struct http answer = http_get(token(attackers[_i], OFFICER),
				      "/v1/indicators/II.1.a?period=2026&unit=2025-66&by=kind");

	ck_assert_uint_gt(json_array_size(json_object_get(answer.json, "data")), 0);
	ck_assert_str_eq(http_text(&answer, "page.scope"), "all");
}
END_TEST

Suite *subtraction_suite(void)
{
	Suite *suite = suite_create("subtraction");
	TCase *cases = tcase_create("subtraction");

	tcase_set_timeout(cases, 120);
	tcase_add_unchecked_fixture(cases, places_made, NULL);
	add_rows(cases, no_small_count_follows_from_all_answers_together, attackers);
	add_rows(cases, where_nothing_is_small_the_year_is_told, attackers);
	add_rows(cases, where_people_are_not_read_no_part_of_them_has_a_row, attackers);
	add_rows(cases, what_cannot_be_placed_today_has_a_row_for_whoever_reads_people, attackers);
	add_rows(cases, what_the_province_is_made_of_is_told, attackers);
	suite_add_tcase(suite, cases);
	return suite;
}
