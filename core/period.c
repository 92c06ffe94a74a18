/* The plan's reporting windows (section VI): 15 December to 14 June and to 14 December. */
#include "period.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FIRST_YEAR = 2015, LAST_YEAR = 2040, PROGRAMME_START = 2024 };

bool period_parse(const char *text, struct period *period)
{
	char digits[5];
	const char *kind;

	if (strlen(text) < 4 || strlen(text) > 6)
		return false;
	for (int i = 0; i < 4; i++)
		if (!isdigit((unsigned char)text[i]))
			return false;
	memcpy(digits, text, 4);
	digits[4] = '\0';
	unsigned year = (unsigned)strtoul(digits, NULL, 10) % 10000;
	kind = text[4] ? text + 4 : "Y";
	bool half = !strcmp(kind, "H1"), review = !strcmp(kind, "R");

	if (year < FIRST_YEAR || year > LAST_YEAR || (!half && !review && strcmp(kind, "Y") != 0))
		return false;
	*period = (struct period){.year = (int)year};
	snprintf(period->code, sizeof period->code, "%04u%.3s", year, kind);
	snprintf(period->start, sizeof period->start, "%04u-12-15",
		 (review ? PROGRAMME_START - 1 : year - 1) % 10000);
	snprintf(period->end, sizeof period->end, half ? "%04u-06-14" : "%04u-12-14", year);
	return strcmp(period->start, period->end) < 0;
}

bool period_previous(const struct period *period, struct period *previous)
{
	char code[8];

	if (period->code[4] == 'R')
		return false;
	snprintf(code, sizeof code, "%04u%.3s", (unsigned)(period->year - 1) % 10000,
		 period->code + 4);
	return period_parse(code, previous);
}

int period_year_of(const char *date)
{
	int year = (int)strtol(date, NULL, 10);

	return strcmp(date + 5, "12-15") >= 0 ? year + 1 : year;
}

void today_in_vietnam(char date[11])
{
	const char *fixed = getenv("LACHAN_TODAY");
	time_t now = time(NULL) + 7 * 3600;
	struct tm utc;

	if (fixed && strlen(fixed) == 10) {
		memcpy(date, fixed, 11);
		return;
	}
	gmtime_r(&now, &utc);
	strftime(date, 11, "%Y-%m-%d", &utc);
}
