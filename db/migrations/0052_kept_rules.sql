-- What the law asks when a record is entered holds as well when it is corrected or merged.

-- Merged files

ALTER TABLE merges ADD COLUMN merged_on date NOT NULL DEFAULT today();

-- merge: known of another file until that is taken back.
ALTER TABLE person_moves ADD COLUMN merge uuid REFERENCES merges;

CREATE INDEX person_moves_merge ON person_moves (merge) WHERE merge IS NOT NULL;

-- A file's statuses, and more that come to it, as one history: each ends when the next begins, and the file shows the
-- last one.  That one is opened when no other is open any more.
CREATE FUNCTION statuses_chain(of_person uuid, more uuid[]) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	last person_statuses;
BEGIN
	WITH chain AS (
		SELECT id, status, lead(status) OVER following AS next, lead(starts_on) OVER following AS next_on,
			lead(close_reason) OVER following AS next_reason
		FROM person_statuses
		WHERE (person = of_person OR id = ANY (more)) AND voided_at IS NULL
		WINDOW following AS (ORDER BY starts_on, ended_on, id)
	)
	UPDATE person_statuses AS kept
	SET person = of_person,
		ended_on = next_on,
		end_reason = coalesce(next_reason, step.end_reason, 'superseded'),
		version = version + 1,
		updated_at = now()
	FROM chain
	LEFT JOIN status_transitions AS step ON step.previous = chain.status AND step.next = chain.next
	WHERE kept.id = chain.id
		AND next_on IS NOT NULL
		AND (kept.person, kept.ended_on) IS DISTINCT FROM (of_person, next_on);
	SELECT * INTO last
	FROM person_statuses
	WHERE (person = of_person OR id = ANY (more)) AND voided_at IS NULL
	ORDER BY starts_on DESC, ended_on DESC, id DESC
	LIMIT 1;
	UPDATE person_statuses
	SET person = of_person, ended_on = NULL, end_reason = NULL, version = version + 1, updated_at = now()
	WHERE id = last.id AND (person <> of_person OR ended_on IS NOT NULL);
	UPDATE people
	SET status = last.status,
		status_since = last.starts_on,
		status_ends_on = last.ends_on,
		version = version + 1,
		updated_at = now()
	WHERE id = of_person
		AND (status, status_since, status_ends_on) IS DISTINCT FROM (last.status, last.starts_on, last.ends_on);
END
$$;

CREATE OR REPLACE FUNCTION person_statuses_void() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	PERFORM FROM people WHERE id = OLD.person FOR UPDATE;
	IF OLD.ended_on IS NOT NULL THEN
		PERFORM refuse('LC409', 'still_referenced', '/status');
	END IF;
	PERFORM statuses_chain(OLD.person, '{}');
	UPDATE people SET is_court_matter = is_court_matter(OLD.person) WHERE id = OLD.person;
	RETURN NULL;
END
$$;

-- What the history of the kept file lacks of the other: nothing of a day on which it has a status of its own, and
-- nothing that says what holds there already and has not run out.
CREATE FUNCTION merge_statuses(of_person uuid, of_kept uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE
AS $$
	SELECT id
	FROM (
		SELECT held.*, lag(held) OVER (ORDER BY starts_on, ended_on, id) AS former
		FROM person_statuses AS held
		WHERE person IN (of_person, of_kept)
			AND voided_at IS NULL
			AND NOT EXISTS (
				SELECT
				FROM person_statuses AS own
				WHERE own.person = of_kept
					AND held.person = of_person
					AND own.starts_on = held.starts_on
					AND own.voided_at IS NULL
			)
	) AS history
	WHERE person = of_person
		AND NOT coalesce((former).person = of_kept
			AND ((former).status, (former).rehab_form, (former).origin)
				IS NOT DISTINCT FROM (status, rehab_form, origin)
			AND ((former).ends_on IS NULL OR starts_on < (former).ends_on), false)
$$;

-- What is known of one person, and what is done for it, hangs on the other then, or again on itself.
CREATE OR REPLACE FUNCTION merge_hang(of_merge uuid, from_person uuid, to_person uuid) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	of_table text;
BEGIN
	PERFORM statuses_chain(to_person, ARRAY(
		SELECT record FROM merge_items WHERE merge = of_merge AND merge_items.of_table = 'person_statuses'
	));
	FOREACH of_table IN ARRAY '{person_statuses,interventions,person_violations,crime_participants}'::text[]
	LOOP
		EXECUTE format('UPDATE %I SET person = $1, version = version + 1, updated_at = now() '
			'WHERE id IN (SELECT record FROM merge_items WHERE merge = $2 AND of_table = %L) '
			'AND person = $3', of_table, of_table)
		USING to_person, of_merge, from_person;
	END LOOP;
	UPDATE interventions
	SET unit = people.unit
	FROM people
	WHERE people.id = to_person AND person = to_person AND interventions.unit <> people.unit;
	UPDATE people SET is_court_matter = is_court_matter(id) WHERE id IN (from_person, to_person);
	INSERT INTO contribution_queue VALUES ('people', from_person), ('people', to_person);
END
$$;

-- Where the other files were while their statuses hold in this history; the last of them is from the merge on where
-- the kept file is.
CREATE FUNCTION merge_moves(of_kept uuid) RETURNS void
LANGUAGE sql
AS $$
	DELETE FROM person_moves WHERE person = of_kept AND merge IS NOT NULL;
	INSERT INTO person_moves (person, to_unit, moved_on, merge)
	SELECT of_kept, place.unit, place.since, done.id
	FROM merges AS done
	JOIN merge_items ON merge_items.merge = done.id AND of_table = 'person_statuses'
	JOIN person_statuses AS held ON held.id = record AND held.voided_at IS NULL
	CROSS JOIN LATERAL (
		SELECT to_unit, moved_on, id
		FROM person_moves
		WHERE person = done.person AND moved_on >= starts_on AND coalesce(moved_on < ended_on, true)
		UNION ALL
		SELECT kept.unit, done.merged_on, NULL
		FROM people AS kept
		JOIN people AS other ON other.id = done.person AND other.unit <> kept.unit
		WHERE kept.id = of_kept AND held.ended_on IS NULL
	) AS place (unit, since, id)
	WHERE done.kept = of_kept AND done.status = 'merged' AND done.voided_at IS NULL
	ORDER BY place.id NULLS LAST
$$;

CREATE FUNCTION merge_carry(done merges) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	INSERT INTO merge_items
	SELECT done.id, 'person_statuses', id FROM merge_statuses(done.person, done.kept) AS id
	UNION ALL
	SELECT done.id, 'interventions', id FROM interventions
	WHERE person = done.person AND voided_at IS NULL
	UNION ALL
	SELECT done.id, 'person_violations', id FROM person_violations
	WHERE person = done.person AND voided_at IS NULL
	UNION ALL
	SELECT done.id, 'crime_participants', id FROM crime_participants
	WHERE person = done.person AND voided_at IS NULL;
	PERFORM merge_hang(done.id, done.person, done.kept);
END
$$;

-- Taken back, it leaves place for what other files of the person have of the same days.
CREATE OR REPLACE FUNCTION merges_do() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		PERFORM merge_carry(NEW);
		UPDATE people
		SET voided_at = now(), voided_by = caller_user(), void_reason = 'duplicate',
			version = version + 1, updated_at = now()
		WHERE id = NEW.person;
	ELSE
		UPDATE people
		SET voided_at = NULL, voided_by = NULL, void_reason = NULL, version = version + 1,
			updated_at = now()
		WHERE id = NEW.person;
		PERFORM merge_hang(NEW.id, NEW.kept, NEW.person);
		PERFORM statuses_chain(NEW.kept, '{}');
		PERFORM merge_carry(other)
		FROM merges AS other
		WHERE kept = NEW.kept AND status = 'merged' AND voided_at IS NULL;
	END IF;
	PERFORM merge_moves(NEW.kept);
	RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION statuses_chain, merge_statuses, merge_moves, merge_carry FROM PUBLIC;

-- What was merged before, in that order: a kept file may have made way since.
DO $$
DECLARE
	done merges;
BEGIN
	FOR done IN SELECT * FROM merges WHERE status = 'merged' AND voided_at IS NULL ORDER BY created_at, id
	LOOP
		PERFORM merge_carry(done);
		PERFORM merge_moves(done.kept);
	END LOOP;
END
$$;

-- Births

-- Why a record cannot be of somebody, and the field of it that says so.
CREATE TYPE birth_fault AS (code text, pointer text);

-- What the law asks of the age at a status; NULL: nothing is wrong.
CREATE FUNCTION status_birth_fault(entered person_statuses, born date) RETURNS birth_fault
LANGUAGE sql STABLE
RETURN CASE
	WHEN entered.starts_on < born THEN ROW('before_birth', '/starts_on')::birth_fault
	WHEN entered.tested_on < born THEN ROW('before_birth', '/tested_on')::birth_fault
	WHEN entered.decision_date < born THEN ROW('before_birth', '/decision_date')::birth_fault
	WHEN entered.guardian_consent_on < born THEN ROW('before_birth', '/guardian_consent_on')::birth_fault
	WHEN entered.rehab_form = 'compulsory' AND age_on(born, entered.starts_on) < 12
		THEN ROW('too_young', '/rehab_form')::birth_fault
	WHEN entered.status = 'substitution' AND age_on(born, entered.starts_on) < 12
		THEN ROW('too_young', '/status')::birth_fault
	WHEN entered.status = 'substitution' AND age_on(born, entered.starts_on) < 18
		AND entered.guardian_consent_on IS NULL
		THEN ROW('consent_required', '/guardian_consent_on')::birth_fault
END;

-- And at what is done; consent to substitution is kept with the status.
CREATE FUNCTION intervention_birth_fault(entered interventions, born date) RETURNS birth_fault
LANGUAGE sql STABLE
RETURN CASE
	WHEN entered.starts_on < born THEN ROW('before_birth', '/starts_on')::birth_fault
	WHEN entered.rehab_form = 'compulsory' AND age_on(born, entered.starts_on) < 12
		THEN ROW('too_young', '/rehab_form')::birth_fault
	WHEN entered.kind = 'substitution' AND age_on(born, entered.starts_on) < 12
		THEN ROW('too_young', '/kind')::birth_fault
END;

CREATE OR REPLACE FUNCTION check_status_law(new_status person_statuses, person people, former person_statuses)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	fault birth_fault := status_birth_fault(new_status, person.born_by);
	needed text[];
BEGIN
	IF new_status.starts_on > today() THEN
		PERFORM refuse('LC422', 'in_future', '/starts_on');
	ELSIF fault.code IS NOT NULL THEN
		PERFORM refuse('LC422', fault.code, fault.pointer);
	ELSIF new_status.rehab_form = 'compulsory' AND new_status.decided_by IS DISTINCT FROM 'court' THEN
		PERFORM refuse('LC422', 'court_required', '/decided_by');
	ELSIF new_status.status IN ('user', 'post_rehab') AND new_status.decided_by <> 'commune_chair' THEN
		PERFORM refuse('LC422', 'chair_required', '/decided_by');
	ELSIF new_status.status = 'user' AND new_status.decision_date > new_status.starts_on THEN
		PERFORM refuse('LC422', 'after_start', '/decision_date');
	ELSIF new_status.status = 'substitution'
		AND NOT coalesce(person.substance_groups, '{}') @> '{opioid}' THEN
		PERFORM refuse('LC422', 'opioid_required', '/status');
	ELSIF new_status.guardian_consent_on > new_status.starts_on THEN
		PERFORM refuse('LC422', 'after_start', '/guardian_consent_on');
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

-- The term runs from the decision: a corrected day moves its end.  Nobody is managed as a user before it.
CREATE OR REPLACE FUNCTION person_statuses_correct() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	holder people;
BEGIN
	SELECT * INTO holder FROM people WHERE id = NEW.person FOR UPDATE;
	IF NEW.decision_date < holder.born_by THEN
		PERFORM refuse('LC422', 'before_birth', '/decision_date');
	ELSIF NEW.status = 'user' AND NEW.decision_date > NEW.starts_on THEN
		PERFORM refuse('LC422', 'after_start', '/decision_date');
	END IF;
	NEW.ends_on := status_term_end(NEW, holder);
	UPDATE people
	SET status_ends_on = NEW.ends_on, version = version + 1, updated_at = now()
	WHERE id = NEW.person AND NEW.ended_on IS NULL AND status_ends_on IS DISTINCT FROM NEW.ends_on;
	RETURN NEW;
END
$$;

-- The unit in whose place the other is today, as it was on a day; NULL when there were several, or none.
CREATE FUNCTION unit_on(of_unit text, day date) RETURNS text
LANGUAGE sql STABLE
RETURN (
	WITH RECURSIVE earlier (key) AS (
		SELECT of_unit
		UNION
		SELECT steps.unit
		FROM unit_successors AS steps
		JOIN earlier ON steps.successor = earlier.key
	)
	SELECT min(key)
	FROM earlier
	JOIN units USING (key)
	WHERE day BETWEEN coalesce(valid_from, '-infinity') AND coalesce(valid_to, 'infinity')
	HAVING count(*) = 1
);

-- Without a unit it is that of the file, as it was then: the file passed on when the unit of today began.
CREATE OR REPLACE FUNCTION person_statuses_open() RETURNS trigger
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
		NEW.unit := unit_on(holder.unit, NEW.starts_on);
		IF NEW.unit IS NULL THEN
			PERFORM refuse('LC422', 'unit_not_valid', '/unit');
		END IF;
		INSERT INTO person_moves (person, to_unit, moved_on)
		SELECT NEW.person, key, valid_from
		FROM units
		WHERE key = holder.unit AND key <> NEW.unit AND NOT EXISTS (
			SELECT FROM person_moves WHERE person = NEW.person AND to_unit = key AND moved_on = valid_from
		);
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

REVOKE ALL ON FUNCTION unit_on FROM PUBLIC;

-- Diverted, with no suspect under 18: as it would be with this birth of this person.
CREATE FUNCTION is_diverted_in_vain(of_crime uuid, of_person uuid, born date) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
	SELECT
	FROM crime_stages
	JOIN crimes ON crimes.id = crime AND crimes.voided_at IS NULL
	WHERE crime = of_crime AND crime_stages.stage = 'diverted' AND crime_stages.voided_at IS NULL
) AND NOT EXISTS (
	SELECT
	FROM crime_participants AS suspect
	JOIN crimes ON crimes.id = suspect.crime
	WHERE suspect.crime = of_crime
		AND role = 'suspect'
		AND suspect.voided_at IS NULL
		AND CASE suspect.person
			WHEN of_person THEN age_on(born, coalesce(occurred_on, detected_on))
			ELSE age_at_offence
		END < 18
);

-- Refuses a date of birth with which what hangs on a person could not have been entered.
CREATE FUNCTION check_birth(of_person uuid, birth text, pointer text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	born date := partial_date_last(birth);
	fault text;
BEGIN
	SELECT min(code) INTO fault
	FROM (
		SELECT (status_birth_fault(person_statuses, born)).code
		FROM person_statuses
		WHERE person = of_person AND voided_at IS NULL
		UNION ALL
		SELECT (intervention_birth_fault(interventions, born)).code
		FROM interventions
		WHERE person = of_person AND voided_at IS NULL
		UNION ALL
		SELECT 'before_birth'
		FROM person_violations
		WHERE person = of_person AND violated_on < born AND voided_at IS NULL
		UNION ALL
		SELECT CASE
			WHEN birth > left(to_char(day, 'YYYY-MM-DD'), length(birth)) THEN 'in_future'
			WHEN role = 'suspect' AND (born > day OR age_on(born, day) < 14) THEN 'too_young'
			WHEN role = 'suspect' AND is_diverted_in_vain(crime, of_person, born) THEN 'not_diverted'
		END
		FROM crime_participants AS participant
		JOIN crimes ON crimes.id = crime AND crimes.voided_at IS NULL
		CROSS JOIN LATERAL coalesce(occurred_on, detected_on) AS day
		WHERE person = of_person AND participant.voided_at IS NULL
	) AS faults (code);
	IF fault IS NOT NULL THEN
		PERFORM refuse('LC422', fault, pointer);
	END IF;
END
$$;

CREATE OR REPLACE FUNCTION people_check() RETURNS trigger
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
	IF TG_OP = 'UPDATE' AND NEW.date_of_birth <> OLD.date_of_birth THEN
		PERFORM check_birth(NEW.id, NEW.date_of_birth, '/date_of_birth');
	END IF;
	RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION merges_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		PERFORM merge_check_file(NEW.person, '/person');
		NEW.unit := merge_check_file(NEW.kept, '/kept');
		NEW.status := 'merged';
		PERFORM check_birth(NEW.person, date_of_birth, '/kept') FROM people WHERE id = NEW.kept;
	ELSIF NEW.status <> OLD.status THEN
		IF OLD.status <> 'merged' THEN
			PERFORM refuse('LC409', 'transition_not_allowed', '/status', OLD.status);
		END IF;
		PERFORM merge_check_file(NEW.kept, '/kept');
		NEW.undone_at := now();
	END IF;
	RETURN NEW;
END
$$;

-- Who is no young suspect any more, by whatever changed, leaves no diverted case behind.
CREATE FUNCTION crime_participants_diverted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF is_diverted_in_vain(NEW.crime, NULL, NULL) THEN
		PERFORM refuse('LC422', 'not_diverted', CASE
			WHEN NEW.date_of_birth IS DISTINCT FROM OLD.date_of_birth THEN '/date_of_birth'
			WHEN NEW.role <> OLD.role THEN '/role'
			WHEN NEW.voided_at IS NULL THEN (
				SELECT CASE WHEN occurred_on IS NULL THEN '/detected_on' ELSE '/occurred_on' END
				FROM crimes
				WHERE id = NEW.crime
			)
			ELSE ''
		END);
	END IF;
	RETURN NULL;
END
$$;

CREATE TRIGGER crime_participants_diverted
AFTER UPDATE ON crime_participants
FOR EACH ROW WHEN (OLD.role = 'suspect' AND OLD.age_at_offence < 18 AND OLD.voided_at IS NULL
	AND (NEW.role = 'suspect' AND NEW.age_at_offence < 18 AND NEW.voided_at IS NULL) IS NOT TRUE)
EXECUTE FUNCTION crime_participants_diverted();

REVOKE ALL ON FUNCTION is_diverted_in_vain, crime_participants_diverted FROM PUBLIC;

-- Whoever knows people by pseudonym does neither rehabilitation nor substitution.
CREATE OR REPLACE FUNCTION interventions_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	held_in text;
	born date;
	substances text[];
	fault birth_fault;
BEGIN
	-- Under the caller's own row policies: a person out of sight does not exist, nor a day of birth.
	SELECT unit, born_by, substance_groups INTO held_in, born, substances
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
	IF TG_OP = 'INSERT' OR (NEW.starts_on, NEW.rehab_form) IS DISTINCT FROM (OLD.starts_on, OLD.rehab_form) THEN
		fault := intervention_birth_fault(NEW, born);
		IF fault.code IS NOT NULL THEN
			PERFORM refuse('LC422', fault.code, fault.pointer);
		ELSIF NEW.kind = 'substitution' AND born IS NOT NULL
			AND NOT coalesce(substances, '{}') @> '{opioid}' THEN
			PERFORM refuse('LC422', 'opioid_required', '/kind');
		END IF;
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

-- Days of a case

CREATE OR REPLACE FUNCTION crimes_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF TG_OP = 'INSERT' OR (NEW.unit, NEW.occurred_on, NEW.detected_on)
		IS DISTINCT FROM (OLD.unit, OLD.occurred_on, OLD.detected_on) THEN
		PERFORM check_commune(NEW.unit, coalesce(NEW.occurred_on, NEW.detected_on), '/unit');
	END IF;
	IF TG_OP = 'INSERT' THEN
		NEW.youth_related := coalesce(NEW.youth_related, false);
	ELSIF NEW.detected_on > OLD.detected_on AND EXISTS (
		SELECT
		FROM crime_stages
		WHERE crime = NEW.id AND reached_on < NEW.detected_on AND voided_at IS NULL
			AND crime_stages.stage NOT IN ('source', 'verification')
	) THEN
		PERFORM refuse('LC422', 'after_next_stage', '/detected_on');
	ELSIF (NEW.occurred_on, NEW.detected_on) IS DISTINCT FROM (OLD.occurred_on, OLD.detected_on) AND EXISTS (
		SELECT
		FROM crime_stages
		WHERE crime = NEW.id AND reached_on < coalesce(NEW.occurred_on, NEW.detected_on) AND voided_at IS NULL
	) THEN
		PERFORM refuse('LC422', 'after_next_stage',
			CASE WHEN NEW.occurred_on IS NULL THEN '/detected_on' ELSE '/occurred_on' END);
	END IF;
	RETURN NEW;
END
$$;
