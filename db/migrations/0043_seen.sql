-- What is hidden from some agency is read by a view alone, {table}_seen, which db/policies.c makes
-- after every migration: the service has no right to these columns of the tables, nor has what runs
-- as the caller.  A migration that changes a column of such a table drops its view first, CASCADE.
DROP VIEW people_search; -- is made with them

CREATE OR REPLACE FUNCTION interventions_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	held_in text;
	born date;
BEGIN
	-- Under the caller's own row policies: a person out of sight does not exist, nor a day of birth.
	SELECT unit, born_by INTO held_in, born
	FROM people
	WHERE id = NEW.person AND voided_at IS NULL;
	IF TG_OP = 'INSERT' THEN
		NEW.unit := held_in;
		IF held_in IS NULL AND caller_agency() IN (12, 14, 18) THEN
			NEW.unit := unit_of_person(NEW.person);
		END IF;
		IF NEW.unit IS NULL THEN
			PERFORM refuse('LC422', 'no_such_record', '/person');
		END IF;
	ELSIF NEW.status <> OLD.status AND NOT (
		(OLD.status = 'planned' AND NEW.status IN ('in_progress', 'completed', 'refused', 'cancelled'))
		OR (OLD.status = 'in_progress' AND NEW.status IN ('completed', 'refused', 'cancelled'))
	) THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/status', OLD.status);
	END IF;
	IF NEW.starts_on < born THEN
		PERFORM refuse('LC422', 'before_birth', '/starts_on');
	END IF;
	IF NEW.starts_on > today() AND NEW.status IN ('in_progress', 'completed') THEN
		PERFORM refuse('LC422', 'in_future', '/starts_on');
	END IF;
	IF NEW.ends_on > today() AND NEW.status = 'completed' THEN
		PERFORM refuse('LC422', 'in_future', '/ends_on');
	END IF;
	RETURN NEW;
END
$$;

-- Whoever took part in a crime that was voided is corrected and merged like anybody else: what the database
-- itself carries over (people_lend, merge_hang) reaches those rows, and refuses nothing of them.
CREATE OR REPLACE FUNCTION crime_participants_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	day date;
	voided timestamptz;
BEGIN
	SELECT coalesce(occurred_on, detected_on), voided_at INTO day, voided FROM crimes WHERE id = NEW.crime;
	IF NOT FOUND OR voided IS NOT NULL AND (TG_OP = 'INSERT' OR current_user = 'lachan_service') THEN
		PERFORM refuse('LC404', 'not_found');
	END IF;
	IF NEW.person IS NOT NULL THEN
		SELECT date_of_birth, sex INTO NEW.date_of_birth, NEW.sex FROM people WHERE id = NEW.person;
		IF NOT FOUND THEN
			PERFORM refuse('LC422', 'no_such_record', '/person');
		END IF;
	END IF;
	NEW.born_by := partial_date_last(NEW.date_of_birth);
	-- Unknown when the birth is: greatest() ignores what is null.
	NEW.age_at_offence := CASE WHEN NEW.born_by > day THEN 0 ELSE age_on(NEW.born_by, day) END;
	IF voided IS NOT NULL THEN
		RETURN NEW;
	END IF;
	-- As far as it is known: born in the month of the offence may be before it.
	IF NEW.date_of_birth > left(to_char(day, 'YYYY-MM-DD'), length(NEW.date_of_birth)) THEN
		PERFORM refuse('LC422', 'in_future', '/date_of_birth');
	ELSIF NEW.articles @> '{256a}' AND day < '2025-07-01' THEN
		PERFORM refuse('LC422', 'article_not_in_force', '/articles');
	END IF;
	-- Penal Code, article 12: nobody under 14 is a suspect.
	IF NEW.role = 'suspect' AND NEW.age_at_offence < 14 THEN
		PERFORM refuse('LC422', 'too_young', '/role');
	END IF;
	RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION subject_requests_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	born date;
	term subject_request_terms;
BEGIN
	IF TG_OP = 'INSERT' THEN
		-- Under the caller's own row policies: a person out of sight does not exist.
		SELECT unit, born_by INTO NEW.unit, born
		FROM people
		WHERE id = NEW.person AND voided_at IS NULL;
		IF NOT FOUND THEN
			PERFORM refuse('LC422', 'no_such_record', '/person');
		-- A child's rights are exercised by its representative; a child is under 16 (102/2016/QH13).
		ELSIF NEW.requester = 'subject' AND age_on(born, NEW.received_on) < 16 THEN
			PERFORM refuse('LC422', 'representative_required', '/requester');
		END IF;
		SELECT * INTO term
		FROM subject_request_terms
		WHERE NEW.received_on BETWEEN valid_from AND coalesce(valid_to, 'infinity');
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

-- The names of the columns that are hidden from the caller in a record; NULL when it sees no such.
CREATE FUNCTION hidden_of(of_table text, record uuid) RETURNS text[]
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	names text[] := '{}';
BEGIN
	IF to_regclass(of_table || '_seen') IS NOT NULL THEN
		EXECUTE format('SELECT hidden FROM %I WHERE id = $1', of_table || '_seen') INTO names USING record;
	END IF;
	RETURN names;
END
$$;

-- A record as JSON without what is hidden; of a correction, without the values of it.
CREATE FUNCTION record_seen(of_table text, content jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	names text[];
BEGIN
	IF of_table = 'corrections' THEN
		names := hidden_of(content->>'resource', (content->>'record')::uuid);
		RETURN content || jsonb_build_object('was', (content->'was') - names,
			'becomes', (content->'becomes') - names);
	END IF;
	RETURN content - hidden_of(of_table, (content->>'id')::uuid);
END
$$;

CREATE OR REPLACE FUNCTION dossier(of_person uuid, classes text[]) RETURNS TABLE (section text, content jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	held record;
	ids uuid[];
BEGIN
	SELECT * INTO held FROM people_seen WHERE id = of_person AND erased_at IS NULL;
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
		WHEN of_table <> 'crime_participants' OR caller_agency() IN (1, 3, 16) THEN (
			SELECT coalesce(jsonb_agg(record_seen(of_table, one) ORDER BY place), '[]')
			FROM jsonb_array_elements(records.content) WITH ORDINALITY AS rows (one, place)
		)
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

REVOKE ALL ON FUNCTION hidden_of, record_seen FROM PUBLIC;
