/* The list of all nouns, in the order of the contract. */
#include <stddef.h>

#include "resource.h"

const struct resource *const resources[] = {
	&people,
	&person_statuses,
	&person_violations,
	&person_interventions,
	&interventions,
	&crimes,
	&crime_participants,
	&crime_stages,
	&hotspots,
	&hotspot_events,
	&training_sessions,
	&session_attendees,
	&campaigns,
	&models,
	&union_organizations,
	&key_communes,
	&institutions,
	&institution_headcounts,
	&tasks,
	&task_assignments,
	&task_progress,
	&baselines,
	&units,
	&agencies,
	&organizations,
	&targets,
	&codes,
	&reporting_periods,
	&legal_references,
	NULL,
};
