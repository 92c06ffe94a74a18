/* What the engine does not do to a report: its figures, its submission, the second signature. */
#include "report_routes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "indicator_routes.h"
#include "indicators.h"
#include "period.h"
#include "reports.h"

enum { TRIES = 5 };

/* A figure as the records have it now, and what belongs to it in the report. */
struct line {
	const struct indicator *indicator;
	const struct definition *definition;
	bool is_headline;
	struct indicator_row row;
	struct text figure;		      /* the row as JSON */
	const struct report_figure *reported; /* what was typed or submitted, or NULL */
};

struct sheet {
	struct report report;
	struct line lines[REPORT_FIGURES];
	size_t count;
};

static void sheet_release(struct sheet *sheet)
{
	if (!sheet)
		return;
	for (size_t i = 0; i < sheet->count; i++)
		text_release(&sheet->lines[i].figure);
	report_release(&sheet->report);
	free(sheet);
}

static void sheet_close(struct sheet **sheet)
{
	sheet_release(*sheet);
}

#define auto_sheet __attribute__((cleanup(sheet_close))) struct sheet *

/* What was typed or submitted for it; typed without a definition it is for the headline. */
static const struct report_figure *reported_for(const struct report *report,
						const struct line *line)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct report_figure *figure = &report->figures[i];
		bool fits = *figure->definition
				    ? !strcmp(figure->definition, line->definition->code)
				    : line->is_headline;

		if (fits && !strcmp(figure->indicator, line->indicator->code))
			return figure;
	}
	return NULL;
}

/* The question for one figure of the report: 2026Y of the calendar is 2026 there. */
static bool ask_for(const struct report *report, const struct line *line,
		    struct indicator_query *query, struct error *error)
{
	char period[8];
	struct parameter parameters[] = {{"unit", (char *)(uintptr_t)report->unit},
					 {"period", period},
					 {"definition", (char *)(uintptr_t)line->definition->code}};

	snprintf(period, sizeof period, "%s", report->period);
	if (strchr(period, 'Y'))
		*strchr(period, 'Y') = '\0';
	*query = (struct indicator_query){.indicator = line->indicator};
	today_in_vietnam(query->today);
	return indicator_query_parse(query, INDICATOR_ROWS, parameters,
				     sizeof parameters / sizeof *parameters, error);
}

static bool compute_line(struct request *request, const struct report *report, struct line *line)
{
	__attribute__((cleanup(indicator_rows_release))) struct indicator_rows rows = {0};
	struct indicator_query query;

	if (!ask_for(report, line, &query, &request->error) ||
	    !indicators_compute(request->service->pool, LANE, &request->caller, &query, &rows,
				&request->error))
		return false;
	if (rows.count)
		line->row = rows.rows[0];
	indicator_row_write(&line->figure, &line->row);
	return true;
}

/* Every indicator in every way of counting, as the records have it now. */
static bool compute(struct request *request, struct sheet *sheet)
{
	int year = (int)strtol(sheet->report.period, NULL, 10);

	for (size_t i = 0; i < sheet->count; i++)
		text_release(&sheet->lines[i].figure);
	sheet->count = 0;
	for (const struct indicator *indicator = indicators; indicator->code; indicator++)
		for (const struct definition *definition = indicator->definitions;
		     definition->code && sheet->count < REPORT_FIGURES; definition++) {
			struct line *line = &sheet->lines[sheet->count++];

			*line = (struct line){.indicator = indicator,
					      .definition = definition,
					      .is_headline = definition ==
							     indicator_headline(indicator, year)};
			line->reported = reported_for(&sheet->report, line);
			if (!compute_line(request, &sheet->report, line))
				return false;
		}
	return true;
}

static bool sheet_open(struct request *request, struct sheet **sheet)
{
	*sheet = calloc(1, sizeof **sheet);
	if (!*sheet)
		return error_internal(&request->error, ERROR_INTERNAL, "out of memory");
	return report_read(request->service->pool, &request->caller, request->plan.id,
			   &(*sheet)->report, &request->error) &&
	       compute(request, *sheet);
}

/* What was typed has four decimals at most that count. */
static int64_t ten_thousandths(const char *number)
{
	double value = strtod(number, NULL) * 10000;

	return (int64_t)(value < 0 ? value - 0.5 : value + 0.5);
}

/* Typed beside computed: more than 5 % apart, or a figure that the records do not have. */
static bool is_apart(const char *typed, const char *computed)
{
	int64_t there = ten_thousandths(typed), here = ten_thousandths(computed);
	int64_t distance = there > here ? there - here : here - there;

	if (!*typed)
		return false;
	return !*computed || distance * 20 > (here < 0 ? -here : here);
}

static bool is_entry_apart(const struct line *line)
{
	const struct report_entry *entry = line->reported ? &line->reported->entry : NULL;

	return entry && (is_apart(entry->numerator, line->row.numerator) ||
			 is_apart(entry->denominator, line->row.denominator) ||
			 is_apart(entry->value, line->row.value));
}

/* Showing */

static void add_number(struct text *json, const char *name, const char *number)
{
	text_addf(json, "\"%s\":%s,", name, *number ? number : "null");
}

static void add_entry(struct text *json, const struct report_entry *entry)
{
	text_add_char(json, '{');
	add_number(json, "numerator", entry->numerator);
	add_number(json, "denominator", entry->denominator);
	add_number(json, "value", entry->value);
	text_add(json, "\"reason\":");
	text_add_json(json, entry->reason);
	text_add_char(json, '}');
}

/* Restated: the records say another thing today than they did when it was submitted. */
static bool is_restated(const struct line *line, const char *submitted)
{
	json_t *then = json_loads(submitted, 0, NULL),
	       *now = json_loads(text_string(&line->figure), 0, NULL);
	bool differs = false;

	for (const char *const *name =
		     (const char *const[]){"numerator", "denominator", "value", NULL};
	     *name; name++)
		differs |= !json_equal(json_object_get(then, *name), json_object_get(now, *name));
	json_decref(then);
	json_decref(now);
	return differs;
}

/* Below the province, what was submitted may hold counts that a caller who does not read people
 * there is not to have. */
static bool is_kept_back(const struct request *request, const struct report *report,
			 const struct indicator *indicator)
{
	return strcmp(report->level, "province") != 0 &&
	       !indicators_are_open(&request->caller, indicator, report->unit);
}

static void add_line(const struct request *request, const struct report *report,
		     const struct line *line, struct text *json)
{
	const struct report_figure *reported = line->reported;
	const char *submitted = reported ? reported->figure : NULL;
	bool is_hidden = is_kept_back(request, report, line->indicator);

	text_addf(json, "{\"indicator\":\"%s\",\"definition\":\"%s\",\"is_headline\":%s,",
		  line->indicator->code, line->definition->code,
		  line->is_headline ? "true" : "false");
	text_addf(json, "\"suppressed\":%s,\"figure\":%s,", is_hidden ? "true" : "false",
		  is_hidden && submitted ? "null"
		  : submitted		 ? submitted
					 : text_string(&line->figure));
	text_add(json, "\"entry\":");
	if (reported && reported->has_entry && !is_hidden)
		add_entry(json, &reported->entry);
	else
		text_add(json, "null");
	text_addf(json, ",\"is_apart\":%s", !is_hidden && is_entry_apart(line) ? "true" : "false");
	text_addf(json, ",\"now\":%s,\"is_restated\":%s}",
		  submitted ? text_string(&line->figure) : "null",
		  submitted && !is_hidden && is_restated(line, submitted) ? "true" : "false");
}

bool report_figures(struct request *request)
{
	auto_sheet sheet = NULL;
	auto_text body = {0};

	if (!engine_parameters(request) || !sheet_open(request, &sheet))
		return false;
	text_add(&body, "{\"data\":[");
	for (size_t i = 0; i < sheet->count; i++) {
		text_add(&body, i ? "," : "");
		add_line(request, &sheet->report, &sheet->lines[i], &body);
	}
	text_addf(&body,
		  "],\"page\":{\"limit\":null,\"next_cursor\":null,\"next\":null,\"total\":%zu}}",
		  sheet->count);
	if (body.failed)
		return error_internal(&request->error, ERROR_INTERNAL, "out of memory");
	request->reply.status = 200;
	request->reply.content_type = "application/json; charset=utf-8";
	request->reply.body = body;
	body = (struct text){0};
	return true;
}

/* Submission */

static bool is_of_line(const struct sheet *sheet, const struct report_figure *figure)
{
	for (size_t i = 0; i < sheet->count; i++)
		if (sheet->lines[i].reported == figure)
			return true;
	return false;
}

/* What was typed must belong to a figure, and stand near it or have its reason. */
static bool check_entries(const struct sheet *sheet, struct error *error)
{
	char pointer[64];

	for (size_t i = 0; i < sheet->report.count; i++) {
		const struct report_figure *figure = &sheet->report.figures[i];

		snprintf(pointer, sizeof pointer, "/entries/%s/definition", figure->indicator);
		if (!is_of_line(sheet, figure))
			error_fault(error, ERROR_INVALID, pointer, "unknown_definition", NULL);
	}
	for (size_t i = 0; i < sheet->count; i++) {
		const struct line *line = &sheet->lines[i];

		if (!is_entry_apart(line) || line->reported->entry.reason)
			continue;
		snprintf(pointer, sizeof pointer, "/entries/%s/reason", line->indicator->code);
		error_fault(error, ERROR_INVALID, pointer, "reason_required", line->row.value);
	}
	return !error->kind;
}

static json_t *entry_json(const struct report_figure *reported)
{
	const struct report_entry *entry = &reported->entry;

	return json_pack("{s:s?, s:s?, s:s?, s:s?}", "numerator",
			 *entry->numerator ? entry->numerator : NULL, "denominator",
			 *entry->denominator ? entry->denominator : NULL, "value",
			 *entry->value ? entry->value : NULL, "reason", entry->reason);
}

/* Everything that is frozen, and its digest. */
static char *frozen(const struct sheet *sheet, char digest[65])
{
	json_auto_t *all = json_array();
	auto_text lines = {0};

	for (size_t i = 0; i < sheet->count; i++) {
		const struct line *line = &sheet->lines[i];
		bool has_entry = line->reported && line->reported->has_entry;

		text_addf(&lines, "%s\n", text_string(&line->figure));
		json_array_append_new(
			all,
			json_pack("{s:s, s:s, s:b, s:s, s:o?}", "indicator", line->indicator->code,
				  "definition", line->definition->code, "is_headline",
				  line->is_headline, "figure", text_string(&line->figure), "entry",
				  has_entry ? entry_json(line->reported) : NULL));
	}
	secret_sha256(text_string(&lines), digest);
	return lines.failed ? NULL : json_dumps(all, JSON_COMPACT);
}

/* One attempt: what was computed stands only if nothing has changed before it is frozen. */
static bool freeze(struct request *request, struct sheet *sheet,
		   const struct idempotency *idempotency, struct answer *answer)
{
	char version[48], digest[65];

	if (!indicators_version(request->service->pool, &request->caller, version,
				&request->error) ||
	    !compute(request, sheet) || !check_entries(sheet, &request->error))
		return false;
	char *figures = frozen(sheet, digest);

	*strchr(version, ' ') = '\0';
	const struct named_call call = {
		"report_submit", {request->plan.id, version, figures, digest}, 4};
	bool done = figures &&
		    records_call(&request->service->records, &request->caller, &request->plan,
				 &call, idempotency, answer, &request->error);

	free(figures);
	return done;
}

static bool is_to_repeat(const struct error *error)
{
	return error->kind == ERROR_UNAVAILABLE && error->code &&
	       !strcmp(error->code, "figures_changing");
}

bool report_submit(struct request *request)
{
	struct idempotency idempotency = {0};
	struct answer answer = {0};
	auto_sheet sheet = calloc(1, sizeof *sheet);
	char scope[65];
	bool done = false;

	if (!sheet)
		return error_internal(&request->error, ERROR_INTERNAL, "out of memory");
	if (!engine_idempotency(request, &idempotency, scope) || !engine_parameters(request) ||
	    !report_read(request->service->pool, &request->caller, request->plan.id, &sheet->report,
			 &request->error))
		return false;
	for (int i = 0; i < TRIES && !done; i++) {
		error_release(&request->error);
		done = freeze(request, sheet, &idempotency, &answer);
		if (!done && !is_to_repeat(&request->error))
			break;
	}
	if (done)
		engine_answer(request, 200, &answer);
	answer_release(&answer);
	return done;
}

bool report_countersign(struct request *request)
{
	struct idempotency idempotency = {0};
	struct answer answer = {0};
	char scope[65];

	if (!engine_idempotency(request, &idempotency, scope) || !engine_parameters(request))
		return false;
	const struct named_call call = {"report_countersign", {request->plan.id}, 1};
	bool done = records_call(&request->service->records, &request->caller, &request->plan,
				 &call, &idempotency, &answer, &request->error);

	if (done)
		engine_answer(request, 200, &answer);
	answer_release(&answer);
	return done;
}
