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

/* A parameter of the figures; what is kept is built anew when it changes. */
bool figures_parameter(struct pool *pool, const char *name, int value, struct error *error) CHECKED;

#endif
