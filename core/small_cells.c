/* Counts of people that could tell of one of them. */
#include "small_cells.h"

#include <stdlib.h>
#include <string.h>

enum { SMALL_MOST = 4 };

/* "<12" comes first. */
static int band_compare(const char *one, const char *other)
{
	if ((*one == '<') != (*other == '<'))
		return *one == '<' ? -1 : 1;
	return strcmp(one, other);
}

static int within_unit(const struct cell *one, const struct cell *other)
{
	int order = strcmp(one->sex, other->sex);

	if (!order)
		order = band_compare(one->age_band, other->age_band);
	if (!order)
		order = strcmp(one->ethnicity, other->ethnicity);
	return order ? order : strcmp(one->tag, other->tag);
}

static int same_unit(const struct cell *one, const struct cell *other)
{
	if (one->window != other->window)
		return one->window < other->window ? -1 : 1;
	return strcmp(one->unit, other->unit);
}

int cell_compare(const void *one, const void *other)
{
	int order = same_unit(one, other);

	return order ? order : within_unit(one, other);
}

static int same_kind(const struct cell *one, const struct cell *other)
{
	if (one->window != other->window)
		return one->window < other->window ? -1 : 1;
	return within_unit(one, other);
}

static int compare_across_units(const void *one, const void *other)
{
	int order = same_kind(one, other);

	return order ? order : same_unit(one, other);
}

static bool is_small(int64_t count)
{
	return count >= 1 && count <= SMALL_MOST;
}

/* True when one more had to be hidden. */
static bool hide_second(struct cell *group, size_t count)
{
	struct cell *smallest = NULL;
	size_t hidden = 0;

	for (size_t i = 0; i < count; i++) {
		struct cell *cell = &group[i];

		hidden += cell->suppressed;
		if (!cell->suppressed && !cell->is_open && cell->denominator > 0 &&
		    (!smallest || cell->denominator < smallest->denominator))
			smallest = cell;
	}
	if (hidden != 1 || !smallest)
		return false;
	return smallest->suppressed = true;
}

static bool hide_seconds(struct cell *cells, size_t count,
			 int (*compare)(const struct cell *, const struct cell *))
{
	bool changed = false;

	for (size_t first = 0, end; first < count; first = end) {
		end = first + 1;
		while (end < count && !compare(&cells[first], &cells[end]))
			end++;
		changed |= hide_second(cells + first, end - first);
	}
	return changed;
}

void small_cells_suppress(struct cell *cells, size_t count)
{
	bool changed = true;

	for (size_t i = 0; i < count; i++)
		cells[i].suppressed = !cells[i].is_open &&
				      (is_small(cells[i].numerator) ||
				       is_small(cells[i].denominator) ||
				       is_small(cells[i].denominator - cells[i].numerator));
	while (changed) {
		qsort(cells, count, sizeof *cells, compare_across_units);
		changed = hide_seconds(cells, count, same_kind);
		qsort(cells, count, sizeof *cells, cell_compare);
		changed |= hide_seconds(cells, count, same_unit);
	}
}
