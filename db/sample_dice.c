/* Chance that can be repeated, and the calendar it is laid on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample_parts.h"

/* Days of the proleptic Gregorian calendar, in eras of 400 years that begin in March. */
int day_of(int year, int month, int day)
{
	int shifted = month > 2 ? year : year - 1, era = shifted / 400, of_era = shifted % 400;
	int of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void day_split(int day, int *year, int *month, int *of_month)
{
	int shifted = day + 719468, era = shifted / 146097, of_era = shifted % 146097;
	int years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * years + years / 4 - years / 100);
	int from_march = (5 * of_year + 2) / 153;

	*of_month = of_year - (153 * from_march + 2) / 5 + 1;
	*month = from_march < 10 ? from_march + 3 : from_march - 9;
	*year = years + era * 400 + (*month <= 2);
}

int day_parse(const char *text)
{
	if (!text || strlen(text) != 10)
		return NO_DAY;
	return day_of((int)strtol(text, NULL, 10), (int)strtol(text + 5, NULL, 10),
		      (int)strtol(text + 8, NULL, 10));
}

/* `digits` of them, leading zeros included. */
static void put_number(char *out, int value, int digits)
{
	for (; digits; value /= 10)
		out[--digits] = (char)('0' + value % 10);
}

void day_text(int day, char text[11])
{
	int year, month, of_month;

	day_split(day, &year, &month, &of_month);
	memcpy(text, "0000-00-00", 11);
	put_number(text, year, 4);
	put_number(text + 5, month, 2);
	put_number(text + 8, of_month, 2);
}

int day_year(int day)
{
	int year, month, of_month;

	day_split(day, &year, &month, &of_month);
	return year;
}

int day_after_months(int day, int months)
{
	int year, month, of_month;

	day_split(day, &year, &month, &of_month);
	months += month - 1;
	int first = day_of(year + months / 12, months % 12 + 1, 1);
	int next = day_of(year + (months + 1) / 12, (months + 1) % 12 + 1, 1);
	return first + of_month - 1 < next ? first + of_month - 1 : next - 1;
}

int day_age(int born, int on)
{
	int year, month, of_month, then_year, then_month, then_of_month;

	day_split(born, &year, &month, &of_month);
	day_split(on, &then_year, &then_month, &then_of_month);
	return ((then_year - year) * 10000 + (then_month - month) * 100 + then_of_month -
		of_month) /
	       10000;
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t state)
{
	state = (state ^ state >> 30) * 0xbf58476d1ce4e5b9u;
	state = (state ^ state >> 27) * 0x94d049bb133111ebu;
	return state ^ state >> 31;
}

static uint64_t dice_roll(struct dice *dice)
{
	return mix(dice->state += 0x9e3779b97f4a7c15u);
}

struct dice dice_of(uint64_t seed, enum noun noun, uint64_t index)
{
	struct dice dice = {mix(seed + 0x9e3779b97f4a7c15u) + noun};

	dice.state = dice_roll(&dice) + index;
	dice.state = dice_roll(&dice);
	return dice;
}

unsigned dice_below(struct dice *dice, unsigned limit)
{
	return (unsigned)((dice_roll(dice) >> 32) * limit >> 32);
}

int dice_between(struct dice *dice, int least, int most)
{
	return most <= least ? least : least + (int)dice_below(dice, (unsigned)(most - least) + 1);
}

bool dice_hits(struct dice *dice, int percent)
{
	return (int)dice_below(dice, 100) < percent;
}

const char *dice_choose(struct dice *dice, const struct choice *choices)
{
	unsigned sum = 0;

	for (const struct choice *choice = choices; choice->weight; choice++)
		sum += choice->weight;
	unsigned left = dice_below(dice, sum);
	for (; left >= choices->weight; choices++)
		left -= choices->weight;
	return choices->text;
}

const char *dice_pick(struct dice *dice, const char *const *list)
{
	unsigned count = 0;

	while (list[count])
		count++;
	return list[dice_below(dice, count)];
}

enum { OPENS = 8 * 60, OFFICE_MINUTES = 9 * 60 };

static void put_hex(char *out, uint64_t value, int digits)
{
	for (; digits; value >>= 4)
		out[--digits] = "0123456789abcdef"[value & 15];
}

struct stamp stamp_of(struct dice *dice, int day, int minute)
{
	struct stamp stamp;
	/* Nothing was entered before the plan was there. */
	int first = day_of(2024, 4, 8), entered = day > first ? day : first;
	int second = (OPENS + minute % OFFICE_MINUTES) * 60 + (int)dice_below(dice, 60);
	uint64_t low = dice_roll(dice), high = dice_roll(dice);
	uint64_t milliseconds = ((uint64_t)entered * 86400 + (uint64_t)second - 7 * 3600) * 1000;

	memcpy(stamp.id, "00000000-0000-7000-8000-000000000000", 37);
	put_hex(stamp.id, milliseconds >> 16, 8);
	put_hex(stamp.id + 9, milliseconds & 0xffff, 4);
	put_hex(stamp.id + 15, high & 0xfff, 3);
	put_hex(stamp.id + 19, (high >> 12 & 0x3fff) | 0x8000, 4);
	put_hex(stamp.id + 24, low & 0xffffffffffff, 12);

	day_text(entered, stamp.at);
	memcpy(stamp.at + 10, " 00:00:00+07", 13);
	put_number(stamp.at + 11, second / 3600, 2);
	put_number(stamp.at + 14, second / 60 % 60, 2);
	put_number(stamp.at + 17, second % 60, 2);
	return stamp;
}
