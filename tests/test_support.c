/* The ground that all other tests stand on. */
#include "support.h"

START_TEST(every_seat_can_log_in_in_every_role)
{
	static const enum role roles[] = {VIEWER, OFFICER, ADMIN, SERVICE};
	int agency = _i == 20 ? OTHER_COMMUNE : _i;

	for (size_t i = 0; i < (agency ? 4 : 1); i++) {
		struct http me = http_get(token(agency, agency ? roles[i] : OPERATOR), "/v1/me");

		assert_status(me, 200);
	}
}
END_TEST

START_TEST(a_person_made_can_be_read)
{
	char *id = person_made("{}");
	struct http answer = http_get(token(COMMUNE, OFFICER), "/v1/people/%s", id);

	assert_status(answer, 200);
	ck_assert_str_eq(http_text(&answer, "full_name"), "Nguyễn Văn An");
	ck_assert_pstr_eq(sql(AS_SERVICE, "SELECT count(*) FROM people"), "0");
	ck_assert_int_ge(sql_number(AS_SUPERUSER, "SELECT count(*) FROM people"), 1);
}
END_TEST

Suite *support_suite(void)
{
	Suite *suite = suite_create("support");
	TCase *cases = tcase_create("support");

	tcase_add_loop_test(cases, every_seat_can_log_in_in_every_role, 0, 21);
	tcase_add_test(cases, a_person_made_can_be_read);
	suite_add_tcase(suite, cases);
	return suite;
}
