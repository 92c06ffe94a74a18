/* Keeps the figures ready: the refresher's work, and building them anew. */
#ifndef LACHAN_FIGURES_H
#define LACHAN_FIGURES_H

#include "error.h"
#include "pool.h"

enum { FIGURES_BATCH = 1000 };

/* Takes up to FIGURES_BATCH notes of changed subjects and brings the figures up to date; *taken is
 * how many there were, and *must_rebuild that nothing can be done before figures_rebuild(). */
bool figures_refresh(struct pool *pool, long *taken, bool *must_rebuild,
		     struct error *error) CHECKED;

struct figures_report {
	struct {
		char family[24];
		long long rows;
	} families[16];
	int count;
};

/* All anew, from the records. only_if_needed: nothing is done when another was quicker; `report`
 * may be NULL. */
bool figures_rebuild(struct pool *pool, bool only_if_needed, struct figures_report *report,
		     struct error *error) CHECKED;

/* Where what is kept is not what the records tell. */
struct figures_difference {
	const char *what; /* subject, cell or unit (a cell of a whole one) */
	const char *measure, *period;
	const char *of;		      /* the subject's id, or the cell */
	const char *kept, *recounted; /* NULL: not there */
};

struct figures_verdict {
	bool is_built; /* else nothing could be compared */
	long long measures, subjects, cells, differences;
};

/* Recounts every indicator from the records and tells each difference to what is kept. */
bool figures_verify(struct pool *pool, void (*tell)(const struct figures_difference *difference),
		    struct figures_verdict *verdict, struct error *error) CHECKED;

/* A parameter of the figures; what is kept is built anew when it changes. */
bool figures_parameter(struct pool *pool, const char *name, int value, struct error *error) CHECKED;

#endif
