-- Schools first: people study there, sessions are held there.
CREATE TABLE institutions (
	id uuid PRIMARY KEY,
	code text,
	name text NOT NULL,
	type text NOT NULL
		CHECK (type IN ('thcs', 'th_thcs', 'thcs_thpt', 'th_thcs_thpt', 'thpt', 'thpt_chuyen', 'ptdtnt_thcs', 'ptdtnt_thpt', 'ptdtbt_thcs', 'ttgdtx', 'tt_gdnn_gdtx', 'trung_cap', 'cao_dang', 'dai_hoc', 'hoc_vien', 'phan_hieu', 'tieu_hoc', 'mam_non')),
	ownership text NOT NULL CHECK (ownership IN ('public', 'private')),
	unit text NOT NULL REFERENCES units,
	managed_by text REFERENCES organizations,
	is_secondary boolean NOT NULL GENERATED ALWAYS AS (type NOT IN ('tieu_hoc', 'mam_non')) STORED,
	opened_on date,
	closed_on date,
	source text,
	external_id text,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT institutions__closed_on__before CHECK (closed_on >= opened_on),
	CONSTRAINT institutions__external_id__duplicate UNIQUE (source, external_id)
);

CREATE INDEX institutions_unit ON institutions (unit, id);
CREATE INDEX institutions_updated_at ON institutions (updated_at, id);

-- People under management.  The identity number is kept encrypted (citizen_number), found by a
-- keyed digest (citizen_number_index) and shown masked (citizen_number_mask).
CREATE TABLE people (
	id uuid PRIMARY KEY,
	full_name text NOT NULL,
	full_name_keys bigint[] NOT NULL,
	other_name text,
	other_name_keys bigint[],
	date_of_birth text NOT NULL CHECK (date_of_birth ~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$'),
	born_by date NOT NULL GENERATED ALWAYS AS (partial_date_last(date_of_birth)) STORED,
	sex text NOT NULL CHECK (sex IN ('female', 'male', 'unknown')),
	citizen_number text,
	citizen_number_index text,
	citizen_number_mask text,
	no_number_reason text CHECK (no_number_reason IN ('not_issued', 'unknown', 'foreigner', 'stateless')),
	ethnicity text CHECK (ethnicity ~ '^([0-4][0-9]|5[0-5]|99)$'),
	phone text CHECK (phone ~ '^[+]84[0-9]{9,10}$'),
	address text,
	guardian_name text,
	guardian_relationship text
		CHECK (guardian_relationship IN ('father', 'mother', 'grandparent', 'sibling', 'relative', 'legal_guardian', 'institution', 'other')),
	guardian_phone text CHECK (guardian_phone ~ '^[+]84[0-9]{9,10}$'),
	no_guardian_reason text,
	unit text NOT NULL REFERENCES units,
	status text CHECK (status IN ('at_risk', 'user', 'addict', 'in_rehab', 'substitution', 'post_rehab', 'serving_sentence', 'released', 'closed')),
	status_since date,
	status_ends_on date,
	substance_groups text[] CHECK (substance_groups <@ '{opioid,ats,ketamine,cannabis,synthetic_cannabinoid,cocaine,hallucinogen,disguised,prescription,other,unknown}'),
	use_method text CHECK (use_method IN ('oral', 'smoking', 'inhaling', 'injection', 'sublingual', 'e_cigarette', 'other', 'unknown')),
	institution uuid REFERENCES institutions,
	education_level text
		CHECK (education_level IN ('illiterate', 'primary', 'lower_secondary', 'upper_secondary', 'elementary_vocational', 'intermediate_vocational', 'college', 'university', 'postgraduate', 'unknown')),
	last_grade smallint CHECK (last_grade BETWEEN 1 AND 12),
	employment text
		CHECK (employment IN ('employed', 'self_employed', 'unemployed', 'student', 'homemaker', 'unable', 'unknown')),
	occupation text,
	health_note text,
	criminal_record text,
	classification text NOT NULL DEFAULT 'unclassified' CHECK (classification = 'unclassified'),
	-- linked to a crime, or with a compulsory-rehabilitation dossier: what courts may read
	is_court_matter boolean NOT NULL DEFAULT false,
	source text,
	external_id text,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CHECK ((citizen_number IS NULL) = (citizen_number_index IS NULL)),
	CONSTRAINT people__external_id__duplicate UNIQUE (source, external_id)
);

-- Unique within the organisation that entered it: a clash across organisations would tell of the
-- other's record.
CREATE UNIQUE INDEX people__citizen_number__duplicate ON people (organization, citizen_number_index)
WHERE voided_at IS NULL;
CREATE INDEX people_citizen_number_index ON people (citizen_number_index);
CREATE INDEX people_unit ON people (unit, id);
CREATE INDEX people_status ON people (status, id);
CREATE INDEX people_full_name ON people (full_name COLLATE "vi-x-icu", id);
CREATE INDEX people_updated_at ON people (updated_at, id);
CREATE INDEX people_institution ON people (institution) WHERE institution IS NOT NULL;

-- Whatever words a name is searched by, in any order: one key for each choice of its words.
CREATE TABLE people_keys (
	key bigint NOT NULL,
	person uuid NOT NULL REFERENCES people,
	PRIMARY KEY (key, person)
);

CREATE INDEX people_keys_person ON people_keys (person);

CREATE FUNCTION people_index_names() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF TG_OP = 'UPDATE' THEN
		DELETE FROM people_keys WHERE person = NEW.id;
	END IF;
	INSERT INTO people_keys (key, person)
	SELECT DISTINCT key, NEW.id
	FROM unnest(NEW.full_name_keys || NEW.other_name_keys) AS key;
	RETURN NULL;
END
$$;

CREATE TRIGGER people_index_names
AFTER INSERT OR UPDATE OF full_name_keys, other_name_keys ON people
FOR EACH ROW EXECUTE FUNCTION people_index_names();

-- The join runs with the rights of its owner, lachan_reader, for which the row policies of people
-- hold as they do for the service; the keys alone are for nobody.
CREATE VIEW people_search AS
SELECT people_keys.key, people.*
FROM people_keys
JOIN people ON people.id = people_keys.person;

GRANT USAGE, CREATE ON SCHEMA public TO lachan_reader;
GRANT SELECT ON people, people_keys TO lachan_reader;
ALTER VIEW people_search OWNER TO lachan_reader;
GRANT SELECT ON people_search TO lachan_service;

-- A unit, everything below it, and every unit of an earlier generation that became part of those.
CREATE FUNCTION units_within(wanted text) RETURNS text[]
LANGUAGE sql STABLE
RETURN (
	WITH RECURSIVE within (key) AS (
		SELECT wanted
		UNION
		SELECT units.key
		FROM units
		JOIN within ON units.parent = within.key OR units.successor = within.key
	)
	SELECT array_agg(key) FROM within
);

-- A commune that exists on the day.
CREATE FUNCTION check_commune(commune text, day date, pointer text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	found_unit units;
BEGIN
	SELECT * INTO found_unit FROM units WHERE key = commune;
	IF NOT FOUND THEN
		PERFORM refuse('LC422', 'no_such_record', pointer);
	ELSIF found_unit.level <> 'commune' THEN
		PERFORM refuse('LC422', 'not_a_commune', pointer);
	ELSIF day NOT BETWEEN coalesce(found_unit.valid_from, '-infinity')
		AND coalesce(found_unit.valid_to, 'infinity') THEN
		PERFORM refuse('LC422', 'unit_not_valid', pointer);
	END IF;
END
$$;

-- Before the row is there its generated born_by is not either.
CREATE FUNCTION people_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	born date := partial_date_last(NEW.date_of_birth);
BEGIN
	IF TG_OP = 'INSERT' OR NEW.unit <> OLD.unit THEN
		PERFORM check_commune(NEW.unit, today(), '/unit');
	END IF;
	IF born > today() AND left(NEW.date_of_birth, 4)::integer > extract(year FROM today()) THEN
		PERFORM refuse('LC422', 'in_future', '/date_of_birth');
	END IF;
	IF age_on(born, today()) < 18
		AND NEW.guardian_name IS NULL
		AND NEW.no_guardian_reason IS NULL
		AND (TG_OP = 'INSERT' OR OLD.guardian_name IS NOT NULL OR OLD.no_guardian_reason IS NOT NULL
			OR OLD.born_by <> born) THEN
		PERFORM refuse('LC422', 'guardian_required', '/guardian_name');
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER people_check
BEFORE INSERT OR UPDATE ON people
FOR EACH ROW EXECUTE FUNCTION people_check();

-- Which status may follow which (drug law 73/2021/QH14, articles 22–42; '' = none yet), and why
-- the former one then ended.
CREATE TABLE status_transitions (
	previous text NOT NULL,
	next text NOT NULL,
	end_reason text NOT NULL,
	PRIMARY KEY (previous, next)
);

INSERT INTO status_transitions (previous, next, end_reason) VALUES
	('', 'at_risk', 'other'), ('', 'user', 'other'), ('', 'addict', 'other'),
	('', 'in_rehab', 'other'), ('', 'substitution', 'other'), ('', 'post_rehab', 'other'),
	('', 'serving_sentence', 'other'), ('', 'released', 'other'),
	('at_risk', 'user', 'superseded'), ('at_risk', 'addict', 'superseded'),
	('at_risk', 'serving_sentence', 'imprisoned'), ('at_risk', 'closed', 'completed'),
	('user', 'user', 'expired'), ('user', 'addict', 'determined_addict'),
	('user', 'at_risk', 'expired'), ('user', 'serving_sentence', 'imprisoned'),
	('user', 'closed', 'expired'),
	('addict', 'in_rehab', 'superseded'), ('addict', 'substitution', 'superseded'),
	('addict', 'serving_sentence', 'imprisoned'), ('addict', 'closed', 'other'),
	('in_rehab', 'post_rehab', 'completed'), ('in_rehab', 'addict', 'quit'),
	('in_rehab', 'in_rehab', 'quit'), ('in_rehab', 'substitution', 'superseded'),
	('in_rehab', 'serving_sentence', 'imprisoned'), ('in_rehab', 'closed', 'other'),
	('substitution', 'post_rehab', 'completed'), ('substitution', 'addict', 'quit'),
	('substitution', 'in_rehab', 'quit'), ('substitution', 'serving_sentence', 'imprisoned'),
	('substitution', 'closed', 'other'),
	('post_rehab', 'addict', 'relapsed'), ('post_rehab', 'in_rehab', 'relapsed'),
	('post_rehab', 'substitution', 'relapsed'),
	('post_rehab', 'serving_sentence', 'imprisoned'), ('post_rehab', 'closed', 'completed'),
	('serving_sentence', 'released', 'completed'), ('serving_sentence', 'closed', 'other'),
	('released', 'at_risk', 'superseded'), ('released', 'user', 'superseded'),
	('released', 'addict', 'superseded'), ('released', 'serving_sentence', 'imprisoned'),
	('released', 'closed', 'completed'),
	('closed', 'at_risk', 'superseded'), ('closed', 'user', 'superseded'),
	('closed', 'addict', 'superseded'), ('closed', 'serving_sentence', 'superseded');

-- The terms of the law as data, chosen by the day of the event.  is_binding: outside the range is
-- refused; the terms of law 120/2025/QH15 await its decrees and only inform.
CREATE TABLE legal_terms (
	status text NOT NULL,
	variant text NOT NULL, -- rehab_form, origin, or ''
	of_minors boolean NOT NULL,
	valid_from date NOT NULL,
	valid_to date,
	least_months smallint NOT NULL,
	most_months smallint NOT NULL,
	is_binding boolean NOT NULL,
	basis text NOT NULL,
	PRIMARY KEY (status, variant, of_minors, valid_from)
);

INSERT INTO legal_terms VALUES
	('user', '', false, '2022-01-01', '2026-06-30', 12, 12, true, '73/2021/QH14, 22–23'),
	('user', '', true, '2022-01-01', '2026-06-30', 12, 12, true, '73/2021/QH14, 22–23'),
	('in_rehab', 'voluntary_home', false, '2022-01-01', '2026-06-30', 6, 12, true, '73/2021/QH14, 30'),
	('in_rehab', 'voluntary_home', true, '2022-01-01', '2026-06-30', 6, 12, true, '73/2021/QH14, 30'),
	('in_rehab', 'voluntary_facility', false, '2022-01-01', '2026-06-30', 6, 12, true, '73/2021/QH14, 31'),
	('in_rehab', 'voluntary_facility', true, '2022-01-01', '2026-06-30', 6, 12, true, '73/2021/QH14, 31'),
	('in_rehab', 'compulsory', false, '2022-01-01', '2026-06-30', 12, 24, true, '73/2021/QH14, 32'),
	('in_rehab', 'compulsory', true, '2022-01-01', '2026-06-30', 6, 12, true, '73/2021/QH14, 33'),
	('post_rehab', 'voluntary', false, '2022-01-01', '2026-06-30', 12, 12, true, '73/2021/QH14, 40'),
	('post_rehab', 'voluntary', true, '2022-01-01', '2026-06-30', 12, 12, true, '73/2021/QH14, 40'),
	('post_rehab', 'substitution', false, '2022-01-01', '2026-06-30', 12, 12, true, '73/2021/QH14, 40'),
	('post_rehab', 'substitution', true, '2022-01-01', '2026-06-30', 12, 12, true, '73/2021/QH14, 40'),
	('post_rehab', 'compulsory', false, '2022-01-01', '2026-06-30', 24, 24, true, '73/2021/QH14, 40'),
	('post_rehab', 'compulsory', true, '2022-01-01', '2026-06-30', 24, 24, true, '73/2021/QH14, 40'),
	('post_rehab', 'compulsory_minor', false, '2022-01-01', '2026-06-30', 12, 12, true, '73/2021/QH14, 40'),
	('post_rehab', 'compulsory_minor', true, '2022-01-01', '2026-06-30', 12, 12, true, '73/2021/QH14, 40');

INSERT INTO legal_terms
SELECT status, variant, of_minors, '2026-07-01', NULL,
	CASE WHEN status = 'in_rehab' THEN 24 ELSE least_months END,
	CASE WHEN status = 'in_rehab' THEN 36 ELSE most_months END,
	false, '120/2025/QH15'
FROM legal_terms;

CREATE TABLE person_statuses (
	id uuid PRIMARY KEY,
	person uuid NOT NULL REFERENCES people,
	status text NOT NULL CHECK (status IN ('at_risk', 'user', 'addict', 'in_rehab', 'substitution', 'post_rehab', 'serving_sentence', 'released', 'closed')),
	starts_on date NOT NULL,
	ends_on date,
	ended_on date,
	end_reason text
		CHECK (end_reason IN ('expired', 'determined_addict', 'commune_education', 'reformatory', 'imprisoned', 'deceased', 'missing', 'moved', 'completed', 'relapsed', 'quit', 'superseded', 'other')),
	close_reason text
		CHECK (close_reason IN ('expired', 'determined_addict', 'commune_education', 'reformatory', 'imprisoned', 'deceased', 'missing', 'moved', 'completed', 'relapsed', 'quit', 'superseded', 'other')),
	decision_number text,
	decision_date date,
	decided_by text CHECK (decided_by IN ('commune_chair', 'court', 'facility', 'police', 'other')),
	tested_on date,
	rehab_form text CHECK (rehab_form IN ('voluntary_home', 'voluntary_facility', 'compulsory')),
	rehab_stages text[] CHECK (rehab_stages <@ '{reception,detox,behaviour,vocational,return}'),
	origin text CHECK (origin IN ('voluntary', 'substitution', 'compulsory', 'compulsory_minor')),
	term_months smallint CHECK (term_months BETWEEN 1 AND 360),
	guardian_consent_on date,
	unit text NOT NULL REFERENCES units,
	note text,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT person_statuses__rehab_form__required_when CHECK ((status = 'in_rehab') = (rehab_form IS NOT NULL)),
	CONSTRAINT person_statuses__rehab_stages__forbidden_unless
		CHECK (status = 'in_rehab' OR rehab_stages IS NULL),
	CONSTRAINT person_statuses__origin__required_when CHECK ((status = 'post_rehab') = (origin IS NOT NULL)),
	CONSTRAINT person_statuses__close_reason__required_when CHECK ((status = 'closed') = (close_reason IS NOT NULL)),
	CONSTRAINT person_statuses__decision_date__required_when
		CHECK (status <> 'user' OR (decision_date IS NOT NULL AND decision_number IS NOT NULL AND tested_on IS NOT NULL)),
	CONSTRAINT person_statuses__decision_date__before CHECK (decision_date >= tested_on),
	CONSTRAINT person_statuses__ended_on__before CHECK (ended_on >= starts_on)
);

CREATE INDEX person_statuses_person ON person_statuses (person, id);
CREATE INDEX person_statuses_window ON person_statuses (status, starts_on);
CREATE INDEX person_statuses_updated_at ON person_statuses (updated_at, id);
-- One status at a time.
CREATE UNIQUE INDEX person_statuses_open ON person_statuses (person)
WHERE ended_on IS NULL AND voided_at IS NULL;

-- What aftercare follows, told by the former status and the age at its start; NULL when nobody knows.
CREATE FUNCTION origin_after(former person_statuses, born date) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
	WHEN former.status = 'substitution' THEN 'substitution'
	WHEN former.rehab_form <> 'compulsory' THEN 'voluntary'
	WHEN former.rehab_form = 'compulsory' AND age_on(born, former.starts_on) < 18 THEN 'compulsory_minor'
	WHEN former.rehab_form = 'compulsory' THEN 'compulsory'
END;

-- What the law asks of a status by itself.
CREATE FUNCTION check_status_law(new_status person_statuses, person people, former person_statuses)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	age integer := age_on(person.born_by, new_status.starts_on);
	needed text[];
BEGIN
	IF new_status.starts_on < person.born_by THEN
		PERFORM refuse('LC422', 'before_birth', '/starts_on');
	ELSIF new_status.starts_on > today() THEN
		PERFORM refuse('LC422', 'in_future', '/starts_on');
	ELSIF new_status.tested_on < person.born_by THEN
		PERFORM refuse('LC422', 'before_birth', '/tested_on');
	ELSIF new_status.decision_date < person.born_by THEN
		PERFORM refuse('LC422', 'before_birth', '/decision_date');
	ELSIF new_status.guardian_consent_on < person.born_by THEN
		PERFORM refuse('LC422', 'before_birth', '/guardian_consent_on');
	ELSIF new_status.rehab_form = 'compulsory' AND age < 12 THEN
		PERFORM refuse('LC422', 'too_young', '/rehab_form');
	ELSIF new_status.rehab_form = 'compulsory' AND new_status.decided_by IS DISTINCT FROM 'court' THEN
		PERFORM refuse('LC422', 'court_required', '/decided_by');
	ELSIF new_status.status = 'substitution'
		AND NOT coalesce(person.substance_groups, '{}') @> '{opioid}' THEN
		PERFORM refuse('LC422', 'opioid_required', '/status');
	ELSIF new_status.status = 'substitution' AND age < 12 THEN
		PERFORM refuse('LC422', 'too_young', '/status');
	ELSIF new_status.status = 'substitution' AND age < 18 AND new_status.guardian_consent_on IS NULL THEN
		PERFORM refuse('LC422', 'consent_required', '/guardian_consent_on');
	ELSIF new_status.origin <> origin_after(former, person.born_by) THEN
		PERFORM refuse('LC422', 'invalid', '/origin');
	ELSIF new_status.status = 'post_rehab' AND former.status = 'in_rehab' THEN
		needed := CASE former.rehab_form
			WHEN 'compulsory' THEN '{reception,detox,behaviour,vocational,return}'::text[]
			ELSE '{reception,detox,behaviour}'::text[]
		END;
		IF NOT coalesce(former.rehab_stages, '{}') @> needed THEN
			PERFORM refuse('LC422', 'stages_missing', '/status');
		END IF;
	END IF;
END
$$;

-- The end of the legal term, by the law in force on the day.
CREATE FUNCTION status_term_end(new_status person_statuses, person people) RETURNS date
LANGUAGE plpgsql
AS $$
DECLARE
	term legal_terms;
	months integer;
BEGIN
	SELECT * INTO term
	FROM legal_terms
	WHERE status = new_status.status
		AND variant = coalesce(new_status.rehab_form, new_status.origin, '')
		AND of_minors = (age_on(person.born_by, new_status.starts_on) < 18)
		AND new_status.starts_on BETWEEN valid_from AND coalesce(valid_to, 'infinity');
	IF NOT FOUND THEN
		RETURN new_status.starts_on + make_interval(months => new_status.term_months);
	END IF;
	months := new_status.term_months;
	IF term.is_binding AND months NOT BETWEEN term.least_months AND term.most_months THEN
		PERFORM refuse('LC422', 'outside_term', '/term_months',
			term.least_months || '–' || term.most_months);
	END IF;
	IF term.least_months = term.most_months THEN
		months := term.most_months;
	END IF;
	RETURN coalesce(new_status.decision_date, new_status.starts_on) + make_interval(months => months);
END
$$;

CREATE FUNCTION person_statuses_open() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	holder people;
	former person_statuses;
	step status_transitions;
BEGIN
	SELECT * INTO holder FROM people WHERE id = NEW.person AND voided_at IS NULL FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM refuse('LC404', 'not_found');
	END IF;
	SELECT * INTO former
	FROM person_statuses
	WHERE person = NEW.person AND ended_on IS NULL AND voided_at IS NULL;
	SELECT * INTO step
	FROM status_transitions
	WHERE previous = coalesce(former.status, '') AND next = NEW.status;
	IF NOT FOUND THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/status', coalesce(former.status, '–'));
	ELSIF NEW.starts_on < former.starts_on THEN
		PERFORM refuse('LC422', 'not_first', '/starts_on');
	ELSIF former.status = 'user' AND NEW.status = 'user' AND NEW.starts_on < former.ends_on THEN
		PERFORM refuse('LC409', 'still_running', '/status');
	END IF;
	PERFORM check_status_law(NEW, holder, former);
	IF NEW.unit IS NULL THEN
		NEW.unit := holder.unit;
	ELSE
		PERFORM check_commune(NEW.unit, NEW.starts_on, '/unit');
	END IF;
	NEW.ends_on := status_term_end(NEW, holder);
	UPDATE person_statuses
	SET ended_on = NEW.starts_on,
		end_reason = coalesce(NEW.close_reason, step.end_reason),
		version = version + 1,
		updated_at = now()
	WHERE id = former.id;
	UPDATE people
	SET status = NEW.status,
		status_since = NEW.starts_on,
		status_ends_on = NEW.ends_on,
		is_court_matter = is_court_matter OR coalesce(NEW.rehab_form = 'compulsory', false),
		version = version + 1,
		updated_at = now()
	WHERE id = NEW.person;
	RETURN NEW;
END
$$;

CREATE TRIGGER person_statuses_open
BEFORE INSERT ON person_statuses
FOR EACH ROW EXECUTE FUNCTION person_statuses_open();

-- The term runs from the decision: a corrected day moves its end.
CREATE FUNCTION person_statuses_correct() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	holder people;
BEGIN
	SELECT * INTO holder FROM people WHERE id = NEW.person FOR UPDATE;
	IF NEW.decision_date < holder.born_by THEN
		PERFORM refuse('LC422', 'before_birth', '/decision_date');
	END IF;
	NEW.ends_on := status_term_end(NEW, holder);
	UPDATE people
	SET status_ends_on = NEW.ends_on, version = version + 1, updated_at = now()
	WHERE id = NEW.person AND NEW.ended_on IS NULL AND status_ends_on IS DISTINCT FROM NEW.ends_on;
	RETURN NEW;
END
$$;

CREATE TRIGGER person_statuses_correct
BEFORE UPDATE OF decision_date ON person_statuses
FOR EACH ROW WHEN (OLD.decision_date IS DISTINCT FROM NEW.decision_date)
EXECUTE FUNCTION person_statuses_correct();

-- Linked to a crime, or with a compulsory-rehabilitation dossier, of what has not been voided.
CREATE FUNCTION is_court_matter(wanted uuid) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	RETURN EXISTS (
		SELECT FROM person_statuses
		WHERE person = wanted AND rehab_form = 'compulsory' AND voided_at IS NULL
	) OR EXISTS (
		SELECT FROM crime_participants
		JOIN crimes ON crimes.id = crime_participants.crime
		WHERE crime_participants.person = wanted
			AND crime_participants.voided_at IS NULL
			AND crimes.voided_at IS NULL
	);
END
$$;

-- Voiding the last status brings the one before back; an earlier one is corrected, not voided.
CREATE FUNCTION person_statuses_void() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	former person_statuses;
BEGIN
	PERFORM FROM people WHERE id = OLD.person FOR UPDATE;
	IF OLD.ended_on IS NOT NULL THEN
		PERFORM refuse('LC409', 'still_referenced', '/status');
	END IF;
	UPDATE person_statuses
	SET ended_on = NULL, end_reason = NULL, version = version + 1, updated_at = now()
	WHERE id = (
		SELECT id FROM person_statuses
		WHERE person = OLD.person AND id <> OLD.id AND voided_at IS NULL
		ORDER BY ended_on DESC, id DESC
		LIMIT 1
	)
	RETURNING * INTO former;
	UPDATE people
	SET status = former.status,
		status_since = former.starts_on,
		status_ends_on = former.ends_on,
		is_court_matter = is_court_matter(OLD.person),
		version = version + 1,
		updated_at = now()
	WHERE id = OLD.person;
	RETURN NULL;
END
$$;

CREATE TRIGGER person_statuses_void
AFTER UPDATE OF voided_at ON person_statuses
FOR EACH ROW WHEN (OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL)
EXECUTE FUNCTION person_statuses_void();
