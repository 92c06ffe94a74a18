/* Who may do what: the rule for the 19 agencies, as data. */
#include "access.h"

#include <string.h>

#include "scope.h"

const char *const role_names[ROLES] = {
	[VIEWER] = "viewer",	 [OFFICER] = "officer", [ADMIN] = "admin",
	[OPERATOR] = "operator", [SERVICE] = "service",
};

enum {
	C = ONE(CREATE),
	R = ONE(LIST) | ONE(READ),
	U = ONE(UPDATE),
	V = ONE(REMOVE),
};

/* Whoever may read people of some territory by itself. */
#define PEOPLE_READERS (ONE(1) | ONE(2) | ONE(3) | ONE(4) | ONE(5) | ONE(16) | ONE(17) | ONE(19))
#define OPERATOR_TOO (ANY_AGENCY | ONE(0))
#define PEOPLE (ONE(VIEWER) | ONE(OFFICER) | ONE(ADMIN) | ONE(OPERATOR))
#define OFFICERS (ONE(OFFICER) | ONE(ADMIN))

const struct grant grants[] = {
	{ONE(1), &people, C | R | U | V, TERRITORY, ALL_ROWS},
	{ONE(4) | ONE(19), &people, C | R | U, TERRITORY, ALL_ROWS},
	{ONE(2), &people, C | R, TERRITORY, STUDENTS},
	{ONE(3), &people, C | R, TERRITORY, BORDER},
	{ONE(5), &people, C | R, TERRITORY, ALL_ROWS},
	{ONE(16), &people, R, TERRITORY, CRIME_LINKED},
	{ONE(17), &people, R, TERRITORY, AFTERCARE},

	{ANY_AGENCY, &people, ONE(READ), SHARED, ALL_ROWS},

	{PEOPLE_READERS, &referrals, C | R | U, PARTY, ALL_ROWS},
	{ANY_AGENCY & ~PEOPLE_READERS, &referrals, R | U, PARTY, ALL_ROWS},
	{ONE(1), &referrals, R, TERRITORY, ALL_ROWS},
	{ONE(1) | ONE(4) | ONE(19), &handovers, C | R | U, EITHER_END, ALL_ROWS},
	/* Somebody answers for it by name: no system, behind which may stand anybody. */
	{PEOPLE_READERS, &break_glasses, R, PARTY, ALL_ROWS},
	{PEOPLE_READERS, &break_glasses, C | U, PARTY, ALL_ROWS, OFFICERS},
	{ONE(1), &break_glasses, R, EVERYWHERE, PROVINCE_WIDE},
	{ONE(1), &break_glasses, U, EVERYWHERE, PROVINCE_WIDE, OFFICERS},
	{PEOPLE_READERS, &person_duplicates, ONE(LIST), VIA_PARENT, ALL_ROWS},
	{ONE(1) | ONE(4) | ONE(19), &merges, C | R | U, TERRITORY, ALL_ROWS},
	{ANY_AGENCY, &notices, R | U, OWN, ALL_ROWS},

	{ONE(1) | ONE(19), &subject_requests, C | R | U, TERRITORY, ALL_ROWS},
	{PEOPLE_READERS & ~(ONE(1) | ONE(19)), &subject_requests, C | R | U, OWN, ALL_ROWS},
	{ONE(1) | ONE(19), &restrictions, C | R | U, TERRITORY, ALL_ROWS},
	{ONE(1) | ONE(19), &retention, ONE(LIST), TERRITORY, ALL_ROWS, ONE(ADMIN)},
	{ONE(1) | ONE(19), &retention_decisions, C | R | U, TERRITORY, ALL_ROWS, ONE(ADMIN)},

	/* Whoever a person is shared with reads what hangs on it, and writes nothing. */
	{PEOPLE_READERS, &person_statuses, R, VIA_PARENT, ALL_ROWS},
	{ONE(1) | ONE(4) | ONE(19), &person_statuses, C | U, VIA_PARENT, HELD},
	{ONE(1), &person_statuses, V, VIA_PARENT, HELD},

	{PEOPLE_READERS, &person_violations, R, VIA_PARENT, ALL_ROWS},
	{ONE(1), &person_violations, C | U | V, VIA_PARENT, HELD},
	{ONE(19), &person_violations, C, VIA_PARENT, HELD},

	{ONE(1) | ONE(4) | ONE(19), &interventions, C | R | U | V, TERRITORY, ALL_ROWS},
	{ONE(2), &interventions, C | R | U, OWN, SCHOOL_KINDS},
	{ONE(5), &interventions, C | R | U | V, OWN, HEALTH_KINDS},
	{ONE(5), &interventions, R, TERRITORY, HEALTH_KINDS},
	{ONE(12), &interventions, C | R | U, OWN, COMMUNITY_KIND},
	{ONE(14), &interventions, R | U, TERRITORY, LOAN_KIND},
	{ONE(17), &interventions, C | R | U, OWN, REINTEGRATION_KINDS},
	{ONE(18), &interventions, C | R | U, OWN, COUNSEL_KINDS},

	{ONE(1), &crimes, C | R | U | V, TERRITORY, ALL_ROWS},
	{ONE(3), &crimes, C | R | U, OWN, BORDER},
	/* What it writes of a case are its stages. */
	{ONE(16), &crimes, R, TERRITORY, ALL_ROWS},
	{ONE(19), &crimes, R, TERRITORY, ALL_ROWS},

	{ONE(1) | ONE(3), &crime_participants, C | R | U, VIA_PARENT, ALL_ROWS},
	{ONE(1), &crime_participants, V, VIA_PARENT, ALL_ROWS},
	{ONE(16), &crime_participants, R, VIA_PARENT, ALL_ROWS},

	{ONE(1) | ONE(3) | ONE(16), &crime_stages, C | R | U, VIA_PARENT, ALL_ROWS},
	{ONE(1), &crime_stages, V, VIA_PARENT, ALL_ROWS},
	{ONE(19), &crime_stages, R, VIA_PARENT, ALL_ROWS},

	{ONE(1), &hotspots, C | R | U | V, TERRITORY, ALL_ROWS},
	{ONE(3), &hotspots, C | R, TERRITORY, BORDER},
	{ONE(13) | ONE(19), &hotspots, R, TERRITORY, ALL_ROWS},

	{ONE(1), &hotspot_events, C | R | U | V, VIA_PARENT, ALL_ROWS},
	{ONE(3) | ONE(13) | ONE(19), &hotspot_events, R, VIA_PARENT, ALL_ROWS},

	{ANY_AGENCY, &training_sessions, R, EVERYWHERE, ALL_ROWS},
	{ANY_AGENCY, &training_sessions, C | U | V, OWN, ALL_ROWS},
	{ANY_AGENCY, &session_attendees, C | R | U | V, OWN, ALL_ROWS},

	{ANY_AGENCY, &campaigns, R, EVERYWHERE, ALL_ROWS},
	{ANY_AGENCY, &campaigns, C | U | V, OWN, ALL_ROWS},

	{ANY_AGENCY, &models, R, EVERYWHERE, ALL_ROWS},
	{ONE(1) | ONE(2) | ONE(3) | ONE(12) | ONE(17) | ONE(18) | ONE(19), &models, C | U | V, OWN,
	 ALL_ROWS},

	{ANY_AGENCY, &union_organizations, R, EVERYWHERE, ALL_ROWS},
	{ONE(17), &union_organizations, C | U | V, TERRITORY, ALL_ROWS},

	{ANY_AGENCY, &key_communes, R, EVERYWHERE, ALL_ROWS},
	{ONE(1), &key_communes, C | U | V, TERRITORY, ALL_ROWS},

	{ANY_AGENCY, &institutions, R, EVERYWHERE, ALL_ROWS},
	{ONE(2), &institutions, C | U | V, TERRITORY, ALL_ROWS},
	{ANY_AGENCY, &institution_headcounts, R, VIA_PARENT, ALL_ROWS},
	{ONE(2), &institution_headcounts, C | U | V, VIA_PARENT, ALL_ROWS},

	{OPERATOR_TOO, &tasks, R, EVERYWHERE, ALL_ROWS},
	{ANY_AGENCY, &task_assignments, R, EVERYWHERE, ALL_ROWS},
	{ONE(1), &task_assignments, C | U | V, EVERYWHERE, ALL_ROWS},
	/* Parts of what was given to the caller (db/migrations/0021). */
	{ANY_AGENCY & ~ONE(1), &task_assignments, C | U, OWN, ALL_ROWS},
	{OPERATOR_TOO, &task_trees, R, EVERYWHERE, ALL_ROWS},
	{OPERATOR_TOO, &task_overview, R, EVERYWHERE, ALL_ROWS},
	{ANY_AGENCY, &clocks, R, OWN, ALL_ROWS},
	{ANY_AGENCY, &task_progress, C, OWN, ALL_ROWS},
	{ANY_AGENCY, &task_progress, R | U, ASSIGNED, ALL_ROWS},
	{ONE(1), &task_progress, R | U, EVERYWHERE, ALL_ROWS},

	{ANY_AGENCY, &reports, C | R | U, OWN, ALL_ROWS},
	{ONE(1), &reports, R | U, EVERYWHERE, ALL_ROWS},
	{ONE(17), &reports, R, EVERYWHERE, ALL_ROWS},
	/* The Youth Union reads what is typed in /figures, without small counts of people. */
	{ANY_AGENCY & ~ONE(17), &report_entries, R, VIA_PARENT, ALL_ROWS},
	{ONE(17), &report_entries, R, OWN, ALL_ROWS},
	{ANY_AGENCY, &report_entries, C | U | V, OWN, ALL_ROWS},
	{OPERATOR_TOO, &report_completeness, R, OWN, ALL_ROWS},
	{ONE(1) | ONE(17), &report_completeness, R, EVERYWHERE, ALL_ROWS},

	/* Entered by the owner of a target (db/migrations/0009), approved by agency 1. */
	{ANY_AGENCY, &baselines, R, EVERYWHERE, NO_SMALL_PLACE},
	{ONE(4) | ONE(5) | ONE(19), &baselines, R, TERRITORY, ALL_ROWS},
	{ONE(1), &baselines, C | R | U | V, EVERYWHERE, ALL_ROWS},
	{ONE(2) | ONE(4) | ONE(5) | ONE(17), &baselines, C | R | U | V, OWN, ALL_ROWS},

	{OPERATOR_TOO, &units, R, EVERYWHERE, ALL_ROWS},
	{OPERATOR_TOO, &agencies, R, EVERYWHERE, ALL_ROWS},
	{OPERATOR_TOO, &organizations, R, EVERYWHERE, ALL_ROWS},
	{OPERATOR_TOO, &targets, R, EVERYWHERE, ALL_ROWS},
	{OPERATOR_TOO, &codes, R, EVERYWHERE, ALL_ROWS},
	{OPERATOR_TOO, &reporting_periods, R, EVERYWHERE, ALL_ROWS},
	{OPERATOR_TOO, &legal_references, R, EVERYWHERE, ALL_ROWS},

	{ONE(0), &organizations, C | U, EVERYWHERE, ALL_ROWS, ONE(OPERATOR)},
	{OPERATOR_TOO, &held_seats, R, EVERYWHERE, ALL_ROWS},
	{ONE(0), &held_seats, C | U, EVERYWHERE, ALL_ROWS, ONE(OPERATOR)},
	{OPERATOR_TOO, &successions, R, EVERYWHERE, ALL_ROWS},
	{ONE(0), &successions, C, EVERYWHERE, ALL_ROWS, ONE(OPERATOR)},
	{ONE(1), &reform_undecided, R, EVERYWHERE, ALL_ROWS},
	{ONE(0), &reform_undecided, R, EVERYWHERE, ALL_ROWS, ONE(OPERATOR)},
	{ONE(1), &reform_transfers, R, EVERYWHERE, ALL_ROWS},
	{ONE(1), &reform_transfers, C, EVERYWHERE, ALL_ROWS, ONE(ADMIN)},
	{ONE(0), &reform_transfers, C | R, EVERYWHERE, ALL_ROWS, ONE(OPERATOR)},

	{ANY_AGENCY, &users, C | R | U, OWN, ALL_ROWS, ONE(ADMIN)},
	{ONE(0), &users, C | R | U, EVERYWHERE, ALL_ROWS, ONE(OPERATOR)},
	{ANY_AGENCY, &system_clients, C | R | U, OWN, ALL_ROWS, ONE(ADMIN)},
	{ONE(0), &system_clients, C | R | U, EVERYWHERE, ALL_ROWS, ONE(OPERATOR)},
	{OPERATOR_TOO, &open_sessions, R | V, OWN, ALL_ROWS, PEOPLE},

	{ONE(1), &audit, ONE(LIST), EVERYWHERE, PROVINCE_WIDE, .roles = ONE(ADMIN)},
	{ANY_AGENCY, &audit, ONE(LIST), OWN, ALL_ROWS, .roles = ONE(ADMIN)},
	{ONE(0), &audit, ONE(LIST), EVERYWHERE, ADMINISTRATION, .roles = ONE(OPERATOR)},
	{0},
};

/* Field classes hidden whatever the row, of a person and of what tells of a person. */
static const struct {
	agency_set agencies;
	const struct resource *resource;
	unsigned classes;
} hidden[] = {
	{ONE(2), &people, ONE(HEALTH_CLASS) | ONE(CRIMINAL) | ONE(CONTACT)},
	{ONE(3), &people, ONE(HEALTH_CLASS) | ONE(CRIMINAL)},
	{ONE(4) | ONE(5) | ONE(19), &people, ONE(CRIMINAL)},
	{ONE(16), &people, ONE(HEALTH_CLASS) | ONE(CONTACT)},
	{ONE(17), &people, ONE(HEALTH_CLASS) | ONE(CRIMINAL)},
	{ANY_AGENCY & ~PEOPLE_READERS, &people,
	 ONE(HEALTH_CLASS) | ONE(CRIMINAL) | ONE(CONTACT)}, /* when shared with them */
	{ONE(2) | ONE(3) | ONE(16) | ONE(17), &person_statuses, ONE(HEALTH_CLASS)},
	{ONE(2) | ONE(3) | ONE(4) | ONE(5) | ONE(17) | ONE(19), &person_violations, ONE(CRIMINAL)},
	{ONE(12) | ONE(14) | ONE(18), &interventions, ONE(IDENTITY)},
	{ONE(12) | ONE(14) | ONE(18), &notices, ONE(IDENTITY)},
	{ONE(19), &crimes, ONE(CRIMINAL)},
	{ONE(19), &crime_stages, ONE(CRIMINAL)},
};

/* The nested view of a resource is ruled by the rows of the resource itself. */
static const struct resource *ruled_by(const struct resource *resource)
{
	return resource == &person_interventions ? &interventions : resource;
}

size_t access_grants(int agency, const struct resource *resource, enum operation operation,
		     const struct grant **found, size_t capacity)
{
	size_t count = 0;

	/* Below a person stands whose they are: who knows people by pseudonym asks beside it. */
	if (resource == &person_interventions && access_by_pseudonym(agency))
		return 0;
	resource = ruled_by(resource);
	for (const struct grant *grant = grants; grant->agencies; grant++)
		if (grant->resource == resource && grant->agencies & ONE(agency) &&
		    grant->operations & ONE(operation) && count < capacity)
			found[count++] = grant;
	return count;
}

bool access_reaches(const struct caller *caller, const char *unit)
{
	size_t length = strlen(unit);

	if (!strcmp(caller->units, "*"))
		return true;
	for (const char *key = caller->units; *key; key += strcspn(key, ",")) {
		key += *key == ',';
		if (strcspn(key, ",") == length && !memcmp(key, unit, length))
			return true;
	}
	return false;
}

static bool is_writing(enum operation operation)
{
	return operation != LIST && operation != READ;
}

/* Whom an operation is for, where a grant names no roles. */
static bool is_for(enum operation operation, enum role role)
{
	if (is_writing(operation) && (role == VIEWER || role == OPERATOR))
		return false;
	return operation != REMOVE || role == ADMIN;
}

bool access_may(const struct caller *caller, const struct resource *resource,
		enum operation operation)
{
	const struct grant *found[8];
	size_t count = access_grants(caller->agency, resource, operation, found, 8);
	bool is_granted = false;

	for (size_t i = 0; i < count; i++)
		is_granted |= found[i]->roles ? (found[i]->roles & ONE(caller->role)) != 0
					      : is_for(operation, caller->role);
	return is_granted &&
	       (!caller->is_system ||
		caller->scopes & scope_bit(ruled_by(resource), is_writing(operation)));
}

unsigned access_hidden(int agency, const struct resource *resource)
{
	resource = ruled_by(resource);
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (hidden[i].resource == resource && hidden[i].agencies & ONE(agency))
			return hidden[i].classes;
	return 0;
}

unsigned access_hidden_of_minors(int agency, const struct resource *resource)
{
	static const agency_set exempt = ONE(1) | ONE(4) | ONE(5) | ONE(16) | ONE(19);

	/* Agency 19 lists nobody but the people of its own unit. */
	if (exempt & ONE(agency))
		return 0;
	if (resource == &people)
		return (ONE(CONTACT) | ONE(CRIMINAL)) & ~access_hidden(agency, resource);
	return resource == &crime_participants ? ONE(CRIMINAL) : 0;
}

unsigned access_hidden_of_others_minors(int agency, const struct resource *resource)
{
	return resource == &people && agency == 19 ? ONE(CONTACT) : 0;
}

bool access_by_pseudonym(int agency)
{
	return access_hidden(agency, &interventions) & ONE(IDENTITY);
}

int access_sees_like(int agency, const struct resource *resource)
{
	int first = 1;

	while (first < agency &&
	       (access_hidden(first, resource) != access_hidden(agency, resource) ||
		access_hidden_of_minors(first, resource) !=
			access_hidden_of_minors(agency, resource) ||
		access_hidden_of_others_minors(first, resource) !=
			access_hidden_of_others_minors(agency, resource)))
		first++;
	return first;
}

bool access_is_others(const struct caller *caller, const struct resource *resource,
		      enum operation operation)
{
	return operation != LIST && access_hidden_of_others_minors(caller->agency, resource);
}

bool access_hides_name(const struct caller *caller, const struct resource *resource,
		       const struct field *field, bool is_bulk)
{
	return is_bulk && !caller->minor_names && field->type == NAME &&
	       (resource == &people || resource == &crime_participants);
}

bool access_hides_of_minors(const struct caller *caller, const struct resource *resource,
			    const struct field *field, enum operation operation, bool is_bulk)
{
	unsigned classes = access_hidden_of_minors(caller->agency, resource);

	if (access_is_others(caller, resource, operation))
		classes |= access_hidden_of_others_minors(caller->agency, resource);
	if (access_hides_name(caller, resource, field, is_bulk))
		return true;
	return field->sensitivity != OPEN && classes & ONE(field->sensitivity);
}

bool access_sees(const struct caller *caller, const struct resource *resource,
		 const struct field *field)
{
	unsigned classes = access_hidden(caller->agency, resource) |
			   access_hidden_of_minors(caller->agency, resource);

	return field->sensitivity == OPEN || !(classes & ONE(field->sensitivity));
}
