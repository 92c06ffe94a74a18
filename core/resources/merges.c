/* Two files of one person: what may be such, and the merge that links them. */
#include <stddef.h>

#include "record.h"

static const struct field duplicate_fields[] = {
	{"id", UUID, READ_ONLY | SORT, .about = "Of the other file"},
	{"person", REFERENCE, READ_ONLY, .references = &people},
	{"unit", UNIT, READ_ONLY | FILTER},
	{"score", INTEGER, READ_ONLY | SORT,
	 .about = "100: the same number; else 40 for name and birth date, 30 more when the day is "
		  "known, 20 more in one commune"},
	{"reasons", TEXTS, READ_ONLY, .about = "citizen_number, full_name, date_of_birth, unit"},
	{0},
};

const struct resource person_duplicates = {
	.name = "duplicates",
	.table = "person_duplicates",
	.title = "Duplicate",
	.about = "Other files that may be of the same person, as far as the caller sees them",
	.fields = duplicate_fields,
	.parent = &people,
	.parent_field = "person",
	.traits = REFERENCE_DATA | OWN_RULES | AUDITED | PERSONAL,
};

static const struct field merge_fields[] = {
	RECORD_ID,
	{"person", REFERENCE, REQUIRED | FIXED | FILTER, .references = &people,
	 .about = "The file that makes way: out of every list and figure while merged"},
	{"kept", REFERENCE, REQUIRED | FIXED | FILTER, .references = &people,
	 .about = "The file that stays; the statuses of the other and what was done for it are its "
		  "own then, but for those of a day on which it has one itself, or that say the "
		  "same"},
	{"unit", UNIT, READ_ONLY | FILTER},
	{"reason", TEXT, REQUIRED | FIXED, .max = 1000},
	{"status", CODE, HAS_DEFAULT | FILTER, .codes = &codes_merge_status,
	 .about = "merged → undone: both files are as they were"},
	{"undo_reason", TEXT, .max = 1000},
	{"undone_at", INSTANT, READ_ONLY},
	RECORD_END,
};

static const struct rule merge_rules[] = {
	{"undo_reason", REQUIRED_WHEN, "status", "undone"},
	{"undo_reason", FORBIDDEN_UNLESS, "status", "undone"},
	{0},
};

const struct resource merges = {
	.name = "merges",
	.table = "merges",
	.title = "Merge",
	.about = "The link from one file of a person to another; it can be undone",
	.fields = merge_fields,
	.rules = merge_rules,
	.traits = AUDITED | PERSONAL,
};
