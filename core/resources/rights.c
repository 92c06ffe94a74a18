/* The rights of the person whom the records tell of: requests, restrictions, and how long its file
 * is kept. */
#include "record.h"

static const struct field request_fields[] = {
	RECORD_ID,
	{"person", REFERENCE, REQUIRED | FIXED | FILTER, .references = &people},
	{"unit", UNIT, READ_ONLY | FILTER, .about = "The commune that holds the file"},
	{"kind", CODE, REQUIRED | FIXED | FILTER, .codes = &codes_subject_request_kind},
	{"requester", CODE, REQUIRED | FIXED, .codes = &codes_subject_requester,
	 .about = "Of a child under 16: the representative"},
	{"received_on", DATE, REQUIRED | FIXED | FILTER | SORT | PAST},
	{"details", TEXT, .max = 2000, .about = "What is asked for"},
	{"answer_due_on", DATE, READ_ONLY | FILTER | SORT,
	 .about = "In working days, by the law in force on received_on"},
	{"execution_due_on", DATE, READ_ONLY | FILTER | SORT,
	 .about = "Until when what was granted is done"},
	{"status", CODE, HAS_DEFAULT | FILTER, .codes = &codes_subject_request_status,
	 .about = "received → answered, or refused with a reason"},
	{"outcome", TEXT, .max = 2000, .about = "Of an answered one: what was answered"},
	{"refusal_reason", TEXT, .max = 2000},
	{"answered_on", DATE, READ_ONLY | FILTER},
	{"executed_on", DATE, PAST | FILTER,
	 .about = "Told by the database where the restriction or correction names the request"},
	{"is_overdue", BOOLEAN, READ_ONLY | HAS_DEFAULT | FILTER,
	 .column = "(subject_requests.status = 'received' AND subject_requests.answer_due_on < "
		   "today() OR subject_requests.status = 'answered' AND "
		   "subject_requests.executed_on IS NULL AND subject_requests.execution_due_on < "
		   "today())"},
	RECORD_END,
};

static const struct rule request_rules[] = {
	{"outcome", REQUIRED_WHEN, "status", "answered"},
	{"refusal_reason", REQUIRED_WHEN, "status", "refused"},
	{"refusal_reason", FORBIDDEN_UNLESS, "status", "refused"},
	{"executed_on", NOT_BEFORE, "received_on"},
	{0},
};

const struct resource subject_requests = {
	.name = "subject-requests",
	.table = "subject_requests",
	.title = "SubjectRequest",
	.about = "What a person asks about its own data, and until when it is answered",
	.fields = request_fields,
	.rules = request_rules,
	.traits = AUDITED | PERSONAL,
};

static const struct field restriction_fields[] = {
	RECORD_ID,
	{"person", REFERENCE, REQUIRED | FIXED | FILTER, .references = &people},
	{"unit", UNIT, READ_ONLY | FILTER, .about = "The commune that holds the file"},
	{"kind", CODE, REQUIRED | FIXED | FILTER, .codes = &codes_restriction_kind,
	 .about = "processing: kept and counted, seen by the holder and agency 1 alone, and "
		  "written by nobody; hold: as ever, but not pseudonymised"},
	{"reason", CODE, REQUIRED | FIXED | FILTER, .codes = &codes_restriction_reason},
	{"request", REFERENCE, FIXED | FILTER, .references = &subject_requests,
	 .about = "The request that it carries out"},
	{"note", TEXT, .max = 2000},
	{"status", CODE, HAS_DEFAULT | FILTER, .codes = &codes_restriction_status,
	 .about = "active → lifted, by the organisation that made it or by agency 1"},
	{"lifting_reason", TEXT, .max = 2000},
	{"lifted_by", UUID, READ_ONLY},
	{"lifted_at", INSTANT, READ_ONLY | FILTER},
	RECORD_END,
};

static const struct rule restriction_rules[] = {
	{"lifting_reason", REQUIRED_WHEN, "status", "lifted"},
	{"lifting_reason", FORBIDDEN_UNLESS, "status", "lifted"},
	{0},
};

const struct resource restrictions = {
	.name = "restrictions",
	.table = "restrictions",
	.title = "Restriction",
	.about = "A person whose data is kept and processed no further, or must not be erased",
	.fields = restriction_fields,
	.rules = restriction_rules,
	.traits = AUDITED | PERSONAL,
};

static const struct field retention_fields[] = {
	{"id", REFERENCE, READ_ONLY | SORT, .references = &people, .about = "The person"},
	{"unit", UNIT, READ_ONLY | FILTER},
	{"kind", CODE, READ_ONLY | FILTER, .codes = &codes_person_status,
	 .about = "The status before the file was closed"},
	{"of_minors", BOOLEAN, READ_ONLY | FILTER, .about = "Under 18 when it was closed"},
	{"closed_on", DATE, READ_ONLY | FILTER | SORT},
	{"years", INTEGER, READ_ONLY, .about = "That such a file is kept"},
	{"due_on", DATE, READ_ONLY | FILTER | SORT},
	{"is_binding", BOOLEAN, READ_ONLY,
	 .about = "false: the term is a parameter that awaits the official text"},
	{"basis", TEXT, READ_ONLY},
	{"blocked_by", TEXTS, READ_ONLY,
	 .about = "legal_hold, restricted, open_case, open_request, open_custody; empty when "
		  "nothing stands in the way"},
	{"decision", REFERENCE, READ_ONLY, .references = &retention_decisions},
	{"status", CODE, READ_ONLY | FILTER, .codes = &codes_retention_status},
	{0},
};

const struct resource retention = {
	.name = "retention",
	.table = "retention",
	.title = "RetentionFile",
	.about = "Closed files that are kept longer than their term, and what stands in the way of "
		 "pseudonymising them; nothing happens by listing them",
	.fields = retention_fields,
	.traits = OWN_RULES | AUDITED | PERSONAL,
};

static const struct field decision_fields[] = {
	RECORD_ID,
	{"person", REFERENCE, REQUIRED | FIXED | FILTER, .references = &people,
	 .about = "One of /v1/retention that nothing blocks"},
	{"unit", UNIT, READ_ONLY | FILTER},
	{"kind", CODE, READ_ONLY | FILTER, .codes = &codes_person_status},
	{"closed_on", DATE, READ_ONLY | FILTER},
	{"due_on", DATE, READ_ONLY | FILTER | SORT},
	{"status", CODE, HAS_DEFAULT | FILTER, .codes = &codes_retention_decision_status,
	 .about = "proposed → approved by somebody else → executed by the service; or withdrawn "
		  "before"},
	{"created_by", UUID, READ_ONLY | FILTER, .about = "The account that proposed it"},
	{"approved_by", UUID, READ_ONLY | FILTER},
	{"approved_at", INSTANT, READ_ONLY | FILTER},
	{"executed_at", INSTANT, READ_ONLY | FILTER},
	RECORD_END,
};

const struct resource retention_decisions = {
	.name = "retention-decisions",
	.table = "retention_decisions",
	.title = "RetentionDecision",
	.about = "The decision of two to pseudonymise a file for good; its figures stay",
	.fields = decision_fields,
	.traits = AUDITED | PERSONAL,
};
