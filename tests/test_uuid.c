/* UUID version 7: ids that sort by time. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support.h"
#include "uuid.h"

START_TEST(ids_rise_within_a_process)
{
	char last[37] = "", uuid[37];

	for (int i = 0; i < 20000; i++) {
		uuid_make(uuid);
		ck_assert_msg(strcmp(last, uuid) < 0, "%s then %s", last, uuid);
		memcpy(last, uuid, sizeof last);
	}
}
END_TEST

START_TEST(an_id_has_the_form_and_time_of_version_7)
{
	char uuid[37], stamp[13];

	uuid_make(uuid);
	ck_assert(uuid_is_valid(uuid));
	ck_assert_int_eq(uuid[14], '7');
	ck_assert(strchr("89ab", uuid[19]) != NULL);
	snprintf(stamp, sizeof stamp, "%.8s%.4s", uuid, uuid + 9);
	long long seconds = strtoll(stamp, NULL, 16) / 1000;
	ck_assert_int_le(llabs(seconds - (long long)time(NULL)), 1);
}
END_TEST

enum { THREADS = 4, EACH = 5000 };

static void *make_many(void *list)
{
	for (int i = 0; i < EACH; i++)
		uuid_make(((char(*)[37])list)[i]);
	return NULL;
}

static int compare(const void *one, const void *other)
{
	return strcmp(one, other);
}

START_TEST(threads_never_make_the_same_id)
{
	static char ids[THREADS * EACH][37];
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, make_many, ids[(size_t)i * EACH]);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	qsort(ids, THREADS * EACH, sizeof *ids, compare);
	for (int i = 1; i < THREADS * EACH; i++)
		ck_assert_str_ne(ids[i - 1], ids[i]);
}
END_TEST

Suite *uuid_suite(void)
{
	Suite *suite = suite_create("uuid");
	TCase *cases = tcase_create("uuid");

	tcase_add_test(cases, ids_rise_within_a_process);
	tcase_add_test(cases, an_id_has_the_form_and_time_of_version_7);
	tcase_add_test(cases, threads_never_make_the_same_id);
	suite_add_tcase(suite, cases);
	return suite;
}
