/* Models of prevention: the Youth Union's (target II.3.b) and everyone else's. */
#include "record.h"

static const struct field fields[] = {
	RECORD_ID,
	{"name", TEXT, REQUIRED | SORT, .max = 200},
	{"kind", CODE, REQUIRED | FILTER, .codes = &codes_model_kind},
	{"status", CODE, REQUIRED | FILTER, .codes = &codes_model_status,
	 .about = "created → active → replicated, or retired"},
	{"unit", UNIT, REQUIRED | FILTER, .about = "The commune, as it was on started_on"},
	{"union_organization", REFERENCE, FILTER, .references = &union_organizations,
	 .about = "Who runs it, when it is the Youth Union's"},
	{"started_on", DATE, REQUIRED | FILTER | SORT,
	 .about = "In the future only while it is created"},
	{"ended_on", DATE, FILTER | PAST, .about = "Of what is retired: the last day"},
	{"note", TEXT, .max = 2000},
	RECORD_END,
};

static const struct rule rules[] = {
	{"ended_on", NOT_BEFORE, "started_on"},
	{"ended_on", REQUIRED_WHEN, "status", "retired"},
	{"ended_on", FORBIDDEN_UNLESS, "status", "retired"},
	{0},
};

const struct resource models = {
	.name = "models",
	.table = "models",
	.title = "Model",
	.about = "Models of prevention and reintegration in the communes; no personal data",
	.fields = fields,
	.rules = rules,
};
