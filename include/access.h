/* Who may do what: the rule for the 19 agencies, as data.  db/policies.c makes the row policies of
 * PostgreSQL from the same rows that api and /v1/me read. */
#ifndef LACHAN_ACCESS_H
#define LACHAN_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resource.h"

enum role { VIEWER, OFFICER, ADMIN, OPERATOR, SERVICE, ROLES };

extern const char *const role_names[ROLES];

/* Which records a grant reaches. */
enum scope {
	EVERYWHERE, /* every record */
	TERRITORY,  /* records of the caller's unit and all below it */
	OWN,	    /* records that the caller's organisation made or is assigned to */
	VIA_PARENT, /* records whose parent record the caller sees */
	SHARED,	    /* people shared with the caller: referred, offered, or glass broken */
	PARTY,	    /* records that the caller's organisation made, or is the other side of */
	ASSIGNED,   /* what it made, or what tells of a task assigned to it */
	EITHER_END, /* hand-overs from or to the caller's territory */
	SCOPES
};

/* A further condition on the row; db/policies.c has its SQL. */
enum rows {
	ALL_ROWS,
	STUDENTS,	/* people with a place of study */
	BORDER,		/* of a border commune */
	SCHOOL_KINDS,	/* counselling, behaviour_education; people the caller may read */
	HEALTH_KINDS,	/* screening assessment counselling treatment substitution psychological */
	COMMUNITY_KIND, /* community_support */
	LOAN_KIND,	/* loan */
	REINTEGRATION_KINDS, /* vocational_training employment loan mentoring */
	COUNSEL_KINDS,	     /* counselling community_support */
	CRIME_LINKED,	     /* people linked to a crime or in compulsory rehab */
	AFTERCARE,	     /* people with status post_rehab or released */
	ADMINISTRATION,	     /* audit of users, clients, sessions, organisations */
	PROVINCE_WIDE,	     /* for whoever's territory is the whole province */
	HELD,		     /* of people in the caller's territory, not only shared with it */
	NO_SMALL_PLACE,	     /* figures of a province, or of anything but people */
	ROW_CONDITIONS
};

struct grant {
	agency_set agencies;
	const struct resource *resource;
	unsigned operations; /* ONE(LIST) | ONE(READ) | … */
	enum scope scope;
	enum rows rows;
	unsigned roles; /* ONE(ADMIN) | …; 0: those that the operation is for */
};

/* All grants, ending in {0}. What no row grants is refused. */
extern const struct grant grants[];

/* Who is asking. Strings are owned by whoever made the caller. agency 0 is the operator. */
struct caller {
	char user[37], session[37];
	char organization[64];
	char unit[24];	  /* territory: this unit and all below it */
	char units[2048]; /* the same, spelled out for the row policies: keys with commas, or "*" */
	int agency;
	enum role role;
	bool is_system;	 /* its scopes bound it, whatever its role */
	uint64_t scopes; /* of scope_bit() (include/scope.h); of a system */
	char purpose[32];
	char address[48];
	char request[37];
	bool minor_names; /* may take names of minors out in bulk (people:export) */
	bool must_change_password;
	const char *pseudonyms; /* the key of them, of who knows people by pseudonym; else NULL */
};

/* True when some row could allow the operation; the rows themselves are decided in PostgreSQL. */
bool access_may(const struct caller *caller, const struct resource *resource,
		enum operation operation);

/* The grants of one agency for an operation on a resource, in the table's order: up to `capacity`
 * of them; returns how many there are. */
size_t access_grants(int agency, const struct resource *resource, enum operation operation,
		     const struct grant **found, size_t capacity);

/* True when the unit is the caller's or below it. */
bool access_reaches(const struct caller *caller, const char *unit);

/* Field classes hidden from this agency in this resource whatever the row. */
unsigned access_hidden(int agency, const struct resource *resource);

/* Field classes hidden from this agency when the person is under 18 at reading. */
unsigned access_hidden_of_minors(int agency, const struct resource *resource);

/* Field classes hidden from this agency of people under 18 in another unit than its own, which it
 * reads but does not list. */
unsigned access_hidden_of_others_minors(int agency, const struct resource *resource);

/* Whether the agency knows people whom others help by pseudonym alone. */
bool access_by_pseudonym(int agency);

/* The first agency from which the same is hidden as from this one. */
int access_sees_like(int agency, const struct resource *resource);

/* Whether a single person may be of another unit than the caller's committee, with which it is
 * shared: of minors their own unit alone sees the contact. */
bool access_is_others(const struct caller *caller, const struct resource *resource,
		      enum operation operation);

/* Whether the field is the name of somebody who, when under 18, goes into no export of this
 * caller's. */
bool access_hides_name(const struct caller *caller, const struct resource *resource,
		       const struct field *field, bool is_bulk);

/* Whether the field of a person under 18 is hidden from the caller (where access_is_others(), of
 * another unit); in bulk (exports) so is every name, without people:export. */
bool access_hides_of_minors(const struct caller *caller, const struct resource *resource,
			    const struct field *field, enum operation operation, bool is_bulk);

/* True when the caller may see (and so filter and sort by) the field. */
bool access_sees(const struct caller *caller, const struct resource *resource,
		 const struct field *field);

#endif
