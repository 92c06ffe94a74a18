/* Lists of every resource: filters, sorts, pages, counts and exports say the same rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "samples.h"
#include "text.h"

/* What the tests of a resource work on: all its rows, read page by page. */
struct table {
	const struct resource *resource;
	const char *path, *reader;
	json_t *rows;
};

/* Percent-encoded. */
static char *escaped(const char *text)
{
	struct text out = {0};

	for (const char *c = text; *c; c++)
		if ((*c >= '0' && *c <= '9') || ((*c | 32) >= 'a' && (*c | 32) <= 'z') ||
		    strchr("-_.,", *c))
			text_add_char(&out, *c);
		else
			text_addf(&out, "%%%02X", (unsigned char)*c);
	return text_take(&out);
}

/* All pages of a list, by its own links. */
static json_t *all_pages(const char *reader, const char *first)
{
	json_t *rows = json_array();
	const char *next = first;

	for (int page = 0; next; page++) {
		struct http answer = http_get(reader, "%s", next);
		const char *link = http_header(&answer, "Link");

		assert_status(answer, 200);
		ck_assert_int_lt(page, 1000);
		json_array_extend(rows, json_object_get(answer.json, "data"));
		next = http_text(&answer, "page.next");
		ck_assert_int_eq(!next, !http_text(&answer, "page.next_cursor"));
		ck_assert_int_eq(!next, !link);
		ck_assert(!next || (next[0] == '/' && strstr(link, next)));
	}
	return rows;
}

static bool is_created(const struct resource *resource)
{
	const struct grant *found[1];

	for (int agency = 1; agency < 20; agency++)
		if (access_grants(agency, resource, CREATE, found, 1))
			return true;
	return false;
}

/* By place in resources[]: where the rows of the fixture are listed. */
static const char *list_paths[128];

static void rows_made(void)
{
	for (int i = 0; resources[i]; i++) {
		const struct sample *sample = sample_of(resources[i]);

		list_paths[i] = sample_path(resources[i]);
		for (int variant = 0; sample && variant < SAMPLE_VARIANTS; variant++)
			sample_made(sample, variant);
	}
}

static struct table table_of(const struct resource *resource)
{
	const struct sample *sample = sample_of(resource);
	bool has_names = resource == &people || resource == &crime_participants;
	int agency = sample ? sample->agency : 1;
	struct table table = {
		.resource = resource,
		.reader = has_names ? client_token(agency, "read people:export", "case_management")
				    : token(agency, ADMIN)};
	int place = 0;

	ck_assert_msg(sample || !is_created(resource) || resource->traits & OWN_RULES,
		      "%s has no row in tests/samples.c", resource->table);
	while (resources[place] != resource)
		place++;
	table.path = list_paths[place];
	table.rows = all_pages(table.reader, text_of("%s?limit=200", table.path));
	ck_assert_uint_ge(json_array_size(table.rows), sample ? SAMPLE_VARIANTS : 0);
	return table;
}

static const char *key_of(const struct table *table, const json_t *row)
{
	json_t *key = json_object_get(row, resource_key(table->resource)->name);

	return json_is_string(key) ? json_string_value(key)
				   : text_of("%" JSON_INTEGER_FORMAT, json_integer_value(key));
}

/* Their keys, in one string with line ends: easy to compare and to look at. */
static char *keys_of(const struct table *table, const json_t *rows)
{
	struct text keys = {0};
	size_t i;
	json_t *row;

	json_array_foreach((json_t *)(uintptr_t)rows, i, row)
		text_addf(&keys, "%s\n", key_of(table, row));
	return text_take(&keys);
}

static const char *text_in(const json_t *row, const char *name)
{
	const json_t *value = json_object_get(row, name);

	if (json_is_string(value))
		return json_string_value(value);
	if (json_is_boolean(value))
		return json_is_true(value) ? "true" : "false";
	return json_is_integer(value) ? text_of("%" JSON_INTEGER_FORMAT, json_integer_value(value))
				      : NULL;
}

/* Pages */

START_TEST(pages_of_any_size_have_the_same_rows)
{
	struct table table = table_of(resources[_i]);
	static const int sizes[] = {7, 50};

	for (size_t i = 0; i < 2; i++) {
		json_t *rows = all_pages(table.reader,
					 text_of("%s?limit=%d", table.path, sizes[i]));

		ck_assert_str_eq(keys_of(&table, rows), keys_of(&table, table.rows));
		ck_assert(json_equal(rows, table.rows));
	}
}
END_TEST

/* Of texts that sort as they are; of instants, more digits before the Z are later. */
static int compare_values(const struct field *field, const char *one, const char *other)
{
	char left[64], right[64];

	if (field->type == INTEGER)
		return (int)(strtoll(one, NULL, 10) - strtoll(other, NULL, 10));
	if (field->type != INSTANT)
		return strcmp(one, other);
	snprintf(left, sizeof left, "%.*s", (int)strcspn(one, "Z"), one);
	snprintf(right, sizeof right, "%.*s", (int)strcspn(other, "Z"), other);
	return strcmp(left, right);
}

/* Whether the pair may follow each other: nulls last, and first when descending. */
static bool in_order(const struct field *field, const char *one, const char *other, bool descending)
{
	const char *first = descending ? other : one, *second = descending ? one : other;

	if (!first || !second)
		return !second;
	/* Names have a test of their own. */
	return field->type == NAME || compare_values(field, first, second) <= 0;
}

static int compare_lines(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

static char *sorted_lines(const char *text)
{
	char *lines[2000], *copy = strdup(text), *rest = NULL;
	struct text out = {0};
	size_t count = 0;

	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		lines[count++] = line;
	qsort(lines, count, sizeof *lines, compare_lines);
	for (size_t i = 0; i < count; i++)
		text_addf(&out, "%s\n", lines[i]);
	return text_take(&out);
}

START_TEST(every_sort_pages_through_all_rows_once_in_order)
{
	struct table table = table_of(resources[_i]);
	int limit = json_array_size(table.rows) > 100 ? 37 : 3;

	for (const struct field *field = table.resource->fields; field->name; field++)
		for (int descending = 0; field->flags & SORT && descending < 2; descending++) {
			json_t *rows = all_pages(
				table.reader, text_of("%s?sort=%s%s&limit=%d", table.path,
						      descending ? "-" : "", field->name, limit));

			ck_assert_msg(!strcmp(sorted_lines(keys_of(&table, rows)),
					      sorted_lines(keys_of(&table, table.rows))),
				      "by %s%s:\n%s", descending ? "-" : "", field->name,
				      keys_of(&table, rows));
			for (size_t at = 1; at < json_array_size(rows); at++) {
				const char *one = text_in(json_array_get(rows, at - 1),
							  field->name);
				const char *other = text_in(json_array_get(rows, at), field->name);

				ck_assert_msg(in_order(field, one, other, descending),
					      "by %s%s: %s, %s", descending ? "-" : "", field->name,
					      one, other);
			}
		}
}
END_TEST

START_TEST(two_sorts_page_through_nulls_too)
{
	struct table table = table_of(&people);
	static const char *const sorts[] = {"status_since,date_of_birth", "-status_since,full_name",
					    "status_since,-full_name,updated_at",
					    "-status_since,-id"};

	made(token(1, OFFICER),
	     text_of("/v1/people/%s/statuses", key_of(&table, json_array_get(table.rows, 0))),
	     object("{'status': 'at_risk', 'starts_on': '2026-01-01'}"));
	for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
		json_t *rows = all_pages(table.reader,
					 text_of("/v1/people?sort=%s&limit=4", sorts[i]));

		ck_assert_str_eq(sorted_lines(keys_of(&table, rows)),
				 sorted_lines(keys_of(&table, table.rows)));
	}
}
END_TEST

START_TEST(names_sort_as_in_vietnamese)
{
	static const char *const names[] = {"An",    "Ân",   "Bình", "Dũng", "Đạt",  "Em",
					    "Ê Ban", "Oanh", "Ô",    "Ơ",    "Uyên", "Ư"};
	const char *source = unique("names-");
	size_t count = sizeof names / sizeof *names;

	for (size_t i = 0; i < count; i++)
		made(token(1, OFFICER), "/v1/people",
		     person(text_of("{'full_name': '%s', 'source': '%s'}", names[(i * 5) % count],
				    source)));
	json_t *rows = all_pages(token(1, OFFICER),
				 text_of("/v1/people?source=%s&sort=full_name&limit=5", source));
	ck_assert_uint_eq(json_array_size(rows), count);
	for (size_t i = 0; i < count; i++)
		ck_assert_str_eq(text_in(json_array_get(rows, i), "full_name"), names[i]);
}
END_TEST

START_TEST(rows_made_meanwhile_move_no_other_row)
{
	const char *source = unique("page-"), *reader = token(1, OFFICER), *next;
	char *path = text_of("/v1/people?source=%s&sort=full_name&limit=2", source);
	static const char *const late[] = {"Aa", "Ac", "Bb", "Cc"};
	struct text seen = {0};

	for (char letter = 'A'; letter < 'G'; letter++)
		made(reader, "/v1/people",
		     person(text_of("{'full_name': '%cb', 'source': '%s'}", letter, source)));
	next = path;
	for (size_t page = 0; next; page++) {
		struct http answer = http_get(reader, "%s", next);

		for (size_t i = 0; i < count_of(&answer); i++)
			text_addf(&seen, "%s ",
				  http_text(&answer, text_of("data[%zu].full_name", i)));
		next = http_text(&answer, "page.next");
		if (page < 2) {
			made(reader, "/v1/people",
			     person(text_of("{'full_name': '%s', 'source': '%s'}", late[page],
					    source)));
			made(reader, "/v1/people",
			     person(text_of("{'full_name': '%s', 'source': '%s'}", late[page + 2],
					    source)));
		}
	}
	/* What came in before the place read is missed, what came in after it is met. */
	ck_assert_str_eq(text_string(&seen), "Ab Bb Bb Cb Cc Db Eb Fb ");
}
END_TEST

START_TEST(a_row_voided_meanwhile_ends_no_paging)
{
	const char *source = unique("void-"), *reader = token(1, ADMIN);
	char *ids[4];

	for (int i = 0; i < 4; i++)
		ids[i] = made(reader, "/v1/people", person(text_of("{'source': '%s'}", source)));
	struct http first = http_get(reader, "/v1/people?source=%s&limit=2", source);
	struct http voided = http_delete(reader, text_of("/v1/people/%s?reason=other", ids[1]),
					 "*");
	assert_status(voided, 204);
	struct http second = http_get(reader, "%s", http_text(&first, "page.next"));
	ck_assert_uint_eq(count_of(&second), 2);
	ck_assert_str_eq(http_text(&second, "data[0].id"), ids[2]);
}
END_TEST

/* Counts and exports */

static size_t lines_of(const char *text)
{
	size_t lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

START_TEST(pages_count_csv_and_ndjson_have_the_same_rows)
{
	struct table table = table_of(resources[_i]);
	size_t rows = json_array_size(table.rows), at = 0;
	struct http page = http_get(table.reader, "%s?count=true&limit=1", table.path);
	struct http csv = http(.path = table.path, .token = table.reader,
			       .headers = "Accept: text/csv\r\n");
	struct http ndjson = http_get(table.reader, "%s?format=ndjson", table.path);
	char *rest = NULL, *body = ndjson.body ? strdup(ndjson.body) : "";

	ck_assert_int_eq(
		json_integer_value(json_object_get(json_object_get(page.json, "page"), "total")),
		(json_int_t)rows);
	assert_status(csv, 200);
	assert_status(ndjson, 200);
	ck_assert(!strncmp(http_header(&csv, "Content-Type"), "text/csv", 8));
	ck_assert(!strncmp(http_header(&ndjson, "Content-Type"), "application/x-ndjson", 20));
	for (char *line = strtok_r(body, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest), at++)
		ck_assert_msg(json_equal(json_loads(line, 0, NULL), json_array_get(table.rows, at)),
			      "%s", line);
	ck_assert_uint_eq(at, rows);
	ck_assert_uint_ge(lines_of(csv.body), rows + 1); /* a cell may have lines */
}
END_TEST

/* The next cell of a CSV text (RFC 4180); *is_last at the end of a line. */
static char *next_cell(const char **at, bool *is_last)
{
	struct text cell = {0};
	bool is_quoted = **at == '"';

	for (*at += is_quoted; **at; ++*at) {
		if (is_quoted && **at == '"' && *++*at != '"')
			is_quoted = false;
		if (!is_quoted && (**at == ',' || **at == '\r'))
			break;
		text_add_char(&cell, **at);
	}
	*is_last = **at != ',';
	*at += *is_last ? strspn(*at, "\r\n") : 1;
	return text_take(&cell);
}

static char *cell_of(const json_t *value)
{
	const char *text = json_string_value(value);

	if (!value || json_is_null(value))
		return strdup("");
	if (json_is_real(value))
		return text_of("%.15g", json_real_value(value));
	if (!text)
		return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	return text_of("%s%s", strchr("=+-@\t\r", *text) ? "'" : "", text);
}

START_TEST(every_cell_is_what_json_says)
{
	struct table table = table_of(resources[_i]);
	struct http csv = http_get(table.reader, "%s?format=csv&bom=true", table.path);
	const char *at = csv.body;
	bool is_last = false;

	ck_assert(!strncmp(at, "\xEF\xBB\xBF", 3));
	at += 3;
	for (const struct field *field = table.resource->fields; field->name; field++)
		ck_assert_str_eq(next_cell(&at, &is_last), field->name);
	ck_assert(is_last);
	for (size_t row = 0; row < json_array_size(table.rows); row++)
		for (const struct field *field = table.resource->fields; field->name; field++) {
			json_t *value = json_object_get(json_array_get(table.rows, row),
							field->name);
			char *cell = next_cell(&at, &is_last);

			if (field->type == DECIMAL)
				ck_assert(json_is_null(value)
						  ? !*cell
						  : strtod(cell, NULL) == json_number_value(value));
			else if (field->type == DOCUMENT)
				ck_assert(json_is_null(value) ||
					  json_equal(json_loads(cell, 0, NULL), value));
			else
				ck_assert_msg(!strcmp(cell, cell_of(value)), "%s: %s, %s",
					      field->name, cell, cell_of(value));
			ck_assert_int_eq(is_last, !field[1].name);
		}
	ck_assert_int_eq(*at, '\0');
}
END_TEST

START_TEST(no_cell_is_a_formula)
{
	const char *source = unique("csv-"), *reader = token(1, OFFICER);
	json_t *sent = person(NULL);

	json_object_set_new(sent, "address", json_string("=cmd|' /C calc'!A0, \"x\"\nsecond"));
	json_object_set_new(sent, "occupation", json_string("@SUM(1)"));
	json_object_set_new(sent, "phone", json_string("+84905123456"));
	json_object_set_new(sent, "source", json_string(source));
	made(reader, "/v1/people", sent);
	struct http csv = http_get(
		reader, "/v1/people?source=%s&format=csv&fields=address,occupation,phone", source);
	const char *row = strchr(csv.body, ',');
	ck_assert(!strncmp(csv.body, "id,phone,address,occupation\r\n", 29));
	row = strchr(csv.body + 29, ',');
	ck_assert_str_eq(
		row,
		",\"'+84905123456\",\"'=cmd|' /C calc'!A0, \"\"x\"\"\nsecond\",\"'@SUM(1)\"\r\n");
}
END_TEST

START_TEST(an_export_ends_at_its_limit_and_begins_at_its_cursor)
{
	struct table table = table_of(&tasks);
	struct http limited = http_get(table.reader, "/v1/tasks?format=ndjson&limit=3");
	struct http page = http_get(table.reader, "/v1/tasks?limit=200");
	struct http rest = http_get(table.reader, "/v1/tasks?format=ndjson&cursor=%s",
				    http_text(&page, "page.next_cursor"));

	ck_assert_uint_eq(lines_of(limited.body), 3);
	ck_assert_uint_eq(lines_of(rest.body), json_array_size(table.rows) - 200);
}
END_TEST

START_TEST(a_large_answer_is_packed_when_asked)
{
	struct http plain = http_get(token(1, VIEWER), "/v1/targets?limit=100");
	struct http packed = http(.path = "/v1/targets?limit=100", .token = token(1, VIEWER),
				  .headers = "Accept-Encoding: gzip\r\n");
	struct http small = http(.path = "/v1/units?limit=1", .token = token(1, VIEWER),
				 .headers = "Accept-Encoding: gzip\r\n");
	struct http unwanted = http(.path = "/v1/targets?limit=100", .token = token(1, VIEWER),
				    .headers = "Accept-Encoding: gzip;q=0\r\n");
	char *text = calloc(1, plain.length + 2);
	z_stream stream = {.next_in = (Bytef *)packed.body,
			   .avail_in = (uInt)packed.length,
			   .next_out = (Bytef *)text,
			   .avail_out = (uInt)plain.length + 1};

	ck_assert_str_eq(http_header(&packed, "Content-Encoding"), "gzip");
	ck_assert_uint_lt(packed.length, plain.length / 2);
	ck_assert_int_eq(inflateInit2(&stream, 15 + 16), Z_OK);
	ck_assert_int_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
	ck_assert(!strcmp(text, plain.body));
	ck_assert_ptr_null(http_header(&small, "Content-Encoding"));
	ck_assert_ptr_null(http_header(&unwanted, "Content-Encoding"));
}
END_TEST

/* Filters */

/* Which side of a range the row is on; a date known in part counts as its last day. */
static bool is_beyond(const struct field *field, const char *value, const char *bound, bool from)
{
	char day[11] = "";

	if (field->type == PARTIAL_DATE) {
		ck_assert(partial_date_last(value, day));
		value = day;
	}
	int order = compare_values(field, value, bound);

	return from ? order >= 0 : order <= 0;
}

static void check_filter(const struct table *table, const char *query, const json_t *expected)
{
	json_t *rows = all_pages(table->reader, text_of("%s?%s&limit=200", table->path, query));

	ck_assert_msg(!strcmp(keys_of(table, rows), keys_of(table, expected)),
		      "%s: %zu rows, not %zu", query, json_array_size(rows),
		      json_array_size(expected));
}

static void check_range(const struct table *table, const struct field *field, const char *bound,
			bool from)
{
	json_t *expected = json_array(), *row;
	char last[11];
	size_t i;

	if (field->type == PARTIAL_DATE && partial_date_last(bound, last))
		bound = from ? text_of("%.4s-01-01", bound) : text_of("%s", last);
	json_array_foreach(table->rows, i, row) {
		const char *value = text_in(row, field->name);

		if (value && is_beyond(field, value, bound, from))
			json_array_append(expected, row);
	}
	check_filter(table, text_of("%s_%s=%s", field->name, from ? "from" : "to", escaped(bound)),
		     expected);
}

static bool is_within(const char *unit, const char *wanted)
{
	return unit &&
	       !strcmp(sql(AS_OWNER, "SELECT '%s' = ANY (units_within('%s'))", unit, wanted), "t");
}

/* Rows whose value is one of two. */
static void check_values(const struct table *table, const struct field *field, const char *one,
			 const char *other)
{
	json_t *expected = json_array(), *row, *item;
	size_t i, j;

	json_array_foreach(table->rows, i, row) {
		const char *value = text_in(row, field->name);
		bool fits = field->type == UNIT
				    ? is_within(value, one)
				    : value && (!strcmp(value, one) || !strcmp(value, other));

		json_array_foreach(json_object_get(row, field->name), j, item)
			fits = fits || json_integer_value(item) == strtoll(one, NULL, 10) ||
			       json_integer_value(item) == strtoll(other, NULL, 10);
		if (fits)
			json_array_append(expected, row);
	}
	bool is_single = field->type == BOOLEAN || field->type == UNIT || one == other;
	check_filter(table,
		     text_of("%s=%s%s%s", field->name, escaped(one), is_single ? "" : ",",
			     is_single ? "" : escaped(other)),
		     expected);
}

static void check_field(const struct table *table, const struct field *field)
{
	const char *previous = NULL;
	int tried = 0;
	size_t i;
	json_t *row;

	json_array_foreach(table->rows, i, row) {
		const char *value = text_in(row, field->name);

		if (field->type == INTEGERS && json_array_size(json_object_get(row, field->name)))
			value = text_of("%" JSON_INTEGER_FORMAT,
					json_integer_value(json_array_get(
						json_object_get(row, field->name), 0)));
		if (!value || strchr(value, ',') || (previous && !strcmp(previous, value)) ||
		    tried == 3)
			continue;
		if (field->type == DATE || field->type == PARTIAL_DATE || field->type == INSTANT) {
			check_range(table, field, value, true);
			check_range(table, field, value, false);
		} else {
			bool is_one = field->type == BOOLEAN || field->type == UNIT;

			check_values(table, field, value, value);
			if (previous && !is_one)
				check_values(table, field, value, previous);
		}
		previous = value;
		tried++;
	}
}

START_TEST(every_filter_finds_its_rows_and_no_other)
{
	struct table table = table_of(resources[_i]);

	/* Units within units have tests of their own, and so have identity numbers. */
	for (const struct field *field = table.resource->fields; field->name; field++)
		if (field->flags & FILTER && field->type != CITIZEN_NUMBER &&
		    (field->type != UNIT || !(table.resource->traits & REFERENCE_DATA)))
			check_field(&table, field);
}
END_TEST

START_TEST(a_unit_means_all_within_it)
{
	const char *reader = token(1, OFFICER), *source = unique("unit-");
	static const struct {
		const char *query;
		size_t count;
	} rows[] = {
		{"unit=2025-24121", 1}, {"unit=2025-24133", 1}, {"unit=2025-66", 3},
		{"unit=2025-24214", 1}, {"unit=2024-24121", 0}, {"unit=2024-643", 0},
		{"unit=2099-1", 0},
	};

	made(reader, "/v1/people", person(text_of("{'source': '%s'}", source)));
	made(reader, "/v1/people",
	     person(text_of("{'source': '%s', 'unit': '2025-24133'}", source)));
	made(reader, "/v1/people",
	     person(text_of("{'source': '%s', 'unit': '2025-24214'}", source)));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct http list = http_get(reader, "/v1/people?source=%s&%s", source,
					    rows[i].query);

		assert_status(list, 200);
		ck_assert_msg(count_of(&list) == rows[i].count, "%s: %s", rows[i].query, list.body);
	}
	/* What was in a commune of then is in the commune that took it over. */
	made(reader, "/v1/crimes",
	     object("{'article': '249', 'occurred_on': '2024-05-01', 'detected_on': '2024-05-01', "
		    "'unit': '2024-24121', 'source': '%s'}",
		    source));
	struct http now = http_get(reader, "/v1/crimes?source=%s&unit=2025-24121", source);
	struct http then = http_get(reader, "/v1/crimes?source=%s&unit=2024-643", source);
	ck_assert_uint_eq(count_of(&now), 1);
	ck_assert_uint_eq(count_of(&then), 1);
}
END_TEST

/* Taken unit by unit or all at once, a page has the same rows in the same order. */
START_TEST(a_territory_is_paged_like_everything_else)
{
	static const char *const queries[] = {"", "&updated_since=2026-01-01T00:00:00Z",
					      "&sort=-id", "&sort=full_name", "&sex=male,female"};
	const char *police = token(1, VIEWER), *commune = token(COMMUNE, VIEWER);
	struct table table = {.resource = &people};

	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		char *of_unit = text_of("/v1/people?unit=" COMMUNE_UNIT "%s", queries[i]);
		json_t *whole = all_pages(police, text_of("%s&limit=200", of_unit));
		json_t *paged = all_pages(police, text_of("%s&limit=7", of_unit));
		json_t *own = all_pages(commune, text_of("/v1/people?limit=7%s", queries[i]));

		ck_assert_uint_gt(json_array_size(whole), 7);
		ck_assert_str_eq(keys_of(&table, paged), keys_of(&table, whole));
		ck_assert_str_eq(keys_of(&table, own), keys_of(&table, whole));
	}
}
END_TEST

START_TEST(a_name_is_found_by_its_words)
{
	const char *reader = token(1, OFFICER), *word = text_of("T%.8s", unique("") + 28);
	char *id = made(
		reader, "/v1/people",
		person(text_of("{'full_name': 'Nguyễn Đặng %s', 'other_name': 'Ea H’Leo %s'}", word,
			       word)));
	const struct {
		const char *words;
		size_t count;
	} rows[] = {
		{"nguyen dang", 1}, {"DANG NGUYEN", 1},
		{"Đặng", 1},	    {"Nguye\xCC\x82\xCC\x83n", 1},
		{"ea hleo", 1},	    {"Ea H'Leo", 1},
		{"nguyen an", 0},   {"nguye", 0},
		{"hleo nguyen", 0},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *query = escaped(text_of("%s %s", rows[i].words, word));
		struct http list = http_get(reader, "/v1/people?q=%s&count=true", query);

		assert_status(list, 200);
		ck_assert_msg(count_of(&list) == rows[i].count, "%s: %s", rows[i].words, list.body);
	}
	struct http renamed = http_patch(
		reader, text_of("/v1/people/%s", id), etag_of(reader, text_of("/v1/people/%s", id)),
		object("{'full_name': 'Trần %s', 'other_name': null}", word));
	assert_status(renamed, 200);
	struct http before = http_get(reader, "/v1/people?q=%s",
				      escaped(text_of("nguyen %s", word)));
	struct http after = http_get(reader, "/v1/people?q=%s", escaped(text_of("tran %s", word)));
	ck_assert_uint_eq(count_of(&before), 0);
	ck_assert_uint_eq(count_of(&after), 1);
}
END_TEST

START_TEST(updated_since_finds_what_changed)
{
	struct table table = table_of(resources[_i]);

	if (!sample_of(resources[_i]))
		return;
	json_t *newest = json_array_get(table.rows, json_array_size(table.rows) - 1);
	const char *since = text_in(newest, "updated_at");
	json_t *rows = all_pages(table.reader, text_of("%s?updated_since=%s", table.path, since));
	ck_assert_uint_ge(json_array_size(rows), 1);
	ck_assert_ptr_nonnull(strstr(keys_of(&table, rows), key_of(&table, newest)));
	rows = all_pages(table.reader,
			 text_of("%s?updated_since=2099-01-01T00:00:00%%2B07:00", table.path));
	ck_assert_uint_eq(json_array_size(rows), 0);
}
END_TEST

START_TEST(fields_choose_the_columns_of_a_list)
{
	struct table table = table_of(resources[_i]);

	for (const struct field *field = table.resource->fields; field->name; field++) {
		struct http list = http_get(table.reader, "%s?fields=%s&limit=200", table.path,
					    field->name);
		json_t *row = json_array_get(json_object_get(list.json, "data"), 0);

		assert_status(list, 200);
		ck_assert(!row ||
			  json_equal(json_object_get(row, field->name),
				     json_object_get(json_array_get(table.rows, 0), field->name)));
		ck_assert(!row || json_object_size(row) <= 4);
	}
}
END_TEST

static const struct {
	const char *query, *name, *code;
} refusals[] = {
	{"nothing=1", "nothing", "unknown_parameter"},
	{"sort=nothing", "sort", "not_sortable"},
	{"fields=nothing", "fields", "unknown_field"},
	{"limit=0", "limit", "out_of_range"},
	{"count=yes", "count", "boolean_expected"},
	{"format=xml", "format", "value_unknown"},
	{"cursor=x", "cursor", "invalid_cursor"},
	{"limit=1&limit=2", "limit", "repeated_parameter"},
	{"updated_at=2026-01-01T00:00:00Z", "updated_at", "unknown_parameter"},
	{"id=x", "id", "unknown_parameter"},
	{"voided_at_from=2026-01-01", "voided_at_from", "unknown_parameter"},
};

START_TEST(what_a_list_does_not_know_is_a_400_that_names_it)
{
	for (int i = 0; resources[i]; i++) {
		struct http answer = http_get(token(1, ADMIN), "%s?%s", list_paths[i],
					      refusals[_i].query);

		assert_blamed(answer, 400, refusals[_i].name, refusals[_i].code);
	}
}
END_TEST

START_TEST(what_is_not_there_is_a_404)
{
	static const char *const paths[] = {
		"/v1/people/01890a5d-ac96-774b-bcce-b302099a8057",
		"/v1/people/1",
		"/v1/people/x",
		"/v1/people/01890a5d-ac96-774b-bcce-b302099a8057/statuses",
		"/v1/people/x/statuses",
		"/v1/crimes/01890a5d-ac96-774b-bcce-b302099a8057/stages",
		"/v1/tasks/01890a5d-ac96-774b-bcce-b302099a8057/progress",
		"/v1/units/2025-99999",
		"/v1/units/x",
		"/v1/agencies/20",
		"/v1/agencies/x",
		"/v1/organizations/nobody",
		"/v1/targets/II.9",
		"/v1/reporting-periods/2026H2",
		"/v1/nothing",
		"/v1/people/",
		"/v1//people",
		"/v2/people",
	};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct http answer = http_get(token(1, ADMIN), "%s", paths[i]);

		ck_assert_msg(answer.status == 404, "%s: %d", paths[i], answer.status);
	}
	struct http child = http_get(token(1, ADMIN), "/v1/people/%s/statuses/%s",
				     person_made(NULL), "01890a5d-ac96-774b-bcce-b302099a8057");
	assert_status(child, 404);
}
END_TEST

START_TEST(a_record_is_not_found_below_another_parent)
{
	const char *admin = token(1, ADMIN);
	char *one = person_made(NULL), *other = person_made(NULL);
	char *id = made(admin, text_of("/v1/people/%s/statuses", one),
			object("{'status': 'at_risk', 'starts_on': '2026-01-01'}"));
	char *wrong = text_of("/v1/people/%s/statuses/%s", other, id);
	struct http answer = http_get(admin, "%s", wrong);

	assert_status(answer, 404);
	answer = http_patch(admin, wrong, "*", object("{'note': 'x'}"));
	assert_status(answer, 404);
	answer = http_delete(admin, text_of("%s?reason=other", wrong), "*");
	assert_status(answer, 404);
	answer = http_get(admin, "/v1/people/%s/statuses/%s", one, id);
	assert_status(answer, 200);
}
END_TEST

START_TEST(a_reference_is_read_by_the_key_people_use)
{
	static const struct {
		const char *path, *member, *value;
	} rows[] = {
		{"/v1/units/2025-24121", "name", "Phường Tân Lập"},
		{"/v1/units/2024-24121", "successor", "2025-24121"},
		{"/v1/agencies/1", "name_vi", "Công an tỉnh"},
		{"/v1/organizations/so_y_te", "name_vi", "Sở Y tế"},
		{"/v1/reporting-periods/2026H1", "starts_on", "2025-12-15"},
		{"/v1/targets/II.1.a", "code", "II.1.a"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct http answer = http_get(token(1, VIEWER), "%s", rows[i].path);

		assert_status(answer, 200);
		ck_assert_str_eq(http_text(&answer, rows[i].member), rows[i].value);
	}
}
END_TEST

Suite *list_suite(void)
{
	Suite *suite = suite_create("list");
	TCase *cases = tcase_create("list");
	int count = 0;

	while (resources[count] && resources[count] != &audit) /* grows while it is read */
		count++;
	tcase_set_timeout(cases, 30);
	tcase_add_unchecked_fixture(cases, rows_made, samples_forget);
	tcase_add_loop_test(cases, pages_of_any_size_have_the_same_rows, 0, count);
	tcase_add_loop_test(cases, every_sort_pages_through_all_rows_once_in_order, 0, count);
	tcase_add_test(cases, two_sorts_page_through_nulls_too);
	tcase_add_test(cases, names_sort_as_in_vietnamese);
	tcase_add_test(cases, rows_made_meanwhile_move_no_other_row);
	tcase_add_test(cases, a_row_voided_meanwhile_ends_no_paging);
	tcase_add_loop_test(cases, pages_count_csv_and_ndjson_have_the_same_rows, 0, count);
	tcase_add_loop_test(cases, every_cell_is_what_json_says, 0, count);
	tcase_add_test(cases, no_cell_is_a_formula);
	tcase_add_test(cases, an_export_ends_at_its_limit_and_begins_at_its_cursor);
	tcase_add_test(cases, a_large_answer_is_packed_when_asked);
	tcase_add_loop_test(cases, every_filter_finds_its_rows_and_no_other, 0, count);
	tcase_add_test(cases, a_unit_means_all_within_it);
	tcase_add_test(cases, a_territory_is_paged_like_everything_else);
	tcase_add_test(cases, a_name_is_found_by_its_words);
	tcase_add_loop_test(cases, updated_since_finds_what_changed, 0, count);
	tcase_add_loop_test(cases, fields_choose_the_columns_of_a_list, 0, count);
	add_rows(cases, what_a_list_does_not_know_is_a_400_that_names_it, refusals);
	tcase_add_test(cases, what_is_not_there_is_a_404);
	tcase_add_test(cases, a_record_is_not_found_below_another_parent);
	tcase_add_test(cases, a_reference_is_read_by_the_key_people_use);
	suite_add_tcase(suite, cases);
	return suite;
}
