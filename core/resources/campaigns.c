/* Campaigns, movements and peak periods against drugs (target II.3.a). */
#include "record.h"

static const struct field fields[] = {
	RECORD_ID,
	{"kind", CODE, REQUIRED | FILTER, .codes = &codes_campaign_kind},
	{"title", TEXT, REQUIRED, .max = 300},
	{"status", CODE, REQUIRED | FILTER, .codes = &codes_campaign_status,
	 .about = "planned → running → held, or cancelled"},
	{"starts_on", DATE, REQUIRED | FILTER | SORT},
	{"ends_on", DATE, FILTER},
	{"unit", UNIT, REQUIRED | FILTER, .about = "Where: a commune, a district or the province"},
	{"union_organization", REFERENCE, FILTER, .references = &union_organizations,
	 .about = "Whose movement it is, when it is the Youth Union's"},
	{"peak", CODE, FILTER, .codes = &codes_campaign_peak,
	 .about = "The month or day of the year that it belongs to"},
	{"reach", INTEGER, .max = 10000000, .about = "How many people it reached"},
	{"note", TEXT, .max = 2000},
	RECORD_END,
};

static const struct rule rules[] = {
	{"ends_on", NOT_BEFORE, "starts_on"},
	{"union_organization", FORBIDDEN_UNLESS, "kind", "movement"},
	{"peak", REQUIRED_WHEN, "kind", "peak"},
	{0},
};

const struct resource campaigns = {
	.name = "campaigns",
	.table = "campaigns",
	.title = "Campaign",
	.about = "Campaigns, movements and peak periods; no personal data",
	.fields = fields,
	.rules = rules,
};
