-- The rights of the person whom the records tell of (law 91/2025/QH15, decree 356/2025): its requests
-- and their clock, correction, restriction, the dossier, and how long a file is kept.
--
-- What is kept too long is pseudonymised, not deleted, so that no figure of a past window changes:
--   gone: names and their search keys, number, contact, guardian, school, occupation, source and its
--     id, every free text and document number, of the person and of all that hangs on it;
--   kept: unit, sex, ethnicity, date of birth, statuses, kinds and dates of interventions.
-- The date of birth stays whole because ages are asked for on any day of any window: a year would
-- move people from one age band to the next.  In its stead the record is taken out of sight: no row
-- policy shows a person that has erased_at to anybody, only what counts, as the owner, still meets it.

ALTER TABLE people
	ADD COLUMN restricted_at timestamptz,
	ADD COLUMN erased_at timestamptz;

-- With the columns that have come since.
CREATE OR REPLACE VIEW people_search AS
SELECT people_keys.key, people.*
FROM people_keys
JOIN people ON people.id = people_keys.person;

CREATE INDEX people_restricted ON people (id) WHERE restricted_at IS NOT NULL;

CREATE FUNCTION caller_purpose() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('lachan.purpose', true), '');

-- Who answers for a file: agency 1, the committee of its commune, and who made it while it is theirs.
CREATE FUNCTION caller_holds(of_unit text, of_organization text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(
	(caller_everywhere() OR of_unit = ANY (caller_units()))
		AND (caller_agency() IN (1, 19) OR of_organization = caller_organization()),
	false
);

-- The restricted people that are shut to this caller: to all but who answers for the file, and to
-- whoever says no purpose.  Of each no more than a hash, for row policies to compare with: whoever
-- calls this learns of nobody.
CREATE FUNCTION closed_people() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
RETURN ARRAY(
	SELECT uuid_hash_extended(id, 62)
	FROM people
	WHERE restricted_at IS NOT NULL
		AND NOT (caller_purpose() IS NOT NULL AND caller_holds(unit, organization))
);

-- Whoever knows people by pseudonym learns no more of a restricted one.
CREATE OR REPLACE FUNCTION unit_of_person(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
RETURN (
	SELECT unit FROM people
	WHERE id = wanted
		AND voided_at IS NULL
		AND restricted_at IS NULL
		AND erased_at IS NULL
		AND (caller_everywhere() OR unit = ANY (caller_units()))
);

-- Others add kinds of notices of their own: these come to what is there.
DO $$
BEGIN
	EXECUTE (
		SELECT format('ALTER TABLE notices DROP CONSTRAINT notices_kind_check, '
			'ADD CONSTRAINT notices_kind_check %s', replace(pg_get_constraintdef(oid), 'ARRAY[',
			'ARRAY[''corrected''::text, ''restricted''::text, ''restriction_lifted''::text, '))
		FROM pg_constraint
		WHERE conname = 'notices_kind_check'
	);
END
$$;

-- Requests and their clock

-- Which terms run from the receipt of a request, by the law of that day.  Each decree is known for one
-- of the two; the other is a parameter that awaits the official text.
CREATE TABLE subject_request_terms (
	valid_from date PRIMARY KEY,
	valid_to date,
	answer_working_days smallint NOT NULL,
	answer_basis text NOT NULL,
	execution_hours smallint NOT NULL,
	execution_basis text NOT NULL
);

INSERT INTO subject_request_terms VALUES
	('1900-01-01', '2025-12-31', 2, 'parameter', 72, '13/2023/NĐ-CP'),
	('2026-01-01', NULL, 2, '356/2025/NĐ-CP', 72, 'parameter, as in 13/2023/NĐ-CP');

-- Beside Saturdays and Sundays.  Holidays by the moon are entered when they are announced; without
-- them a term only ends too early.
CREATE TABLE non_working_days (
	day date PRIMARY KEY,
	about text NOT NULL
);

INSERT INTO non_working_days
SELECT make_date(year, month, day), about
FROM generate_series(2024, 2031) AS year
CROSS JOIN (VALUES (1, 1, 'Tết Dương lịch'), (4, 30, 'Ngày Chiến thắng'),
	(5, 1, 'Quốc tế lao động'), (9, 2, 'Quốc khánh')) AS fixed (month, day, about);

CREATE FUNCTION working_day_after(start date, days integer) RETURNS date
LANGUAGE sql STABLE
RETURN (
	SELECT start + ahead
	FROM generate_series(1, days * 3 + 30) AS ahead
	WHERE extract(isodow FROM start + ahead) < 6
		AND NOT EXISTS (SELECT FROM non_working_days WHERE day = start + ahead)
	ORDER BY ahead
	OFFSET days - 1
	LIMIT 1
);

CREATE TABLE subject_requests (
	id uuid PRIMARY KEY,
	person uuid NOT NULL REFERENCES people,
	unit text NOT NULL REFERENCES units,
	kind text NOT NULL
		CHECK (kind IN ('access', 'correction', 'restriction', 'erasure', 'objection')),
	requester text NOT NULL CHECK (requester IN ('subject', 'representative')),
	received_on date NOT NULL,
	details text,
	answer_due_on date NOT NULL DEFAULT today(),
	execution_due_on date NOT NULL DEFAULT today(),
	status text NOT NULL DEFAULT 'received' CHECK (status IN ('received', 'answered', 'refused')),
	outcome text,
	refusal_reason text,
	answered_on date,
	executed_on date,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT subject_requests__outcome__required_when
		CHECK (status <> 'answered' OR outcome IS NOT NULL),
	CONSTRAINT subject_requests__refusal_reason__required_when
		CHECK ((status = 'refused') = (refusal_reason IS NOT NULL)),
	CONSTRAINT subject_requests__executed_on__before CHECK (executed_on >= received_on)
);

CREATE INDEX subject_requests_person ON subject_requests (person, id);
CREATE INDEX subject_requests_unit ON subject_requests (unit, id);
CREATE INDEX subject_requests_organization ON subject_requests (organization, id);
CREATE INDEX subject_requests_updated_at ON subject_requests (updated_at, id);

CREATE FUNCTION subject_requests_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	seen people;
	term subject_request_terms;
BEGIN
	IF TG_OP = 'INSERT' THEN
		-- Under the caller's own row policies: a person out of sight does not exist.
		SELECT * INTO seen FROM people WHERE id = NEW.person AND voided_at IS NULL;
		IF NOT FOUND THEN
			PERFORM refuse('LC422', 'no_such_record', '/person');
		-- A child's rights are exercised by its representative; a child is under 16 (102/2016/QH13).
		ELSIF NEW.requester = 'subject' AND age_on(seen.born_by, NEW.received_on) < 16 THEN
			PERFORM refuse('LC422', 'representative_required', '/requester');
		END IF;
		SELECT * INTO term
		FROM subject_request_terms
		WHERE NEW.received_on BETWEEN valid_from AND coalesce(valid_to, 'infinity');
		NEW.unit := seen.unit;
		NEW.answer_due_on := working_day_after(NEW.received_on, term.answer_working_days);
		NEW.execution_due_on :=
			(NEW.received_on + make_interval(hours => term.execution_hours))::date;
		NEW.status := 'received';
	ELSIF NEW.status <> OLD.status THEN
		IF OLD.status <> 'received' OR NEW.status = 'received' THEN
			PERFORM refuse('LC409', 'transition_not_allowed', '/status', OLD.status);
		END IF;
		NEW.answered_on := today();
	END IF;
	-- To answer is to give access; anything else is done beside the answer.
	IF NEW.kind = 'access' AND NEW.status = 'answered' THEN
		NEW.executed_on := coalesce(NEW.executed_on, NEW.answered_on);
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER subject_requests_check
BEFORE INSERT OR UPDATE ON subject_requests
FOR EACH ROW EXECUTE FUNCTION subject_requests_check();

CREATE FUNCTION subject_request_done(of_request uuid) RETURNS void
LANGUAGE sql
AS $$
	UPDATE subject_requests
	SET executed_on = today(), version = version + 1, updated_at = now()
	WHERE id = of_request AND executed_on IS NULL
$$;

-- What the audit has of a person and of all that hangs on it, whatever table refers to people.

CREATE FUNCTION records_of_person(wanted uuid) RETURNS TABLE (of_table text, content jsonb)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	referring record;
BEGIN
	FOR referring IN
		SELECT conrelid::regclass::text AS name,
			string_agg(format('found.%I = $1', attname), ' OR ') AS condition
		FROM pg_constraint
		JOIN pg_attribute ON attrelid = conrelid AND conkey = ARRAY[attnum]
		WHERE contype = 'f'
			AND confrelid = 'people'::regclass
			AND conrelid <> 'people_keys'::regclass -- the search by names of the record itself
		GROUP BY conrelid
		ORDER BY 1
	LOOP
		RETURN QUERY EXECUTE format('SELECT %L, coalesce(jsonb_agg(row ORDER BY row->>''id''), ''[]'') '
			'FROM (SELECT to_jsonb(found) AS row FROM %s AS found WHERE %s) AS rows',
			referring.name, referring.name, referring.condition)
		USING wanted;
	END LOOP;
END
$$;

CREATE FUNCTION record_ids_of_person(wanted uuid) RETURNS uuid[]
LANGUAGE sql STABLE
RETURN array_prepend(wanted, ARRAY(
	SELECT (one->>'id')::uuid
	FROM records_of_person(wanted)
	CROSS JOIN jsonb_array_elements(content) AS one
	WHERE one->>'id' IS NOT NULL
));

-- The index is on what is sealed; what is not yet is little.
CREATE FUNCTION audit_of_records(wanted uuid[]) RETURNS SETOF audit
LANGUAGE sql STABLE
AS $$
	SELECT entry.*
	FROM audit_sealed AS sealed
	JOIN audit AS entry ON entry.id = sealed.id AND entry.at = sealed.at
	WHERE sealed.records && wanted
	UNION ALL
	SELECT entry.*
	FROM audit AS entry
	WHERE entry.id > (SELECT coalesce(max(last_id), 0) FROM audit_seals)
		AND entry.records && wanted
$$;

-- Tells every organisation that was given the person's data: whoever read it, and to whom it was
-- referred.
CREATE FUNCTION tell_readers(what text, about uuid, subject_id uuid) RETURNS void
LANGUAGE sql
AS $$
	SELECT tell(reader, what, about, subject_id)
	FROM (
		SELECT organization
		FROM audit_of_records(record_ids_of_person(about))
		WHERE action IN ('read', 'list', 'export', 'explain', 'dossier')
		UNION
		SELECT to_organization FROM referrals WHERE person = about
	) AS told (reader)
	WHERE reader IN (SELECT code FROM organizations)
$$;

-- Restriction

-- processing: stored, counted, and processed no further.  hold: as ever, and not to be erased.
CREATE TABLE restrictions (
	id uuid PRIMARY KEY,
	person uuid NOT NULL REFERENCES people,
	unit text NOT NULL REFERENCES units,
	kind text NOT NULL CHECK (kind IN ('processing', 'hold')),
	reason text NOT NULL CHECK (reason IN ('accuracy_contested', 'unlawful_processing',
		'subject_objects', 'legal_claim', 'juvenile_closed', 'other')),
	request uuid REFERENCES subject_requests,
	note text,
	status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'lifted')),
	lifting_reason text,
	lifted_by uuid,
	lifted_at timestamptz,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT restrictions__lifting_reason__required_when
		CHECK ((status = 'lifted') = (lifting_reason IS NOT NULL))
);

CREATE UNIQUE INDEX restrictions__kind__duplicate ON restrictions (person, kind)
WHERE status = 'active' AND voided_at IS NULL;
CREATE INDEX restrictions_person ON restrictions (person, id);
CREATE INDEX restrictions_unit ON restrictions (unit, id);
CREATE INDEX restrictions_updated_at ON restrictions (updated_at, id);

CREATE FUNCTION restrictions_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		-- Under the caller's own row policies; the owner restricts what a juvenile leaves behind.
		SELECT unit INTO NEW.unit
		FROM people
		WHERE id = NEW.person
			AND voided_at IS NULL
			AND erased_at IS NULL
			AND (current_user = 'lachan_owner' OR caller_holds(unit, organization));
		IF NOT FOUND THEN
			PERFORM refuse('LC422', 'no_such_record', '/person');
		ELSIF NEW.request IS NOT NULL AND NOT EXISTS (
			SELECT FROM subject_requests WHERE id = NEW.request AND person = NEW.person
		) THEN
			PERFORM refuse('LC422', 'no_such_record', '/request');
		END IF;
		NEW.status := 'active';
	ELSIF NEW.status <> OLD.status THEN
		IF OLD.status <> 'active' THEN
			PERFORM refuse('LC409', 'transition_not_allowed', '/status', OLD.status);
		ELSIF caller_agency() <> 1 AND OLD.organization <> caller_organization() THEN
			PERFORM refuse('LC403', 'row_not_allowed');
		END IF;
		NEW.lifted_by := caller_user();
		NEW.lifted_at := now();
	ELSIF OLD.status = 'lifted' AND current_user <> 'lachan_owner' THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/status', OLD.status);
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER restrictions_check
BEFORE INSERT OR UPDATE ON restrictions
FOR EACH ROW EXECUTE FUNCTION restrictions_check();

-- The lock first: two that lift, or one that lifts and one that erases, then see each other's end.
CREATE FUNCTION restrictions_apply() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	held people;
	is_restricted boolean;
BEGIN
	SELECT * INTO held FROM people WHERE id = NEW.person FOR NO KEY UPDATE;
	IF held.erased_at IS NOT NULL THEN
		PERFORM refuse('LC422', 'no_such_record', '/person');
	END IF;
	is_restricted := EXISTS (
		SELECT FROM restrictions
		WHERE person = NEW.person
			AND kind = 'processing'
			AND status = 'active'
			AND voided_at IS NULL
	);
	IF is_restricted <> (held.restricted_at IS NOT NULL) THEN
		UPDATE people
		SET restricted_at = CASE WHEN is_restricted THEN now() END,
			version = version + 1,
			updated_at = now()
		WHERE id = NEW.person;
		PERFORM tell_readers(CASE WHEN is_restricted THEN 'restricted' ELSE 'restriction_lifted' END,
			NEW.person, NEW.id);
	END IF;
	PERFORM subject_request_done(NEW.request);
	RETURN NULL;
END
$$;

CREATE TRIGGER restrictions_apply
AFTER INSERT OR UPDATE OF status, voided_at ON restrictions
FOR EACH ROW EXECUTE FUNCTION restrictions_apply();

-- A juvenile's file is shut when it is closed.
CREATE FUNCTION person_statuses_shut() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	INSERT INTO restrictions (id, person, kind, reason, organization, created_by)
	SELECT uuid_v7(), NEW.person, 'processing', 'juvenile_closed',
		coalesce(committee_of(unit), NEW.organization), NEW.created_by
	FROM people
	WHERE id = NEW.person AND age_on(born_by, NEW.starts_on) < 18
	ON CONFLICT DO NOTHING;
	RETURN NULL;
END
$$;

CREATE TRIGGER person_statuses_shut
AFTER INSERT ON person_statuses
FOR EACH ROW WHEN (NEW.status = 'closed')
EXECUTE FUNCTION person_statuses_shut();

-- Requests and restrictions go where the file goes.
CREATE FUNCTION people_move_rights() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE subject_requests SET unit = NEW.unit WHERE person = NEW.id;
	UPDATE restrictions SET unit = NEW.unit WHERE person = NEW.id;
	RETURN NULL;
END
$$;

CREATE TRIGGER people_move_rights
AFTER UPDATE OF unit ON people
FOR EACH ROW WHEN (OLD.unit <> NEW.unit)
EXECUTE FUNCTION people_move_rights();

-- The request of a correction that this transaction carries out, of this person; NULL: none.
CREATE FUNCTION correction_of(of_person uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
RETURN (
	SELECT id
	FROM subject_requests
	WHERE id = nullif(current_setting('lachan.correction', true), '')::uuid
		AND person = of_person
		AND kind = 'correction'
		AND status <> 'refused'
		AND voided_at IS NULL
);

-- Nothing is written of a restricted person but its correction: who answers for the file is told why,
-- and by whom it can be lifted; anybody else is refused by the row policies, as if it were not there.
-- Whoever restricts waits for the row, and so does this.
CREATE FUNCTION file_check(of_person uuid, reaches_restricted boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	held people;
BEGIN
	SELECT * INTO held FROM people WHERE id = of_person FOR NO KEY UPDATE;
	IF held.erased_at IS NOT NULL THEN
		PERFORM refuse('LC422', 'no_such_record', '/person');
	ELSIF held.restricted_at IS NULL OR reaches_restricted
		OR NOT caller_holds(held.unit, held.organization) OR correction_of(of_person) IS NOT NULL
	THEN
		RETURN;
	END IF;
	PERFORM refuse('LC409', 'restricted', '', (
		SELECT string_agg(DISTINCT name_vi, '; ')
		FROM organizations
		WHERE code IN (police(), (
			SELECT organization
			FROM restrictions
			WHERE person = of_person
				AND kind = 'processing'
				AND status = 'active'
				AND voided_at IS NULL
		))
	));
END
$$;

-- By name after the checks of the table, so that a person out of sight does not exist first.  What
-- the database does by itself (a file that moves takes along what hangs on it) is not asked again.
CREATE FUNCTION file_is_open() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF current_user = 'lachan_service' THEN
		PERFORM file_check((to_jsonb(NEW)->>TG_ARGV[0])::uuid, TG_NARGS > 1);
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER people_restricted
BEFORE UPDATE ON people
FOR EACH ROW WHEN (OLD.restricted_at IS NOT NULL OR OLD.erased_at IS NOT NULL)
EXECUTE FUNCTION file_is_open('id');
CREATE TRIGGER person_statuses_restricted
BEFORE INSERT OR UPDATE ON person_statuses
FOR EACH ROW EXECUTE FUNCTION file_is_open('person');
CREATE TRIGGER person_violations_restricted
BEFORE INSERT OR UPDATE ON person_violations
FOR EACH ROW EXECUTE FUNCTION file_is_open('person');
CREATE TRIGGER interventions_restricted
BEFORE INSERT OR UPDATE ON interventions
FOR EACH ROW EXECUTE FUNCTION file_is_open('person');
CREATE TRIGGER referrals_restricted
BEFORE INSERT OR UPDATE ON referrals
FOR EACH ROW EXECUTE FUNCTION file_is_open('person');
CREATE TRIGGER handovers_restricted
BEFORE INSERT OR UPDATE ON handovers
FOR EACH ROW EXECUTE FUNCTION file_is_open('person');

-- Glass does not open who is shut, and by its name this comes before it is said whether there is
-- somebody.
CREATE FUNCTION break_glasses_are_open() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF EXISTS (
		SELECT FROM people
		WHERE id = NEW.person AND (restricted_at IS NOT NULL OR erased_at IS NOT NULL)
	) THEN
		PERFORM refuse('LC422', 'no_such_record', '/person');
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER break_glasses_are_open
BEFORE INSERT ON break_glasses
FOR EACH ROW EXECUTE FUNCTION break_glasses_are_open();

-- A criminal case goes on by its own law.
CREATE TRIGGER crime_participants_restricted
BEFORE INSERT OR UPDATE ON crime_participants
FOR EACH ROW WHEN (NEW.person IS NOT NULL)
EXECUTE FUNCTION file_is_open('person', 'restricted as well');

-- Correction

-- What was and what is, of each record that was changed for a request.
CREATE TABLE corrections (
	id uuid PRIMARY KEY DEFAULT uuid_v7(),
	request uuid NOT NULL REFERENCES subject_requests,
	person uuid NOT NULL REFERENCES people,
	resource text NOT NULL,
	record uuid NOT NULL,
	was jsonb NOT NULL,
	becomes jsonb NOT NULL,
	organization text NOT NULL DEFAULT caller_organization(),
	created_by uuid NOT NULL DEFAULT caller_user(),
	created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX corrections_person ON corrections (person, id);
CREATE INDEX corrections_request ON corrections (request);

-- The changes that follow in this transaction are the correction asked for; the request is one of a
-- file that the caller answers for, or one it received itself.
CREATE FUNCTION correction_begin(of_request uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (
		SELECT FROM subject_requests
		WHERE id = of_request
			AND kind = 'correction'
			AND status <> 'refused'
			AND voided_at IS NULL
			AND (organization = caller_organization() OR caller_holds(unit, organization))
	) THEN
		PERFORM refuse('LC422', 'no_such_record', 'Correction');
	END IF;
	PERFORM set_config('lachan.correction', of_request::text, true);
END
$$;

CREATE FUNCTION correction_note() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	of_person uuid := (to_jsonb(NEW)->>TG_ARGV[0])::uuid;
	of_request uuid := correction_of(of_person);
	changed text[];
BEGIN
	IF of_request IS NULL THEN
		PERFORM refuse('LC422', 'no_such_record', 'Correction');
	END IF;
	changed := ARRAY(
		SELECT key
		FROM jsonb_each(to_jsonb(OLD)) AS before (key, value)
		JOIN jsonb_each(to_jsonb(NEW)) AS after (key, value) USING (key)
		WHERE before.value <> after.value
			AND key NOT IN ('version', 'updated_at', 'citizen_number', 'citizen_number_index',
				'full_name_keys', 'other_name_keys', 'born_by')
	);
	INSERT INTO corrections (request, person, resource, record, was, becomes)
	VALUES (of_request, of_person, TG_TABLE_NAME, NEW.id,
		(SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(to_jsonb(OLD))
			WHERE key = ANY (changed)),
		(SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(to_jsonb(NEW))
			WHERE key = ANY (changed)));
	PERFORM subject_request_done(of_request);
	PERFORM tell_readers('corrected', of_person, of_request);
	RETURN NULL;
END
$$;

CREATE TRIGGER people_corrected
AFTER UPDATE ON people
FOR EACH ROW WHEN (current_setting('lachan.correction', true) <> '')
EXECUTE FUNCTION correction_note('id');
CREATE TRIGGER person_statuses_corrected
AFTER UPDATE ON person_statuses
FOR EACH ROW WHEN (current_setting('lachan.correction', true) <> '')
EXECUTE FUNCTION correction_note('person');
CREATE TRIGGER person_violations_corrected
AFTER UPDATE ON person_violations
FOR EACH ROW WHEN (current_setting('lachan.correction', true) <> '')
EXECUTE FUNCTION correction_note('person');
CREATE TRIGGER interventions_corrected
AFTER UPDATE ON interventions
FOR EACH ROW WHEN (current_setting('lachan.correction', true) <> '')
EXECUTE FUNCTION correction_note('person');

-- The dossier

-- Everything held of a person, a row a table, and who was given it, a row a day: for answering its
-- request.  Organisations and roles, never the names of officers.  db/dossier.c takes out what the
-- caller may not see; participation in crimes leaves here (not NULL) only for whom such rows are.
CREATE FUNCTION dossier(of_person uuid, classes text[]) RETURNS TABLE (section text, content jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	held people;
	ids uuid[];
BEGIN
	SELECT * INTO held FROM people WHERE id = of_person AND erased_at IS NULL;
	IF caller_user() IS NULL OR coalesce(caller_role(), '') NOT IN ('officer', 'admin')
		OR caller_purpose() IS NULL
	THEN
		PERFORM refuse('LC403', 'not_allowed');
	ELSIF held.id IS NULL OR NOT caller_holds(held.unit, held.organization) THEN
		IF of_person IN (SELECT visible_subjects('people', ARRAY[of_person])) THEN
			PERFORM refuse('LC403', 'row_not_allowed');
		END IF;
		PERFORM refuse('LC404', 'not_found');
	END IF;
	ids := record_ids_of_person(of_person);
	RETURN QUERY
	SELECT 'people', to_jsonb(held) || jsonb_build_object('citizen_number', held.citizen_number_mask,
		'is_minor', age_on(held.born_by, today()) < 18);
	RETURN QUERY
	SELECT of_table, CASE
		WHEN of_table <> 'crime_participants' OR caller_agency() IN (1, 3, 16) THEN records.content
	END
	FROM records_of_person(of_person) AS records;
	RETURN QUERY
	SELECT 'readings', coalesce(jsonb_agg(to_jsonb(readings)), '[]')
	FROM (
		SELECT (at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day, min(at) AS first_at,
			max(at) AS last_at, count(*) AS times, organization, agency, role, purpose, action,
			resource, fields
		FROM audit_of_records(ids)
		GROUP BY day, organization, agency, role, purpose, action, resource, fields
		ORDER BY first_at
	) AS readings;
	INSERT INTO audit (action, resource, records, fields) VALUES ('dossier', 'people', ids, classes);
END
$$;

-- Retention

-- Years that a file is kept after its closing, by the status before it and by whether the person was
-- under 18 then.  Not binding: parameters that await the official text.
CREATE TABLE retention_terms (
	kind text NOT NULL,
	of_minors boolean NOT NULL,
	valid_from date NOT NULL,
	valid_to date,
	years smallint NOT NULL CHECK (years > 0),
	is_binding boolean NOT NULL,
	basis text NOT NULL,
	PRIMARY KEY (kind, of_minors, valid_from)
);

INSERT INTO retention_terms
SELECT kind, of_minors, '1900-01-01', NULL, CASE WHEN of_minors THEN minor_years ELSE years END, false,
	'91/2025/QH15; the term awaits the official text'
FROM (VALUES ('at_risk', 3, 1), ('user', 5, 2), ('addict', 10, 5), ('in_rehab', 10, 5),
	('substitution', 10, 5), ('post_rehab', 10, 5), ('serving_sentence', 10, 5), ('released', 10, 5))
	AS terms (kind, years, minor_years)
CROSS JOIN unnest('{false,true}'::boolean[]) AS of_minors;

-- What keeps a file from being pseudonymised; the restriction that a juvenile's closing brought does
-- not.
CREATE FUNCTION retention_blocks(of_person uuid) RETURNS text[]
LANGUAGE sql STABLE
RETURN array_remove(ARRAY[
	CASE WHEN EXISTS (
		SELECT FROM restrictions
		WHERE person = of_person AND kind = 'hold' AND status = 'active' AND voided_at IS NULL
	) THEN 'legal_hold' END,
	CASE WHEN EXISTS (
		SELECT FROM restrictions
		WHERE person = of_person AND kind = 'processing' AND reason <> 'juvenile_closed'
			AND status = 'active' AND voided_at IS NULL
	) THEN 'restricted' END,
	CASE WHEN EXISTS (
		SELECT FROM crime_participants
		JOIN crimes ON crimes.id = crime_participants.crime
		WHERE crime_participants.person = of_person
			AND crime_participants.voided_at IS NULL
			AND crimes.voided_at IS NULL
			AND coalesce(crimes.stage, 'source') NOT IN ('not_initiated', 'investigation_dropped',
				'case_dropped', 'diverted', 'transferred', 'administrative', 'executed')
	) THEN 'open_case' END,
	CASE WHEN EXISTS (
		SELECT FROM subject_requests
		WHERE person = of_person AND voided_at IS NULL
			AND (status = 'received' OR status = 'answered' AND executed_on IS NULL)
	) THEN 'open_request' END,
	CASE WHEN EXISTS (
		SELECT FROM referrals WHERE person = of_person AND status = 'open' AND voided_at IS NULL
	) OR EXISTS (
		SELECT FROM handovers WHERE person = of_person AND status = 'proposed' AND voided_at IS NULL
	) OR EXISTS (
		SELECT FROM break_glasses
		WHERE person = of_person AND review_status = 'open' AND voided_at IS NULL
	) THEN 'open_custody' END
], NULL);

-- Every closed file with the day from which it is kept too long.
CREATE VIEW retention_files AS
SELECT people.id, people.unit, former.kind, age_on(born_by, status_since) < 18 AS of_minors,
	status_since AS closed_on, term.years,
	(status_since + make_interval(years => term.years))::date AS due_on, term.is_binding, term.basis
FROM people
CROSS JOIN LATERAL (
	SELECT coalesce((
		SELECT status
		FROM person_statuses
		WHERE person = people.id AND status <> 'closed' AND voided_at IS NULL
		ORDER BY ended_on DESC, id DESC
		LIMIT 1
	), 'at_risk') AS kind
) AS former
JOIN retention_terms AS term
	ON term.kind = former.kind
	AND term.of_minors = (age_on(born_by, status_since) < 18)
	AND status_since BETWEEN term.valid_from AND coalesce(term.valid_to, 'infinity')
WHERE people.status = 'closed' AND people.voided_at IS NULL AND people.erased_at IS NULL;

CREATE TABLE retention_decisions (
	id uuid PRIMARY KEY,
	person uuid NOT NULL REFERENCES people,
	unit text NOT NULL REFERENCES units,
	kind text NOT NULL DEFAULT 'at_risk' CHECK (kind IN ('at_risk', 'user', 'addict', 'in_rehab',
		'substitution', 'post_rehab', 'serving_sentence', 'released', 'closed')),
	closed_on date NOT NULL DEFAULT today(),
	due_on date NOT NULL DEFAULT today(),
	status text NOT NULL DEFAULT 'proposed'
		CHECK (status IN ('proposed', 'approved', 'withdrawn', 'executed')),
	approved_by uuid,
	approved_at timestamptz,
	executed_at timestamptz,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CHECK (approved_by <> created_by),
	CHECK ((status = 'executed') = (executed_at IS NOT NULL))
);

CREATE UNIQUE INDEX retention_decisions__person__duplicate ON retention_decisions (person)
WHERE status <> 'withdrawn' AND voided_at IS NULL;
CREATE INDEX retention_decisions_unit ON retention_decisions (unit, id);
CREATE INDEX retention_decisions_status ON retention_decisions (id) WHERE status = 'approved';
CREATE INDEX retention_decisions_updated_at ON retention_decisions (updated_at, id);

-- Refuses what is not due, or blocked; gives what is due.
CREATE FUNCTION retention_due(of_person uuid) RETURNS retention_files
LANGUAGE plpgsql
AS $$
DECLARE
	file retention_files;
	blocks text[] := retention_blocks(of_person);
BEGIN
	SELECT * INTO file
	FROM retention_files
	WHERE id = of_person AND (caller_everywhere() OR unit = ANY (caller_units()));
	IF NOT FOUND THEN
		PERFORM refuse('LC422', 'no_such_record', '/person');
	ELSIF file.due_on > today() THEN
		PERFORM refuse('LC409', 'not_due', '/person', file.due_on::text);
	ELSIF cardinality(blocks) > 0 THEN
		PERFORM refuse('LC409', 'retention_blocked', '/person', array_to_string(blocks, ', '));
	END IF;
	RETURN file;
END
$$;

CREATE FUNCTION retention_decisions_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	file retention_files;
BEGIN
	IF TG_OP = 'INSERT' THEN
		file := retention_due(NEW.person);
		NEW.unit := file.unit;
		NEW.kind := file.kind;
		NEW.closed_on := file.closed_on;
		NEW.due_on := file.due_on;
		NEW.status := 'proposed';
	ELSIF NEW.status = OLD.status OR NEW.executed_at IS DISTINCT FROM OLD.executed_at THEN
		RETURN NEW; -- executed_at: written by retention_execute() alone
	ELSIF OLD.status = 'executed' OR NEW.status NOT IN ('approved', 'withdrawn')
		OR OLD.status = 'withdrawn'
	THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/status', OLD.status);
	ELSIF NEW.status = 'approved' THEN
		IF OLD.created_by = caller_user() THEN
			PERFORM refuse('LC403', 'own_proposal');
		END IF;
		PERFORM retention_due(NEW.person);
		NEW.approved_by := caller_user();
		NEW.approved_at := now();
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER retention_decisions_check
BEFORE INSERT OR UPDATE ON retention_decisions
FOR EACH ROW EXECUTE FUNCTION retention_decisions_check();

-- What is due, for the admins of who answers for the files; nothing happens to it by being listed.
CREATE FUNCTION retention_list() RETURNS TABLE (id uuid, unit text, kind text, of_minors boolean,
	closed_on date, years smallint, due_on date, is_binding boolean, basis text, blocked_by text[],
	decision uuid, status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT file.id, file.unit, file.kind, file.of_minors, file.closed_on, file.years, file.due_on,
		file.is_binding, file.basis, retention_blocks(file.id), decision.id,
		coalesce(decision.status, 'due')
	FROM retention_files AS file
	LEFT JOIN retention_decisions AS decision
		ON decision.person = file.id
		AND decision.status <> 'withdrawn'
		AND decision.voided_at IS NULL
	WHERE caller_role() = 'admin'
		AND caller_agency() IN (1, 19)
		AND (caller_everywhere() OR file.unit = ANY (caller_units()))
		AND file.due_on <= today()
$$;

CREATE VIEW retention AS
SELECT *, NULL::timestamptz AS voided_at
FROM retention_list();

GRANT SELECT ON retention TO lachan_service;

-- True while the owner erases: no rule of a step is asked then, and nothing is computed anew.
CREATE FUNCTION is_erasing() RETURNS boolean
LANGUAGE sql STABLE
RETURN current_user = 'lachan_owner' AND coalesce(current_setting('lachan.erasing', true), '') = 'on';

DO $$
DECLARE
	rule record;
BEGIN
	FOR rule IN
		SELECT * FROM (VALUES
			('people', 'people_check', 'BEFORE INSERT OR UPDATE', 'true'),
			('interventions', 'interventions_check', 'BEFORE INSERT OR UPDATE', 'true'),
			('referrals', 'referrals_check', 'BEFORE INSERT OR UPDATE', 'true'),
			('crime_participants', 'crime_participants_check', 'BEFORE INSERT OR UPDATE', 'true'),
			('crime_participants', 'crime_participants_mark', 'AFTER INSERT OR UPDATE',
				'NEW.age_at_offence <= 30 AND NEW.voided_at IS NULL AND NEW.role <> ''witness''')
		) AS rules (of_table, name, moment, condition)
	LOOP
		EXECUTE format('DROP TRIGGER %I ON %I', rule.name, rule.of_table);
		EXECUTE format('CREATE TRIGGER %I %s ON %I FOR EACH ROW WHEN (NOT is_erasing() AND %s) '
			'EXECUTE FUNCTION %I()', rule.name, rule.moment, rule.of_table, rule.condition, rule.name);
	END LOOP;
END
$$;

-- Takes away whatever identifies, of the person and of what hangs on it.  A text that must be there
-- becomes a dash.
CREATE FUNCTION pseudonymise(of_person uuid) RETURNS text
LANGUAGE sql
AS $$
	SELECT set_config('lachan.erasing', 'on', true);
	UPDATE people
	SET full_name = '–', full_name_keys = '{}', other_name = NULL, other_name_keys = NULL,
		citizen_number = NULL, citizen_number_index = NULL, citizen_number_mask = NULL,
		phone = NULL, address = NULL, guardian_name = NULL, guardian_relationship = NULL,
		guardian_phone = NULL, no_guardian_reason = NULL, institution = NULL, last_grade = NULL,
		occupation = NULL, health_note = NULL, criminal_record = NULL, source = NULL,
		external_id = NULL, erased_at = now(), version = version + 1, updated_at = now()
	WHERE id = of_person;
	UPDATE person_statuses
	SET decision_number = CASE WHEN decision_number IS NOT NULL THEN '–' END, note = NULL,
		void_reason = NULL, version = version + 1, updated_at = now()
	WHERE person = of_person;
	UPDATE person_violations
	SET decision_number = NULL, note = NULL, void_reason = NULL, version = version + 1,
		updated_at = now()
	WHERE person = of_person;
	UPDATE interventions
	SET provider_name = NULL, employer = NULL, note = NULL, source = NULL, external_id = NULL,
		void_reason = NULL, version = version + 1, updated_at = now()
	WHERE person = of_person;
	UPDATE crime_participants
	SET full_name = NULL, outcome = NULL, void_reason = NULL, version = version + 1,
		updated_at = now()
	WHERE person = of_person;
	UPDATE referrals
	SET reason = '–', outcome = CASE WHEN outcome IS NOT NULL THEN '–' END, void_reason = NULL,
		version = version + 1, updated_at = now()
	WHERE person = of_person;
	UPDATE handovers
	SET reason = '–', refusal_reason = CASE WHEN refusal_reason IS NOT NULL THEN '–' END,
		void_reason = NULL, version = version + 1, updated_at = now()
	WHERE person = of_person;
	UPDATE break_glasses
	SET reason = '–', review_note = CASE WHEN review_note IS NOT NULL THEN '–' END,
		void_reason = NULL, version = version + 1, updated_at = now()
	WHERE person = of_person;
	UPDATE subject_requests
	SET details = NULL, outcome = CASE WHEN outcome IS NOT NULL THEN '–' END,
		refusal_reason = CASE WHEN refusal_reason IS NOT NULL THEN '–' END, void_reason = NULL,
		version = version + 1, updated_at = now()
	WHERE person = of_person;
	UPDATE restrictions
	SET note = NULL, lifting_reason = CASE WHEN lifting_reason IS NOT NULL THEN '–' END,
		void_reason = NULL, version = version + 1, updated_at = now()
	WHERE person = of_person;
	UPDATE corrections SET was = '{}', becomes = '{}' WHERE person = of_person;
	SELECT set_config('lachan.erasing', '', true);
$$;

-- The lock first: what blocks the file and was not yet committed is seen then.
CREATE FUNCTION retention_execute_one(decision retention_decisions) RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM FROM people WHERE id = decision.person FOR NO KEY UPDATE;
	IF retention_blocks(decision.person) <> '{}' OR NOT EXISTS (
		SELECT FROM retention_files WHERE id = decision.person AND due_on <= today()
	) THEN
		RETURN false;
	END IF;
	PERFORM pseudonymise(decision.person);
	UPDATE retention_decisions
	SET status = 'executed', executed_at = now(), version = version + 1, updated_at = now()
	WHERE id = decision.id;
	INSERT INTO audit (user_id, organization, action, resource, records, reason)
	VALUES (decision.approved_by, decision.organization, 'pseudonymise', 'people',
		ARRAY[decision.person], 'retention decision ' || decision.id);
	RETURN true;
EXCEPTION WHEN OTHERS THEN
	-- It stays approved, as the list shows, and keeps no other file from its end.
	RAISE WARNING 'retention decision %: %', decision.id, SQLERRM;
	RETURN false;
END
$$;

-- Carries out what was approved, and gives how much.  What is blocked waits.  Whoever else is at it
-- takes other files; a crash leaves every file as it was.
CREATE FUNCTION retention_execute(most integer DEFAULT 20) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	WITH approved AS MATERIALIZED (
		SELECT *
		FROM retention_decisions
		WHERE status = 'approved' AND voided_at IS NULL AND retention_blocks(person) = '{}'
		ORDER BY id
		LIMIT most
		FOR UPDATE SKIP LOCKED
	)
	SELECT count(*) FROM approved WHERE retention_execute_one(approved::retention_decisions)
$$;

REVOKE ALL ON FUNCTION closed_people, subject_request_done, records_of_person, record_ids_of_person,
	audit_of_records, tell_readers, correction_of, file_check, correction_begin, dossier,
	retention_blocks, retention_due, retention_list, pseudonymise,
	retention_execute_one, retention_execute
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION closed_people, file_check, correction_begin, dossier,
	retention_list, retention_execute
TO lachan_service;
GRANT EXECUTE ON FUNCTION closed_people TO lachan_reader;
