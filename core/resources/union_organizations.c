/* The organisations of the Youth Union that target II.3.a counts. */
#include "record.h"

static const struct field fields[] = {
	RECORD_ID,
	{"name", TEXT, REQUIRED | SORT, .max = 200},
	{"level", CODE, REQUIRED | FIXED | FILTER, .codes = &codes_union_level},
	{"unit", UNIT, REQUIRED | FILTER,
	 .about = "The province for level province, else a commune"},
	{"parent", REFERENCE, FILTER, .references = &union_organizations,
	 .about = "The one above it, of a higher level"},
	{"active_from", DATE, REQUIRED | FILTER | PAST},
	{"active_to", DATE, FILTER, .about = "The last day; null while it is active"},
	RECORD_END,
};

static const struct rule rules[] = {
	{"active_to", NOT_BEFORE, "active_from"},
	{0},
};

const struct resource union_organizations = {
	.name = "union-organizations",
	.table = "union_organizations",
	.title = "UnionOrganization",
	.about = "The register of Youth Union organisations",
	.fields = fields,
	.rules = rules,
};
