/* Drug crimes (Penal Code 2015, chapter XX), who took part, and the stages of the case. */
#include "record.h"

static const struct field fields[] = {
	RECORD_ID,
	{"number", TEXT, FILTER, .max = 64, .about = "Of the case file"},
	{"article", CODE, REQUIRED | FILTER, .codes = &codes_crime_article,
	 .about = "The gravest charge; a case counts once, under it"},
	{"other_articles", CODES, .codes = &codes_crime_article},
	{"occurred_on", DATE, FILTER | SORT | PAST, .about = "The day of the offence, when known"},
	{"detected_on", DATE, REQUIRED | FILTER | SORT | PAST},
	{"unit", UNIT, REQUIRED | FILTER, .about = "The place of the offence"},
	{"detecting_organization", ORGANIZATION, FILTER},
	{"youth_related", BOOLEAN, FILTER | HAS_DEFAULT, .writers = ONE(1),
	 .about =
		 "A young person took part, was harmed or lured: true by itself while one is among "
		 "the participants, but for witnesses. Or it happened where they study or work: "
		 "set by hand, with a reason"},
	{"youth_related_reason", TEXT, .max = 300, .writers = ONE(1),
	 .about = "Why it is set by hand; null while it is not"},
	{"stage", CODE, READ_ONLY | FILTER, .codes = &codes_crime_stage,
	 .about = "The last of /stages"},
	{"stage_on", DATE, READ_ONLY | FILTER},
	{"summary", TEXT, .max = 4000, .sensitivity = CRIMINAL},
	{"classification", CODE, HAS_DEFAULT, .codes = &codes_classification},
	{"source", TEXT, FIXED | FILTER, .max = 64},
	{"external_id", TEXT, FIXED | FILTER, .max = 128},
	RECORD_END,
};

static const struct rule rules[] = {
	{"detected_on", NOT_BEFORE, "occurred_on"},
	{0},
};

const struct resource crimes = {
	.name = "crimes",
	.table = "crimes",
	.title = "Crime",
	.about = "Cases of drug crime, articles 247 to 259 and 256a",
	.fields = fields,
	.rules = rules,
	.seen = "crimes_seen",
	.traits = AUDITED | PERSONAL,
};

static const struct field participant_fields[] = {
	RECORD_ID,
	{"crime", REFERENCE, READ_ONLY, .references = &crimes},
	{"role", CODE, REQUIRED | FILTER, .codes = &codes_participant_role,
	 .sensitivity = CRIMINAL},
	{"person", REFERENCE, FIXED | FILTER, .references = &people, .sensitivity = CRIMINAL,
	 .about = "When the person is under management here"},
	{"full_name", NAME, .max = 120, .sensitivity = CRIMINAL},
	{"date_of_birth", PARTIAL_DATE, PAST, .sensitivity = CRIMINAL,
	 .about = "Taken from the person when one is named"},
	{"sex", CODE, .codes = &codes_sex, .sensitivity = CRIMINAL},
	{"age_at_offence", INTEGER, READ_ONLY, .sensitivity = CRIMINAL,
	 .about = "Completed years on the day of the offence, else of detection"},
	{"articles", CODES, .codes = &codes_crime_article, .sensitivity = CRIMINAL,
	 .about = "Of a suspect: what is charged"},
	{"outcome", TEXT, .max = 300, .sensitivity = CRIMINAL},
	RECORD_END,
};

const struct resource crime_participants = {
	.name = "participants",
	.table = "crime_participants",
	.title = "CrimeParticipant",
	.about = "Suspects, victims, those lured, and witnesses of one case",
	.fields = participant_fields,
	.parent = &crimes,
	.parent_field = "crime",
	.seen = "crime_participants_seen",
	.traits = AUDITED | PERSONAL,
};

static const struct field stage_fields[] = {
	RECORD_ID,
	{"crime", REFERENCE, READ_ONLY, .references = &crimes},
	{"stage", CODE, REQUIRED | FIXED | FILTER, .codes = &codes_crime_stage},
	{"reached_on", DATE, REQUIRED | FIXED | FILTER | SORT | PAST},
	{"decision_number", TEXT, .max = 64},
	{"authority", TEXT, .max = 200},
	{"sentence", TEXT, .max = 2000, .sensitivity = CRIMINAL, .about = "Of a judgment"},
	{"note", TEXT, .max = 2000, .sensitivity = CRIMINAL},
	RECORD_END,
};

const struct resource crime_stages = {
	.name = "stages",
	.table = "crime_stages",
	.title = "CrimeStage",
	.about = "The procedure of one case, stage by stage (Criminal Procedure Code 2015)",
	.fields = stage_fields,
	.parent = &crimes,
	.parent_field = "crime",
	.seen = "crime_stages_seen",
	.traits = AUDITED | PERSONAL,
};
