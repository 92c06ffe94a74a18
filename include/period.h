/* The plan's reporting windows (section VI): 15 December to 14 June and to 14 December. */
#ifndef LACHAN_PERIOD_H
#define LACHAN_PERIOD_H

#include <stdbool.h>

/* "2025", "2025Y", "2025H1", "2026R", "2030R"; dates are inclusive, in Asia/Ho_Chi_Minh. */
struct period {
	char code[8]; /* normalised: "2025Y", "2025H1", "2026R" */
	char start[11], end[11];
	int year;
};

bool period_parse(const char *text, struct period *period);
/* The window a year earlier, of the same kind; a review has none. */
bool period_previous(const struct period *period, struct period *previous);
/* The reporting year that a date lies in: 2025-12-15 is in 2026. */
int period_year_of(const char *date);
/* Today in Viet Nam (UTC+7, no summer time). LACHAN_TODAY overrides it in tests only. */
void today_in_vietnam(char date[11]);

#endif
