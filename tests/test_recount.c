/* What is kept ready of the figures against what the records tell: lachan indicators verify. */
#include <string.h>

#include "support.h"

/* Somebody is counted, also when this suite runs alone. */
static void somebody_made(void)
{
	char *id = person_made("{'date_of_birth': '2004-05-06'}");

	made(token(COMMUNE, OFFICER), text_of("/v1/people/%s/statuses", id),
	     object("{'status': 'user', 'starts_on': '2026-02-01', 'tested_on': '2026-01-30', "
		    "'decision_date': '2026-02-01', 'decision_number': '1/QĐ'}"));
}

START_TEST(what_is_kept_is_what_the_records_tell)
{
	char *said;

	figures_settle();
	ck_assert_msg(!lachan("indicators verify", &said), "%.2000s", said);
	ck_assert_ptr_nonnull(strstr(said, " measures, "));
	ck_assert_ptr_nonnull(strstr(said, ", 0 differences"));
}
END_TEST

/* Changes by a superuser who leaves the triggers out, and what is named then. */
static const struct {
	const char *table, *change, *named;
} changes[] = {
	{"cells",
	 "UPDATE cells SET numerator = numerator + 1 "
	 "WHERE ctid = (SELECT min(ctid) FROM cells WHERE tag IS NULL)",
	 "cell "},
	{"cells", "DELETE FROM cells WHERE ctid = (SELECT min(ctid) FROM cells)",
	 ": nothing kept, "},
	{"unit_cells",
	 "UPDATE unit_cells SET denominator = denominator + 1 "
	 "WHERE ctid = (SELECT min(ctid) FROM unit_cells)",
	 "unit "},
	{"contributions",
	 "UPDATE contributions SET numerators = '{}' WHERE ctid = "
	 "(SELECT min(ctid) FROM contributions WHERE numerators <> '{}' AND excluded IS NULL)",
	 "subject "},
	{"contributions",
	 "DELETE FROM contributions WHERE ctid = "
	 "(SELECT min(ctid) FROM contributions WHERE numerators <> '{}' AND excluded IS NULL)",
	 ": nothing kept, "},
	{"person_statuses",
	 "UPDATE person_statuses SET voided_at = now() WHERE person = (SELECT min(subject::text) "
	 "FROM contributions WHERE family = 'stock' AND excluded IS NULL)::uuid",
	 ", nothing recounted"},
};

START_TEST(what_is_kept_otherwise_is_named)
{
	const char *table = changes[_i].table;
	char *said;

	figures_settle();
	sql(AS_SUPERUSER, "SET client_min_messages = warning");
	sql(AS_SUPERUSER, "SET session_replication_role = replica");
	sql(AS_SUPERUSER, "CREATE TEMPORARY TABLE before AS TABLE %s", table);
	sql(AS_SUPERUSER, "%s", changes[_i].change);
	int status = lachan("indicators verify", &said);

	sql(AS_SUPERUSER, "DELETE FROM %s", table);
	sql(AS_SUPERUSER, "INSERT INTO %s TABLE before", table);
	ck_assert_msg(status == 1, "%.2000s", said);
	ck_assert_msg(strstr(said, changes[_i].named) != NULL, "%.2000s", said);
	ck_assert_ptr_null(strstr(said, " 0 differences"));
	ck_assert_msg(!lachan("indicators verify", &said), "%.2000s", said);
}
END_TEST

/* Records that the figures once counted otherwise than they are defined: in which window, and what
 * both sides say of it. */
#define PERSON "00000000-0000-7000-8000-0000000000ab"
#define FILES(rows)                                                                                \
	"INSERT INTO people (id, full_name, full_name_keys, date_of_birth, sex, unit, "            \
	"organization, created_by) VALUES ('" PERSON "', 'A', '{}', '2000-01-01', 'male', "        \
	"'" COMMUNE_UNIT "', 'cong_an_tinh', '" PERSON "'); "                                      \
	"INSERT INTO person_statuses (id, person, status, starts_on, ended_on, unit, origin, "     \
	"ends_on, decision_date, decision_number, tested_on, organization, created_by) "           \
	"SELECT uuid_v7(), '" PERSON "', status, starts_on::date, ended_on::date, unit, "          \
	"CASE status WHEN 'post_rehab' THEN 'voluntary' END, "                                     \
	"CASE status WHEN 'post_rehab' THEN starts_on::date + 365 END, starts_on::date, '1', "     \
	"starts_on::date, 'cong_an_tinh', '" PERSON "' FROM (VALUES " rows                         \
	") AS files (status, starts_on, ended_on, unit); "
#define KEY_COMMUNES(rows)                                                                         \
	"DELETE FROM key_communes; INSERT INTO key_communes (id, unit, class, decision_number, "   \
	"decision_date, valid_from, organization, created_by) SELECT uuid_v7(), unit, 'type_1', "  \
	"'1', valid_from::date, valid_from::date, 'cong_an_tinh', '" PERSON "' FROM (VALUES " rows \
	") AS decisions (unit, valid_from); "
#define MERGED                                                                                     \
	KEY_COMMUNES("('2024-22015', '2024-01-01'), ('2024-22018', '2024-01-01'), "                \
		     "('2025-22015', '2025-07-01')")
/* Whoever is released to a key commune, and the days of a job that both confirmed. */
#define JOB(from, until) JOB_CONFIRMED(from, until, "2025-12-10")
#define JOB_CONFIRMED(from, until, confirmed)                                                      \
	FILES("('released', '2025-08-01', NULL, '" COMMUNE_UNIT "')")                              \
	KEY_COMMUNES("('" COMMUNE_UNIT "', '2025-07-01')")                                         \
	"INSERT INTO interventions (id, person, kind, status, starts_on, unit, job_until, "        \
	"confirmed_by_union_on, confirmed_by_police_on, organization, created_by) VALUES "         \
	"(uuid_v7(), '" PERSON "', 'employment', 'in_progress', '" from "', '" COMMUNE_UNIT        \
	"', " until ", '" confirmed "', '" confirmed "', 'cong_an_tinh', '" PERSON "')"
/* Of one person: whether it is helped to work. */
#define AT_WORK                                                                                    \
	"SELECT max(coalesce(told ->> 'numerator_weight', told ->> 'numerator')) FROM (SELECT "    \
	"to_jsonb(found) AS told FROM %s AS found) AS counted"

/* A school that told of its staff, as (period, counted_on, staff, trained). */
#define COUNTS(rows)                                                                               \
	"INSERT INTO institutions (id, name, type, ownership, unit, organization, created_by) "    \
	"VALUES ('" PERSON "', 'A', 'thcs', 'public', '" COMMUNE_UNIT                              \
	"', 'cong_an_tinh', '" PERSON                                                              \
	"'); INSERT INTO institution_headcounts (id, institution, period, counted_on, "            \
	"staff, staff_trained, organization, created_by) SELECT uuid_v7(), '" PERSON "', period, " \
	"counted_on::date, staff, trained, 'cong_an_tinh', '" PERSON "' FROM (VALUES " rows        \
	") AS counts (period, counted_on, staff, trained); "
/* Sessions at that school, each of which trained one of the codes. */
#define SESSIONS(kind, audience, codes)                                                            \
	COUNTS("('2025Y', '2025-12-14', 10, NULL::integer)")                                       \
	"INSERT INTO training_sessions (id, kind, title, status, held_on, audience, institution, " \
	"unit, organization, created_by) SELECT md5(code)::uuid, '" kind "', 'A', 'held', "        \
	"'2026-03-26', '" audience "', '" PERSON "', '" COMMUNE_UNIT "', 'cong_an_tinh', '" PERSON \
	"' FROM unnest('" codes "'::text[]) AS code; "                                             \
	"INSERT INTO session_attendees (id, session, institution, staff_code, organization, "      \
	"created_by) SELECT uuid_v7(), md5(code)::uuid, '" PERSON "', code, 'cong_an_tinh', "      \
	"'" PERSON "' FROM unnest('" codes "'::text[]) AS code; "
#define TRAINED                                                                                    \
	"SELECT max(coalesce(told ->> 'numerator_weight', told ->> 'numerator')) FROM (SELECT "    \
	"to_jsonb(found) AS told FROM %s AS found WHERE subject = '" PERSON "') AS counted"
#define REACHED                                                                                    \
	"SELECT bool_or(coalesce(told -> 'numerators' ? 'II.4.a:any', told ->> 'measure' = "       \
	"'II.4.a:any' AND told ->> 'numerator' = '1')) FROM (SELECT to_jsonb(found) AS told "      \
	"FROM %s AS found WHERE subject = '" PERSON "') AS counted"

static const struct {
	const char *made, *from, *to, *asked, *family, *recount, *answer, *today;
} edges[] = {
	/* Whom another commune manages since the release belongs to that one. */
	{FILES("('released', '2026-06-13', '2026-06-14', '" OTHER_UNIT "'), "
	       "('post_rehab', '2026-06-14', NULL, '" COMMUNE_UNIT "')"),
	 "2025-12-15", "2026-12-14", "SELECT min(unit) FROM %s WHERE subject = '" PERSON "'",
	 "reintegration", "reintegration", COMMUNE_UNIT},
	/* A file that ended on the day it began was held on no day. */
	{FILES("('addict', '2023-03-13', NULL, '" COMMUNE_UNIT "'), "
	       "('user', '2023-03-13', '2023-03-13', '" OTHER_UNIT
	       "')") "INSERT INTO person_violations (id, person, violated_on, kind, unit, "
		     "organization, "
		     "created_by) VALUES (uuid_v7(), '" PERSON
		     "', '2024-03-17', 'illegal_use', '2024-24133', "
		     "'cong_an_tinh', '" PERSON "')",
	 "2023-12-15", "2024-06-14", "SELECT unit FROM %s WHERE subject = '" PERSON "'",
	 "offenders", "offenders", COMMUNE_UNIT},
	/* Two communes are two until the reform made them one. */
	{MERGED, "2023-12-15", "2024-12-14", "SELECT count(*) FROM %s", "key_communes", "models",
	 "2"},
	{MERGED, "2024-12-15", "2025-12-14", "SELECT count(*) FROM %s", "key_communes", "models",
	 "1"},
	/* Three months are over at the end of their last day, which may be that of the window,
	 * or today. */
	{JOB("2025-09-14", "'2025-12-13'"), "2024-12-15", "2025-12-14", AT_WORK, "key_jobs", "jobs",
	 "1"},
	{JOB("2025-09-15", "'2025-12-14'"), "2024-12-15", "2025-12-14", AT_WORK, "key_jobs", "jobs",
	 "1"},
	{JOB("2025-09-15", "'2025-12-14'"), "2025-12-15", "2026-12-14", AT_WORK, "key_jobs", "jobs",
	 "0"},
	{JOB("2025-09-14", "'2025-12-12'"), "2024-12-15", "2025-12-14", AT_WORK, "key_jobs", "jobs",
	 "0"},
	{JOB("2025-09-15", "NULL"), "2024-12-15", "2025-12-14", AT_WORK, "key_jobs", "jobs", "1"},
	{JOB("2025-09-15", "NULL"), "2025-12-15", "2026-12-14", AT_WORK, "key_jobs", "jobs", "1"},
	{JOB("2025-09-16", "NULL"), "2024-12-15", "2025-12-14", AT_WORK, "key_jobs", "jobs", "0"},
	{JOB("2025-09-13", "NULL"), "2024-12-15", "2025-12-14", AT_WORK, "key_jobs", "jobs", "1",
	 "2025-12-12"},
	{JOB("2025-09-14", "NULL"), "2024-12-15", "2025-12-14", AT_WORK, "key_jobs", "jobs", "0",
	 "2025-12-12"},
	/* A job that was over before the release, or was confirmed before it began. */
	{JOB("2025-04-01", "'2025-07-31'"), "2024-12-15", "2025-12-14", AT_WORK, "key_jobs", "jobs",
	 "0"},
	{JOB("2025-04-01", "'2025-08-01'"), "2024-12-15", "2025-12-14", AT_WORK, "key_jobs", "jobs",
	 "1"},
	{JOB_CONFIRMED("2025-09-01", "NULL", "2025-08-31"), "2024-12-15", "2025-12-14", AT_WORK,
	 "key_jobs", "jobs", "0"},
	{JOB_CONFIRMED("2025-09-01", "NULL", "2025-09-01"), "2024-12-15", "2025-12-14", AT_WORK,
	 "key_jobs", "jobs", "1"},
	/* How many were trained stays as it was told last; not more than there are. */
	{COUNTS("('2025Y', '2025-12-14', 10, 8), ('2026H1', '2026-06-14', 10, NULL)"), "2025-12-15",
	 "2026-12-14", TRAINED, "staff", "staff", "8"},
	{COUNTS("('2025Y', '2025-12-14', 10, 8), ('2026H1', '2026-06-14', 7, NULL)"), "2025-12-15",
	 "2026-12-14", TRAINED, "staff", "staff", "7"},
	{COUNTS("('2025Y', '2025-12-14', 10, 8), ('2026H1', '2026-06-14', 10, 0)"), "2025-12-15",
	 "2026-12-14", TRAINED, "staff", "staff", "0"},
	/* Taken until it is due it tells of the period. */
	{COUNTS("('2025Y', '2025-12-19', 10, 8)"), "2024-12-15", "2025-12-14", TRAINED, "staff",
	 "staff", "8"},
	/* A session for staff or students; training of staff. */
	{SESSIONS("communication", "{parents,officials}", "{A1,b2}"), "2025-12-15", "2026-12-14",
	 REACHED, "schools", "schools", "f"},
	{SESSIONS("communication", "{parents,students}", "{A1,b2}"), "2025-12-15", "2026-12-14",
	 REACHED, "schools", "schools", "t"},
	{SESSIONS("study_visit", "{staff}", "{A1,b2}"), "2025-12-15", "2026-12-14", REACHED,
	 "schools", "schools", "t"},
	{SESSIONS("training", "{staff}", "{A1,b2}"), "2025-12-15", "2026-12-14", TRAINED, "staff",
	 "staff", "2"},
	{SESSIONS("training", "{staff}", "{A1,b2}"), "2025-12-15", "2026-12-14", TRAINED,
	 "staff_yearly", "staff", "2"},
	{SESSIONS("study_visit", "{staff}", "{A1,b2}"), "2025-12-15", "2026-12-14", TRAINED,
	 "staff", "staff", "0"},
	{SESSIONS("training", "{students}", "{A1,b2}"), "2025-12-15", "2026-12-14", TRAINED,
	 "staff", "staff", "0"},
	{SESSIONS("training", "{staff}", "{A1,b2,B2}"), "2025-12-15", "2026-12-14", TRAINED,
	 "staff", "staff", "2"},
};

START_TEST(an_edge_is_counted_as_it_is_defined)
{
	const char *windows = text_of("ARRAY[(1, '%s', '%s')::indicator_window], '%s'",
				      edges[_i].from, edges[_i].to,
				      edges[_i].today ? edges[_i].today : TODAY);
	const char *kept = text_of("contributions_%s(NULL, %s)", edges[_i].family, windows);
	const char *recounted = text_of("recount_%s(%s)", edges[_i].recount, windows);

	sql(AS_SUPERUSER, "BEGIN");
	sql(AS_SUPERUSER, "SET LOCAL session_replication_role = replica");
	sql(AS_SUPERUSER, "%s", edges[_i].made);
	kept = sql(AS_SUPERUSER, edges[_i].asked, kept);
	recounted = sql(AS_SUPERUSER, edges[_i].asked, recounted);
	sql(AS_SUPERUSER, "ROLLBACK");
	ck_assert_pstr_eq(kept, edges[_i].answer);
	ck_assert_pstr_eq(recounted, edges[_i].answer);
}
END_TEST

Suite *recount_suite(void)
{
	Suite *suite = suite_create("recount");
	TCase *cases = tcase_create("recount");

	tcase_set_timeout(cases, 120);
	tcase_add_unchecked_fixture(cases, somebody_made, NULL);
	tcase_add_test(cases, what_is_kept_is_what_the_records_tell);
	add_rows(cases, what_is_kept_otherwise_is_named, changes);
	add_rows(cases, an_edge_is_counted_as_it_is_defined, edges);
	suite_add_tcase(suite, cases);
	return suite;
}
