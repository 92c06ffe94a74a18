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
	{"code", ORGANIZATION, REQUIRED | FIXED | SORT},
	{"name_vi", TEXT, REQUIRED | SORT, .max = 300},
	{"name_en", TEXT, REQUIRED, .max = 300},
	{"kind", CODE, REQUIRED | FIXED | FILTER, .codes = &codes_organization_kind},
	{"unit", UNIT, REQUIRED | FIXED | FILTER},
	{"valid_from", DATE, REQUIRED | FIXED},
	{"valid_to", DATE,
	 .about = "Its last day; what is open then passes by lachan reform apply"},
	{"agencies", DOCUMENT, READ_ONLY,
	 .column = "(SELECT json_agg(json_build_object('agency', h.agency, 'valid_from', "
		   "h.valid_from, 'valid_to', h.valid_to, 'is_main', h.is_main) ORDER BY "
		   "h.valid_from, h.agency) FROM organization_agencies h "
		   "WHERE h.organization = organizations.code)"},
	{"successors", DOCUMENT, READ_ONLY,
	 .column = "(SELECT json_agg(json_build_object('organization', s.successor, "
		   "'effective_on', s.effective_on) ORDER BY s.successor) "
		   "FROM organization_successors s WHERE s.organization = organizations.code)"},
	{"version", INTEGER, READ_ONLY, .about = "Rises with each change; the ETag"},
	{0},
};

const struct resource organizations = {
	.name = "organizations",
	.table = "organizations",
	.title = "Organization",
	.about = "The organisations that hold or held an agency's seat; the operator keeps them",
	.fields = organization_fields,
	.traits = REFERENCE_DATA,
};

static const struct field seat_fields[] = {
	{"id", UUID, READ_ONLY | SORT},
	{"organization", ORGANIZATION, REQUIRED | FIXED | FILTER},
	{"agency", INTEGER, REQUIRED | FIXED | FILTER, .min = 1, .max = 19},
	{"valid_from", DATE, REQUIRED | FIXED | FILTER | SORT},
	{"valid_to", DATE, FILTER, .about = "The last day that it holds the seat"},
	{"is_main", BOOLEAN, HAS_DEFAULT | FILTER, .about = "Its own seat, not one beside it"},
	{"scope", TEXT, .max = 500, .about = "Which part of the seat's tasks, when not all"},
	{"version", INTEGER, READ_ONLY, .about = "Rises with each change; the ETag"},
	{0},
};

const struct resource held_seats = {
	.name = "seats",
	.table = "seats",
	.title = "Seat",
	.about = "Which organisation holds which agency's seat, and when",
	.fields = seat_fields,
	.traits = OWN_RULES,
};

static const struct field succession_fields[] = {
	{"id", UUID, READ_ONLY | SORT},
	{"organization", ORGANIZATION, REQUIRED | FIXED | FILTER, .about = "The one that ended"},
	{"successor", ORGANIZATION, REQUIRED | FIXED | FILTER},
	{"effective_on", DATE, REQUIRED | FIXED | FILTER | SORT},
	{"function", TEXT, REQUIRED | FIXED, .max = 500, .about = "What passed to it"},
	{"act", TEXT, FIXED, .max = 200, .about = "The legal act"},
	{0},
};

const struct resource successions = {
	.name = "successions",
	.table = "successions",
	.title = "Succession",
	.about = "Which organisation followed which, for what",
	.fields = succession_fields,
	.traits = OWN_RULES,
};

static const struct field undecided_fields[] = {
	{"id", UUID, READ_ONLY | SORT, .about = "Of the record or account"},
	{"kind", TEXT, READ_ONLY | FILTER, .about = "What it is: people, task_assignments, …"},
	{"unit", UNIT, READ_ONLY | FILTER, .about = "The unit it stands in, which may have ended"},
	{"organization", ORGANIZATION, READ_ONLY | FILTER},
	{"effective_on", DATE, READ_ONLY | FILTER | SORT, .about = "The day of the reform"},
	{"to_units", TEXTS, READ_ONLY, .about = "The units it can pass to"},
	{"to_organizations", TEXTS, READ_ONLY, .about = "The organisations it can pass to"},
	{0},
};

const struct resource reform_undecided = {
	.name = "reform-undecided",
	.table = "reform_undecided",
	.title = "Undecided",
	.about = "What is open in a unit or an organisation that ended and was shared out: records "
		 "for the admins of agency 1, accounts for the operator",
	.fields = undecided_fields,
	.traits = REFERENCE_DATA | OWN_RULES | AUDITED,
};

static const struct field transfer_fields[] = {
	{"id", UUID, READ_ONLY | SORT},
	{"kind", TEXT, READ_ONLY | FILTER},
	{"record", UUID, REQUIRED | FIXED | FILTER, .about = "One of /v1/reform-undecided"},
	{"from_unit", UNIT, READ_ONLY | FILTER},
	{"unit", UNIT, FIXED | FILTER, .about = "The unit it passed to"},
	{"from_organization", ORGANIZATION, READ_ONLY | FILTER},
	{"organization", ORGANIZATION, FIXED | FILTER, .about = "The organisation it passed to"},
	{"effective_on", DATE, READ_ONLY | FILTER | SORT},
	{"decided_by", UUID, READ_ONLY, .about = "null: the law left nothing to decide"},
	{"created_at", INSTANT, READ_ONLY | SORT},
	{0},
};

const struct resource reform_transfers = {
	.name = "reform-transfers",
	.table = "reform_transfers",
	.title = "Transfer",
	.about = "What passed from units and organisations that ended",
	.fields = transfer_fields,
	.traits = OWN_RULES | AUDITED,
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
