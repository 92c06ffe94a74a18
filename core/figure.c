/* From counts to a figure: its value, its target and whether that is met. */
#include "figure.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LAST_TARGET_YEAR = 2030 };

static int64_t divide_rounded(int64_t dividend, int64_t divisor)
{
	int64_t magnitude = dividend < 0 ? -dividend : dividend;
	int64_t quotient = (2 * magnitude + divisor) / (2 * divisor);

	return dividend < 0 ? -quotient : quotient;
}

/* The figure as a fraction, so that nothing is rounded before it is compared. */
static void fraction(enum measure measure, const struct tally *tally, int64_t *dividend,
		     int64_t *divisor)
{
	int64_t change = measure == CHANGE ? tally->denominator : 0;

	if (measure == GROWTH) {
		*dividend = 10000 * (tally->numerator * tally->earlier -
				     tally->denominator * tally->denominator);
		*divisor = tally->denominator * tally->earlier;
		return;
	}
	bool is_count = measure == COUNT || measure == EACH;

	*dividend = (is_count ? 100 : 10000) * (tally->numerator - change);
	*divisor = is_count ? 1 : tally->denominator;
}

bool figure_value(enum measure measure, const struct tally *tally, int64_t *value)
{
	int64_t dividend, divisor;

	fraction(measure, tally, &dividend, &divisor);
	if (!tally->is_known || divisor == 0 || (measure == EACH && tally->denominator == 0))
		return false;
	*value = divide_rounded(dividend, divisor);
	return true;
}

const struct milestone *target_milestone(const struct target *target, int year, const char **basis)
{
	const struct milestone *last = NULL;

	for (size_t i = 0; i < target->milestone_count && year <= LAST_TARGET_YEAR; i++)
		if (target->milestones[i].year <= year)
			last = &target->milestones[i];
	if (last)
		*basis = last->year < year		    ? "carried"
			 : !strcmp(target->basis, "stated") ? "stated"
							    : "implied";
	return last;
}

static bool is_met(enum measure measure, const struct tally *tally,
		   const struct milestone *milestone)
{
	int64_t dividend, divisor;

	/* Growth that became a fall is held back enough. */
	if (measure == GROWTH && tally->numerator < tally->denominator)
		return true;
	fraction(measure, tally, &dividend, &divisor);
	if (divisor == 0) /* a change from nothing */
		return tally->numerator == 0;
	int64_t bound = milestone->value * divisor;

	if (dividend == bound)
		return strchr(milestone->comparison, '=') != NULL;
	return strchr(milestone->comparison, dividend < bound ? '<' : '>') != NULL;
}

/* Growth from nothing two years earlier: there is no pace to compare with. */
static bool lacks_earlier(enum measure measure, const struct tally *tally)
{
	return measure == GROWTH && tally->earlier == 0 && tally->denominator > 0 &&
	       tally->numerator >= tally->denominator;
}

const char *figure_status(enum measure measure, const struct tally *tally,
			  const struct milestone *milestone, bool is_over)
{
	if (!tally->is_known)
		return "no_data";
	if (((measure == PERCENT || measure == EACH) && tally->denominator == 0) ||
	    lacks_earlier(measure, tally))
		return "not_applicable";
	if (!milestone)
		return "no_target";
	if (!is_over)
		return "provisional";
	return is_met(measure, tally, milestone) ? "met" : "not_met";
}

void hundredths_format(int64_t hundredths, char text[24])
{
	int64_t magnitude = hundredths < 0 ? -hundredths : hundredths;

	snprintf(text, 24, "%s%" PRId64 ".%02d", hundredths < 0 ? "-" : "", magnitude / 100,
		 (int)(magnitude % 100));
}
