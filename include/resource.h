/* A resource is one const table: validation, SQL, paging, filters, CSV, access and the OpenAPI
 * contract are read from it. */
#ifndef LACHAN_RESOURCE_H
#define LACHAN_RESOURCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "codes.h"
#include "error.h"

enum operation { LIST, READ, CREATE, UPDATE, REMOVE, OPERATIONS };

extern const char *const operation_names[OPERATIONS]; /* "list" … "void" */

/* A set of agencies 1–19; bit 0 is the operator. */
typedef uint32_t agency_set;
#define ONE(n) (1u << (n))
#define ANY_AGENCY 0xffffeu

enum field_type {
	UUID,
	TEXT,
	NAME,	      /* of a person: TEXT that is NFC, one line, searchable by ?q= */
	CODE,	      /* one of .codes */
	CODES,	      /* an array of .codes */
	DATE,	      /* YYYY-MM-DD, Asia/Ho_Chi_Minh */
	PARTIAL_DATE, /* YYYY, YYYY-MM or YYYY-MM-DD */
	INSTANT,      /* RFC 3339 */
	INTEGER,
	DECIMAL,
	BOOLEAN,
	UNIT,		/* key of an administrative unit, e.g. 2025-24121 */
	ORGANIZATION,	/* code of an organisation */
	REFERENCE,	/* UUID of a record of .references */
	PHONE,		/* taken as written in Viet Nam, kept in E.164 */
	CITIZEN_NUMBER, /* 12 digits, or 9 of the former identity card; encrypted at rest, masked */
	TEXTS,		/* an array of text; .max bounds the items and the length of each */
	INTEGERS,	/* an array of integers, read only */
	DOCUMENT,	/* ready JSON, read only */
	PSEUDONYM,	/* of the person, another for each agency, made by the view; null to whoever
			   sees the person itself; read only */
	FIELD_TYPES
};

/* Field classes of personal data; a bit set says what is hidden from whom. */
enum field_class {
	OPEN,
	IDENTITY,
	CONTACT,
	CASE,
	EDUCATION,
	EMPLOYMENT,
	HEALTH_CLASS,
	CRIMINAL,
	FIELD_CLASSES
};

extern const char *const field_class_names[FIELD_CLASSES]; /* "open" … "criminal" */

enum field_flag {
	REQUIRED = 1, /* when created, and never null */
	READ_ONLY = 2,
	FIXED = 4, /* set when created, unchangeable afterwards */
	FILTER = 8,
	SORT = 16,
	PAST = 32,	  /* a date that cannot lie in the future */
	HAS_DEFAULT = 64, /* need not be sent, yet is never null */
	SEARCH = 128,	  /* a name that ?q= finds the record by: the table has {name}_keys */
	SOUGHT = 256,	  /* only a filter: {table}_by_{name}() gives the keys of what it finds */
};

struct field {
	const char *name; /* in JSON, SQL, C and YAML alike */
	enum field_type type;
	unsigned flags;
	int64_t min, max; /* characters of a text, value of a number, items of an array; 0,0:
			     default */
	const struct code_list *codes;
	const struct resource *references;
	enum field_class sensitivity;
	agency_set writers; /* 0: whoever may write the record */
	const char
		*column; /* SQL expression when it is not the column of that name; read only then */
	const char *about; /* for the contract, English */
};

/* A rule across two fields of one record, checked in C where both are sent and always by a CHECK
 * of the same meaning. */
struct rule {
	const char *field; /* the one that is blamed */
	enum { NOT_BEFORE, REQUIRED_WHEN, FORBIDDEN_UNLESS } kind;
	const char *other;
	const char *value; /* REQUIRED_WHEN, FORBIDDEN_UNLESS: `other` has this value */
};

enum resource_trait {
	REFERENCE_DATA = 1, /* loaded from db/seed, or kept by the service itself; no version,
			       nothing to write */
	AUDITED = 2,	    /* reading it is written to the audit */
	PERSONAL = 4,	    /* asking for it takes a purpose */
	OWN_RULES = 8,	    /* a view that decides itself which rows it shows; functions of its own
			       write; no scope of a system names it */
	NEWEST_FIRST = 16, /* unless ?sort= says otherwise; listed from its search view; no scope of
			      a system names it */
};

struct resource {
	const char *name;  /* the path segment, plural kebab-case */
	const char *table; /* the SQL table */
	const char *word;  /* in JSON and in the audit; NULL: as the table */
	const char *title; /* one record, for the contract: "Person" */
	const char *about;
	const struct field *fields;    /* ends in {0}; the first is the key */
	const struct rule *rules;      /* ends in {0}, or NULL */
	const struct resource *parent; /* its path is /v1/{parent}/{id}/{name} */
	const char *parent_field;      /* the column that holds the parent's key */
	const char *search;	       /* the view with `key` to search by names, when ?q= works */
	const char *seen; /* the view to read by, when fields of it are hidden from some agency, and
			     with _{agency} of those that see like it; so it is with `search` */
	unsigned traits;
};

/* Every resource, ending in NULL. */
extern const struct resource *const resources[];

extern const struct resource people, person_statuses, referrals, handovers, break_glasses, notices,
	person_violations, interventions, person_interventions, crimes, crime_participants,
	crime_stages, hotspots, hotspot_events, training_sessions, session_attendees, campaigns,
	models, union_organizations, key_communes, tasks, task_assignments, task_progress,
	baselines, institutions, institution_headcounts, units, agencies, organizations, targets,
	codes, reporting_periods, legal_references;
extern const struct resource reports, report_entries, report_completeness;
extern const struct resource task_trees, task_overview, clocks;
extern const struct resource subject_requests, restrictions, retention, retention_decisions;
extern const struct resource person_duplicates, merges;
extern const struct resource held_seats, successions, reform_undecided, reform_transfers;
extern const struct resource users, system_clients, open_sessions, audit;

const struct field *resource_field(const struct resource *resource, const char *name);
const struct field *resource_key(const struct resource *resource);
const char *resource_word(const struct resource *resource);

/* True when the engine writes its table, and the feed of changes tells of it. */
bool resource_is_followed(const struct resource *resource);

/* True of what a person may ask to have corrected: its record, and what is kept of it below. */
bool resource_is_correctable(const struct resource *resource);

/* Checks an object that a client sent, and brings it to its stored form in place: text in NFC,
 * phone numbers in E.164. Every fault is listed in `error`, each blamed on its field.
 * CREATE: required fields must be there; UPDATE: a merge patch (RFC 7396), null empties.
 * `agency` decides which fields may be written. `today` is the date in Viet Nam, YYYY-MM-DD. */
bool resource_accepts(const struct resource *resource, enum operation operation, json_t *object,
		      int agency, const char *today, struct error *error) CHECKED;

/* The same for one value of one field, in place: *value is replaced by its stored form.
 * `pointer` is what a fault is blamed on. */
bool field_accepts(const struct field *field, json_t **value, const char *today,
		   const char *pointer, struct error *error) CHECKED;

/* Checks the text of a query parameter for the field; returns its stored form (caller frees), or
 * NULL and a fault. */
char *field_parses(const struct field *field, const char *text, const char *parameter,
		   struct error *error) CHECKED;

/* True for YYYY-MM-DD that exists in the proleptic Gregorian calendar, years 1900–2100. */
bool date_is_valid(const char *date);
/* The last day that a partial date can mean: "2008-02" gives 2008-02-29. False when malformed. */
bool partial_date_last(const char *partial, char last[11]);
/* RFC 3339 with an offset. */
bool instant_is_valid(const char *instant);
bool uuid_is_valid(const char *text);

/* Hints that do not refuse a record, as [{pointer, code}], or NULL: an identity number that does
 * not fit sex, birth year or the province list. A new reference. */
json_t *resource_warnings(const struct resource *resource, const json_t *object);

#endif
