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
	char period[8], start[11], end[11];
	const struct definition *definition;
	bool is_known;
};

/* The window itself and as many before it as a figure and its previous one may need. */
enum { HISTORY = 4, COUNTED_WINDOWS = INDICATOR_WINDOWS * HISTORY };

/* What a document says of a year before the programme; has_value: and what it makes of it. */
struct baseline {
	int64_t numerator, denominator, value; /* value: hundredths */
	bool has_counts, has_value;
};

/* Of people whom the caller may not read below the province, what is told is each commune of today
 * by itself in the years of the plan, and to decide what, all of them are looked at; any other cut
 * is not told, nor any part of a year: sums could be taken apart. */
enum reach { AS_ASKED, ONE_BY_ONE };

/* One question on its way: what is counted, what came back, and what the plan says of it. */
struct work {
	enum reach reach;
	const struct caller *caller;
	const struct indicator_query *query;
	struct counted_window windows[COUNTED_WINDOWS];
	int window_count;
	int history[INDICATOR_WINDOWS][HISTORY]; /* the newest first; -1: none */
	struct cell *cells;
	size_t cell_count;
	struct baseline *baselines;
	struct target target;
	bool is_entered;  /* false: nothing was, in any window */
	bool is_province; /* what is asked for is of a whole one */
	char as_of[32];
};

static void work_release(struct work *work)
{
	free(work->cells);
	free(work->baselines);
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
	memcpy(counted->period, window->period, sizeof counted->period);
	memcpy(counted->start, window->start, sizeof counted->start);
	memcpy(counted->end, window->end, sizeof counted->end);
	counted->definition = definition;
	return work->window_count++;
}

/* How many windows make a figure. */
static int windows_of(enum measure measure)
{
	return measure == GROWTH ? 3 : measure == CHANGE ? 2 : 1;
}

static void windows_plan(struct work *work)
{
	const struct indicator *indicator = work->query->indicator;

	for (size_t i = 0; i < work->query->window_count; i++) {
		struct indicator_window window = work->query->windows[i], before;
		const struct definition *definition = indicator_definition(work->query, &window);
		bool exists = true;

		/* One more, for the previous figure. */
		for (int back = 0; back < HISTORY; back++) {
			bool is_needed = exists && back <= windows_of(indicator->measure);

			work->history[i][back] = is_needed ? window_add(work, &window, definition)
							   : -1;
			exists = is_needed && window_previous(&window, &before);
			if (exists)
				window = before;
		}
	}
}

/* Statements */

static void add_item(struct text *array, const char *item)
{
	text_addf(array, "%s%s", array->length ? "," : "{", item);
}

struct window_arrays {
	struct text starts, ends, measures;
};

static void window_arrays_release(struct window_arrays *arrays)
{
	text_release(&arrays->starts);
	text_release(&arrays->ends);
	text_release(&arrays->measures);
}

/* The code whose counts make the indicator. */
static const char *counted_code(const struct indicator *indicator)
{
	return indicator->counts ? indicator->counts : indicator->code;
}

static void measure_name(const struct indicator *indicator, const struct definition *definition,
			 char measure[32])
{
	snprintf(measure, 32, "%s:%s", counted_code(indicator), definition->code);
}

static void window_arrays_fill(struct window_arrays *arrays, const struct work *work)
{
	char measure[32];

	for (int i = 0; i < work->window_count; i++) {
		add_item(&arrays->starts, work->windows[i].start);
		add_item(&arrays->ends, work->windows[i].end);
		measure_name(work->query->indicator, work->windows[i].definition, measure);
		add_item(&arrays->measures, measure);
	}
	text_add(&arrays->starts, "}");
	text_add(&arrays->ends, "}");
	text_add(&arrays->measures, "}");
}

static const char *truth(bool value)
{
	return value ? "true" : "false";
}

/* The dimensions asked for as the database names them; needs 64 characters. */
static void breakdown_name(unsigned by, char breakdown[64])
{
	size_t length = 0;

	for (int i = 0; i < DIMENSIONS; i++) {
		const struct dimension_name *dimension = &dimension_names[i];

		if (by & ONE(i))
			length += (size_t)snprintf(
				breakdown + length, 64 - length, "%s%s", length ? "," : "{",
				dimension->tags ? dimension->tags : dimension->name);
	}
	snprintf(breakdown + length, 64 - length, "%s", length ? "}" : "{}");
}

/* What counts the same people as the indicator, each with its family. */
static void crowd_fill(const struct indicator *indicator, struct text *families,
		       struct text *measures)
{
	char measure[32];

	for (const struct indicator *kin = indicators; kin->code; kin++)
		for (const struct definition *definition = kin->definitions;
		     kin->crowd == indicator->crowd && !kin->counts && definition->code;
		     definition++) {
			measure_name(kin, definition, measure);
			add_item(families, indicator_family(kin, definition));
			add_item(measures, measure);
		}
	text_add(families, "}");
	text_add(measures, "}");
}

enum { FACTS, CELLS, BASELINES, SIZES, QUESTIONS };

/* Facts, cells and baselines in one trip; and what decides what is told, when not everything is. */
static bool ask(struct work *work, struct pool *pool, enum lane lane,
		struct pg_result *results[QUESTIONS], struct error *error)
{
	__attribute__((cleanup(window_arrays_release))) struct window_arrays arrays = {0};
	auto_text families = {0}, measures = {0};
	const struct indicator_query *query = work->query;
	const char *plan_only = truth(!strcmp(query->basis, "plan"));
	struct connection *connection = NULL;
	char breakdown[64];

	const struct definition *definition = indicator_definition(query, query->windows);

	window_arrays_fill(&arrays, work);
	crowd_fill(query->indicator, &families, &measures);
	breakdown_name(query->by, breakdown);
	struct statement statements[QUESTIONS] = {
		[FACTS] = {.count = 2, .values = {query->indicator->code, query->unit}},
		[CELLS] = {.count = 9,
			   .values = {indicator_family(query->indicator, definition),
				      text_string(&arrays.measures), text_string(&arrays.starts),
				      text_string(&arrays.ends),
				      work->reach == ONE_BY_ONE ? WHOLE_PROVINCE : query->unit,
				      work->reach == ONE_BY_ONE ? "commune" : query->level,
				      query->map, plan_only, breakdown}},
		[BASELINES] = {.count = 2, .values = {counted_code(query->indicator), plan_only}},
		[SIZES] = {.count = 5,
			   .values = {WHOLE_PROVINCE, text_string(&families),
				      text_string(&measures), text_string(&arrays.starts),
				      text_string(&arrays.ends)}},
	};
	if (!sql_find(&statements[FACTS], "db/sql/indicator_facts.sql", error) ||
	    !sql_find(&statements[CELLS], "db/sql/indicator_cells.sql", error) ||
	    !sql_find(&statements[BASELINES], "db/sql/indicator_baselines.sql", error) ||
	    !sql_find(&statements[SIZES], "db/sql/indicator_sizes.sql", error) ||
	    !pool_take(pool, lane, &connection, error))
		return false;
	bool done = store_run(connection, work->caller, true, statements,
			      work->reach == ONE_BY_ONE ? QUESTIONS : SIZES, results, error);

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
	work->is_entered = *result_value(facts, 0, 6) == 't';
	work->is_province = level_rank(query->level ? query->level : level) == 0;
	COPY(work->as_of, result_value(facts, 0, 0));
	COPY(work->target.basis, result_value(facts, 0, 2));
	COPY(work->target.unit_of_measure, result_value(facts, 0, 3));
	COPY(work->target.definition_version, result_value(facts, 0, 4));
	read_milestones(&work->target, result_value(facts, 0, 5));
	return true;
}

/* True when the caller reads every record of the kind in the unit, or those of the rows at least.
 */
static bool reads_all(const struct caller *caller, const struct resource *resource, enum rows rows,
		      const char *unit)
{
	const struct grant *found[8];
	size_t count = access_grants(caller->agency, resource, READ, found, 8);

	if (!access_may(caller, resource, READ))
		return false;
	for (size_t i = 0; i < count; i++)
		if ((found[i]->rows == ALL_ROWS || found[i]->rows == rows) &&
		    (found[i]->scope == EVERYWHERE ||
		     (found[i]->scope == TERRITORY && access_reaches(caller, unit))))
			return true;
	return false;
}

static enum reach reach_of(const struct caller *caller, const struct indicator_query *query)
{
	bool is_province = !strcmp(query->unit, WHOLE_PROVINCE);
	bool is_commune = !strncmp(query->unit, "2025-", 5) && strlen(query->unit) == 10;
	bool is_plain = !query->by && !strcmp(query->map, "current");

	if (indicators_are_open(caller, query->indicator, query->unit) ||
	    query->indicator->crowd == HELPED_TO_WORK)
		return AS_ASKED;
	return is_plain && (query->level ? is_province && !strcmp(query->level, "commune")
					 : is_commune)
		       ? ONE_BY_ONE
		       : AS_ASKED;
}

/* A province is open to everybody; of the few key communes no former one by itself. */
static bool is_of_province(const struct indicator_query *query, const struct cell *cell)
{
	return !strcmp(cell->level, "province") &&
	       (query->indicator->crowd != HELPED_TO_WORK ||
		(!strcmp(cell->unit, WHOLE_PROVINCE) && !strcmp(query->basis, "current")));
}

/* False: what it is compared with is the same count of another window, or nothing. */
static bool has_denominator(enum measure measure)
{
	return measure == PERCENT || measure == EACH;
}

static void read_cell(struct work *work, const struct pg_result *result, int row)
{
	const struct indicator *indicator = work->query->indicator;
	struct cell *cell = &work->cells[work->cell_count++];
	struct counted_window *window;
	const char *has_input = result_value(result, row, 10);

	cell->window = (int)strtol(result_value(result, row, 0), NULL, 10) - 1;
	COPY(cell->unit, result_value(result, row, 1));
	COPY(cell->unit_name, result_value(result, row, 2));
	COPY(cell->level, result_value(result, row, 3));
	COPY(cell->sex, result_value(result, row, 4));
	COPY(cell->age_band, result_value(result, row, 5));
	COPY(cell->ethnicity, result_value(result, row, 6));
	COPY(cell->tag, result_value(result, row, 7));
	COPY(cell->group, result_value(result, row, 11));
	cell->is_on_map = *result_value(result, row, 12) == 't';
	cell->numerator = strtoll(result_value(result, row, 8), NULL, 10);
	cell->denominator = has_denominator(indicator->measure)
				    ? strtoll(result_value(result, row, 9), NULL, 10)
				    : cell->numerator;
	cell->is_open = is_of_province(work->query, cell) ||
			indicators_are_open(work->caller, indicator, cell->unit);
	window = &work->windows[cell->window];
	cell->is_closed = window->period[0] == '\0' || window->period[4] != 'Y';
	window->is_known = has_input && work->is_entered &&
			   strcmp(window->start, work->query->today) <= 0 &&
			   (strcmp(window->end, PROGRAMME_START) >= 0 || *has_input == 't');
}

bool indicators_are_open(const struct caller *caller, const struct indicator *indicator,
			 const char *unit)
{
	enum rows rows = indicator->crowd == HELPED_TO_WORK ? AFTERCARE : ALL_ROWS;

	return !indicator->crowd || reads_all(caller, &people, rows, unit);
}

static bool read_cells(struct work *work, const struct pg_result *result, struct error *error)
{
	int count = result_rows(result);

	work->cells = calloc((size_t)count + 1, sizeof *work->cells);
	if (!work->cells)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	for (int i = 0; i < count; i++)
		read_cell(work, result, i);
	return true;
}

/* Before the programme what records tell is a fragment, and the document holds. */
static void use_baseline(struct work *work, const char *unit, const char *period,
			 const struct baseline *baseline)
{
	for (size_t i = 0; i < work->cell_count; i++) {
		struct cell *cell = &work->cells[i];
		const struct counted_window *window = &work->windows[cell->window];

		if (strcmp(window->period, period) != 0 || strcmp(cell->unit, unit) != 0 ||
		    strcmp(window->end, PROGRAMME_START) >= 0)
			continue;
		cell->baseline = baseline;
		cell->is_closed = true; /* of its sums nothing is known here */
		cell->numerator = baseline->numerator;
		cell->denominator = has_denominator(work->query->indicator->measure)
					    ? baseline->denominator
					    : baseline->numerator;
	}
}

static bool read_baselines(struct work *work, const struct pg_result *result, struct error *error)
{
	int count = result_rows(result);

	if (work->query->by || !count)
		return true;
	work->baselines = calloc((size_t)count, sizeof *work->baselines);
	if (!work->baselines)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	for (int i = 0; i < count; i++) {
		struct baseline *baseline = &work->baselines[i];
		const char *numerator = result_value(result, i, 2);
		const char *denominator = result_value(result, i, 3);
		const char *value = result_value(result, i, 4);

		baseline->has_counts = numerator &&
				       (denominator || work->query->indicator->measure != PERCENT);
		baseline->numerator = numerator ? strtoll(numerator, NULL, 10) : 0;
		baseline->denominator = denominator ? strtoll(denominator, NULL, 10) : 0;
		baseline->has_value = value != NULL;
		baseline->value = value ? strtoll(value, NULL, 10) : 0;
		use_baseline(work, result_value(result, i, 0), result_value(result, i, 1),
			     baseline);
	}
	return true;
}

/* Of each commune by itself: what decides whether it is told. */
static void read_sizes(struct work *work, const struct pg_result *result)
{
	qsort(work->cells, work->cell_count, sizeof *work->cells, cell_compare);
	for (int i = 0; i < result_rows(result); i++) {
		struct cell wanted = {
			.window = (int)strtol(result_value(result, i, 0), NULL, 10) - 1,
		};

		COPY(wanted.unit, result_value(result, i, 1));
		struct cell *cell = bsearch(&wanted, work->cells, work->cell_count, sizeof wanted,
					    cell_compare);

		if (!cell)
			continue;
		cell->is_small = *result_value(result, i, 2) == 't';
		cell->size = strtoll(result_value(result, i, 3), NULL, 10);
		cell->parts = (uint64_t)strtoll(result_value(result, i, 4), NULL, 10);
	}
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
	bool is_comparable;	       /* false: a change with nothing to compare with */
	bool is_counted;	       /* what is compared is known, whatever it is compared with */
	const struct baseline *stated; /* of a value whose counts nobody knows */
	int from_records, from_baselines;
};

static int64_t *part_of(struct tally *tally, int back)
{
	return back == 0 ? &tally->numerator : back == 1 ? &tally->denominator : &tally->earlier;
}

/* Takes the counts of one window into the tally, as the part that it is. */
static void counts_take(struct counts *counts, const struct work *work, const struct cell *cell,
			int back)
{
	enum measure measure = work->query->indicator->measure;
	const struct baseline *baseline = cell ? cell->baseline : NULL;

	*part_of(&counts->tally, back) = cell ? cell->numerator : 0;
	if (has_denominator(measure))
		counts->tally.denominator = cell ? cell->denominator : 0;
	counts->suppressed |= cell && cell->suppressed;
	*(baseline ? &counts->from_baselines : &counts->from_records) += 1;
	if (baseline && baseline->has_value && !baseline->has_counts && back == 0)
		counts->stated = baseline;
}

/* The figure of the window `back` years before the one asked for. */
static struct counts counts_of(const struct work *work, const struct cell *cell,
			       const int history[HISTORY], int back)
{
	int windows = windows_of(work->query->indicator->measure);
	struct counts counts = {.is_comparable = back + windows <= HISTORY, .tally.is_known = true};

	for (int i = 0; i < windows && counts.is_comparable; i++) {
		int window = history[back + i];
		const struct cell *found = cell_in(work, cell, window);

		if (window < 0 || (i && !found && is_as_reported(work))) {
			counts.is_comparable = false;
			break;
		}
		counts_take(&counts, work, found, i);
		counts.tally.is_known &= found && found->baseline ? found->baseline->has_counts
								  : work->windows[window].is_known;
		if (!i)
			counts.is_counted = counts.tally.is_known;
	}
	if (!counts.is_comparable)
		counts = (struct counts){
			.tally.numerator = counts.tally.numerator,
			.suppressed = counts.suppressed,
			.is_counted = counts.is_counted,
		};
	return counts;
}

/* What is stated with its counts unknown is told as the document has it. */
static bool counts_value(enum measure measure, const struct counts *counts, struct fraction *value)
{
	if (counts->suppressed)
		return false;
	if (counts->stated && measure != GROWTH) {
		*value = (struct fraction){counts->stated->value, 1};
		return true;
	}
	return figure_value(measure, &counts->tally, value);
}

static const char *source_of(const struct counts *counts)
{
	return !counts->from_baselines ? (counts->from_records ? "records" : "")
	       : counts->from_records  ? "both"
				       : "baseline";
}

static void row_value(struct indicator_row *row, const struct work *work,
		      const struct counts *counts, const struct counts *earlier)
{
	enum measure measure = work->query->indicator->measure;
	struct fraction value, previous;
	bool has_value = counts_value(measure, counts, &value);
	bool has_previous = counts_value(measure, earlier, &previous);

	COPY(row->source, source_of(counts));
	if (has_value)
		fraction_format(&value, row->value);
	if (has_previous) {
		fraction_format(&previous, row->previous);
		COPY(row->previous_source, source_of(earlier));
	}
	if (has_value && has_previous)
		difference_format(&value, &previous, row->change);
	if (counts->suppressed || (!counts->tally.is_known && !counts->is_counted))
		return;
	snprintf(row->numerator, sizeof row->numerator, "%" PRId64, counts->tally.numerator);
	if (measure != COUNT && measure != EACH && counts->tally.is_known)
		snprintf(row->denominator, sizeof row->denominator, "%" PRId64,
			 counts->tally.denominator);
}

static void row_target(struct indicator_row *row, const struct work *work,
		       const struct counts *counts, int year)
{
	const char *basis = NULL;
	/* What each commune is to have says nothing of their sum. */
	bool is_sum = work->query->indicator->measure == EACH && strcmp(row->level, "commune") != 0;
	const struct milestone *milestone = year && !is_sum
						    ? target_milestone(&work->target, year, &basis)
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

/* The tag stands in the column of the class that was asked for. */
static void row_tag(struct indicator_row *row, const struct work *work, const struct cell *cell)
{
	unsigned by = work->query->by;

	if (by & ONE(BY_KIND))
		COPY(row->kind, cell->tag);
	if (by & ONE(BY_ARTICLE))
		COPY(row->article, cell->tag);
	if (by & ONE(BY_INSTITUTION_TYPE))
		COPY(row->institution_type, cell->tag);
}

static void row_fill(struct indicator_row *row, const struct work *work, const struct cell *cell,
		     size_t place)
{
	const struct indicator_window *window = &work->query->windows[place];
	const int *history = work->history[place];
	struct counts counts = counts_of(work, cell, history, 0);
	struct counts earlier = counts_of(work, cell, history, 1);

	COPY(row->indicator, work->query->indicator->code);
	COPY(row->unit, cell->unit);
	COPY(row->unit_name, cell->unit_name);
	COPY(row->level, cell->level);
	COPY(row->period, window->period);
	COPY(row->period_start, window->start);
	COPY(row->period_end, window->end);
	COPY(row->sex, cell->sex);
	COPY(row->age_band, cell->age_band);
	COPY(row->ethnicity, cell->ethnicity);
	row_tag(row, work, cell);
	COPY(row->unit_of_measure, work->target.unit_of_measure);
	COPY(row->definition_version, work->target.definition_version);
	COPY(row->as_of, work->as_of);
	COPY(row->definition, work->windows[history[0]].definition->code);
	COPY(row->map, work->query->map);
	COPY(row->basis, work->query->basis);
	COPY(row->suppressed, truth(counts.suppressed));
	row_value(row, work, &counts, &earlier);
	row_target(row, work, &counts, window->year);
}

/* A part by these that nobody is in has no row: that there is one tells of somebody. */
static bool is_telling(const struct indicator_query *query)
{
	return query->by & (ONE(BY_ETHNICITY) | ONE(BY_KIND) | ONE(BY_ARTICLE));
}

/* Nor has a unit that is not on the map. */
static bool is_there_anyway(const struct indicator_query *query, const struct cell *cell)
{
	return !is_telling(query) && (cell->is_on_map || !strcmp(cell->unit, query->unit));
}

/* What was there in a window or in one that it is compared with. */
static bool is_shown(const struct work *work, const struct cell *cell, size_t place)
{
	const int *history = work->history[place];
	int windows = windows_of(work->query->indicator->measure);

	if (!cell->is_open && !is_there_anyway(work->query, cell))
		return false;
	/* The others were there to decide what may be told of it. */
	if (work->reach == ONE_BY_ONE && !work->query->level &&
	    strcmp(cell->unit, work->query->unit) != 0)
		return false;
	if (cell->window == history[0])
		return true;
	for (int back = 1; back < windows && !is_as_reported(work); back++) {
		if (cell_in(work, cell, history[back - 1]))
			return false;
		if (cell->window == history[back])
			return true;
	}
	return false;
}

static bool make_rows(const struct work *work, struct indicator_rows *rows, struct error *error)
{
	size_t most = work->query->window_count * work->cell_count;

	rows->rows = calloc(most + 1, sizeof *rows->rows);
	if (!rows->rows)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	/* Whether or not there was anything. */
	rows->some_suppressed = is_telling(work->query) && !work->is_province &&
				!indicators_are_open(work->caller, work->query->indicator,
						     work->query->unit);
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
	struct pg_result *results[QUESTIONS] = {0};

	*rows = (struct indicator_rows){0};
	work.reach = reach_of(caller, query);
	windows_plan(&work);
	bool done = ask(&work, pool, lane, results, error) &&
		    read_facts(&work, results[FACTS], error) &&
		    read_cells(&work, results[CELLS], error) &&
		    read_baselines(&work, results[BASELINES], error);

	if (done && work.reach == ONE_BY_ONE)
		read_sizes(&work, results[SIZES]);
	for (int i = 0; i < QUESTIONS; i++)
		result_release(&results[i]);
	if (!done)
		return false;
	if (work.reach == ONE_BY_ONE)
		small_cells_suppress(work.cells, work.cell_count);
	else
		small_cells_close(work.cells, work.cell_count);
	return make_rows(&work, rows, error);
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
	const struct indicator *indicator = query->indicator;
	const struct indicator_window *window = query->windows;
	const struct definition *definition = indicator_definition(query, window);
	char measure[32], most[12], needs[200];

	measure_name(indicator, definition, measure);
	snprintf(needs, sizeof needs, "{%s}", definition->needs ? definition->needs : "");
	snprintf(most, sizeof most, "%d", INDICATOR_SUBJECTS);
	struct statement statement = {
		.count = count,
		.values = {indicator_family(indicator, definition), measure,
			   definition->needs ? needs : NULL, window->start, window->end,
			   query->unit, truth(!strcmp(query->basis, "plan")),
			   indicator->subject->table, most},
	};
	return sql_find(&statement, path, error) &&
	       store_one(pool, lane, caller, true, &statement, result, error);
}

static void read_reasons(struct indicator_explanation *explanation, const struct pg_result *result)
{
	int count = result_rows(result);

	for (int i = 0; i < count && i < INDICATOR_REASONS; i++) {
		struct indicator_reason *reason = &explanation
							   ->reasons[explanation->reason_count++];

		reason->is_excluded = *result_value(result, i, 0) == 't';
		COPY(reason->code, result_value(result, i, 1));
		COPY(reason->count, result_value(result, i, 2));
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
		COPY(subject->unit, result_value(result, i, 3));
		COPY(subject->desk, result_value(result, i, 4));
		COPY(subject->since, result_value(result, i, 5));
		subject->counted = *result_value(result, i, 1) == 't';
	}
	return true;
}

/* NULL when the caller may have the list of subjects. */
static const char *why_withheld(const struct caller *caller, const struct indicator_query *query)
{
	const struct resource *subject = query->indicator->subject;

	/* Who broke drug law is of the criminal class: the count is told, the list is not. */
	bool is_hidden = query->indicator->crowd == FOUND_OFFENDING &&
			 access_hidden(caller->agency, subject) & ONE(CRIMINAL);

	if (is_hidden || !reads_all(caller, subject, ALL_ROWS, query->unit) ||
	    !indicators_are_open(caller, query->indicator, query->unit))
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
	/* Where people are not the caller's to read no part of them is told. */
	explanation->has_reasons = indicators_are_open(caller, query->indicator, query->unit) ||
				   (explanation->figure.count &&
				    !strcmp(explanation->figure.rows->level, "province") &&
				    !strcmp(explanation->figure.rows->suppressed, "false"));
	if (explanation->has_reasons)
		read_reasons(explanation, reasons);
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

/* Version */

bool indicators_version(struct pool *pool, const struct caller *caller, char version[48],
			struct error *error)
{
	static const struct statement statement = {"SELECT figures_version()", 0, {0}};
	auto_result result = NULL;

	if (!store_one(pool, FAST, caller, true, &statement, &result, error))
		return false;
	snprintf(version, 48, "%s", result_value(result, 0, 0));
	return true;
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
