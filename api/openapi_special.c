/* The contract of the routes that the engine does not serve, by hand: tokens, accounts, indicators,
 * health, contract. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "indicator.h"
#include "openapi.h"

enum {
	OAUTH_ERRORS = 1, /* 400 and 401 as RFC 6749 has them */
	NEEDS_PROOF = 2,  /* public, and yet 401 */
	OPTIONAL_BODY = 4,
	NO_CONTENT = 8,
	TABULAR = 16,	      /* CSV as well */
	MAY_LIST_PEOPLE = 32, /* with a Purpose */
	CLIENT_BASIC = 64,    /* HTTP Basic of a client, or its secret in the form */
	CREATED = 128,
	VERSIONED = 256, /* answers an ETag */
	ONCE = 512,	 /* takes an Idempotency-Key */
	MATCHES = 1024,	 /* takes If-Match */
	LEADS = 2048,	 /* 303 */
};

static const struct special {
	const char *method, *path, *id, *tag, *summary;
	const char *body, *answer; /* as in `members` */
	unsigned flags;
	const char *media; /* of the answer; NULL: JSON */
} specials[] = {
	{"POST", "/v1/auth/login", "login", "authentication", "Log in as a person", "Login",
	 "Tokens", NEEDS_PROOF},
	{"POST", "/v1/auth/refresh", "refresh", "authentication", "Refresh the tokens", "Refresh",
	 "Tokens", NEEDS_PROOF},
	{"POST", "/v1/auth/logout", "logout", "authentication", "Log out", "Logout", NULL,
	 OPTIONAL_BODY | NO_CONTENT},
	{"POST", "/v1/auth/password", "changePassword", "authentication",
	 "Change one's own password", "PasswordChange", NULL, NO_CONTENT},
	{"DELETE", "/v1/sessions/{id}", "endSession", "sessions", "End a session", NULL, NULL,
	 NO_CONTENT},
	{"POST", "/v1/users", "createUser", "users", "Make an account", "UserCreate",
	 "User&OneTimePassword", CREATED | VERSIONED | ONCE},
	{"PATCH", "/v1/users/{id}", "updateUser", "users", "Change an account", "UserUpdate",
	 "User", VERSIONED | MATCHES},
	{"POST", "/v1/users/{id}/reset-password", "resetPassword", "users", "Reset a password",
	 NULL, "User&OneTimePassword", VERSIONED | ONCE},
	{"POST", "/v1/clients", "createClient", "clients", "Make an account of a system",
	 "ClientCreate", "Client&OneTimeSecret", CREATED | VERSIONED | ONCE},
	{"PATCH", "/v1/clients/{id}", "updateClient", "clients", "Change an account of a system",
	 "ClientUpdate", "Client", VERSIONED | MATCHES},
	{"POST", "/v1/clients/{id}/rotate-secret", "rotateSecret", "clients", "Replace a secret",
	 NULL, "Client&OneTimeSecret", VERSIONED | ONCE},
	{"POST", "/v1/organizations", "createOrganization", "organizations",
	 "Enter an organisation", "OrganizationCreate", "Organization", CREATED | VERSIONED | ONCE},
	{"PATCH", "/v1/organizations/{id}", "updateOrganization", "organizations",
	 "Rename or end an organisation", "OrganizationUpdate", "Organization",
	 VERSIONED | MATCHES},
	{"POST", "/v1/seats", "createSeat", "seats", "Give a seat", "SeatCreate", "Seat",
	 CREATED | VERSIONED | ONCE},
	{"PATCH", "/v1/seats/{id}", "updateSeat", "seats", "End the holding of a seat",
	 "SeatUpdate", "Seat", VERSIONED | MATCHES},
	{"POST", "/v1/successions", "createSuccession", "successions", "Say who followed whom",
	 "SuccessionCreate", "Succession", CREATED | ONCE},
	{"POST", "/v1/reform-transfers", "createTransfer", "reform-transfers",
	 "Decide to whom something passes", "TransferCreate", "Transfer", CREATED | ONCE},
	{"POST", "/oauth/token", "issueToken", "authentication", "A token for a system",
	 "TokenRequest", "SystemToken", OAUTH_ERRORS | CLIENT_BASIC},
	{"GET", "/.well-known/jwks.json", "readKeySet", "authentication", "The signing keys", NULL,
	 "KeySet"},
	{"GET", "/.well-known/oauth-authorization-server", "readMetadata", "authentication",
	 "Metadata of the authorisation server", NULL, "Metadata"},
	{"GET", "/v1/me", "readMe", "authentication", "Who am I", NULL, "Me"},
	{"GET", "/v1/people/{id}/dossier", "readDossier", "people",
	 "Everything held of one person, and who was given it", NULL, "Dossier", MAY_LIST_PEOPLE},
	{"GET", "/v1/changes", "listChanges", "changes", "What changed since", NULL, "ChangeList",
	 MAY_LIST_PEOPLE},
	{"GET", "/v1/indicators", "listIndicators", "indicators", "The catalogue with its figures",
	 NULL, "IndicatorCatalogue", TABULAR | VERSIONED},
	{"GET", "/v1/indicators/{code}", "listObservations", "indicators",
	 "The rows of one indicator", NULL, "IndicatorRows", TABULAR | VERSIONED},
	{"GET", "/v1/indicators/{code}/explain", "explainIndicator", "indicators",
	 "How a figure came about", NULL, "Explanation", MAY_LIST_PEOPLE},
	{"GET", "/v1/reports/{id}/figures", "listReportFigures", "reports",
	 "The figures of a report", NULL, "ReportFigureList"},
	{"POST", "/v1/reports/{id}/submission", "submitReport", "reports", "Submit a report", NULL,
	 "Report", VERSIONED | ONCE},
	{"POST", "/v1/reports/{id}/countersignature", "countersignReport", "reports",
	 "Sign the consolidated report", NULL, "Report", VERSIONED | ONCE},
	{"GET", "/healthz", "readHealth", "service", "The process is up", NULL, "Health"},
	{"GET", "/readyz", "readReadiness", "service", "It can serve", NULL, "Health"},
	{"GET", "/metrics", "readMetrics", "service", "Metrics for Prometheus", NULL, "string",
	 .media = "text/plain"},
	{"GET", "/openapi.json", "readContract", "contract", "This contract", NULL, "object"},
	{"GET", "/openapi-3.0.json", "readContract30", "contract", "This contract as OpenAPI 3.0",
	 NULL, "object"},
	{"GET", "/openapi.yaml", "readContractYaml", "contract", "This contract as YAML", NULL,
	 "string", .media = "application/yaml"},
	{"GET", "/", "readRoot", "contract", "To the interactive reference", NULL, NULL, LEADS},
	{"GET", "/docs", "readDocs", "contract", "The interactive reference", NULL, "string",
	 .media = "text/html"},
	{"GET", "/docs.css", "readDocsStyle", "contract", "Its style", NULL, "string",
	 .media = "text/css"},
	{"GET", "/docs.js", "readDocsScript", "contract", "Its script", NULL, "string",
	 .media = "text/javascript"},
};

/* Query parameters: `type` as in `members`, a list is written a,b. */
static const struct {
	const char *id, *name, *type, *about;
	int min, max; /* max 0: none */
} queries[] = {
	{"listChanges", "after", "place",
	 "The next_cursor of the page before; 0, or not said: from the oldest"},
	{"listChanges", "limit", "integer", "50 if not said", 1, 200},
	{"listChanges", "wait", "integer",
	 "Seconds to wait for a change when there is none yet; 0 if not said", 0, 25},
	{"listIndicators", "period", "string[]",
	 "Such as 2025, 2025Y, 2025H1 or 2026R; at most 12"},
	{"listIndicators", "from", "date", "Instead of period: the first day of the window"},
	{"listIndicators", "to", "date", "Instead of period: its last day"},
	{"listIndicators", "unit", "unit", "The province if not said"},
	{"listIndicators", "basis", "current|plan", "plan keeps to the Đắk Lắk of the plan"},
	{"listIndicators", "map", "current|2024|as_reported", "On which units history is stated"},
	{"listIndicators", "as_of", "instant",
	 "The figures as they had been submitted by then in the unit's report for the period"},
	{"listIndicators", "format", "json|csv|jsonstat",
	 "The same as Accept; jsonstat: JSON-stat 2.0"},
	{"listIndicators", "bom", "boolean", "Of CSV: begin with a byte order mark, for Excel"},
	{"listObservations", "period", "string[]",
	 "Such as 2025, 2025Y, 2025H1 or 2026R; at most 12"},
	{"listObservations", "from", "date", "Instead of period: the first day of the window"},
	{"listObservations", "to", "date", "Instead of period: its last day"},
	{"listObservations", "unit", "unit", "The province if not said"},
	{"listObservations", "basis", "current|plan", "plan keeps to the Đắk Lắk of the plan"},
	{"listObservations", "definition", "definition",
	 "How it is counted; the headline if not said"},
	{"listObservations", "level", "province|district|commune",
	 "A row for each unit of the level"},
	{"listObservations", "by", "sex|age_band|ethnicity|kind|article|institution_type[]",
	 "A row for each value; which of them an indicator has, the catalogue tells"},
	{"listObservations", "map", "current|2024|as_reported", "On which units history is stated"},
	{"listObservations", "as_of", "instant",
	 "The figures as they had been submitted by then in the unit's report for the period"},
	{"listObservations", "format", "json|csv|jsonstat",
	 "The same as Accept; jsonstat: JSON-stat 2.0"},
	{"listObservations", "bom", "boolean", "Of CSV: begin with a byte order mark, for Excel"},
	{"explainIndicator", "period", "string", "Such as 2025, 2025Y, 2025H1 or 2026R"},
	{"explainIndicator", "from", "date", "Instead of period: the first day of the window"},
	{"explainIndicator", "to", "date", "Instead of period: its last day"},
	{"explainIndicator", "unit", "unit", "The province if not said"},
	{"explainIndicator", "basis", "current|plan", "plan keeps to the Đắk Lắk of the plan"},
	{"explainIndicator", "definition", "definition",
	 "How it is counted; the headline if not said"},
};

/* What a figure says besides its indicator; in an explanation it may be absent. */
#define FIGURE(schema, mark)                                                                       \
	{schema, mark "unit", "string?"}, {schema, mark "unit_name", "string?"},                   \
		{schema, mark "level", "string?"},                                                 \
		{schema, mark "period", "string?", "null for a window of its own"},                \
		{schema, mark "period_start", "date"},                                             \
		{schema, mark "period_end", "date", "Inclusive"}, {schema, mark "sex", "string?"}, \
		{schema, mark "age_band", "string?"}, {schema, mark "ethnicity", "string?"},       \
		{schema, mark "kind", "string?", "Of intervention"},                               \
		{schema, mark "article", "string?", "Of the Penal Code"},                          \
		{schema, mark "institution_type", "string?"},                                      \
		{schema, mark "numerator", "number?"}, {schema, mark "denominator", "number?"},    \
		{schema, mark "value", "number?",                                                  \
		 "null when suppressed, not applicable or without data"},                          \
		{schema, mark "unit_of_measure", "string?"}, {schema, mark "target", "number?"},   \
		{schema, mark "target_basis", "string?", "stated, implied or carried"},            \
		{schema, mark "status", STATUSES}, {schema, mark "previous", "number?"},           \
		{schema, mark "change", "number?"},                                                \
		{schema, mark "suppressed", "boolean", "A count that the caller may not learn"},   \
		{schema, mark "definition_version", "integer?"},                                   \
		{schema, mark "as_of", "instant?"}, {schema, mark "definition", "definition"},     \
		{schema, mark "map", "current|2024|as_reported"},                                  \
		{schema, mark "basis", "current|plan"},                                            \
		{schema, mark "source", "string?",                                                 \
		 "records, baseline (a document of before the programme) or both"},                \
	{                                                                                          \
		schema, mark "previous_source", "string?", "The same of previous"                  \
	}

#define STATUSES "met|not_met|provisional|no_target|not_applicable|no_data?"

/* A type is a base (see `bases`), a|b for an
 * enum, the name of a schema, or A&B for what is both; [] makes it an array, {} a map, ? nullable.
 * A name that begins with ~ may be absent. */
static const struct {
	const char *schema, *name, *type, *about;
} members[] = {
	{"Login", "username", "string"},
	{"Login", "password", "password"},
	{"Refresh", "refresh_token", "string"},
	{"Logout", "~refresh_token", "string?", "Ended as well"},
	{"PasswordChange", "old_password", "password"},
	{"PasswordChange", "new_password", "password", "15 to 128 characters, at most 512 bytes"},
	{"OneTimePassword", "password", "string?",
	 "Told once: null when the answer is one to a repeated request"},
	{"OneTimeSecret", "secret", "string?",
	 "Told once: null when the answer is one to a repeated request"},
	{"Tokens", "access_token", "string", "JWT, signed ES256"},
	{"Tokens", "token_type", "Bearer|"},
	{"Tokens", "expires_in", "integer", "Seconds"},
	{"Tokens", "refresh_token", "string", "Good for one use; the answer has the next"},
	{"TokenRequest", "grant_type", "client_credentials|"},
	{"TokenRequest", "~scope", "string",
	 "Scopes divided by spaces; all that are registered if not said"},
	{"TokenRequest", "~client_id", "string", "When not sent by HTTP Basic"},
	{"TokenRequest", "~client_secret", "password", "When not sent by HTTP Basic"},
	{"SystemToken", "access_token", "string", "JWT, signed ES256"},
	{"SystemToken", "token_type", "Bearer|"},
	{"SystemToken", "expires_in", "integer", "Seconds"},
	{"SystemToken", "scope", "string"},
	{"OAuthError", "error",
	 "invalid_request|invalid_client|invalid_scope|unsupported_grant_type"},
	{"OAuthError", "~error_description", "string"},
	{"KeySet", "keys", "Key[]"},
	{"Key", "kty", "EC|"},
	{"Key", "crv", "P-256|"},
	{"Key", "x", "string"},
	{"Key", "y", "string"},
	{"Key", "kid", "string"},
	{"Key", "use", "sig|"},
	{"Key", "alg", "ES256|"},
	{"Metadata", "issuer", "string"},
	{"Metadata", "token_endpoint", "string"},
	{"Metadata", "jwks_uri", "string"},
	{"Metadata", "service_documentation", "string"},
	{"Metadata", "response_types_supported", "string[]"},
	{"Metadata", "grant_types_supported", "string[]"},
	{"Metadata", "token_endpoint_auth_methods_supported", "string[]"},
	{"Metadata", "scopes_supported", "string[]"},
	{"Me", "user", "string"},
	{"Me", "username", "string?"},
	{"Me", "organization", "string?", "Code of the organisation"},
	{"Me", "organization_name", "string?"},
	{"Me", "agency", "integer?", "1–19; null for the operator"},
	{"Me", "role", "viewer|officer|admin|operator|service"},
	{"Me", "unit", "string?", "The territory: this unit and all below it"},
	{"Me", "unit_name", "string?"},
	{"Me", "purpose", "string?", "Of this request, or the one registered"},
	{"Me", "must_change_password", "boolean",
	 "Until then everything but this, POST /v1/auth/password and logging out is 403"},
	{"Me", "resources", "MayDo{}", "By the resource's table name"},
	{"MayDo", "may", "list|read|create|update|void[]"},
	{"MayDo", "hidden", "string[]", "Field classes"},
	{"MayDo", "scope", "all|territory|shared|own?"},
	{"ChangeList", "data", "Change[]"},
	{"ChangeList", "page", "ChangePage"},
	{"ChangePage", "limit", "integer"},
	{"ChangePage", "next_cursor", "place", "Where to read on from: ?after="},
	{"ChangePage", "next", "string"},
	{"ChangePage", "total", "integer?", "Always null: it goes on"},
	{"ChangePage", "head", "long", "How far the feed can be read at present"},
	{"Change", "seq", "long", "Its place in the feed"},
	{"Change", "resource", "string", "By its table name, as in Me"},
	{"Change", "record", "uuid"},
	{"Change", "operation", "create|update|void|leave",
	 "leave: ask for the record again, it may be out of sight"},
	{"Change", "version", "integer", "Of the record, after the change"},
	{"Change", "changed_at", "instant"},
	{"ReportFigureList", "data", "ReportFigure[]"},
	{"ReportFigureList", "page", "ReportFigurePage"},
	{"ReportFigurePage", "limit", "integer?", "Always null: all rows are there"},
	{"ReportFigurePage", "next_cursor", "string?"},
	{"ReportFigurePage", "next", "string?"},
	{"ReportFigurePage", "total", "integer"},
	{"ReportFigure", "indicator", "string"},
	{"ReportFigure", "definition", "definition"},
	{"ReportFigure", "is_headline", "boolean"},
	{"ReportFigure", "suppressed", "boolean", "Counts that the caller may not learn"},
	{"ReportFigure", "figure", "IndicatorRow?",
	 "As submitted; of a draft as the records have it now"},
	{"ReportFigure", "entry", "TypedFigure?", "What was typed beside it"},
	{"ReportFigure", "is_apart", "boolean",
	 "What was typed is more than 5 % from the records: it takes a reason"},
	{"ReportFigure", "now", "IndicatorRow?",
	 "What the records say today of a submitted figure"},
	{"ReportFigure", "is_restated", "boolean",
	 "The records say another thing than they did when it was submitted"},
	{"JsonStat", "version", "2.0|"},
	{"JsonStat", "class", "dataset|collection", "An indicator, or the catalogue"},
	{"JsonStat", "label", "string"},
	{"JsonStat", "~source", "string"},
	{"JsonStat", "~updated", "instant", "Absent where there is no figure"},
	{"JsonStat", "~id", "string[]", "The dimensions of a dataset"},
	{"JsonStat", "~size", "integer[]", "How many categories each of them has, at least 1"},
	{"JsonStat", "~role", "object"},
	{"JsonStat", "~dimension", "object"},
	{"JsonStat", "~value", "any[]", "Numbers or null, the last dimension fastest"},
	{"JsonStat", "~status", "object", "By the place in `value`, why it is null"},
	{"JsonStat", "~link", "object", "Of a collection: `item`, its datasets"},
	{"TypedFigure", "numerator", "number?"},
	{"TypedFigure", "denominator", "number?"},
	{"TypedFigure", "value", "number?"},
	{"TypedFigure", "reason", "string?"},
	{"IndicatorCatalogue", "data", "Indicator[]"},
	{"IndicatorCatalogue", "page", "IndicatorPage"},
	{"IndicatorRows", "data", "IndicatorRow[]"},
	{"IndicatorRows", "page", "IndicatorPage"},
	{"IndicatorPage", "limit", "integer?", "Always null: all rows are there"},
	{"IndicatorPage", "next_cursor", "string?"},
	{"IndicatorPage", "next", "string?"},
	{"IndicatorPage", "total", "integer"},
	{"IndicatorPage", "scope", "all|small_cells_suppressed", "What the caller was permitted"},
	{"Indicator", "code", "string", "I.1.a … II.4.b"},
	{"Indicator", "target_group", "string?"},
	{"Indicator", "title_vi", "string?"},
	{"Indicator", "title_en", "string?"},
	{"Indicator", "numerator", "string?", "What is counted"},
	{"Indicator", "denominator", "string?", "Out of what"},
	{"Indicator", "unit_of_measure", "string?"},
	{"Indicator", "direction", "string?"},
	{"Indicator", "basis", "string?", "stated, implied or derived"},
	{"Indicator", "clause", "string?", "Of the plan"},
	{"Indicator", "owner_agency", "integer?"},
	{"Indicator", "levels", "string[]?"},
	{"Indicator", "definition_version", "integer?"},
	{"Indicator", "milestones", "Milestone[]"},
	{"Indicator", "is_computed", "boolean", "false: it has no figures here"},
	{"Indicator", "dimensions", "sex|age_band|ethnicity|kind|article|institution_type[]",
	 "What by= takes"},
	{"Indicator", "definitions", "Definition[]", "The ways to count it"},
	{"Indicator", "values", "IndicatorRow[]"},
	{"Milestone", "year", "integer"},
	{"Milestone", "operator", "string?"},
	{"Milestone", "value", "number?"},
	{"Definition", "code", "definition"},
	{"Definition", "vi", "string"},
	{"Definition", "en", "string"},
	{"IndicatorRow", "indicator", "string"},
	FIGURE("IndicatorRow", ""),
	{"Explanation", "indicator", "string"},
	FIGURE("Explanation", "~"),
	{"Explanation", "definition_vi", "string"},
	{"Explanation", "definition_en", "string"},
	{"Explanation", "exclusions", "Reason[]?",
	 "What was left out, and why; null where it would tell of people whom the caller does not "
	 "read"},
	{"Explanation", "lacking", "Reason[]?",
	 "What is in the denominator, and lacks this; null like exclusions"},
	{"Explanation", "subject", "string", "The resource that is counted"},
	{"Explanation", "missing", "Subject[]?", "Who is not counted; null when withheld"},
	{"Explanation", "counted", "Subject[]?", "Who is counted; null when withheld"},
	{"Explanation", "limit", "integer", "The most subjects that are listed"},
	{"Explanation", "is_complete", "boolean"},
	{"Explanation", "withheld", "not_allowed|purpose_required?", "Why there are no subjects"},
	{"Explanation", "reports", "Coverage", "Who owes a report for the unit and the period"},
	{"Coverage", "due", "integer", "Organisations; for the province all of them"},
	{"Coverage", "submitted", "integer"},
	{"Coverage", "on_time", "integer"},
	{"Reason", "code", "string"},
	{"Reason", "vi", "string"},
	{"Reason", "en", "string"},
	{"Reason", "count", "integer"},
	{"Subject", "id", "string"},
	{"Subject", "unit", "string?", "Where it stands now"},
	{"Subject", "desk", "string?", "The organisation that it waits at"},
	{"Subject", "since", "date?", "How long it has been so"},
	{"Subject", "missing", "string[]", "Codes of what it lacks"},
	{"Dossier", "person", "object", "As /v1/people/{id}, the number masked"},
	{"Dossier", "records", "object",
	 "By table, all that refers to the person, voided records too; of a correction `was` and "
	 "`becomes`"},
	{"Dossier", "readings", "Reading[]"},
	{"Dossier", "withheld", "string[]", "Tables whose records are not the caller's to see"},
	{"Dossier", "made_at", "instant"},
	{"Reading", "day", "date", "In Viet Nam"},
	{"Reading", "first_at", "instant"},
	{"Reading", "last_at", "instant"},
	{"Reading", "times", "integer"},
	{"Reading", "organization", "string?"},
	{"Reading", "agency", "integer?"},
	{"Reading", "role", "string?"},
	{"Reading", "purpose", "string?"},
	{"Reading", "action", "string"},
	{"Reading", "resource", "string"},
	{"Reading", "fields", "string[]?", "Field classes of a read, fields of a write"},
	{"Health", "status", "string"},
	{"Health", "~audit_lag_seconds", "integer",
	 "Of /readyz, above 60: how long rows of the audit wait for their seal"},
};

static const struct {
	const char *name, *about;
} tags[] = {
	{"indicators", "The plan's targets as figures, for BI tools"},
	{"changes", "What changed, for whoever keeps a copy"},
	{"authentication", "Tokens, keys, and who the caller is"},
	{"service", "Health and metrics"},
	{"contract", "What the service promises, in several forms"},
};

enum { MEMBER_COUNT = sizeof members / sizeof *members };

static const struct {
	const char *name, *type, *format, *pattern;
} bases[] = {
	{"any"},
	{"string", "string"},
	{"password", "string", "password"},
	{"integer", "integer"},
	{"long", "integer", "int64"},
	{"place", "string", .pattern = "^[0-9]{1,18}$"},
	{"number", "number"},
	{"boolean", "boolean"},
	{"object", "object"},
	{"date", "string", "date"},
	{"instant", "string", "date-time"},
	{"uuid", "string", "uuid"},
	{"unit", "string", .pattern = "^([0-9]{4}|[0-9]{6})-[0-9]{1,5}$"},
};

static json_t *enumeration(char *alternatives)
{
	json_t *all = json_array();
	char *rest = alternatives, *one;

	while ((one = strsep(&rest, "|")))
		if (*one)
			json_array_append_new(all, json_string(one));
	return json_pack("{s:s, s:o}", "type", "string", "enum", all);
}

static bool contains(const json_t *strings, const char *wanted)
{
	size_t i;
	json_t *one;

	json_array_foreach(strings, i, one)
		if (!strcmp(json_string_value(one), wanted))
			return true;
	return false;
}

/* Every way in which some indicator can be counted. */
static json_t *definitions(void)
{
	json_t *all = json_array();

	for (const struct indicator *one = indicators; one->code; one++)
		for (const struct definition *way = one->definitions; way->code; way++)
			if (!contains(all, way->code))
				json_array_append_new(all, json_string(way->code));
	return json_pack("{s:s, s:o}", "type", "string", "enum", all);
}

static json_t *both(char *type)
{
	json_t *all = json_array();
	char *rest = type, *one;

	while ((one = strsep(&rest, "&")))
		json_array_append_new(all, openapi_ref("schemas", one));
	return json_pack("{s:o}", "allOf", all);
}

static json_t *base_of(char *type)
{
	if (strchr(type, '&'))
		return both(type);
	if (!strcmp(type, "definition"))
		return definitions();
	if (strchr(type, '|'))
		return enumeration(type);
	for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
		if (!strcmp(bases[i].name, type))
			return json_pack("{s:s*, s:s*, s:s*}", "type", bases[i].type, "format",
					 bases[i].format, "pattern", bases[i].pattern);
	return openapi_ref("schemas", type);
}

static bool cut(char *type, const char *ending)
{
	size_t length = strlen(type), cut_off = strlen(ending);

	if (length <= cut_off || strcmp(type + length - cut_off, ending) != 0)
		return false;
	type[length - cut_off] = '\0';
	return true;
}

static json_t *schema_of(const char *notation)
{
	char type[160];

	snprintf(type, sizeof type, "%s", notation);
	bool is_nullable = cut(type, "?"), is_array = cut(type, "[]"), is_map = cut(type, "{}");
	json_t *schema = base_of(type);

	if (is_array)
		schema = json_pack("{s:s, s:o}", "type", "array", "items", schema);
	if (is_map)
		schema = json_pack("{s:s, s:o}", "type", "object", "additionalProperties", schema);
	if (!is_nullable)
		return schema;
	json_t *plain = json_incref(json_object_get(schema, "type"));
	if (!plain)
		return json_pack("{s:[o, {s:s}]}", "anyOf", schema, "type", "null");
	json_object_set_new(schema, "type", json_pack("[o, s]", plain, "null"));
	if (json_object_get(schema, "enum"))
		json_array_append_new(json_object_get(schema, "enum"), json_null());
	return schema;
}

static void add_member(json_t *schema, size_t i)
{
	bool is_optional = members[i].name[0] == '~';
	const char *name = members[i].name + is_optional;
	json_t *member = schema_of(members[i].type);

	if (members[i].about)
		json_object_set_new(member, "description", json_string(members[i].about));
	json_object_set_new(json_object_get(schema, "properties"), name, member);
	if (is_optional)
		return;
	if (!json_object_get(schema, "required"))
		json_object_set_new(schema, "required", json_array());
	json_array_append_new(json_object_get(schema, "required"), json_string(name));
}

/* A schema is written when a route needs it, and so are those that it speaks of. */
static void add_schema(json_t *schemas, const char *notation)
{
	const char *other = strchr(notation, '&');
	char name[160];

	if (other)
		add_schema(schemas, other + 1);
	snprintf(name, sizeof name, "%s", notation);
	name[strcspn(name, "[{?&")] = '\0';
	if (!isupper((unsigned char)*name) || strchr(name, '|') || json_object_get(schemas, name))
		return;
	json_t *schema = json_pack("{s:s, s:{}}", "type", "object", "properties");

	for (size_t i = 0; i < MEMBER_COUNT; i++)
		if (!strcmp(members[i].schema, name))
			add_member(schema, i);
	json_object_set_new(schemas, name, schema);
	for (size_t i = 0; i < MEMBER_COUNT; i++)
		if (!strcmp(members[i].schema, name))
			add_schema(schemas, members[i].type);
}

static const struct special *special_of(const struct route *route)
{
	for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
		if (!strcmp(specials[i].method, route->method) &&
		    !strcmp(specials[i].path, route->path))
			return &specials[i];
	return NULL;
}

void openapi_add_special_schemas(json_t *schemas)
{
	for (const struct route *route = routes_all(); route->path; route++) {
		const struct special *special = special_of(route);

		if (!special)
			continue;
		if (special->body)
			add_schema(schemas, special->body);
		if (special->answer)
			add_schema(schemas, special->answer);
		if (special->flags & TABULAR)
			add_schema(schemas, "JsonStat");
		if (special->flags & OAUTH_ERRORS)
			add_schema(schemas, "OAuthError");
	}
}

void openapi_add_special_tags(json_t *all)
{
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		json_array_append_new(all, json_pack("{s:s, s:s}", "name", tags[i].name,
						     "description", tags[i].about));
}

static json_t *query_parameter(size_t i)
{
	json_t *parameter = json_pack("{s:s, s:s, s:s, s:o}", "name", queries[i].name, "in",
				      "query", "description", queries[i].about, "schema",
				      schema_of(queries[i].type));

	if (queries[i].max)
		json_object_update_new(json_object_get(parameter, "schema"),
				       json_pack("{s:i, s:i}", "minimum", queries[i].min, "maximum",
						 queries[i].max));
	if (strchr(queries[i].type, '['))
		json_object_update_new(parameter,
				       json_pack("{s:s, s:b}", "style", "form", "explode", false));
	return parameter;
}

/* Whoever has an answer already can ask whether it still holds. */
static bool is_kept(const struct special *special)
{
	return special->flags & VERSIONED && !strcmp(special->method, "GET");
}

static json_t *parameters_of(const struct special *special)
{
	json_t *parameters = json_array();

	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
		if (!strcmp(queries[i].id, special->id))
			json_array_append_new(parameters, query_parameter(i));
	if (special->flags & MAY_LIST_PEOPLE)
		json_array_append_new(parameters, openapi_ref("parameters", "Purpose"));
	if (special->flags & ONCE)
		json_array_append_new(parameters, openapi_ref("parameters", "IdempotencyKey"));
	if (special->flags & MATCHES)
		json_array_append_new(parameters, openapi_ref("parameters", "IfMatch"));
	if (is_kept(special))
		json_array_append_new(parameters, openapi_ref("parameters", "IfNoneMatch"));
	return parameters;
}

static void add_oauth_errors(json_t *responses)
{
	static const char *const statuses[] = {"400", "401"};

	for (int i = 0; i < 2; i++)
		json_object_set_new(responses, statuses[i],
				    json_pack("{s:s, s:{s:{s:o}}}", "description",
					      "As RFC 6749, 5.2 has it", "content",
					      "application/json", "schema",
					      openapi_ref("schemas", "OAuthError")));
	json_object_set_new(
		json_object_get(responses, "401"), "headers",
		json_pack("{s:o}", "WWW-Authenticate", openapi_ref("headers", "WWWAuthenticate")));
}

static json_t *headers_of(const struct special *special)
{
	json_t *headers = json_object();

	if (special->flags & (CREATED | LEADS))
		json_object_set_new(headers, "Location", openapi_ref("headers", "Location"));
	if (special->flags & VERSIONED)
		json_object_set_new(headers, "ETag", openapi_ref("headers", "ETag"));
	if (special->flags & ONCE)
		json_object_set_new(headers, "Idempotency-Replayed",
				    openapi_ref("headers", "IdempotencyReplayed"));
	return headers;
}

static json_t *success_of(const struct special *special)
{
	if (special->flags & NO_CONTENT)
		return json_pack("{s:s}", "description", "Done");
	if (special->flags & LEADS)
		return json_pack("{s:s, s:o}", "description", special->summary, "headers",
				 headers_of(special));
	json_t *schema = schema_of(special->answer);
	if (special->flags & TABULAR)
		schema = json_pack("{s:[o, o]}", "oneOf", schema,
				   openapi_ref("schemas", "JsonStat"));
	json_t *content = json_pack("{s:{s:o}}",
				    special->media ? special->media : "application/json", "schema",
				    schema);
	if (special->flags & TABULAR)
		json_object_set_new(content, "text/csv",
				    json_pack("{s:{s:s}}", "schema", "type", "string"));
	json_t *success = json_pack("{s:s, s:o}", "description", special->summary, "content",
				    content);
	if (special->flags & (CREATED | VERSIONED | ONCE))
		json_object_set_new(success, "headers", headers_of(special));
	return success;
}

static json_t *responses_of(const struct special *special)
{
	const char *status = special->flags & NO_CONTENT ? "204"
			     : special->flags & LEADS	 ? "303"
			     : special->flags & CREATED	 ? "201"
							 : "200";
	json_t *responses = json_pack("{s:o}", status, success_of(special));

	if (is_kept(special))
		json_object_set_new(responses, "304", openapi_not_changed());
	/* It has no success of its own, and checkers want to hear of the rest. */
	if (special->flags & LEADS)
		json_object_set_new(responses, "default", openapi_ref("responses", "Internal"));
	if (special->flags & OAUTH_ERRORS)
		add_oauth_errors(responses);
	if (special->flags & NEEDS_PROOF)
		json_object_set_new(responses, "401", openapi_ref("responses", "Unauthenticated"));
	return responses;
}

/* What it is, and of a resource who may do it. */
static json_t *description_of(const struct route *route)
{
	auto_text text = {0};

	text_add(&text, route->about);
	if (route->resource) {
		text_add(&text, "\n\n");
		openapi_add_access(&text, route->resource, route->operation);
	}
	return json_string(text_string(&text));
}

static json_t *described(const struct special *special, const struct route *route)
{
	json_t *operation = json_pack("{s:[s], s:s, s:s, s:o, s:o, s:o}", "tags", special->tag,
				      "operationId", special->id, "summary", special->summary,
				      "description", description_of(route), "parameters",
				      parameters_of(special), "responses", responses_of(special));

	if (special->body && route->body)
		json_object_set_new(operation, "requestBody",
				    json_pack("{s:b, s:{s:{s:o}}}", "required",
					      !(special->flags & OPTIONAL_BODY), "content",
					      route->body, "schema", schema_of(special->body)));
	if (special->flags & CLIENT_BASIC)
		json_object_set_new(operation, "security", json_pack("[{s:[]}, {}]", "basic"));
	return operation;
}

/* "GET", "/v1/some-thing/{id}" becomes getV1SomeThingId. */
static void make_id(const struct route *route, char id[160])
{
	size_t length = 0;
	bool begins = false;

	for (const char *c = route->method; *c && length < 16; c++)
		id[length++] = (char)tolower((unsigned char)*c);
	for (const char *c = route->path; *c && length < 159; c++) {
		if (isalnum((unsigned char)*c))
			id[length++] = begins ? (char)toupper((unsigned char)*c) : *c;
		begins = !isalnum((unsigned char)*c);
	}
	id[length] = '\0';
}

/* Of a route that this file does not know: an object in, an object out. */
static json_t *generic(const struct route *route)
{
	char id[160];

	make_id(route, id);
	json_t *operation = json_pack("{s:[s], s:s, s:s, s:[], s:{s:{s:s, s:{s:{s:{s:s}}}}}}",
				      "tags", "service", "operationId", id, "summary",
				      route->about ? route->about : id, "parameters", "responses",
				      "200", "description", "Done", "content", "application/json",
				      "schema", "type", "object");
	if (route->body)
		json_object_set_new(operation, "requestBody",
				    json_pack("{s:{s:{s:{s:s}}}}", "content", route->body, "schema",
					      "type", "object"));
	return operation;
}

bool openapi_is_special(const struct route *route)
{
	return !route->resource || special_of(route);
}

json_t *openapi_special(const struct route *route)
{
	const struct special *special = special_of(route);

	return special ? described(special, route) : generic(route);
}
