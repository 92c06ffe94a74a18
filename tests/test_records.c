/* Every resource over HTTP, from its table: what is promised of one holds for all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "request.h"
#include "samples.h"
#include "text.h"
#include "uuid.h"

static const char *admin_of(const struct sample *sample)
{
	return token(sample->agency, ADMIN);
}

static char *item_path(const struct sample *sample, const struct http *record)
{
	return text_of("%s/%s", sample_path(sample->resource), http_text(record, "id"));
}

static bool may_be_voided(const struct resource *resource)
{
	const struct grant *found[1];

	for (int agency = 1; agency < 20; agency++)
		if (access_grants(agency, resource, REMOVE, found, 1))
			return true;
	return false;
}

static bool has_rule(const struct resource *resource, const struct field *field)
{
	for (const struct rule *rule = resource->rules; rule && rule->field; rule++)
		if (!strcmp(rule->field, field->name))
			return true;
	return false;
}

/* How well a field serves as one that a test changes at will; 0: not at all. */
static int freedom(const struct resource *resource, const struct field *field)
{
	bool may_be_empty = !(field->flags & REQUIRED);

	if (field->flags & (FIXED | READ_ONLY) || field->writers || has_rule(resource, field))
		return 0;
	return field->type == TEXT ? 2 + may_be_empty : field->type == INTEGER && may_be_empty;
}

/* NULL when every field has a meaning of its own. */
static const struct field *note_of(const struct resource *resource)
{
	const struct field *found = resource->fields;

	for (const struct field *field = found; field->name; field++)
		if (freedom(resource, field) > freedom(resource, found))
			found = field;
	return freedom(resource, found) ? found : NULL;
}

static json_t *value_of(const struct field *field, int which)
{
	return field->type == INTEGER ? json_integer(which)
				      : json_string(text_of("%c%d", 'a' + which, (int)getpid()));
}

/* A patch of the note; one of nothing when there is none. */
static json_t *noted(const struct sample *sample, int which)
{
	const struct field *note = note_of(sample->resource);

	if (!note)
		return json_object();
	return json_pack("{so}", note->name, value_of(note, which));
}

static bool has_note(const struct http *answer, const struct sample *sample, int which)
{
	const struct field *note = note_of(sample->resource);

	return json_equal(json_object_get(answer->json, note->name), value_of(note, which));
}

static json_t *with(const char *name, const char *value)
{
	return value ? json_pack("{ss}", name, value) : json_pack("{sn}", name);
}

/* One record */

START_TEST(what_is_created_is_read_back)
{
	const struct sample *sample = &samples[_i];
	const char *name;
	json_t *value;

	for (int variant = 0; variant < 4; variant++) {
		json_t *sent = sample_object(sample, variant);
		struct http made = http_post(admin_of(sample), sample_path(sample->resource),
					     json_deep_copy(sent));
		assert_status(made, 201);
		const char *location = http_header(&made, "Location");
		struct http read = http_get(admin_of(sample), "%s", location);

		assert_status(read, 200);
		ck_assert_str_eq(location, item_path(sample, &made));
		ck_assert_str_eq(http_header(&made, "ETag"), http_header(&read, "ETag"));
		json_object_foreach(sent, name, value) {
			bool is_masked = !strcmp(name, "citizen_number");

			ck_assert_msg(
				is_masked || json_equal(value, json_object_get(read.json, name)),
				"%s: sent %s, read %s", name, json_dumps(value, JSON_ENCODE_ANY),
				json_dumps(json_object_get(read.json, name), JSON_ENCODE_ANY));
		}
		json_object_del(made.json, "warnings");
		ck_assert_msg(json_equal(made.json, read.json), "%s\n%s", made.body, read.body);
	}
}
END_TEST

START_TEST(a_record_says_all_that_it_has)
{
	const struct sample *sample = &samples[_i];
	struct http made = sample_made(sample, 0);
	const struct resource *resource = sample->resource;
	const struct field *field = resource->fields;
	bool is_personal = resource->traits & PERSONAL;

	for (; field->name; field++)
		ck_assert_msg(json_object_get(made.json, field->name) != NULL, "no %s",
			      field->name);
	ck_assert_uint_eq(json_object_size(made.json), (size_t)(field - resource->fields) + 3);
	ck_assert(json_is_array(json_object_get(made.json, "redacted")));
	ck_assert(json_is_array(json_object_get(made.json, "may")));
	ck_assert(json_is_array(json_object_get(made.json, "warnings")));
	ck_assert_int_eq(json_integer_value(json_object_get(made.json, "version")), 1);
	ck_assert(uuid_is_valid(http_text(&made, "id")));
	ck_assert(instant_is_valid(http_text(&made, "created_at")));
	ck_assert_str_eq(http_text(&made, "organization"), organization_of(sample->agency));
	ck_assert(!is_personal || strstr(http_header(&made, "Cache-Control"), "no-store"));
}
END_TEST

START_TEST(fields_choose_what_is_answered)
{
	const struct sample *sample = &samples[_i];
	struct http made = sample_made(sample, 0);
	const char *path = item_path(sample, &made);

	for (const struct field *field = sample->resource->fields; field->name; field++) {
		struct http read = http_get(admin_of(sample), "%s?fields=%s", path, field->name);
		bool is_key = field == resource_key(sample->resource);

		assert_status(read, 200);
		ck_assert_msg(json_equal(json_object_get(read.json, field->name),
					 json_object_get(made.json, field->name)),
			      "%s: %s", field->name, read.body);
		ck_assert_uint_eq(json_object_size(read.json), (is_key ? 1 : 2) + 2);
	}
}
END_TEST

START_TEST(an_unchanged_record_is_not_sent_again)
{
	const struct sample *sample = &samples[_i];
	struct http made = sample_made(sample, 0);
	const char *path = item_path(sample, &made), *etag = http_header(&made, "ETag");
	const char *const same[] = {text_of("If-None-Match: %s\r\n", etag), "If-None-Match: *\r\n",
				    text_of("If-None-Match: \"0-x\", %s\r\n", etag),
				    text_of("If-None-Match: W/%s\r\n", etag)};

	for (size_t i = 0; i < 4; i++) {
		struct http answer = http(.path = path, .token = admin_of(sample),
					  .headers = same[i]);

		assert_status(answer, 304);
		ck_assert_uint_eq(answer.length, 0);
		ck_assert_str_eq(http_header(&answer, "ETag"), etag);
	}
	struct http other = http(.path = path, .token = admin_of(sample),
				 .headers = "If-None-Match: \"0-x\"\r\n");
	assert_status(other, 200);
	struct http sparse = http_get(admin_of(sample), "%s?fields=id", path);
	ck_assert_str_ne(http_header(&sparse, "ETag"), etag);
}
END_TEST

START_TEST(head_is_get_without_the_body)
{
	const struct sample *sample = &samples[_i];
	struct http made = sample_made(sample, 0);
	const char *const paths[] = {item_path(sample, &made), sample_path(sample->resource)};

	for (size_t i = 0; i < 2; i++) {
		struct http get = http(.path = paths[i], .token = admin_of(sample));
		struct http head = http(.method = "HEAD", .path = paths[i],
					.token = admin_of(sample));

		assert_status(head, 200);
		ck_assert_uint_eq(head.length, 0);
		ck_assert_pstr_eq(http_header(&head, "ETag"), http_header(&get, "ETag"));
		ck_assert_pstr_eq(http_header(&head, "Content-Type"),
				  http_header(&get, "Content-Type"));
	}
}
END_TEST

START_TEST(other_methods_are_named)
{
	const struct sample *sample = &samples[_i];
	struct http made = sample_made(sample, 0);
	const char *path = item_path(sample, &made);
	bool is_voidable = may_be_voided(sample->resource);
	const char *allowed = is_voidable ? "GET, HEAD, PATCH, DELETE, OPTIONS"
					  : "GET, HEAD, PATCH, OPTIONS";
	struct http put = http(.method = "PUT", .path = path, .token = admin_of(sample),
			       .body = "{}");
	struct http options = http(.method = "OPTIONS", .path = path);
	struct http collection = http(.method = "DELETE", .path = sample_path(sample->resource),
				      .token = admin_of(sample));

	assert_status(put, 405);
	ck_assert_str_eq(http_header(&put, "Allow"), allowed);
	assert_status(options, 204);
	ck_assert_str_eq(http_header(&options, "Allow"), allowed);
	assert_status(collection, 405);
	ck_assert_str_eq(http_header(&collection, "Allow"), "GET, HEAD, POST, OPTIONS");
}
END_TEST

/* Changing */

START_TEST(a_change_needs_the_present_version)
{
	const struct sample *sample = &samples[_i];
	const char *admin = admin_of(sample);
	if (!note_of(sample->resource))
		return;
	struct http made = sample_made(sample, 0);
	const char *path = item_path(sample, &made), *etag = http_header(&made, "ETag");
	struct http answer = http_patch(admin, path, NULL, noted(sample, 1));

	assert_status(answer, 428);
	answer = http_patch(admin, path, etag, noted(sample, 1));
	assert_status(answer, 200);
	ck_assert(has_note(&answer, sample, 1));
	ck_assert_int_eq(json_integer_value(json_object_get(answer.json, "version")), 2);
	const char *next = http_header(&answer, "ETag");
	ck_assert_str_ne(next, etag);

	const struct {
		const char *match;
		int status;
	} rows[] = {
		{etag, 412},
		{text_of("W/%s", next), 412},
		{"\"0\"", 412},
		{"\"x\"", 412},
		{"x", 412},
		{"\"2", 412},
		{"\"99999999999999999999999\"", 412},
		{"\"-2\"", 412},
		{"\"998-a\", \"999-z\"", 412},
		{text_of("\"999-z\", W/%s", next), 412},
		{text_of("\"a, %.9s", next + 1), 412}, /* a comma within a tag */
		{text_of("\"999-z\", \"1-00000000\" ,%s", next), 200},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		answer = http_patch(admin, path, rows[i].match, noted(sample, 2));
		ck_assert_msg(answer.status == rows[i].status, "If-Match: %s: %d %s", rows[i].match,
			      answer.status, answer.body);
	}
	/* Stale comes before wrong content, and changes nothing. */
	answer = http_patch(admin, path, etag, with("colour", "red"));
	assert_status(answer, 412);
	answer = http_get(admin, "%s", path);
	ck_assert(has_note(&answer, sample, 2));
	ck_assert_int_eq(json_integer_value(json_object_get(answer.json, "version")), 3);
}
END_TEST

START_TEST(only_an_admin_changes_whatever_the_version)
{
	const struct sample *sample = &samples[_i];
	if (!note_of(sample->resource))
		return;
	struct http made = sample_made(sample, 0);
	const char *path = item_path(sample, &made);
	struct http officer = http_patch(token(sample->agency, OFFICER), path, "*",
					 noted(sample, 1));
	struct http admin = http_patch(admin_of(sample), path, "*", noted(sample, 2));

	assert_status(officer, 403);
	assert_status(admin, 200);
}
END_TEST

START_TEST(a_patch_empties_with_null_and_leaves_the_rest)
{
	const struct sample *sample = &samples[_i];
	const struct field *field = note_of(sample->resource);
	const char *note = field ? field->name : "", *admin = admin_of(sample), *name;

	if (!field || field->flags & REQUIRED)
		return;
	struct http made = sample_made(sample, 0);
	const char *path = item_path(sample, &made);
	struct http set = http_patch(admin, path, "*", noted(sample, 1));
	struct http emptied = http_patch(admin, path, "*", with(note, NULL));
	json_t *value;

	assert_status(set, 200);
	assert_status(emptied, 200);
	ck_assert(json_is_null(json_object_get(emptied.json, note)));
	json_object_foreach(made.json, name, value) {
		if (strcmp(name, note) != 0 && !strstr("version updated_at warnings", name))
			ck_assert_msg(json_equal(value, json_object_get(emptied.json, name)), "%s",
				      name);
	}
}
END_TEST

START_TEST(what_cannot_be_changed_is_named)
{
	const struct sample *sample = &samples[_i];
	struct http made = sample_made(sample, 0);
	const char *path = item_path(sample, &made);
	const char *etag = http_header(&made, "ETag");

	for (const struct field *field = sample->resource->fields; field->name; field++) {
		bool is_read_only = field->flags & READ_ONLY;

		if (!is_read_only && !(field->flags & FIXED))
			continue;
		struct http answer = http_patch(admin_of(sample), path, etag,
						with(field->name, "x"));
		assert_blamed(answer, 422, text_of("/%s", field->name),
			      is_read_only ? "read_only" : "fixed");
	}
	struct http unknown = http_patch(admin_of(sample), path, etag, with("colour", "x"));
	struct http nothing = http_patch(admin_of(sample), path, etag, json_object());
	assert_blamed(unknown, 422, "/colour", "unknown_field");
	assert_status(nothing, 422);
	struct http after = http_get(admin_of(sample), "%s", path);
	ck_assert_str_eq(http_header(&after, "ETag"), etag);
}
END_TEST

static const struct {
	const char *method, *type, *body;
	int status;
} bodies[] = {
	{"PATCH", "application/json", "{\"x\":1}", 415},
	{"PATCH", "text/plain", "{}", 415},
	{"PATCH", "application/merge-patch+json; charset=utf-16", "{}", 415},
	{"PATCH", "application/merge-patch+json; charset=utf-8", "[]", 400},
	{"PATCH", NULL, "", 400},
	{"PATCH", NULL, "{", 400},
	{"POST", "application/merge-patch+json", "{}", 415},
	{"POST", "multipart/form-data", "{}", 415},
	{"POST", NULL, "[]", 400},
	{"POST", NULL, "null", 400},
	{"POST", NULL, "{}{}", 400},
	{"POST", NULL, "{\"sex\":\"male\",\"sex\":\"male\"}", 400},
	{"POST", NULL, "{\"full_name\":\"\\ud800\"}", 400},
	{"POST", NULL, "{\"full_name\":\"\\u0000\"}", 400},
	{"POST", NULL, "{\"full_name\":NaN}", 400},
	{"POST", NULL, "{\"last_grade\":9223372036854775808}", 400},
	{"POST", NULL, "\xEF\xBB\xBF{}", 400},
	{"POST", NULL, "{} // comment", 400},
	{"POST", NULL, "{}", 422},
};

START_TEST(a_body_of_another_kind_is_refused)
{
	bool is_patch = !strcmp(bodies[_i].method, "PATCH");
	const char *path = is_patch ? text_of("/v1/people/%s", sample_parent(&people))
				    : "/v1/people";
	struct http answer = http(.method = bodies[_i].method, .path = path,
				  .token = token(1, ADMIN), .type = bodies[_i].type,
				  .body = bodies[_i].body, .match = "*");

	assert_status(answer, bodies[_i].status);
}
END_TEST

/* Voiding */

START_TEST(a_voided_record_is_out_of_every_list_and_stays_in_the_database)
{
	const struct sample *sample = &samples[_i];
	const char *admin = admin_of(sample), *list = sample_path(sample->resource);

	if (!may_be_voided(sample->resource))
		return;
	struct http made = sample_made(sample, 0);
	const char *path = item_path(sample, &made), *etag = http_header(&made, "ETag");
	struct http before = http_get(admin, "%s?count=true&limit=1", list);
	const struct {
		const char *as, *query, *match;
		int status;
	} rows[] = {
		{token(sample->agency, OFFICER), "?reason=duplicate", etag, 403},
		{admin, "?reason=duplicate", NULL, 428},
		{admin, "?reason=duplicate", "\"999-x\"", 412},
		{admin, "", etag, 400},
		{admin, "?reason=because", etag, 400},
		{admin, "?reason=duplicate", etag, 204},
		{admin, "?reason=duplicate", etag, 404},
		{admin, "?reason=duplicate", "*", 404},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct http answer = http_delete(rows[i].as, text_of("%s%s", path, rows[i].query),
						 rows[i].match);

		ck_assert_msg(answer.status == rows[i].status, "row %zu: %d %s", i, answer.status,
			      answer.body);
	}
	struct http read = http_get(admin, "%s", path);
	struct http patch = http_patch(admin, path, "*", noted(sample, 1));
	struct http after = http_get(admin, "%s?count=true&limit=1", list);
	assert_status(read, 404);
	assert_status(patch, 404);
	ck_assert_int_eq(
		json_integer_value(json_object_get(json_object_get(after.json, "page"), "total")),
		json_integer_value(json_object_get(json_object_get(before.json, "page"), "total")) -
			1);
	ck_assert_str_eq(
		sql(AS_OWNER,
		    "SELECT void_reason || (voided_by IS NOT NULL) || (voided_at IS NOT NULL) "
		    "FROM %s WHERE id = '%s'",
		    sample->resource->table, http_text(&made, "id")),
		"duplicatetruetrue");
}
END_TEST

START_TEST(a_voided_person_takes_everything_below_out_of_sight)
{
	const char *admin = token(1, ADMIN);
	char *id = person_made(NULL), *path = text_of("/v1/people/%s", id);
	char *statuses = text_of("%s/statuses", path), *nested = text_of("%s/interventions", path);
	char *status = made(admin, statuses,
			    object("{'status': 'at_risk', 'starts_on': '2026-01-01'}"));
	char *done = made(
		admin, nested,
		object("{'kind': 'counselling', 'status': 'planned', 'starts_on': '2026-01-01'}"));
	const char *const hidden[] = {path,
				      statuses,
				      nested,
				      text_of("%s/%s", statuses, status),
				      text_of("%s/%s", nested, done),
				      text_of("/v1/interventions/%s", done)};

	struct http voided = http_delete(admin, text_of("%s?reason=duplicate", path),
					 etag_of(admin, path));
	assert_status(voided, 204);
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
		struct http answer = http_get(admin, "%s", hidden[i]);

		ck_assert_msg(answer.status == 404, "%s: %d", hidden[i], answer.status);
	}
	struct http list = http_get(admin, "/v1/interventions?person=%s", id);
	ck_assert_uint_eq(count_of(&list), 0);
	list = http_get(admin, "/v1/interventions?person=%s&format=csv", id);
	ck_assert_ptr_null(strstr(list.body, done));
	struct http more = http_post(admin, statuses,
				     object("{'status': 'user', 'starts_on': '2026-02-01'}"));
	assert_status(more, 422); /* its content is looked at first */
	more = http_post(admin, statuses,
			 object("{'status': 'addict', 'starts_on': '2026-02-01'}"));
	assert_status(more, 404);
}
END_TEST

/* Once and only once */

START_TEST(a_repeated_post_makes_one_record)
{
	const struct sample *sample = &samples[_i];
	const char *admin = admin_of(sample), *path = sample_path(sample->resource);
	char *key = unique("key-"), *body = json_dumps(sample_object(sample, 0), 0);
	struct call call = {
		.method = "POST", .path = path, .token = admin, .body = body, .key = key};
	struct http first = http_call(call), again = http_call(call);

	assert_status(first, 201);
	assert_status(again, 201);
	ck_assert_str_eq(http_text(&again, "id"), http_text(&first, "id"));
	ck_assert_str_eq(http_header(&again, "Idempotency-Replayed"), "true");
	ck_assert_ptr_null(http_header(&first, "Idempotency-Replayed"));
	ck_assert_str_eq(http_header(&again, "Location"), http_header(&first, "Location"));
	ck_assert_str_eq(http_header(&again, "ETag"), http_header(&first, "ETag"));

	json_t *other = json_loads(body, 0, NULL);
	json_object_update_new(other, note_of(sample->resource) ? noted(sample, 3)
								: object("{'reason': 'other'}"));
	call.body = json_dumps(other, 0);
	struct http reused = http_call(call);
	assert_status(reused, 422);
	ck_assert(!http_blames(&reused, "/Idempotency-Key", "idempotency_reused")); /* no member */

	call.body = body;
	call.key = "";
	struct http without = http_call(call);
	assert_blamed(without, 400, "Idempotency-Key", "idempotency_key_required");
}
END_TEST

/* What it made is shown to nobody now; that it was made, and as what, its maker had been told. */
START_TEST(a_repeated_post_tells_when_its_record_is_gone)
{
	const struct sample *sample = &samples[_i];
	const char *admin = admin_of(sample), *path = sample_path(sample->resource);
	struct call call = {.method = "POST",
			    .path = path,
			    .token = admin,
			    .body = json_dumps(sample_object(sample, 0), 0),
			    .key = unique("key-")};
	struct http first = http_call(call);
	const char *one = item_path(sample, &first);
	struct http voided = http_delete(admin, text_of("%s?reason=duplicate", one),
					 http_header(&first, "ETag"));

	if (voided.status != 204)
		return;
	struct http again = http_call(call);
	assert_status(again, 410);
	ck_assert_str_eq(http_text(&again, "code"), "made_and_gone");
	ck_assert_ptr_nonnull(strstr(http_text(&again, "detail"), http_text(&first, "id")));
	assert_status(http_get(admin, "%s", one), 404);
}
END_TEST

START_TEST(a_key_is_free_again_after_a_day)
{
	struct call call = {.method = "POST",
			    .path = "/v1/people",
			    .token = token(1, OFFICER),
			    .body = "{\"full_name\": \"Y Thu\", \"date_of_birth\": \"1991-02-03\", "
				    "\"sex\": \"male\", \"unit\": \"2025-24121\", "
				    "\"no_number_reason\": \"unknown\"}",
			    .key = unique("key-")};
	struct http first = http_call(call);

	assert_status(first, 201);
	sql(AS_SUPERUSER,
	    "UPDATE idempotency_keys SET created_at = created_at - interval '24:00:01' "
	    "WHERE record = '%s'",
	    http_text(&first, "id"));
	struct http next = http_call(call), again = http_call(call);

	assert_status(next, 201);
	ck_assert_str_ne(http_text(&next, "id"), http_text(&first, "id"));
	ck_assert_str_eq(http_text(&again, "id"), http_text(&next, "id"));
}
END_TEST

START_TEST(a_key_belongs_to_its_user_and_address)
{
	char *key = unique("key-"), *body = json_dumps(person(NULL), 0);
	struct call call = {.method = "POST",
			    .path = "/v1/people",
			    .token = token(1, ADMIN),
			    .body = body,
			    .key = key};
	struct http first = http_call(call);

	call.token = token(1, OFFICER);
	struct http other = http_call(call);
	assert_status(first, 201);
	assert_status(other, 201);
	ck_assert_str_ne(http_text(&first, "id"), http_text(&other, "id"));
	/* White space and the order of members are not content. */
	call.token = token(1, ADMIN);
	call.body = json_dumps(json_loads(body, 0, NULL), JSON_INDENT(4) | JSON_SORT_KEYS);
	struct http same = http_call(call);
	assert_status(same, 201);
	ck_assert_str_eq(http_text(&same, "id"), http_text(&first, "id"));
}
END_TEST

START_TEST(a_failed_post_does_not_use_its_key)
{
	char *key = unique("key-");
	struct call call = {.method = "POST",
			    .path = "/v1/people",
			    .token = token(1, ADMIN),
			    .body = json_dumps(person("{'unit': '2025-99999'}"), 0),
			    .key = key};
	struct http failed = http_call(call);

	assert_status(failed, 422);
	call.body = json_dumps(person(NULL), 0);
	struct http made = http_call(call);
	assert_status(made, 201);
}
END_TEST

static const char *const bad_keys[] = {
	" ", "a b", "\xC4\x91",
	"0123456789012345678901234567890123456789012345678901234567890123"
	"0123456789012345678901234567890123456789012345678901234567890123x"};

START_TEST(a_key_is_short_and_visible)
{
	struct http answer = http(.method = "POST", .path = "/v1/people", .token = token(1, ADMIN),
				  .key = bad_keys[_i], .body = json_dumps(person(NULL), 0));

	assert_status(answer, 400);
}
END_TEST

/* Words for people and programs */

START_TEST(a_problem_speaks_the_language_asked_for)
{
	static const struct {
		const char *accept, *language, *detail;
	} rows[] = {
		{NULL, "vi", "Không có trường colour."},
		{"vi", "vi", "Không có trường colour."},
		{"en", "en", "There is no field colour."},
		{"en-GB,en;q=0.9", "en", "There is no field colour."},
		{"vi-VN,vi;q=0.9,en;q=0.8", "vi", "Không có trường colour."},
		{"fr", "vi", "Không có trường colour."},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *header = rows[i].accept ? text_of("Accept-Language: %s\r\n", rows[i].accept)
					      : "";
		struct http answer = http(.method = "POST", .path = "/v1/people",
					  .token = token(1, ADMIN), .headers = header,
					  .body = json_dumps(person("{'colour': 1}"), 0));

		assert_blamed(answer, 422, "/colour", "unknown_field");
		ck_assert_str_eq(http_header(&answer, "Content-Language"), rows[i].language);
		ck_assert_str_eq(http_text(&answer, "errors[0].detail"), rows[i].detail);
		ck_assert(!strncmp(http_header(&answer, "Content-Type"), "application/problem+json",
				   24));
		ck_assert_str_eq(http_text(&answer, "instance"), "/v1/people");
		ck_assert_str_eq(http_text(&answer, "request_id"),
				 http_header(&answer, "X-Request-Id"));
	}
}
END_TEST

/* What a client sent is told whole, or cut between characters; what there is instead is told too.
 */
static const struct {
	const char *path, *body, *pointer, *code, *detail;
} told[] = {
	{"/v1/people", "{'sex': 'man'}", "/sex", "unknown_code", "man is not in the code list."},
	{"/v1/people", "{'substance_groups': [1]}", "/substance_groups", "unknown_code",
	 "? is not in the code list."},
	{"/v1/people", "{'aăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăă': 1}",
	 "/aăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăă", "unknown_field",
	 "There is no field aăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăă."},
	{"/v1/people?format=xml", NULL, "format", "value_unknown",
	 "There is no such value; there are: json, csv, ndjson."},
	{"/v1/indicators/II.1.a?map=1999", NULL, "map", "value_unknown",
	 "There is no such value; there are: current, 2024, as_reported."},
	{"/v1/indicators/II.1.b?by=colour", NULL, "by", "value_unknown",
	 "There is no such value; there are: sex, age_band, ethnicity, kind."},
	{"/v1/indicators/II.1.a?definition=x", NULL, "definition", "value_unknown",
	 "There is no such value; there are: suitable, any, all."},
	{"/v1/indicators/II.1.a?period=2026,2025H3", NULL, "period", "not_a_period",
	 "There is no period 2025H3."},
};

START_TEST(a_fault_says_what_was_sent_and_what_there_is)
{
	struct http answer = http(.method = told[_i].body ? "POST" : "GET", .path = told[_i].path,
				  .token = token(1, OFFICER), .headers = "Accept-Language: en\r\n",
				  .body = told[_i].body ? json_dumps(person(told[_i].body), 0)
							: NULL);

	assert_blamed(answer, told[_i].body ? 422 : 400, told[_i].pointer, told[_i].code);
	ck_assert_str_eq(http_text(&answer, "errors[0].detail"), told[_i].detail);
}
END_TEST

START_TEST(a_warning_comes_with_the_record)
{
	json_t *odd = person(
		text_of("{'citizen_number': '003299001234', 'full_name': '%s'}", unique("Odd ")));
	struct http answer = http_post(token(1, ADMIN), "/v1/people", odd);

	assert_status(answer, 201);
	ck_assert_uint_eq(json_array_size(json_object_get(answer.json, "warnings")), 2);
	ck_assert_str_eq(http_text(&answer, "warnings[0].pointer"), "/citizen_number");
}
END_TEST

START_TEST(an_identity_number_is_masked_unless_there_is_a_purpose)
{
	const char *admin = token(1, ADMIN), *number = "066099004321";
	char *id = made(admin, "/v1/people", person(text_of("{'citizen_number': '%s'}", number)));
	struct http plain = http_get(admin, "/v1/people/%s", id);
	struct http aimless = http_get(admin, "/v1/people/%s?reveal=true", id);
	struct http whole = http(.path = text_of("/v1/people/%s?reveal=true", id), .token = admin,
				 .headers = "Purpose: case_management\r\n");
	struct http odd = http(.path = text_of("/v1/people/%s?reveal=true", id), .token = admin,
			       .headers = "Purpose: curiosity\r\n");
	struct http found = http_get(admin, "/v1/people?citizen_number=%s&fields=id", number);

	ck_assert_str_eq(http_text(&plain, "citizen_number"), "066*******21");
	ck_assert_ptr_null(strstr(plain.body, number));
	assert_blamed(aimless, 400, "Purpose", "purpose_required");
	assert_blamed(odd, 400, "Purpose", "value_unknown");
	ck_assert_str_eq(http_text(&whole, "citizen_number"), number);
	ck_assert_str_eq(http_text(&found, "data[0].id"), id);
	ck_assert_ptr_null(strstr(
		sql(AS_SUPERUSER, "SELECT p::text FROM people p WHERE id = '%s'", id), number));

	char *path = text_of("/v1/people/%s", id);
	struct http changed = http_patch(admin, path, "*", with("citizen_number", "240999888"));
	ck_assert_str_eq(http_text(&changed, "citizen_number"), "240****88");
	changed = http_patch(admin, path, "*", with("citizen_number", NULL));
	ck_assert(json_is_null(json_object_get(changed.json, "citizen_number")));
	found = http_get(admin, "/v1/people?citizen_number=%s", number);
	ck_assert_uint_eq(count_of(&found), 0);
}
END_TEST

START_TEST(a_number_is_taken_once_in_an_organisation)
{
	const char *number = "{'citizen_number': '066099007777'}";
	char *id = made(token(COMMUNE, OFFICER), "/v1/people", person(number));
	struct http again = http_post(token(COMMUNE, OFFICER), "/v1/people", person(number));
	struct http other = http_post(token(1, OFFICER), "/v1/people", person(number));

	assert_blamed(again, 409, "/citizen_number", "duplicate");
	assert_status(other, 201); /* a clash would tell of another's record */
	struct http voided = http_delete(token(1, ADMIN),
					 text_of("/v1/people/%s?reason=duplicate", id), "*");
	assert_status(voided, 204);
	again = http_post(token(COMMUNE, OFFICER), "/v1/people", person(number));
	assert_status(again, 201);
}
END_TEST

START_TEST(a_source_knows_a_record_by_one_id)
{
	const struct sample *sample = &samples[_i];
	json_t *first = sample_object(sample, 0), *second = sample_object(sample, 1);

	if (!resource_field(sample->resource, "external_id"))
		return;
	for (int i = 0; i < 2; i++) {
		json_object_set_new(i ? second : first, "source", json_string("test"));
		json_object_set_new(i ? second : first, "external_id", json_string("same"));
	}
	struct http made = http_post(admin_of(sample), sample_path(sample->resource), first);
	struct http again = http_post(admin_of(sample), sample_path(sample->resource), second);
	/* The nested view of interventions is the same table. */
	ck_assert(made.status == 201 || sample->resource == &interventions);
	assert_blamed(again, 409, "/external_id", "duplicate");
}
END_TEST

/* The contract */

START_TEST(the_contract_has_every_route_there_is)
{
	json_t *paths = json_object_get(openapi_document("3.1.0"), "paths");
	char *committed = NULL, *yaml = openapi_yaml("3.1.0");
	char method[16];
	FILE *file = fopen("openapi.yaml", "r");
	size_t length = 0;

	ck_assert_ptr_nonnull(file);
	committed = calloc(1, strlen(yaml) + 2);
	length = fread(committed, 1, strlen(yaml) + 1, file);
	fclose(file);
	ck_assert_msg(length == strlen(yaml) && !strcmp(committed, yaml), "see: make openapi");
	for (const struct route *route = routes_all(); route->method; route++) {
		json_t *path = json_object_get(paths, route->path);

		snprintf(method, sizeof method, "%s", route->method);
		for (char *c = method; *c; c++)
			*c |= 32;
		ck_assert_msg(json_object_get(path, method) != NULL, "%s %s", method, route->path);
	}
}
END_TEST

static void add_for_all(TCase *cases, const TTest *test)
{
	tcase_add_loop_test(cases, test, 0, sample_count());
}

Suite *records_suite(void)
{
	Suite *suite = suite_create("records");
	TCase *cases = tcase_create("records");

	tcase_set_timeout(cases, 20);
	add_for_all(cases, what_is_created_is_read_back);
	add_for_all(cases, a_record_says_all_that_it_has);
	add_for_all(cases, fields_choose_what_is_answered);
	add_for_all(cases, an_unchanged_record_is_not_sent_again);
	add_for_all(cases, head_is_get_without_the_body);
	add_for_all(cases, other_methods_are_named);
	add_for_all(cases, a_change_needs_the_present_version);
	add_for_all(cases, only_an_admin_changes_whatever_the_version);
	add_for_all(cases, a_patch_empties_with_null_and_leaves_the_rest);
	add_for_all(cases, what_cannot_be_changed_is_named);
	add_rows(cases, a_body_of_another_kind_is_refused, bodies);
	add_for_all(cases, a_voided_record_is_out_of_every_list_and_stays_in_the_database);
	tcase_add_test(cases, a_voided_person_takes_everything_below_out_of_sight);
	add_for_all(cases, a_repeated_post_makes_one_record);
	add_for_all(cases, a_repeated_post_tells_when_its_record_is_gone);
	tcase_add_test(cases, a_key_belongs_to_its_user_and_address);
	tcase_add_test(cases, a_key_is_free_again_after_a_day);
	tcase_add_test(cases, a_failed_post_does_not_use_its_key);
	add_rows(cases, a_key_is_short_and_visible, bad_keys);
	tcase_add_test(cases, a_problem_speaks_the_language_asked_for);
	add_rows(cases, a_fault_says_what_was_sent_and_what_there_is, told);
	tcase_add_test(cases, a_warning_comes_with_the_record);
	tcase_add_test(cases, an_identity_number_is_masked_unless_there_is_a_purpose);
	tcase_add_test(cases, a_number_is_taken_once_in_an_organisation);
	add_for_all(cases, a_source_knows_a_record_by_one_id);
	tcase_add_test(cases, the_contract_has_every_route_there_is);
	suite_add_tcase(suite, cases);
	return suite;
}
