/* Forged and bent access tokens over HTTP: every one is the same 401 (RFC 8725). */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support.h"
#include "text.h"

/* What a caller like any other has; the tests bend it. */
static const char *good(void)
{
	return token(PROVINCE, OFFICER);
}

static char *base64url(const void *bytes, size_t length)
{
	char *text = malloc(length * 2 + 8);

	return sodium_bin2base64(text, length * 2 + 8, bytes, length,
				 sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* The header (0) or the claims (1) of the good token, as JSON text. */
static char *segment(int which)
{
	const char *start = good();
	size_t length = 0;

	for (; which; which--)
		start = strchr(start, '.') + 1;
	char *text = calloc(1, strlen(start) + 1);

	require(!sodium_base642bin((unsigned char *)text, strlen(start), start, strcspn(start, "."),
				   NULL, &length, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
		"not base64url");
	return text;
}

static EVP_PKEY *signing_key(void)
{
	char *kid = sql(AS_OWNER, "SELECT kid FROM signing_keys WHERE retired_at IS NULL");
	char *sealed = sql(AS_OWNER, "SELECT sealed FROM signing_keys WHERE kid = '%s'", kid);
	char *pem = secret_open(keyring()->signing, sealed, kid);
	BIO *memory = BIO_new_mem_buf(pem, -1);

	return PEM_read_bio_PrivateKey(memory, NULL, NULL, NULL);
}

/* r and s of the DER signature, 32 bytes each, as JWS has them (RFC 7518, 3.4). */
static void flatten(const unsigned char *der, unsigned char flat[64])
{
	const unsigned char *at = der + 2;

	for (int i = 0; i < 2; i++) {
		size_t length = at[1];
		const unsigned char *number = at + 2;

		for (; length > 32; length--)
			number++;
		memcpy(flat + i * 32 + 32 - length, number, length);
		at += 2 + at[1];
	}
}

/* A token with this header and these claims, signed by the service's own key. */
static char *signed_token(const char *header, const char *claims)
{
	struct text token_text = {0};
	unsigned char der[128], flat[64] = {0};
	size_t length = sizeof der;
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	text_addf(&token_text, "%s.%s", base64url(header, strlen(header)),
		  base64url(claims, strlen(claims)));
	EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, signing_key());
	EVP_DigestSign(context, der, &length, (const unsigned char *)token_text.data,
		       token_text.length);
	flatten(der, flat);
	text_addf(&token_text, ".%s", base64url(flat, sizeof flat));
	return text_take(&token_text);
}

static int status_of(const char *bent)
{
	return http_get(bent, "/v1/me").status;
}

START_TEST(a_token_signed_by_us_with_sound_claims_is_good)
{
	ck_assert_int_eq(status_of(good()), 200);
	ck_assert_int_eq(status_of(signed_token(segment(0), segment(1))), 200);
}
END_TEST

/* Members of the header that replace the good ones; null takes one out. */
static const char *const headers[] = {
	"{'alg':'none'}",
	"{'alg':'None'}",
	"{'alg':null}",
	"{'alg':5}",
	"{'alg':['ES256']}",
	"{'alg':'es256'}",
	"{'alg':'HS256'}",
	"{'alg':'RS256'}",
	"{'typ':'jwt'}",
	"{'typ':'at+jwt'}",
	"{'typ':null}",
	"{'kid':null}",
	"{'kid':'../../dev/null'}",
	"{'kid':'unknown-key-00'}",
	"{'kid':7}",
	"{'crit':['exp']}",
	"{'b64':false}",
	"{'jku':'http://127.0.0.1:1/'}",
	"{'jwk':{}}",
	"{'x5u':'http://127.0.0.1:1/'}",
	"{'x5c':[]}",
	"{'zip':'DEF'}",
};

static char *changed(const char *text, const char *quoted)
{
	json_t *bent = json_loads(text, 0, NULL), *changes = object("%s", quoted), *value;
	const char *name;

	json_object_foreach(changes, name, value) {
		if (json_is_null(value))
			json_object_del(bent, name);
		else
			json_object_set(bent, name, value);
	}
	return json_dumps(bent, JSON_COMPACT);
}

START_TEST(a_bent_header_is_refused)
{
	ck_assert_int_eq(status_of(signed_token(changed(segment(0), headers[_i]), segment(1))),
			 401);
}
END_TEST

/* Claims likewise. */
static const struct {
	const char *changes;
	int status;
} claims[] = {
	{"{'iss':'https://lachan.daklak.gov.vn/'}", 401},
	{"{'iss':null}", 401},
	{"{'aud':'x'}", 401},
	{"{'aud':null}", 401},
	{"{'aud':['x','urn:lachan:api']}", 200},
	{"{'exp':1.9e9}", 401},
	{"{'exp':'1900000000'}", 401},
	{"{'exp':-1}", 401},
	{"{'exp':null}", 401},
	{"{'exp':9223372036854775807}", 401},
	{"{'iat':null}", 401},
	{"{'nbf':9223372036854775807}", 401},
	{"{'jti':1}", 401},
	{"{'sub':'00000000-0000-7000-8000-000000000000'}", 401},
	{"{'sid':'00000000-0000-7000-8000-000000000000'}", 401},
	{"{'agency':20}", 401},
	{"{'role':'god'}", 401},
	{"{'scope':null}", 401},
};

START_TEST(bent_claims_are_refused)
{
	ck_assert_int_eq(
		status_of(signed_token(segment(0), changed(segment(1), claims[_i].changes))),
		claims[_i].status);
}
END_TEST

/* Seconds from now, and what becomes of them: 30 s of skew are forgiven. */
static const struct {
	int issued, not_before, expires, status;
} times[] = {
	{-600, -600, -32, 401}, {-600, -600, -20, 200}, {0, 40, 900, 401},
	{60, 0, 900, 401},	{0, 0, 3600, 401},
};

START_TEST(times_are_checked)
{
	char text[160];
	long long now = time(NULL);

	snprintf(text, sizeof text, "{'iat':%lld,'nbf':%lld,'exp':%lld}", now + times[_i].issued,
		 now + times[_i].not_before, now + times[_i].expires);
	ck_assert_int_eq(status_of(signed_token(segment(0), changed(segment(1), text))),
			 times[_i].status);
}
END_TEST

/* What is put behind, or instead of, the text of a good token. */
static const struct {
	const char *text;
	bool is_suffix;
} texts[] = {
	{".", true},   {"=", true},	{"!!", true}, {".a", true},   {"#", true},
	{"..", false}, {"a..b", false}, {".", false}, {"a.b", false}, {"a.b.c.d", false},
};

START_TEST(a_bent_text_is_refused)
{
	char bent[4096];

	snprintf(bent, sizeof bent, "%s%s", texts[_i].is_suffix ? good() : "", texts[_i].text);
	ck_assert_int_eq(status_of(bent), 401);
}
END_TEST

START_TEST(a_changed_signature_or_claim_is_refused)
{
	char *bent = strdup(good());
	size_t length = strlen(bent);

	bent[length - 20] = bent[length - 20] == 'A' ? 'B' : 'A';
	ck_assert_int_eq(status_of(bent), 401);
	bent = strdup(good());
	char *claim = strchr(bent, '.') + 10;

	*claim = *claim == 'A' ? 'B' : 'A';
	ck_assert_int_eq(status_of(bent), 401);
}
END_TEST

START_TEST(a_repeated_claim_is_refused)
{
	char twice[4096];

	snprintf(twice, sizeof twice, "{\"exp\":1,%s", segment(1) + 1);
	ck_assert_int_eq(status_of(signed_token(segment(0), twice)), 401);
}
END_TEST

/* Authorization headers as they come. */
static const struct {
	const char *line;
	int status;
} lines[] = {
	{"", 401},
	{"Authorization: Bearer\r\n", 401},
	{"Authorization: Bearer \r\n", 401},
	{"Authorization: Basic YTpi\r\n", 401},
	{"Authorization: Negotiate abc\r\n", 401},
	{"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n", 400},
	{"Cookie: access_token=x\r\n", 401},
};

START_TEST(what_is_no_bearer_token_is_refused)
{
	struct http answer = http(.path = "/v1/me", .headers = lines[_i].line);

	ck_assert_int_eq(answer.status, lines[_i].status);
	if (answer.status == 401)
		ck_assert_ptr_nonnull(http_header(&answer, "WWW-Authenticate"));
}
END_TEST

START_TEST(a_token_in_the_query_is_no_token)
{
	ck_assert_int_eq(http_get(NULL, "/v1/me?access_token=%s", good()).status, 401);
}
END_TEST

/* Clients, and what HTTP Basic gives them where it is taken. */
static const struct {
	const char *client;
	int by_basic;
} proven[] = {
	{"{'role': 'viewer', 'scopes': ['read']}", 200},
	{"{'role': 'service', 'scopes': ['read', 'write'], 'purpose': 'case_management'}", 403},
};

START_TEST(a_secret_just_proven_is_no_token)
{
	struct http client = http_post(token(PROVINCE, ADMIN), "/v1/clients",
				       object("%s", proven[_i].client));

	assert_status(client, 201);
	char *pair = text_of("%s:%s", http_text(&client, "client_id"),
			     http_text(&client, "secret"));
	char encoded[512];

	sodium_bin2base64(encoded, sizeof encoded, (const unsigned char *)pair, strlen(pair),
			  sodium_base64_VARIANT_ORIGINAL);
	assert_status(http(.path = "/v1/units?limit=1",
			   .headers = text_of("Authorization: Basic %s\r\n", encoded)),
		      proven[_i].by_basic);
	ck_assert_int_eq(status_of(text_of("Basic %s", encoded)), 401);
	ck_assert_int_eq(status_of(encoded), 401);
}
END_TEST

/* A revoked session ends within 5 s. */
START_TEST(logout_ends_the_session)
{
	struct http login = http(.method = "POST", .path = "/v1/auth/login",
				 .body = json_dumps(json_pack("{ssss}", "username",
							      username_of(5, OFFICER), "password",
							      password),
						    0));
	const char *fresh = http_text(&login, "access_token");

	ck_assert_int_eq(status_of(fresh), 200);
	ck_assert_int_eq(http(.method = "POST", .path = "/v1/auth/logout", .token = fresh).status,
			 204);
	ck_assert_int_eq(status_of(fresh), 401);
}
END_TEST

static char *logged_in(void)
{
	struct http login = http_post(
		NULL, "/v1/auth/login",
		json_pack("{ssss}", "username", username_of(5, OFFICER), "password", password));

	assert_status(login, 200);
	return strdup(http_text(&login, "access_token"));
}

static int keys_told(void)
{
	struct http answer = http_get(NULL, "/.well-known/jwks.json");

	return (int)json_array_size(json_object_get(answer.json, "keys"));
}

/* The same header: the same kid. */
static bool has_key_of(const char *token, const char *other)
{
	return !strncmp(token, other, strcspn(token, ".") + 1);
}

/* Two replicas that run on: the old key is told and taken while its tokens live, the new one signs.
 */
START_TEST(keys_are_rotated_while_every_replica_runs)
{
	const struct timespec moment = {.tv_nsec = 200000000};
	struct server other;
	char *before = logged_in(), *said;
	int first = http_port(), ports[2], told = keys_told();

	server_start(&other, NULL);
	ports[0] = first;
	ports[1] = other.port;
	setenv("LACHAN_KEY_LEAD_SECONDS", "12", 1);
	ck_assert_msg(!lachan("keys rotate", &said), "%s", said);
	for (int i = 0; i < 2; i++) {
		http_use(ports[i]);
		for (int tries = 25; tries && keys_told() == told; tries--)
			nanosleep(&moment, NULL);
		ck_assert_int_eq(keys_told(), told + 1);
		char *after = logged_in();
		/* Told for a while before it signs. */
		ck_assert(i || has_key_of(before, after));
		for (int tries = 100; tries && has_key_of(before, after); tries--) {
			nanosleep(&moment, NULL);
			after = logged_in();
		}
		ck_assert(!has_key_of(before, after));
		for (int j = 0; j < 2; j++) {
			http_use(ports[j]);
			ck_assert_int_eq(status_of(before), 200);
			ck_assert_int_eq(status_of(after), 200);
		}
	}
	http_use(first);
	ck_assert(server_stop(&other));
}
END_TEST

/* Two replicas that have just taken the token, and go on being asked by it. */
START_TEST(what_a_stolen_key_signed_is_refused_by_every_replica_within_five_seconds)
{
	const struct timespec moment = {.tv_nsec = 100000000};
	struct server other;
	struct timespec since, now;
	char *said;
	int first = http_port(), ports[2];
	bool is_over[2] = {false, false};

	server_start(&other, NULL);
	ports[0] = first;
	ports[1] = other.port;
	ck_assert_msg(!lachan("keys rotate", &said), "%s", said); /* waits for its time */
	char *stolen = logged_in();

	for (int i = 0; i < 2; i++) {
		http_use(ports[i]);
		ck_assert_int_eq(status_of(stolen), 200);
	}
	ck_assert_msg(!lachan("keys rotate --now", &said), "%s", said);
	clock_gettime(CLOCK_MONOTONIC, &since);
	do {
		for (int i = 0; i < 2; i++) {
			http_use(ports[i]);
			int status = status_of(stolen);

			ck_assert(status == 401 || (status == 200 && !is_over[i]));
			is_over[i] = status == 401;
		}
		nanosleep(&moment, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - since.tv_sec) * 1000 + (now.tv_nsec - since.tv_nsec) / 1000000 <
		 4800);
	for (int i = 0; i < 2; i++) {
		http_use(ports[i]);
		ck_assert(is_over[i]);
		ck_assert_int_eq(keys_told(), 1);
		char *after = logged_in();

		ck_assert(!has_key_of(stolen, after));
		for (int j = 0; j < 2; j++) {
			http_use(ports[j]);
			ck_assert_int_eq(status_of(after), 200);
		}
	}
	http_use(first);
	tokens_forget();
	ck_assert(server_stop(&other));
}
END_TEST

START_TEST(a_session_that_ends_is_over_on_every_replica_within_five_seconds)
{
	const struct timespec moment = {.tv_nsec = 200000000};
	struct server other;
	char *fresh = logged_in();
	int first = http_port(), tries = 25;

	server_start(&other, NULL);
	http_use(other.port);
	ck_assert_int_eq(status_of(fresh), 200);
	http_use(first);
	ck_assert_int_eq(http(.method = "POST", .path = "/v1/auth/logout", .token = fresh).status,
			 204);
	http_use(other.port);
	while (tries && status_of(fresh) != 401) {
		nanosleep(&moment, NULL);
		tries--;
	}
	ck_assert_int_gt(tries, 0);
	http_use(first);
	ck_assert(server_stop(&other));
}
END_TEST

Suite *token_suite(void);
Suite *token_suite(void)
{
	Suite *suite = suite_create("token");
	TCase *cases = tcase_create("token");

	tcase_set_timeout(cases, 30);
	tcase_add_test(cases, a_token_signed_by_us_with_sound_claims_is_good);
	add_rows(cases, a_bent_header_is_refused, headers);
	add_rows(cases, bent_claims_are_refused, claims);
	add_rows(cases, times_are_checked, times);
	add_rows(cases, a_bent_text_is_refused, texts);
	tcase_add_test(cases, a_changed_signature_or_claim_is_refused);
	tcase_add_test(cases, a_repeated_claim_is_refused);
	add_rows(cases, what_is_no_bearer_token_is_refused, lines);
	tcase_add_test(cases, a_token_in_the_query_is_no_token);
	add_rows(cases, a_secret_just_proven_is_no_token, proven);
	tcase_add_test(cases, logout_ends_the_session);
	tcase_add_test(cases, a_session_that_ends_is_over_on_every_replica_within_five_seconds);
	tcase_add_test(cases, keys_are_rotated_while_every_replica_runs);
	tcase_add_test(cases,
		       what_a_stolen_key_signed_is_refused_by_every_replica_within_five_seconds);
	suite_add_tcase(suite, cases);
	return suite;
}
