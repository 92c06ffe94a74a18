/* JSON-stat 2.0: rows of an indicator as a cube. */
#include "jsonstat.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { AXES = 3 + DIMENSIONS, MEASURES = 3 };

/* A dimension: its categories, and by number in `of` which one each row has. */
struct axis {
	const char *name;
	struct category {
		const char *code, *label; /* label NULL: a window, labelled by both its days */
	} * categories;
	size_t size, *of;
};

struct cube {
	struct axis axes[AXES];
	size_t axis_count, cells;
	const struct indicator_row **filled; /* a row for each cell without the measures */
};

static const struct {
	const char *name;
	size_t offset;
} measures[MEASURES] = {
	{"numerator", offsetof(struct indicator_row, numerator)},
	{"denominator", offsetof(struct indicator_row, denominator)},
	{"value", offsetof(struct indicator_row, value)},
};

static const size_t dimension_offsets[DIMENSIONS] = {
	[BY_SEX] = offsetof(struct indicator_row, sex),
	[BY_AGE_BAND] = offsetof(struct indicator_row, age_band),
	[BY_ETHNICITY] = offsetof(struct indicator_row, ethnicity),
	[BY_KIND] = offsetof(struct indicator_row, kind),
	[BY_ARTICLE] = offsetof(struct indicator_row, article),
	[BY_INSTITUTION_TYPE] = offsetof(struct indicator_row, institution_type),
};

static const char *at(const struct indicator_row *row, size_t offset)
{
	return (const char *)row + offset;
}

static void cube_release(struct cube *cube)
{
	for (size_t i = 0; i < cube->axis_count; i++) {
		free(cube->axes[i].of);
		free(cube->axes[i].categories);
	}
	free(cube->filled);
}

/* An axis with room for a category of each row, or for so many others; NULL: out of memory. */
static struct axis *axis_add(struct cube *cube, const char *name, const struct indicator_rows *rows,
			     size_t others)
{
	struct axis *axis = &cube->axes[cube->axis_count++];

	*axis = (struct axis){
		.name = name,
		.categories = calloc(rows->count + others, sizeof *axis->categories),
		.of = calloc(rows->count + 1, sizeof *axis->of),
	};
	return axis->categories && axis->of ? axis : NULL;
}

/* The number of the category, which is a new one when there is none of this code. */
static size_t category_of(struct axis *axis, const char *code, const char *label)
{
	size_t found = 0;

	while (found < axis->size && strcmp(axis->categories[found].code, code) != 0)
		found++;
	if (found == axis->size)
		axis->categories[axis->size++] = (struct category){code, label};
	return found;
}

static bool add_units(struct cube *cube, const struct indicator_query *query,
		      const struct indicator_rows *rows, const struct labels *labels)
{
	struct axis *axis = axis_add(cube, "unit", rows, 1);

	for (size_t i = 0; axis && i < rows->count; i++)
		axis->of[i] = category_of(axis, rows->rows[i].unit, rows->rows[i].unit_name);
	if (axis && !axis->size)
		category_of(axis, query->unit, labels_of(labels, NULL, query->unit));
	return axis != NULL;
}

/* Periods may end on the same day; any days have no code, and are one window. */
static const char *period_code(const char *period, const char *end)
{
	return *period ? period : end;
}

static bool add_periods(struct cube *cube, const struct indicator_query *query,
			const struct indicator_rows *rows)
{
	struct axis *axis = axis_add(cube, "period", rows, query->window_count);

	for (size_t i = 0; axis && i < query->window_count; i++)
		category_of(axis, period_code(query->windows[i].period, query->windows[i].end),
			    NULL);
	for (size_t i = 0; axis && i < rows->count; i++)
		axis->of[i] = category_of(
			axis, period_code(rows->rows[i].period, rows->rows[i].period_end), NULL);
	return axis != NULL;
}

static bool add_dimension(struct cube *cube, enum dimension dimension,
			  const struct indicator_rows *rows, const struct labels *labels)
{
	const struct dimension_name *name = &dimension_names[dimension];
	const char *const *all = name->codes->codes;
	size_t count = 0;

	while (all[count])
		count++;
	struct axis *axis = axis_add(cube, name->name, rows, count);

	for (size_t i = 0; axis && i < rows->count; i++) {
		const char *code = at(&rows->rows[i], dimension_offsets[dimension]);

		axis->of[i] = category_of(axis, code, labels_of(labels, name->codes->name, code));
	}
	for (size_t i = 0; axis && !rows->count && i < count; i++)
		category_of(axis, all[i], labels_of(labels, name->codes->name, all[i]));
	return axis != NULL;
}

static bool cube_make(struct cube *cube, const struct indicator_query *query,
		      const struct indicator_rows *rows, const struct labels *labels)
{
	bool done = add_units(cube, query, rows, labels) && add_periods(cube, query, rows);

	for (int i = 0; done && i < DIMENSIONS; i++)
		if (query->by & ONE(i))
			done = add_dimension(cube, (enum dimension)i, rows, labels);
	cube->cells = 1;
	for (size_t i = 0; i < cube->axis_count; i++)
		cube->cells *= cube->axes[i].size;
	cube->filled = calloc(cube->cells + 1, sizeof *cube->filled);
	for (size_t row = 0; done && cube->filled && row < rows->count; row++) {
		size_t place = 0;

		for (size_t i = 0; i < cube->axis_count; i++)
			place = place * cube->axes[i].size + cube->axes[i].of[row];
		cube->filled[place] = &rows->rows[row];
	}
	return done && cube->filled;
}

static void add_label(struct text *json, const struct category *category,
		      const struct indicator_query *query)
{
	if (category->label) {
		text_add_json(json, category->label);
		return;
	}
	for (size_t i = 0; i < query->window_count; i++) {
		const struct indicator_window *window = &query->windows[i];

		if (!strcmp(period_code(window->period, window->end), category->code))
			text_addf(json, "\"%s/%s\"", window->start, window->end);
	}
}

static void add_categories(struct text *json, const struct axis *axis,
			   const struct indicator_query *query)
{
	text_addf(json, "\"%s\":{\"label\":\"%s\",\"category\":{\"index\":[", axis->name,
		  axis->name);
	for (size_t i = 0; i < axis->size; i++) {
		text_add(json, i ? "," : "");
		text_add_json(json, axis->categories[i].code);
	}
	text_add(json, "],\"label\":{");
	for (size_t i = 0; i < axis->size; i++) {
		text_add(json, i ? "," : "");
		text_add_json(json, axis->categories[i].code);
		text_add_char(json, ':');
		add_label(json, &axis->categories[i], query);
	}
	text_add(json, "}}},");
}

static void add_dimensions(struct text *json, const struct cube *cube,
			   const struct indicator_query *query)
{
	text_add(json, "\"id\":[");
	for (size_t i = 0; i < cube->axis_count; i++)
		text_addf(json, "\"%s\",", cube->axes[i].name);
	text_add(json, "\"measure\"],\"size\":[");
	for (size_t i = 0; i < cube->axis_count; i++)
		text_addf(json, "%zu,", cube->axes[i].size);
	text_addf(
		json,
		"%d],\"role\":{\"time\":[\"period\"],\"geo\":[\"unit\"],\"metric\":[\"measure\"]},"
		"\"dimension\":{",
		MEASURES);
	for (size_t i = 0; i < cube->axis_count; i++)
		add_categories(json, &cube->axes[i], query);
	text_add(json, "\"measure\":{\"label\":\"measure\",\"category\":{\"index\":["
		       "\"numerator\",\"denominator\",\"value\"]}}},");
}

static void add_values(struct text *json, const struct cube *cube)
{
	const char *comma = "";

	text_add(json, "\"value\":[");
	for (size_t cell = 0; cell < cube->cells; cell++)
		for (int i = 0; i < MEASURES; i++) {
			const struct indicator_row *row = cube->filled[cell];
			const char *value = row ? at(row, measures[i].offset) : "";

			text_addf(json, "%s%s", cell || i ? "," : "", *value ? value : "null");
		}
	text_add(json, "],\"status\":{");
	for (size_t cell = 0; cell < cube->cells; cell++)
		for (int i = 0; i < MEASURES && cube->filled[cell] &&
				!strcmp(cube->filled[cell]->suppressed, "true");
		     i++) {
			text_addf(json, "%s\"%zu\":\"s\"", comma, cell * MEASURES + (size_t)i);
			comma = ",";
		}
	text_add(json, "}");
}

bool jsonstat_write(struct text *json, const struct indicator_query *query,
		    const struct indicator_rows *rows, const struct labels *labels,
		    const char *name)
{
	__attribute__((cleanup(cube_release))) struct cube cube = {0};

	if (!cube_make(&cube, query, rows, labels))
		return false;
	text_add(json, "{\"version\":\"2.0\",\"class\":\"dataset\",\"label\":");
	text_add_json(json, name);
	text_add(json, ",\"source\":\"lachan\",");
	if (rows->count)
		text_addf(json, "\"updated\":\"%s\",", rows->rows->as_of);
	add_dimensions(json, &cube, query);
	add_values(json, &cube);
	text_add_char(json, '}');
	return true;
}
