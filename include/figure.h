/* From counts to a figure: its value, its target and whether that is met. Whole numbers decide;
 * values are fractions of hundredths. */
#ifndef LACHAN_FIGURE_H
#define LACHAN_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum measure {
	PERCENT, /* numerator of denominator */
	CHANGE,	 /* numerator against the denominator, the same count a year earlier, in percent */
	COUNT,	 /* numerator alone */
	EACH,	 /* the same, of each place that has anybody to count: denominator of them */
	GROWTH,	 /* how much the change is above that of a year earlier, in percentage points */
};

struct tally {
	int64_t numerator, denominator;
	bool is_known;	 /* false: an input was never entered */
	int64_t earlier; /* of GROWTH: the same count two years earlier */
};

struct milestone {
	int year;
	char comparison[3]; /* < <= = >= > */
	int64_t value;	    /* hundredths */
};

enum { MILESTONES_MAX = 8 };

struct target {
	char basis[8]; /* stated, implied or derived */
	char unit_of_measure[8];
	char definition_version[8];
	struct milestone milestones[MILESTONES_MAX]; /* by year */
	size_t milestone_count;
};

/* Hundredths that are rounded only to be shown. */
struct fraction {
	int64_t dividend, divisor; /* divisor > 0 */
};

/* False when there is none. */
bool figure_value(enum measure measure, const struct tally *tally, struct fraction *value);

/* What holds for a year: its milestone, or until 2030 the last one before it; NULL when none.
 * *basis is stated, implied or carried. */
const struct milestone *target_milestone(const struct target *target, int year, const char **basis);

/* met, not_met, provisional, no_target, not_applicable or no_data. `milestone` may be NULL. */
const char *figure_status(enum measure measure, const struct tally *tally,
			  const struct milestone *milestone, bool is_over);

/* "-12.50"; each needs 24 characters. Halves are rounded away from zero. */
void hundredths_format(int64_t hundredths, char text[24]);
void fraction_format(const struct fraction *value, char text[24]);
/* How much the value is above the former one. */
void difference_format(const struct fraction *value, const struct fraction *former, char text[24]);

#endif
