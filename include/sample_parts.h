/* What the files db/sample*.c share with each other and with nobody else. */
#ifndef LACHAN_SAMPLE_PARTS_H
#define LACHAN_SAMPLE_PARTS_H

#include <limits.h>

#include "sample.h"
#include "text.h"

struct pg_conn;	  /* libpq's PGconn */
struct pg_result; /* libpq's PGresult */

/* Days are counted from 1970-01-01. */
enum { NO_DAY = INT_MIN };

int day_of(int year, int month, int day);
int day_parse(const char *text); /* "" or NULL: NO_DAY */
void day_text(int day, char text[11]);
int day_year(int day);
/* As date + interval of PostgreSQL: the last day of the month when there is no such day. */
int day_after_months(int day, int months);
int day_age(int born, int on);

/* Chance that can be repeated: each record of each noun has dice of its own. */
enum noun {
	COMMUNE,
	LIFE,
	PERSON,
	STATUS,
	NEEDS,
	INTERVENTION,
	SHARE,
	CRIME,
	CRIME_FILE,
	PARTICIPANT,
	STAGE,
	SCHOOL,
	SESSION,
	TASK
};

struct dice {
	uint64_t state;
};

struct choice {
	const char *text;
	unsigned weight;
};

struct dice dice_of(uint64_t seed, enum noun noun, uint64_t index);
unsigned dice_below(struct dice *dice, unsigned limit);
int dice_between(struct dice *dice, int least, int most);
bool dice_hits(struct dice *dice, int percent);
/* Lists end in {0} and NULL. */
const char *dice_choose(struct dice *dice, const struct choice *choices);
const char *dice_pick(struct dice *dice, const char *const *list);

/* When a record was made: in office hours of the day, or of the programme's first; and its id,
 * which rises with day and minute. */
struct stamp {
	char id[37];
	char at[32];
};

struct stamp stamp_of(struct dice *dice, int day, int minute);

/* Rows on their way to one table. Values come in the order of the columns; after a failure all
 * but load_end() does nothing. */
struct load {
	struct pg_conn *connection;
	const char *copy;
	struct text pending;
	size_t rows;
	bool row_begun, failed;
	struct error *error;
};

bool load_begin(struct load *load, struct pg_conn *connection, const char *copy,
		struct error *error) CHECKED;
/* Without the characters that the text format escapes; NULL: null. */
void load_value(struct load *load, const char *value);
void load_number(struct load *load, int64_t value);
void load_day(struct load *load, int day); /* NO_DAY: null */
void load_row(struct load *load);	   /* ends it */
/* Ends it with organization, created_by, version, created_at, updated_at. */
void load_end_of_row(struct load *load, const char *organization, size_t version,
		     const char *created_at, const char *updated_at);
bool load_end(struct load *load) CHECKED;

/* A former unit of a commune, and the committee of its district. */
struct former {
	char key[24], name[96], committee[64]; /* "" where the plan knew none: the old Phú Yên */
	int valid_from, valid_to;
};

struct commune {
	char key[24], name[96], committee[64];
	bool is_ward, is_border, is_phu_yen;
	unsigned weight, weight_until;
	int service; /* percent of those in need who are reached in a year */
	struct former *formers;
	size_t former_count;
};

struct school {
	char id[37], name[160], at[32];
	const char *type;
	bool is_private;
	const struct commune *commune;
	int level; /* 0 below lower secondary, 1 lower, 2 upper secondary, 3 above */
	int opened_on;
};

enum status {
	AT_RISK,
	USER,
	ADDICT,
	IN_REHAB,
	SUBSTITUTION,
	POST_REHAB,
	SERVING_SENTENCE,
	RELEASED,
	CLOSED,
	STATUSES
};

extern const char *const status_names[STATUSES];

/* Rows of legal_terms and of status_transitions. */
struct term {
	char status[24], variant[24];
	bool of_minors;
	int valid_from, valid_to, least_months, most_months;
};

struct transition {
	char previous[24], next[24], end_reason[24];
};

struct sample {
	struct pg_conn *connection;
	const struct keyring *keyring;
	const struct sample_spec *spec;
	int today, last; /* `last`: yesterday, the last day on which anything happened */
	struct commune *communes;
	struct former *formers;
	struct school *schools;
	struct term *terms;
	struct transition *transitions;
	bool *linked; /* for each person: somebody in a crime */
	size_t commune_count, former_count, school_count, term_count, transition_count;
};

/* Runs db/sql/sample_<name>.sql. `parameter` is its $1, or NULL. The caller PQclear()s. */
bool sample_ask(struct sample *sample, const char *name, const char *parameter,
		struct pg_result **result, struct error *error) CHECKED;

/* The communes of today and what they were made of. */
bool sample_places_read(struct sample *sample, struct error *error) CHECKED;
const struct commune *commune_choose(const struct sample *sample, struct dice *dice);
/* The former unit on a day before the reform of 2025-07-01, NULL since then. `which` keeps
 * a subject in one of the several. */
const struct former *commune_former(const struct commune *commune, unsigned which, int day);
const char *commune_unit(const struct commune *commune, unsigned which, int day);

/* Who can have made a record, whatever it was called on the day. */
enum maker {
	POLICE,
	COMMITTEE,
	HEALTH,
	EDUCATION_DEPARTMENT,
	LABOUR,
	YOUTH_UNION,
	WOMEN_UNION,
	FATHERLAND_FRONT,
	BORDER_GUARD,
	MAKERS
};
const char *maker_code(enum maker maker, const struct commune *commune, unsigned which, int day);

enum { NAME_SIZE = 96, EPISODES_MAX = 12 };

/* How the people of one ethnic group are called. */
struct naming;
const struct naming *naming_choose(struct dice *dice, bool is_phu_yen);
const char *naming_ethnicity(const struct naming *naming);
bool naming_has_villages(const struct naming *naming); /* of the Highlands: they live in a buôn */
const char *naming_family(const struct naming *naming, struct dice *dice);
void naming_make(const struct naming *naming, struct dice *dice, bool is_female, const char *family,
		 char name[NAME_SIZE]);

/* One row of person_statuses. Texts are constants or belong to `sample`. */
struct episode {
	enum status status;
	int starts_on, ends_on, ended_on, decided_on, tested_on, consent_on;
	int term_months; /* 0: not said */
	int stages;
	const char *rehab_form, *origin, *end_reason, *close_reason;
};

struct person {
	char id[37], at[32];
	const struct commune *commune;
	unsigned which; /* of the commune's former units */
	const char *unit, *sex;
	bool is_female, uses_opioid;
	int born; /* the last day that `birth` can mean */
	char birth[11];
	struct episode episodes[EPISODES_MAX];
	size_t episode_count;
};

/* A partial date of birth around that day; returns the last day it can mean. */
int birth_make(struct dice *dice, int day, char birth[11]);
/* The terms and transitions of the law. */
bool sample_law_read(struct sample *sample, struct error *error) CHECKED;
/* The person of that index: the same each time it is asked. */
void person_make(const struct sample *sample, size_t index, struct person *person);

/* Finds out who is linked to a crime. */
bool sample_links_make(struct sample *sample, struct error *error) CHECKED;
/* Each fills its tables; in this order. */
bool sample_schools_load(struct sample *sample, struct error *error) CHECKED;
bool sample_sessions_load(struct sample *sample, struct error *error) CHECKED;
bool sample_people_load(struct sample *sample, struct error *error) CHECKED;
bool sample_statuses_load(struct sample *sample, struct error *error) CHECKED;
bool sample_interventions_load(struct sample *sample, struct error *error) CHECKED;
bool sample_crimes_load(struct sample *sample, struct error *error) CHECKED;
bool sample_tasks_load(struct sample *sample, struct error *error) CHECKED;

/* Makes the accounts and writes <home>/accounts.csv.new; the second gives the file its name. */
bool sample_accounts_make(const char *owner_url, const struct keyring *keyring, const char *home,
			  struct error *error) CHECKED;
bool sample_accounts_publish(const char *home, struct error *error) CHECKED;

#endif
