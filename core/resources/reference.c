/* Reference data, loaded from db/seed/: units, agencies, organisations, targets, code lists. */
#include <stddef.h>

#include "resource.h"

static const struct field unit_fields[] = {
	{"key", UNIT, READ_ONLY | SORT,
	 .about = "Generation and code: codes were used again in 2025"},
	{"generation", TEXT, READ_ONLY | FILTER, .about = "2024, 202411 or 2025"},
	{"code", TEXT, READ_ONLY | FILTER, .about = "Of the statistics office"},
	{"name", TEXT, READ_ONLY | SORT},
	{"short_name", TEXT, READ_ONLY},
	{"level", CODE, READ_ONLY | FILTER, .codes = &codes_unit_level},
	{"kind", TEXT, READ_ONLY | FILTER},
	{"parent", UNIT, READ_ONLY | FILTER},
	{"valid_from", DATE, READ_ONLY},
	{"valid_to", DATE, READ_ONLY},
	{"is_border", BOOLEAN, READ_ONLY | FILTER},
	{"former_province", TEXT, READ_ONLY},
	{"in_plan", BOOLEAN, READ_ONLY | FILTER, .about = "In the Đắk Lắk of the plan"},
	{"legal_name", TEXT, READ_ONLY},
	{"area_km2", DECIMAL, READ_ONLY},
	{"successor", UNIT, READ_ONLY | FILTER, .about = "The one unit that took all of it over"},
	{"successors", DOCUMENT, READ_ONLY,
	 .column = "(SELECT json_agg(json_build_object('unit', s.successor, 'effective_on', "
		   "s.effective_on, 'extent', s.extent) ORDER BY s.effective_on, s.successor) "
		   "FROM unit_successors s WHERE s.unit = units.key)"},
	{0},
};

const struct resource units = {
	.name = "units",
	.table = "units",
	.title = "Unit",
	.about = "Administrative units before and after the reform of 2025",
	.fields = unit_fields,
	.traits = REFERENCE_DATA,
};

static const struct field agency_fields[] = {
	{"number", INTEGER, READ_ONLY | SORT},
	{"code", TEXT, READ_ONLY | FILTER},
	{"name_vi", TEXT, READ_ONLY},
	{"name_en", TEXT, READ_ONLY},
	{"mode", TEXT, READ_ONLY | FILTER, .about = "assigned or requested"},
	{"holders", DOCUMENT, READ_ONLY,
	 .column = "(SELECT json_agg(json_build_object('organization', h.organization, "
		   "'valid_from', h.valid_from, 'valid_to', h.valid_to, 'is_main', h.is_main, "
		   "'scope', h.scope) ORDER BY h.valid_from, h.organization) "
		   "FROM organization_agencies h WHERE h.agency = agencies.number)",
	 .about = "Which organisations hold it, and when"},
	{0},
};

const struct resource agencies = {
	.name = "agencies",
	.table = "agencies",
	.title = "Agency",
	.about = "The 19 responsible bodies of the plan",
	.fields = agency_fields,
	.traits = REFERENCE_DATA,
};

static const struct field organization_fields[] = {
	{"code", ORGANIZATION, READ_ONLY | SORT},
	{"name_vi", TEXT, READ_ONLY | SORT},
	{"name_en", TEXT, READ_ONLY},
	{"kind", TEXT, READ_ONLY | FILTER},
	{"unit", UNIT, READ_ONLY | FILTER},
	{"valid_from", DATE, READ_ONLY},
	{"valid_to", DATE, READ_ONLY},
	{"agencies", DOCUMENT, READ_ONLY,
	 .column = "(SELECT json_agg(json_build_object('agency', h.agency, 'valid_from', "
		   "h.valid_from, 'valid_to', h.valid_to, 'is_main', h.is_main) ORDER BY "
		   "h.valid_from, h.agency) FROM organization_agencies h "
		   "WHERE h.organization = organizations.code)"},
	{"successors", DOCUMENT, READ_ONLY,
	 .column = "(SELECT json_agg(json_build_object('organization', s.successor, "
		   "'effective_on', s.effective_on) ORDER BY s.successor) "
		   "FROM organization_successors s WHERE s.organization = organizations.code)"},
	{0},
};

const struct resource organizations = {
	.name = "organizations",
	.table = "organizations",
	.title = "Organization",
	.about = "The organisations that hold or held an agency's seat",
	.fields = organization_fields,
	.traits = REFERENCE_DATA,
};

static const struct field target_fields[] = {
	{"code", TEXT, READ_ONLY | FILTER | SORT},
	{"target_group", TEXT, READ_ONLY | FILTER},
	{"basis", TEXT, READ_ONLY | FILTER, .about = "stated, implied or derived"},
	{"title_vi", TEXT, READ_ONLY},
	{"title_en", TEXT, READ_ONLY},
	{"numerator", TEXT, READ_ONLY},
	{"denominator", TEXT, READ_ONLY},
	{"unit_of_measure", TEXT, READ_ONLY},
	{"direction", TEXT, READ_ONLY},
	{"period", TEXT, READ_ONLY},
	{"levels", TEXTS, READ_ONLY},
	{"owner_agency", INTEGER, READ_ONLY | FILTER},
	{"clause", TEXT, READ_ONLY},
	{"definition_version", INTEGER, READ_ONLY},
	{"milestones", DOCUMENT, READ_ONLY,
	 .column = "(SELECT json_agg(json_build_object('year', m.year, 'operator', m.operator, "
		   "'value', m.value) ORDER BY m.year) FROM target_milestones m "
		   "WHERE m.target = targets.code)"},
	{0},
};

const struct resource targets = {
	.name = "targets",
	.table = "targets",
	.title = "Target",
	.about = "The plan's 25 indicators with their milestones",
	.fields = target_fields,
	.traits = REFERENCE_DATA,
};

static const struct field code_fields[] = {
	{"id", TEXT, READ_ONLY | SORT, .column = "(codes.list || '/' || codes.code)"},
	{"list", TEXT, READ_ONLY | FILTER},
	{"code", TEXT, READ_ONLY | FILTER},
	{"vi", TEXT, READ_ONLY},
	{"en", TEXT, READ_ONLY},
	{"position", INTEGER, READ_ONLY | SORT},
	{"valid_from", DATE, READ_ONLY},
	{"valid_to", DATE, READ_ONLY},
	{0},
};

const struct resource codes = {
	.name = "codes",
	.table = "codes",
	.title = "Code",
	.about = "Every code list with Vietnamese and English labels",
	.fields = code_fields,
	.traits = REFERENCE_DATA,
};

static const struct field period_fields[] = {
	{"code", TEXT, READ_ONLY | FILTER | SORT, .about = "e.g. 2026H1, 2026Y, 2026R"},
	{"kind", TEXT, READ_ONLY | FILTER},
	{"year", INTEGER, READ_ONLY | FILTER},
	{"starts_on", DATE, READ_ONLY | SORT},
	{"ends_on", DATE, READ_ONLY},
	{"due_before", DATE, READ_ONLY},
	{"last_day_on_time", DATE, READ_ONLY},
	{"task", TEXT, READ_ONLY},
	{0},
};

const struct resource reporting_periods = {
	.name = "reporting-periods",
	.table = "reporting_periods",
	.title = "ReportingPeriod",
	.about = "The reporting calendar of section VI",
	.fields = period_fields,
	.traits = REFERENCE_DATA,
};

static const struct field legal_fields[] = {
	{"code", TEXT, READ_ONLY | FILTER | SORT},
	{"number", TEXT, READ_ONLY | FILTER},
	{"issued_on", DATE, READ_ONLY},
	{"issuer_vi", TEXT, READ_ONLY},
	{"issuer_en", TEXT, READ_ONLY},
	{"kind", TEXT, READ_ONLY | FILTER},
	{"title_vi", TEXT, READ_ONLY},
	{"title_en", TEXT, READ_ONLY},
	{"cited_in", TEXTS, READ_ONLY},
	{0},
};

const struct resource legal_references = {
	.name = "legal-references",
	.table = "legal_references",
	.title = "LegalReference",
	.about = "The legal documents that the plan cites",
	.fields = legal_fields,
	.traits = REFERENCE_DATA,
};
