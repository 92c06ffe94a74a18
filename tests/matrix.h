/* What tests/fixtures/access.csv grants, and records of every kind that it tells apart. Nothing
 * here knows core/access.c: what is expected comes from the file alone. */
#ifndef LACHAN_TESTS_MATRIX_H
#define LACHAN_TESTS_MATRIX_H

#include "support.h"

/* The 19 agencies, and agency 19 in another commune. */
enum { MATRIX_SEATS = 20 };
extern const int matrix_seats[MATRIX_SEATS];

/* Whoever asks without any identity; only by SQL. */
enum { NOBODY = -1 };

/* l(ist), r(ead), c(reate), u(pdate), v(oid), as the file writes them. */
#define MATRIX_ACTIONS "lrcuv"

/* A resource of the file, and what a harmless update of it is. */
struct subject {
	const char *name; /* in the file; the table */
	const struct resource *resource;
	const char *change, *to; /* a member and its new value */
	struct record *records, *candidates;
	size_t record_count, candidate_count;
};

struct record {
	const struct subject *subject;
	char id[40]; /* "" for a candidate: what is yet to be made */
	json_t *body;
	const char *unit, *organization; /* organization: NULL is the caller's own */
	const char *assignee, *kind;
	const struct record *person;
	char facts[64]; /* " student border …" */
	bool is_forged; /* says that another organisation made it */
};

/* How many cases were tried, across the processes of the tests; told at the end of a suite, which
 * begins anew. */
enum verdict { NO_RULE, OUTSIDE, OFF_CONDITION, INSIDE, VERDICTS };
extern const char *const verdict_names[VERDICTS];
extern struct matrix_counts {
	size_t http[VERDICTS], sql[VERDICTS], hidden, policies;
} * matrix_counts;
void matrix_tell(const char *suite);

/* Makes the records, once; in a fixture, for the tests that fork from it. */
void matrix_made(void);
/* Ends in NULL. */
extern struct subject *const subjects[];
/* The name in the file, as a resource of the program; NULL when it has none (yet). */
const struct resource *matrix_resource(const char *name);
/* Names of resources in the file, each once; returns how many. */
size_t matrix_names(const char *names[32]);

/* Where it is listed, and where the record is. */
const char *matrix_list_path(const struct subject *subject);
const char *matrix_path(const struct record *record);

/* How the file decides for an agency, whatever the role. */
enum verdict matrix_verdict(int seat, const char *resource, char action,
			    const struct record *record);
/* Whether any row could grant it. */
bool matrix_may(int seat, const char *resource, char action);
bool matrix_role_may(enum role role, char action);
/* Whether the file hides a class of fields of the record from the agency. */
bool matrix_hides(int seat, const char *resource, const char *class_name,
		  const struct record *record);
/* The names of the classes, as the file writes them, by enum field_class. */
extern const char *const matrix_classes[];

/* What is hidden from some agency, and which record of the file rules it: the columns with a value
 * in every record that the matrix made, or below it. Ends in {NULL}. */
struct masked {
	const char *table, *column, *class_name;
	struct subject *subject;
	const char *of; /* the column that names the record of the subject */
};
extern const struct masked masked[];

/* What every value of the class has within it, of a person of the matrix or of a crime: what a
 * caller may not see is looked for in all that it is answered. The first that `body` tells the
 * agency against the file, NULL when it keeps silent. */
const char *matrix_told(int seat, const char *body);
/* The same of the name of anybody under 18. */
bool matrix_tells_minors(const char *body);
/* The begin of the id of every person of the matrix. */
#define MATRIX_PERSON "0badcafe-"

#endif
