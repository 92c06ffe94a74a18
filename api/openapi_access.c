/* The contract's sentences on who may do what, from the access tables. */
#include <string.h>

#include "openapi.h"

enum { GRANTS_MAX = 128, AGENCIES = 19 };

static const char *const scope_names[] = {
	[EVERYWHERE] = "everywhere",
	[TERRITORY] = "territory",
	[OWN] = "own",
	[VIA_PARENT] = "where the parent record is seen",
	[SHARED] = "people shared with it",
	[PARTY] = "where it is one of the two sides",
	[ASSIGNED] = "of its own, or of a task assigned to it",
	[EITHER_END] = "from or to its territory",
};

static const char *const row_names[ROW_CONDITIONS] = {
	[STUDENTS] = "people with a place of study",
	[BORDER] = "border communes",
	[SCHOOL_KINDS] = "counselling, behaviour_education",
	[HEALTH_KINDS] =
		"screening, assessment, counselling, treatment, substitution, psychological",
	[COMMUNITY_KIND] = "community_support",
	[LOAN_KIND] = "loan",
	[REINTEGRATION_KINDS] = "vocational_training, employment, loan, mentoring",
	[COUNSEL_KINDS] = "counselling, community_support",
	[CRIME_LINKED] = "people linked to a crime or in compulsory rehabilitation",
	[AFTERCARE] = "people with status post_rehab or released",
	[ADMINISTRATION] = "users, clients, sessions, organisations",
	[PROVINCE_WIDE] = "whoever sees the whole province",
	[HELD] = "people of its territory, not those shared with it",
};

void openapi_add_agencies(struct text *text, agency_set set)
{
	const char *comma = "";

	if ((set & ANY_AGENCY) == ANY_AGENCY) {
		text_add(text, "all");
		return;
	}
	for (int agency = 1; agency <= AGENCIES; agency++)
		if (set & ONE(agency)) {
			text_addf(text, "%s%d", comma, agency);
			comma = ", ";
		}
}

/* Which agencies each row of `grants` lets do it. */
static agency_set collect(const struct resource *resource, enum operation operation,
			  agency_set sets[GRANTS_MAX])
{
	const struct grant *found[8];
	agency_set all = 0;

	for (int agency = 1; agency <= AGENCIES; agency++) {
		size_t count = access_grants(agency, resource, operation, found, 8);

		for (size_t i = 0; i < count; i++)
			if (found[i] - grants < GRANTS_MAX)
				sets[found[i] - grants] |= ONE(agency);
		all |= count ? ONE(agency) : 0;
	}
	return all;
}

static void add_granted(struct text *text, agency_set sets[GRANTS_MAX])
{
	const char *opening = "Agencies: ";

	for (size_t i = 0; i < GRANTS_MAX && grants[i].agencies; i++) {
		if (!sets[i])
			continue;
		for (size_t j = i + 1; j < GRANTS_MAX && grants[j].agencies; j++)
			if (sets[j] && grants[j].scope == grants[i].scope &&
			    grants[j].rows == grants[i].rows) {
				sets[i] |= sets[j];
				sets[j] = 0;
			}
		text_add(text, opening);
		openapi_add_agencies(text, sets[i]);
		text_addf(text, " (%s", scope_names[grants[i].scope]);
		if (grants[i].rows)
			text_addf(text, ": %s", row_names[grants[i].rows]);
		text_add(text, ")");
		opening = "; ";
	}
	text_add(text, ".");
}

static int first_of(agency_set set)
{
	int agency = 0;

	while (agency < AGENCIES && !(set & ONE(agency)))
		agency++;
	return agency;
}

static void add_roles(struct text *text, const struct resource *resource, enum operation operation,
		      agency_set who)
{
	const char *opening = "\n\nRoles: ";

	for (int role = 0; role < ROLES; role++) {
		const struct caller caller = {
			.role = (enum role)role,
			.agency = role == OPERATOR ? 0 : first_of(who),
			.is_system = role == SERVICE,
			.scopes = UINT64_MAX,
		};

		if (!access_may(&caller, resource, operation))
			continue;
		text_addf(text, "%s%s", opening, role_names[role]);
		if (role == SERVICE)
			text_add(text, " (within its scopes)");
		opening = ", ";
	}
	text_add(text, ".");
}

static void add_classes(struct text *text, unsigned classes)
{
	const char *comma = "";

	for (unsigned class = IDENTITY; class <= CRIMINAL; class ++)
		if (classes & ONE(class)) {
			text_addf(text, "%s%s", comma, field_class_names[class]);
			comma = ", ";
		}
}

/* Agencies from whom the same classes are hidden share a line. */
static void add_hidden(struct text *text, const struct resource *resource, agency_set who,
		       const char *when, unsigned (*hidden)(int, const struct resource *))
{
	for (int agency = 1; agency <= AGENCIES; agency++) {
		unsigned classes = who & ONE(agency) ? hidden(agency, resource) : 0;
		agency_set same = 0;

		if (!classes)
			continue;
		for (int other = agency; other <= AGENCIES; other++)
			if (who & ONE(other) && hidden(other, resource) == classes)
				same |= ONE(other);
		who &= ~same;
		text_add(text, "\n\nHidden from ");
		openapi_add_agencies(text, same);
		text_addf(text, "%s: ", when);
		add_classes(text, classes);
		text_add(text, ".");
	}
}

void openapi_add_access(struct text *about, const struct resource *resource,
			enum operation operation)
{
	agency_set sets[GRANTS_MAX] = {0};
	agency_set who = collect(resource, operation, sets);

	if (!who) {
		text_add(about, "Agencies: none.");
		return;
	}
	add_granted(about, sets);
	add_roles(about, resource, operation, who);
	if (operation == REMOVE)
		return;
	add_hidden(about, resource, who, "", access_hidden);
	add_hidden(about, resource, who, " when the person is under 18", access_hidden_of_minors);
}
