/* Schools, colleges and universities in the province, whoever runs them, and how many work and
 * study there (targets II.4). */
#include "record.h"

static const struct field fields[] = {
	RECORD_ID,
	{"code", TEXT, FILTER, .max = 32, .about = "Of the education sector"},
	{"name", TEXT, REQUIRED | SORT, .max = 200},
	{"type", CODE, REQUIRED | FILTER, .codes = &codes_institution_type},
	{"ownership", CODE, REQUIRED | FILTER, .codes = &codes_ownership},
	{"unit", UNIT, REQUIRED | FILTER},
	{"managed_by", ORGANIZATION, FILTER},
	{"is_secondary", BOOLEAN, READ_ONLY | FILTER | HAS_DEFAULT,
	 .about = "Of lower secondary level or up: counted by II.4"},
	{"opened_on", DATE, PAST},
	{"closed_on", DATE, FILTER},
	{"source", TEXT, FIXED | FILTER, .max = 64},
	{"external_id", TEXT, FIXED | FILTER, .max = 128},
	RECORD_END,
};

static const struct rule rules[] = {
	{"closed_on", NOT_BEFORE, "opened_on"},
	{0},
};

const struct resource institutions = {
	.name = "institutions",
	.table = "institutions",
	.title = "Institution",
	.about = "The register of schools, colleges and universities",
	.fields = fields,
	.rules = rules,
};

static const struct field headcount_fields[] = {
	RECORD_ID,
	{"institution", REFERENCE, READ_ONLY, .references = &institutions},
	{"period", TEXT, REQUIRED | FIXED | FILTER | SORT, .max = 8,
	 .about = "Of the reporting calendar, e.g. 2026Y; one head count for each"},
	{"staff", INTEGER, REQUIRED, .max = 100000,
	 .about = "Managers, teachers, lecturers, staff"},
	{"staff_trained", INTEGER, .max = 100000,
	 .about = "Of those, trained since 2024-04-02; never more than staff. Until it is told "
		  "anew, what was told last holds"},
	{"students", INTEGER, .max = 1000000},
	{"counted_on", DATE, REQUIRED | FILTER | SORT | PAST,
	 .about = "In the period, or until its report is due"},
	RECORD_END,
};

const struct resource institution_headcounts = {
	.name = "headcounts",
	.table = "institution_headcounts",
	.title = "InstitutionHeadcount",
	.about = "How many work and study at one institution, period by period",
	.fields = headcount_fields,
	.parent = &institutions,
	.parent_field = "institution",
};
