/* Counts of people that could tell of one of them. */
#include "small_cells.h"

#include <stdlib.h>
#include <string.h>

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

static int by_group(const void *one, const void *other)
{
	const struct cell *first = one, *second = other;
	int order = first->window - second->window;

	return order ? order : strcmp(first->group, second->group);
}

static bool may_hide(const struct cell *cell)
{
	return !cell->is_open && !cell->is_small && cell->size >= 0;
}

/* The size of the smallest that can stand beside small ones: one with somebody in it when there is
 * one, -1 when there is none. */
static int64_t companion_size(const struct cell *group, size_t count)
{
	int64_t best = -1;

	for (size_t i = 0; i < count; i++)
		if (may_hide(&group[i]) &&
		    (best < 0 || (group[i].size > 0 && (best == 0 || group[i].size < best))))
			best = group[i].size;
	return best;
}

/* Whoever alone has a part is as good as small. */
static void find_alone(struct cell *group, size_t count)
{
	uint64_t once = 0, twice = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t parts = group[i].is_open ? 0 : group[i].parts;

		twice |= once & parts;
		once |= parts;
	}
	for (size_t i = 0; i < count; i++)
		group[i].is_small |= (group[i].parts & once & ~twice) != 0;
}

/* All of that size, so that which are hidden says nothing of who is who. */
static void suppress_group(struct cell *group, size_t count)
{
	find_alone(group, count);
	int64_t size = companion_size(group, count);
	bool is_any = false;

	for (size_t i = 0; i < count; i++)
		is_any |= !group[i].is_open && group[i].is_small;
	for (size_t i = 0; i < count; i++)
		group[i].suppressed = !group[i].is_open &&
				      (group[i].is_closed || group[i].is_small ||
				       (is_any && may_hide(&group[i]) && group[i].size == size));
}

void small_cells_suppress(struct cell *cells, size_t count)
{
	qsort(cells, count, sizeof *cells, by_group);
	for (size_t first = 0, end; first < count; first = end) {
		end = first + 1;
		while (end < count && !by_group(&cells[first], &cells[end]))
			end++;
		suppress_group(cells + first, end - first);
	}
	qsort(cells, count, sizeof *cells, cell_compare);
}

void small_cells_close(struct cell *cells, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cells[i].suppressed = !cells[i].is_open;
	qsort(cells, count, sizeof *cells, cell_compare);
}
