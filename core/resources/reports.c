/* The reports of section VI: drafts, what is typed beside their figures, and who owes one. */
#include "record.h"

static const struct field report_fields[] = {
	RECORD_ID,
	{"period", TEXT, REQUIRED | FIXED | FILTER, .max = 8,
	 .about = "Of the reporting calendar, e.g. 2026H1; it must have begun"},
	{"kind", CODE, HAS_DEFAULT | FIXED | FILTER, .codes = &codes_report_kind,
	 .about = "organization, or consolidated: the province's, by agency 1 with agency 17"},
	{"unit", UNIT, READ_ONLY | FILTER, .about = "The territory it speaks of"},
	{"status", CODE, HAS_DEFAULT | FILTER, .codes = &codes_report_status,
	 .about = "draft → submitted (by /submission) → received → accepted or returned (agency "
		  "1) → consolidated (by /countersignature of the consolidated report)"},
	{"due_on", DATE, READ_ONLY | FILTER | SORT, .about = "The last day in time"},
	{"note", TEXT, .max = 10000},
	{"return_reason", TEXT, .max = 1000, .writers = ONE(1),
	 .about = "Why agency 1 returned it, or opened it again after acceptance (its admin)"},
	{"submission", INTEGER, READ_ONLY, .about = "How often it was submitted"},
	{"first_submitted_at", INSTANT, READ_ONLY | FILTER, .about = "What counts as in time"},
	{"submitted_at", INSTANT, READ_ONLY | FILTER | SORT,
	 .about = "?as_of= of /v1/indicators replays the figures of this moment"},
	{"is_late", BOOLEAN, READ_ONLY | HAS_DEFAULT,
	 .column = "(coalesce((reports.first_submitted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, "
		   "today()) > reports.due_on)"},
	{"figures_hash", TEXT, READ_ONLY, .about = "SHA-256 of the figures as they were submitted"},
	{"records_hash", TEXT, READ_ONLY,
	 .about = "SHA-256 of the contributions that the figures were made of"},
	{"received_at", INSTANT, READ_ONLY},
	{"accepted_at", INSTANT, READ_ONLY},
	{"countersigned_by", UUID, READ_ONLY},
	{"countersigned_at", INSTANT, READ_ONLY},
	RECORD_END,
};

static const struct rule report_rules[] = {
	{"return_reason", REQUIRED_WHEN, "status", "returned"},
	{0},
};

const struct resource reports = {
	.name = "reports",
	.table = "reports",
	.title = "Report",
	.about = "What an organisation reports for a period of section VI",
	.fields = report_fields,
	.rules = report_rules,
};

static const struct field entry_fields[] = {
	RECORD_ID,
	{"report", REFERENCE, READ_ONLY, .references = &reports},
	{"indicator", TEXT, REQUIRED | FIXED | FILTER, .max = 8, .about = "Its code, e.g. II.1.a"},
	{"definition", TEXT, FIXED, .max = 48,
	 .about = "Which way of counting; null: the headline"},
	{"numerator", INTEGER, .min = 0, .max = 1000000000},
	{"denominator", INTEGER, .min = 0, .max = 1000000000},
	{"value", DECIMAL, .min = -1000000, .max = 1000000000,
	 .about = "At least one of the three"},
	{"reason", TEXT, .max = 2000,
	 .about = "Required to submit when the records say something more than 5 % away"},
	RECORD_END,
};

const struct resource report_entries = {
	.name = "entries",
	.table = "report_entries",
	.title = "ReportEntry",
	.about = "A figure typed by hand beside the computed one",
	.fields = entry_fields,
	.parent = &reports,
	.parent_field = "report",
};

static const struct field completeness_fields[] = {
	{"id", TEXT, READ_ONLY | SORT, .about = "Period and organisation"},
	{"period", TEXT, READ_ONLY | FILTER | SORT},
	{"organization", ORGANIZATION, READ_ONLY | FILTER},
	{"agency", INTEGER, READ_ONLY | FILTER},
	{"unit", UNIT, READ_ONLY | FILTER},
	{"report", UUID, READ_ONLY},
	{"status", TEXT, READ_ONLY | FILTER, .about = "missing, or that of the report"},
	{"due_on", DATE, READ_ONLY | FILTER | SORT},
	{"submitted_on", DATE, READ_ONLY},
	{"submitted", INTEGER, READ_ONLY | FILTER, .about = "1 or 0: completeness is their mean"},
	{"on_time", INTEGER, READ_ONLY | FILTER, .about = "1 or 0: timeliness is their mean"},
	{"is_overdue", BOOLEAN, READ_ONLY | HAS_DEFAULT | FILTER},
	{"days_late", INTEGER, READ_ONLY},
	{0},
};

const struct resource report_completeness = {
	.name = "report-completeness",
	.table = "report_completeness",
	.title = "ReportCompleteness",
	.about = "Which organisation owes a report for which period, and whether it came in time; "
		 "one's own, and to agencies 1 and 17 all",
	.fields = completeness_fields,
	.traits = REFERENCE_DATA | OWN_RULES,
};
