/* /v1/indicators: the catalogue with its figures, one indicator's rows, how a figure came about. */
#include "indicator_routes.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "indicators.h"
#include "period.h"

/* The columns of a row, the same whatever was asked; plain: a number, true or false. */
static const struct column {
	const char *name;
	size_t offset;
	bool is_plain;
} columns[] = {
	{"indicator", offsetof(struct indicator_row, indicator)},
	{"unit", offsetof(struct indicator_row, unit)},
	{"unit_name", offsetof(struct indicator_row, unit_name)},
	{"level", offsetof(struct indicator_row, level)},
	{"period", offsetof(struct indicator_row, period)},
	{"period_start", offsetof(struct indicator_row, period_start)},
	{"period_end", offsetof(struct indicator_row, period_end)},
	{"sex", offsetof(struct indicator_row, sex)},
	{"age_band", offsetof(struct indicator_row, age_band)},
	{"ethnicity", offsetof(struct indicator_row, ethnicity)},
	{"kind", offsetof(struct indicator_row, kind)},
	{"article", offsetof(struct indicator_row, article)},
	{"institution_type", offsetof(struct indicator_row, institution_type)},
	{"numerator", offsetof(struct indicator_row, numerator), true},
	{"denominator", offsetof(struct indicator_row, denominator), true},
	{"value", offsetof(struct indicator_row, value), true},
	{"unit_of_measure", offsetof(struct indicator_row, unit_of_measure)},
	{"target", offsetof(struct indicator_row, target), true},
	{"target_basis", offsetof(struct indicator_row, target_basis)},
	{"status", offsetof(struct indicator_row, status)},
	{"previous", offsetof(struct indicator_row, previous), true},
	{"change", offsetof(struct indicator_row, change), true},
	{"suppressed", offsetof(struct indicator_row, suppressed), true},
	{"definition_version", offsetof(struct indicator_row, definition_version), true},
	{"as_of", offsetof(struct indicator_row, as_of)},
	{"definition", offsetof(struct indicator_row, definition)},
	{"map", offsetof(struct indicator_row, map)},
	{"basis", offsetof(struct indicator_row, basis)},
	{"source", offsetof(struct indicator_row, source)},
	{"previous_source", offsetof(struct indicator_row, previous_source)},
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

static void add_rows(struct text *json, const struct indicator_rows *rows)
{
	text_add_char(json, '[');
	for (size_t i = 0; i < rows->count; i++) {
		text_add(json, i ? ",{" : "{");
		add_members(json, &rows->rows[i]);
		text_add_char(json, '}');
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

bool indicator_rows(struct request *request)
{
	__attribute__((cleanup(indicator_rows_release))) struct indicator_rows rows = {0};
	struct indicator_query query;
	auto_text body = {0};

	if (!take_query(request, INDICATOR_ROWS, &query) ||
	    !indicators_compute(request->service->pool, request->route->lane, &request->caller,
				&query, &rows, &request->error))
		return false;
	if (query.format == CSV) {
		add_csv_header(&body, query.bom);
		for (size_t i = 0; i < rows.count; i++)
			add_csv_row(&body, &rows.rows[i]);
		return reply_csv(request, &body);
	}
	text_add(&body, "{\"data\":");
	add_rows(&body, &rows);
	add_page(&body, rows.count, rows.some_suppressed);
	return reply_document(request, &body);
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

/* One target with its figures, in the format asked for; one that is not computed has none. */
static bool add_indicator(struct request *request, struct indicator_query *query,
			  const struct indicator_about *about, struct text *body,
			  bool *some_suppressed)
{
	__attribute__((cleanup(indicator_rows_release))) struct indicator_rows rows = {0};

	query->indicator = indicator_find(about->code);
	if (query->indicator &&
	    !indicators_compute(request->service->pool, request->route->lane, &request->caller,
				query, &rows, &request->error))
		return false;
	*some_suppressed |= rows.some_suppressed;
	if (query->format == CSV) {
		for (size_t i = 0; i < rows.count; i++)
			add_csv_row(body, &rows.rows[i]);
		return true;
	}
	add_about(body, about, query->indicator);
	text_add(body, ",\"values\":");
	add_rows(body, &rows);
	text_add_char(body, '}');
	return true;
}

bool indicators_list(struct request *request)
{
	__attribute__((cleanup(catalogue_release))) struct catalogue catalogue = {0};
	struct indicator_query query;
	auto_text body = {0};
	bool some_suppressed = false;

	if (!take_query(request, INDICATOR_CATALOGUE, &query) ||
	    !indicators_catalogue(request->service->pool, &request->caller, &catalogue.abouts,
				  &catalogue.count, &request->error))
		return false;
	if (query.format == CSV)
		add_csv_header(&body, query.bom);
	else
		text_add(&body, "{\"data\":[");
	for (size_t i = 0; i < catalogue.count; i++) {
		if (i && query.format != CSV)
			text_add_char(&body, ',');
		if (!add_indicator(request, &query, &catalogue.abouts[i], &body, &some_suppressed))
			return false;
	}
	if (query.format == CSV)
		return reply_csv(request, &body);
	text_add_char(&body, ']');
	add_page(&body, catalogue.count, some_suppressed);
	return reply_document(request, &body);
}

/* Explanation */

static void add_text(struct text *json, const char *name, const char *value)
{
	text_addf(json, "\"%s\":", name);
	text_add_json(json, value);
}

static void add_reasons(struct text *json, const struct indicator_explanation *explanation,
			const char *name, bool is_excluded)
{
	bool is_first = true;

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
		text_addf(json, ",\"count\":%s,\"suppressed\":%s}",
			  *reason->count ? reason->count : "null",
			  *reason->count ? "false" : "true");
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
			    const struct indicator_explanation *explanation)
{
	const struct definition *definition = query->definition
						      ? query->definition
						      : indicator_headline(query->indicator,
									   query->windows->year);

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
	text_add_char(json, '}');
}

bool indicator_explain(struct request *request)
{
	__attribute__((cleanup(
		indicator_explanation_release))) struct indicator_explanation explanation = {0};
	struct indicator_query query;
	auto_text body = {0};

	if (!take_query(request, INDICATOR_EXPLANATION, &query) ||
	    !indicators_explain(request->service->pool, request->route->lane, &request->caller,
				&query, &explanation, &request->error))
		return false;
	add_explanation(&body, &query, &explanation);
	return reply_document(request, &body);
}
