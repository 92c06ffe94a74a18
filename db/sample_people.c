/* People, and the keys their names are found by. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample_parts.h"
#include "unicode.h"

static const char people_copy[] =
	"COPY people (id, full_name, full_name_keys, other_name, other_name_keys, date_of_birth, "
	"sex, citizen_number, citizen_number_index, citizen_number_mask, no_number_reason, "
	"ethnicity, phone, address, guardian_name, guardian_relationship, guardian_phone, "
	"no_guardian_reason, unit, status, status_since, status_ends_on, substance_groups, "
	"use_method, institution, education_level, last_grade, employment, occupation, "
	"is_court_matter, "
	"organization, created_by, version, created_at, updated_at) FROM STDIN";

static const char *const nicknames[] = {
	"Tí",  "Tèo",	 "Bi",	    "Cu Đen", "Bo",    "Tũn", "Út",  "Ben",   "Nhím",
	"Sóc", "Ba Búa", "Hai Lúa", "Cò",     "Mập",   "Còi", "Ròm", "Bé Na", "Mèo",
	"Thỏ", "Cà Phê", "Tý Sún",  "Đen",    "Ti Ti", "Rô",  NULL,
};
static const char *const streets[] = {
	"Lê Duẩn",	 "Phan Chu Trinh", "Nguyễn Tất Thành", "Hùng Vương", "Y Jút",
	"Trần Hưng Đạo", "Lê Hồng Phong",  "Nguyễn Huệ",       "Y Ngông",    "Mai Hắc Đế",
	"Hoàng Diệu",	 "Quang Trung",	   "Nguyễn Văn Cừ",    "10 tháng 3", NULL,
};
static const char *const villages[] = {
	"Buôn Kla", "Buôn Ea Drai", "Buôn Tría", "Buôn Ju",	"Buôn Niêng", "Buôn Kwang",
	"Buôn Sút", "Buôn Ea Măp",  "Buôn Trắp", "Buôn Kmrơng", NULL,
};
static const struct choice substances[] = {
	{"{ats}", 34},
	{"{ats,ketamine}", 14},
	{"{cannabis}", 10},
	{"{synthetic_cannabinoid}", 9},
	{"{disguised}", 8},
	{"{ketamine}", 8},
	{"{hallucinogen}", 3},
	{"{ats,cannabis}", 5},
	{"{prescription}", 3},
	{"{ketamine,hallucinogen}", 2},
	{"{cocaine}", 1},
	{"{unknown}", 3},
	{0},
};
static const struct choice opioids[] = {
	{"{opioid}", 68},
	{"{opioid,ats}", 28},
	{"{opioid,prescription}", 4},
	{0},
};
static const struct choice methods[] = {
	{"smoking", 40},  {"inhaling", 20},  {"oral", 14},   {"e_cigarette", 12},
	{"injection", 4}, {"sublingual", 3}, {"unknown", 7}, {0},
};
static const struct choice opioid_methods[] = {
	{"injection", 52}, {"smoking", 28}, {"inhaling", 16}, {"unknown", 4}, {0},
};
static const struct choice jobs[] = {
	{"employed", 24},
	{"self_employed", 38},
	{"unemployed", 29},
	{"homemaker", 2},
	{"unable", 2},
	{"unknown", 5},
	{0},
};
static const char *const trades[] = {
	"Làm rẫy cà phê",   "Phụ hồ",	     "Sửa xe máy",   "Lái xe",
	"Công nhân cao su", "Buôn bán nhỏ",  "Thợ hàn",	     "Làm thuê theo mùa",
	"Thợ cắt tóc",	    "Giao hàng",     "Phục vụ quán", "Đánh bắt cá",
	"Thợ mộc",	    "Công nhân may", "Chăn nuôi",    NULL,
};
static const struct choice schooling[] = {
	{"lower_secondary", 38},
	{"upper_secondary", 27},
	{"primary", 17},
	{"intermediate_vocational", 5},
	{"elementary_vocational", 4},
	{"college", 3},
	{"university", 2},
	{"illiterate", 2},
	{"unknown", 2},
	{0},
};
static const struct choice guardians[] = {
	{"mother", 44}, {"father", 38}, {"grandparent", 10}, {"relative", 5}, {"sibling", 3}, {0},
};
static const struct choice no_numbers[] = {
	{"not_issued", 60}, {"unknown", 38}, {"stateless", 2}, {0}};

/* Distinct and in order, as an array literal. */
static void put_keys(struct text *text, const int64_t *keys, size_t count)
{
	text_clear(text);
	text_add_char(text, '{');
	for (size_t i = 0; i < count; i++) {
		char number[24];

		snprintf(number, sizeof number, "%s%" PRId64, i ? "," : "", keys[i]);
		text_add(text, number);
	}
	text_add_char(text, '}');
}

static size_t keys_of(const char *name, int64_t keys[63])
{
	char *folded = *name ? unicode_fold(name) : NULL;
	size_t count = folded ? unicode_name_keys(folded, keys) : 0;

	free(folded);
	return count;
}

struct names {
	const struct naming *naming;
	const char *family;
	char full[NAME_SIZE], other[NAME_SIZE]; /* `other` may be "" */
};

/* Also asked for the keys alone. */
static void names_make(const struct sample *sample, size_t index, const struct person *person,
		       struct dice *dice, struct names *names)
{
	*dice = dice_of(sample->spec->seed, PERSON, index);
	names->naming = naming_choose(dice, person->commune->is_phu_yen);
	names->family = naming_family(names->naming, dice);
	naming_make(names->naming, dice, person->is_female, names->family, names->full);
	names->other[0] = '\0';
	if (dice_hits(dice, 14))
		snprintf(names->other, sizeof names->other, "%s", dice_pick(dice, nicknames));
}

static void put_names(struct load *load, const struct names *names)
{
	auto_text keys = {0};
	int64_t of_full[63], of_other[63];

	load_value(load, names->full);
	put_keys(&keys, of_full, keys_of(names->full, of_full));
	load_value(load, text_string(&keys));
	load_value(load, *names->other ? names->other : NULL);
	put_keys(&keys, of_other, keys_of(names->other, of_other));
	load_value(load, *names->other ? text_string(&keys) : NULL);
}

/* The last six digits differ for each of a million people. */
static void number_make(struct dice *dice, size_t index, const struct person *person,
			char digits[13])
{
	unsigned year = (unsigned)strtoul(person->birth, NULL, 10);
	const char *province = person->commune->is_phu_yen != dice_hits(dice, 8) ? "054" : "066";

	snprintf(digits, 13, "%s%u%02u%06u", province,
		 (year >= 2000 ? 2u : 0u) + (person->is_female ? 1u : 0u), year % 100,
		 (unsigned)((index * 618033 + 271829) % SAMPLE_PEOPLE_MAX));
}

static void put_number(struct load *load, struct dice *dice, const struct keyring *keyring,
		       size_t index, const struct person *person)
{
	char digits[13], found_by[65], mask[13];

	number_make(dice, index, person, digits);
	if (dice_hits(dice, 8)) {
		for (int i = 0; i < 3; i++)
			load_value(load, NULL);
		load_value(load, dice_choose(dice, no_numbers));
		return;
	}
	char *sealed = secret_seal(keyring->seal, digits, person->id);
	if (!sealed)
		load->failed = !error_internal(load->error, ERROR_INTERNAL, "cannot seal a number");
	secret_index(keyring->index, digits, found_by);
	snprintf(mask, sizeof mask, "%.3s*******%s", digits, digits + 10);
	load_value(load, sealed);
	load_value(load, found_by);
	load_value(load, mask);
	load_value(load, NULL);
	free(sealed);
}

static void person_phone(struct dice *dice, char phone[16])
{
	static const char *const prefixes[] = {
		"32", "33", "34", "35", "36", "37", "38", "39", "56", "58", "70",
		"76", "77", "78", "79", "81", "82", "83", "84", "85", "86", "88",
		"89", "90", "91", "93", "94", "96", "97", "98", NULL,
	};
	const char *prefix = dice_pick(dice, prefixes);

	snprintf(phone, 16, "+84%s%07u", prefix, dice_below(dice, 10000000));
}

static void put_address(struct load *load, struct dice *dice, const struct person *person,
			const struct naming *naming)
{
	const struct episode *open = &person->episodes[person->episode_count - 1];
	const struct former *former = person->unit == person->commune->key
					      ? NULL
					      : commune_former(person->commune, person->which,
							       open->starts_on);
	const char *unit = former ? former->name : person->commune->name;
	const char *province = former && person->commune->is_phu_yen ? "Phú Yên" : "Đắk Lắk";
	char place[160], address[400];
	int number = dice_between(dice, 1, 24);

	if (naming_has_villages(naming))
		snprintf(place, sizeof place, "%s", dice_pick(dice, villages));
	else if (person->commune->is_ward)
		snprintf(place, sizeof place, "%d %s, Tổ dân phố %d", number * 7,
			 dice_pick(dice, streets), number);
	else
		snprintf(place, sizeof place, "Thôn %d", number);
	/* "Xã", "Phường" and "Thị trấn" are written small after another word. */
	snprintf(address, sizeof address, "%s, %c%s, tỉnh %s", place, *unit | 0x20, unit + 1,
		 province);
	load_value(load, address);
}

static void put_guardian(struct load *load, struct dice *dice, const struct names *names,
			 bool is_minor)
{
	char name[NAME_SIZE], phone[16];
	const char *relationship = dice_choose(dice, guardians);
	bool is_mother = !strcmp(relationship, "mother"), is_known = dice_hits(dice, 97);

	naming_make(names->naming, dice, is_mother,
		    is_mother ? naming_family(names->naming, dice) : names->family, name);
	person_phone(dice, phone);
	load_value(load, is_minor && is_known ? name : NULL);
	load_value(load, is_minor && is_known ? relationship : NULL);
	load_value(load, is_minor && is_known && dice_hits(dice, 80) ? phone : NULL);
	load_value(load, is_minor && !is_known ? "Chưa xác định được người giám hộ" : NULL);
}

/* A school of the level, in the person's commune if there is one. */
static const struct school *school_choose(const struct sample *sample, struct dice *dice,
					  const struct commune *commune, int level)
{
	size_t from = dice_below(dice, (unsigned)sample->school_count);
	const struct school *found = NULL;

	for (size_t i = 0; i < sample->school_count; i++) {
		const struct school *school = &sample->schools[(from + i) % sample->school_count];

		if (school->level != level)
			continue;
		if (school->commune == commune)
			return school;
		if (!found)
			found = school;
	}
	return found;
}

static void put_education(struct load *load, struct dice *dice, const struct sample *sample,
			  const struct person *person, int age)
{
	int chance = age < 15 ? 88 : age < 18 ? 70 : age < 23 ? 16 : 0;
	int level = age < 15 ? 1 : age < 18 ? 2 : 3, grade = age - 6;
	enum status status = person->episodes[person->episode_count - 1].status;
	bool is_away = status == SERVING_SENTENCE || status == IN_REHAB;
	bool studies = dice_hits(dice, chance) && !is_away;
	const struct school *school = studies ? school_choose(sample, dice, person->commune, level)
					      : NULL;
	const char *chosen = dice_choose(dice, jobs), *employment = is_away ? "unemployed" : chosen;
	bool works = !strcmp(employment, "employed") || !strcmp(employment, "self_employed");
	const char *trade = dice_pick(dice, trades);

	load_value(load, school ? school->id : NULL);
	if (studies) {
		load_value(load, age < 12   ? "primary"
				 : age < 18 ? "lower_secondary"
					    : "upper_secondary");
		load_number(load, grade < 1 ? 1 : grade > 12 ? 12 : grade);
	} else {
		load_value(load, dice_choose(dice, schooling));
		load_value(load, NULL);
	}
	load_value(load, studies ? "student" : employment);
	load_value(load, works && !studies ? trade : NULL);
}

static void put_use(struct load *load, struct dice *dice, const struct person *person)
{
	bool only_risk = true;

	for (size_t i = 0; i < person->episode_count; i++)
		only_risk = only_risk && (person->episodes[i].status == AT_RISK ||
					  person->episodes[i].status == CLOSED);
	const char *groups = dice_choose(dice, person->uses_opioid ? opioids : substances);
	const char *method = dice_choose(dice, person->uses_opioid ? opioid_methods : methods);
	load_value(load, only_risk ? NULL : groups);
	load_value(load, only_risk ? NULL : method);
}

static void put_status(struct load *load, const struct person *person)
{
	const struct episode *open = &person->episodes[person->episode_count - 1];

	load_value(load, person->unit);
	load_value(load, status_names[open->status]);
	load_day(load, open->starts_on);
	load_day(load, open->ends_on);
}

static bool is_court_matter(const struct sample *sample, size_t index, const struct person *person)
{
	bool is_compulsory = false;

	for (size_t i = 0; i < person->episode_count; i++) {
		const char *form = person->episodes[i].rehab_form;

		is_compulsory = is_compulsory || (form && !strcmp(form, "compulsory"));
	}
	return is_compulsory || sample->linked[index];
}

static void put_person(struct load *load, const struct sample *sample, size_t index)
{
	struct person person;
	struct names names;
	struct dice dice;
	char phone[16];

	person_make(sample, index, &person);
	names_make(sample, index, &person, &dice, &names);
	int age = day_age(person.born, sample->today);
	const struct episode *open = &person.episodes[person.episode_count - 1];

	load_value(load, person.id);
	put_names(load, &names);
	load_value(load, person.birth);
	load_value(load, person.sex);
	put_number(load, &dice, sample->keyring, index, &person);
	load_value(load, naming_ethnicity(names.naming));
	person_phone(&dice, phone);
	load_value(load, dice_hits(&dice, 72) ? phone : NULL);
	put_address(load, &dice, &person, names.naming);
	put_guardian(load, &dice, &names, age < 18);
	put_status(load, &person);
	put_use(load, &dice, &person);
	put_education(load, &dice, sample, &person, age);
	load_value(load, is_court_matter(sample, index, &person) ? "t" : "f");

	enum maker maker = dice_hits(&dice, 55) ? POLICE : COMMITTEE;
	struct stamp changed = stamp_of(&dice, open->starts_on, (int)person.episode_count);
	/* An open file moved with the reform to the committee of today. */
	int made_on = open->status == CLOSED ? open->starts_on : sample->last;
	load_end_of_row(load, maker_code(maker, person.commune, person.which, made_on),
			1 + person.episode_count, person.at, changed.at);
}

static int compare_keys(const void *a, const void *b)
{
	int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

	return (one > other) - (one < other);
}

static void put_person_keys(struct load *load, const struct sample *sample, size_t index)
{
	struct person person;
	struct names names;
	struct dice dice;
	int64_t keys[126];

	person_make(sample, index, &person);
	names_make(sample, index, &person, &dice, &names);
	size_t count = keys_of(names.full, keys);
	count += keys_of(names.other, keys + count);
	qsort(keys, count, sizeof *keys, compare_keys);
	for (size_t i = 0; i < count; i++) {
		if (i && keys[i] == keys[i - 1])
			continue;
		load_number(load, keys[i]);
		load_value(load, person.id);
		load_row(load);
	}
}

static bool each_person(struct sample *sample, const char *copy,
			void (*put)(struct load *, const struct sample *, size_t),
			struct error *error)
{
	struct load load;

	if (!load_begin(&load, sample->connection, copy, error))
		return false;
	for (size_t i = 0; i < sample->spec->people && !load.failed; i++)
		put(&load, sample, i);
	return load_end(&load);
}

bool sample_people_load(struct sample *sample, struct error *error)
{
	return each_person(sample, people_copy, put_person, error) &&
	       each_person(sample, "COPY people_keys (key, person) FROM STDIN", put_person_keys,
			   error);
}
