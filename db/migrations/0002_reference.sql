-- Reference data: the plan, its agencies and who holds them, the territory over time, every code list.
-- The rows are in db/seed/*.csv; each table has the key people already use for the thing, and no other.

CREATE TABLE agencies (
	number smallint PRIMARY KEY CHECK (number BETWEEN 1 AND 19),
	code text NOT NULL UNIQUE,
	name_vi text NOT NULL,
	name_en text NOT NULL,
	mode text NOT NULL CHECK (mode IN ('assigned', 'requested'))
);

-- A place's code was reused for another place in 2025, so a unit is a generation and a code.
-- successor is the one unit of today that took the whole of it; NULL when it was shared out, or is of today.
CREATE TABLE units (
	key text PRIMARY KEY,
	generation text NOT NULL CHECK (generation IN ('2024', '202411', '2025')),
	code text NOT NULL CHECK (code ~ '^([0-9]{2}|[0-9]{3}|[0-9]{5})$'),
	name text NOT NULL,
	short_name text NOT NULL,
	level text NOT NULL CHECK (level IN ('province', 'district', 'commune')),
	kind text NOT NULL CHECK (kind IN ('province', 'city', 'town', 'district', 'ward', 'commune', 'township')),
	parent text REFERENCES units DEFERRABLE INITIALLY DEFERRED,
	valid_from date,
	valid_to date,
	is_border boolean NOT NULL,
	former_province text CHECK (former_province IN ('66', '54', '66+54')),
	in_plan boolean NOT NULL,
	legal_name text,
	area_km2 numeric CHECK (area_km2 > 0),
	successor text REFERENCES units DEFERRABLE INITIALLY DEFERRED,
	CHECK (key = generation || '-' || code),
	CHECK (valid_from <= valid_to),
	CHECK ((parent IS NULL) = (level = 'province')),
	CHECK (NOT is_border OR level = 'commune'),
	CHECK (successor IS NULL OR valid_to IS NOT NULL)
);

CREATE INDEX units_parent ON units (parent);
CREATE INDEX units_successor ON units (successor);

-- One row a step: what became of a unit on one day. units.successor is these composed.
CREATE TABLE unit_successors (
	unit text NOT NULL REFERENCES units,
	successor text NOT NULL REFERENCES units,
	effective_on date NOT NULL,
	extent text NOT NULL CHECK (extent IN ('full', 'partial')),
	relation text NOT NULL CHECK (relation IN ('merged', 'split', 'recoded', 'renamed', 'unchanged')),
	act text NOT NULL,
	clause text,
	PRIMARY KEY (unit, successor, effective_on),
	CHECK (unit <> successor)
);

CREATE INDEX unit_successors_successor ON unit_successors (successor);

CREATE TABLE organizations (
	code text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9_]*$'),
	name_vi text NOT NULL,
	name_en text NOT NULL,
	kind text NOT NULL CHECK (kind IN ('department', 'police', 'military', 'court', 'procuracy',
		'mass_organization', 'media', 'bank', 'committee')),
	unit text NOT NULL REFERENCES units,
	valid_from date NOT NULL,
	valid_to date,
	CHECK (valid_from <= valid_to)
);

CREATE INDEX organizations_unit ON organizations (unit);

-- Who holds a seat of the plan, and when; scope says which part, when it is not the whole.
CREATE TABLE organization_agencies (
	organization text NOT NULL REFERENCES organizations,
	agency smallint NOT NULL REFERENCES agencies,
	valid_from date NOT NULL,
	valid_to date,
	is_main boolean NOT NULL,
	scope text,
	PRIMARY KEY (organization, agency, valid_from),
	CHECK (valid_from <= valid_to)
);

CREATE UNIQUE INDEX organization_agencies_one_main ON organization_agencies (organization)
	WHERE is_main AND valid_to IS NULL;
CREATE UNIQUE INDEX organization_agencies_one_current ON organization_agencies (organization, agency)
	WHERE valid_to IS NULL;
CREATE INDEX organization_agencies_agency ON organization_agencies (agency);

CREATE TABLE organization_successors (
	organization text NOT NULL REFERENCES organizations,
	successor text NOT NULL REFERENCES organizations,
	effective_on date NOT NULL,
	function text NOT NULL,
	act text,
	PRIMARY KEY (organization, successor, effective_on),
	CHECK (organization <> successor)
);

-- basis: the plan prints the threshold, implies it, or it is a component of one it prints.
CREATE TABLE targets (
	code text PRIMARY KEY,
	target_group text NOT NULL,
	basis text NOT NULL CHECK (basis IN ('stated', 'implied', 'derived')),
	title_vi text NOT NULL,
	title_en text NOT NULL,
	numerator text NOT NULL,
	denominator text,
	unit_of_measure text NOT NULL CHECK (unit_of_measure IN ('percent', 'count', 'change')),
	direction text NOT NULL CHECK (direction IN ('decrease', 'at_least', 'more_than', 'zero')),
	period text NOT NULL CHECK (period IN ('reporting_year', 'milestone')),
	levels text[] NOT NULL CHECK (levels <@ '{province,district,commune,school}'),
	owner_agency smallint NOT NULL REFERENCES agencies,
	clause text,
	definition_version smallint NOT NULL DEFAULT 1 CHECK (definition_version > 0),
	notes text
);

CREATE TABLE target_milestones (
	target text NOT NULL REFERENCES targets,
	year smallint NOT NULL CHECK (year BETWEEN 2024 AND 2030),
	operator text NOT NULL CHECK (operator IN ('<', '<=', '=', '>=', '>')),
	value numeric NOT NULL,
	PRIMARY KEY (target, year)
);

-- agency is NULL when the plan names nobody; such a task has no lead.
CREATE TABLE tasks (
	id uuid PRIMARY KEY,
	code text NOT NULL UNIQUE,
	section text NOT NULL,
	bullet smallint NOT NULL CHECK (bullet > 0),
	agency smallint REFERENCES agencies,
	title_vi text NOT NULL,
	title_en text NOT NULL,
	is_lead boolean NOT NULL,
	partner_agencies smallint[] NOT NULL
		CHECK (partner_agencies <@ '{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19}'),
	partners_other text[] NOT NULL,
	recurrence text NOT NULL CHECK (recurrence IN ('continuous', 'once', 'yearly', 'half_yearly', 'by_date')),
	due_on date,
	target text CHECK (target IN ('II.1', 'II.2', 'II.3', 'II.4')),
	resources text[] NOT NULL,
	audience text[] NOT NULL,
	CHECK ((due_on IS NOT NULL) = (recurrence = 'by_date')),
	CHECK (agency IS NOT NULL OR NOT is_lead)
);

CREATE INDEX tasks_agency ON tasks (agency);

-- A common task and the tasks of named agencies that carry it out, so that neither is counted twice.
CREATE TABLE task_links (
	task text NOT NULL REFERENCES tasks (code),
	carried_out_by text NOT NULL REFERENCES tasks (code),
	PRIMARY KEY (task, carried_out_by),
	CHECK (task <> carried_out_by)
);

CREATE INDEX task_links_carried_out_by ON task_links (carried_out_by);

-- Both ends of a window are inside it; a report is on time up to last_day_on_time.
CREATE TABLE reporting_periods (
	code text PRIMARY KEY CHECK (code ~ '^20[0-9]{2}(H1|Y|R)$'),
	kind text NOT NULL CHECK (kind IN ('six_month', 'annual', 'review')),
	year smallint NOT NULL,
	starts_on date NOT NULL,
	ends_on date NOT NULL,
	due_before date NOT NULL,
	last_day_on_time date NOT NULL,
	task text NOT NULL REFERENCES tasks (code),
	UNIQUE (kind, year),
	CHECK (starts_on < ends_on AND ends_on < due_before),
	CHECK (last_day_on_time = due_before - 1)
);

-- inferred_fields names what the plan does not print and was found elsewhere.
CREATE TABLE legal_references (
	code text PRIMARY KEY,
	number text,
	issued_on date,
	issuer_vi text NOT NULL,
	issuer_en text NOT NULL,
	kind text NOT NULL,
	title_vi text NOT NULL,
	title_en text NOT NULL,
	cited_in text[] NOT NULL,
	inferred_fields text[] NOT NULL,
	notes text
);

CREATE TABLE codes (
	list text NOT NULL CHECK (list ~ '^[a-z][a-z_]*$'),
	code text NOT NULL,
	vi text NOT NULL,
	en text NOT NULL,
	position smallint NOT NULL CHECK (position > 0),
	valid_from date,
	valid_to date,
	PRIMARY KEY (list, code),
	UNIQUE (list, position) DEFERRABLE INITIALLY DEFERRED,
	CHECK (valid_from <= valid_to)
);
