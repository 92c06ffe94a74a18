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
