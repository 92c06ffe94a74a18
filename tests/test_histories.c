/* Figures of histories that nobody thought up: what is kept, and what is answered, is what a
 * recount of the raw records says, on every day of the programme. A case is one subject with all
 * that happened to it; the seed is in LACHAN_TEST_SEED, else another each time, and printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "indicators.h"
#include "support.h"

#define DATABASE "histories"

/* How many subjects a round enters, by the unit of histories.step(). */
enum { SCALE = 26, STEPS = 7, LEAST_CASES = 10000, ALL = 1000000 };

static long long seed;

/* The days on which something is entered, or on which only time has passed. */
static const struct {
	const char *today;
	bool enters, is_reform;
	int share; /* of the questions that are asked, in percent */
} rounds[] = {
	{"2024-04-02", true, false, 6}, {"2024-06-15", false, false, 0},
	{"2024-12-14", true, false, 0}, {"2024-12-15", false, false, 0},
	{"2025-06-30", true, false, 6}, {"2025-07-01", true, true, 6},
	{"2025-12-15", true, false, 0}, {"2026-06-15", true, false, 6},
	{TODAY, true, false, 50},
};

/* The database */

static char *file_text(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 17);

	require(file && fread(text, 1, (1 << 17) - 1, file) > 0, "%s cannot be read", path);
	fclose(file);
	return text;
}

static PGconn *pg;

static PGresult *query(const char *text)
{
	PGresult *result = PQexec(pg, text);
	ExecStatusType status = PQresultStatus(result);

	require(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK, "seed %lld: %s: %.300s",
		seed, PQresultErrorMessage(result), text);
	return result;
}

static long long number(const char *text)
{
	PGresult *result = query(text);
	bool is_null = !PQntuples(result) || PQgetisnull(result, 0, 0);
	long long value = is_null ? -1 : strtoll(PQgetvalue(result, 0, 0), NULL, 10);

	PQclear(result);
	return value;
}

/* A connection on a day: the same chance, and an officer's name to write under. */
static void open_on(const char *today)
{
	pg = PQconnectdb(url_beside("LACHAN_ADMIN_DATABASE_URL", DATABASE));
	require(PQstatus(pg) == CONNECTION_OK, "%s", PQerrorMessage(pg));
	query(text_of("SELECT set_config('lachan.today', '%s', false), "
		      "set_config('histories.seed', '%lld', false), "
		      "set_config('lachan.user', '00000000-0000-7000-8000-000000000001', false), "
		      "set_config('lachan.organization', 'cong_an_tinh', false)",
		      today, seed));
}

static void migrate(void)
{
	char *owner = strdup(getenv("LACHAN_OWNER_DATABASE_URL")),
	     *service = strdup(getenv("LACHAN_DATABASE_URL")), *said = NULL;

	database_made(DATABASE);
	open_on(rounds->today);
	query("ALTER DATABASE " DATABASE " SET jit = off; "
	      "ALTER DATABASE " DATABASE " SET random_page_cost = 1.1");
	setenv("LACHAN_OWNER_DATABASE_URL", url_beside("LACHAN_OWNER_DATABASE_URL", DATABASE), 1);
	setenv("LACHAN_DATABASE_URL", url_beside("LACHAN_DATABASE_URL", DATABASE), 1);
	require(lachan("migrate", &said) == 0, "%s", said);
	setenv("LACHAN_OWNER_DATABASE_URL", owner, 1);
	setenv("LACHAN_DATABASE_URL", service, 1);
}

/* Every measure there is, and what it can be broken down by. */
static void list_measures(void)
{
	for (const struct indicator *indicator = indicators; indicator->code; indicator++)
		for (const struct definition *definition = indicator->definitions;
		     definition->code && !indicator->counts; definition++) {
			char names[96] = "";

			for (int i = 0; i < DIMENSIONS; i++)
				if (indicator->dimensions & ONE(i))
					snprintf(names + strlen(names), 24, "%s%s",
						 *names ? "," : "",
						 dimension_names[i].tags ? dimension_names[i].tags
									 : dimension_names[i].name);
			query(text_of(
				"INSERT INTO histories.measures VALUES ('%s:%s', '%s', '{%s}')",
				indicator->code, definition->code,
				indicator_family(indicator, definition), names));
		}
}

static void begin(void)
{
	migrate();
	query(file_text("tests/fixtures/histories.sql"));
	query(file_text("tests/fixtures/histories_compare.sql"));
	list_measures();
	query("SELECT figures_rebuild(false)");
}

/* A round */

static void refresh(int most)
{
	long long taken = number(text_of("SELECT figures_refresh(%d)", most));

	require(taken >= 0, "seed %lld: the figures have to be built anew", seed);
	if (most == ALL && taken > 0)
		refresh(ALL);
}

/* Between the steps a part of what changed is taken, so that figures are computed of half-told
 * histories. */
static void enter(int round)
{
	for (int step = 1; step <= STEPS; step++) {
		query(text_of("SELECT histories.step(%d, %d, %d)", round, step, SCALE));
		if (step % 2)
			refresh((int)number(text_of(
				"SELECT 100 + histories.roll('take %d %d', 900)", round, step)));
	}
}

/* What differs, the first of it in words. */
static char *differences(const char *text)
{
	PGresult *result = query(text);
	char *said = strdup("");

	for (int row = 0; row < PQntuples(result) && row < 12; row++)
		for (int column = 0; column < PQnfields(result); column++)
			said = text_of("%s%s%s", said, column ? " | " : "\n\t",
				       PQgetvalue(result, row, column));
	said = PQntuples(result) ? text_of("%d differ:%s", PQntuples(result), said) : NULL;
	PQclear(result);
	return said;
}

/* Every subject, cell and unit that is kept, against the recount. */
static void verify(const char *today)
{
	query("BEGIN ISOLATION LEVEL REPEATABLE READ");
	char *found = differences("SELECT what, measure, period, subject, cell, kept, recounted "
				  "FROM figures_verify() WHERE what IS NOT NULL");

	query("COMMIT");
	require(!found, "seed %lld, %s: %s", seed, today, found);
}

static void ask(const char *today, int share)
{
	query("SELECT histories.recount(1)");
	query(text_of("SELECT histories.ask(%d)", share));
	char *found = differences("SELECT * FROM histories.differences");

	require(!found, "seed %lld, %s: %s", seed, today, found);
}

static void tell_numbers(void)
{
	PGresult *result = query(
		"SELECT kind, count(*) FROM histories.cases GROUP BY 1 ORDER BY 1");

	fprintf(stderr, "histories:");
	for (int row = 0; row < PQntuples(result); row++)
		fprintf(stderr, " %s %s,", PQgetvalue(result, row, 1), PQgetvalue(result, row, 0));
	fprintf(stderr, "\nhistories: %lld cases of seed %lld, %lld figures compared\n",
		number("SELECT count(*) FROM histories.cases"), seed,
		number("SELECT sum(figures) FROM histories.compared"));
	PQclear(result);
}

/* One day after the other: what came before is part of the history. */
START_TEST(on_every_day_each_figure_is_what_the_records_recount_to)
{
	fprintf(stderr, "histories: seed %lld (LACHAN_TEST_SEED repeats it)\n", seed);
	begin();
	for (int round = 0; round < (int)(sizeof rounds / sizeof *rounds); round++) {
		const char *today = rounds[round].today;

		query(text_of("SELECT set_config('lachan.today', '%s', false)", today));
		refresh(0); /* the day alone */
		if (rounds[round].is_reform)
			query("SELECT reform_apply(false)");
		if (rounds[round].enters)
			enter(round);
		refresh(ALL);
		verify(today);
		if (rounds[round].share)
			ask(today, rounds[round].share);
	}
	tell_numbers();
}
END_TEST

/* What is asked of the last day */

START_TEST(there_are_cases_enough)
{
	open_on(TODAY);
	ck_assert_int_ge(number("SELECT count(*) FROM histories.cases"), LEAST_CASES);
}
END_TEST

/* A territory in the same bounds under every map, and the maps of today and of 2024 by the old
 * provinces. */
START_TEST(totals_of_one_territory_agree_under_every_map)
{
	open_on(TODAY);
	ck_assert_int_ge(number("SELECT count(DISTINCT (root, level, map)) FROM histories.totals "
				"WHERE root IN ('2025-66', '2024-66', '2024-54')"),
			 3 * 6);
	char *found = differences(
		"SELECT root, plan_only, measure, place, string_agg(concat_ws(' ', level, map, "
		"numerator || '/' || denominator), ', ') FROM histories.totals GROUP BY 1, 2, 3, 4 "
		"HAVING count(DISTINCT (numerator, denominator)) > 1");

	ck_assert_msg(!found, "seed %lld: %s", seed, found);
	found = differences(
		"SELECT measure, place, sum(CASE root WHEN '2025-66' THEN denominator ELSE "
		"-denominator END) FROM histories.totals WHERE level IS NULL AND NOT plan_only "
		"AND place < 1000000 AND root IN ('2025-66', '2024-66', '2024-54') GROUP BY 1, 2 "
		"HAVING "
		"sum(CASE root WHEN '2025-66' THEN denominator ELSE -denominator END) <> 0 OR "
		"sum(CASE root WHEN '2025-66' THEN numerator ELSE -numerator END) <> 0");
	ck_assert_msg(!found, "seed %lld: the old provinces make the new one: %s", seed, found);
}
END_TEST

/* Whole answers */

enum { ANSWERS = 100 };

/* Of everything and everybody, as the police of the province asks. */
static const struct caller police = {
	.user = "00000000-0000-7000-8000-000000000001",
	.organization = "cong_an_tinh",
	.unit = WHOLE_PROVINCE,
	.units = "*",
	.agency = 1,
	.role = ADMIN,
	.purpose = "case_management",
};

static json_t *json_of(int n, const struct indicator_row *row)
{
	const struct {
		const char *name, *value;
	} texts[] = {
		{"unit", row->unit},	     {"numerator", row->numerator},
		{"value", row->value},	     {"denominator", row->denominator},
		{"previous", row->previous}, {"change", row->change},
		{"target", row->target},     {"target_basis", row->target_basis},
		{"status", row->status},
	};
	json_t *object = json_pack("{si}", "n", n);

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (*texts[i].value)
			json_object_set_new(object, texts[i].name, json_string(texts[i].value));
	return object;
}

/* The row of histories.answer_questions as a question of the service. */
static void ask_service(struct pool *pool, const PGresult *questions, int row)
{
	static const char *const names[] = {"period", "from", "to",   "unit",
					    "level",  "map",  "basis"};
	struct parameter parameters[8];
	struct indicator_rows rows;
	struct error error = {0};
	size_t count = 0;
	struct indicator_query asked = {
		.indicator = indicator_find(PQgetvalue(questions, row, 1)),
		.today = TODAY,
	};

	for (int i = 0; i < 7; i++)
		if (!PQgetisnull(questions, row, i + 2))
			parameters[count++] = (struct parameter){names[i],
								 PQgetvalue(questions, row, i + 2)};
	require(indicator_query_parse(&asked, INDICATOR_ROWS, parameters, count, &error), "%s",
		PQgetvalue(questions, row, 1));
	require(indicators_compute(pool, FAST, &police, &asked, &rows, &error), "%s",
		error.internal);
	json_t *array = json_array();

	for (size_t i = 0; i < rows.count; i++)
		json_array_append_new(array,
				      json_of((int)strtol(PQgetvalue(questions, row, 0), NULL, 10),
					      &rows.rows[i]));
	query(text_of("INSERT INTO histories.answers SELECT * FROM "
		      "json_populate_recordset(NULL::histories.answers, $json$%s$json$)",
		      json_dumps(array, 0)));
}

START_TEST(answers_are_what_the_page_makes_of_the_recount)
{
	open_on(TODAY);
	sql(AS_SUPERUSER, "ALTER DATABASE " DATABASE " SET lachan.today = '" TODAY "'");
	query(text_of("TRUNCATE histories.answer_questions, histories.answers; "
		      "SELECT histories.answers_choose(%d)",
		      ANSWERS));
	struct pool *pool = pool_open(url_beside("LACHAN_DATABASE_URL", DATABASE), 1, 1, 60000);
	PGresult *questions = query(
		"SELECT n, code, period, CASE WHEN period IS NULL THEN from_day END, "
		"CASE WHEN period IS NULL THEN to_day END, root, level, map, "
		"CASE WHEN plan_only THEN 'plan' END FROM histories.answer_questions ORDER BY n");

	for (int row = 0; row < PQntuples(questions); row++)
		ask_service(pool, questions, row);
	pool_close(pool);
	ck_assert_int_gt(number("SELECT count(*) FROM histories.answers"), 10 * ANSWERS);
	char *found = differences("SELECT * FROM histories.answers_wrong()");

	ck_assert_msg(!found, "seed %lld: %s", seed, found);
}
END_TEST

/* A commune that was shared out stands by itself on the map of today, with all that is counted
 * there. */
START_TEST(what_cannot_be_mapped_is_a_row_of_its_own)
{
	open_on(TODAY);
	query(text_of("SELECT set_config('lachan.today', '%s', false)", TODAY));
	ck_assert_int_eq(
		number("SELECT count(*) FROM unit_successors JOIN units ON key = unit WHERE "
		       "extent = 'partial' AND effective_on = '2025-07-01' AND unit NOT IN "
		       "(SELECT unit FROM histories.told('2025-66', 'commune', 'current', "
		       "false, '{}', '{20242}') WHERE denominator > 0)"),
		0);
	char *found = differences(
		"SELECT told.unit, told.measure, told.denominator, kept.denominator FROM "
		"histories.told('2025-66', 'commune', 'current', false, '{}', '{20242}') AS told "
		"JOIN unit_cells AS kept USING (measure, unit, place) WHERE unit IN (SELECT unit "
		"FROM unit_successors WHERE extent = 'partial' AND effective_on = '2025-07-01') "
		"AND "
		"(told.numerator, told.denominator) <> (kept.numerator, kept.denominator)");

	ck_assert_msg(!found, "seed %lld: %s", seed, found);
}
END_TEST

/* Of a name that was typed in two ways, one after the other. */
START_TEST(a_name_is_one_offender_however_it_is_typed)
{
	static const char *const typed[] = {
		"Tr\u1ea7n V\u0103n \u0110\u01b0\u1ee3c",
		"Tra\u0302\u0300n Va\u0306n \u0110u\u031bo\u031b\u0323c",
		"TR\u1ea6N V\u0102N \u0110\u01af\u1ee2C",
		" Tr\u1ea7n  V\u0103n\u00a0\u0110\u01b0\u1ee3c "};
	const char *officer = token(PROVINCE, OFFICER), *born = "2001-02-03", *source = unique("");

	for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
		char *crime = made(officer, "/v1/crimes",
				   object("{'article': '249', 'detected_on': '2026-03-04', "
					  "'unit': '%s', 'source': '%s', 'external_id': '%zu'}",
					  COMMUNE_UNIT, source, i));

		made(officer, text_of("/v1/crimes/%s/participants", crime),
		     object("{'role': 'suspect', 'full_name': '%s', 'date_of_birth': '%s'}",
			    typed[i], born));
	}
	ck_assert_int_eq(sql_number(AS_SUPERUSER,
				    "SELECT count(DISTINCT offender_key(person, "
				    "crime_participants.id, full_name, date_of_birth)) FROM "
				    "crime_participants JOIN crimes ON crimes.id = crime WHERE "
				    "source = '%s'",
				    source),
			 1);
}
END_TEST

/* What was voided stays the person's: it must not keep the file from being corrected and merged. */
START_TEST(a_voided_crime_keeps_nobody_s_file_as_it_is)
{
	const char *officer = token(PROVINCE, ADMIN);
	char *id = person_made("{'date_of_birth': '2000-01-01'}"),
	     *path = text_of("/v1/people/%s", id);
	char *crime = made(officer, "/v1/crimes",
			   object("{'article': '249', 'detected_on': '2026-03-04', 'unit': '%s'}",
				  COMMUNE_UNIT));

	made(officer, text_of("/v1/crimes/%s/participants", crime),
	     object("{'role': 'suspect', 'person': '%s'}", id));
	assert_status(http_delete(officer, text_of("/v1/crimes/%s?reason=entered_in_error", crime),
				  etag_of(officer, text_of("/v1/crimes/%s", crime))),
		      204);
	assert_status(http_patch(officer, path, etag_of(officer, path),
				 object("{'date_of_birth': '2001-01-01'}")),
		      200);
	assert_status(http_post(officer, "/v1/merges",
				object("{'person': '%s', 'kept': '%s', 'reason': 'x'}", id,
				       person_made("{}"))),
		      201);
}
END_TEST

Suite *histories_suite(void)
{
	Suite *suite = suite_create("histories");
	TCase *days = tcase_create("days"), *cases = tcase_create("last day");
	const char *given = getenv("LACHAN_TEST_SEED");

	if (given && *given)
		seed = strtoll(given, NULL, 10);
	else if (getrandom(&seed, sizeof seed, 0) > 0)
		seed = (long long)((unsigned long long)seed % 1000000000);
	tcase_set_timeout(days, 900);
	tcase_add_test(days, on_every_day_each_figure_is_what_the_records_recount_to);
	tcase_set_timeout(cases, 120);
	tcase_add_test(cases, there_are_cases_enough);
	tcase_add_test(cases, totals_of_one_territory_agree_under_every_map);
	tcase_add_test(cases, what_cannot_be_mapped_is_a_row_of_its_own);
	tcase_add_test(cases, answers_are_what_the_page_makes_of_the_recount);
	tcase_add_test(cases, a_name_is_one_offender_however_it_is_typed);
	tcase_add_test(cases, a_voided_crime_keeps_nobody_s_file_as_it_is);
	suite_add_tcase(suite, days);
	suite_add_tcase(suite, cases);
	return suite;
}
