/* The ground that all other tests stand on. */
#include "support.h"

START_TEST(there_is_an_account_of_every_role)
{
	static const enum role roles[] = {VIEWER, OFFICER, ADMIN, SERVICE, OPERATOR};
	struct http me = http_get(token(roles[_i] == OPERATOR ? 0 : COMMUNE, roles[_i]), "/v1/me");

	assert_status(me, 200);
	ck_assert_str_eq(http_text(&me, "role"), role_names[roles[_i]]);
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

	tcase_add_loop_test(cases, there_is_an_account_of_every_role, 0, 5);
	tcase_add_test(cases, a_person_made_can_be_read);
	suite_add_tcase(suite, cases);
	return suite;
}
