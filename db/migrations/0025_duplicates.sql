-- Two files of one person: candidates with their reasons, and the merge that links one to the other and
-- can be undone.

-- The folded names as one number: what the row policies let an index compare.
ALTER TABLE people ADD COLUMN name_key bigint NOT NULL
	GENERATED ALWAYS AS (hash_array_extended(full_name_keys, 0)) STORED;

CREATE INDEX people_name_key ON people (name_key);

-- Both files as the caller sees them: nobody learns of a file by its duplicate.  The same number says it
-- all; the same name and birth date say much, and more in one commune.
CREATE VIEW person_duplicates WITH (security_invoker = true) AS
SELECT one.id AS person, other.id, other.unit,
	greatest(CASE WHEN same_number THEN 100 END,
		CASE WHEN same_birth THEN 40 + same_day::integer * 30 + same_commune::integer * 20 END) AS score,
	array_remove(ARRAY[
		CASE WHEN same_number THEN 'citizen_number' END,
		CASE WHEN same_name THEN 'full_name' END,
		CASE WHEN same_name AND same_birth THEN 'date_of_birth' END,
		CASE WHEN same_commune THEN 'unit' END
	], NULL) AS reasons
FROM people AS one
CROSS JOIN LATERAL (
	SELECT id FROM people WHERE citizen_number_index = one.citizen_number_index
	UNION
	SELECT id FROM people WHERE name_key = one.name_key
) AS found
JOIN people AS other ON other.id = found.id AND other.id <> one.id AND other.voided_at IS NULL
CROSS JOIN LATERAL (
	SELECT coalesce(other.citizen_number_index = one.citizen_number_index, false) AS same_number,
		other.full_name_keys = one.full_name_keys AS same_name,
		-- A date that is known in part agrees with every date in it.
		starts_with(other.date_of_birth, one.date_of_birth)
			OR starts_with(one.date_of_birth, other.date_of_birth) AS agrees,
		other.date_of_birth = one.date_of_birth AND length(one.date_of_birth) = 10 AS is_one_day,
		(SELECT coalesce(successor, key) FROM units WHERE key = other.unit)
			= (SELECT coalesce(successor, key) FROM units WHERE key = one.unit) AS same_commune
) AS compared
CROSS JOIN LATERAL (
	SELECT same_name AND agrees AS same_birth, same_name AND is_one_day AS same_day
) AS told
WHERE one.voided_at IS NULL AND (same_number OR same_birth);

GRANT SELECT ON person_duplicates TO lachan_service;

-- `person` is the file that makes way, `kept` the one that stays.
CREATE TABLE merges (
	id uuid PRIMARY KEY,
	person uuid NOT NULL REFERENCES people,
	kept uuid NOT NULL REFERENCES people,
	unit text NOT NULL REFERENCES units,
	reason text NOT NULL,
	status text NOT NULL DEFAULT 'merged' CHECK (status IN ('merged', 'undone')),
	undo_reason text,
	undone_at timestamptz,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT merges__kept__not_to_oneself CHECK (kept <> person),
	CONSTRAINT merges__undo_reason__required_when CHECK ((status = 'undone') = (undo_reason IS NOT NULL))
);

CREATE UNIQUE INDEX merges__person__duplicate ON merges (person) WHERE status = 'merged' AND voided_at IS NULL;
CREATE INDEX merges_kept ON merges (kept, id);
CREATE INDEX merges_unit ON merges (unit, id);
CREATE INDEX merges_updated_at ON merges (updated_at, id);

-- What was done for the one and counts for the other meanwhile.
CREATE TABLE merge_items (
	merge uuid NOT NULL REFERENCES merges,
	of_table text NOT NULL,
	record uuid NOT NULL,
	PRIMARY KEY (merge, of_table, record)
);

-- Both files must be the caller's to change: in its territory, and neither restricted nor on its way.
CREATE FUNCTION merge_check_file(of_person uuid, pointer text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
	held_in text;
BEGIN
	SELECT unit INTO held_in
	FROM people
	WHERE id = of_person
		AND voided_at IS NULL
		AND (caller_everywhere() OR unit = ANY (caller_units()));
	IF NOT FOUND THEN
		PERFORM refuse('LC422', 'no_such_record', pointer);
	END IF;
	PERFORM file_check(of_person, false);
	RETURN held_in;
END
$$;

CREATE FUNCTION merges_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		PERFORM merge_check_file(NEW.person, '/person');
		NEW.unit := merge_check_file(NEW.kept, '/kept');
		NEW.status := 'merged';
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

CREATE TRIGGER merges_check
BEFORE INSERT OR UPDATE ON merges
FOR EACH ROW WHEN (current_user = 'lachan_service')
EXECUTE FUNCTION merges_check();

-- What is done for one person hangs on the other then, or again on itself.
CREATE FUNCTION merge_hang(of_merge uuid, from_person uuid, to_person uuid) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	of_table text;
BEGIN
	FOREACH of_table IN ARRAY '{interventions,person_violations,crime_participants}'::text[]
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

CREATE FUNCTION merges_do() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		INSERT INTO merge_items
		SELECT NEW.id, 'interventions', id FROM interventions
		WHERE person = NEW.person AND voided_at IS NULL
		UNION ALL
		SELECT NEW.id, 'person_violations', id FROM person_violations
		WHERE person = NEW.person AND voided_at IS NULL
		UNION ALL
		SELECT NEW.id, 'crime_participants', id FROM crime_participants
		WHERE person = NEW.person AND voided_at IS NULL;
		PERFORM merge_hang(NEW.id, NEW.person, NEW.kept);
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
	END IF;
	RETURN NULL;
END
$$;

CREATE TRIGGER merges_do
AFTER INSERT ON merges
FOR EACH ROW EXECUTE FUNCTION merges_do();
CREATE TRIGGER merges_undo
AFTER UPDATE OF status ON merges
FOR EACH ROW WHEN (OLD.status = 'merged' AND NEW.status = 'undone')
EXECUTE FUNCTION merges_do();

REVOKE ALL ON FUNCTION merge_hang, merges_do FROM PUBLIC;
