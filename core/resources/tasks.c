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
	{"part_of", REFERENCE, FIXED | FILTER, .references = &task_assignments,
	 .about =
		 "The assignment of the same task and period that this is a part of; whoever holds "
		 "that one gives parts of it on"},
	{"percent", INTEGER, READ_ONLY, .about = "As last submitted"},
	{"rating", CODE, READ_ONLY | FILTER, .codes = &codes_rating},
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

static const struct field tree_fields[] = {
	{"id", UUID, READ_ONLY | SORT},
	{"code", TEXT, READ_ONLY | FILTER | SORT},
	{"section", TEXT, READ_ONLY | FILTER, .about = "The clause of the plan"},
	{"agency", INTEGER, READ_ONLY | FILTER, .about = "1–19; null for tasks common to all"},
	{"title_vi", TEXT, READ_ONLY},
	{"title_en", TEXT, READ_ONLY},
	{"recurrence", CODE, READ_ONLY | FILTER, .codes = &codes_task_recurrence},
	{"due_on", DATE, READ_ONLY},
	{"target", TEXT, READ_ONLY | FILTER},
	{"assigned", INTEGER, READ_ONLY,
	 .about = "Like the next three of its own assignments, or of a common task of those that "
		  "carry it out"},
	{"completed", INTEGER, READ_ONLY},
	{"overdue", INTEGER, READ_ONLY},
	{"percent", INTEGER, READ_ONLY, .about = "The mean of what was last submitted"},
	{"carried_out_by", DOCUMENT, READ_ONLY,
	 .about = "The agencies' tasks that do a common one"},
	{"carries_out", DOCUMENT, READ_ONLY, .about = "The common tasks it does"},
	{"assignments", DOCUMENT, READ_ONLY,
	 .about = "Of the last year, with their parts and, to those concerned, the last progress "
		  "with its evidence"},
	{0},
};

const struct resource task_trees = {
	.name = "task-trees",
	.table = "task_trees",
	.title = "TaskTree",
	.about = "Clause, task, assignments, their parts, progress and rating",
	.fields = tree_fields,
	.traits = REFERENCE_DATA | OWN_RULES,
};

static const struct field overview_fields[] = {
	{"id", TEXT, READ_ONLY | SORT, .about = "Period and agency"},
	{"agency", INTEGER, READ_ONLY | FILTER | SORT},
	{"period", TEXT, READ_ONLY | FILTER | SORT},
	{"tasks", INTEGER, READ_ONLY},
	{"assigned", INTEGER, READ_ONLY},
	{"completed", INTEGER, READ_ONLY},
	{"to_decide", INTEGER, READ_ONLY, .about = "Submitted, and not yet accepted or returned"},
	{"overdue", INTEGER, READ_ONLY},
	{"percent", INTEGER, READ_ONLY},
	{0},
};

const struct resource task_overview = {
	.name = "task-overview",
	.table = "task_overview",
	.title = "TaskOverview",
	.about = "How the tasks of an agency stand in a period",
	.fields = overview_fields,
	.traits = REFERENCE_DATA | OWN_RULES,
};
