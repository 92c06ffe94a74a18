/* Reports: what is typed beside figures, what was submitted, and the way there (section VI of the
 * plan). The figures themselves come from indicators.h. */
#ifndef LACHAN_REPORTS_H
#define LACHAN_REPORTS_H

#include "access.h"
#include "pool.h"

enum { REPORT_FIGURES = 64 };

/* Typed by hand; "" is null. */
struct report_entry {
	char numerator[24], denominator[24], value[32];
	char *reason; /* NULL: none */
};

struct report_figure {
	char indicator[8], definition[52];
	bool is_headline;
	char *figure; /* a JSON object, as it was submitted */
	bool has_entry;
	struct report_entry entry;
};

struct report {
	char period[8], unit[24], level[12], status[16];
	bool is_own, is_consolidated, is_submitted;
	/* What was submitted; of a draft what was typed, with figure NULL and the definition as
	 * typed. */
	struct report_figure figures[REPORT_FIGURES];
	size_t count;
};

/* Finds the report as far as the caller may see it. Released by report_release(). */
bool report_read(struct pool *pool, const struct caller *caller, const char *id,
		 struct report *report, struct error *error) CHECKED;
void report_release(struct report *report);

/* The figures that were submitted for the unit and the period (2026, 2026H1) and stood
 * at the instant: indicators with JSON objects, of one or (NULL) of all; definition NULL: of
 * each the headline. ERROR_NOT_FOUND when the caller may see no such submission. Released by
 * report_release(). */
bool report_replay(struct pool *pool, const struct caller *caller, const char *unit,
		   const char *period, const char *as_of, const char *indicator,
		   const char *definition, struct report *report, struct error *error) CHECKED;

/* Of those that owe a report for the unit and the period, how many have sent it: counts as text. */
struct report_coverage {
	char due[12], submitted[12], on_time[12];
};

bool report_coverage(struct pool *pool, const struct caller *caller, const char *unit,
		     const char *period, struct report_coverage *coverage,
		     struct error *error) CHECKED;

#endif
