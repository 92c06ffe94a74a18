/* Figures from the database: cells of counts become rows that say what they are. */
#ifndef LACHAN_INDICATORS_H
#define LACHAN_INDICATORS_H

#include "access.h"
#include "indicator.h"
#include "pool.h"

/* One observation as it is shown; "" is null. */
struct indicator_row {
	char indicator[8], unit[24], unit_name[128], level[12];
	char period[8], period_start[11], period_end[11];
	char sex[8], age_band[8], ethnicity[4];
	char kind[24], article[24], institution_type[24];
	char numerator[24], denominator[24], value[24];
	char unit_of_measure[8], target[24], target_basis[8], status[16];
	char previous[24], change[24], suppressed[6];
	char definition_version[8], as_of[32];
	char definition[16], map[12], basis[8];
	char source[12], previous_source[12];
};

struct indicator_rows {
	struct indicator_row *rows;
	size_t count;
	bool some_suppressed;
};

/* The rows by period, unit and what they are broken down by. Below the province, who may not read
 * people gets no small count of them. */
bool indicators_compute(struct pool *pool, enum lane lane, const struct caller *caller,
			const struct indicator_query *query, struct indicator_rows *rows,
			struct error *error) CHECKED;
void indicator_rows_release(struct indicator_rows *rows);

/* True when the caller reads everybody whom it counts in the unit, or it counts nobody: then no
 * count there is kept back. */
bool indicators_are_open(const struct caller *caller, const struct indicator *indicator,
			 const char *unit);

enum { INDICATOR_REASONS = 32, INDICATOR_SUBJECTS = 1000 };

struct indicator_reason {
	char code[32];
	char count[24];	  /* "" when it is kept back */
	bool is_excluded; /* else it is in the denominator, and lacks this */
};

struct indicator_subject {
	char id[37];
	char missing[160];		    /* codes with commas; "" when counted */
	char unit[24], desk[64], since[11]; /* whose desk it is on, and since when; may be "" */
	bool counted;
};

/* How the figure of one window and unit came about. */
struct indicator_explanation {
	struct indicator_rows
		figure; /* one row; none when the unit is not of the basis asked for */
	struct indicator_reason reasons[INDICATOR_REASONS];
	size_t reason_count;
	bool has_reasons; /* false: they would tell of people the caller does not read */
	struct indicator_subject *subjects; /* the missing first */
	size_t subject_count;
	const char
		*withheld; /* why there are no subjects: not_allowed, purpose_required, or NULL */
};

bool indicators_explain(struct pool *pool, enum lane lane, const struct caller *caller,
			const struct indicator_query *query,
			struct indicator_explanation *explanation, struct error *error) CHECKED;
void indicator_explanation_release(struct indicator_explanation *explanation);

/* What every answer depends on besides the question and who asks: the version of the data and the
 * day, "12 2026-11-24". A cheap statement. */
bool indicators_version(struct pool *pool, const struct caller *caller, char version[48],
			struct error *error) CHECKED;

/* What the plan says of each target, as a JSON object. */
struct indicator_about {
	char code[8];
	char *json;
};

/* Every target of the plan by code; the caller frees by indicator_catalogue_release(). */
bool indicators_catalogue(struct pool *pool, const struct caller *caller,
			  struct indicator_about **catalogue, size_t *count,
			  struct error *error) CHECKED;
void indicator_catalogue_release(struct indicator_about *catalogue, size_t count);

#endif
