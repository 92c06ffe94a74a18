/* From counts to a figure: its value, its target and whether that is met. */
#include "figure.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LAST_TARGET_YEAR = 2030 };

/* Two fractions of growth have a common divisor beyond 64 bits. */
__extension__ typedef __int128 wide;

static int64_t divide_rounded(wide dividend, wide divisor)
{
	wide magnitude = dividend < 0 ? -dividend : dividend;
	int64_t quotient = (int64_t)((2 * magnitude + divisor) / (2 * divisor));

	return dividend < 0 ? -quotient : quotient;
}

/* Of divisor 0 there is no value, but what it is compared with may still be met. */
static struct fraction fraction_of(enum measure measure, const struct tally *tally)
{
	int64_t change = measure == CHANGE ? tally->denominator : 0;
	bool is_count = measure == COUNT || measure == EACH;

	if (measure == GROWTH)
		return (struct fraction){10000 * (tally->numerator * tally->earlier -
						  tally->denominator * tally->denominator),
					 tally->denominator * tally->earlier};
	return (struct fraction){(is_count ? 100 : 10000) * (tally->numerator - change),
				 is_count ? 1 : tally->denominator};
}

bool figure_value(enum measure measure, const struct tally *tally, struct fraction *value)
{
	*value = fraction_of(measure, tally);
	return tally->is_known && value->divisor != 0 &&
	       !(measure == EACH && tally->denominator == 0);
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
	/* Growth that became a fall is held back enough. */
	if (measure == GROWTH && tally->numerator < tally->denominator)
		return true;
	struct fraction value = fraction_of(measure, tally);

	if (value.divisor == 0) /* a change from nothing */
		return tally->numerator == 0;
	int64_t bound = milestone->value * value.divisor;

	if (value.dividend == bound)
		return strchr(milestone->comparison, '=') != NULL;
	return strchr(milestone->comparison, value.dividend < bound ? '<' : '>') != NULL;
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

void fraction_format(const struct fraction *value, char text[24])
{
	hundredths_format(divide_rounded(value->dividend, value->divisor), text);
}

void difference_format(const struct fraction *value, const struct fraction *former, char text[24])
{
	wide difference = (wide)value->dividend * former->divisor -
			  (wide)former->dividend * value->divisor;

	hundredths_format(divide_rounded(difference, (wide)value->divisor * former->divisor), text);
}
