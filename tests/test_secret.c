/* Encryption at rest, blind indexes, password hashes and sealed cursors. */
#include <stdlib.h>
#include <string.h>

#include "secret.h"
#include "support.h"

static const char master[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

static struct keyring keys(const char *of)
{
	struct keyring made;
	struct error error = {0};

	ck_assert(keyring_init(&made, of, &error));
	return made;
}

static const char *const bad_masters[] = {
	"", "00", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1",
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fff",
	"zz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"};

START_TEST(a_master_key_has_64_digits)
{
	struct keyring made;
	struct error error = {0};

	ck_assert(!keyring_init(&made, bad_masters[_i], &error));
	ck_assert(!*bad_masters[_i] || !strstr(error.internal, bad_masters[_i]));
}
END_TEST

START_TEST(no_two_uses_share_a_key)
{
	struct keyring made = keys(master);
	const unsigned char *all[] = {made.seal,    made.index,	 made.cursor,
				      made.signing, made.pepper, made.pseudonym};

	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert(memcmp(all[i], all[j], 32) != 0);
}
END_TEST

START_TEST(a_sealed_value_opens_only_with_its_record_and_key)
{
	struct keyring made = keys(master), other = made;
	char *sealed = secret_seal(made.seal, "066099001234", "record-1");

	other.seal[0] ^= 1;
	ck_assert_str_eq(secret_open(made.seal, sealed, "record-1"), "066099001234");
	ck_assert_ptr_null(secret_open(made.seal, sealed, "record-2"));
	ck_assert_ptr_null(secret_open(other.seal, sealed, "record-1"));
	ck_assert_ptr_null(strstr(sealed, "066099"));
	for (char *c = sealed; *c; c++) {
		char was = *c;

		*c = was == '0' ? '1' : '0';
		ck_assert_ptr_null(secret_open(made.seal, sealed, "record-1"));
		*c = was;
	}
	for (size_t length = strlen(sealed); length--;) {
		sealed[length] = '\0';
		ck_assert_ptr_null(secret_open(made.seal, sealed, "record-1"));
	}
}
END_TEST

START_TEST(the_same_value_is_never_sealed_the_same)
{
	struct keyring made = keys(master);

	ck_assert_str_ne(secret_seal(made.seal, "1", "a"), secret_seal(made.seal, "1", "a"));
}
END_TEST

START_TEST(a_blind_index_is_equal_for_equal_text_alone)
{
	struct keyring made = keys(master);
	char one[65], same[65], other[65], plain[65];

	secret_index(made.index, "066099001234", one);
	secret_index(made.index, "066099001234", same);
	secret_index(made.index, "066099001235", other);
	secret_sha256("066099001234", plain);
	ck_assert_str_eq(one, same);
	ck_assert_str_ne(one, other);
	ck_assert_str_ne(one, plain);
}
END_TEST

START_TEST(sha_256_is_that_of_the_standard)
{
	char hex[65];

	secret_sha256("abc", hex);
	ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

START_TEST(a_cursor_opens_only_for_its_query)
{
	struct keyring made = keys(master);
	char *cursor = cursor_seal(&made, "[\"An\",\"1\"]", "people|full_name");
	static const char *const wrong[] = {"", "a", "!!!!", "AAAA", "aGVsbG8", NULL};

	ck_assert_str_eq(cursor_open(&made, cursor, "people|full_name"), "[\"An\",\"1\"]");
	ck_assert_ptr_null(cursor_open(&made, cursor, "people|id"));
	for (int i = 0; wrong[i]; i++)
		ck_assert_ptr_null(cursor_open(&made, wrong[i], "people|full_name"));
	ck_assert_uint_eq(strspn(cursor,
				 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
				 "6789-_"),
			  strlen(cursor));
}
END_TEST

START_TEST(a_password_matches_in_any_normal_form_and_nothing_else)
{
	struct keyring made = keys(master);
	struct keyring other = keys(
		"ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
	char hash[PASSWORD_HASH_MAX], again[PASSWORD_HASH_MAX];

	ck_assert(password_hash(&made, "Nguyễn-62", hash));
	ck_assert(password_hash(&made, "Nguyễn-62", again));
	ck_assert_str_ne(hash, again);
	ck_assert(!strncmp(hash, "$argon2id$", 10));
	ck_assert(password_matches(&made, "Nguye\xCC\x82\xCC\x83n-62", hash));
	ck_assert(!password_matches(&made, "nguyễn-62", hash));
	ck_assert(!password_matches(&made, "", hash));
	ck_assert(!password_matches(&other, "Nguyễn-62", hash));
	ck_assert(!password_matches(&made, "Nguyễn-62", "$argon2id$broken"));
	ck_assert(!password_matches(&made, "Nguyễn-62", ""));
}
END_TEST

Suite *secret_suite(void)
{
	Suite *suite = suite_create("secret");
	TCase *cases = tcase_create("secret");

	add_rows(cases, a_master_key_has_64_digits, bad_masters);
	tcase_add_test(cases, no_two_uses_share_a_key);
	tcase_add_test(cases, a_sealed_value_opens_only_with_its_record_and_key);
	tcase_add_test(cases, the_same_value_is_never_sealed_the_same);
	tcase_add_test(cases, a_blind_index_is_equal_for_equal_text_alone);
	tcase_add_test(cases, sha_256_is_that_of_the_standard);
	tcase_add_test(cases, a_cursor_opens_only_for_its_query);
	tcase_add_test(cases, a_password_matches_in_any_normal_form_and_nothing_else);
	suite_add_tcase(suite, cases);
	return suite;
}
