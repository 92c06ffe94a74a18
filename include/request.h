/* One request on its straight line from socket to answer (api only). */
#ifndef LACHAN_REQUEST_H
#define LACHAN_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <ulfius.h>

#include "access.h"
#include "error.h"
#include "plan.h"
#include "records.h"
#include "service.h"
#include "text.h"

enum { REQUEST_PARAMETERS = 100, REPLY_HEADERS = 12, ROUTES = 256 };

/* How a route wants its caller known. */
enum authentication {
	AUTHENTICATION_MISSING, /* the router refuses to start with such a route */
	PUBLIC,			/* anyone */
	BEARER,			/* an access token of ours */
	BEARER_OR_BASIC,	/* or HTTP Basic of a read-only client (BI tools) */
};

struct request;

/* A row of the route table (api/routes.c). `path` has {id} for a variable part; at most two. */
struct route {
	const char *method, *path;
	enum authentication authentication;
	bool (*perform)(struct request *request); /* fills request->reply, or sets the error */
	const struct resource *resource;	  /* of engine routes, else NULL */
	enum operation operation;
	enum lane lane;		 /* LANE for what may take more than 50 ms */
	const char *body;	 /* media type of the body it takes, NULL when none */
	const char *about;	 /* for the contract */
	bool with_told_password; /* also while the caller must change a password it was told */
	bool for_everyone;	 /* for whoever is signed in: of no resource, by intention */
};

struct reply {
	int status;
	const char *content_type; /* static text */
	struct text body;
	struct {
		const char *name; /* static text */
		char *value;	  /* owned by the reply */
	} headers[REPLY_HEADERS];
	size_t header_count;
	struct export *export; /* a stream instead of a body; owned */
};

/* Owns all that is gathered while serving; one release. */
struct request {
	struct service *service;
	const struct _u_request *http;
	const struct route *route;
	char path[512];	       /* as sent, without the query */
	char variables[2][64]; /* the {…} parts of the path, as sent */
	struct parameter parameters[REQUEST_PARAMETERS];
	size_t parameter_count;
	char *query;  /* owns the decoded parameters */
	json_t *body; /* JSON body, NULL when the route takes none */
	struct caller caller;
	bool is_authenticated;
	char id[37];	      /* request id */
	const char *language; /* "vi" or "en" */
	struct plan plan;
	struct reply reply;
	struct error error;
	uint64_t started; /* monotonic, ns */
	bool is_ready;	  /* all that is left is to perform it */
	bool is_last;	  /* of its connection */
};

/* The steps (api/serve.c says their order); each that fails has said why in request->error. */
bool frame(struct request *request);	    /* 400 414 417 501: api/frame.c */
bool route(struct request *request);	    /* 404 405 413: api/routes.c */
bool admit(struct request *request);	    /* 429: api/limit.c */
bool admit_number(struct request *request); /* 429: of a plan that seeks or writes a number */
bool negotiate(struct request *request);    /* 406 415: api/parse.c */
bool parse(struct request *request);	    /* 400: api/parse.c */

/* What api/listen.c says the request came by. */
struct MHD_Connection *request_connection(const struct _u_request *http);
/* A request header; NULL when absent. Sent twice it is "a,b" (ulfius joins). */
const char *request_header(const struct request *request, const char *name);
/* How many lines a header was sent in; unless NULL, `joined` gets all of them with commas between.
 */
size_t request_header_lines(const struct request *request, const char *name, struct text *joined);
/* A query parameter, or NULL. */
const char *request_parameter(const struct request *request, const char *name);

void reply_header(struct reply *reply, const char *name, const char *value);
/* 200 (or `status`) with a JSON document; takes the reference. */
bool reply_json(struct request *request, int status, json_t *take_document);

/* Whether a body of the length goes packed to this client; and packs a text in place. */
bool reply_wants_gzip(const struct request *request, size_t length);
bool gzip_pack(struct text *body);

/* Finds who is asking and that they may still ask (api/authenticate.c): fills request->caller. */
bool authenticate(struct request *request);

/* The line that every request takes (api/serve.c), in its two halves: up to what may take long,
 * true when that is left to be done; and to the end. Between them a request may move in memory and
 * from thread to thread. */
bool serve_begin(struct request *request, const struct _u_request *http, struct service *service);
void serve_end(struct request *request, struct _u_response *response);

/* The route table, ending in {0}; engine routes are made of the resources at the first call. */
const struct route *routes_all(void);
/* False, and why, when a route has no policy: such a program does not start. */
bool routes_are_guarded(const struct route *routes, struct error *error);
/* What Allow says of the request's path: "GET, HEAD, …"; "" when there is no such path. */
const char *routes_allowed(const struct request *request, char allowed[96]);
/* LANE for what may take long: by a request that serve_begin() has read, and by the first bytes of
 * one, which may be cut off, as far as they tell. */
enum lane routes_lane(const struct request *request);
enum lane routes_lane_first(const char *bytes);
/* The route's place in the table, for counters. */
size_t route_index(const struct route *route);

/* Writes request->reply, or the error as problem+json, into the response (api/respond.c). */
void respond(struct request *request, struct _u_response *response);

/* Writes the contract of all routes and resources (api/openapi.c); `version` is "3.1.0" or
 * "3.0.3". A new reference. */
json_t *openapi_document(const char *version);
/* The same as YAML 1.2, for the 3.1 document; a new string the caller frees. */
char *openapi_yaml(const char *version);

#endif
