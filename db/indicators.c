/* Figures from the database: cells of counts become rows that say what they are. */
#include "indicators.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "small_cells.h"
#include "store.h"
#include "text.h"

/* Windows that end before this day have no data unless some was entered. */
#define PROGRAMME_START "2023-12-15"

/* A window as it is counted: that of a period asked for, or one before. */
struct counted_window {
	char start[11], end[11];
	const struct definition *definition;
	bool is_known;
};

enum { COUNTED_WINDOWS = INDICATOR_WINDOWS * 3 };

/* One question on its way: what is counted, what came back, and what the plan says of it. */
struct work {
	const struct caller *caller;
	const struct indicator_query *query;
	struct counted_window windows[COUNTED_WINDOWS];
	int window_count;
	int now[INDICATOR_WINDOWS], before[INDICATOR_WINDOWS], long_before[INDICATOR_WINDOWS];
	struct cell *cells;
	size_t cell_count;
	struct target target;
	char as_of[32];
};

static void work_release(struct work *work)
{
	free(work->cells);
}

#define COPY(to, from) snprintf(to, sizeof(to), "%s", (from) ? (from) : "")

static bool sql_find(struct statement *statement, const char *path, struct error *error)
{
	const struct embedded_file *file = embedded_find(path);

	if (!file)
		return error_internal(error, ERROR_INTERNAL, "%s is not built in", path);
	statement->sql = file->data;
	return true;
}

/* Windows: each is counted once */

static int window_add(struct work *work, const struct indicator_window *window,
		      const struct definition *definition)
{
	struct counted_window *counted = work->windows;

	for (; counted < work->windows + work->window_count; counted++)
		if (!strcmp(counted->start, window->start) && !strcmp(counted->end, window->end) &&
		    counted->definition == definition)
			return (int)(counted - work->windows);
	memcpy(counted->start, window->start, sizeof counted->start);
	memcpy(counted->end, window->end, sizeof counted->end);
	counted->definition = definition;
	return work->window_count++;
}

/* A change needs the window before the previous one too, for the previous figure. */
static void windows_plan(struct work *work)
{
	const struct indicator *indicator = work->query->indicator;

	for (size_t i = 0; i < work->query->window_count; i++) {
		const struct indicator_window *window = &work->query->windows[i];
		struct indicator_window before, long_before;
		const struct definition *definition = work->query->definition
							      ? work->query->definition
							      : indicator_headline(indicator,
										   window->year);

		work->now[i] = window_add(work, window, definition);
		work->before[i] = work->long_before[i] = -1;
		if (!window_previous(window, &before))
			continue;
		work->before[i] = window_add(work, &before, definition);
		if (indicator->measure == CHANGE && window_previous(&before, &long_before))
			work->long_before[i] = window_add(work, &long_before, definition);
	}
}

/* Statements */

static void add_item(struct text *array, const char *item)
{
	text_addf(array, "%s%s", array->length ? "," : "{", item);
}

struct window_arrays {
	struct text starts, ends, definitions;
};

static void window_arrays_release(struct window_arrays *arrays)
{
	text_release(&arrays->starts);
	text_release(&arrays->ends);
	text_release(&arrays->definitions);
}

static void window_arrays_fill(struct window_arrays *arrays, const struct work *work)
{
	for (int i = 0; i < work->window_count; i++) {
		add_item(&arrays->starts, work->windows[i].start);
		add_item(&arrays->ends, work->windows[i].end);
		add_item(&arrays->definitions, work->windows[i].definition->code);
	}
	text_add(&arrays->starts, "}");
	text_add(&arrays->ends, "}");
	text_add(&arrays->definitions, "}");
}

static const char *truth(bool value)
{
	return value ? "true" : "false";
}

/* Facts and cells in one trip. */
static bool ask(struct work *work, struct pool *pool, enum lane lane, struct pg_result *results[2],
		struct error *error)
{
	__attribute__((cleanup(window_arrays_release))) struct window_arrays arrays = {0};
	const struct indicator_query *query = work->query;
	struct connection *connection = NULL;
	char age[12];

	window_arrays_fill(&arrays, work);
	snprintf(age, sizeof age, "%d", query->youth_max_age);
	struct statement statements[] = {
		{.count = 2, .values = {query->indicator->code, query->unit}},
		{.count = 11,
		 .values = {query->indicator->code, age, text_string(&arrays.starts),
			    text_string(&arrays.ends), text_string(&arrays.definitions),
			    query->unit, query->level, query->map,
			    truth(!strcmp(query->basis, "plan")), truth(query->by_sex),
			    truth(query->by_age)}},
	};
	if (!sql_find(&statements[0], "db/sql/indicator_facts.sql", error) ||
	    !sql_find(&statements[1], "db/sql/indicator_cells.sql", error) ||
	    !pool_take(pool, lane, &connection, error))
		return false;
	bool done = store_run(connection, work->caller, true, statements, 2, results, error);

	pool_give(pool, connection);
	return done;
}

/* "2025 > 8000,2030 > 9000" */
static void read_milestones(struct target *target, const char *text)
{
	while (text && *text && target->milestone_count < MILESTONES_MAX) {
		struct milestone *milestone = &target->milestones[target->milestone_count++];
		char *rest;

		milestone->year = (int)strtol(text, &rest, 10);
		size_t length = strcspn(rest + 1, " ");
		snprintf(milestone->comparison, sizeof milestone->comparison, "%.*s", (int)length,
			 rest + 1);
		milestone->value = strtoll(rest + 1 + length, &rest, 10);
		text = *rest == ',' ? rest + 1 : NULL;
	}
}

static int level_rank(const char *level)
{
	return !strcmp(level, "province") ? 0 : !strcmp(level, "district") ? 1 : 2;
}

static bool read_facts(struct work *work, const struct pg_result *facts, struct error *error)
{
	const struct indicator_query *query = work->query;

	if (result_rows(facts) != 1)
		return error_internal(error, ERROR_INTERNAL, "no target %s",
				      query->indicator->code);
	const char *level = result_value(facts, 0, 1);
	if (!level)
		return error_fault(error, ERROR_MALFORMED, "unit", "no_such_record", NULL);
	if (query->level && level_rank(query->level) < level_rank(level))
		return error_fault(error, ERROR_MALFORMED, "level", "above_unit", level);
	if (query->level && strcmp(query->level, level) != 0 && !strcmp(query->level, "district") &&
	    !strcmp(query->map, "current")) /* there are no districts today */
		return error_fault(error, ERROR_MALFORMED, "level", "forbidden_unless",
				   "map=2024, map=as_reported");
	COPY(work->as_of, result_value(facts, 0, 0));
	COPY(work->target.basis, result_value(facts, 0, 2));
	COPY(work->target.unit_of_measure, result_value(facts, 0, 3));
	COPY(work->target.definition_version, result_value(facts, 0, 4));
	read_milestones(&work->target, result_value(facts, 0, 5));
	return true;
}

/* True when the unit is the caller's or below it. */
static bool is_in_territory(const struct caller *caller, const char *unit)
{
	size_t length = strlen(unit);

	if (!strcmp(caller->units, "*"))
		return true;
	for (const char *key = caller->units; *key; key += strcspn(key, ",")) {
		key += *key == ',';
		if (strcspn(key, ",") == length && !memcmp(key, unit, length))
			return true;
	}
	return false;
}

/* True when the caller reads every record of the kind in the unit, not only some of them. */
static bool reads_all(const struct caller *caller, const struct resource *resource,
		      const char *unit)
{
	const struct grant *found[8];
	size_t count = access_grants(caller->agency, resource, READ, found, 8);

	if (!access_may(caller, resource, READ))
		return false;
	for (size_t i = 0; i < count; i++)
		if (found[i]->rows == ALL_ROWS &&
		    (found[i]->scope == EVERYWHERE ||
		     (found[i]->scope == TERRITORY && is_in_territory(caller, unit))))
			return true;
	return false;
}

static bool read_cells(struct work *work, const struct pg_result *result, struct error *error)
{
	const struct indicator *indicator = work->query->indicator;
	int count = result_rows(result);

	work->cells = calloc((size_t)count + 1, sizeof *work->cells);
	if (!work->cells)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	for (int i = 0; i < count; i++) {
		struct cell *cell = &work->cells[work->cell_count++];

		cell->window = (int)strtol(result_value(result, i, 0), NULL, 10) - 1;
		COPY(cell->unit, result_value(result, i, 1));
		COPY(cell->unit_name, result_value(result, i, 2));
		COPY(cell->level, result_value(result, i, 3));
		COPY(cell->sex, result_value(result, i, 4));
		COPY(cell->age_band, result_value(result, i, 5));
		cell->numerator = strtoll(result_value(result, i, 6), NULL, 10);
		cell->denominator = strtoll(result_value(result, i, 7), NULL, 10);
		cell->is_open = !indicator->has_people || !strcmp(cell->level, "province") ||
				reads_all(work->caller, &people, cell->unit);

		struct counted_window *window = &work->windows[cell->window];
		window->is_known = strcmp(window->start, work->query->today) <= 0 &&
				   (strcmp(window->end, PROGRAMME_START) >= 0 ||
				    *result_value(result, i, 8) == 't');
	}
	small_cells_suppress(work->cells, work->cell_count);
	return true;
}

/* Cells → rows */

/* The same cell in another window; NULL when there is none. */
static const struct cell *cell_in(const struct work *work, const struct cell *cell, int window)
{
	struct cell wanted = *cell;

	wanted.window = window;
	return window < 0 ? NULL
			  : bsearch(&wanted, work->cells, work->cell_count, sizeof wanted,
				    cell_compare);
}

/* As reported, a unit has no figure but in the windows that it was there. */
static bool is_as_reported(const struct work *work)
{
	return !strcmp(work->query->map, "as_reported");
}

/* A figure's counts; a cell that is absent from a window has nothing in it. */
struct counts {
	struct tally tally;
	bool suppressed;
	bool is_comparable; /* false: a change with nothing to compare with */
};

static struct counts counts_of(const struct work *work, const struct cell *cell, int window,
			       int before)
{
	const struct cell *now = cell_in(work, cell, window);
	const struct cell *then = cell_in(work, cell, before);
	bool is_change = work->query->indicator->measure == CHANGE;
	bool has_before = before >= 0 && (then || !is_as_reported(work));
	struct counts counts = {.is_comparable = window >= 0 && (!is_change || has_before)};

	if (!counts.is_comparable)
		return counts;
	counts.tally.numerator = now ? now->numerator : 0;
	counts.tally.denominator = now ? now->denominator : 0;
	counts.tally.is_known = work->windows[window].is_known;
	counts.suppressed = now && now->suppressed;
	if (is_change) {
		counts.tally.denominator = then ? then->numerator : 0;
		counts.tally.is_known &= work->windows[before].is_known;
		counts.suppressed |= then && then->suppressed;
	}
	return counts;
}

static void row_value(struct indicator_row *row, const struct work *work,
		      const struct counts *counts, const struct counts *earlier)
{
	enum measure measure = work->query->indicator->measure;
	int64_t value = 0, previous = 0;
	bool has_value = !counts->suppressed && figure_value(measure, &counts->tally, &value);
	bool has_previous = !earlier->suppressed &&
			    figure_value(measure, &earlier->tally, &previous);

	if (has_value)
		hundredths_format(value, row->value);
	if (has_previous)
		hundredths_format(previous, row->previous);
	if (has_value && has_previous)
		hundredths_format(value - previous, row->change);
	if (counts->suppressed || !counts->tally.is_known)
		return;
	snprintf(row->numerator, sizeof row->numerator, "%" PRId64, counts->tally.numerator);
	if (measure != COUNT)
		snprintf(row->denominator, sizeof row->denominator, "%" PRId64,
			 counts->tally.denominator);
}

static void row_target(struct indicator_row *row, const struct work *work,
		       const struct counts *counts, int year)
{
	const char *basis = NULL;
	const struct milestone *milestone = year ? target_milestone(&work->target, year, &basis)
						 : NULL;

	COPY(row->target_basis, basis);
	if (milestone)
		hundredths_format(milestone->value, row->target);
	if (counts->suppressed)
		return; /* whether it is met would tell of the counts */
	COPY(row->status,
	     !counts->is_comparable
		     ? "not_applicable"
		     : figure_status(work->query->indicator->measure, &counts->tally, milestone,
				     strcmp(row->period_end, work->query->today) < 0));
}

static void row_fill(struct indicator_row *row, const struct work *work, const struct cell *cell,
		     size_t place)
{
	const struct indicator_window *window = &work->query->windows[place];
	struct counts counts = counts_of(work, cell, work->now[place], work->before[place]);
	struct counts earlier = counts_of(work, cell, work->before[place],
					  work->long_before[place]);

	COPY(row->indicator, work->query->indicator->code);
	COPY(row->unit, cell->unit);
	COPY(row->unit_name, cell->unit_name);
	COPY(row->level, cell->level);
	COPY(row->period, window->period);
	COPY(row->period_start, window->start);
	COPY(row->period_end, window->end);
	COPY(row->sex, cell->sex);
	COPY(row->age_band, cell->age_band);
	COPY(row->unit_of_measure, work->target.unit_of_measure);
	COPY(row->definition_version, work->target.definition_version);
	COPY(row->as_of, work->as_of);
	COPY(row->definition, work->windows[work->now[place]].definition->code);
	COPY(row->map, work->query->map);
	COPY(row->basis, work->query->basis);
	COPY(row->suppressed, truth(counts.suppressed));
	row_value(row, work, &counts, &earlier);
	row_target(row, work, &counts, window->year);
}

/* What was there in a window or in the one that it is compared with. */
static bool is_shown(const struct work *work, const struct cell *cell, size_t place)
{
	bool is_change = work->query->indicator->measure == CHANGE;

	if (cell->window == work->now[place])
		return true;
	return is_change && !is_as_reported(work) && cell->window == work->before[place] &&
	       !cell_in(work, cell, work->now[place]);
}

static bool make_rows(const struct work *work, struct indicator_rows *rows, struct error *error)
{
	size_t most = work->query->window_count * work->cell_count;

	rows->rows = calloc(most + 1, sizeof *rows->rows);
	if (!rows->rows)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	for (size_t place = 0; place < work->query->window_count; place++)
		for (size_t i = 0; i < work->cell_count; i++) {
			if (!is_shown(work, &work->cells[i], place))
				continue;
			struct indicator_row *row = &rows->rows[rows->count++];
			row_fill(row, work, &work->cells[i], place);
			rows->some_suppressed |= !strcmp(row->suppressed, "true");
		}
	return true;
}

bool indicators_compute(struct pool *pool, enum lane lane, const struct caller *caller,
			const struct indicator_query *query, struct indicator_rows *rows,
			struct error *error)
{
	__attribute__((cleanup(work_release))) struct work work = {.caller = caller,
								   .query = query};
	struct pg_result *results[2] = {NULL, NULL};

	*rows = (struct indicator_rows){0};
	windows_plan(&work);
	bool done = ask(&work, pool, lane, results, error) &&
		    read_facts(&work, results[0], error) && read_cells(&work, results[1], error) &&
		    make_rows(&work, rows, error);

	result_release(&results[0]);
	result_release(&results[1]);
	return done;
}

void indicator_rows_release(struct indicator_rows *rows)
{
	free(rows->rows);
	*rows = (struct indicator_rows){0};
}

/* Explanation */

static bool ask_of_window(struct pool *pool, enum lane lane, const struct caller *caller,
			  const struct indicator_query *query, const char *path, int count,
			  struct pg_result **result, struct error *error)
{
	const struct indicator_window *window = query->windows;
	const struct definition *definition = query->definition
						      ? query->definition
						      : indicator_headline(query->indicator,
									   window->year);
	char age[12], most[12];

	snprintf(age, sizeof age, "%d", query->youth_max_age);
	snprintf(most, sizeof most, "%d", INDICATOR_SUBJECTS);
	struct statement statement = {
		.count = count,
		.values = {query->indicator->code, age, window->start, window->end,
			   definition->code, query->unit, truth(!strcmp(query->basis, "plan")),
			   query->indicator->subject->table, most},
	};
	return sql_find(&statement, path, error) &&
	       store_one(pool, lane, caller, true, &statement, result, error);
}

/* Small counts of people are kept back as in the figure; all of them where that is suppressed. */
static void read_reasons(struct indicator_explanation *explanation, const struct pg_result *result,
			 bool is_open)
{
	int count = result_rows(result);

	for (int i = 0; i < count && i < INDICATOR_REASONS; i++) {
		struct indicator_reason *reason = &explanation
							   ->reasons[explanation->reason_count++];
		const char *number = result_value(result, i, 2);
		bool is_small = strlen(number) == 1 && *number < '5';

		reason->is_excluded = *result_value(result, i, 0) == 't';
		COPY(reason->code, result_value(result, i, 1));
		COPY(reason->count,
		     is_open || (!is_small && !explanation->figure.some_suppressed) ? number : "");
	}
}

static bool read_subjects(struct indicator_explanation *explanation, const struct pg_result *result,
			  struct error *error)
{
	int count = result_rows(result);

	explanation->subjects = calloc((size_t)count + 1, sizeof *explanation->subjects);
	if (!explanation->subjects)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	for (int i = 0; i < count; i++) {
		struct indicator_subject
			*subject = &explanation->subjects[explanation->subject_count++];

		COPY(subject->id, result_value(result, i, 0));
		COPY(subject->missing, result_value(result, i, 2));
		subject->counted = *result_value(result, i, 1) == 't';
	}
	return true;
}

/* NULL when the caller may have the list of subjects. */
static const char *why_withheld(const struct caller *caller, const struct indicator_query *query)
{
	const struct resource *subject = query->indicator->subject;

	if (!reads_all(caller, subject, query->unit))
		return "not_allowed";
	return subject->traits & AUDITED && !caller->purpose[0] ? "purpose_required" : NULL;
}

bool indicators_explain(struct pool *pool, enum lane lane, const struct caller *caller,
			const struct indicator_query *query,
			struct indicator_explanation *explanation, struct error *error)
{
	auto_result reasons = NULL;
	auto_result subjects = NULL;

	*explanation = (struct indicator_explanation){.withheld = why_withheld(caller, query)};
	if (!indicators_compute(pool, lane, caller, query, &explanation->figure, error) ||
	    !ask_of_window(pool, lane, caller, query, "db/sql/indicator_reasons.sql", 7, &reasons,
			   error))
		return false;
	bool is_open = !query->indicator->has_people ||
		       (explanation->figure.count &&
			!strcmp(explanation->figure.rows->level, "province")) ||
		       reads_all(caller, &people, query->unit);

	read_reasons(explanation, reasons, is_open);
	return explanation->withheld ||
	       (ask_of_window(pool, lane, caller, query, "db/sql/indicator_list.sql", 9, &subjects,
			      error) &&
		read_subjects(explanation, subjects, error));
}

void indicator_explanation_release(struct indicator_explanation *explanation)
{
	indicator_rows_release(&explanation->figure);
	free(explanation->subjects);
	*explanation = (struct indicator_explanation){0};
}

/* Catalogue */

bool indicators_catalogue(struct pool *pool, const struct caller *caller,
			  struct indicator_about **catalogue, size_t *count, struct error *error)
{
	struct statement statement = {0};
	auto_result result = NULL;

	*catalogue = NULL;
	*count = 0;
	if (!sql_find(&statement, "db/sql/indicator_catalogue.sql", error) ||
	    !store_one(pool, FAST, caller, true, &statement, &result, error))
		return false;
	int rows = result_rows(result);

	*catalogue = calloc((size_t)rows + 1, sizeof **catalogue);
	for (int i = 0; *catalogue && i < rows; i++) {
		struct indicator_about *about = &(*catalogue)[(*count)++];

		COPY(about->code, result_value(result, i, 0));
		about->json = strdup(result_value(result, i, 1));
		if (!about->json)
			return error_internal(error, ERROR_INTERNAL, "out of memory");
	}
	return *catalogue || error_internal(error, ERROR_INTERNAL, "out of memory");
}

void indicator_catalogue_release(struct indicator_about *catalogue, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(catalogue[i].json);
	free(catalogue);
}
