/* What is done for people: first what the plan's targets look for, then whatever else suits. */
#include <stdio.h>
#include <string.h>

#include "sample_parts.h"

static const char interventions_copy[] =
	"COPY interventions (id, person, kind, status, starts_on, ends_on, unit, provider, "
	"provider_name, rehab_form, outcome, employer, job_until, confirmed_by_union_on, "
	"confirmed_by_police_on, loan_amount, organization, created_by, version, created_at, "
	"updated_at) FROM STDIN";

enum kind {
	KIND_COUNSELLING,
	KIND_SCREENING,
	KIND_ASSESSMENT,
	KIND_BEHAVIOUR,
	KIND_TREATMENT,
	KIND_SUBSTITUTION,
	KIND_REHAB,
	KIND_PSYCHOLOGICAL,
	KIND_LEGAL_AID,
	KIND_TRAINING,
	KIND_EMPLOYMENT,
	KIND_LOAN,
	KIND_MENTORING,
	KIND_COMMUNITY,
	KINDS
};

/* How long it takes, who makes the record (any of four), and who provides it when that is another.
 */
static const struct {
	const char *name;
	int least_days, most_days;
	enum maker makers[4];
	const char *provider;
} kinds[KINDS] = {
	[KIND_COUNSELLING] = {"counselling", 0, 30, {COMMITTEE, HEALTH, WOMEN_UNION, COMMITTEE}},
	[KIND_SCREENING] = {"screening", 0, 1, {HEALTH, HEALTH, POLICE, HEALTH}},
	[KIND_ASSESSMENT] = {"assessment", 0, 5, {HEALTH, HEALTH, HEALTH, POLICE}},
	[KIND_BEHAVIOUR] = {"behaviour_education",
			    30,
			    180,
			    {COMMITTEE, EDUCATION_DEPARTMENT, POLICE, COMMITTEE}},
	[KIND_TREATMENT] = {"treatment", 30, 300, {HEALTH, HEALTH, HEALTH, HEALTH}},
	[KIND_SUBSTITUTION] = {"substitution", 200, 700, {HEALTH, HEALTH, HEALTH, HEALTH}},
	[KIND_REHAB] = {"rehab", 180, 360, {POLICE, COMMITTEE, POLICE, POLICE}},
	[KIND_PSYCHOLOGICAL] = {"psychological", 0, 90, {HEALTH, COMMITTEE, HEALTH, COMMITTEE}},
	[KIND_LEGAL_AID] =
		{"legal_aid", 0, 20, {COMMITTEE, POLICE, COMMITTEE, COMMITTEE}, "so_tu_phap"},
	[KIND_TRAINING] = {"vocational_training",
			   60,
			   180,
			   {YOUTH_UNION, LABOUR, COMMITTEE, LABOUR}},
	[KIND_EMPLOYMENT] = {"employment", 0, 15, {YOUTH_UNION, LABOUR, COMMITTEE, YOUTH_UNION}},
	[KIND_LOAN] = {"loan",
		       0,
		       30,
		       {COMMITTEE, YOUTH_UNION, COMMITTEE, COMMITTEE},
		       "ngan_hang_chinh_sach_xa_hoi_tinh"},
	[KIND_MENTORING] = {"mentoring", 90, 360, {YOUTH_UNION, COMMITTEE, YOUTH_UNION, COMMITTEE}},
	[KIND_COMMUNITY] = {"community_support",
			    1,
			    90,
			    {WOMEN_UNION, FATHERLAND_FRONT, COMMITTEE, COMMITTEE}},
};

/* What else suits a status, six of equal chance. Users and addicts are screened and assessed only
 * as they need it, lest who was not reached became so by and by. */
static const enum kind suitable[STATUSES][6] = {
	[AT_RISK] = {KIND_COUNSELLING, KIND_SCREENING, KIND_PSYCHOLOGICAL, KIND_BEHAVIOUR,
		     KIND_MENTORING, KIND_COUNSELLING},
	[USER] = {KIND_COUNSELLING, KIND_BEHAVIOUR, KIND_PSYCHOLOGICAL, KIND_COMMUNITY,
		  KIND_MENTORING, KIND_COUNSELLING},
	[ADDICT] = {KIND_TREATMENT, KIND_COUNSELLING, KIND_BEHAVIOUR, KIND_PSYCHOLOGICAL,
		    KIND_TREATMENT, KIND_COMMUNITY},
	[IN_REHAB] = {KIND_TREATMENT, KIND_COUNSELLING, KIND_BEHAVIOUR, KIND_TRAINING,
		      KIND_PSYCHOLOGICAL, KIND_BEHAVIOUR},
	[SUBSTITUTION] = {KIND_SUBSTITUTION, KIND_COUNSELLING, KIND_PSYCHOLOGICAL, KIND_MENTORING,
			  KIND_EMPLOYMENT, KIND_COMMUNITY},
	[POST_REHAB] = {KIND_TRAINING, KIND_EMPLOYMENT, KIND_LOAN, KIND_MENTORING, KIND_COMMUNITY,
			KIND_COUNSELLING},
	[SERVING_SENTENCE] = {KIND_LEGAL_AID, KIND_BEHAVIOUR, KIND_TRAINING, KIND_LEGAL_AID,
			      KIND_PSYCHOLOGICAL, KIND_BEHAVIOUR},
	[RELEASED] = {KIND_EMPLOYMENT, KIND_LOAN, KIND_TRAINING, KIND_MENTORING, KIND_COMMUNITY,
		      KIND_LEGAL_AID},
	[CLOSED] = {KIND_COMMUNITY, KIND_MENTORING, KIND_EMPLOYMENT, KIND_COUNSELLING,
		    KIND_TRAINING, KIND_LOAN},
};

static const char *const employers[] = {
	"Tự làm rẫy của gia đình",
	"Công ty TNHH MTV Cà phê Phước An",
	"Hợp tác xã nông nghiệp dịch vụ Công Bằng",
	"Công ty CP Cao su Đắk Lắk",
	"Xưởng mộc Thành Đạt",
	"Tiệm sửa xe Minh Phát",
	"Công ty may Hòa Hiệp",
	"Quán cà phê tự mở",
	"Cơ sở thu mua sầu riêng Krông Pắc",
	"Tàu cá của gia đình",
	"Công ty xây dựng Tây Nguyên Xanh",
	NULL,
};
static const char *const outside_providers[] = {
	"Câu lạc bộ đồng đẳng", "Phòng tư vấn tâm lý Bình An", "Nhóm tình nguyện xanh",
	"Giáo xứ địa phương",	"Phòng khám đa khoa tư nhân",  NULL,
};
static const struct choice outcomes[] = {
	{"positive", 58}, {"unchanged", 26}, {"negative", 5}, {"unknown", 11}, {0},
};

/* Something to be done from one day on, begun by another at the latest. */
struct need {
	enum kind kind;
	int from, until;
	const char *rehab_form;
	bool is_whole; /* lasts until `ends_on`; NO_DAY: still */
	int ends_on;
};

enum { NEEDS_MAX = 64 };

struct needs {
	struct need items[NEEDS_MAX];
	size_t count;
};

static void need(struct needs *needs, enum kind kind, int from, int until)
{
	if (needs->count < NEEDS_MAX)
		needs->items[needs->count++] = (struct need){kind, from, until};
}

static int latest(int one, int other)
{
	return one > other ? one : other;
}

static int earliest(int one, int other)
{
	return one < other ? one : other;
}

/* The last day that the episode is seen on. */
static int end_of(const struct sample *sample, const struct episode *episode)
{
	return episode->ended_on == NO_DAY ? sample->last : episode->ended_on;
}

/* Target II.1.a: who is on file in a year gets what suits, or a part of it, or nothing. */
static void need_package(struct needs *needs, struct dice *dice, const struct person *person,
			 const struct episode *episode, int from, int until)
{
	/* It took the programme until 2026 to come so far. */
	int late = 2026 - day_year(until);
	bool is_reached = dice_hits(dice, person->commune->service - (late > 0 ? 4 * late : 0));
	bool is_started = dice_hits(dice, 55);
	enum kind advice = dice_hits(dice, 60) ? KIND_COUNSELLING : KIND_BEHAVIOUR;
	enum kind check = dice_hits(dice, 60) ? KIND_SCREENING : KIND_ASSESSMENT;
	enum kind cure = person->uses_opioid && dice_hits(dice, 45) ? KIND_SUBSTITUTION
								    : KIND_TREATMENT;

	until = earliest(until, from + 120);
	if (is_reached || is_started)
		need(needs, advice, from, until);
	if (!is_reached)
		return;
	need(needs, check, from, until);
	if (episode->status == ADDICT)
		need(needs, cure, from, until);
}

/* Targets II.1.f and II.1.g. */
static void need_support(struct needs *needs, struct dice *dice, const struct person *person,
			 int from, int until)
{
	static const enum kind supports[] = {KIND_TRAINING, KIND_EMPLOYMENT, KIND_EMPLOYMENT,
					     KIND_LOAN,	    KIND_MENTORING,  KIND_COMMUNITY};
	enum kind first = supports[dice_below(dice, 6)], second = supports[dice_below(dice, 6)];

	if (!dice_hits(dice, person->commune->service))
		return;
	need(needs, first, from, until);
	if (first != second && dice_hits(dice, 35))
		need(needs, second, from, until);
}

/* One plan year: of the files in it, an addict's decides. */
static void need_of_year(const struct sample *sample, struct needs *needs, struct dice *dice,
			 const struct person *person, int year)
{
	int starts_on = day_of(year - 1, 12, 15), ends_on = day_of(year, 12, 14);
	const struct episode *file = NULL;

	ends_on = earliest(ends_on, sample->last);
	for (size_t i = 0; i < person->episode_count; i++) {
		const struct episode *episode = &person->episodes[i];
		int from = latest(starts_on, episode->starts_on);
		int until = earliest(ends_on, end_of(sample, episode));

		if (from > until)
			continue;
		if (episode->status == ADDICT || (episode->status == USER && !file))
			file = episode;
		if (episode->status == POST_REHAB || episode->status == RELEASED)
			need_support(needs, dice, person, from, until);
	}
	if (file)
		need_package(needs, dice, person, file, latest(starts_on, file->starts_on),
			     earliest(ends_on, end_of(sample, file)));
}

static void needs_make(const struct sample *sample, size_t index, const struct person *person,
		       struct needs *needs)
{
	struct dice dice = dice_of(sample->spec->seed, NEEDS, index);

	needs->count = 0;
	for (size_t i = 0; i < person->episode_count; i++) {
		const struct episode *episode = &person->episodes[i];
		enum kind kind = episode->status == IN_REHAB ? KIND_REHAB : KIND_SUBSTITUTION;

		if (episode->status != IN_REHAB && episode->status != SUBSTITUTION)
			continue;
		need(needs, kind, episode->starts_on, episode->starts_on);
		struct need *whole = &needs->items[needs->count - 1];
		whole->rehab_form = episode->rehab_form;
		whole->is_whole = true;
		whole->ends_on = episode->ended_on;
	}
	for (int year = 2024; day_of(year - 1, 12, 15) <= sample->last; year++)
		need_of_year(sample, needs, &dice, person, year);
}

/* What became of it, on the days from `starts_on`. */
struct course {
	const char *status;
	int starts_on, ends_on;
};

/* A need is met; what is done besides may also be planned, refused or cancelled. */
static struct course course_make(const struct sample *sample, struct dice *dice,
				 const struct person *person, const struct need *wanted,
				 bool is_need)
{
	const struct episode *open = &person->episodes[person->episode_count - 1];
	struct course course = {"completed", dice_between(dice, wanted->from, wanted->until)};
	int luck = is_need ? 100 : dice_between(dice, 1, 100);

	course.ends_on = wanted->is_whole
				 ? wanted->ends_on
				 : course.starts_on + dice_between(dice,
								   kinds[wanted->kind].least_days,
								   kinds[wanted->kind].most_days);
	if (luck <= 3 && open->status != CLOSED)
		return (struct course){"planned", sample->today + dice_between(dice, 1, 60),
				       NO_DAY};
	if (luck <= 6)
		return (struct course){"refused", course.starts_on, NO_DAY};
	if (luck <= 9)
		return (struct course){"cancelled", course.starts_on, NO_DAY};
	if (open->status == CLOSED && course.starts_on <= open->starts_on &&
	    (course.ends_on == NO_DAY || course.ends_on > open->starts_on))
		course.ends_on = open->starts_on; /* with the file */
	if (course.ends_on == NO_DAY || course.ends_on > sample->last) {
		course.status = "in_progress";
		course.ends_on = NO_DAY;
	}
	return course;
}

/* A job that was held for a while is confirmed by the commune's Youth Union and police. */
static void put_job(struct load *load, struct dice *dice, const struct sample *sample,
		    const struct need *wanted, const struct course *course)
{
	const char *employer = dice_pick(dice, employers);
	int job_until = course->starts_on + dice_between(dice, 30, 500);
	int by_union = course->starts_on + dice_between(dice, 90, 150);
	int by_police = by_union + dice_between(dice, 0, 15);
	bool lasts = dice_hits(dice, 62), is_confirmed = dice_hits(dice, 74);
	bool is_job = wanted->kind == KIND_EMPLOYMENT && !strcmp(course->status, "completed");

	lasts = lasts || job_until > sample->last;
	is_confirmed = is_confirmed && is_job && (lasts || job_until >= by_police);
	load_value(load, is_job ? employer : NULL);
	load_day(load, is_job && !lasts ? job_until : NO_DAY);
	load_day(load, is_confirmed && by_union <= sample->last ? by_union : NO_DAY);
	load_day(load, is_confirmed && by_police <= sample->last ? by_police : NO_DAY);
	if (wanted->kind == KIND_LOAN)
		load_number(load, 5000000 * dice_between(dice, 2, 20));
	else
		load_value(load, NULL);
}

static void put_intervention(struct load *load, struct dice *dice, const struct sample *sample,
			     const struct person *person, const struct need *wanted, bool is_need)
{
	struct course course = course_make(sample, dice, person, wanted, is_need);
	int entered = earliest(course.starts_on, sample->last);
	bool is_done = !strcmp(course.status, "completed"), is_outside = dice_hits(dice, 6);
	const char *maker = maker_code(kinds[wanted->kind].makers[dice_below(dice, 4)],
				       person->commune, person->which, entered);
	const char *provider = kinds[wanted->kind].provider ? kinds[wanted->kind].provider : maker;
	const char *outcome = dice_choose(dice, outcomes);
	struct stamp stamp = stamp_of(dice, entered, (int)dice_below(dice, 400));

	load_value(load, stamp.id);
	load_value(load, person->id);
	load_value(load, kinds[wanted->kind].name);
	load_value(load, course.status);
	load_day(load, course.starts_on);
	load_day(load, course.ends_on);
	load_value(load, person->unit);
	load_value(load, is_outside ? NULL : provider);
	load_value(load, is_outside ? dice_pick(dice, outside_providers) : NULL);
	load_value(load, wanted->rehab_form);
	load_value(load, is_done ? outcome : NULL);
	put_job(load, dice, sample, wanted, &course);

	bool was_changed = is_done && course.ends_on > course.starts_on;
	struct stamp changed = was_changed ? stamp_of(dice, course.ends_on, 500) : stamp;
	load_end_of_row(load, maker, was_changed ? 2 : 1, stamp.at, changed.at);
}

/* Anything that suits a time of this life which was not its end. */
static void put_other(struct load *load, struct dice *dice, const struct sample *sample,
		      const struct person *person)
{
	const struct episode
		*episode = &person->episodes[dice_below(dice, (unsigned)person->episode_count)];

	if (episode->close_reason && strcmp(episode->close_reason, "completed") != 0 &&
	    strcmp(episode->close_reason, "expired") != 0)
		episode--;
	struct need wanted = {suitable[episode->status][dice_below(dice, 6)], episode->starts_on,
			      end_of(sample, episode)};
	put_intervention(load, dice, sample, person, &wanted, false);
}

/* How the rows asked for are shared out: some of the needs of all, and others. */
struct share {
	uint64_t people, needs, needs_met, others;
	uint64_t needs_seen;
};

static struct share share_make(const struct sample *sample)
{
	struct share share = {.people = sample->spec->people};
	uint64_t asked = sample->spec->interventions ? sample->spec->interventions
						     : 5 * (uint64_t)sample->spec->people;
	struct person person;
	struct needs needs;

	for (size_t i = 0; i < share.people; i++) {
		person_make(sample, i, &person);
		needs_make(sample, i, &person, &needs);
		share.needs += needs.count;
	}
	share.needs_met = asked < share.needs ? asked : share.needs;
	share.others = asked - share.needs_met;
	return share;
}

/* Met needs are spread evenly when there are too few rows. */
static bool share_takes(struct share *share)
{
	uint64_t before = share->needs_seen++;

	return share->needs_seen * share->needs_met / share->needs >
	       before * share->needs_met / share->needs;
}

/* Each two people have their part together, which the dice divide. */
static uint64_t share_others(const struct share *share, const struct sample *sample, size_t index)
{
	uint64_t first = index / 2 * 2;
	uint64_t end = first + 2 < share->people ? first + 2 : share->people;
	uint64_t both = end * share->others / share->people - first * share->others / share->people;
	struct dice dice = dice_of(sample->spec->seed, SHARE, first);
	uint64_t of_first = dice_below(&dice, (unsigned)both + 1);

	if (end - first == 1)
		return both;
	return index == first ? of_first : both - of_first;
}

static void put_person(struct load *load, const struct sample *sample, struct share *share,
		       size_t index)
{
	struct dice dice = dice_of(sample->spec->seed, INTERVENTION, index);
	struct person person;
	struct needs needs;

	person_make(sample, index, &person);
	needs_make(sample, index, &person, &needs);
	for (size_t i = 0; i < needs.count; i++)
		if (share_takes(share))
			put_intervention(load, &dice, sample, &person, &needs.items[i], true);
	for (uint64_t left = share_others(share, sample, index); left; left--)
		put_other(load, &dice, sample, &person);
}

bool sample_interventions_load(struct sample *sample, struct error *error)
{
	struct share share = share_make(sample);
	struct load load;

	if (!load_begin(&load, sample->connection, interventions_copy, error))
		return false;
	for (size_t i = 0; i < sample->spec->people && !load.failed; i++)
		put_person(&load, sample, &share, i);
	return load_end(&load);
}
