/* /v1/indicators: the catalogue with its figures, one indicator's rows, how a figure came about. */
#include "indicator_routes.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "engine.h"
#include "indicators.h"
#include "jsonstat.h"
#include "period.h"
#include "reports.h"
#include "secret.h"

#define COLUMN(name)                                                                               \
#name, offsetof(struct indicator_row, name), sizeof((struct indicator_row *)0)->name

/* The columns of a row, the same whatever was asked; plain: a number, true or false. */
static const struct column {
	const char *name;
	size_t offset, size;
	bool is_plain;
} columns[] = {
	{COLUMN(indicator)},
	{COLUMN(unit)},
	{COLUMN(unit_name)},
	{COLUMN(level)},
	{COLUMN(period)},
	{COLUMN(period_start)},
	{COLUMN(period_end)},
	{COLUMN(sex)},
	{COLUMN(age_band)},
	{COLUMN(ethnicity)},
	{COLUMN(kind)},
	{COLUMN(article)},
	{COLUMN(institution_type)},
	{COLUMN(numerator), true},
	{COLUMN(denominator), true},
	{COLUMN(value), true},
	{COLUMN(unit_of_measure)},
	{COLUMN(target), true},
	{COLUMN(target_basis)},
	{COLUMN(status)},
	{COLUMN(previous), true},
	{COLUMN(change), true},
	{COLUMN(suppressed), true},
	{COLUMN(definition_version), true},
	{COLUMN(as_of)},
	{COLUMN(definition)},
	{COLUMN(map)},
	{COLUMN(basis)},
	{COLUMN(source)},
	{COLUMN(previous_source)},
};

enum { COLUMNS = sizeof columns / sizeof *columns };

/* NULL when it is null. */
static const char *value_of(const struct indicator_row *row, const struct column *column)
{
	const char *value = (const char *)row + column->offset;

	return *value ? value : NULL;
}

static void add_members(struct text *json, const struct indicator_row *row)
{
	for (int i = 0; i < COLUMNS; i++) {
		const char *value = value_of(row, &columns[i]);

		text_addf(json, "%s\"%s\":", i ? "," : "", columns[i].name);
		if (value && columns[i].is_plain)
			text_add(json, value);
		else
			text_add_json(json, value);
	}
}

void indicator_row_write(struct text *json, const struct indicator_row *row)
{
	text_add_char(json, '{');
	add_members(json, row);
	text_add_char(json, '}');
}

static void add_rows(struct text *json, const struct indicator_rows *rows)
{
	text_add_char(json, '[');
	for (size_t i = 0; i < rows->count; i++) {
		text_add(json, i ? "," : "");
		indicator_row_write(json, &rows->rows[i]);
	}
	text_add_char(json, ']');
}

/* A plain value begins with no sign that a spreadsheet would run, but for the minus of a number. */
static void add_csv_row(struct text *csv, const struct indicator_row *row)
{
	for (int i = 0; i < COLUMNS; i++) {
		const char *value = value_of(row, &columns[i]);

		if (i)
			text_add_char(csv, ',');
		if (value && columns[i].is_plain)
			text_add(csv, value);
		else
			text_add_csv(csv, value);
	}
	text_add(csv, "\r\n");
}

static void add_csv_header(struct text *csv, bool bom)
{
	if (bom)
		text_add(csv, "\xef\xbb\xbf");
	for (int i = 0; i < COLUMNS; i++)
		text_addf(csv, "%s%s", i ? "," : "", columns[i].name);
	text_add(csv, "\r\n");
}

static void add_page(struct text *json, size_t total, bool some_suppressed)
{
	text_addf(json,
		  ",\"page\":{\"limit\":null,\"next_cursor\":null,\"next\":null,\"total\":%zu,"
		  "\"scope\":\"%s\"}}",
		  total, some_suppressed ? "small_cells_suppressed" : "all");
}

/* 200 with what was built. */
static bool reply_text(struct request *request, const char *content_type, struct text *take_body)
{
	if (take_body->failed)
		return error_internal(&request->error, ERROR_INTERNAL, "out of memory");
	request->reply.status = 200;
	request->reply.content_type = content_type;
	request->reply.body = *take_body;
	*take_body = (struct text){0};
	return true;
}

static bool reply_csv(struct request *request, struct text *take_body)
{
	return reply_text(request, "text/csv; charset=utf-8; header=present", take_body);
}

static bool reply_document(struct request *request, struct text *take_body)
{
	return reply_text(request, "application/json; charset=utf-8", take_body);
}

/* Every agency reads every figure; a system within its scopes. The operator is none. */
static bool check_caller(struct request *request)
{
	return (request->caller.agency && access_may(&request->caller, &targets, READ)) ||
	       error_set(&request->error, ERROR_FORBIDDEN, "not_allowed", NULL);
}

/* The value of one column, written before; NULL: there is none. `*at` moves past it. */
static bool read_member(const char **at, const struct column *column, char *value)
{
	auto_text name = {0};

	text_addf(&name, "\"%s\":", column->name);
	if (name.failed || strncmp(*at, text_string(&name), strlen(text_string(&name))) != 0)
		return false;
	*at += strlen(text_string(&name));
	size_t length = strcspn(*at, ",}");

	if (**at == '"') {
		json_error_t end;
		json_auto_t *string = json_loads(*at, JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK,
						 &end);

		length = (size_t)end.position;
		snprintf(value, column->size, "%s", string ? json_string_value(string) : "");
	} else if (**at != 'n') {
		snprintf(value, column->size, "%.*s", (int)length, *at);
	}
	*at += length;
	*at += **at == ',';
	return true;
}

/* What indicator_row_write() wrote, perhaps before there were as many columns. */
static void row_read(struct indicator_row *row, const char *figure)
{
	const char *at = figure + 1;

	*row = (struct indicator_row){0};
	for (int i = 0; i < COLUMNS && *at; i++)
		read_member(&at, &columns[i], (char *)row + columns[i].offset);
}

/* Below the province a count of people is for those alone who read them there. */
static bool is_kept_back(const struct request *request, const struct indicator_query *query,
			 const struct indicator_row *row)
{
	return strcmp(row->level, "province") != 0 &&
	       !indicators_are_open(&request->caller, query->indicator, row->unit);
}

static void keep_back(struct indicator_row *row)
{
	*row->numerator = *row->denominator = *row->value = '\0';
	*row->previous = *row->change = *row->status = '\0';
	snprintf(row->suppressed, sizeof row->suppressed, "true");
}

static bool replay(struct request *request, const struct indicator_query *query,
		   struct indicator_rows *rows)
{
	__attribute__((cleanup(report_release))) struct report report;
	const char *definition = query->definition ? query->definition->code : NULL;

	if (!report_replay(request->service->pool, &request->caller, query->unit,
			   query->windows->period, query->as_of, query->indicator->code, definition,
			   &report, &request->error))
		return false;
	rows->rows = calloc(report.count, sizeof *rows->rows);
	if (!rows->rows)
		return error_internal(&request->error, ERROR_INTERNAL, "out of memory");
	for (; rows->count < report.count; rows->count++) {
		struct indicator_row *row = &rows->rows[rows->count];

		row_read(row, report.figures[rows->count].figure);
		if (!is_kept_back(request, query, row))
			continue;
		keep_back(row);
		rows->some_suppressed = true;
	}
	return true;
}

static bool compute(struct request *request, const struct indicator_query *query,
		    struct indicator_rows *rows)
{
	return *query->as_of ? replay(request, query, rows)
			     : indicators_compute(request->service->pool, request->route->lane,
						  &request->caller, query, rows, &request->error);
}

static bool take_query(struct request *request, enum indicator_view view,
		       struct indicator_query *query)
{
	*query = (struct indicator_query){
		.indicator = indicator_find(request->variables[0]),
	};
	today_in_vietnam(query->today);
	if (!check_caller(request))
		return false;
	if (view != INDICATOR_CATALOGUE && !query->indicator)
		return error_set(&request->error, ERROR_NOT_FOUND, "not_found", NULL);
	if (!indicator_query_parse(query, view, request->parameters, request->parameter_count,
				   &request->error))
		return false;
	if (!query->has_format)
		query->format = request->plan.format; /* as Accept has it */
	if (query->format == NDJSON)
		return error_set(&request->error, ERROR_NOT_ACCEPTABLE, "not_acceptable",
				 "application/json, text/csv");
	return !query->bom || query->format == CSV ||
	       error_fault(&request->error, ERROR_MALFORMED, "bom", "csv_only", NULL);
}

/* What an answer depends on: the version of the data, the day, the question, and who asks as far as
 * it decides what is told. What was submitted is not of that version and has no tag: "". */
static bool tag_of(struct request *request, const struct indicator_query *query, char tag[65])
{
	const struct caller *caller = &request->caller;
	char version[48];
	auto_text about = {0};

	*tag = '\0';
	if (*query->as_of)
		return true;
	if (!indicators_version(request->service->pool, caller, version, &request->error))
		return false;
	text_addf(&about, "%s %s %d %d %d %d %d %llx ", version, request->path, query->format,
		  query->is_jsonstat, query->bom, caller->agency, caller->role,
		  (unsigned long long)caller->scopes);
	text_add(&about, caller->units);
	for (size_t i = 0; i < request->parameter_count; i++)
		text_addf(&about, " %s=%s", request->parameters[i].name,
			  request->parameters[i].value);
	secret_sha256(text_string(&about), tag);
	tag[32] = '\0';
	return true;
}

/* The answer that is known by its tag, else computed and kept by it. */
static bool answer_compute(struct request *request, struct indicator_query *query, const char *tag,
			   bool (*perform)(struct request *request, struct indicator_query *query))
{
	struct reply *reply = &request->reply;

	if (answers_find(request->service->answers, tag, &reply->body, &reply->content_type)) {
		reply->status = 200;
		return true;
	}
	if (!perform(request, query)) {
		answers_leave(request->service->answers, tag);
		return false;
	}
	answers_keep(request->service->answers, tag, &reply->body, reply->content_type);
	return true;
}

/* Whoever names a tag was told it by a 200, so nothing needs to be computed for the 304; "*" can be
 * said of what has no answer. */
static bool answer_by_tag(struct request *request, struct indicator_query *query,
			  bool (*perform)(struct request *request, struct indicator_query *query))
{
	const char *tags = request_header(request, "If-None-Match");
	bool is_any = tags && !strcmp(tags, "*");
	char tag[65];

	if (!tag_of(request, query, tag))
		return false;
	if (!is_any && engine_is_unchanged(request, tag))
		return true;
	if (!answer_compute(request, query, tag, perform))
		return false;
	if (is_any && engine_is_unchanged(request, tag))
		text_clear(&request->reply.body);
	else
		engine_tag(request, tag);
	return true;
}

static bool add_cube(struct request *request, const struct indicator_query *query,
		     const struct indicator_rows *rows, struct text *body)
{
	__attribute__((cleanup(labels_release))) struct labels labels = {0};

	return labels_read(request->service->pool, &request->caller, query, &labels,
			   &request->error) &&
	       (jsonstat_write(body, query, rows, &labels, query->indicator->code) ||
		error_internal(&request->error, ERROR_INTERNAL, "out of memory"));
}

static bool rows_compute(struct request *request, struct indicator_query *query)
{
	__attribute__((cleanup(indicator_rows_release))) struct indicator_rows rows = {0};
	auto_text body = {0};

	if (!compute(request, query, &rows))
		return false;
	if (query->is_jsonstat)
		return add_cube(request, query, &rows, &body) && reply_document(request, &body);
	if (query->format == CSV) {
		add_csv_header(&body, query->bom);
		for (size_t i = 0; i < rows.count; i++)
			add_csv_row(&body, &rows.rows[i]);
		return reply_csv(request, &body);
	}
	text_add(&body, "{\"data\":");
	add_rows(&body, &rows);
	add_page(&body, rows.count, rows.some_suppressed);
	return reply_document(request, &body);
}

bool indicator_rows(struct request *request)
{
	struct indicator_query query;

	return take_query(request, INDICATOR_ROWS, &query) &&
	       answer_by_tag(request, &query, rows_compute);
}

/* The catalogue */

struct catalogue {
	struct indicator_about *abouts;
	size_t count;
};

static void catalogue_release(struct catalogue *catalogue)
{
	indicator_catalogue_release(catalogue->abouts, catalogue->count);
}

static void add_definitions(struct text *json, const struct indicator *indicator)
{
	const struct definition *definition = indicator ? indicator->definitions : NULL;

	text_add(json, ",\"definitions\":[");
	for (; definition && definition->code; definition++) {
		text_add(json, definition == indicator->definitions ? "" : ",");
		text_addf(json, "{\"code\":\"%s\",\"vi\":", definition->code);
		text_add_json(json, definition->vi);
		text_add(json, ",\"en\":");
		text_add_json(json, definition->en);
		text_add_char(json, '}');
	}
	text_add_char(json, ']');
}

static void add_dimensions(struct text *json, unsigned dimensions)
{
	const char *comma = "";

	text_add(json, ",\"dimensions\":[");
	for (int i = 0; i < DIMENSIONS; i++)
		if (dimensions & ONE(i)) {
			text_addf(json, "%s\"%s\"", comma, dimension_names[i].name);
			comma = ",";
		}
	text_add_char(json, ']');
}

/* What the plan says, as an object that is still open, and how it is counted here. */
static void add_about(struct text *json, const struct indicator_about *about,
		      const struct indicator *indicator)
{
	text_add_bytes(json, about->json, strlen(about->json) - 1);
	text_addf(json, ",\"is_computed\":%s", indicator ? "true" : "false");
	add_dimensions(json, indicator ? indicator->dimensions : 0);
	add_definitions(json, indicator);
}

/* Takes over those rows that are not the headline's of their year. */
static bool rows_append(struct indicator_rows *rows, const struct indicator_rows *others,
			const struct indicator *indicator)
{
	struct indicator_row *more = realloc(rows->rows,
					     (rows->count + others->count + 1) * sizeof *more);

	if (!more)
		return false;
	rows->rows = more;
	for (size_t i = 0; i < others->count; i++) {
		int year = period_year_of(others->rows[i].period_end);

		if (strcmp(indicator_headline(indicator, year)->code, others->rows[i].definition) !=
		    0)
			rows->rows[rows->count++] = others->rows[i];
	}
	rows->some_suppressed |= others->some_suppressed;
	return true;
}

/* The headline's figures, and after them those of the other ways to count. A cube has one. */
static bool compute_all(struct request *request, struct indicator_query *query,
			struct indicator_rows *rows)
{
	const struct definition *definition = query->indicator->definitions;
	bool done = compute(request, query, rows);

	if (*query->as_of || query->is_jsonstat || !definition[1].code)
		return done;
	for (; done && definition->code; definition++) {
		__attribute__((cleanup(indicator_rows_release))) struct indicator_rows others = {0};

		query->definition = definition;
		done = compute(request, query, &others) &&
		       (rows_append(rows, &others, query->indicator) ||
			error_internal(&request->error, ERROR_INTERNAL, "out of memory"));
	}
	query->definition = NULL;
	return done;
}

/* One target with its figures, in the format asked for; one that is not computed has none. */
static bool add_indicator(struct request *request, struct indicator_query *query,
			  const struct indicator_about *about, struct text *body,
			  bool *some_suppressed)
{
	__attribute__((cleanup(indicator_rows_release))) struct indicator_rows rows = {0};

	query->indicator = indicator_find(about->code);
	if (query->indicator && !compute_all(request, query, &rows))
		return false;
	*some_suppressed |= rows.some_suppressed;
	if (query->format == CSV) {
		for (size_t i = 0; i < rows.count; i++)
			add_csv_row(body, &rows.rows[i]);
		return true;
	}
	if (query->is_jsonstat && query->indicator)
		return add_cube(request, query, &rows, body);
	add_about(body, about, query->indicator);
	text_add(body, ",\"values\":");
	add_rows(body, &rows);
	text_add_char(body, '}');
	return true;
}

static bool catalogue_compute(struct request *request, struct indicator_query *query)
{
	__attribute__((cleanup(catalogue_release))) struct catalogue catalogue = {0};
	auto_text body = {0};
	bool some_suppressed = false;

	if (!indicators_catalogue(request->service->pool, &request->caller, &catalogue.abouts,
				  &catalogue.count, &request->error))
		return false;
	if (query->format == CSV)
		add_csv_header(&body, query->bom);
	else
		text_add(&body, query->is_jsonstat
					? "{\"version\":\"2.0\",\"class\":\"collection\",\"label\":"
					  "\"62/KH-UBND\",\"link\":{\"item\":["
					: "{\"data\":[");
	for (size_t i = 0; i < catalogue.count; i++) {
		if (i && query->format != CSV)
			text_add_char(&body, ',');
		if (!add_indicator(request, query, &catalogue.abouts[i], &body, &some_suppressed))
			return false;
	}
	if (query->format == CSV)
		return reply_csv(request, &body);
	text_add_char(&body, ']');
	if (query->is_jsonstat)
		text_add(&body, "}}");
	else
		add_page(&body, catalogue.count, some_suppressed);
	return reply_document(request, &body);
}

bool indicators_list(struct request *request)
{
	struct indicator_query query;

	return take_query(request, INDICATOR_CATALOGUE, &query) &&
	       answer_by_tag(request, &query, catalogue_compute);
}

/* Explanation */

static void add_text(struct text *json, const char *name, const char *value)
{
	text_addf(json, "\"%s\":", name);
	text_add_json(json, value);
}

/* null where they would tell of people whom the caller may not read. */
static void add_reasons(struct text *json, const struct indicator_explanation *explanation,
			const char *name, bool is_excluded)
{
	bool is_first = true;

	if (!explanation->has_reasons) {
		text_addf(json, ",\"%s\":null", name);
		return;
	}
	text_addf(json, ",\"%s\":[", name);
	for (size_t i = 0; i < explanation->reason_count; i++) {
		const struct indicator_reason *reason = &explanation->reasons[i];

		if (reason->is_excluded != is_excluded)
			continue;
		text_add(json, is_first ? "{" : ",{");
		is_first = false;
		add_text(json, "code", reason->code);
		text_add_char(json, ',');
		add_text(json, "vi", indicator_label(reason->code, "vi"));
		text_add_char(json, ',');
		add_text(json, "en", indicator_label(reason->code, "en"));
		text_addf(json, ",\"count\":%s}", reason->count);
	}
	text_add_char(json, ']');
}

/* ["screening_or_assessment", …] of codes with commas between. */
static void add_codes(struct text *json, const char *list)
{
	text_add_char(json, '[');
	while (*list) {
		size_t length = strcspn(list, ",");

		text_add_json_bytes(json, list, length);
		list += length;
		if (*list) {
			text_add_char(json, ',');
			list++;
		}
	}
	text_add_char(json, ']');
}

/* null when they are withheld. */
static void add_subjects(struct text *json, const struct indicator_explanation *explanation,
			 const char *name, bool counted)
{
	bool is_first = true;

	text_addf(json, ",\"%s\":", name);
	if (explanation->withheld) {
		text_add(json, "null");
		return;
	}
	text_add_char(json, '[');
	for (size_t i = 0; i < explanation->subject_count; i++) {
		const struct indicator_subject *subject = &explanation->subjects[i];

		if (subject->counted != counted)
			continue;
		text_addf(json, "%s{\"id\":\"%s\",\"missing\":", is_first ? "" : ",", subject->id);
		is_first = false;
		add_codes(json, subject->missing);
		text_add_char(json, ',');
		add_text(json, "unit", *subject->unit ? subject->unit : NULL);
		text_add_char(json, ',');
		add_text(json, "desk", *subject->desk ? subject->desk : NULL);
		text_add_char(json, ',');
		add_text(json, "since", *subject->since ? subject->since : NULL);
		text_add_char(json, '}');
	}
	text_add_char(json, ']');
}

static void add_explanation(struct text *json, const struct indicator_query *query,
			    const struct indicator_explanation *explanation,
			    const struct report_coverage *coverage)
{
	const struct definition *definition = indicator_definition(query, query->windows);

	text_add_char(json, '{');
	if (explanation->figure.count)
		add_members(json, explanation->figure.rows);
	else
		add_text(json, "indicator", query->indicator->code);
	text_add_char(json, ',');
	add_text(json, "definition_vi", definition->vi);
	text_add_char(json, ',');
	add_text(json, "definition_en", definition->en);
	add_reasons(json, explanation, "exclusions", true);
	add_reasons(json, explanation, "lacking", false);
	text_add_char(json, ',');
	add_text(json, "subject", query->indicator->subject->name);
	add_subjects(json, explanation, "missing", false);
	add_subjects(json, explanation, "counted", true);
	text_addf(json, ",\"limit\":%d,\"is_complete\":%s,", INDICATOR_SUBJECTS,
		  !explanation->withheld && explanation->subject_count < INDICATOR_SUBJECTS
			  ? "true"
			  : "false");
	add_text(json, "withheld", explanation->withheld);
	text_addf(json, ",\"reports\":{\"due\":%s,\"submitted\":%s,\"on_time\":%s}}", coverage->due,
		  coverage->submitted, coverage->on_time);
}

bool indicator_explain(struct request *request)
{
	__attribute__((cleanup(
		indicator_explanation_release))) struct indicator_explanation explanation = {0};
	struct report_coverage coverage;
	struct indicator_query query;
	auto_text body = {0};

	if (!take_query(request, INDICATOR_EXPLANATION, &query) ||
	    !indicators_explain(request->service->pool, request->route->lane, &request->caller,
				&query, &explanation, &request->error) ||
	    !report_coverage(request->service->pool, &request->caller, query.unit,
			     query.windows->period, &coverage, &request->error))
		return false;
	add_explanation(&body, &query, &explanation, &coverage);
	return reply_document(request, &body);
}
