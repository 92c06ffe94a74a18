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

static bool is_small(int64_t count)
{
	return count >= 1 && count <= SMALL_MOST;
}

static bool is_own_small(const struct cell *cell)
{
	return is_small(cell->numerator) || is_small(cell->denominator) ||
	       is_small(cell->denominator - cell->numerator);
}

static int by_group(const void *one, const void *other)
{
	const struct cell *first = one, *second = other;
	int order = first->window - second->window;

	if (!order)
		order = strcmp(first->group, second->group);
	return order ? order : strcmp(first->unit, second->unit);
}

/* The smallest that is not small itself, else one with nothing in it; the first of several. */
static struct cell *companion(struct cell *group, size_t count)
{
	struct cell *best = NULL;

	for (size_t i = 0; i < count; i++) {
		struct cell *cell = &group[i];

		if (cell->is_open || cell->suppressed)
			continue;
		if (!best || (cell->denominator > 0 &&
			      (best->denominator == 0 || cell->denominator < best->denominator)))
			best = cell;
	}
	return best;
}

static void suppress_group(struct cell *group, size_t count)
{
	struct cell *other = NULL;
	bool is_any = false;

	for (size_t i = 0; i < count; i++)
		is_any |= group[i].suppressed = !group[i].is_open && is_own_small(&group[i]);
	if (is_any && (other = companion(group, count)))
		other->suppressed = true;
}

void small_cells_suppress(struct cell *cells, size_t count)
{
	qsort(cells, count, sizeof *cells, by_group);
	for (size_t first = 0, end; first < count; first = end) {
		end = first + 1;
		while (end < count && cells[first].window == cells[end].window &&
		       !strcmp(cells[first].group, cells[end].group))
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
