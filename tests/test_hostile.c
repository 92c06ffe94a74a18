/* What a hostile client sends, and the answer that each gets; afterwards the service serves on. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "network.h"
#include "support.h"
#include "text.h"

static void still_serves(void)
{
	ck_assert_int_eq(http_get(NULL, "/readyz").status, 200);
}

/* Bytes as sent, each on a connection of its own. 0: closed without an answer. */
static const struct {
	const char *why, *bytes;
	int status;
} raw[] = {
	{"two Content-Length",
	 "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n", 400},
	{"both framings",
	 "POST /v1/people HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: "
	 "chunked\r\n\r\n0\r\n\r\n",
	 400},
	{"no Host", "GET /healthz HTTP/1.1\r\n\r\n", 400},
	{"two Hosts", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
	{"space before the colon", "GET /healthz HTTP/1.1\r\nHost: a\r\nX-A : b\r\n\r\n", 400},
	{"bare line feeds", "GET /healthz HTTP/1.1\nHost: a\n\n", 400},
	{"folded header", "GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: b\r\n  c\r\n\r\n", 400},
	{"absolute form", "GET http://evil/healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	{"HTTP/0.9", "GET /healthz\r\n\r\n", 400},
	{"HTTP/2.0", "GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n", 505},
	{"unknown method", "FOO /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 501},
	{"lower case method", "get /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 501},
	{"TRACE", "TRACE /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405},
	{"CONNECT elsewhere", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400},
	{"escaped slash",
	 "GET /v1/%2e%2e%2fpeople HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400},
	{"empty segments", "GET //v1//people HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
	 404},
	{"a path that is no text",
	 "GET /v1/\xff\xff\xff\xff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404},
	{"trailing slash", "GET /v1/people/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404},
	{"Expect: foo",
	 "POST /v1/people HTTP/1.1\r\nHost: a\r\nExpect: foo\r\nContent-Length: 0\r\nConnection: "
	 "close\r\n\r\n",
	 417},
	{"Expect: what is no text",
	 "GET /healthz HTTP/1.1\r\nHost: a\r\nExpect: \xff\xfe\r\nConnection: close\r\n\r\n", 417},
	{"Content-Length: -1", "POST /v1/people HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
	 400},
	{"Content-Length: abc",
	 "POST /v1/people HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n", 400},
	{"a TLS hello", "\x16\x03\x01\x02\x01\x01\xfc\x03\x03", 0},
	{"upgrade",
	 "GET /healthz HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade, "
	 "close\r\n\r\n",
	 200},
};

START_TEST(framing)
{
	struct http answer = raw_send(raw[_i].bytes, strlen(raw[_i].bytes), 2);

	ck_assert_msg(answer.status == raw[_i].status, "%s: %d", raw[_i].why, answer.status);
	still_serves();
}
END_TEST

/* Queries on /v1/people by an officer of agency 1. */
static const struct {
	const char *query;
	int status;
	const char *parameter, *code;
} queries[] = {
	{"limit=0", 400, "limit", "out_of_range"},
	{"limit=-1", 400, "limit", "out_of_range"},
	{"limit=201", 400, "limit", "out_of_range"},
	{"limit=10abc", 400, "limit", "out_of_range"},
	{"limit=99999999999999999999", 400, "limit", "out_of_range"},
	{"limit=", 400, "limit", "empty_parameter"},
	{"cursor=", 200, NULL, NULL},
	{"cursor=abc", 400, "cursor", "invalid_cursor"},
	{"cursor=..%2f..", 400, "cursor", "invalid_cursor"},
	{"status[]=user", 400, "status[]", "unknown_parameter"},
	{"status=user&status=user", 400, "status", "repeated_parameter"},
	{"status='%20OR%201=1--", 400, "status", "unknown_code"},
	{"status=%24%7Bjndi%7D", 400, "status", "unknown_code"},
	{"unit=1;DROP%20TABLE%20people", 400, "unit", "not_a_unit"},
	{"institution=1", 400, "institution", "not_a_uuid"},
	{"sort=id;--", 400, "sort", "not_sortable"},
	{"sort=phone", 400, "sort", "not_sortable"},
	{"fields=full_name,password", 400, "fields", "unknown_field"},
	{"date_of_birth_from=2025-02-29", 400, "date_of_birth_from", "not_a_date"},
	{"date_of_birth_from=2024-02-29", 200, NULL, NULL},
	{"status_since_from=today", 400, "status_since_from", "not_a_date"},
	{"status_since_from=infinity", 400, "status_since_from", "not_a_date"},
	{"updated_since=2026-01-01", 400, "updated_since", "not_an_instant"},
	{"updated_since=2026-01-01T23:59:60Z", 400, "updated_since", "not_an_instant"},
	{"updated_since=2026-01-01T00:00:00", 400, "updated_since", "not_an_instant"},
	{"count=yes", 400, "count", "boolean_expected"},
	{"format=xml", 400, "format", "value_unknown"},
	{"bom=true", 400, "bom", "csv_only"},
	{"reveal=true", 200, NULL, NULL},
	{"x=1", 400, "x", "unknown_parameter"},
	{"q=%00", 400, NULL, NULL},
	{"q=%ff", 400, NULL, NULL},
	{"q=%zz", 400, NULL, NULL},
	{"q=%0d%0aSet-Cookie:a", 400, NULL, NULL},
	{"q=';SELECT%20pg_sleep(5)--", 200, NULL, NULL},
	{"q=a%20b%20c%20d%20e%20f%20g%20h%20i", 400, "q", "too_many_words"},
};

START_TEST(parameters)
{
	struct http answer = http_get(token(PROVINCE, OFFICER), "/v1/people?%s", queries[_i].query);

	ck_assert_msg(answer.status == queries[_i].status ||
			      (queries[_i].status == 200 && answer.status == 400 &&
			       strstr(queries[_i].query, "reveal")),
		      "%s: %d %s", queries[_i].query, answer.status, answer.body);
	if (queries[_i].parameter)
		ck_assert_msg(http_blames(&answer, queries[_i].parameter, queries[_i].code),
			      "%s: %s", queries[_i].query, answer.body);
	ck_assert_ptr_null(http_header(&answer, "Set-Cookie"));
}
END_TEST

/* Bodies of POST /v1/training-sessions. */
static const struct {
	const char *body;
	int status;
} bodies[] = {
	{"", 400},
	{"{", 400},
	{"[]", 400},
	{"1", 400},
	{"null", 400},
	{"{}x", 400},
	{"\xef\xbb\xbf{}", 400},
	{"{/**/}", 400},
	{"{\"a\":1,\"a\":2}", 400},
	{"{\"note\":{\"a\":1,\"a\":2}}", 400},
	{"{\"students\":NaN}", 400},
	{"{\"students\":1e999}", 400},
	{"{\"students\":9223372036854775808}", 400},
	{"{\"note\":\"\\u0000\"}", 400},
	{"{\"note\":\"\\ud800\"}", 400},
	{"{\"note\":\"\xff\"}", 400},
	{"{}", 422},
	{"{\"students\":2147483648}", 422},
	{"{\"students\":1.0}", 422},
	{"{\"students\":1e2}", 422},
	{"{\"students\":\"5\"}", 422},
	{"{\"students\":true}", 422},
	{"{\"id\":\"x\",\"created_by\":1,\"version\":9,\"roles\":[]}", 422},
	{"[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]", 400},
};

START_TEST(json_bodies)
{
	struct http answer = http(.method = "POST", .path = "/v1/training-sessions",
				  .token = token(PROVINCE, OFFICER), .body = bodies[_i].body);

	ck_assert_msg(answer.status == bodies[_i].status, "%s: %d %s", bodies[_i].body,
		      answer.status, answer.body);
}
END_TEST

START_TEST(mass_assignment_blames_each_member)
{
	struct http answer = http_post(token(PROVINCE, OFFICER), "/v1/people",
				       person("{'id':'x','organization':'so_y_te','version':9,"
					      "'status':'closed','is_admin':true}"));

	ck_assert_int_eq(answer.status, 422);
	ck_assert(http_blames(&answer, "/id", "read_only"));
	ck_assert(http_blames(&answer, "/organization", "read_only"));
	ck_assert(http_blames(&answer, "/version", "read_only"));
	ck_assert(http_blames(&answer, "/status", "read_only"));
	ck_assert(http_blames(&answer, "/is_admin", "unknown_field"));
}
END_TEST

START_TEST(strings_of_other_languages_are_kept_as_they_are)
{
	static const char wild[] = "{{7*7}} %n%s ${jndi:ldap://x} <script>'\"; DROP TABLE people--";
	json_t *body = person(NULL);

	json_object_set_new(body, "address", json_string(wild));
	struct http answer = http_post(token(PROVINCE, OFFICER), "/v1/people", body);

	ck_assert_int_eq(answer.status, 201);
	ck_assert_str_eq(http_text(&answer, "address"), wild);
}
END_TEST

static const struct {
	const char *type, *encoding;
	int status;
} types[] = {
	{"text/plain", "", 415},
	{"application/json; charset=utf-16", "", 415},
	{"multipart/form-data; boundary=x", "", 415},
	{"application/json", "Content-Encoding: gzip\r\n", 415},
	{"application/json; charset=utf-8", "", 422},
	{"application/json; charset=\"utf-8\"", "", 422},
	{"application/json ; charset=\"UTF-8\"", "", 422},
	{"application/json;charset=UTF-8;", "", 422},
	{"application/json; charset=\"utf-16\"", "", 415},
	{"application/json; charset=\"utf-8", "", 415},
	{"application/json; charset=utf-8; profile=x", "", 415},
	{"application/jsonp", "", 415},
};

START_TEST(content_types)
{
	struct http answer = http(.method = "POST", .path = "/v1/people",
				  .token = token(PROVINCE, OFFICER), .body = "{}",
				  .type = types[_i].type, .headers = types[_i].encoding);

	ck_assert_int_eq(answer.status, types[_i].status);
}
END_TEST

/* Header lines of a POST with an empty object, without a key of their own. */
static const struct {
	const char *lines;
	int status;
	const char *code;
} header_lines[] = {
	{"Idempotency-Key: a,b\r\n", 422, "content_invalid"},
	{"Idempotency-Key: ,\r\n", 422, "content_invalid"},
	{"Idempotency-Key: a b\r\n", 400, "request_malformed"},
	{"Idempotency-Key: a\r\nIdempotency-Key: b\r\n", 400, "header_repeated"},
	{"Idempotency-Key: a\r\nidempotency-key: a\r\n", 400, "header_repeated"},
	{"Idempotency-Key: a\r\nPurpose: oversight\r\nPurpose: oversight\r\n", 400,
	 "header_repeated"},
	{"Idempotency-Key: a\r\nContent-Type: application/json\r\n", 400, "header_repeated"},
	{"Idempotency-Key: a\r\nAuthorization: Bearer a\r\n", 400, "header_repeated"},
	{"Idempotency-Key: a\r\nExpect: wonders\r\n", 417, "expectation"},
};

/* What is left on the connection would be taken for the next answer. */
static const char *const headed[] = {
	"/v1/units", "/v1/units?format=csv", "/v1/units?format=ndjson", "/v1/indicators?format=csv",
	"/docs",     "/v1/nothing"};

START_TEST(head_sends_headers_and_nothing_after_them)
{
	char *ask = text_of("HEAD %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
			    "Connection: close\r\n\r\n",
			    headed[_i], token(PROVINCE, OFFICER));
	struct http get = http_get(token(PROVINCE, OFFICER), "%s", headed[_i]);
	char said[8192] = "";
	size_t length = 0;
	int socket = raw_connect();

	ck_assert_int_gt(send(socket, ask, strlen(ask), 0), 0);
	for (ssize_t came = 1; came > 0; length += (size_t)came)
		came = recv(socket, said + length, sizeof said - 1 - length, 0);
	close(socket);
	ck_assert_ptr_eq(strstr(said, "\r\n\r\n"), said + length - 4);
	struct http head = raw_parse(said, length);
	ck_assert_pstr_eq(http_header(&head, "Content-Type"), http_header(&get, "Content-Type"));
	ck_assert_int_eq((int)strtol(said + 9, NULL, 10), get.status);
}
END_TEST

START_TEST(a_header_is_repeated_by_lines_not_by_commas)
{
	struct http answer = http(.method = "POST", .path = "/v1/people",
				  .token = token(PROVINCE, OFFICER), .body = "{}", .key = "",
				  .headers = header_lines[_i].lines);

	assert_status(answer, header_lines[_i].status);
	ck_assert_str_eq(http_text(&answer, "code"), header_lines[_i].code);
	ck_assert_str_eq(http_text(&answer, "instance"), "/v1/people");
}
END_TEST

START_TEST(a_patch_is_a_merge_patch)
{
	char *id = person_made(NULL);
	struct text path = {0};

	text_addf(&path, "/v1/people/%s", id);
	ck_assert_int_eq(http(.method = "PATCH", .path = path.data,
			      .token = token(PROVINCE, OFFICER), .match = "\"1\"", .body = "{}",
			      .type = "application/json")
				 .status,
			 415);
}
END_TEST

/* Sizes: the limit itself is fine, one byte more is not. */
START_TEST(a_body_above_the_limit_is_refused_whole)
{
	enum { LIMIT = 1048576 };
	char *body = malloc(LIMIT + 2);

	for (int more = 0; more < 2; more++) {
		size_t size = LIMIT + (size_t)more;

		memset(body, ' ', size);
		memcpy(body, "{}", 2);
		struct http answer = http(.method = "POST", .path = "/v1/people",
					  .token = token(PROVINCE, OFFICER), .body = body,
					  .length = size);

		ck_assert_int_eq(answer.status, more ? 413 : 422);
	}
	still_serves();
}
END_TEST

START_TEST(a_url_or_header_above_the_limit_is_refused)
{
	char *long_text = calloc(1, 50000);

	memset(long_text, 'a', 9000);
	ck_assert_int_eq(http_get(token(PROVINCE, OFFICER), "/v1/people?q=%s", long_text).status,
			 414);
	memset(long_text, 'a', 40000);
	struct text bytes = {0};

	text_addf(&bytes, "GET /healthz HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n", long_text);
	int status = raw_send(bytes.data, bytes.length, 2).status;

	ck_assert(status == 431 || status == 400 || status == 413);
	still_serves();
}
END_TEST

/* Another unit's person, and no person at all: the same answer to the byte but for the ids. */
START_TEST(what_is_out_of_sight_is_as_what_is_not_there)
{
	char *theirs = person_made(NULL);
	static const char none[] = "018ebb38-1a80-7001-ad9a-9cefc5c63500";
	static const char *const suffixes[] = {"", "/statuses", "/interventions", "/violations"};

	for (size_t i = 0; i < 4; i++) {
		struct http one = http_get(token(OTHER_COMMUNE, OFFICER), "/v1/people/%s%s", theirs,
					   suffixes[i]);
		struct http other = http_get(token(OTHER_COMMUNE, OFFICER), "/v1/people/%s%s", none,
					     suffixes[i]);

		ck_assert_int_eq(one.status, 404);
		json_object_del(one.json, "instance");
		json_object_del(one.json, "request_id");
		json_object_del(other.json, "instance");
		json_object_del(other.json, "request_id");
		ck_assert(json_equal(one.json, other.json));
	}
}
END_TEST

START_TEST(a_cursor_is_of_its_caller_alone)
{
	person_made(NULL);
	person_made(NULL);
	struct http page = http_get(token(COMMUNE, OFFICER), "/v1/people?limit=1");
	const char *cursor = http_text(&page, "page.next_cursor");

	ck_assert_ptr_nonnull(cursor);
	ck_assert_int_eq(
		http_get(token(COMMUNE, OFFICER), "/v1/people?limit=1&cursor=%s", cursor).status,
		200);
	ck_assert_int_eq(
		http_get(token(PROVINCE, OFFICER), "/v1/people?limit=1&cursor=%s", cursor).status,
		400);
}
END_TEST

START_TEST(headers_that_pretend_change_nothing)
{
	struct http answer = http(
			.path = "/v1/people", .token = token(8, OFFICER),
			.headers = "X-HTTP-Method-Override: DELETE\r\nX-User-ID: 1\r\n"
				   "X-Forwarded-User: admin\r\nX-Original-URL: /v1/me\r\n");

	ck_assert_int_eq(answer.status, 403);
}
END_TEST

START_TEST(the_sixth_wrong_password_waits_whoever_it_is_for)
{
	for (int known = 0; known < 2; known++) {
		const char *name = known ? username_of(7, VIEWER) : unique("nobody.");
		char *body = json_dumps(
			json_pack("{ssss}", "username", name, "password", "wrong-password-1"), 0);
		struct http answer = {0};

		if (known)
			token(7, VIEWER); /* it exists */
		for (int i = 0; i < 6; i++) {
			answer = http(.method = "POST", .path = "/v1/auth/login", .body = body);
			ck_assert_int_eq(answer.status, i < 5 ? 401 : 429);
		}
		ck_assert_ptr_nonnull(http_header(&answer, "Retry-After"));
	}
}
END_TEST

static const struct {
	const char *trusted, *forwarded, *peer, *client;
} forwards[] = {
	{"", "192.0.2.1", "127.0.0.1", "127.0.0.1"},
	{"10.0.0.1", "192.0.2.1", "127.0.0.1", "127.0.0.1"},
	{"127.0.0.1", "", "127.0.0.1", "127.0.0.1"},
	{"127.0.0.1", "192.0.2.1", "127.0.0.1", "192.0.2.1"},
	{"127.0.0.1", " 203.0.113.9 ,\t192.0.2.1 ", "127.0.0.1", "192.0.2.1"},
	{"127.0.0.1, 10.0.0.0/8", "203.0.113.9,192.0.2.1,10.1.2.3", "127.0.0.1", "192.0.2.1"},
	{"127.0.0.0/8,10.0.0.0/8", "10.9.9.9,10.1.2.3", "127.0.0.2", "10.9.9.9"},
	{"127.0.0.1,10.0.0.0/8", "192.0.2.1,unknown,10.1.2.3", "127.0.0.1", "10.1.2.3"},
	{"127.0.0.1", "192.0.2.1,", "127.0.0.1", "127.0.0.1"},
	{"127.0.0.1", "192.0.2.1:443", "127.0.0.1", "127.0.0.1"},
	{"127.0.0.1", "192.0.2.1.evil.example.with.a.name.that.is.far.too.long.for.any.address",
	 "127.0.0.1", "127.0.0.1"},
	{"10.0.0.0/9", "192.0.2.1", "10.127.0.1", "192.0.2.1"},
	{"10.0.0.0/9", "192.0.2.1", "10.128.0.1", "10.128.0.1"},
	{"0.0.0.0/0", "192.0.2.1", "2001:db8::1", "2001:db8::1"},
	{"2001:db8::/33", "2001:DB8:0:0::7", "2001:db8:7fff::1", "2001:db8::7"},
	{"2001:db8::/33", "2001:db8::7", "2001:db8:8000::1", "2001:db8:8000::1"},
	{"::ffff:127.0.0.1", "::ffff:192.0.2.1", "127.0.0.1", "192.0.2.1"},
};

START_TEST(a_trusted_proxy_says_whom_it_speaks_for)
{
	struct networks trusted;
	char address[ADDRESS];

	snprintf(address, sizeof address, "%s", forwards[_i].peer);
	ck_assert(networks_parse(&trusted, forwards[_i].trusted));
	networks_trace(&trusted, forwards[_i].forwarded, address);
	ck_assert_str_eq(address, forwards[_i].client);
}
END_TEST

static const char *const no_networks[] = {"localhost",	"10.0.0.0/33",	      "10.0.0.0/",
					  "10.0.0/8",	"10.0.0.0/8/8",	      "10.0.0.0/-1",
					  "::1/129",	"10.0.0.1 ::1",	      "10.0.0.0/8,,::1",
					  "10.0.0.0/a", "10.0.0.0/4294967297"};

START_TEST(a_network_is_an_address_with_how_many_bits_of_it)
{
	struct networks networks;

	ck_assert(!networks_parse(&networks, no_networks[_i]));
}
END_TEST

static struct http login_from(const char *name, const char *with_password, const char *headers)
{
	return http(.method = "POST", .path = "/v1/auth/login", .headers = headers,
		    .body = json_dumps(
			    json_pack("{ssss}", "username", name, "password", with_password), 0));
}

static struct http sixth_login_from(const char *name, const char *headers, const char *forged)
{
	for (int i = 0; i < 5; i++)
		assert_status(
			login_from(name, "wrong-password-1", forged ? text_of(forged, i) : headers),
			401);
	return login_from(name, "wrong-password-1", headers);
}

START_TEST(clients_behind_a_trusted_proxy_do_not_lock_each_other_out)
{
	static const char *const settings[] = {"LACHAN_TRUSTED_PROXIES=127.0.0.0/8,10.0.0.0/8",
					       NULL};
	const char *name = username_of(7, VIEWER), *officer = token(PROVINCE, OFFICER);
	struct server other;

	token(7, VIEWER); /* it exists */
	server_start(&other, settings);
	http_use(other.port);
	assert_status(sixth_login_from(name, "X-Forwarded-For: 203.0.113.1\r\n",
				       "X-Forwarded-For: 198.51.100.%d, 203.0.113.1\r\n"),
		      429); /* whatever stands before it */
	assert_status(
		login_from(name, password,
			   "X-Forwarded-For: 203.0.113.2\r\nx-forwarded-for: 203.0.113.1\r\n"),
		429);
	assert_status(
		login_from(name, password,
			   "x-forwarded-for: 203.0.113.1\r\nX-Forwarded-For: 203.0.113.2\r\n"),
		200);
	assert_status(http(.path = "/v1/people?limit=1", .token = officer,
			   .headers = "X-Forwarded-For: 203.0.113.3\r\n"),
		      200);
	ck_assert_int_eq(sql_number(AS_SUPERUSER,
				    "SELECT (SELECT count(*) FROM audit WHERE audit::text LIKE "
				    "'%%203.0.113.3%%') + (SELECT count(*) FROM audit_sealed WHERE "
				    "address = '203.0.113.3')"),
			 1);
	assert_status(http(.path = "/metrics", .headers = "X-Forwarded-For: 203.0.113.3\r\n"), 404);
	assert_status(http(.path = "/metrics", .headers = "X-Forwarded-For: 192.168.1.1\r\n"), 200);
	assert_status(http(.path = "/metrics", .headers = "X-Forwarded-For: fd00::1\r\n"), 200);
	assert_status(http(.path = "/metrics"), 200);
	ck_assert(server_stop(&other));
}
END_TEST

START_TEST(what_nobody_trusted_forwards_is_not_believed)
{
	const char *name = unique("nobody.");

	assert_status(sixth_login_from(name, "X-Forwarded-For: 203.0.113.9\r\n",
				       "X-Forwarded-For: 203.0.113.%d\r\n"),
		      429);
	assert_status(http(.path = "/metrics", .headers = "X-Forwarded-For: 203.0.113.3\r\n"), 200);
}
END_TEST

START_TEST(whoever_tries_numbers_is_stopped)
{
	static const char *const settings[] = {"LACHAN_NUMBER_SEARCHES_PER_HOUR=3", NULL};
	const char *officer = token(COMMUNE, OFFICER);
	struct server other;
	struct http answer = {0};

	server_start(&other, settings);
	http_use(other.port);
	for (int i = 0; i < 4; i++) {
		answer = http_get(officer, "/v1/people?citizen_number=06600000000%d", i);
		ck_assert_int_eq(answer.status, i < 3 ? 200 : 429);
	}
	ck_assert_ptr_nonnull(http_header(&answer, "Retry-After"));
	assert_status(http_get(officer, "/v1/people?limit=1"), 200);
	ck_assert_ptr_nonnull(server_logged(&other, "numbers tried"));
	ck_assert(server_stop(&other));
}
END_TEST

/* By writing them as little as by seeking them. */
START_TEST(whoever_tries_numbers_by_writing_is_stopped)
{
	static const char *const settings[] = {"LACHAN_NUMBER_SEARCHES_PER_HOUR=3", NULL};
	const char *officer = token(COMMUNE, OFFICER);
	const char *system = client_token(COMMUNE, "people:read people:write", "case_management");
	char *own = text_of("/v1/people/%s", made(officer, "/v1/people", person(NULL)));
	struct server other;
	struct http answer = {0};

	server_start(&other, settings);
	http_use(other.port);
	for (int i = 0; i < 4; i++) {
		char *content = text_of("{'citizen_number': '066%09u'}",
					randombytes_uniform(1000000000));

		answer = i % 2 ? http_post(officer, "/v1/people", person(content))
			       : http_patch(officer, own, etag_of(officer, own),
					    object("%s", content));
		ck_assert_int_eq(answer.status, i == 3 ? 429 : i % 2 ? 201 : 200);
	}
	assert_status(http_patch(officer, own, etag_of(officer, own),
				 object("{'citizen_number': null, 'address': 'Thôn 1'}")),
		      200);
	ck_assert_ptr_nonnull(http_header(&answer, "Retry-After"));
	/* A system hands over as many people as it holds. */
	for (int i = 0; i < 5; i++)
		assert_status(http_post(system, "/v1/people",
					person(text_of("{'citizen_number': '066%09u'}",
						       randombytes_uniform(1000000000)))),
			      201);
	ck_assert(server_stop(&other));
}
END_TEST

/* Who has the number may be out of the caller's sight: the trail says whom it met. */
START_TEST(a_number_that_is_taken_is_told_with_a_trail)
{
	const char *officer = token(COMMUNE, OFFICER);
	char *number = text_of("{'citizen_number': '066%09u'}", randombytes_uniform(1000000000));
	char *victim = person_made(number), *own = text_of("/v1/people/%s", person_made(NULL));

	assert_blamed(http_post(officer, "/v1/people", person(number)), 409, "/citizen_number",
		      "duplicate");
	assert_blamed(http_patch(officer, own, etag_of(officer, own), object("%s", number)), 409,
		      "/citizen_number", "duplicate");
	ck_assert_str_eq(sql(AS_SUPERUSER,
			     "SELECT string_agg(action || ' ' || fields::text, ', ' ORDER BY at) "
			     "FROM audit_entries WHERE outcome = 'refused' AND records = "
			     "'{%s}' AND organization = '%s'",
			     victim, organization_of(COMMUNE)),
			 "create {citizen_number}, update {citizen_number}");
}
END_TEST

START_TEST(every_error_is_a_problem_that_tells_nothing_of_us)
{
	static const char *const paths[] = {"/v1/nothing", "/v1/people/x", "/v1/people?limit=x",
					    "/v1/me/x"};

	for (size_t i = 0; i < 4; i++) {
		struct http answer = http_get(token(PROVINCE, OFFICER), "%s", paths[i]);

		ck_assert_int_ge(answer.status, 400);
		ck_assert(strstr(http_header(&answer, "Content-Type"), "application/problem+json"));
		ck_assert_ptr_nonnull(http_text(&answer, "request_id"));
		ck_assert_ptr_null(strstr(answer.body, "SELECT"));
		ck_assert_ptr_null(strstr(answer.body, ".c:"));
		ck_assert_uint_lt(answer.length, 8192);
	}
}
END_TEST

/* Who sends a byte at a time. */
static const struct {
	const char *why, *start;
	const char *ends_with; /* what it gets before it is cut; NULL: nothing */
} drips[] = {
	{"a header that drips", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: ", " 408 "},
	{"a body that drips",
	 "POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	 "Content-Length: 100000\r\n\r\n{\"username\":\"",
	 " 408 "},
	{"a second request line that drips",
	 "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /heal", NULL},
};

enum { DRIPPING = 50, DRIPS = 400, MILLISECONDS_A_DRIP = 25 };

/* True when the other side has closed; what it said is appended. */
static bool is_cut(int socket, char *said, size_t size)
{
	size_t length = strlen(said);
	ssize_t came = recv(socket, said + length, size - length - 1, MSG_DONTWAIT);

	if (came > 0)
		said[length + (size_t)came] = '\0';
	return !came || (came < 0 && errno != EAGAIN);
}

START_TEST(who_sends_a_byte_at_a_time_is_cut_and_nobody_else_waits)
{
	static const char *const settings[] = {"LACHAN_REQUEST_TIMEOUT=1", "LACHAN_IDLE_TIMEOUT=1",
					       NULL};
	const struct timespec pause = {.tv_nsec = MILLISECONDS_A_DRIP * 1000000L};
	static char said[DRIPPING][4096];
	struct server other;
	int sockets[DRIPPING], open = DRIPPING;

	server_start(&other, settings);
	http_use(other.port);
	for (int i = 0; i < DRIPPING; i++) {
		sockets[i] = raw_connect();
		ck_assert_int_gt(send(sockets[i], drips[_i].start, strlen(drips[_i].start), 0), 0);
	}
	for (int drip = 0; drip < DRIPS && open; drip++, nanosleep(&pause, NULL)) {
		if (drip == 20)
			ck_assert_int_eq(http_get(NULL, "/readyz").status, 200);
		for (int i = 0; i < DRIPPING; i++)
			if (sockets[i] >= 0 && (is_cut(sockets[i], said[i], sizeof said[i]) ||
						send(sockets[i], "a", 1, MSG_NOSIGNAL) < 0)) {
				close(sockets[i]);
				sockets[i] = -1;
				open--;
			}
	}
	ck_assert_msg(!open, "%s: %d of %d stay", drips[_i].why, open, DRIPPING);
	for (int i = 0; drips[_i].ends_with && i < DRIPPING; i++)
		ck_assert_msg(strstr(said[i], drips[_i].ends_with), "%s: %s", drips[_i].why,
			      said[i]);
	ck_assert(server_stop(&other));
}
END_TEST

/* What takes long, on a connection that shares its only worker. %s is a person, or a place
 * of the feed. */
static const struct {
	const char *why, *method, *path, *headers, *body;
	const char *lock; /* the table that it waits for; NULL: it waits by itself */
	bool is_first;	  /* of its connection; else something quick came before */
} long_ones[] = {
	{"the feed, later", "GET", "/v1/changes?after=%s&wait=25", "", "", NULL, false},
	{"a dossier, later", "GET", "/v1/people/%s/dossier", "", "", "people", false},
	{"a dossier", "GET", "/v1/people/%s/dossier", "", "", "people", true},
	{"an export, later", "GET", "/v1/people?format=csv", "", "", "people", false},
	{"an export by a late header", "GET", "/v1/people", "Accept: text/csv\r\n", "", "people",
	 true},
	{"a login, later", "POST", "/v1/auth/login", "Content-Type: application/json\r\n",
	 "{\"username\":\"nobody\",\"password\":\"nothing of the kind\"}", "login_throttles",
	 false},
};

static struct http answer_on(int socket)
{
	struct text text = {0};
	struct http answer = {0};
	char bytes[4096];
	ssize_t length;

	while (!answer.status && (length = recv(socket, bytes, sizeof bytes, 0)) > 0) {
		text_add_bytes(&text, bytes, (size_t)length);
		answer = raw_parse(text.data, text.length);
	}
	return answer;
}

static void ask_on(int socket, const char *as, const char *method, const char *path,
		   const char *headers, const char *body)
{
	static char padding[1100];

	memset(padding, 'a', sizeof padding - 1);
	char *bytes = text_of("%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
			      "Purpose: case_management\r\nX-Padding: %s\r\n%sContent-Length: "
			      "%zu\r\n\r\n%s",
			      method, path, as, padding, headers, strlen(body), body);

	ck_assert_int_gt(send(socket, bytes, strlen(bytes), MSG_NOSIGNAL), 0);
	free(bytes);
}

static int status_elsewhere(const char *path)
{
	char *bytes = text_of("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
			      "Authorization: Bearer %s\r\n\r\n",
			      path, token(PROVINCE, OFFICER));
	struct http answer = raw_send(bytes, strlen(bytes), 15);

	free(bytes);
	return answer.status;
}

/* Where the feed ends once all that was written can be read. */
static char *feed_end(void)
{
	long long end = 0,
		  written = sql_number(AS_SUPERUSER, "SELECT coalesce(max(seq), 0) FROM changes");

	for (int i = 0; end < written && i < 1000; i++, usleep(10000)) {
		struct http feed = http_get(token(PROVINCE, OFFICER), "/v1/changes?limit=1");

		end = json_integer_value(
			json_object_get(json_object_get(feed.json, "page"), "head"));
	}
	return text_of("%lld", end);
}

START_TEST(nothing_that_takes_long_makes_others_wait)
{
	static const char *const settings[] = {"LACHAN_WORKERS=1", NULL};
	const struct timespec moment = {.tv_nsec = 300 * 1000000L};
	struct server other;
	char *id = person_made(NULL), byte;
	char *end = feed_end();

	server_start(&other, settings);
	http_use(other.port);
	int socket = raw_connect();
	if (!long_ones[_i].is_first) {
		ask_on(socket, token(PROVINCE, OFFICER), "GET", "/v1/units?limit=1", "", "");
		ck_assert_int_eq(answer_on(socket).status, 200);
	}
	if (long_ones[_i].lock)
		sql(AS_SUPERUSER,
		    "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; LOCK TABLE %s",
		    long_ones[_i].lock);
	ask_on(socket, token(PROVINCE, OFFICER), long_ones[_i].method,
	       text_of(long_ones[_i].path, long_ones[_i].lock ? id : end), long_ones[_i].headers,
	       long_ones[_i].body);
	nanosleep(&moment, NULL);
	int alive = status_elsewhere("/healthz"), one = status_elsewhere("/v1/units?limit=1");
	bool is_at_it = recv(socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;

	if (long_ones[_i].lock)
		sql(AS_SUPERUSER, "ROLLBACK");
	else
		person_made(NULL);
	struct http answer = answer_on(socket);

	ck_assert_msg(alive == 200 && one == 200 && is_at_it, "%s: %d %d", long_ones[_i].why, alive,
		      one);
	ck_assert_msg(answer.status == (*long_ones[_i].body ? 401 : 200), "%s: %d %s",
		      long_ones[_i].why, answer.status, answer.body);
	ck_assert_ptr_nonnull(http_header(&answer, "X-Request-Id"));
	close(socket);
	ck_assert(server_stop(&other));
}
END_TEST

/* More than the slow lane has room for: without a token, and then quiet. */
START_TEST(who_stays_in_the_slow_lane_keeps_nobody_out)
{
	enum { QUIET = 150 };
	int sockets[QUIET];

	for (int i = 0; i < QUIET; i++) {
		sockets[i] = raw_connect();
		ask_on(sockets[i], token(PROVINCE, OFFICER), "GET", "/v1/indicators?period=none",
		       "", "");
		ck_assert_int_eq(answer_on(sockets[i]).status, 400);
	}
	ck_assert_int_eq(status_elsewhere("/v1/indicators/II.1.a"), 200);
	ck_assert_int_eq(status_elsewhere("/v1/people?format=csv&limit=1"), 200);
	http_use(http_port());
	ck_assert_int_eq(http_post(NULL, "/v1/auth/login",
				   json_pack("{ssss}", "username", username_of(7, VIEWER),
					     "password", password))
				 .status,
			 200);
	for (int i = 0; i < QUIET; i++)
		close(sockets[i]);
}
END_TEST

enum { EXPORTS = 6 };

static void ask_for_exports(int sockets[EXPORTS], const char *as)
{
	for (int i = 0; i < EXPORTS; i++) {
		sockets[i] = raw_connect();
		ask_on(sockets[i], as, "GET", "/v1/training-sessions?format=csv", "", "");
	}
}

static bool has_answer(int socket)
{
	char byte;

	return recv(socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK) > 0;
}

/* How many of the exports are answered, once that many are; all by a 503 that says when to come
 * again. */
static int turned_away(const int sockets[EXPORTS], int expected)
{
	int found = 0;

	for (int tries = 0; found < expected && tries < 300; tries++, usleep(50000)) {
		found = 0;
		for (int i = 0; i < EXPORTS; i++)
			found += has_answer(sockets[i]);
	}
	for (int i = 0; i < EXPORTS; i++)
		if (has_answer(sockets[i])) {
			struct http answer = answer_on(sockets[i]);

			assert_status(answer, 503);
			ck_assert_str_eq(http_text(&answer, "code"), "busy");
			ck_assert_ptr_nonnull(http_header(&answer, "Retry-After"));
		}
	return found;
}

/* Of four connections for long work exports have three, one account two. */
START_TEST(exports_leave_a_connection_for_others)
{
	int first[EXPORTS], second[EXPORTS];

	sql(AS_SUPERUSER, "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; LOCK TABLE "
			  "training_sessions");
	ask_for_exports(first, token(PROVINCE, OFFICER));
	int of_one = turned_away(first, EXPORTS - 2);
	ask_for_exports(second, token(COMMUNE, OFFICER));
	int of_all = turned_away(second, EXPORTS - 1);
	int others = status_elsewhere("/v1/reports/018ebb38-1a80-7001-ad9a-9cefc5c63500/figures");

	sql(AS_SUPERUSER, "ROLLBACK");
	ck_assert_int_eq(of_one, EXPORTS - 2);
	ck_assert_int_eq(of_all, EXPORTS - 1);
	ck_assert_int_eq(others, 404);
	for (int i = 0; i < EXPORTS; i++) {
		struct http of_first = answer_on(first[i]), of_second = answer_on(second[i]);

		ck_assert(!of_first.status || of_first.status == 200);
		ck_assert(!of_second.status || of_second.status == 200);
	}
	assert_status(http_get(token(PROVINCE, OFFICER), "/v1/training-sessions?format=csv"), 200);
}
END_TEST

START_TEST(an_export_ends_when_its_time_is_over)
{
	static const char *const settings[] = {"LACHAN_EXPORT_SECONDS=1", NULL};
	struct server other;
	char bytes[4096] = "";
	size_t length = 0;
	ssize_t came;

	server_start(&other, settings);
	http_use(other.port);
	int socket = raw_connect();
	sql(AS_SUPERUSER, "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; LOCK TABLE "
			  "training_sessions");
	ask_on(socket, token(PROVINCE, OFFICER), "GET", "/v1/training-sessions?format=csv&limit=1",
	       "", "");
	sleep(4);
	sql(AS_SUPERUSER, "ROLLBACK");
	while (length < sizeof bytes - 1 &&
	       (came = recv(socket, bytes + length, sizeof bytes - 1 - length, 0)) > 0)
		length += (size_t)came;
	ck_assert_ptr_nonnull(strstr(bytes, " 200 "));
	ck_assert_ptr_nonnull(strstr(bytes, "chunked"));
	ck_assert_ptr_null(strstr(bytes, "0\r\n\r\n"));
	ck_assert(server_stop(&other));
}
END_TEST

static double cpu_seconds(pid_t pid)
{
	struct timespec used;
	clockid_t clock;

	ck_assert_int_eq(clock_getcpuclockid(pid, &clock), 0);
	ck_assert_int_eq(clock_gettime(clock, &used), 0);
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static double cost_of(pid_t pid, const char *encoding)
{
	enum { TIMES = 100 };
	double before = cpu_seconds(pid);

	for (int i = 0; i < TIMES; i++)
		ck_assert_int_eq(http(.path = "/openapi.json", .headers = encoding).status, 200);
	return cpu_seconds(pid) - before;
}

/* Anybody may ask for it, as often as it likes. */
START_TEST(the_contract_is_packed_once)
{
	struct server other;

	server_start(&other, NULL);
	http_use(other.port);
	struct http packed = http(.path = "/openapi.json", .headers = "Accept-Encoding: gzip\r\n");

	ck_assert_str_eq(http_header(&packed, "Content-Encoding"), "gzip");
	double plain = cost_of(other.pid, ""),
	       gzip = cost_of(other.pid, "Accept-Encoding: gzip\r\n");

	ck_assert_msg(gzip < 3 * plain + 0.1, "%.2f s and %.2f s", gzip, plain);
	ck_assert(server_stop(&other));
}
END_TEST

/* Nor does its keeper, or anybody, cost the database more than one question in a second. */
START_TEST(readiness_is_asked_of_the_database_once_in_a_while)
{
	struct server other;
	bool is_kept = false;
	int tries = 200;

	server_start(&other, NULL);
	http_use(other.port);
	for (int i = 0; i < 10 && !is_kept; i++) {
		ck_assert_int_eq(http_get(NULL, "/readyz").status, 200);
		sql(AS_SUPERUSER, "UPDATE applied SET checksum = 'x' || checksum WHERE name = "
				  "'seed'");
		is_kept = http_get(NULL, "/readyz").status == 200;
		while (http_get(NULL, "/readyz").status != 503 && tries--)
			usleep(100000);
		sql(AS_SUPERUSER, "UPDATE applied SET checksum = substr(checksum, 2) WHERE name = "
				  "'seed'");
		while (http_get(NULL, "/readyz").status != 200 && tries--)
			usleep(100000);
	}
	ck_assert(is_kept);
	ck_assert_int_gt(tries, 0);
	ck_assert(server_stop(&other));
}
END_TEST

/* More connections than the service may have descriptors. */
START_TEST(without_descriptors_the_service_waits_for_one)
{
	static const char *const settings[] = {"LACHAN_WORKERS=1", NULL};
	enum { DESCRIPTORS = 72, SILENT = 120 };
	int sockets[SILENT], tries = 50;
	struct server other;

	server_start(&other, settings);
	ck_assert_int_eq(
		prlimit(other.pid, RLIMIT_NOFILE, &(struct rlimit){DESCRIPTORS, DESCRIPTORS}, NULL),
		0);
	http_use(other.port);
	for (int i = 0; i < SILENT; i++)
		sockets[i] = raw_connect();
	sleep(1);
	double used = cpu_seconds(other.pid);
	sleep(3);
	used = cpu_seconds(other.pid) - used;
	for (int i = 0; i < SILENT; i++)
		close(sockets[i]);
	while (status_elsewhere("/healthz") != 200 && tries--)
		usleep(100000);
	ck_assert_int_ge(tries, 0);
	ck_assert_msg(used < 0.2, "%.2f s of 3", used);
	ck_assert(server_stop(&other));
}
END_TEST

START_TEST(the_service_takes_as_many_descriptors_as_it_may)
{
	struct rlimit before, few, found;
	struct server other;

	getrlimit(RLIMIT_NOFILE, &before);
	few = (struct rlimit){256, before.rlim_max};
	setrlimit(RLIMIT_NOFILE, &few);
	server_start(&other, NULL);
	setrlimit(RLIMIT_NOFILE, &before);
	ck_assert_int_eq(prlimit(other.pid, RLIMIT_NOFILE, NULL, &found), 0);
	ck_assert_uint_eq(found.rlim_cur, found.rlim_max);
	ck_assert(server_stop(&other));
}
END_TEST

Suite *hostile_suite(void);
Suite *hostile_suite(void)
{
	Suite *suite = suite_create("hostile");
	TCase *cases = tcase_create("hostile");

	tcase_set_timeout(cases, 30);
	add_rows(cases, framing, raw);
	add_rows(cases, parameters, queries);
	add_rows(cases, json_bodies, bodies);
	add_rows(cases, content_types, types);
	add_rows(cases, a_trusted_proxy_says_whom_it_speaks_for, forwards);
	add_rows(cases, a_network_is_an_address_with_how_many_bits_of_it, no_networks);
	add_rows(cases, head_sends_headers_and_nothing_after_them, headed);
	add_rows(cases, a_header_is_repeated_by_lines_not_by_commas, header_lines);
	add_rows(cases, who_sends_a_byte_at_a_time_is_cut_and_nobody_else_waits, drips);
	add_rows(cases, nothing_that_takes_long_makes_others_wait, long_ones);
	tcase_add_test(cases, who_stays_in_the_slow_lane_keeps_nobody_out);
	tcase_add_test(cases, exports_leave_a_connection_for_others);
	tcase_add_test(cases, an_export_ends_when_its_time_is_over);
	tcase_add_test(cases, the_contract_is_packed_once);
	tcase_add_test(cases, readiness_is_asked_of_the_database_once_in_a_while);
	tcase_add_test(cases, without_descriptors_the_service_waits_for_one);
	tcase_add_test(cases, the_service_takes_as_many_descriptors_as_it_may);
	tcase_add_test(cases, mass_assignment_blames_each_member);
	tcase_add_test(cases, strings_of_other_languages_are_kept_as_they_are);
	tcase_add_test(cases, a_patch_is_a_merge_patch);
	tcase_add_test(cases, a_body_above_the_limit_is_refused_whole);
	tcase_add_test(cases, a_url_or_header_above_the_limit_is_refused);
	tcase_add_test(cases, what_is_out_of_sight_is_as_what_is_not_there);
	tcase_add_test(cases, a_cursor_is_of_its_caller_alone);
	tcase_add_test(cases, headers_that_pretend_change_nothing);
	tcase_add_test(cases, the_sixth_wrong_password_waits_whoever_it_is_for);
	tcase_add_test(cases, clients_behind_a_trusted_proxy_do_not_lock_each_other_out);
	tcase_add_test(cases, what_nobody_trusted_forwards_is_not_believed);
	tcase_add_test(cases, whoever_tries_numbers_is_stopped);
	tcase_add_test(cases, whoever_tries_numbers_by_writing_is_stopped);
	tcase_add_test(cases, a_number_that_is_taken_is_told_with_a_trail);
	tcase_add_test(cases, every_error_is_a_problem_that_tells_nothing_of_us);
	suite_add_tcase(suite, cases);
	return suite;
}
