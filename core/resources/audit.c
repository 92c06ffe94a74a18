/* Who did what, when, from where and for what. */
#include <stddef.h>

#include "resource.h"

static const struct field fields[] = {
	{"id", INTEGER, READ_ONLY | SORT, .about = "Rises; the newest come first"},
	{"at", INSTANT, READ_ONLY | FILTER},
	{"request", UUID, READ_ONLY, .about = "As in X-Request-Id and the log"},
	{"user", UUID, READ_ONLY | FILTER, .column = "audit_sealed.user_id",
	 .about = "The account or the client"},
	{"organization", ORGANIZATION, READ_ONLY | FILTER},
	{"agency", INTEGER, READ_ONLY | FILTER},
	{"role", TEXT, READ_ONLY},
	{"purpose", TEXT, READ_ONLY | FILTER},
	{"address", TEXT, READ_ONLY,
	 .about = "The address of the client; behind a trusted proxy as that tells it"},
	{"action", TEXT, READ_ONLY | FILTER,
	 .about = "list, read, export, explain, create, update, void …"},
	{"resource", TEXT, READ_ONLY | FILTER},
	{"records", TEXTS, READ_ONLY, .about = "The ids of what was shown or written"},
	{"fields", TEXTS, READ_ONLY,
	 .about = "Of a read the field classes shown, and citizen_number_revealed; of a write the "
		  "fields written"},
	{"reason", TEXT, READ_ONLY},
	{"outcome", TEXT, READ_ONLY | FILTER,
	 .about = "done; or refused: of a number that was written, the record that has it"},
	{"person", UUID, READ_ONLY | FILTER | SOUGHT, .column = "NULL::uuid",
	 .about = "What tells of this person: of the record and of all that refers to it; or of "
		  "any other record"},
	{0},
};

const struct resource audit = {
	.name = "audit",
	.table = "audit_sealed",
	.word = "audit",
	.title = "AuditEntry",
	.about = "What was read and written of people and crimes, and by whom; append-only and "
		 "chained, see `lachan audit verify`",
	.fields = fields,
	.search = "audit_search",
	.traits = REFERENCE_DATA | AUDITED | NEWEST_FIRST,
};
