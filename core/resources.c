/* The list of all nouns, in the order of the contract. */
#include <stddef.h>

#include "resource.h"

const struct resource *const resources[] = {
	&people,
	&person_statuses,
	&person_interventions,
	&interventions,
	&crimes,
	&crime_participants,
	&crime_stages,
	&training_sessions,
	&institutions,
	&tasks,
	&task_assignments,
	&task_progress,
	&units,
	&agencies,
	&organizations,
	&targets,
	&codes,
	&reporting_periods,
	&legal_references,
	NULL,
};
