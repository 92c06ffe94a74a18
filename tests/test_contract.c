/* The contract: sound in itself, and what is answered is what it says. */
#include <stdio.h>
#include <string.h>

#include "request.h"
#include "samples.h"
#include "text.h"

static const json_t *contract(void)
{
	static json_t *document;

	if (!document)
		document = openapi_document("3.1.0");
	return document;
}

/* What "#/components/…" names, NULL when there is no such thing. */
static const json_t *referred(const char *reference)
{
	const json_t *found = contract();
	char part[96];

	for (const char *rest = strchr(reference, '/'); rest && found; rest = strchr(rest, '/')) {
		rest++;
		snprintf(part, sizeof part, "%.*s", (int)strcspn(rest, "/"), rest);
		found = json_object_get(found, part);
	}
	return found;
}

static const json_t *resolved(const json_t *node)
{
	const char *reference = json_string_value(json_object_get(node, "$ref"));

	return reference ? referred(reference) : node;
}

/* In itself */

static void check_references(json_t *node)
{
	const char *reference = json_string_value(json_object_get(node, "$ref")), *key;
	json_t *child;
	size_t i;

	ck_assert_msg(!reference || referred(reference), "%s is not there", reference);
	json_object_foreach(node, key, child)
		check_references(child);
	json_array_foreach(node, i, child)
		check_references(child);
}

START_TEST(whatever_it_refers_to_is_there)
{
	check_references((json_t *)(uintptr_t)contract());
}
END_TEST

START_TEST(an_operation_has_a_name_of_its_own_and_says_all_about_itself)
{
	json_auto_t *names = json_object();
	const char *path, *method;
	json_t *operations, *operation, *parameter;
	size_t i;

	json_object_foreach(json_object_get(contract(), "paths"), path, operations)
		json_object_foreach(operations, method, operation) {
			const char *name = json_string_value(
				json_object_get(operation, "operationId"));

			ck_assert_msg(name && !json_object_get(names, name), "%s %s: %s", method,
				      path, name);
			json_object_set_new(names, name, json_true());
			ck_assert_msg(json_object_get(operation, "description") != NULL, "%s",
				      name);
			json_array_foreach(json_object_get(operation, "parameters"), i, parameter)
				ck_assert_msg(json_object_get(resolved(parameter), "description") !=
						      NULL,
					      "%s: parameter %zu", name, i);
		}
}
END_TEST

/* In what is answered */

static bool is_of_type(const json_t *value, const char *type)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "object",   [JSON_ARRAY] = "array", [JSON_STRING] = "string",
		[JSON_INTEGER] = "integer", [JSON_REAL] = "number", [JSON_TRUE] = "boolean",
		[JSON_FALSE] = "boolean",   [JSON_NULL] = "null",
	};

	return !strcmp(names[json_typeof(value)], type) ||
	       (json_is_integer(value) && !strcmp(type, "number"));
}

static bool is_one_of_types(const json_t *value, const json_t *types)
{
	json_t *type;
	size_t i;

	if (!json_is_array(types))
		return !types || is_of_type(value, json_string_value(types));
	json_array_foreach(types, i, type)
		if (is_of_type(value, json_string_value(type)))
			return true;
	return false;
}

static bool is_among(const json_t *value, const json_t *all)
{
	json_t *one;
	size_t i;

	json_array_foreach(all, i, one)
		if (json_equal(one, value))
			return true;
	return !all;
}

/* The schema of a member, NULL when the contract says nothing of it. */
static const json_t *member_of(const json_t *schema, const char *name)
{
	static const char *const joined[] = {"allOf", "anyOf"};
	const json_t *whole = resolved(schema);
	const json_t *found = json_object_get(json_object_get(whole, "properties"), name);
	json_t *part;
	size_t i;

	for (int kind = 0; kind < 2; kind++)
		json_array_foreach(json_object_get(whole, joined[kind]), i, part)
			found = found ? found : member_of(part, name);
	return found ? found : json_object_get(whole, "additionalProperties");
}

static bool has_required(const json_t *schema, const json_t *value)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(schema, "required"), i, name)
		if (!json_object_get(value, json_string_value(name)))
			return false;
	return true;
}

/* What the schema refers to; of alternatives the one that the value can be. */
static const json_t *chosen(const json_t *schema, const json_t *value)
{
	const json_t *whole = resolved(schema);
	json_t *part;
	size_t i;

	json_array_foreach(json_object_get(whole, "oneOf"), i, part)
		if (has_required(resolved(part), value))
			return resolved(part);
	return whole;
}

static bool is_object_of_its_own(const json_t *schema)
{
	static const char *const ways[] = {"properties", "allOf", "anyOf", "oneOf"};

	for (int i = 0; i < 4; i++)
		if (json_object_get(schema, ways[i]))
			return true;
	return false;
}

static void check_required(const json_t *schema, const json_t *value, const char *at)
{
	const json_t *whole = resolved(schema);
	json_t *part;
	size_t i;

	ck_assert_msg(has_required(whole, value), "%s lacks something of %.800s", at,
		      json_dumps(json_object_get(whole, "required"), 0));
	json_array_foreach(json_object_get(whole, "allOf"), i, part)
		check_required(part, value, at);
}

static void check_value(const json_t *described, const json_t *value, const char *at)
{
	const json_t *schema = chosen(described, value), *items = json_object_get(schema, "items");
	const char *name;
	json_t *child;
	size_t i;

	ck_assert_msg(is_one_of_types(value, json_object_get(schema, "type")) &&
			      is_among(value, json_object_get(schema, "enum")),
		      "%s: %.200s is not %.300s", at, json_dumps(value, JSON_ENCODE_ANY),
		      json_dumps(schema, 0));
	json_array_foreach(value, i, child)
		if (items)
			check_value(items, child, text_of("%s[%zu]", at, i));
	if (!json_is_object(value) || !is_object_of_its_own(schema))
		return;
	check_required(schema, value, at);
	json_object_foreach((json_t *)(uintptr_t)value, name, child) {
		ck_assert_msg(member_of(schema, name) != NULL, "nothing is said of %s.%s", at,
			      name);
		check_value(member_of(schema, name), child, text_of("%s.%s", at, name));
	}
}

/* The status, the headers and the content of the answer stand in the contract. */
static void check_answer(const char *method, const char *path, const struct http *answer)
{
	static const char *const names[] = {"ETag", "Link", "Location", "X-Request-Id",
					    "Idempotency-Replayed"};
	const json_t *operation = json_object_get(
		json_object_get(json_object_get(contract(), "paths"), path), method);
	const json_t *response = resolved(json_object_get(json_object_get(operation, "responses"),
							  text_of("%d", answer->status)));
	const char *at = text_of("%s %s %d", method, path, answer->status);
	char type[64];

	ck_assert_msg(response != NULL, "%s is not in the contract: %s", at, answer->body);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_msg(
			!http_header(answer, names[i]) ||
				json_object_get(json_object_get(response, "headers"), names[i]),
			"%s: nothing is said of %s", at, names[i]);
	if (!answer->length)
		return;
	snprintf(type, sizeof type, "%s", http_header(answer, "Content-Type"));
	type[strcspn(type, ";")] = '\0';
	const json_t *media = json_object_get(json_object_get(response, "content"), type);

	ck_assert_msg(media != NULL, "%s: nothing is said of %s", at, type);
	if (answer->json)
		check_value(json_object_get(media, "schema"), answer->json, at);
}

/* "/v1/crimes/{id}/stages" */
static char *form_of(const struct resource *resource, bool is_one)
{
	return text_of("/v1/%s%s%s%s", resource->parent ? resource->parent->name : "",
		       resource->parent ? "/{id}/" : "", resource->name,
		       !is_one		  ? ""
		       : resource->parent ? "/{item}"
					  : "/{id}");
}

START_TEST(a_record_is_as_the_contract_says)
{
	const struct sample *sample = &samples[_i];
	const char *admin = token(sample->agency, ADMIN), *list = form_of(sample->resource, false),
		   *one = form_of(sample->resource, true);

	for (int variant = 0; variant < 3; variant++) {
		struct http made = http_post(admin, sample_path(sample->resource),
					     sample_object(sample, variant));

		check_answer("post", list, &made);
		if (made.status != 201)
			continue;
		struct http read = http_get(admin, "%s", http_header(&made, "Location"));
		struct http same = http(.path = http_header(&made, "Location"), .token = admin,
					.headers = text_of("If-None-Match: %s\r\n",
							   http_header(&read, "ETag")));

		check_answer("get", one, &read);
		ck_assert_int_eq(same.status, 304);
		check_answer("get", one, &same);
	}
	struct http all = http_get(admin, "%s?limit=2", sample_path(sample->resource));

	check_answer("get", list, &all);
}
END_TEST

/* What is shown of a body */

static const json_t *example_of(const json_t *operation, const char **media, const json_t **schema)
{
	json_t *described;

	json_object_foreach(json_object_get(json_object_get(operation, "requestBody"), "content"),
			    *media, described) {
		*schema = json_object_get(described, "schema");
		return json_object_get(described, "example");
	}
	return NULL;
}

START_TEST(a_body_in_json_has_an_example_that_fits_its_schema)
{
	const char *path, *method, *media;
	const json_t *schema;
	json_t *operations, *operation;

	json_object_foreach(json_object_get(contract(), "paths"), path, operations)
		json_object_foreach(operations, method, operation) {
			const char *at = text_of("%s %s", method, path);
			const json_t *example;

			media = NULL;
			example = example_of(operation, &media, &schema);
			if (!media || !strstr(media, "json"))
				continue;
			ck_assert_msg(example != NULL, "%s has no example", at);
			check_value(schema, example, at);
		}
}
END_TEST

/* The ids of an example stand for those of records that are there. */
static void fill_in(json_t *example, const struct resource *resource)
{
	for (const struct field *field = resource->fields; field->name; field++)
		if (field->references && json_object_get(example, field->name))
			json_object_set_new(example, field->name,
					    json_string(sample_parent(field->references)));
}

START_TEST(an_example_is_accepted)
{
	const struct sample *sample = &samples[_i];
	const char *admin = token(sample->agency, ADMIN), *media;
	const json_t *operation = json_object_get(
		json_object_get(json_object_get(contract(), "paths"),
				form_of(sample->resource, false)),
		"post");
	const json_t *schema;
	json_t *example = json_deep_copy(example_of(operation, &media, &schema));

	fill_in(example, sample->resource);
	sample_place(example, sample->resource);
	struct http answer = http_post(admin, sample_path(sample->resource), example);

	assert_status(answer, 201);
	check_answer("post", form_of(sample->resource, false), &answer);
}
END_TEST

static const struct {
	int agency;
	enum role role;
	const char *form, *path;
} asked[] = {
	{1, OFFICER, "/v1/me", "/v1/me"},
	{0, OPERATOR, "/v1/me", "/v1/me"},
	{1, OFFICER, "/v1/changes", "/v1/changes?limit=5"},
	{1, OFFICER, "/v1/indicators", "/v1/indicators"},
	{1, OFFICER, "/v1/indicators", "/v1/indicators?as_of=2000-01-01T00:00:00Z"},
	{1, OFFICER, "/v1/indicators/{code}", "/v1/indicators/II.1.a?by=sex"},
	{1, OFFICER, "/v1/indicators/{code}", "/v1/indicators/II.1.a?format=csv"},
	{1, OFFICER, "/v1/indicators/{code}", "/v1/indicators/II.1.a?format=jsonstat"},
	{1, OFFICER, "/v1/indicators", "/v1/indicators?format=jsonstat"},
	{1, OFFICER, "/v1/indicators/{code}/explain", "/v1/indicators/II.1.a/explain"},
	{8, VIEWER, "/v1/indicators/{code}/explain", "/v1/indicators/II.1.a/explain"},
	{1, OFFICER, "/v1/units", "/v1/units?limit=200"},
	{1, OFFICER, "/v1/agencies", "/v1/agencies"},
	{1, OFFICER, "/v1/organizations", "/v1/organizations"},
	{1, OFFICER, "/v1/seats", "/v1/seats"},
	{1, OFFICER, "/v1/targets", "/v1/targets"},
	{1, OFFICER, "/v1/codes", "/v1/codes?limit=200"},
	{1, OFFICER, "/v1/reporting-periods", "/v1/reporting-periods"},
	{1, OFFICER, "/v1/legal-references", "/v1/legal-references"},
	{1, OFFICER, "/v1/report-completeness", "/v1/report-completeness"},
	{1, OFFICER, "/v1/task-trees", "/v1/task-trees"},
	{1, OFFICER, "/v1/task-overview", "/v1/task-overview"},
	{1, OFFICER, "/v1/clocks", "/v1/clocks"},
	{1, OFFICER, "/v1/sessions", "/v1/sessions"},
	{1, ADMIN, "/v1/users", "/v1/users"},
	{1, ADMIN, "/v1/clients", "/v1/clients"},
	{1, ADMIN, "/v1/audit", "/v1/audit"},
	{8, VIEWER, "/v1/people", "/v1/people"},
	{1, OFFICER, "/v1/people/{id}", "/v1/people/01a22177-479c-7f50-8f67-71e7a51ce0ee"},
	{1, OFFICER, "/healthz", "/healthz"},
	{1, OFFICER, "/readyz", "/readyz"},
	{1, OFFICER, "/metrics", "/metrics"},
	{1, OFFICER, "/", "/"},
	{1, OFFICER, "/docs", "/docs"},
	{1, OFFICER, "/openapi.yaml", "/openapi.yaml"},
	{1, OFFICER, "/.well-known/jwks.json", "/.well-known/jwks.json"},
	{1, OFFICER, "/.well-known/oauth-authorization-server",
	 "/.well-known/oauth-authorization-server"},
};

START_TEST(an_answer_is_as_the_contract_says)
{
	const char *caller = token(asked[_i].agency, asked[_i].role);

	figures_settle();
	struct http answer = http_get(caller, "%s", asked[_i].path);

	check_answer("get", asked[_i].form, &answer);
	if (!http_header(&answer, "ETag"))
		return;
	struct http same = http(.path = asked[_i].path, .token = caller,
				.headers = text_of("If-None-Match: %s\r\n",
						   http_header(&answer, "ETag")));

	assert_status(same, 304);
	check_answer("get", asked[_i].form, &same);
}
END_TEST

START_TEST(the_root_leads_to_the_reference)
{
	struct http root = http_get(NULL, "/"), docs;

	assert_status(root, 303);
	docs = http_get(NULL, "%s", http_header(&root, "Location"));
	assert_status(docs, 200);
	ck_assert_ptr_nonnull(strstr(http_header(&docs, "Content-Type"), "text/html"));
}
END_TEST

/* What one answer tells is what the next question takes. */
START_TEST(a_place_of_the_feed_is_asked_for_as_it_is_told)
{
	const json_t *changes = json_object_get(json_object_get(contract(), "paths"),
						"/v1/changes");
	const json_t *next = json_object_get(
		json_object_get(referred("#/components/schemas/ChangePage"), "properties"),
		"next_cursor");
	json_t *parameter;
	size_t i;
	int bounded = 0;

	json_array_foreach(json_object_get(json_object_get(changes, "get"), "parameters"), i,
			   parameter) {
		const json_t *schema = json_object_get(parameter, "schema");
		const char *name = json_string_value(json_object_get(parameter, "name"));

		if (name && !strcmp(name, "after"))
			ck_assert(json_equal(json_object_get(schema, "type"),
					     json_object_get(next, "type")) &&
				  json_equal(json_object_get(schema, "pattern"),
					     json_object_get(next, "pattern")));
		bounded += json_object_get(schema, "minimum") && json_object_get(schema, "maximum");
	}
	ck_assert_int_eq(bounded, 2); /* limit and wait */
}
END_TEST

/* What 3.0.3 knows: nullable beside a type, and nothing beside a reference. */
static void check_old(const json_t *node, const char *at)
{
	const char *key;
	size_t i;
	json_t *child;

	ck_assert_msg(!json_object_get(node, "$ref") || json_object_size(node) == 1,
		      "%s: something stands beside $ref", at);
	ck_assert_msg(!json_is_true(json_object_get(node, "nullable")) ||
			      json_is_string(json_object_get(node, "type")),
		      "%s: nullable without a type", at);
	json_object_foreach((json_t *)(uintptr_t)node, key, child)
		check_old(child, text_of("%s/%s", at, key));
	json_array_foreach(node, i, child)
		check_old(child, text_of("%s/%zu", at, i));
}

START_TEST(the_older_contract_says_only_what_that_version_knows)
{
	struct http answer = http_get(NULL, "/openapi-3.0.json");

	ck_assert_str_eq(http_text(&answer, "openapi"), "3.0.3");
	ck_assert_str_eq(http_text(&answer, "components.schemas.ReportFigure.properties.now.allOf"
					    "[0].$ref"),
			 "#/components/schemas/IndicatorRow");
	check_old(answer.json, "");
}
END_TEST

static const char *const named[] = {
	"The number of an Agency",	 "The id of an Institution", "The id of an Intervention",
	"The code of an Organization",	 "The id of an Undecided",   "The id of a User",
	"The id of a UnionOrganization", "The key of a Unit",	     "The id of a Person",
};

START_TEST(what_a_path_names_has_its_article)
{
	struct http answer = http_get(NULL, "/openapi.json");

	ck_assert_ptr_nonnull(strstr(answer.body, text_of("\"%s\"", named[_i])));
}
END_TEST

START_TEST(a_report_is_as_the_contract_says)
{
	static const char form[] = "/v1/reports/{id}";
	const char *officer = token(COMMUNE, OFFICER);
	char *path = text_of("/v1/reports/%s",
			     made(officer, "/v1/reports",
				  object("{'period': '2026H1', 'kind': 'organization'}")));
	struct http figures = http_get(officer, "%s/figures", path);
	struct http submitted = http(.method = "POST", .path = text_of("%s/submission", path),
				     .token = officer, .body = "{}");
	struct http keyless = http(.method = "POST", .path = text_of("%s/submission", path),
				   .token = officer, .body = "{}", .key = "");
	struct http signature = http(.method = "POST", .path = text_of("%s/countersignature", path),
				     .token = token(17, ADMIN), .body = "{}");

	assert_status(figures, 200);
	check_answer("get", text_of("%s/figures", form), &figures);
	check_answer("post", text_of("%s/submission", form), &submitted);
	assert_status(keyless, 400);
	check_answer("post", text_of("%s/submission", form), &keyless);
	check_answer("post", text_of("%s/countersignature", form), &signature);
	figures = http_get(officer, "%s/figures", path);
	check_answer("get", text_of("%s/figures", form), &figures);
}
END_TEST

Suite *contract_suite(void)
{
	Suite *suite = suite_create("contract");
	TCase *cases = tcase_create("contract");

	tcase_set_timeout(cases, 20);
	tcase_add_test(cases, whatever_it_refers_to_is_there);
	tcase_add_test(cases, an_operation_has_a_name_of_its_own_and_says_all_about_itself);
	tcase_add_loop_test(cases, a_record_is_as_the_contract_says, 0, sample_count());
	tcase_add_test(cases, a_body_in_json_has_an_example_that_fits_its_schema);
	tcase_add_loop_test(cases, an_example_is_accepted, 0, sample_count());
	add_rows(cases, an_answer_is_as_the_contract_says, asked);
	tcase_add_test(cases, the_root_leads_to_the_reference);
	tcase_add_test(cases, a_place_of_the_feed_is_asked_for_as_it_is_told);
	tcase_add_test(cases, the_older_contract_says_only_what_that_version_knows);
	add_rows(cases, what_a_path_names_has_its_article, named);
	tcase_add_test(cases, a_report_is_as_the_contract_says);
	suite_add_tcase(suite, cases);
	return suite;
}
