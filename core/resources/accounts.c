/* Accounts of people and of systems, and their sessions; written by functions of their own. */
#include "record.h"

static const char *const user_roles[] = {"viewer", "officer", "admin", "operator", NULL};
static const char *const client_roles[] = {"service", "viewer", NULL};

/* Both are part of the one list with labels. */
static const struct code_list codes_user_role = {"agency_role", user_roles};
static const struct code_list codes_client_role = {"agency_role", client_roles};

#define PLACE                                                                                      \
	{"organization", ORGANIZATION, FIXED | FILTER,                                             \
	 .about = "An admin's own; null for an operator"},                                         \
		{"agency",                                                                         \
		 INTEGER,                                                                          \
		 FIXED | FILTER,                                                                   \
		 .min = 1,                                                                         \
		 .max = 19,                                                                        \
		 .about = "One whose seat the organisation holds; null for an operator"},          \
	{                                                                                          \
		"unit", UNIT, FILTER, .about = "The territory; null for an operator"               \
	}

#define ACCOUNT_END                                                                                \
	{"purpose", CODE, .codes = &codes_purpose,                                                 \
	 .about = "Of requests that name none by the header Purpose"},                             \
		{"disabled", BOOLEAN, HAS_DEFAULT | FILTER,                                        \
		 .about = "true: what it has of sessions ends, and it cannot log in"},             \
		{"disabled_at", INSTANT, READ_ONLY},                                               \
		{"last_login_at", INSTANT, READ_ONLY | SORT, .about = "To the minute"},            \
		{"version", INTEGER, READ_ONLY, .about = "Rises with each change; the ETag"},      \
		{"created_at", INSTANT, READ_ONLY | SORT},                                         \
		{"updated_at", INSTANT, READ_ONLY | SORT},                                         \
	{                                                                                          \
		0                                                                                  \
	}

static const struct field user_fields[] = {
	RECORD_ID,
	{"username", TEXT, REQUIRED | FIXED | FILTER | SORT, .max = 128,
	 .about = "Small letters, digits and . _ @ -"},
	{"title", TEXT, .max = 200, .about = "How the account is called by people"},
	{"role", CODE, REQUIRED | FILTER, .codes = &codes_user_role,
	 .about = "An admin cannot make operators"},
	PLACE,
	{"must_change_password", BOOLEAN, READ_ONLY | HAS_DEFAULT | FILTER,
	 .about = "The password is one that somebody else was told"},
	ACCOUNT_END,
};

const struct resource users = {
	.name = "users",
	.table = "users",
	.title = "User",
	.about = "Accounts of people: an admin's own organisation's, the operator's all",
	.fields = user_fields,
	.traits = OWN_RULES,
};

static const struct field client_fields[] = {
	RECORD_ID,
	{"client_id", TEXT, READ_ONLY | HAS_DEFAULT | FILTER | SORT},
	{"title", TEXT, .max = 200, .about = "Which system it is"},
	{"role", CODE, REQUIRED | FILTER, .codes = &codes_client_role,
	 .about = "viewer: reads, also by HTTP Basic (BI tools)"},
	PLACE,
	{"scopes", TEXTS, REQUIRED | FILTER, .min = 1, .max = 64,
	 .about = "read, write, people:read …; no more than the agency may"},
	{"previous_until", INSTANT, READ_ONLY,
	 .about = "Until when the secret that was replaced still works"},
	ACCOUNT_END,
};

const struct resource system_clients = {
	.name = "clients",
	.table = "system_clients",
	.title = "Client",
	.about = "Accounts of systems: an admin's own organisation's, the operator's all",
	.fields = client_fields,
	.traits = OWN_RULES,
};

static const struct field session_fields[] = {
	RECORD_ID,
	{"user", UUID, READ_ONLY | HAS_DEFAULT | FILTER,
	 .about = "Whose it is: a user or a client; one's own when not asked for"},
	{"created_at", INSTANT, READ_ONLY | SORT},
	{"last_used_at", INSTANT, READ_ONLY | HAS_DEFAULT | SORT,
	 .about = "When its tokens were last renewed"},
	{"expires_at", INSTANT, READ_ONLY | HAS_DEFAULT | SORT},
	{"address", TEXT, READ_ONLY | HAS_DEFAULT | FILTER, .about = "Where it began"},
	{"current", BOOLEAN, READ_ONLY, .about = "The session of this very request"},
	{0},
};

const struct resource open_sessions = {
	.name = "sessions",
	.table = "open_sessions",
	.title = "Session",
	.about = "Sessions that stand",
	.fields = session_fields,
	.traits = OWN_RULES,
};
