/* Counts of people that could tell of one of them, kept from those who may not read people there.
 */
#ifndef LACHAN_SMALL_CELLS_H
#define LACHAN_SMALL_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct baseline;

/* One count: a window (from 0), a unit and what it is broken down by ("" when it is not). */
struct cell {
	int window;
	char unit[24], unit_name[128], level[12];
	char group[8];	/* of the units whose sum is told: the former province */
	bool is_on_map; /* false: the unit is there for what is counted in it */
	char sex[8], age_band[8], ethnicity[4], tag[24];
	int64_t numerator, denominator;
	const struct baseline *baseline; /* where the counts are from; NULL: records */
	bool is_open; /* whatever its size: not of people, of a province, or of the caller's own */
	bool is_closed; /* whatever its size, unless open */
	bool is_small;	/* it or another count of the same people tells of few */
	int64_t size;	/* the most of these counts; -1: cannot stand beside small ones */
	uint64_t parts; /* a bit for each part of these counts that is not 0 */
	bool suppressed;
};

/* By window, unit, sex, age band, ethnicity and tag. */
int cell_compare(const void *one, const void *other);

/* Of all communes of today by themselves: suppresses what is small, or the only one that has a
 * part, of which every cut of the sum would be a cut of its own, and in each group that has one of
 * these the smallest others as well. What is told is then the same if the people of one that is
 * hidden and those of another changed places, and so are the sums: neither gives a small count
 * away. What is suppressed depends on the data and on what is open alone, never on the question.
 * Both leave the cells in the order of cell_compare(). */
void small_cells_suppress(struct cell *cells, size_t count);

/* Any other cut of what is not open is not told at all: by it sums could be taken apart. */
void small_cells_close(struct cell *cells, size_t count);

#endif
