/* JSON-stat 2.0: rows of an indicator as a cube. */
#include "jsonstat.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { AXES = 3 + DIMENSIONS, MEASURES = 3 };

/* A dimension with its categories, by number in `of`, one for each row. */
struct axis {
	const char *name;
	size_t key, label;  /* offsets in a row; label 0: none */
	bool is_time;	    /* labelled by both its days */
	size_t *of, *first; /* first: a row that has the category */
	size_t size;
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
		free(cube->axes[i].first);
	}
	free(cube->filled);
}

/* Gives each row the number of its category, in the order that they come. */
static bool add_axis(struct cube *cube, const struct indicator_rows *rows, const char *name,
		     size_t key, size_t label)
{
	struct axis *axis = &cube->axes[cube->axis_count++];

	*axis = (struct axis){.name = name, .key = key, .label = label};
	axis->of = calloc(rows->count + 1, sizeof *axis->of);
	axis->first = calloc(rows->count + 1, sizeof *axis->first);
	for (size_t i = 0; axis->of && axis->first && i < rows->count; i++) {
		size_t found = 0;

		while (found < axis->size && strcmp(at(&rows->rows[axis->first[found]], key),
						    at(&rows->rows[i], key)) != 0)
			found++;
		if (found == axis->size)
			axis->first[axis->size++] = i;
		axis->of[i] = found;
	}
	return axis->of && axis->first;
}

static bool cube_make(struct cube *cube, const struct indicator_query *query,
		      const struct indicator_rows *rows)
{
	/* Periods may end on the same day; any days have no code, and are one window. */
	size_t period = rows->count && !*rows->rows->period
				? offsetof(struct indicator_row, period_end)
				: offsetof(struct indicator_row, period);
	bool done = add_axis(cube, rows, "unit", offsetof(struct indicator_row, unit),
			     offsetof(struct indicator_row, unit_name)) &&
		    add_axis(cube, rows, "period", period,
			     offsetof(struct indicator_row, period_start));

	cube->axes[1].is_time = true;

	for (int i = 0; done && i < DIMENSIONS; i++)
		if (query->by & ONE(i))
			done = add_axis(cube, rows, dimension_names[i].name, dimension_offsets[i],
					0);
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

static void add_categories(struct text *json, const struct axis *axis,
			   const struct indicator_rows *rows)
{
	text_addf(json, "\"%s\":{\"label\":\"%s\",\"category\":{\"index\":[", axis->name,
		  axis->name);
	for (size_t i = 0; i < axis->size; i++) {
		text_add(json, i ? "," : "");
		text_add_json(json, at(&rows->rows[axis->first[i]], axis->key));
	}
	text_add_char(json, ']');
	for (size_t i = 0; axis->label && i < axis->size; i++) {
		text_add(json, i ? "," : ",\"label\":{");
		text_add_json(json, at(&rows->rows[axis->first[i]], axis->key));
		text_add_char(json, ':');
		if (axis->is_time)
			text_addf(json, "\"%s/%s\"", rows->rows[axis->first[i]].period_start,
				  rows->rows[axis->first[i]].period_end);
		else
			text_add_json(json, at(&rows->rows[axis->first[i]], axis->label));
	}
	text_add(json, axis->label && axis->size ? "}}}," : "}},");
}

static void add_dimensions(struct text *json, const struct cube *cube,
			   const struct indicator_rows *rows)
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
		add_categories(json, &cube->axes[i], rows);
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
		    const struct indicator_rows *rows, const char *label)
{
	__attribute__((cleanup(cube_release))) struct cube cube = {0};

	if (!cube_make(&cube, query, rows))
		return false;
	text_add(json, "{\"version\":\"2.0\",\"class\":\"dataset\",\"label\":");
	text_add_json(json, label);
	text_add(json, ",\"source\":\"lachan\",\"updated\":");
	text_add_json(json, rows->count ? rows->rows[0].as_of : NULL);
	text_add_char(json, ',');
	add_dimensions(json, &cube, rows);
	add_values(json, &cube);
	text_add_char(json, '}');
	return true;
}
