-- What counts where it should, and what cannot be is refused.

-- The day after `after` on which a birthday or the end of a term may change what an open file contributes.
-- How long a job has lasted is asked of key communes alone, on every day.
CREATE OR REPLACE FUNCTION people_next_on(subjects uuid[], after date)
RETURNS TABLE (person uuid, next_on date)
LANGUAGE sql STABLE
AS $$
	WITH files AS (
		SELECT person, min(ends_on + 1) FILTER (WHERE ends_on >= after) AS term_over
		FROM person_statuses
		WHERE ended_on IS NULL
			AND voided_at IS NULL
			AND (subjects IS NULL OR person = ANY (subjects))
		GROUP BY person
	)
	SELECT person, least(term_over, birthday + CASE
		WHEN to_char(born_by, 'MMDD') = '0229' AND to_char(birthday, 'MMDD') = '0228' THEN 1
		ELSE 0
	END)
	FROM files
	JOIN people ON people.id = person
	CROSS JOIN LATERAL (
		SELECT (born_by + make_interval(years => greatest(age_on(born_by, after), 0) + 1))::date
			AS birthday
	) AS next
$$;

-- A case concerns the young while one takes part in it, or by hand: while a reason says so.
CREATE FUNCTION crime_has_young(of_crime uuid, day date) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
	SELECT
	FROM crime_participants
	WHERE crime = of_crime
		AND role <> 'witness'
		AND age_on(born_by, day) <= (SELECT indicator_parameter('youth_max_age'))
		AND voided_at IS NULL
);

-- What is set by hand may not say otherwise.
CREATE FUNCTION crimes_youth() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	has_young boolean := crime_has_young(NEW.id, coalesce(NEW.occurred_on, NEW.detected_on));
	is_reason_new boolean := NEW.youth_related_reason IS DISTINCT FROM OLD.youth_related_reason;
BEGIN
	IF NEW.youth_related AND NEW.youth_related_reason IS NULL AND NOT has_young THEN
		PERFORM refuse('LC422', 'hand_reason_required', '/youth_related_reason');
	ELSIF NEW.youth_related THEN
		RETURN NEW;
	ELSIF has_young THEN
		PERFORM refuse('LC422', 'young_participant', '/youth_related');
	ELSIF NEW.youth_related_reason IS NOT NULL AND is_reason_new THEN
		PERFORM refuse('LC422', 'forbidden_unless', '/youth_related_reason', 'true');
	END IF;
	NEW.youth_related_reason := NULL;
	RETURN NEW;
END
$$;

-- Made true of these crimes.  Locked first: of two who enter or void at the same time the second sees the first.
CREATE FUNCTION crimes_tell_youth(ids uuid[]) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM FROM crimes WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
	UPDATE crimes
	SET youth_related = NOT youth_related, version = version + 1, updated_at = now()
	WHERE id = ANY (ids)
		AND youth_related <> (youth_related_reason IS NOT NULL
			OR crime_has_young(id, coalesce(occurred_on, detected_on)));
END
$$;

CREATE FUNCTION crime_participants_youth() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	PERFORM crimes_tell_youth(ARRAY[NEW.crime]);
	RETURN NULL;
END
$$;

DROP TRIGGER crime_participants_mark ON crime_participants;
DROP FUNCTION crime_participants_mark;

-- A reason for what was not so has nothing to say any more.
UPDATE crimes
SET youth_related_reason = NULL, version = version + 1, updated_at = now()
WHERE NOT youth_related AND youth_related_reason IS NOT NULL;
SELECT crimes_tell_youth(ARRAY(SELECT id FROM crimes));

CREATE TRIGGER crimes_youth_insert
BEFORE INSERT ON crimes
FOR EACH ROW EXECUTE FUNCTION crimes_youth();
CREATE TRIGGER crimes_youth_update
BEFORE UPDATE ON crimes
FOR EACH ROW WHEN ((OLD.youth_related, OLD.youth_related_reason)
	IS DISTINCT FROM (NEW.youth_related, NEW.youth_related_reason))
EXECUTE FUNCTION crimes_youth();
CREATE TRIGGER crime_participants_youth_insert
AFTER INSERT ON crime_participants
FOR EACH ROW EXECUTE FUNCTION crime_participants_youth();
CREATE TRIGGER crime_participants_youth_update
AFTER UPDATE ON crime_participants
FOR EACH ROW WHEN ((OLD.role, OLD.age_at_offence, OLD.voided_at)
	IS DISTINCT FROM (NEW.role, NEW.age_at_offence, NEW.voided_at))
EXECUTE FUNCTION crime_participants_youth();

CREATE OR REPLACE FUNCTION indicator_parameter_set(of_name text, new_value integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE indicator_parameters SET value = new_value WHERE name = of_name AND value <> new_value;
	IF NOT FOUND THEN
		RETURN;
	ELSIF of_name = 'youth_max_age' THEN
		PERFORM crimes_tell_youth(ARRAY(SELECT id FROM crimes));
	END IF;
	PERFORM figures_check();
END
$$;

REVOKE ALL ON FUNCTION crime_has_young, crimes_youth, crimes_tell_youth, crime_participants_youth FROM PUBLIC;

-- The staff is counted in the period that it is counted for, or until its report is due.
CREATE OR REPLACE FUNCTION institution_headcounts_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	counted_for reporting_periods;
BEGIN
	IF TG_OP = 'INSERT'
		AND NOT EXISTS (SELECT FROM institutions WHERE id = NEW.institution AND voided_at IS NULL) THEN
		PERFORM refuse('LC404', 'not_found');
	ELSIF NEW.counted_on IS NOT DISTINCT FROM OLD.counted_on THEN
		RETURN NEW;
	END IF;
	SELECT * INTO counted_for FROM reporting_periods WHERE code = NEW.period;
	IF NEW.counted_on NOT BETWEEN counted_for.starts_on AND counted_for.last_day_on_time THEN
		PERFORM refuse('LC422', 'outside_period', '/counted_on',
			counted_for.starts_on || ' – ' || counted_for.last_day_on_time);
	END IF;
	RETURN NEW;
END
$$;

DROP TRIGGER institution_headcounts_check ON institution_headcounts;
CREATE TRIGGER institution_headcounts_check
BEFORE INSERT OR UPDATE ON institution_headcounts
FOR EACH ROW EXECUTE FUNCTION institution_headcounts_check();

-- A member of staff is one however the code is typed.
CREATE OR REPLACE FUNCTION session_attendees_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	maker text;
BEGIN
	NEW.staff_code := btrim(NEW.staff_code);
	IF TG_OP = 'INSERT' THEN
		SELECT organization INTO maker
		FROM training_sessions
		WHERE id = NEW.session AND voided_at IS NULL;
		IF NOT FOUND THEN
			PERFORM refuse('LC404', 'not_found');
		ELSIF maker <> caller_organization() THEN
			PERFORM refuse('LC403', 'row_not_allowed');
		END IF;
	END IF;
	IF (TG_OP = 'INSERT' OR NEW.institution <> OLD.institution)
		AND NOT EXISTS (SELECT FROM institutions WHERE id = NEW.institution AND voided_at IS NULL) THEN
		PERFORM refuse('LC422', 'no_such_record', '/institution');
	END IF;
	RETURN NEW;
END
$$;

UPDATE session_attendees AS again
SET voided_at = now(), void_reason = 'duplicate', version = version + 1, updated_at = now()
WHERE voided_at IS NULL AND EXISTS (
	SELECT
	FROM session_attendees AS first
	WHERE (session, institution, lower(staff_code)) = (again.session, again.institution, lower(again.staff_code))
		AND id < again.id
		AND voided_at IS NULL
);

DROP INDEX session_attendees__staff_code__duplicate;
CREATE UNIQUE INDEX session_attendees__staff_code__duplicate
ON session_attendees (session, institution, lower(staff_code))
WHERE voided_at IS NULL;

-- Nobody confirms a job before it begins.  What was entered so stays as it is, and counts nowhere.
CREATE FUNCTION interventions_confirmed() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM refuse('LC422', 'before', CASE
		WHEN NEW.confirmed_by_union_on < NEW.starts_on THEN '/confirmed_by_union_on'
		ELSE '/confirmed_by_police_on'
	END, NEW.starts_on::text);
	RETURN NULL;
END
$$;

CREATE TRIGGER interventions_confirmed
BEFORE INSERT OR UPDATE OF starts_on, confirmed_by_union_on, confirmed_by_police_on ON interventions
FOR EACH ROW WHEN (least(NEW.confirmed_by_union_on, NEW.confirmed_by_police_on) < NEW.starts_on)
EXECUTE FUNCTION interventions_confirmed();
