/* No way of asking tells more than the record itself: lists, counts, exports, sorts, filters,
 * nested lists, figures and refusals agree, for every agency and role. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix.h"
#include "samples.h"
#include "text.h"

static const char purpose[] = "Purpose: case_management\r\n";

static struct http get(int seat, enum role role, const char *path)
{
	return http(.path = path, .token = token(seat, role), .headers = purpose);
}

/* What was asked for is told again, and the trail of an organisation names the records that it read
 * in any of its seats. */
static void expect_silence(int seat, const struct http *answer, const char *path)
{
	const char *told = matrix_told(seat, answer->body);

	if (told && !strcmp(told, MATRIX_PERSON) && !strncmp(path, "/v1/audit", 9))
		return;
	ck_assert_msg(!told || strstr(path, told), "agency %d is told %s by %s: %.600s", seat, told,
		      path, answer->body);
}

/* Fields of one record */

/* The first records that the agency reads, of a grown-up and of a minor where it makes a
 * difference. */
static size_t read_records(int seat, const struct subject *subject, const struct record *found[2])
{
	bool has[2] = {false};
	size_t count = 0;

	for (size_t i = 0; i < subject->record_count; i++) {
		const struct record *record = &subject->records[i];
		bool is_minor = strstr(record->facts, "minor") != NULL;

		if (!has[is_minor] && matrix_verdict(seat, subject->name, 'r', record) == INSIDE) {
			has[is_minor] = true;
			found[count++] = record;
		}
	}
	return count;
}

static bool is_named(const json_t *list, const char *name)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)list, i, one)
		if (!strcmp(json_string_value(one), name))
			return true;
	return false;
}

/* Who is known by a pseudonym has another id. */
static void expect_field(const struct record *record, const struct field *field, bool is_hidden,
			 const json_t *answered)
{
	const json_t *value = json_object_get(answered, field->name);
	const json_t *stored = json_object_get(record->body, field->name);
	bool is_pseudonym = is_hidden && field->references == &people;

	ck_assert_msg(value != NULL, "%s.%s is left out", record->subject->name, field->name);
	if (is_pseudonym)
		ck_assert_msg(!json_equal(value, stored), "%s.%s is told", record->subject->name,
			      field->name);
	else
		ck_assert_msg(json_is_null(value) || !is_hidden, "%s.%s is told",
			      record->subject->name, field->name);
	if (!is_pseudonym)
		ck_assert_msg(is_named(json_object_get(answered, "redacted"), field->name) ==
				      is_hidden,
			      "%s.%s redacted: %d", record->subject->name, field->name, !is_hidden);
	if (!is_hidden && field->sensitivity != OPEN && json_is_string(stored) &&
	    strcmp(field->name, record->subject->change))
		ck_assert_msg(json_equal(value, stored), "%s.%s is not told", record->subject->name,
			      field->name);
}

START_TEST(a_record_shows_what_the_file_does_not_hide)
{
	int seat = matrix_seats[_i];

	for (int at = 0; subjects[at]; at++) {
		const struct subject *subject = subjects[at];
		const struct record *found[2];
		size_t count = read_records(seat, subject, found);

		for (size_t i = 0; i < count; i++) {
			struct http answer = get(seat, VIEWER, matrix_path(found[i]));

			assert_status(answer, 200);
			expect_silence(seat, &answer, matrix_path(found[i]));
			for (const struct field *field = subject->resource->fields; field->name;
			     field++) {
				bool is_hidden = matrix_hides(seat, subject->name,
							      matrix_classes[field->sensitivity],
							      found[i]);

				matrix_counts->hidden++;
				expect_field(found[i], field, is_hidden, answer.json);
			}
		}
	}
}
END_TEST

/* Who is a minor somewhere in a list is hidden from questions about everybody. */
static bool is_kept(int seat, const struct subject *subject, const struct field *field)
{
	static const struct record minor = {.facts = " minor"};

	return matrix_hides(seat, subject->name, matrix_classes[field->sensitivity], &minor);
}

static const char *const questions[] = {"sort=%s",
					"sort=-%s",
					"fields=%s",
					"%s=x",
					"%s_from=2020-01-01",
					"count=true&%s=x",
					"format=csv&fields=%s",
					"format=ndjson&sort=%s"};

START_TEST(what_is_hidden_cannot_be_asked_about)
{
	int seat = matrix_seats[_i];

	for (int at = 0; subjects[at]; at++)
		for (const struct field *field = subjects[at]->resource->fields; field->name;
		     field++) {
			const char *list = matrix_list_path(subjects[at]);

			if (!is_kept(seat, subjects[at], field))
				continue;
			for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
				/* A pseudonym may be shown. */
				bool is_shown = field->references == &people &&
						strstr(questions[i], "fields");
				const char *path = text_of("%s?%s", list,
							   text_of(questions[i], field->name));
				struct http answer = get(seat, ADMIN, path);

				matrix_counts->hidden++;
				ck_assert_msg(answer.status == 400 ||
						      (is_shown && answer.status == 200),
					      "agency %d, %s: %d", seat, path, answer.status);
				expect_silence(seat, &answer, path);
			}
		}
}
END_TEST

START_TEST(what_is_hidden_cannot_be_written)
{
	int seat = matrix_seats[_i];

	for (int at = 0; subjects[at]; at++) {
		const struct subject *subject = subjects[at];
		const struct record *found[2];
		size_t count = matrix_may(seat, subject->name, 'u')
				       ? read_records(seat, subject, found)
				       : 0;

		for (const struct field *field = subject->resource->fields; count && field->name;
		     field++) {
			if (!matrix_hides(seat, subject->name, matrix_classes[field->sensitivity],
					  found[0]))
				continue;
			struct http answer = http(.method = "PATCH", .path = matrix_path(found[0]),
						  .match = "*", .token = token(seat, ADMIN),
						  .headers = purpose,
						  .body = text_of("{\"%s\": \"x\"}", field->name));

			matrix_counts->hidden++;
			ck_assert_msg(answer.status == 403 || answer.status == 422,
				      "agency %d writes %s: %d", seat, field->name, answer.status);
		}
	}
}
END_TEST

/* Every list in every form */

static const char *const forms[] = {"limit=200&count=true", "format=csv", "format=ndjson",
				    "limit=200&sort=-updated_at"};

static void expect_silent_lists(int seat, const char *list)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		const char *path = text_of("%s?%s", list, forms[i]);
		struct http answer = get(seat, ADMIN, path);

		matrix_counts->hidden++;
		expect_silence(seat, &answer, path);
	}
}

/* Where there are lists: of each resource, below the first records of the matrix and elsewhere. */
START_TEST(no_list_in_any_form_tells_what_is_hidden)
{
	int seat = matrix_seats[_i];

	for (int i = 0; resources[i]; i++) {
		if (!resources[i]->parent) {
			expect_silent_lists(seat, text_of("/v1/%s", resources[i]->name));
			continue;
		}
		for (int at = 0; subjects[at]; at++)
			for (size_t row = 0; subjects[at]->resource == resources[i]->parent &&
					     row < subjects[at]->record_count;
			     row += 1 + subjects[at]->record_count / 12)
				expect_silent_lists(
					seat,
					text_of("%s/%s", matrix_path(&subjects[at]->records[row]),
						resources[i]->name));
	}
}
END_TEST

static const char *const asides[] = {
	"/v1/people?q=hoangyen",
	"/v1/people?reveal=true&limit=200",
	"/v1/people?fields=full_name,redacted",
	"/v1/people?unit=2025-66&count=true&limit=200",
	"/v1/indicators?period=2026Y",
	"/v1/indicators/II.1.a/explain?period=2026Y",
	"/v1/indicators/II.2.a/explain?period=2026Y",
	"/v1/indicators/II.4.a/explain?period=2026Y",
	"/v1/me",
};

START_TEST(no_other_way_tells_what_is_hidden)
{
	for (size_t i = 0; i < sizeof asides / sizeof *asides; i++) {
		struct http answer = get(matrix_seats[_i], ADMIN, asides[i]);

		matrix_counts->hidden++;
		expect_silence(matrix_seats[_i], &answer, asides[i]);
	}
}
END_TEST

START_TEST(no_name_of_a_minor_leaves_in_bulk_unless_granted)
{
	int seat = matrix_seats[_i];
	static const char *const bulk[] = {"/v1/people?format=csv", "/v1/people?format=ndjson"};

	for (size_t i = 0; i < 2 && matrix_may(seat, "people", 'l'); i++) {
		struct http kept = get(seat, ADMIN, bulk[i]);
		struct http told = http(.path = bulk[i], .headers = purpose,
					.token = client_token(seat, "people:read people:export",
							      NULL));

		matrix_counts->hidden += 2;
		assert_status(kept, 200);
		assert_status(told, 200);
		ck_assert_msg(!matrix_tells_minors(kept.body), "agency %d: %s", seat, bulk[i]);
		ck_assert_msg(matrix_tells_minors(told.body), "agency %d: %s", seat, bulk[i]);
	}
}
END_TEST

/* Refusals */

static const char nowhere[] = "01890a5d-ac96-774b-bcce-b302099a8057";

/* The answer without what differs from one request to the next, and with the id taken out. */
static char *refusal(int seat, const char *method, const char *path, const char *id)
{
	bool has_body = !strcmp(method, "PATCH") || !strcmp(method, "POST");
	struct http answer = http(.method = method, .path = path, .token = token(seat, ADMIN),
				  .headers = purpose, .match = has_body ? "*" : NULL,
				  .body = has_body ? "{\"colour\": 1}" : NULL);
	char *at;

	json_object_del(answer.json, "request_id");
	char *text = json_dumps(answer.json, JSON_SORT_KEYS);

	while (text && (at = strstr(text, id)))
		memset(at, '?', strlen(id));
	return text_of("%d %s %s", answer.status, http_header(&answer, "Content-Length"), text);
}

static void expect_same_refusal(int seat, const char *method, const struct record *record,
				const char *below)
{
	const char *list = matrix_list_path(record->subject);
	const char *unseen = refusal(seat, method, text_of("%s/%s%s", list, record->id, below),
				     record->id);
	const char *missing = refusal(seat, method, text_of("%s/%s%s", list, nowhere, below),
				      nowhere);

	matrix_counts->hidden++;
	ck_assert_msg(!strcmp(unseen, missing), "agency %d, %s %s%s: unseen %s, missing %s", seat,
		      method, list, below, unseen, missing);
}

START_TEST(what_is_unseen_is_refused_as_what_is_not_there)
{
	static const char *const methods[] = {"GET", "PATCH", "DELETE"};
	int seat = matrix_seats[_i];

	for (int at = 0; subjects[at]; at++)
		for (size_t row = 0; row < subjects[at]->record_count;
		     row += 1 + subjects[at]->record_count / 8) {
			const struct record *record = &subjects[at]->records[row];
			const struct resource *resource = subjects[at]->resource;

			if (matrix_verdict(seat, subjects[at]->name, 'r', record) == INSIDE)
				continue;
			for (size_t i = 0; i < 3; i++)
				expect_same_refusal(seat, methods[i], record, "");
			for (int i = 0; resources[i]; i++)
				if (resources[i]->parent == resource) {
					const char *below = text_of("/%s", resources[i]->name);

					expect_same_refusal(seat, "GET", record, below);
					expect_same_refusal(seat, "POST", record, below);
				}
		}
}
END_TEST

/* Lengths */

/* The ids of a list in the order they come, by pages. */
static char *ids_by_pages(int seat, enum role role, const char *list, const char *key,
			  long long *total)
{
	const char *next = text_of("%s?limit=200&count=true&fields=%s", list, key);
	struct text ids = {0};
	size_t i;
	json_t *row;

	while (next) {
		struct http page = get(seat, role, next);

		assert_status(page, 200);
		json_array_foreach(json_object_get(page.json, "data"), i, row) {
			const json_t *id = json_object_get(row, key);

			if (json_is_string(id))
				text_addf(&ids, "%s\n", json_string_value(id));
			else
				text_addf(&ids, "%lld\n", (long long)json_integer_value(id));
		}
		*total = json_integer_value(
			json_object_get(json_object_get(page.json, "page"), "total"));
		next = http_text(&page, "page.next");
	}
	return text_take(&ids);
}

static size_t lines_of(const char *text)
{
	size_t lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

/* The first cell of each line but the first. */
static char *ids_of_csv(const char *csv)
{
	struct text ids = {0};

	for (const char *line = strchr(csv, '\n'); line && line[1]; line = strchr(line + 1, '\n'))
		text_addf(&ids, "%.*s\n", (int)strcspn(line + 1, ",\r\n"), line + 1);
	return text_take(&ids);
}

/* The first member of each line. */
static char *ids_of_ndjson(const char *ndjson)
{
	struct text ids = {0};

	for (const char *line = ndjson; *line; line = strchr(line, '\n') + 1) {
		const char *value = strchr(line, ':') + 1;

		value += *value == '"';
		text_addf(&ids, "%.*s\n", (int)strcspn(value, "\",}"), value);
	}
	return text_take(&ids);
}

static void expect_one_length(int seat, enum role role, const struct resource *resource)
{
	const char *list = sample_path(resource), *key = resource_key(resource)->name;
	struct http first = get(seat, role, list);
	long long total = 0;

	if (first.status != 200)
		return;
	char *pages = ids_by_pages(seat, role, list, key, &total);
	struct http csv = get(seat, role, text_of("%s?format=csv&fields=%s", list, key));
	struct http ndjson = get(seat, role, text_of("%s?format=ndjson&fields=%s", list, key));

	matrix_counts->hidden++;
	ck_assert_msg((size_t)total == lines_of(pages), "agency %d, %s, %s: total %lld, %zu rows",
		      seat, role_names[role], list, total, lines_of(pages));
	ck_assert_msg(!strcmp(pages, ids_of_csv(csv.body)), "agency %d, %s, %s: CSV", seat,
		      role_names[role], list);
	ck_assert_msg(!strcmp(pages, ids_of_ndjson(ndjson.body ? ndjson.body : "")),
		      "agency %d, %s, %s: NDJSON", seat, role_names[role], list);
}

START_TEST(pages_total_and_exports_are_of_one_length)
{
	static const enum role readers[] = {ADMIN, VIEWER, OFFICER, SERVICE};
	int seat = matrix_seats[_i];
	/* Roles do not differ by agency. */
	size_t roles = seat == PROVINCE || seat == COMMUNE ? sizeof readers / sizeof *readers : 1;

	for (int i = 0; resources[i]; i++)
		for (size_t role = 0; role < roles; role++)
			if (resources[i] != &audit) /* grows by being read */
				expect_one_length(seat, readers[role], resources[i]);
}
END_TEST

/* What hangs on a record is made once, for the processes that fork from here. */
static void parents_made(void)
{
	matrix_made();
	for (int i = 0; resources[i]; i++)
		sample_path(resources[i]);
}

static void tell_and_forget(void)
{
	matrix_tell("disclosure");
	samples_forget();
}

Suite *disclosure_suite(void)
{
	Suite *suite = suite_create("disclosure");
	TCase *cases = tcase_create("disclosure");

	tcase_set_timeout(cases, 120);
	tcase_add_unchecked_fixture(cases, parents_made, tell_and_forget);
	add_rows(cases, a_record_shows_what_the_file_does_not_hide, matrix_seats);
	add_rows(cases, what_is_hidden_cannot_be_asked_about, matrix_seats);
	add_rows(cases, what_is_hidden_cannot_be_written, matrix_seats);
	add_rows(cases, no_list_in_any_form_tells_what_is_hidden, matrix_seats);
	add_rows(cases, no_other_way_tells_what_is_hidden, matrix_seats);
	add_rows(cases, no_name_of_a_minor_leaves_in_bulk_unless_granted, matrix_seats);
	add_rows(cases, what_is_unseen_is_refused_as_what_is_not_there, matrix_seats);
	add_rows(cases, pages_total_and_exports_are_of_one_length, matrix_seats);
	suite_add_tcase(suite, cases);
	return suite;
}
