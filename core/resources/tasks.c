/* The plan's 229 tasks, who carries them out, and how far they are. */
#include "record.h"

static const struct field fields[] = {
	{"id", UUID, READ_ONLY | SORT},
	{"code", TEXT, READ_ONLY | FILTER | SORT, .about = "Section and number, e.g. IV.1.01"},
	{"section", TEXT, READ_ONLY | FILTER},
	{"bullet", INTEGER, READ_ONLY},
	{"agency", INTEGER, READ_ONLY | FILTER, .about = "1–19; null for tasks common to all"},
	{"title_vi", TEXT, READ_ONLY},
	{"title_en", TEXT, READ_ONLY},
	{"is_lead", BOOLEAN, READ_ONLY | FILTER},
	{"partner_agencies", INTEGERS, READ_ONLY | FILTER},
	{"partners_other", TEXTS, READ_ONLY},
	{"recurrence", CODE, READ_ONLY | FILTER, .codes = &codes_task_recurrence},
	{"due_on", DATE, READ_ONLY | FILTER | SORT},
	{"target", TEXT, READ_ONLY | FILTER, .about = "The group of targets it serves, e.g. II.1"},
	{"resources", TEXTS, READ_ONLY},
	{"audience", TEXTS, READ_ONLY},
	{"carried_out_by", TEXTS, READ_ONLY,
	 .column =
		 "(SELECT array_agg(l.carried_out_by ORDER BY l.carried_out_by) FROM task_links l "
		 "WHERE l.task = tasks.code)",
	 .about = "Of a common task: the tasks of named agencies that do it"},
	{"assigned", INTEGER, READ_ONLY,
	 .column = "(SELECT count(*) FROM task_assignments a WHERE a.task = tasks.id AND "
		   "a.voided_at IS NULL)"},
	{"overdue", INTEGER, READ_ONLY,
	 .column = "(SELECT count(*) FROM task_assignments a WHERE a.task = tasks.id AND "
		   "a.voided_at IS NULL AND a.completed_on IS NULL AND a.due_on < today())",
	 .about = "How many of its assignments are past their day"},
	{0},
};

const struct resource tasks = {
	.name = "tasks",
	.table = "tasks",
	.title = "Task",
	.about = "The tasks of plan 62/KH-UBND",
	.fields = fields,
	.traits = REFERENCE_DATA,
};

static const struct field assignment_fields[] = {
	RECORD_ID,
	{"task", REFERENCE, READ_ONLY, .references = &tasks},
	{"assignee", ORGANIZATION, REQUIRED | FIXED | FILTER,
	 .about = "The organisation that carries it out"},
	{"period", TEXT, REQUIRED | FIXED | FILTER, .max = 8,
	 .about = "Of the reporting calendar, e.g. 2026H1"},
	{"due_on", DATE, REQUIRED | FILTER | SORT},
	{"completed_on", DATE, READ_ONLY | FILTER,
	 .about = "When progress was accepted that finishes it"},
	{"is_overdue", BOOLEAN, READ_ONLY | HAS_DEFAULT,
	 .column = "(task_assignments.completed_on IS NULL AND task_assignments.due_on < today())"},
	{"progress_status", CODE, READ_ONLY | FILTER, .codes = &codes_progress_status,
	 .about = "Of the last progress report"},
	{"note", TEXT, .max = 2000},
	RECORD_END,
};

const struct resource task_assignments = {
	.name = "assignments",
	.table = "task_assignments",
	.title = "TaskAssignment",
	.about = "A task given to an organisation for a period",
	.fields = assignment_fields,
	.parent = &tasks,
	.parent_field = "task",
};

static const struct field progress_fields[] = {
	RECORD_ID,
	{"task", REFERENCE, READ_ONLY, .references = &tasks},
	{"assignment", REFERENCE, REQUIRED | FIXED | FILTER, .references = &task_assignments},
	{"reported_on", DATE, REQUIRED | FILTER | SORT | PAST},
	{"status", CODE, REQUIRED | FILTER, .codes = &codes_progress_status,
	 .about = "draft → submitted → accepted or returned (agency 1); returned → submitted"},
	{"percent", INTEGER, REQUIRED, .min = 0, .max = 100},
	{"summary", TEXT, REQUIRED, .max = 4000},
	{"evidence", TEXT, .max = 2000, .about = "Document numbers or addresses"},
	{"rating", CODE, FILTER, .codes = &codes_rating, .writers = ONE(1)},
	{"return_reason", TEXT, .max = 1000, .writers = ONE(1)},
	RECORD_END,
};

static const struct rule progress_rules[] = {
	{"return_reason", REQUIRED_WHEN, "status", "returned"},
	{0},
};

const struct resource task_progress = {
	.name = "progress",
	.table = "task_progress",
	.title = "TaskProgress",
	.about = "How far an assignment is, with evidence",
	.fields = progress_fields,
	.rules = progress_rules,
	.parent = &tasks,
	.parent_field = "task",
};
