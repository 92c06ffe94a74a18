/* What is done for a person: every kind that target II.1 asks for. */
#include "record.h"

#define REST                                                                                       \
	{"kind", CODE, REQUIRED | FIXED | FILTER, .codes = &codes_intervention_kind,               \
	 .sensitivity = CASE},                                                                     \
		{"status",                                                                         \
		 CODE,                                                                             \
		 REQUIRED | FILTER,                                                                \
		 .codes = &codes_intervention_status,                                              \
		 .sensitivity = CASE,                                                              \
		 .about = "planned → in_progress → completed, refused or cancelled"},              \
		{"starts_on", DATE, REQUIRED | FILTER | SORT, .sensitivity = CASE},                \
		{"ends_on", DATE, FILTER, .sensitivity = CASE, .about = "Of what is completed"},   \
		{"unit", UNIT, READ_ONLY | FILTER, .about = "The commune that holds the file"},    \
		{"provider", ORGANIZATION, FILTER, .about = "The organisation that provides it"},  \
		{"provider_name", TEXT, .max = 200, .about = "A provider outside the programme"},  \
		{"rehab_form",                                                                     \
		 CODE,                                                                             \
		 FILTER,                                                                           \
		 .codes = &codes_rehab_form,                                                       \
		 .sensitivity = CASE,                                                              \
		 .about = "Of rehab; compulsory from 12 years on"},                                \
		{"outcome", CODE, FILTER, .codes = &codes_intervention_outcome,                    \
		 .sensitivity = CASE},                                                             \
		{"employer", TEXT, .max = 200, .sensitivity = EMPLOYMENT,                          \
		 .about = "Of employment; the person's own trade counts"},                         \
		{"job_until", DATE, .sensitivity = EMPLOYMENT,                                     \
		 .about = "Of employment: the last day of the job, null while it lasts"},          \
		{"confirmed_by_union_on", DATE, PAST, .sensitivity = EMPLOYMENT,                   \
		 .about = "Of employment: confirmed by the commune's Youth Union (II.3)"},         \
		{"confirmed_by_police_on", DATE, PAST, .sensitivity = EMPLOYMENT,                  \
		 .about = "Of employment: confirmed by the commune's police (II.3)"},              \
		{"loan_amount",                                                                    \
		 INTEGER,                                                                          \
		 .min = 1,                                                                         \
		 .max = 2000000000,                                                                \
		 .sensitivity = EMPLOYMENT,                                                        \
		 .about = "Of a loan, in đồng"},                                                   \
		{"note", TEXT, .max = 2000, .sensitivity = CASE},                                  \
		{"source", TEXT, FIXED | FILTER, .max = 64},                                       \
		{"external_id", TEXT, FIXED | FILTER, .max = 128}, RECORD_END

static const struct field fields[] = {
	RECORD_ID,
	{"person", REFERENCE, REQUIRED | FIXED | FILTER, .references = &people,
	 .sensitivity = IDENTITY},
	{"pseudonym", PSEUDONYM, READ_ONLY, .column = "interventions.pseudonym",
	 .about = "Of the person, for agencies that know people by it alone: the same in every "
		  "record, and another for each agency"},
	REST,
};

static const struct field nested_fields[] = {
	RECORD_ID,
	{"person", REFERENCE, READ_ONLY, .references = &people, .sensitivity = IDENTITY},
	REST,
};

static const struct rule rules[] = {
	{"ends_on", NOT_BEFORE, "starts_on"},
	{"ends_on", REQUIRED_WHEN, "status", "completed"},
	{"rehab_form", REQUIRED_WHEN, "kind", "rehab"},
	{"rehab_form", FORBIDDEN_UNLESS, "kind", "rehab"},
	{"employer", FORBIDDEN_UNLESS, "kind", "employment"},
	{"job_until", FORBIDDEN_UNLESS, "kind", "employment"},
	{"job_until", NOT_BEFORE, "starts_on"},
	{"confirmed_by_union_on", FORBIDDEN_UNLESS, "kind", "employment"},
	{"confirmed_by_union_on", NOT_BEFORE, "starts_on"},
	{"confirmed_by_police_on", FORBIDDEN_UNLESS, "kind", "employment"},
	{"confirmed_by_police_on", NOT_BEFORE, "starts_on"},
	{"loan_amount", FORBIDDEN_UNLESS, "kind", "loan"},
	{0},
};

const struct resource interventions = {
	.name = "interventions",
	.table = "interventions",
	.title = "Intervention",
	.about = "Counselling, screening, treatment, rehabilitation and support for one person",
	.fields = fields,
	.rules = rules,
	.seen = "interventions_seen",
	.traits = AUDITED | PERSONAL,
};

/* The same table below one person. */
const struct resource person_interventions = {
	.name = "interventions",
	.table = "interventions",
	.title = "PersonIntervention",
	.about = "The interventions of one person",
	.fields = nested_fields,
	.rules = rules,
	.parent = &people,
	.parent_field = "person",
	.seen = "interventions_seen",
	.traits = AUDITED | PERSONAL,
};
