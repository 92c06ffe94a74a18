/* One person's life in the files: birth, commune, and the statuses one after another. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample_parts.h"

const char *const status_names[STATUSES] = {
	[AT_RISK] = "at_risk",
	[USER] = "user",
	[ADDICT] = "addict",
	[IN_REHAB] = "in_rehab",
	[SUBSTITUTION] = "substitution",
	[POST_REHAB] = "post_rehab",
	[SERVING_SENTENCE] = "serving_sentence",
	[RELEASED] = "released",
	[CLOSED] = "closed",
};

static const int least_ages[STATUSES] = {
	[USER] = 12,	   [ADDICT] = 13,	    [IN_REHAB] = 13, [SUBSTITUTION] = 14,
	[POST_REHAB] = 14, [SERVING_SENTENCE] = 16, [RELEASED] = 17,
};

/* What may follow what, how often, and when: `least` to `most` days after the status began or,
 * AFTER_TERM, after its term ended. STATUSES stands for none: at the left the first status, at the
 * right that no other follows. */
struct step {
	enum status from, to;
	unsigned weight;
	enum { AFTER_DAYS, AFTER_TERM } counted;
	int least, most;
};

static const struct step steps[] = {
	{STATUSES, AT_RISK, 20},
	{STATUSES, USER, 46},
	{STATUSES, ADDICT, 18},
	{STATUSES, IN_REHAB, 5},
	{STATUSES, SUBSTITUTION, 3},
	{STATUSES, POST_REHAB, 4},
	{STATUSES, SERVING_SENTENCE, 2},
	{STATUSES, RELEASED, 2},
	{AT_RISK, USER, 24, AFTER_DAYS, 30, 400},
	{AT_RISK, ADDICT, 4, AFTER_DAYS, 60, 500},
	{AT_RISK, SERVING_SENTENCE, 2, AFTER_DAYS, 60, 400},
	{AT_RISK, CLOSED, 32, AFTER_DAYS, 180, 720},
	{AT_RISK, STATUSES, 38},
	{USER, USER, 12, AFTER_TERM, 1, 40},
	{USER, ADDICT, 17, AFTER_DAYS, 30, 330},
	{USER, AT_RISK, 9, AFTER_TERM, 1, 20},
	{USER, SERVING_SENTENCE, 4, AFTER_DAYS, 40, 300},
	{USER, CLOSED, 46, AFTER_TERM, 1, 45},
	{USER, CLOSED, 4, AFTER_DAYS, 30, 330},
	{USER, STATUSES, 8},
	{ADDICT, IN_REHAB, 46, AFTER_DAYS, 10, 240},
	{ADDICT, SUBSTITUTION, 12, AFTER_DAYS, 10, 200},
	{ADDICT, SERVING_SENTENCE, 6, AFTER_DAYS, 30, 300},
	{ADDICT, CLOSED, 6, AFTER_DAYS, 60, 500},
	{ADDICT, STATUSES, 30},
	{IN_REHAB, POST_REHAB, 62, AFTER_TERM, 0, 10},
	{IN_REHAB, ADDICT, 8, AFTER_DAYS, 20, 150},
	{IN_REHAB, IN_REHAB, 6, AFTER_DAYS, 20, 150},
	{IN_REHAB, SUBSTITUTION, 4, AFTER_DAYS, 60, 180},
	{IN_REHAB, SERVING_SENTENCE, 3, AFTER_DAYS, 30, 180},
	{IN_REHAB, CLOSED, 2, AFTER_DAYS, 30, 180},
	{IN_REHAB, STATUSES, 15},
	{SUBSTITUTION, POST_REHAB, 24, AFTER_DAYS, 300, 700},
	{SUBSTITUTION, ADDICT, 14, AFTER_DAYS, 40, 400},
	{SUBSTITUTION, IN_REHAB, 8, AFTER_DAYS, 40, 400},
	{SUBSTITUTION, SERVING_SENTENCE, 3, AFTER_DAYS, 60, 400},
	{SUBSTITUTION, CLOSED, 4, AFTER_DAYS, 60, 500},
	{SUBSTITUTION, STATUSES, 47},
	{POST_REHAB, ADDICT, 10, AFTER_DAYS, 30, 330},
	{POST_REHAB, IN_REHAB, 6, AFTER_DAYS, 30, 330},
	{POST_REHAB, SUBSTITUTION, 2, AFTER_DAYS, 30, 330},
	{POST_REHAB, SERVING_SENTENCE, 4, AFTER_DAYS, 30, 330},
	{POST_REHAB, CLOSED, 66, AFTER_TERM, 0, 20},
	{POST_REHAB, STATUSES, 12},
	{SERVING_SENTENCE, RELEASED, 52, AFTER_DAYS, 180, 800},
	{SERVING_SENTENCE, CLOSED, 2, AFTER_DAYS, 60, 600},
	{SERVING_SENTENCE, STATUSES, 46},
	{RELEASED, AT_RISK, 10, AFTER_DAYS, 60, 500},
	{RELEASED, USER, 8, AFTER_DAYS, 60, 500},
	{RELEASED, ADDICT, 6, AFTER_DAYS, 60, 500},
	{RELEASED, SERVING_SENTENCE, 5, AFTER_DAYS, 60, 500},
	{RELEASED, CLOSED, 26, AFTER_DAYS, 400, 730},
	{RELEASED, STATUSES, 45},
	{CLOSED, AT_RISK, 3, AFTER_DAYS, 30, 400},
	{CLOSED, USER, 5, AFTER_DAYS, 30, 400},
	{CLOSED, ADDICT, 3, AFTER_DAYS, 30, 400},
	{CLOSED, SERVING_SENTENCE, 1, AFTER_DAYS, 30, 400},
	{CLOSED, STATUSES, 88},
};

static const struct choice moved_or_died[] = {
	{"moved", 60},
	{"deceased", 30},
	{"missing", 10},
	{0},
};
static const struct choice early[] = {
	{"moved", 55}, {"commune_education", 25}, {"deceased", 15}, {"reformatory", 5}, {0},
};
static const struct choice done[] = {{"completed", 88}, {"moved", 12}, {0}};
static const struct choice died[] = {{"deceased", 1}, {0}};

/* Why a file is closed, by what it was. A user's is also closed at the end of its term. */
static const struct choice *const closings[STATUSES] = {
	[AT_RISK] = done,
	[USER] = early,
	[ADDICT] = moved_or_died,
	[IN_REHAB] = moved_or_died,
	[SUBSTITUTION] = moved_or_died,
	[POST_REHAB] = done,
	[SERVING_SENTENCE] = died,
	[RELEASED] = done,
};

static const struct choice rehab_forms[] = {
	{"compulsory", 46},
	{"voluntary_facility", 28},
	{"voluntary_home", 26},
	{0},
};
static const struct choice origins[] = {
	{"compulsory", 55},
	{"voluntary", 38},
	{"substitution", 7},
	{0},
};

static void take(char *to, size_t size, const PGresult *result, int row, int column)
{
	snprintf(to, size, "%s", PQgetvalue(result, row, column));
}

static bool terms_read(struct sample *sample, struct error *error)
{
	PGresult *result;

	if (!sample_ask(sample, "terms", NULL, &result, error))
		return false;
	sample->term_count = (size_t)PQntuples(result);
	sample->terms = calloc(sample->term_count + 1, sizeof *sample->terms);
	for (int row = 0; sample->terms && row < PQntuples(result); row++) {
		struct term *term = &sample->terms[row];

		take(term->status, sizeof term->status, result, row, 0);
		take(term->variant, sizeof term->variant, result, row, 1);
		term->of_minors = *PQgetvalue(result, row, 2) == 't';
		term->valid_from = day_parse(PQgetvalue(result, row, 3));
		term->valid_to = day_parse(PQgetvalue(result, row, 4));
		term->least_months = (int)strtol(PQgetvalue(result, row, 5), NULL, 10);
		term->most_months = (int)strtol(PQgetvalue(result, row, 6), NULL, 10);
	}
	PQclear(result);
	return sample->terms || error_internal(error, ERROR_INTERNAL, "out of memory");
}

static bool transitions_read(struct sample *sample, struct error *error)
{
	PGresult *result;

	if (!sample_ask(sample, "transitions", NULL, &result, error))
		return false;
	sample->transition_count = (size_t)PQntuples(result);
	sample->transitions = calloc(sample->transition_count + 1, sizeof *sample->transitions);
	for (int row = 0; sample->transitions && row < PQntuples(result); row++) {
		struct transition *transition = &sample->transitions[row];

		take(transition->previous, sizeof transition->previous, result, row, 0);
		take(transition->next, sizeof transition->next, result, row, 1);
		take(transition->end_reason, sizeof transition->end_reason, result, row, 2);
	}
	PQclear(result);
	return sample->transitions || error_internal(error, ERROR_INTERNAL, "out of memory");
}

bool sample_law_read(struct sample *sample, struct error *error)
{
	return terms_read(sample, error) && transitions_read(sample, error);
}

/* NULL when the law does not allow it. */
static const char *end_reason(const struct sample *sample, enum status previous, enum status next)
{
	const char *name = previous == STATUSES ? "" : status_names[previous];

	for (size_t i = 0; i < sample->transition_count; i++) {
		const struct transition *transition = &sample->transitions[i];

		if (!strcmp(transition->previous, name) &&
		    !strcmp(transition->next, status_names[next]))
			return transition->end_reason;
	}
	return NULL;
}

static const struct term *term_of(const struct sample *sample, const struct person *person,
				  const struct episode *episode)
{
	bool is_minor = day_age(person->born, episode->starts_on) < 18;
	const char *variant = episode->rehab_form ? episode->rehab_form
			      : episode->origin	  ? episode->origin
						  : "";

	for (size_t i = 0; i < sample->term_count; i++) {
		const struct term *term = &sample->terms[i];

		if (!strcmp(term->status, status_names[episode->status]) &&
		    !strcmp(term->variant, variant) && term->of_minors == is_minor &&
		    term->valid_from <= episode->starts_on &&
		    (term->valid_to == NO_DAY || episode->starts_on <= term->valid_to))
			return term;
	}
	return NULL;
}

static const struct step *step_choose(struct dice *dice, enum status from)
{
	const struct step *const end = steps + sizeof steps / sizeof *steps, *step = steps;
	unsigned sum = 0;

	for (; step < end; step++)
		sum += step->from == from ? step->weight : 0;
	unsigned left = dice_below(dice, sum);
	for (step = steps; step->from != from || left >= step->weight; step++)
		left -= step->from == from ? step->weight : 0;
	return step;
}

static bool may_enter(const struct person *person, enum status status, int day)
{
	return day_age(person->born, day) >= least_ages[status] &&
	       (status != SUBSTITUTION || person->uses_opioid);
}

/* What comes of a rehabilitation, by its form and the age at its start. */
static const char *origin_after(const struct person *person, const struct episode *former)
{
	if (former->status == SUBSTITUTION)
		return "substitution";
	if (strcmp(former->rehab_form, "compulsory") != 0)
		return "voluntary";
	return day_age(person->born, former->starts_on) < 18 ? "compulsory_minor" : "compulsory";
}

/* The decision, the test and the term, as db/migrations/0004 asks for them. */
static void episode_decide(const struct sample *sample, const struct person *person,
			   struct dice *dice, struct episode *episode)
{
	bool is_compulsory = episode->rehab_form && !strcmp(episode->rehab_form, "compulsory");

	if (episode->status != AT_RISK)
		episode->decided_on = episode->starts_on;
	if (is_compulsory || episode->status == SERVING_SENTENCE)
		episode->decided_on -= dice_between(dice, 1, 12);
	if (episode->status == USER)
		episode->tested_on = episode->decided_on - dice_between(dice, 0, 3);
	if (episode->status == SUBSTITUTION && day_age(person->born, episode->starts_on) < 18)
		episode->consent_on = episode->starts_on - dice_between(dice, 0, 5);

	const struct term *term = term_of(sample, person, episode);
	if (!term)
		return;
	int span = (term->most_months - term->least_months) / 3;
	int months = term->least_months + 3 * dice_between(dice, 0, span);
	if (episode->status == IN_REHAB)
		episode->term_months = months;
	episode->ends_on = day_after_months(episode->decided_on, months);
}

/* Ends the last episode, if there is one, and begins the next. */
static void episode_add(const struct sample *sample, struct person *person, struct dice *dice,
			const struct step *step, int day)
{
	struct episode *episode = &person->episodes[person->episode_count];
	struct episode *former = person->episode_count ? episode - 1 : NULL;
	enum status from = former ? former->status : STATUSES;

	*episode = (struct episode){step->to, day, NO_DAY, NO_DAY, NO_DAY, NO_DAY, NO_DAY};
	if (step->to == IN_REHAB)
		episode->rehab_form = from == IN_REHAB ? "compulsory"
						       : dice_choose(dice, rehab_forms);
	if (step->to == POST_REHAB)
		episode->origin = former ? origin_after(person, former)
					 : dice_choose(dice, origins);
	if (step->to == CLOSED)
		episode->close_reason = from == USER && step->counted == AFTER_TERM
						? "expired"
						: dice_choose(dice, closings[from]);
	episode_decide(sample, person, dice, episode);
	person->episode_count++;
	if (!former)
		return;
	former->ended_on = day;
	former->end_reason = episode->close_reason ? episode->close_reason
						   : end_reason(sample, from, step->to);
	if (from == IN_REHAB)
		former->stages = step->to != POST_REHAB ? dice_between(dice, 1, 3)
				 : !strcmp(former->rehab_form, "compulsory")
					 ? 5
					 : dice_between(dice, 3, 5);
}

/* NO_DAY when nothing follows, by yesterday, by chance or by law. */
static int next_day(const struct sample *sample, const struct person *person, struct dice *dice,
		    const struct step *step)
{
	const struct episode *former = &person->episodes[person->episode_count - 1];
	int wait = dice_between(dice, step->least, step->most);
	int day = former->starts_on + wait;

	if (step->to == STATUSES || !end_reason(sample, former->status, step->to))
		return NO_DAY;
	if (former->close_reason &&
	    (!strcmp(former->close_reason, "deceased") || !strcmp(former->close_reason, "missing")))
		return NO_DAY;
	if (step->counted == AFTER_TERM) {
		if (former->ends_on == NO_DAY)
			return NO_DAY;
		day = former->ends_on + wait > former->starts_on ? former->ends_on + wait
								 : former->starts_on + 1;
	}
	return day <= sample->last && may_enter(person, step->to, day) ? day : NO_DAY;
}

static void history_make(const struct sample *sample, struct person *person, struct dice *dice)
{
	int begun = day_of(2023, 12, 1);
	int day = dice_hits(dice, 42) ? begun + dice_between(dice, 0, 120)
				      : dice_between(dice, begun + 30, sample->last);
	const struct step *step = step_choose(dice, STATUSES);

	if (!may_enter(person, step->to, day) || !end_reason(sample, STATUSES, step->to))
		step = steps; /* at risk one can be at any age */
	do {
		episode_add(sample, person, dice, step, day);
		step = step_choose(dice, step->to);
		day = next_day(sample, person, dice, step);
	} while (day != NO_DAY && person->episode_count < EPISODES_MAX);

	struct episode *open = &person->episodes[person->episode_count - 1];
	if (open->status == IN_REHAB) {
		int stages = 1 +
			     (sample->last - open->starts_on) * 5 / (open->term_months * 30 + 1);

		open->stages = stages < 5 ? stages : 5;
	}
}

int birth_make(struct dice *dice, int day, char birth[11])
{
	int year = day_year(day), precision = dice_between(dice, 1, 100), month;

	day_text(day, birth);
	if (precision > 10)
		return day;
	month = (int)strtol(birth + 5, NULL, 10);
	birth[precision > 4 ? 7 : 4] = '\0';
	return precision > 4 ? day_after_months(day_of(year, month, 1), 1) - 1
			     : day_of(year, 12, 31);
}

/* Mostly 12 to 35 years at the plan's beginning. */
static int age_make(struct dice *dice)
{
	static const struct {
		int percent, least, most;
	} ages[] = {{6, 12, 15},  {9, 16, 17},	{36, 18, 24},
		    {33, 25, 30}, {12, 31, 35}, {4, 36, 48}};
	int left = (int)dice_below(dice, 100), i = 0;

	while (left >= ages[i].percent)
		left -= ages[i++].percent;
	return dice_between(dice, ages[i].least, ages[i].most);
}

void person_make(const struct sample *sample, size_t index, struct person *person)
{
	struct dice dice = dice_of(sample->spec->seed, LIFE, index);

	*person = (struct person){.commune = commune_choose(sample, &dice)};
	person->which = dice_below(&dice, 1000);
	person->is_female = dice_hits(&dice, 13);
	person->sex = person->is_female ? "female" : dice_hits(&dice, 99) ? "male" : "unknown";
	person->uses_opioid = dice_hits(&dice, 34);
	person->born = birth_make(&dice,
				  day_of(2024, 1, 1) - age_make(&dice) * 36525 / 100 -
					  dice_between(&dice, 0, 365),
				  person->birth);
	history_make(sample, person, &dice);

	const struct episode *open = &person->episodes[person->episode_count - 1];
	person->unit = open->status == CLOSED
			       ? commune_unit(person->commune, person->which, open->starts_on)
			       : person->commune->key;
	struct stamp stamp = stamp_of(&dice, person->episodes[0].starts_on, 0);
	memcpy(person->id, stamp.id, sizeof person->id);
	memcpy(person->at, stamp.at, sizeof person->at);
}
