/* The tasks of this year's periods, given to those who hold their agency, and how far they are. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "sample_parts.h"

static const char assignments_copy[] =
	"COPY task_assignments (id, task, assignee, period, due_on, completed_on, progress_status, "
	"organization, created_by, version, created_at, updated_at) FROM STDIN";
static const char progress_copy[] =
	"COPY task_progress (id, task, assignment, reported_on, status, percent, summary, "
	"evidence, "
	"rating, return_reason, organization, created_by, version, created_at, updated_at) "
	"FROM STDIN";

enum column { TASK_ID, TITLE, ASSIGNEE, PERIOD, STARTS_ON, ENDS_ON, DUE_ON };

static const struct choice states[] = {
	{"submitted", 24}, {"accepted", 30}, {"draft", 10}, {"returned", 8}, {"none", 28}, {0},
};
static const struct choice ratings[] = {
	{"met", 60}, {"partly_met", 22}, {"exceeded", 12}, {"not_met", 6}, {0},
};

struct assignment {
	struct stamp stamp, progress;
	const char *status; /* of the progress; NULL: there is none */
	int reported_on, percent;
	struct dice dice;
};

/* The same for both tables. */
static void assignment_make(const struct sample *sample, const PGresult *rows, int row,
			    struct assignment *assignment)
{
	int starts_on = day_parse(PQgetvalue(rows, row, STARTS_ON));
	int until = day_parse(PQgetvalue(rows, row, ENDS_ON));
	struct dice *dice = &assignment->dice;

	*assignment = (struct assignment){.dice = dice_of(sample->spec->seed, TASK, (uint64_t)row)};
	assignment->stamp = stamp_of(dice, starts_on < sample->last ? starts_on : sample->last,
				     (int)dice_below(dice, 60));
	until = until < sample->last ? until : sample->last;
	assignment->status = dice_choose(dice, states);
	if (until - starts_on < 10 || *assignment->status == 'n')
		assignment->status = NULL;
	assignment->reported_on = until - dice_between(dice, 0, (until - starts_on) / 2);
	assignment->percent = assignment->status && *assignment->status == 'a' &&
					      dice_hits(dice, 65)
				      ? 100
				      : 5 * dice_between(dice, 2, 19);
	assignment->progress = stamp_of(dice, assignment->reported_on,
					100 + (int)dice_below(dice, 300));
}

static void put_assignment(struct load *load, const PGresult *rows, int row,
			   struct assignment *assignment)
{
	bool is_accepted = assignment->status && *assignment->status == 'a';
	const char *changed = assignment->status ? assignment->progress.at : assignment->stamp.at;

	load_value(load, assignment->stamp.id);
	load_value(load, PQgetvalue(rows, row, TASK_ID));
	load_value(load, PQgetvalue(rows, row, ASSIGNEE));
	load_value(load, PQgetvalue(rows, row, PERIOD));
	load_value(load, PQgetvalue(rows, row, DUE_ON));
	load_day(load,
		 is_accepted && assignment->percent == 100 ? assignment->reported_on : NO_DAY);
	load_value(load, assignment->status);
	load_end_of_row(load, "cong_an_tinh", assignment->status ? 2 : 1, assignment->stamp.at,
			changed);
}

static void put_progress(struct load *load, const PGresult *rows, int row,
			 struct assignment *assignment)
{
	struct dice *dice = &assignment->dice;
	char summary[400], evidence[48];

	if (!assignment->status)
		return;
	bool is_decided = *assignment->status == 'a', is_returned = *assignment->status == 'r';
	snprintf(summary, sizeof summary, "Đã triển khai: %.300s", PQgetvalue(rows, row, TITLE));
	snprintf(evidence, sizeof evidence, "Báo cáo số %d/BC", dice_between(dice, 10, 480));
	load_value(load, assignment->progress.id);
	load_value(load, PQgetvalue(rows, row, TASK_ID));
	load_value(load, assignment->stamp.id);
	load_day(load, assignment->reported_on);
	load_value(load, assignment->status);
	load_number(load, assignment->percent);
	load_value(load, summary);
	load_value(load, dice_hits(dice, 70) ? evidence : NULL);
	load_value(load, is_decided ? dice_choose(dice, ratings) : NULL);
	load_value(load, is_returned ? "Thiếu số liệu so với cùng kỳ" : NULL);
	load_end_of_row(load, PQgetvalue(rows, row, ASSIGNEE), is_decided || is_returned ? 3 : 1,
			assignment->progress.at, assignment->progress.at);
}

static bool table_load(struct sample *sample, const PGresult *rows, const char *copy,
		       void (*put)(struct load *, const PGresult *, int, struct assignment *),
		       struct error *error)
{
	struct load load;
	struct assignment assignment;

	if (!load_begin(&load, sample->connection, copy, error))
		return false;
	for (int row = 0; row < PQntuples(rows) && !load.failed; row++) {
		assignment_make(sample, rows, row, &assignment);
		put(&load, rows, row, &assignment);
	}
	return load_end(&load);
}

bool sample_tasks_load(struct sample *sample, struct error *error)
{
	PGresult *rows;
	char today[11];

	day_text(sample->today, today);
	if (!sample_ask(sample, "assignments", today, &rows, error))
		return false;
	bool loaded = table_load(sample, rows, assignments_copy, put_assignment, error) &&
		      table_load(sample, rows, progress_copy, put_progress, error);
	PQclear(rows);
	return loaded;
}
