/* The history of each person's status, row by row. */
#include <stdio.h>
#include <string.h>

#include "sample_parts.h"

static const char statuses_copy[] =
	"COPY person_statuses (id, person, status, starts_on, ends_on, ended_on, end_reason, "
	"close_reason, decision_number, decision_date, decided_by, tested_on, rehab_form, "
	"rehab_stages, origin, term_months, guardian_consent_on, unit, organization, created_by, "
	"version, created_at, updated_at) FROM STDIN";

/* Who decides, how the decision is numbered, and who enters it. */
struct decision {
	const char *decided_by, *suffix;
	enum maker maker;
};

static const struct decision decisions[STATUSES] = {
	[AT_RISK] = {NULL, NULL, POLICE},
	[USER] = {"commune_chair", "QĐ-UBND", COMMITTEE},
	[ADDICT] = {"facility", "KL-TTYT", POLICE},
	[SUBSTITUTION] = {"facility", "QĐ-TTYT", POLICE},
	[POST_REHAB] = {"commune_chair", "QĐ-UBND", COMMITTEE},
	[SERVING_SENTENCE] = {"court", "QĐ-THA", POLICE},
	[RELEASED] = {"police", "GCN-TG", POLICE},
	[CLOSED] = {"commune_chair", "QĐ-UBND", COMMITTEE},
};

static const struct {
	const char *form;
	struct decision decision;
} rehab_decisions[] = {
	{"compulsory", {"court", "QĐ-TA", POLICE}},
	{"voluntary_facility", {"facility", "QĐ-CSCN", POLICE}},
	{"voluntary_home", {"commune_chair", "QĐ-UBND", COMMITTEE}},
};

static const char *const stages[] = {
	NULL,
	"{reception}",
	"{reception,detox}",
	"{reception,detox,behaviour}",
	"{reception,detox,behaviour,vocational}",
	"{reception,detox,behaviour,vocational,return}",
};

static const struct decision *decision_of(const struct episode *episode)
{
	for (size_t i = 0; episode->rehab_form && i < 3; i++)
		if (!strcmp(rehab_decisions[i].form, episode->rehab_form))
			return &rehab_decisions[i].decision;
	return &decisions[episode->status];
}

static void put_episode(struct load *load, struct dice *dice, const struct person *person,
			const struct episode *episode)
{
	const struct decision *decision = decision_of(episode);
	int minute = 1 + (int)(episode - person->episodes);
	struct stamp stamp = stamp_of(dice, episode->starts_on, minute);
	bool has_ended = episode->ended_on != NO_DAY;
	char number[40];

	snprintf(number, sizeof number, "%d/%s", dice_between(dice, 1, 640), decision->suffix);
	load_value(load, stamp.id);
	load_value(load, person->id);
	load_value(load, status_names[episode->status]);
	load_day(load, episode->starts_on);
	load_day(load, episode->ends_on);
	load_day(load, episode->ended_on);
	load_value(load, episode->end_reason);
	load_value(load, episode->close_reason);
	load_value(load, decision->suffix ? number : NULL);
	load_day(load, episode->decided_on);
	load_value(load, decision->decided_by);
	load_day(load, episode->tested_on);
	load_value(load, episode->rehab_form);
	load_value(load, stages[episode->stages]);
	load_value(load, episode->origin);
	if (episode->term_months)
		load_number(load, episode->term_months);
	else
		load_value(load, NULL);
	load_day(load, episode->consent_on);
	load_value(load, commune_unit(person->commune, person->which, episode->starts_on));

	struct stamp ended = has_ended ? stamp_of(dice, episode->ended_on, minute + 1) : stamp;
	load_end_of_row(
		load,
		maker_code(decision->maker, person->commune, person->which, episode->starts_on),
		has_ended ? 2 : 1, stamp.at, ended.at);
}

bool sample_statuses_load(struct sample *sample, struct error *error)
{
	struct load load;
	struct person person;

	if (!load_begin(&load, sample->connection, statuses_copy, error))
		return false;
	for (size_t i = 0; i < sample->spec->people && !load.failed; i++) {
		struct dice dice = dice_of(sample->spec->seed, STATUS, i);

		person_make(sample, i, &person);
		for (size_t at = 0; at < person.episode_count; at++)
			put_episode(&load, &dice, &person, &person.episodes[at]);
	}
	return load_end(&load);
}
