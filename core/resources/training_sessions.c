/* Communication and training sessions, and the staff who attended (targets II.4). */
#include "record.h"

static const struct field fields[] = {
	RECORD_ID,
	{"kind", CODE, REQUIRED | FILTER, .codes = &codes_session_kind},
	{"title", TEXT, REQUIRED, .max = 300},
	{"status", CODE, REQUIRED | FILTER, .codes = &codes_session_status},
	{"held_on", DATE, REQUIRED | FILTER | SORT, .about = "The day held, or planned for"},
	{"audience", CODES, REQUIRED, .min = 1, .codes = &codes_audience},
	{"institution", REFERENCE, FILTER, .references = &institutions,
	 .about = "The school reached, when it is one"},
	{"unit", UNIT, REQUIRED | FILTER, .about = "Where it takes place"},
	{"students", INTEGER, .max = 100000, .about = "Head count of students reached"},
	{"staff", INTEGER, .max = 100000, .about = "Head count of staff trained"},
	{"others", INTEGER, .max = 100000, .about = "Head count of everyone else"},
	{"topic", TEXT, .max = 300},
	{"note", TEXT, .max = 2000},
	{"source", TEXT, FIXED | FILTER, .max = 64},
	{"external_id", TEXT, FIXED | FILTER, .max = 128},
	RECORD_END,
};

const struct resource training_sessions = {
	.name = "training-sessions",
	.table = "training_sessions",
	.title = "TrainingSession",
	.about = "Sessions planned and held; no personal data",
	.fields = fields,
};

static const struct field attendee_fields[] = {
	RECORD_ID,
	{"session", REFERENCE, READ_ONLY, .references = &training_sessions},
	{"institution", REFERENCE, REQUIRED | FILTER, .references = &institutions,
	 .about = "Where the member of staff works"},
	{"staff_code", TEXT, REQUIRED | FILTER, .max = 64,
	 .about = "The institution's own code, the same at every session, in capitals or not, and "
		  "never a name: letters without diacritics, digits and . _ / - alone"},
	RECORD_END,
};

const struct resource session_attendees = {
	.name = "attendees",
	.table = "session_attendees",
	.title = "SessionAttendee",
	.about = "Members of staff whom one session trained, by code. Training for staff counts in "
		 "II.4.b",
	.fields = attendee_fields,
	.parent = &training_sessions,
	.parent_field = "session",
};
