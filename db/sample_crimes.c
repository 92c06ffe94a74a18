/* Drug crimes, who took part, and how far the cases are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample_parts.h"

static const char crimes_copy[] =
	"COPY crimes (id, number, article, other_articles, occurred_on, detected_on, unit, "
	"detecting_organization, youth_related, youth_related_reason, stage, stage_on, summary, "
	"organization, created_by, version, created_at, updated_at) FROM STDIN";
static const char participants_copy[] =
	"COPY crime_participants (id, crime, role, person, full_name, date_of_birth, born_by, sex, "
	"age_at_offence, articles, outcome, organization, created_by, version, created_at, "
	"updated_at) FROM STDIN";
static const char stages_copy[] =
	"COPY crime_stages (id, crime, stage, reached_on, decision_number, authority, sentence, "
	"organization, created_by, version, created_at, updated_at) FROM STDIN";

enum { PEOPLE_PER_CRIME = 12, PARTICIPANTS_MAX = 8, STAGES_MAX = 12, YOUTH_MAX_AGE = 30 };

static const struct choice articles[] = {
	{"249", 43}, {"251", 31}, {"250", 8}, {"255", 8}, {"256", 4}, {"247", 2},
	{"256a", 6}, {"258", 1},  {"252", 1}, {"254", 1}, {"248", 1}, {0},
};
/* Before article 256a. */
static const struct choice former_articles[] = {
	{"249", 44}, {"251", 32}, {"250", 8}, {"255", 9}, {"256", 5}, {"247", 2},
	{"258", 1},  {"252", 1},  {"254", 1}, {"248", 1}, {0},
};

static const struct {
	const char *article, *summary;
} summaries[] = {
	{"247", "Phát hiện cây nghi là cần sa trồng xen trong rẫy"},
	{"248", "Phát hiện nơi pha trộn, đóng gói chất nghi là ma túy"},
	{"249", "Kiểm tra, phát hiện người cất giấu gói chất nghi là ma túy"},
	{"250", "Phát hiện việc vận chuyển chất nghi là ma túy trên tuyến quốc lộ"},
	{"251", "Bắt quả tang việc mua bán trái phép chất ma túy"},
	{"252", "Chiếm đoạt chất ma túy của người khác"},
	{"254", "Thu giữ dụng cụ dùng vào việc sử dụng trái phép chất ma túy"},
	{"255", "Nhóm người tổ chức sử dụng trái phép chất ma túy tại nơi cho thuê"},
	{"256", "Chủ cơ sở để người khác sử dụng trái phép chất ma túy"},
	{"256a", "Người đang trong thời hạn quản lý tiếp tục sử dụng trái phép chất ma túy"},
	{"258", "Rủ rê người khác sử dụng trái phép chất ma túy"},
};

/* What may follow a stage, how often, and after how many days. NULL is none: at the left the first
 * stage, at the right that the case stays where it is. */
static const struct {
	const char *from, *to;
	unsigned weight;
	int least, most;
} steps[] = {
	{NULL, "source", 100, 0, 0},
	{"source", "verification", 100, 1, 6},
	{"verification", "initiated", 84, 2, 20},
	{"verification", "not_initiated", 6, 10, 50},
	{"verification", "administrative", 4, 5, 30},
	{"verification", "transferred", 2, 5, 30},
	{"verification", "suspended", 2, 20, 60},
	{"verification", NULL, 2},
	{"initiated", "investigation", 100, 1, 5},
	{"investigation", "concluded_prosecute", 84, 30, 120},
	{"investigation", "suspended", 5, 40, 120},
	{"investigation", "investigation_dropped", 3, 30, 120},
	{"investigation", NULL, 8},
	{"concluded_prosecute", "indicted", 44, 8, 35},
	{"concluded_prosecute", "returned", 4, 8, 30},
	{"concluded_prosecute", "diverted", 50, 8, 30},
	{"concluded_prosecute", "case_dropped", 2, 8, 30},
	{"returned", "concluded_prosecute", 90, 20, 60},
	{"returned", NULL, 10},
	{"indicted", "first_instance", 94, 20, 75},
	{"indicted", NULL, 6},
	{"first_instance", "appeal", 14, 30, 80},
	{"first_instance", "in_force", 86, 31, 35},
	{"appeal", "in_force", 100, 1, 3},
	{"in_force", "executing", 95, 5, 30},
	{"in_force", NULL, 5},
	{"executing", "executed", 16, 180, 700},
	{"executing", NULL, 84},
};

struct participant {
	const char *role, *person, *sex; /* `person` is an id, or NULL */
	char name[NAME_SIZE], birth[11];
	int born, age;
};

struct crime {
	struct stamp stamp;
	struct person linked; /* of whom `participants` may have the id */
	size_t linked_index;
	bool has_linked;
	const struct commune *commune;
	unsigned which;
	const char *article, *unit;
	int occurred_on, detected_on;
	struct participant participants[PARTICIPANTS_MAX];
	size_t participant_count;
	struct {
		const char *stage;
		int reached_on;
	} stages[STAGES_MAX];
	size_t stage_count;
	bool is_youths; /* by its participants */
	bool is_sentenced;
	char sentence[48];
	const char *organization;
};

static int day_of_offence(const struct crime *crime)
{
	return crime->occurred_on != NO_DAY ? crime->occurred_on : crime->detected_on;
}

/* From the plan's first window on, a little fewer each year. */
static int detected_make(struct dice *dice, int last)
{
	int begun = day_of(2023, 12, 15), day;

	do
		day = dice_between(dice, begun, last);
	while (dice_hits(dice, (day - begun) * 8 / 365));
	return day;
}

/* Someone under management, of an age to be a suspect on that day. */
static bool linked_make(const struct sample *sample, struct dice *dice, struct crime *crime)
{
	if (!dice_hits(dice, 45))
		return false;
	crime->linked_index = dice_below(dice, (unsigned)sample->spec->people);
	person_make(sample, crime->linked_index, &crime->linked);
	return day_age(crime->linked.born, day_of_offence(crime)) >= 16;
}

static struct participant *participant_add(struct crime *crime, const char *role)
{
	struct participant *participant = &crime->participants[crime->participant_count++];

	*participant = (struct participant){.role = role};
	return participant;
}

static void participant_count_age(struct crime *crime, struct participant *participant)
{
	int age = day_age(participant->born, day_of_offence(crime));

	participant->age = age > 0 ? age : 0;
	if (participant->age <= YOUTH_MAX_AGE && strcmp(participant->role, "witness") != 0)
		crime->is_youths = true;
}

static void stranger_add(struct crime *crime, struct dice *dice, const char *role, int least,
			 int most)
{
	struct participant *stranger = participant_add(crime, role);
	const struct naming *naming = naming_choose(dice, crime->commune->is_phu_yen);
	int age = dice_between(dice, least, most);

	bool is_female = dice_hits(dice, strcmp(role, "suspect") ? 35 : 12);

	stranger->sex = is_female ? "female" : "male";
	naming_make(naming, dice, is_female, naming_family(naming, dice), stranger->name);
	stranger->born = birth_make(
		dice, day_of_offence(crime) - age * 36525 / 100 - dice_between(dice, 1, 360),
		stranger->birth);
	participant_count_age(crime, stranger);
}

static void suspects_make(struct crime *crime, struct dice *dice)
{
	bool is_grave = !strncmp(crime->article, "25", 2) && crime->article[2] <= '2' &&
			!crime->article[3];
	int count = dice_hits(dice, 62) ? 1 : dice_between(dice, 2, 4);

	if (crime->has_linked) {
		struct participant *linked = participant_add(crime, "suspect");

		linked->person = crime->linked.id;
		linked->born = crime->linked.born;
		linked->sex = crime->linked.sex;
		memcpy(linked->birth, crime->linked.birth, sizeof linked->birth);
		participant_count_age(crime, linked);
		count--;
	}
	for (; count > 0; count--) {
		int luck = dice_between(dice, 1, 100);

		/* A year to spare, for birth dates known by their year. */
		if (luck <= 4 && is_grave)
			stranger_add(crime, dice, "suspect", 15, 15);
		else if (luck <= 12)
			stranger_add(crime, dice, "suspect", 17, 17);
		else if (luck <= 62)
			stranger_add(crime, dice, "suspect", 18, 30);
		else
			stranger_add(crime, dice, "suspect", 31, 58);
	}
}

static void others_make(struct crime *crime, struct dice *dice)
{
	static const char *const luring[] = {"255", "256", "258", NULL};
	bool lures = false;

	for (int i = 0; luring[i]; i++)
		lures = lures || !strcmp(crime->article, luring[i]);
	if (lures && dice_hits(dice, 60))
		for (int count = dice_between(dice, 1, 2); count; count--)
			stranger_add(crime, dice, "lured", 14, 26);
	if (!strcmp(crime->article, "252") && dice_hits(dice, 50))
		stranger_add(crime, dice, "victim", 18, 50);
	if (dice_hits(dice, 15))
		stranger_add(crime, dice, "witness", 18, 65);
}

/* Juveniles alone can be diverted, and only since law 59/2024/QH15 is in force; all others whom
 * the dice would divert are indicted. */
static bool may_reach(const struct crime *crime, const char *stage, int day)
{
	if (strcmp(stage, "diverted") != 0)
		return true;
	for (size_t i = 0; i < crime->participant_count; i++)
		if (!strcmp(crime->participants[i].role, "suspect") &&
		    crime->participants[i].age < 18)
			return day >= day_of(2026, 1, 1);
	return false;
}

/* -1 when nothing follows. */
static int step_choose(struct dice *dice, const char *stage)
{
	unsigned left = dice_below(dice, 100);

	for (size_t at = 0; at < sizeof steps / sizeof *steps; at++) {
		const char *from = steps[at].from;

		if (from && stage ? strcmp(from, stage) : from != stage)
			continue;
		if (left < steps[at].weight)
			return steps[at].to ? (int)at : -1;
		left -= steps[at].weight;
	}
	return -1;
}

static void stages_make(struct crime *crime, struct dice *dice, int last)
{
	const char *stage = NULL;
	int day = crime->detected_on, at;

	while (crime->stage_count < STAGES_MAX && (at = step_choose(dice, stage)) >= 0) {
		day += dice_between(dice, steps[at].least, steps[at].most);
		if (day > last)
			return;
		stage = may_reach(crime, steps[at].to, day) ? steps[at].to : "indicted";
		crime->stages[crime->stage_count].stage = stage;
		crime->stages[crime->stage_count++].reached_on = day;
		if (!strcmp(stage, "first_instance"))
			crime->is_sentenced = true;
	}
}

static void crime_make(const struct sample *sample, size_t index, struct crime *crime)
{
	struct dice dice = dice_of(sample->spec->seed, CRIME, index);

	*crime = (struct crime){.detected_on = detected_make(&dice, sample->last)};
	crime->occurred_on = dice_hits(&dice, 80) ? crime->detected_on - dice_between(&dice, 0, 30)
						  : NO_DAY;
	crime->has_linked = linked_make(sample, &dice, crime);
	crime->commune = commune_choose(sample, &dice);
	crime->which = dice_below(&dice, 1000);
	if (crime->has_linked) {
		crime->commune = crime->linked.commune;
		crime->which = crime->linked.which;
	}
	crime->unit = commune_unit(crime->commune, crime->which, day_of_offence(crime));
	crime->article = dice_choose(
		&dice, day_of_offence(crime) < day_of(2025, 7, 1) ? former_articles : articles);
	suspects_make(crime, &dice);
	others_make(crime, &dice);
	stages_make(crime, &dice, sample->last);
	bool by_border_guard = crime->commune->is_border && dice_hits(&dice, 50);
	crime->organization = maker_code(by_border_guard ? BORDER_GUARD : POLICE, crime->commune,
					 crime->which, crime->detected_on);
	snprintf(crime->sentence, sizeof crime->sentence, "Phạt tù %d tháng",
		 12 * dice_between(&dice, 1, 9));
	crime->stamp = stamp_of(&dice, crime->detected_on, 0);
}

static const char *summary_of(const struct crime *crime)
{
	for (size_t i = 0; i < sizeof summaries / sizeof *summaries; i++)
		if (!strcmp(summaries[i].article, crime->article))
			return summaries[i].summary;
	return NULL;
}

static void put_crime(struct load *load, const struct crime *crime, struct dice *dice)
{
	size_t stages = crime->stage_count;
	bool by_hand = !crime->is_youths && dice_hits(dice, 6);
	bool has_others = !strcmp(crime->article, "251") && dice_hits(dice, 18);
	struct stamp changed = stamp_of(dice, crime->stages[stages - 1].reached_on,
					20 + (int)stages);
	char number[48];

	snprintf(number, sizeof number, "%d/%d/HS", dice_between(dice, 1, 980),
		 day_year(crime->detected_on));
	load_value(load, crime->stamp.id);
	load_value(load, number);
	load_value(load, crime->article);
	load_value(load, has_others ? "{249}" : NULL);
	load_day(load, crime->occurred_on);
	load_day(load, crime->detected_on);
	load_value(load, crime->unit);
	load_value(load, crime->organization);
	load_value(load, by_hand || crime->is_youths ? "t" : "f");
	load_value(load, by_hand ? "Xảy ra gần nơi học tập của thanh niên, thiếu niên" : NULL);
	load_value(load, crime->stages[stages - 1].stage);
	load_day(load, crime->stages[stages - 1].reached_on);
	load_value(load, summary_of(crime));
	load_end_of_row(load, crime->organization, 1 + stages + crime->is_youths, crime->stamp.at,
			changed.at);
}

static void put_participants(struct load *load, const struct crime *crime, struct dice *dice)
{
	for (size_t i = 0; i < crime->participant_count; i++) {
		const struct participant *participant = &crime->participants[i];
		bool is_suspect = !strcmp(participant->role, "suspect");
		struct stamp stamp = stamp_of(dice, crime->detected_on, 1 + (int)i);
		char list[16];

		snprintf(list, sizeof list, "{%s}", crime->article);
		load_value(load, stamp.id);
		load_value(load, crime->stamp.id);
		load_value(load, participant->role);
		load_value(load, participant->person);
		load_value(load, participant->person ? NULL : participant->name);
		load_value(load, participant->birth);
		load_day(load, participant->born);
		load_value(load, participant->sex);
		load_number(load, participant->age);
		load_value(load, is_suspect ? list : NULL);
		load_value(load, is_suspect && crime->is_sentenced ? crime->sentence : NULL);
		load_end_of_row(load, crime->organization, 1, stamp.at, stamp.at);
	}
}

/* Whose decision a stage is; the police's when not listed. */
static const struct {
	const char *stage, *authority, *suffix;
} authorities[] = {
	{"indicted", "Viện kiểm sát nhân dân", "CT-VKS"},
	{"returned", "Viện kiểm sát nhân dân", "QĐ-VKS"},
	{"case_dropped", "Viện kiểm sát nhân dân", "QĐ-VKS"},
	{"diverted", "Viện kiểm sát nhân dân", "QĐ-VKS"},
	{"first_instance", "Tòa án nhân dân", "HS-ST"},
	{"appeal", "Tòa án nhân dân", "HS-PT"},
	{"in_force", "Tòa án nhân dân", NULL},
	{"executing", "Tòa án nhân dân", "QĐ-THA"},
	{"executed", "Cơ quan thi hành án hình sự", "GCN"},
	{"source", "Cơ quan Cảnh sát điều tra", NULL},
	{"verification", "Cơ quan Cảnh sát điều tra", NULL},
	{NULL, "Cơ quan Cảnh sát điều tra", "QĐ-CSĐT"},
};

static void put_stages(struct load *load, const struct crime *crime, struct dice *dice)
{
	for (size_t i = 0; i < crime->stage_count; i++) {
		const char *stage = crime->stages[i].stage;
		struct stamp stamp = stamp_of(dice, crime->stages[i].reached_on, 20 + (int)i);
		size_t at = 0;
		char number[48];

		while (authorities[at].stage && strcmp(authorities[at].stage, stage) != 0)
			at++;
		snprintf(number, sizeof number, "%d/%s", dice_between(dice, 1, 420),
			 authorities[at].suffix ? authorities[at].suffix : "");
		load_value(load, stamp.id);
		load_value(load, crime->stamp.id);
		load_value(load, stage);
		load_day(load, crime->stages[i].reached_on);
		load_value(load, authorities[at].suffix ? number : NULL);
		load_value(load, authorities[at].authority);
		load_value(load, !strcmp(stage, "first_instance") ? crime->sentence : NULL);
		load_end_of_row(load, crime->organization, 1, stamp.at, stamp.at);
	}
}

static const struct {
	const char *copy;
	enum noun noun;
	void (*put)(struct load *load, const struct crime *crime, struct dice *dice);
} tables[] = {
	{crimes_copy, CRIME_FILE, put_crime},
	{participants_copy, PARTICIPANT, put_participants},
	{stages_copy, STAGE, put_stages},
};

static size_t crime_count(const struct sample *sample)
{
	return (sample->spec->people + PEOPLE_PER_CRIME - 1) / PEOPLE_PER_CRIME;
}

bool sample_links_make(struct sample *sample, struct error *error)
{
	struct crime crime;

	sample->linked = calloc(sample->spec->people, sizeof *sample->linked);
	if (!sample->linked)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < crime_count(sample); i++) {
		crime_make(sample, i, &crime);
		if (crime.has_linked)
			sample->linked[crime.linked_index] = true;
	}
	return true;
}

static bool table_load(struct sample *sample, size_t table, struct error *error)
{
	struct load load;
	struct crime crime;

	if (!load_begin(&load, sample->connection, tables[table].copy, error))
		return false;
	for (size_t i = 0; i < crime_count(sample) && !load.failed; i++) {
		struct dice dice = dice_of(sample->spec->seed, tables[table].noun, i);

		crime_make(sample, i, &crime);
		tables[table].put(&load, &crime, &dice);
	}
	return load_end(&load);
}

bool sample_crimes_load(struct sample *sample, struct error *error)
{
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		if (!table_load(sample, i, error))
			return false;
	return true;
}
