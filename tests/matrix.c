/* What tests/fixtures/access.csv grants, and records of every kind that it tells apart. */
#include "matrix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "samples.h"
#include "text.h"
#include "uuid.h"

const int matrix_seats[MATRIX_SEATS] = {1,  2,	3,  4,	5,  6,	7,  8,	9,  10,
					11, 12, 13, 14, 15, 16, 17, 18, 19, OTHER_COMMUNE};

const char *const verdict_names[VERDICTS] = {
	[NO_RULE] = "no rule",
	[OUTSIDE] = "outside the scope",
	[OFF_CONDITION] = "off the condition",
	[INSIDE] = "inside",
};

/* Counts */

struct matrix_counts *matrix_counts;

__attribute__((constructor)) static void share_counts(void)
{
	matrix_counts = mmap(NULL, sizeof *matrix_counts, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

void matrix_tell(const char *suite)
{
	size_t http = 0, by_sql = 0;

	for (int verdict = 0; verdict < VERDICTS; verdict++) {
		http += matrix_counts->http[verdict];
		by_sql += matrix_counts->sql[verdict];
	}
	printf("%s: %zu cases: %zu over HTTP, %zu by SQL, %zu of what is hidden, %zu policies "
	       "taken "
	       "away or opened\n",
	       suite, http + by_sql + matrix_counts->hidden, http, by_sql, matrix_counts->hidden,
	       matrix_counts->policies);
	for (int verdict = 0; verdict < VERDICTS && http; verdict++)
		printf("%s: %zu %s\n", suite,
		       matrix_counts->http[verdict] + matrix_counts->sql[verdict],
		       verdict_names[verdict]);
	fflush(stdout);
	*matrix_counts = (struct matrix_counts){0};
}

/* The file */

static struct right {
	int agency; /* 0: every one */
	char resource[32], actions[8], scope[16], hidden[64], condition[128];
} rights[96];
static size_t right_count;

/* The next cell of a line; empty ones count. */
static void take_cell(const char **line, char *cell, size_t size)
{
	size_t length = strcspn(*line, ",\n");

	require(length < size, "access.csv: too long: %s", *line);
	snprintf(cell, size, "%.*s", (int)length, *line);
	*line += length + ((*line)[length] == ',');
}

static void rights_read(void)
{
	FILE *file = fopen("tests/fixtures/access.csv", "r");
	char line[512], agency[8];

	require(file && fgets(line, sizeof line, file), "no access.csv");
	for (right_count = 0; fgets(line, sizeof line, file); right_count++) {
		struct right *right = &rights[right_count];
		const char *rest = line;

		require(right_count < sizeof rights / sizeof *rights, "access.csv: too many rows");
		take_cell(&rest, agency, sizeof agency);
		right->agency = (int)strtol(agency, NULL, 10);
		take_cell(&rest, right->resource, sizeof right->resource);
		take_cell(&rest, right->actions, sizeof right->actions);
		take_cell(&rest, right->scope, sizeof right->scope);
		take_cell(&rest, right->hidden, sizeof right->hidden);
		take_cell(&rest, right->condition, sizeof right->condition);
	}
	fclose(file);
}

size_t matrix_names(const char *names[32])
{
	size_t count = 0, known;

	for (size_t i = 0; i < right_count; i++) {
		for (known = 0; known < count; known++)
			if (!strcmp(names[known], rights[i].resource))
				break;
		if (known == count)
			names[count++] = rights[i].resource;
	}
	return count;
}

const struct resource *matrix_resource(const char *name)
{
	for (int i = 0; resources[i]; i++)
		if (!strcmp(resources[i]->table, name))
			return resources[i];
	return NULL;
}

/* Whether a list has the word, divided by any of `marks`. */
static bool has_word(const char *list, const char *word, const char *marks)
{
	for (size_t length; *list; list += length + (list[length] != '\0')) {
		length = strcspn(list, marks);
		if (length == strlen(word) && !memcmp(list, word, length))
			return true;
	}
	return false;
}

/* What the file decides */

static bool is_of(const struct right *right, int seat, const char *resource)
{
	return (!right->agency || right->agency == seat % 100) &&
	       !strcmp(right->resource, resource);
}

static bool is_same(const char *one, const char *other)
{
	return one && other && !strcmp(one, other);
}

static bool is_in_scope(const struct right *right, int seat, const struct record *record)
{
	if (!strcmp(right->scope, "territory"))
		return !strcmp(unit_of(seat), "2025-66") || is_same(record->unit, unit_of(seat));
	if (!strcmp(right->scope, "own"))
		return !record->organization ||
		       is_same(record->organization, organization_of(seat)) ||
		       is_same(record->assignee, organization_of(seat));
	return !strcmp(right->scope, "everywhere");
}

/* One word of a condition. What a harmless update changes is no step of a procedure. */
static bool holds(const char *term, int seat, const struct record *record)
{
	if (!strncmp(term, "kind=", 5))
		return has_word(term + 5, record->kind, "|");
	if (!strcmp(term, "readable_person"))
		return matrix_verdict(seat, "people", 'r', record->person) == INSIDE;
	if (!strcmp(term, "assigned"))
		return is_same(record->assignee, organization_of(seat)) ||
		       has_word(record->facts, text_of("partner=%d", seat % 100), " ");
	return has_word(record->facts, term, " ");
}

static bool meets(const struct right *right, int seat, const struct record *record)
{
	char *condition = strdup(right->condition), *rest = NULL;

	for (char *term = strtok_r(condition, " ", &rest); term; term = strtok_r(NULL, " ", &rest))
		if (!holds(term, seat, record))
			return false;
	return true;
}

enum verdict matrix_verdict(int seat, const char *resource, char action,
			    const struct record *record)
{
	enum verdict verdict = NO_RULE;

	for (size_t i = 0; seat > 0 && i < right_count; i++) {
		enum verdict one;

		if (!is_of(&rights[i], seat, resource) || !strchr(rights[i].actions, action))
			continue;
		one = !is_in_scope(&rights[i], seat, record) ? OUTSIDE
		      : !meets(&rights[i], seat, record)     ? OFF_CONDITION
							     : INSIDE;
		verdict = one > verdict ? one : verdict;
	}
	return record->is_forged && verdict == INSIDE ? OUTSIDE : verdict;
}

bool matrix_may(int seat, const char *resource, char action)
{
	for (size_t i = 0; i < right_count; i++)
		if (is_of(&rights[i], seat, resource) && strchr(rights[i].actions, action))
			return true;
	return false;
}

bool matrix_role_may(enum role role, char action)
{
	static const char *const actions[ROLES] = {[VIEWER] = "lr",
						   [OFFICER] = "lrcu",
						   [ADMIN] = "lrcuv",
						   [OPERATOR] = "",
						   [SERVICE] = "lrcu"};

	return strchr(actions[role], action) != NULL;
}

const char *const matrix_classes[] = {"open",	   "identity",	 "contact", "case",
				      "education", "employment", "health",  "criminal"};
enum { CLASSES = sizeof matrix_classes / sizeof *matrix_classes };

bool matrix_hides(int seat, const char *resource, const char *class_name,
		  const struct record *record)
{
	for (size_t i = 0; i < right_count; i++) {
		bool is_of_minors = !strcmp(rights[i].condition, "minor");

		if (is_of(&rights[i], seat, resource) &&
		    has_word(rights[i].hidden, class_name, " ") &&
		    (!is_of_minors || has_word(record->facts, "minor", " ")))
			return true;
	}
	return false;
}

/* Words that nobody writes by chance. */
static const char *word_of(const char *resource, const char *class_name, bool of_minor)
{
	return text_of("%s%s-%s", !strcmp(resource, "people") ? "hoangyen" : "vuan",
		       of_minor ? "tre" : "", class_name);
}

bool matrix_tells_minors(const char *body)
{
	return strstr(body, word_of("people", "identity", true)) != NULL;
}

const char *matrix_told(int seat, const char *body)
{
	static const struct record grown_up = {.facts = ""}, minor = {.facts = " minor"};
	static const char *const sources[] = {"people", "crimes"};

	for (size_t source = 0; body && source < 2; source++)
		for (size_t i = 1; i < CLASSES; i++)
			for (int of_minor = 0; of_minor < 2; of_minor++) {
				const char *word = word_of(sources[source], matrix_classes[i],
							   of_minor);
				bool is_kept = !matrix_may(seat, sources[source], 'r') ||
					       matrix_hides(seat, sources[source],
							    matrix_classes[i],
							    of_minor ? &minor : &grown_up);

				if (is_kept && strstr(body, word))
					return word;
			}
	return body && !matrix_may(seat, "people", 'r') && strstr(body, MATRIX_PERSON)
		       ? MATRIX_PERSON
		       : NULL;
}

/* The records */

enum { RECORDS = 2000 };

static struct record pool[RECORDS];
static size_t pool_count;

static struct subject people_subject = {"people", &people, "occupation", "Thợ máy"};
static struct subject interventions_subject = {"interventions", &interventions, "note", "x"};
static struct subject crimes_subject = {"crimes", &crimes, "summary", "vuan-criminal"};
static struct subject hotspots_subject = {"hotspots", &hotspots, "note", "x"};
static struct subject institutions_subject = {"institutions", &institutions, "code", "x"};
static struct subject sessions_subject = {"training_sessions", &training_sessions, "note", "x"};
static struct subject campaigns_subject = {"campaigns", &campaigns, "note", "x"};
static struct subject models_subject = {"models", &models, "note", "x"};
static struct subject progress_subject = {"task_progress", &task_progress, "evidence", "x"};
static struct subject reports_subject = {"reports", &reports, "note", "x"};
static struct subject tasks_subject = {"tasks", &tasks, "title_vi", "x"};
static struct subject units_subject = {"units", &units, "name", "x"};
static struct subject agencies_subject = {"agencies", &agencies, "name_vi", "x"};

struct subject *const subjects[] = {&people_subject,	   &interventions_subject,
				    &crimes_subject,	   &hotspots_subject,
				    &institutions_subject, &sessions_subject,
				    &campaigns_subject,	   &models_subject,
				    &progress_subject,	   &reports_subject,
				    &tasks_subject,	   &units_subject,
				    &agencies_subject,	   NULL};

const struct masked masked[] = {
	{"people", "phone", "contact", &people_subject, "id"},
	{"people", "address", "contact", &people_subject, "id"},
	{"people", "guardian_name", "contact", &people_subject, "id"},
	{"people", "guardian_relationship", "contact", &people_subject, "id"},
	{"people", "guardian_phone", "contact", &people_subject, "id"},
	{"people", "no_guardian_reason", "contact", &people_subject, "id"},
	{"people", "health_note", "health", &people_subject, "id"},
	{"people", "criminal_record", "criminal", &people_subject, "id"},
	{"people_search", "address", "contact", &people_subject, "id"},
	{"people_search", "health_note", "health", &people_subject, "id"},
	{"people_search", "criminal_record", "criminal", &people_subject, "id"},
	{"person_statuses", "tested_on", "health", &people_subject, "person"},
	{"person_violations", "decision_number", "criminal", &people_subject, "person"},
	{"person_violations", "decision_date", "criminal", &people_subject, "person"},
	{"person_violations", "fine_amount", "criminal", &people_subject, "person"},
	{"person_violations", "note", "criminal", &people_subject, "person"},
	{"crimes", "summary", "criminal", &crimes_subject, "id"},
	{"crime_stages", "sentence", "criminal", &crimes_subject, "crime"},
	{"crime_stages", "note", "criminal", &crimes_subject, "crime"},
	{NULL},
};

static const char *const places[] = {COMMUNE_UNIT, OTHER_UNIT, BORDER_UNIT};
enum { PLACES = 3 };
static char *task; /* one with partners, and its assignments below */

static const char *is_border(const char *unit)
{
	return !strcmp(unit, BORDER_UNIT) ? " border" : "";
}

/* A row of the table as its JSON, by the superuser as if the organisation made it. */
static void insert(const struct record *record)
{
	auto_text names = {0};
	char *json = json_dumps(record->body, JSON_COMPACT);
	const char *table = record->subject->resource->table, *name;
	json_t *value;

	json_object_foreach(record->body, name, value)
		text_addf(&names, ", %s", name);
	sql(AS_SUPERUSER,
	    "SELECT set_config('lachan.user', gen_random_uuid()::text, true), "
	    "set_config('lachan.organization', '%s', true); INSERT INTO %s (id%s) SELECT '%s'%s "
	    "FROM jsonb_populate_record(NULL::%s, $json$%s$json$)",
	    record->organization, table, text_string(&names), record->id, text_string(&names),
	    table, json);
	free(json);
}

static struct record *add(struct subject *subject, bool is_candidate, json_t *take_body)
{
	struct record *record = &pool[pool_count++];
	struct record **first = is_candidate ? &subject->candidates : &subject->records;
	size_t *count = is_candidate ? &subject->candidate_count : &subject->record_count;

	require(pool_count < RECORDS, "too many records");
	*first = *first ? *first : record;
	require(record == *first + *count, "the records of %s are not together", subject->name);
	++*count;
	*record = (struct record){.subject = subject, .body = take_body};
	record->unit = json_string_value(json_object_get(take_body, "unit"));
	if (!is_candidate)
		uuid_make(record->id);
	return record;
}

/* Which organisations' records there are: those of all agencies, by turns. */
static const char *maker(size_t turn)
{
	return organization_of(matrix_seats[turn % MATRIX_SEATS]);
}

/* People */

static json_t *person_body(const char *unit, bool is_student, bool is_minor)
{
	json_t *body = object("{'date_of_birth': '%s', 'sex': 'male', 'full_name_keys': [], "
			      "'unit': '%s', 'phone': '+84905123456', 'guardian_phone': "
			      "'+84905123456', 'guardian_relationship': 'mother', "
			      "'substance_groups': ['opioid']}",
			      is_minor ? "2012-01-01" : "1990-01-01", unit);
	static const char *const fields[] = {"full_name",	"address",
					     "occupation",	"health_note",
					     "criminal_record", "no_guardian_reason",
					     "guardian_name"};
	static const char *const classes[] = {"identity", "contact", "employment", "health",
					      "criminal", "contact", "contact"};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		json_object_set_new(body, fields[i],
				    json_string(word_of("people", classes[i], is_minor)));
	if (is_student)
		json_object_set_new(body, "institution", json_string(sample_parent(&institutions)));
	return body;
}

static const char *const statuses[] = {
	NULL,
	"'in_rehab', '2026-08-01', 'compulsory', NULL, 'court'",
	"'post_rehab', '2026-08-01', NULL, 'voluntary', NULL",
	"'released', '2026-08-01', NULL, NULL, NULL",
	"'addict', '2026-08-01', NULL, NULL, NULL",
};
enum { STATUSES = sizeof statuses / sizeof *statuses };

/* What makes a person a matter of the courts or of aftercare is entered as it would be. */
static void lead_life(struct record *record, size_t status, bool is_suspect, const char *crime)
{
	sql(AS_SUPERUSER,
	    "SELECT set_config('lachan.user', gen_random_uuid()::text, false), "
	    "set_config('lachan.organization', '%s', false)",
	    record->organization);
	if (statuses[status])
		sql(AS_SUPERUSER,
		    "INSERT INTO person_statuses (id, person, status, starts_on, rehab_form, "
		    "origin, decided_by, tested_on) VALUES (gen_random_uuid(), '%s', %s, "
		    "'2026-07-01')",
		    record->id, statuses[status]);
	sql(AS_SUPERUSER,
	    "INSERT INTO person_violations (id, person, violated_on, kind, unit, decision_number, "
	    "decision_date, fine_amount, note) VALUES (gen_random_uuid(), '%s', '2026-02-01', "
	    "'illegal_use', '%s', 'hoangyen-criminal', '2026-02-02', 1, 'hoangyen-criminal')",
	    record->id, record->unit);
	if (is_suspect)
		sql(AS_SUPERUSER,
		    "INSERT INTO crime_participants (id, crime, role, person, full_name, outcome) "
		    "VALUES "
		    "(gen_random_uuid(), '%s', 'witness', '%s', 'vuan-criminal', "
		    "'vuan-criminal')",
		    crime, record->id);
	snprintf(record->facts, sizeof record->facts, "%s%s%s%s%s", is_border(record->unit),
		 json_object_get(record->body, "institution") ? " student" : "",
		 is_suspect || status == 1 ? " court_matter" : "",
		 status == 2 || status == 3 ? " aftercare" : "",
		 strstr(json_string_value(json_object_get(record->body, "full_name")), "tre")
			 ? " minor"
			 : "");
}

static void people_added(const char *crime)
{
	enum { KINDS = PLACES * 2 * 2 * 2 * STATUSES };

	for (size_t i = 0; i < KINDS; i++) {
		const char *unit = places[i % PLACES];
		size_t rest = i / PLACES;
		struct record *record = add(&people_subject, false,
					    person_body(unit, rest % 2, rest / 2 % 2));

		snprintf(record->id, sizeof record->id, MATRIX_PERSON "0000-7000-8000-%012zu", i);
		record->organization = maker(i);
		insert(record);
		lead_life(record, rest / 8, rest / 4 % 2, crime);
	}
	for (size_t i = 0; i < PLACES * 4; i++) {
		struct record *record = add(&people_subject, true,
					    person_body(places[i % PLACES], i / PLACES % 2, i / 6));

		json_object_del(record->body, "criminal_record");
		snprintf(record->facts, sizeof record->facts, "%s%s", is_border(record->unit),
			 i / PLACES % 2 ? " student" : "");
	}
}

/* A person of the place with the fact, or without. */
static const struct record *person_at(const char *unit, bool is_student)
{
	for (size_t i = 0; i < people_subject.record_count; i++) {
		const struct record *record = &people_subject.records[i];

		if (is_same(record->unit, unit) &&
		    has_word(record->facts, "student", " ") == is_student &&
		    has_word(record->facts, "aftercare", " ") == is_student)
			return record;
	}
	return NULL;
}

/* What is done for them */

static void add_intervention(bool is_candidate, const char *kind, const struct record *of,
			     const char *organization)
{
	json_t *body = object("{'person': '%s', 'kind': '%s', 'status': 'planned', 'starts_on': "
			      "'2026-09-01'}",
			      of->id, kind);
	struct record *record = add(&interventions_subject, is_candidate, body);

	if (!strcmp(kind, "rehab"))
		json_object_set_new(body, "rehab_form", json_string("voluntary_home"));
	record->unit = of->unit;
	record->kind = kind;
	record->person = of;
	record->organization = organization;
	if (!is_candidate)
		insert(record);
}

static void interventions_added(void)
{
	const char *const *kinds = codes_intervention_kind.codes;

	for (size_t kind = 0; kinds[kind]; kind++)
		for (size_t place = 0; place < PLACES; place++)
			for (size_t seat = 0; seat < MATRIX_SEATS; seat++)
				if (place < 2 || seat % 7 == kind % 7)
					add_intervention(
						false, kinds[kind],
						person_at(places[place], (kind + place + seat) % 2),
						maker(seat));
	for (size_t kind = 0; kinds[kind]; kind++)
		for (size_t place = 0; place < PLACES * 2; place++)
			add_intervention(true, kinds[kind],
					 person_at(places[place % PLACES], place / PLACES), NULL);
}

/* Everything else: a place and a maker */

/* `format` takes the unit. */
static void add_placed(struct subject *subject, const char *format, size_t turns)
{
	for (size_t i = 0; i < turns + PLACES; i++) {
		bool is_candidate = i >= turns;
		struct record *record = add(subject, is_candidate,
					    object("%s", text_of(format, places[i % PLACES])));

		snprintf(record->facts, sizeof record->facts, "%s", is_border(record->unit));
		if (is_candidate)
			continue;
		record->organization = maker(i / PLACES);
		insert(record);
	}
}

/* The last candidate, but in another organisation's name. */
static void add_forged(struct subject *subject)
{
	const struct record *last = &subject->candidates[subject->candidate_count - 1];
	struct record *record = add(subject, true, json_deep_copy(last->body));
	struct record copy = *last;

	copy.body = record->body;
	copy.is_forged = true;
	*record = copy;
	json_object_set_new(record->body, "organization", json_string(organization_of(7)));
}

/* The task's assignment of the organisation, made at the first use. */
static char *given_to(const char *assignee, const char *period)
{
	return sql(AS_SUPERUSER,
		   "SELECT set_config('lachan.user', gen_random_uuid()::text, true), "
		   "set_config('lachan.organization', 'cong_an_tinh', true); INSERT INTO "
		   "task_assignments (id, task, assignee, period, due_on) VALUES "
		   "(gen_random_uuid(), '%s', '%s', '%s', '2026-12-10') ON CONFLICT DO NOTHING; "
		   "SELECT id FROM task_assignments WHERE task = '%s' AND assignee = '%s' AND "
		   "period = '%s'",
		   task, assignee, period, task, assignee, period);
}

static struct record *add_progress(bool is_candidate, const char *assignee, const char *period,
				   const char *partners)
{
	struct record *record = add(
		&progress_subject, is_candidate,
		object("{'task': '%s', 'assignment': '%s', 'reported_on': '2026-11-01', "
		       "'status': 'submitted', 'percent': 50, 'summary': 'x'}",
		       task, given_to(assignee, period)));

	record->assignee = assignee;
	snprintf(record->facts, sizeof record->facts, "%s", partners);
	return record;
}

/* Progress by each assignee, and by a partner for somebody else's assignment. */
static void progress_added(void)
{
	task = sql(AS_OWNER, "SELECT id FROM tasks WHERE cardinality(partner_agencies) > 1 AND NOT "
			     "EXISTS (SELECT FROM task_assignments WHERE task = tasks.id) ORDER BY "
			     "code LIMIT 1");
	char *partners = sql(AS_OWNER,
			     "SELECT string_agg(' partner=' || partner, '') FROM tasks, "
			     "unnest(partner_agencies) AS partner WHERE id = '%s'",
			     task);
	int partner = (int)sql_number(
		AS_OWNER, "SELECT partner_agencies[1] FROM tasks WHERE id = '%s'", task);

	sql(AS_SUPERUSER, "SELECT set_config('lachan.agency', '%d', false)", partner);
	for (size_t i = 0; i < MATRIX_SEATS * 2; i++) {
		bool by_partner = i >= MATRIX_SEATS;
		struct record *record = add_progress(false, maker(i),
						     by_partner ? "2026H1" : "2026Y", partners);

		record->organization = by_partner ? organization_of(partner) : record->assignee;
		insert(record);
	}
	for (size_t i = 0; i < MATRIX_SEATS; i++)
		add_progress(true, maker(i), "2027Y", partners);
}

/* Of each organisation a draft and one that is submitted; of the police, who judge the others', the
 * latter alone. */
static void reports_added(void)
{
	/* Those of former tests make way: there is one of each period. */
	sql(AS_SUPERUSER, "UPDATE reports SET voided_at = now() WHERE voided_at IS NULL");
	for (size_t i = 0; i < MATRIX_SEATS * 2; i++) {
		const char *status = i < MATRIX_SEATS ? "submitted" : "draft";
		size_t first = 0;

		while (strcmp(maker(first), maker(i)) != 0)
			first++;
		if (i == MATRIX_SEATS || first != i % MATRIX_SEATS)
			continue; /* some hold two seats */
		struct record *record = add(
			&reports_subject, false,
			object("{'period': '%s', 'status': '%s', 'unit': '%s', 'due_on': "
			       "'2024-12-19'}",
			       i < MATRIX_SEATS ? "2024H1" : "2024Y", status, COMMUNE_UNIT));

		record->organization = maker(i);
		snprintf(record->facts, sizeof record->facts, " %s", status);
		insert(record);
	}
	add(&reports_subject, true, object("{'period': '2025H1'}"));
}

/* Some of what is there by itself. */
static void add_reference(struct subject *subject)
{
	const char *key = resource_key(subject->resource)->name;

	for (int i = 0; i < 3; i++) {
		struct record *record = add(subject, false, json_object());

		snprintf(record->id, sizeof record->id, "%s",
			 sql(AS_OWNER, "SELECT %s FROM %s ORDER BY %s OFFSET %d LIMIT 1", key,
			     subject->name, key, i * 7 % 19));
	}
}

static void stages_added(void)
{
	for (size_t i = 0; i < crimes_subject.record_count; i++)
		sql(AS_SUPERUSER,
		    "INSERT INTO crime_stages (id, crime, stage, reached_on, sentence, note) "
		    "VALUES (gen_random_uuid(), '%s', 'source', '2026-03-01', 'vuan-criminal', "
		    "'vuan-criminal')",
		    crimes_subject.records[i].id);
}

void matrix_made(void)
{
	if (pool_count)
		return;
	rights_read();
	const char *crime = sample_parent(&crimes);

	sql(AS_SUPERUSER, "UPDATE crimes SET summary = 'vuan-criminal' WHERE id = '%s'", crime);
	people_added(crime);
	interventions_added();
	add_forged(&interventions_subject);
	add_placed(&crimes_subject,
		   "{'article': '249', 'detected_on': '2026-03-01', 'summary': "
		   "'vuan-criminal', 'unit': '%s'}",
		   PLACES * MATRIX_SEATS);
	stages_added();
	add_forged(&crimes_subject);
	add_placed(&hotspots_subject,
		   "{'name': 'x', 'kind': 'point', 'detected_on': '2026-03-01', 'unit': '%s'}",
		   PLACES * MATRIX_SEATS);
	add_placed(&institutions_subject,
		   "{'name': 'x', 'type': 'thpt', 'ownership': 'public', 'unit': '%s'}",
		   PLACES * 2);
	add_placed(&sessions_subject,
		   "{'kind': 'training', 'title': 'x', 'status': 'planned', 'held_on': "
		   "'2026-12-10', 'audience': ['staff'], 'unit': '%s'}",
		   PLACES * MATRIX_SEATS);
	add_forged(&sessions_subject);
	add_placed(&campaigns_subject,
		   "{'kind': 'campaign', 'title': 'x', 'status': 'planned', 'starts_on': "
		   "'2026-12-10', 'unit': '%s'}",
		   PLACES * MATRIX_SEATS);
	add_forged(&campaigns_subject);
	add_placed(&models_subject,
		   "{'name': 'x', 'kind': 'club', 'status': 'active', 'started_on': '2026-01-10', "
		   "'unit': '%s'}",
		   PLACES * MATRIX_SEATS);
	add_forged(&models_subject);
	progress_added();
	reports_added();
	add_reference(&tasks_subject);
	add_reference(&units_subject);
	add_reference(&agencies_subject);
}

const char *matrix_list_path(const struct subject *subject)
{
	return subject->resource == &task_progress ? text_of("/v1/tasks/%s/progress", task)
						   : text_of("/v1/%s", subject->resource->name);
}

const char *matrix_path(const struct record *record)
{
	return text_of("%s/%s", matrix_list_path(record->subject), record->id);
}
