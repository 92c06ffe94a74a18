/* How one person's file is shared beyond the territory that holds it. */
#include "record.h"

static const struct field referral_fields[] = {
	RECORD_ID,
	{"person", REFERENCE, REQUIRED | FIXED | FILTER, .references = &people},
	{"unit", UNIT, READ_ONLY | FILTER, .about = "The commune that held the file then"},
	{"to_organization", ORGANIZATION, REQUIRED | FIXED | FILTER,
	 .about = "May read this person until the referral is closed or withdrawn"},
	{"reason", TEXT, REQUIRED | FIXED, .max = 1000},
	{"status", CODE, HAS_DEFAULT | FILTER, .codes = &codes_referral_status,
	 .about = "open → closed by either side, or withdrawn by the sender"},
	{"outcome", TEXT, .max = 1000, .about = "Of a closed one: what was done"},
	{"closed_on", DATE, READ_ONLY | FILTER},
	RECORD_END,
};

static const struct rule referral_rules[] = {
	{"outcome", REQUIRED_WHEN, "status", "closed"},
	{0},
};

const struct resource referrals = {
	.name = "referrals",
	.table = "referrals",
	.title = "Referral",
	.about = "Access of another organisation to one person, until it is closed or withdrawn",
	.fields = referral_fields,
	.rules = referral_rules,
	.traits = AUDITED | PERSONAL,
};

static const struct field handover_fields[] = {
	RECORD_ID,
	{"person", REFERENCE, REQUIRED | FIXED | FILTER, .references = &people},
	{"from_unit", UNIT, READ_ONLY | FILTER, .about = "Responsible until receipt"},
	{"to_unit", UNIT, REQUIRED | FIXED | FILTER},
	{"reason", TEXT, REQUIRED | FIXED, .max = 1000},
	{"status", CODE, HAS_DEFAULT | FILTER, .codes = &codes_handover_status,
	 .about = "proposed → accepted or refused by the receiver, or withdrawn by the sender"},
	{"due_at", INSTANT, READ_ONLY | FILTER | SORT, .about = "24 hours after the proposal"},
	{"is_overdue", BOOLEAN, READ_ONLY | HAS_DEFAULT | FILTER,
	 .column = "(handovers.status = 'proposed' AND handovers.due_at < now())"},
	{"decided_at", INSTANT, READ_ONLY | FILTER},
	{"refusal_reason", TEXT, .max = 1000},
	RECORD_END,
};

static const struct rule handover_rules[] = {
	{"refusal_reason", REQUIRED_WHEN, "status", "refused"},
	{"refusal_reason", FORBIDDEN_UNLESS, "status", "refused"},
	{0},
};

const struct resource handovers = {
	.name = "handovers",
	.table = "handovers",
	.title = "Handover",
	.about = "A person's file on its way from commune to commune",
	.fields = handover_fields,
	.rules = handover_rules,
	.traits = AUDITED | PERSONAL,
};

static const struct field break_glass_fields[] = {
	RECORD_ID,
	{"person", REFERENCE, REQUIRED | FIXED | FILTER, .references = &people},
	{"to_organization", ORGANIZATION, READ_ONLY | FILTER,
	 .about = "The owner of the record, which is told"},
	{"reason", TEXT, REQUIRED | FIXED, .min = 20, .max = 1000},
	{"expires_at", INSTANT, READ_ONLY | FILTER | SORT,
	 .about = "Three hours after it was broken"},
	{"review_status", CODE, HAS_DEFAULT | FILTER, .codes = &codes_review_status,
	 .about = "open until somebody else than who broke it decides"},
	{"review_note", TEXT, .max = 1000},
	{"reviewed_by", UUID, READ_ONLY},
	{"reviewed_at", INSTANT, READ_ONLY | FILTER},
	{"created_by", UUID, READ_ONLY | FILTER, .about = "The account that broke it"},
	RECORD_END,
};

static const struct rule break_glass_rules[] = {
	{"review_note", REQUIRED_WHEN, "review_status", "justified"},
	{"review_note", REQUIRED_WHEN, "review_status", "not_justified"},
	{0},
};

const struct resource break_glasses = {
	.name = "break-glasses",
	.table = "break_glasses",
	.title = "BreakGlass",
	.about = "One person opened for three hours by an officer without access, and its review",
	.fields = break_glass_fields,
	.rules = break_glass_rules,
	.traits = AUDITED | PERSONAL,
};

static const struct field notice_fields[] = {
	RECORD_ID,
	{"kind", CODE, READ_ONLY | FILTER, .codes = &codes_notice_kind},
	{"person", REFERENCE, READ_ONLY | FILTER, .references = &people, .sensitivity = IDENTITY},
	{"pseudonym", PSEUDONYM, READ_ONLY, .column = "notices.pseudonym",
	 .about = "Of the person, as in its interventions, for agencies that know it by that; null "
		  "of a referral, which names the person"},
	{"subject", UUID, READ_ONLY | FILTER,
	 .about = "The referral, hand-over or broken glass it is about; of person_entered the "
		  "person"},
	{"from_organization", ORGANIZATION, READ_ONLY | FILTER},
	{"is_seen", BOOLEAN, HAS_DEFAULT | FILTER},
	RECORD_END,
};

const struct resource notices = {
	.name = "notices",
	.table = "notices",
	.title = "Notice",
	.about = "What the caller's organisation is told",
	.fields = notice_fields,
	.seen = "notices_seen",
	.traits = PERSONAL,
};
