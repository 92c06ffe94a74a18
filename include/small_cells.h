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
	char group[8]; /* of the units whose sum is told: the former province */
	char sex[8], age_band[8], ethnicity[4], tag[24];
	int64_t numerator, denominator;
	const struct baseline *baseline; /* where the counts are from; NULL: records */
	bool is_open; /* whatever its size: not of people, of a province, or of the caller's own */
	bool suppressed;
};

/* By window, unit, sex, age band, ethnicity and tag. */
int cell_compare(const void *one, const void *other);

/* Of all communes of today by themselves, in windows of the plan: suppresses counts of 1 to 4, of
 * those reached or of those not, and in each group that has one of these the smallest other as
 * well, so that no sum that is told gives one away. What is suppressed depends on the data and on
 * what is open alone, never on the question. Both leave the cells in the order of cell_compare().
 */
void small_cells_suppress(struct cell *cells, size_t count);

/* Any other cut of what is not open is not told at all: by it sums could be taken apart. */
void small_cells_close(struct cell *cells, size_t count);

#endif
