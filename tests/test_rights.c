/* The rights of the person: requests, correction, restriction, dossier, retention. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

START_TEST(nothing)
{
}
END_TEST

Suite *rights_suite(void)
{
	Suite *suite = suite_create("rights");
	TCase *cases = tcase_create("rights");

	tcase_add_test(cases, nothing);
	suite_add_tcase(suite, cases);
	return suite;
}
