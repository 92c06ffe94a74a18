/* The catalogue of computed indicators, and what may be asked of them. */
#ifndef LACHAN_INDICATOR_H
#define LACHAN_INDICATOR_H

#include "figure.h"
#include "plan.h"

#define WHOLE_PROVINCE "2025-66" /* of today: everything */

enum { INDICATOR_WINDOWS = 12 };

/* A way to count. It is the headline for windows of its years; 0: for all years. */
struct definition {
	const char *code, *vi, *en;
	const char *needs; /* what of a subject's lacks matters here, with commas; NULL: all */
	int from_year, to_year;
	const char *family; /* NULL: the indicator's */
};

/* What figures can be broken down by. */
enum dimension {
	BY_SEX,
	BY_AGE_BAND,
	BY_ETHNICITY,
	BY_KIND,
	BY_ARTICLE,
	BY_INSTITUTION_TYPE,
	DIMENSIONS
};

extern const struct dimension_name {
	const char *name;
	const struct code_list *codes;
	const char *tags; /* the class of tags that tell it, NULL when a column does */
} dimension_names[DIMENSIONS];

/* Whom an indicator counts. What counts the same people is told of a commune together or not at
 * all: one figure would give another away. */
enum crowd {
	NO_PEOPLE,
	UNDER_MANAGEMENT, /* users and addicts, and what they are given */
	AFTER_REHAB,
	AFTER_PRISON,
	FOUND_OFFENDING,
	HELPED_TO_WORK, /* in key communes, which are few and known: of no commune by itself */
};

/* Contributions of the family (db/indicators/) to the measures CODE:DEFINITION make it. */
struct indicator {
	const char *code;
	enum measure measure;
	const char *family;
	enum crowd crowd;		/* of people small cells are kept back */
	const struct resource *subject; /* what it counts */
	unsigned dimensions;		/* ONE(BY_…) */
	const struct definition
		*definitions; /* ends in {0}; the first whose years fit is the headline */
	const char *counts;   /* of GROWTH: the indicator whose counts grow; else NULL */
};

/* Every computed indicator, ending in {0}. */
extern const struct indicator indicators[];

/* The family whose contributions count in this way. */
const char *indicator_family(const struct indicator *indicator,
			     const struct definition *definition);
const struct indicator *indicator_find(const char *code);
/* Of windows that end in the reporting year. */
const struct definition *indicator_headline(const struct indicator *indicator, int year);

/* What a reason, or a need that is missing, is called; the code itself when it has no name. */
const char *indicator_label(const char *code, const char *language);

/* A period of the plan, or any days; both ends are inside. */
struct indicator_window {
	char period[8]; /* "" for any days */
	char start[11], end[11];
	int year; /* 0 for any days: then there is no target */
};

/* The window a year earlier; a review has none. */
bool window_previous(const struct indicator_window *window, struct indicator_window *previous);

/* What is asked, as plain data. */
struct indicator_query {
	const struct indicator *indicator;
	struct indicator_window windows[INDICATOR_WINDOWS];
	size_t window_count;
	char unit[24];
	const char *level; /* NULL: the unit itself */
	const char *map, *basis;
	const struct definition *definition; /* NULL: the headline */
	unsigned by;			     /* ONE(BY_…) */
	enum format format;
	bool has_format, bom, is_jsonstat;
	char as_of[32]; /* "": now; else what had been submitted by that instant */
	char today[11];
};

/* Where the question comes from decides which parameters there are. */
enum indicator_view { INDICATOR_ROWS, INDICATOR_CATALOGUE, INDICATOR_EXPLANATION };

/* Reads the parameters; `indicator` (but for the catalogue) and `today` are set before. Every fault
 * is named. */
bool indicator_query_parse(struct indicator_query *query, enum indicator_view view,
			   const struct parameter *parameters, size_t count,
			   struct error *error) CHECKED;
/* How the window is counted: as asked, else by the headline of the year that it ends in. */
const struct definition *indicator_definition(const struct indicator_query *query,
					      const struct indicator_window *window);

#endif
