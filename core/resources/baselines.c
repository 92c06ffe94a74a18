/* Figures of the years before the programme, entered from documents and approved. */
#include "record.h"

static const struct field fields[] = {
	RECORD_ID,
	{"indicator", TEXT, REQUIRED | FIXED | FILTER, .max = 16,
	 .about = "Code of the target, see /v1/targets"},
	{"period", TEXT, REQUIRED | FIXED | FILTER | SORT, .max = 8,
	 .about = "Of 2015 to 2023, e.g. 2023Y or 2023H1"},
	{"unit", UNIT, REQUIRED | FIXED | FILTER, .about = "The territory, of any level and time"},
	{"numerator", INTEGER, .about = "Or else the value"},
	{"denominator", INTEGER},
	{"value", DECIMAL, .min = -1000000000, .max = 1000000000,
	 .about = "As the document has it; of a percentage, made of the counts when not sent"},
	{"source_document", TEXT, REQUIRED, .max = 300, .about = "Number, date and issuer"},
	{"status", CODE, FILTER | HAS_DEFAULT, .codes = &codes_baseline_status,
	 .about = "entered → approved, by agency 1 and another account; what is approved stays"},
	{"entered_by", UUID, READ_ONLY, .about = "The account that last entered the figures"},
	{"approved_by", UUID, READ_ONLY, .about = "The account that approved them"},
	{"approved_at", INSTANT, READ_ONLY},
	RECORD_END,
};

const struct resource baselines = {
	.name = "baselines",
	.table = "baselines",
	.title = "Baseline",
	.about = "Figures for the years up to 2023, which no records tell",
	.fields = fields,
};
