/* Communes that a decision calls key or complex for drugs (targets II.3.b to II.3.d). */
#include "record.h"

static const struct field fields[] = {
	RECORD_ID,
	{"unit", UNIT, REQUIRED | FIXED | FILTER, .about = "The commune, as it was on valid_from"},
	{"class", CODE, REQUIRED | FILTER, .codes = &codes_commune_class},
	{"decision_number", TEXT, REQUIRED | FILTER, .max = 64},
	{"decision_date", DATE, REQUIRED | FILTER | PAST},
	{"valid_from", DATE, REQUIRED | FILTER | SORT},
	{"valid_to", DATE, FILTER, .about = "The last day; null while it holds"},
	RECORD_END,
};

static const struct rule rules[] = {
	{"valid_to", NOT_BEFORE, "valid_from"},
	{0},
};

const struct resource key_communes = {
	.name = "key-communes",
	.table = "key_communes",
	.title = "KeyCommune",
	.about = "Key communes by decision; of one commune no two at a time",
	.fields = fields,
	.rules = rules,
};
