/* Drug hotspots and what became of them (targets II.2.b and II.2.c). */
#include "record.h"

static const struct field fields[] = {
	RECORD_ID,
	{"name", TEXT, REQUIRED, .max = 200},
	{"kind", CODE, REQUIRED | FILTER, .codes = &codes_hotspot_kind,
	 .about = "A single place (điểm) or an area (tụ điểm)"},
	{"unit", UNIT, REQUIRED | FILTER, .about = "The commune, as it was on detected_on"},
	{"address", TEXT, .max = 300},
	{"detected_on", DATE, REQUIRED | FIXED | FILTER | SORT | PAST},
	{"youth_related", BOOLEAN, FILTER | HAS_DEFAULT,
	 .about = "Young people gather, use or deal there, or live or study beside it"},
	{"youth_related_reason", TEXT, .max = 300},
	{"status", CODE, READ_ONLY | FILTER | HAS_DEFAULT, .codes = &codes_hotspot_status,
	 .about = "Told by /events: open → eliminated → reformed → eliminated …"},
	{"eliminated_on", DATE, READ_ONLY | FILTER, .about = "The last time"},
	{"reformed_on", DATE, READ_ONLY | FILTER, .about = "The last time"},
	{"note", TEXT, .max = 2000},
	RECORD_END,
};

const struct resource hotspots = {
	.name = "hotspots",
	.table = "hotspots",
	.title = "Hotspot",
	.about = "Places where drugs are dealt in or used, from detection to elimination",
	.fields = fields,
};

static const struct field event_fields[] = {
	RECORD_ID,
	{"hotspot", REFERENCE, READ_ONLY, .references = &hotspots},
	{"kind", CODE, REQUIRED | FIXED | FILTER, .codes = &codes_hotspot_event,
	 .about = "detected comes with the hotspot; then eliminated and reformed take turns"},
	{"occurred_on", DATE, REQUIRED | FIXED | FILTER | SORT | PAST,
	 .about = "Not before the event before it; a hotspot forms again on a later day"},
	{"decision_number", TEXT, .max = 64},
	{"note", TEXT, .max = 2000},
	RECORD_END,
};

const struct resource hotspot_events = {
	.name = "events",
	.table = "hotspot_events",
	.title = "HotspotEvent",
	.about = "The history of one hotspot; only its last event can be voided",
	.fields = event_fields,
	.parent = &hotspots,
	.parent_field = "hotspot",
};
