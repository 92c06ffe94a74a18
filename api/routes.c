/* What exists: the one table that requests, the contract, 405 and Allow are read from. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change_routes.h"
#include "dossier_routes.h"
#include "engine.h"
#include "indicator_routes.h"
#include "managed.h"
#include "organization_routes.h"
#include "report_routes.h"
#include "request.h"
#include "session.h"
#include "system.h"

static const char json[] = "application/json";
static const char merge_patch[] = "application/merge-patch+json";

/* What is not a record of some resource, or not done to it by the engine. */
static const struct route special[] = {
	{"POST", "/v1/auth/login", PUBLIC, session_login, .lane = LANE, .body = json,
	 .about = "Log in with user name and password"},
	{"POST", "/v1/auth/refresh", PUBLIC, session_refresh, .body = json,
	 .about = "Exchange a refresh token for new tokens"},
	{"POST", "/v1/auth/logout", BEARER, session_logout, .body = json,
	 .about = "End the session", .with_told_password = true, .for_everyone = true},
	{"POST", "/v1/auth/password", BEARER, session_password, .lane = LANE, .body = json,
	 .about = "Change one's own password: 15 to 128 characters, and none that is easily "
		  "guessed. Every other session ends",
	 .with_told_password = true, .for_everyone = true},
	{"GET", "/v1/sessions", BEARER, session_list, &open_sessions, LIST,
	 .about = "Sessions that stand: one's own, or those of ?user="},
	{"DELETE", "/v1/sessions/{id}", BEARER, session_end, &open_sessions, REMOVE,
	 .about = "End a session, within 5 s everywhere"},
	{"POST", "/v1/users", BEARER, user_create, &users, CREATE, LANE, json,
	 "Make an account. The password is told in this answer alone, and must be changed before "
	 "anything else"},
	{"PATCH", "/v1/users/{id}", BEARER, user_update, &users, UPDATE, FAST, merge_patch,
	 "Change an account. With its role, unit or `disabled` its sessions end"},
	{"POST", "/v1/users/{id}/reset-password", BEARER, user_reset_password, &users, UPDATE, LANE,
	 .about = "A new password, told in this answer alone; sessions end, failed logins are "
		  "forgotten"},
	{"POST", "/v1/clients", BEARER, client_create, &system_clients, CREATE, FAST, json,
	 "Make an account of a system. The secret is told in this answer alone"},
	{"PATCH", "/v1/clients/{id}", BEARER, client_update, &system_clients, UPDATE, FAST,
	 merge_patch, "Change an account of a system"},
	{"POST", "/v1/clients/{id}/rotate-secret", BEARER, client_rotate_secret, &system_clients,
	 UPDATE,
	 .about = "A new secret, told in this answer alone; the one before works for 24 hours"},
	{"POST", "/v1/organizations", BEARER, organization_create, &organizations, CREATE, FAST,
	 json, "Enter an organisation"},
	{"PATCH", "/v1/organizations/{id}", BEARER, organization_update, &organizations, UPDATE,
	 FAST, merge_patch, "Rename an organisation, or end it"},
	{"POST", "/v1/seats", BEARER, seat_create, &held_seats, CREATE, FAST, json,
	 "Give an organisation an agency's seat"},
	{"PATCH", "/v1/seats/{id}", BEARER, seat_update, &held_seats, UPDATE, FAST, merge_patch,
	 "End the holding of a seat; whoever acted by it can no more"},
	{"POST", "/v1/successions", BEARER, succession_create, &successions, CREATE, FAST, json,
	 "Say which organisation followed which"},
	{"POST", "/v1/reform-transfers", BEARER, reform_decide, &reform_transfers, CREATE, FAST,
	 json, "Decide to whom something of /v1/reform-undecided passes"},
	{"POST", "/oauth/token", PUBLIC, session_token, .lane = LANE,
	 .body = "application/x-www-form-urlencoded",
	 .about = "Token of a system client (RFC 6749, client_credentials)"},
	{"GET", "/.well-known/jwks.json", PUBLIC, session_jwks,
	 .about = "Public keys of the tokens (RFC 7517)"},
	{"GET", "/.well-known/oauth-authorization-server", PUBLIC, session_metadata,
	 .about = "Metadata of the token service (RFC 8414)"},
	{"GET", "/v1/me", BEARER, me_show, .about = "Who the caller is and what it may do",
	 .with_told_password = true, .for_everyone = true},
	{"GET", "/v1/people/{id}/dossier", BEARER, dossier_show, &people, READ, LANE,
	 .about = "Everything held of one person and who was given it, for answering its request"},
	{"GET", "/v1/changes", BEARER, changes_show, .lane = LANE,
	 .about =
		 "What changed after a place of the feed, in an order in which nothing is skipped: "
		 "which records, not what is in them. A record that may have left the caller's "
		 "territory is told as `leave`. Kept for 90 days (410 beyond); `next` is always "
		 "there and moves on past what is for others",
	 .for_everyone = true},
	{"GET", "/v1/indicators", BEARER_OR_BASIC, indicators_list, .lane = LANE,
	 .about = "The catalogue of indicators with their values of one period",
	 .for_everyone = true},
	{"GET", "/v1/indicators/{code}", BEARER_OR_BASIC, indicator_rows, .lane = LANE,
	 .about = "The rows of one indicator", .for_everyone = true},
	{"GET", "/v1/indicators/{code}/explain", BEARER_OR_BASIC, indicator_explain, .lane = LANE,
	 .about = "How a figure came about, and who is missing from it", .for_everyone = true},
	{"GET", "/v1/reports/{id}/figures", BEARER, report_figures, &reports, READ, LANE,
	 .about = "The figures of a report: of a draft as the records have them now, later as they "
		  "were submitted, beside what was typed and what the records say today"},
	{"POST", "/v1/reports/{id}/submission", BEARER, report_submit, &reports, UPDATE, LANE,
	 .about = "Submit a report: its figures are frozen as they are"},
	{"POST", "/v1/reports/{id}/countersignature", BEARER, report_countersign, &reports, UPDATE,
	 .about = "The Youth Union's signature under the consolidated report; with it the accepted "
		  "reports of the period are consolidated"},
	{"GET", "/openapi.json", PUBLIC, system_openapi, .about = "This contract, OpenAPI 3.1"},
	{"GET", "/openapi.yaml", PUBLIC, system_openapi, .about = "This contract, OpenAPI 3.1"},
	{"GET", "/openapi-3.0.json", PUBLIC, system_openapi,
	 .about = "This contract for generators that know OpenAPI 3.0 only"},
	{"GET", "/", PUBLIC, system_root, .about = "Leads to the interactive reference"},
	{"GET", "/docs", PUBLIC, system_page, .about = "An interactive reference"},
	{"GET", "/docs.css", PUBLIC, system_page, .about = "Its style"},
	{"GET", "/docs.js", PUBLIC, system_page, .about = "Its program"},
	{"GET", "/healthz", PUBLIC, system_health, .about = "The process is up"},
	{"GET", "/readyz", PUBLIC, system_ready,
	 .about = "It can serve: database reached, schema current"},
	{"GET", "/metrics", PUBLIC, system_metrics, .about = "Counters for Prometheus"},
};

static const struct {
	const char *method;
	enum operation operation;
	bool of_one;
	bool (*perform)(struct request *request);
	const char *body;
} shapes[] = {
	{"GET", LIST, false, engine_list, NULL},
	{"POST", CREATE, false, engine_create, json},
	{"GET", READ, true, engine_read, NULL},
	{"PATCH", UPDATE, true, engine_update, merge_patch},
	{"DELETE", REMOVE, true, engine_void, NULL},
};

enum { SPECIAL = sizeof special / sizeof *special };

/* Made once, before any request; read only from then on. */
static struct route table[ROUTES];
static char paths[ROUTES][96];
static size_t table_count;
static pthread_once_t table_made = PTHREAD_ONCE_INIT;

static bool is_granted(const struct resource *resource, enum operation operation)
{
	const struct grant *found[1];

	for (int agency = 0; agency < 20; agency++)
		if (access_grants(agency, resource, operation, found, 1))
			return true;
	return false;
}

/* What stands in `special` takes the engine's place. */
static bool is_special(const char *method, const char *path)
{
	for (size_t i = 0; i < SPECIAL; i++)
		if (!strcmp(special[i].method, method) && !strcmp(special[i].path, path))
			return true;
	return false;
}

static void add_resource(const struct resource *resource)
{
	bool has_own_key = !resource_key(resource)->column;

	for (size_t i = 0; i < sizeof shapes / sizeof *shapes && table_count < ROUTES - 1; i++) {
		char *path = paths[table_count];

		if (!is_granted(resource, shapes[i].operation) ||
		    (shapes[i].of_one && !has_own_key))
			continue;
		snprintf(path, sizeof *paths, "/v1/%s%s%s%s",
			 resource->parent ? resource->parent->name : "",
			 resource->parent ? "/{id}/" : "", resource->name,
			 !shapes[i].of_one  ? ""
			 : resource->parent ? "/{item}"
					    : "/{id}");
		if (is_special(shapes[i].method, path))
			continue;
		table[table_count++] = (struct route){
			.method = shapes[i].method,
			.path = path,
			.authentication = resource->traits & REFERENCE_DATA &&
							  !(resource->traits & AUDITED)
						  ? BEARER_OR_BASIC
						  : BEARER,
			.perform = shapes[i].perform,
			.resource = resource,
			.operation = shapes[i].operation,
			.body = shapes[i].body,
			.about = resource->about,
		};
	}
}

static void make_table(void)
{
	for (size_t i = 0; resources[i]; i++)
		add_resource(resources[i]);
	for (size_t i = 0; i < SPECIAL && table_count < ROUTES - 1; i++)
		table[table_count++] = special[i];
}

const struct route *routes_all(void)
{
	pthread_once(&table_made, make_table);
	return table;
}

size_t route_index(const struct route *route)
{
	return (size_t)(route - table);
}

/* It is public, or somebody is granted what it does, or it is said to be for everyone. */
static bool has_policy(const struct route *route)
{
	if (!route->perform || route->authentication == AUTHENTICATION_MISSING)
		return false;
	if (route->resource)
		return is_granted(route->resource, route->operation);
	return route->authentication == PUBLIC || route->for_everyone;
}

bool routes_are_guarded(const struct route *routes, struct error *error)
{
	for (const struct route *route = routes; route->method; route++)
		if (!has_policy(route))
			return error_internal(error, ERROR_INTERNAL, "route %s %s has no policy",
					      route->method, route->path);
	return true;
}

/* Whether the path has the route's form; the parts that {…} stands for are copied. */
static bool matches(const char *form, const char *path, char variables[2][64])
{
	int count = 0;

	while (*form && *path) {
		if (*form == '{') {
			size_t length = strcspn(path, "/");

			if (!length || length > 63 || count == 2)
				return false;
			snprintf(variables[count++], 64, "%.*s", (int)length, path);
			path += length;
			form += strcspn(form, "}") + 1;
		} else if (*form++ != *path++)
			return false;
	}
	return !*form && !*path;
}

const char *routes_allowed(const struct request *request, char allowed[96])
{
	char variables[2][64];
	size_t length = 0;

	allowed[0] = '\0';
	for (const struct route *route = routes_all(); route->method; route++)
		if (matches(route->path, request->path, variables))
			length += (size_t)snprintf(allowed + length, 96 - length, "%s%s%s",
						   length ? ", " : "", route->method,
						   !strcmp(route->method, "GET") ? ", HEAD" : "");
	if (length)
		snprintf(allowed + length, 96 - length, ", OPTIONS");
	return allowed;
}

static bool body_fits(struct request *request)
{
	size_t limit = (size_t)request->service->config.body_limit;
	char text[24];

	snprintf(text, sizeof text, "%zu", limit);
	return request->http->binary_body_length <= limit ||
	       error_set(&request->error, ERROR_TOO_LARGE, "body_too_large", text);
}

/* NULL when there is none. */
static const struct route *find(const char *method, const char *path, char variables[2][64])
{
	if (!strcmp(method, "HEAD"))
		method = "GET";
	for (const struct route *route = routes_all(); route->method; route++)
		if (!strcmp(route->method, method) && matches(route->path, path, variables))
			return route;
	return NULL;
}

bool route(struct request *request)
{
	char allowed[96];

	if (!body_fits(request))
		return false;
	request->route = find(request->http->http_verb, request->path, request->variables);
	if (request->route)
		return true;
	if (!*routes_allowed(request, allowed))
		return error_set(&request->error, ERROR_NOT_FOUND, "no_route", NULL);
	reply_header(&request->reply, "Allow", allowed);
	return error_set(&request->error, ERROR_METHOD, "method_not_allowed", allowed);
}

/* A list in one of these is an export. */
enum lane routes_lane(const struct request *request)
{
	const char *format = request_parameter(request, "format");

	return request->plan.format != JSON || (format && strcmp(format, "json") != 0)
		       ? LANE
		       : request->route->lane;
}

enum lane routes_lane_first(const char *bytes)
{
	static const char *const exports[] = {"format=csv", "format=ndjson", "text/csv",
					      "x-ndjson"};
	char method[8], path[512], variables[2][64];

	for (size_t i = 0; i < sizeof exports / sizeof *exports; i++)
		if (strstr(bytes, exports[i]))
			return LANE;
	if (sscanf(bytes, "%7[A-Z] %511[^? \r\n]", method, path) != 2)
		return FAST;
	const struct route *route = find(method, path, variables);

	return route ? route->lane : FAST;
}
