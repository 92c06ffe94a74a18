/* The terms that run: what is due, due soon or breached, for the caller's eyes. */
#include <stddef.h>

#include "resource.h"

static const struct field fields[] = {
	{"id", UUID, READ_ONLY | SORT, .about = "Of the status, hand-over, review or assignment"},
	{"kind", CODE, READ_ONLY | FILTER, .codes = &codes_clock_kind},
	{"person", UUID, READ_ONLY | FILTER, .sensitivity = CASE},
	{"unit", UNIT, READ_ONLY | FILTER},
	{"organization", ORGANIZATION, READ_ONLY | FILTER, .about = "At whose desk it is"},
	{"starts_on", DATE, READ_ONLY},
	{"due_on", DATE, READ_ONLY | FILTER | SORT, .about = "The last day of the term"},
	{"days_left", INTEGER, READ_ONLY, .about = "Below 0: so long past"},
	{"state", CODE, READ_ONLY | FILTER, .codes = &codes_clock_state,
	 .about = "running, due_soon, or breached: the term has passed"},
	{"basis", TEXT, READ_ONLY, .about = "The law or the clause of the plan"},
	{0},
};

const struct resource clocks = {
	.name = "clocks",
	.table = "clocks",
	.title = "Clock",
	.about =
		"Terms of management, rehabilitation and aftercare, hand-overs, reviews, tasks and "
		"reports that run, end within 90 days or are past, as far as the caller sees them",
	.fields = fields,
	.traits = REFERENCE_DATA | OWN_RULES | AUDITED | PERSONAL,
};
