-- What a service or a violation can change is known by its kind and its days: only that is computed anew.

-- family NULL: all of the kind's; from_day, to_day NULL: all days before, or after.
ALTER TABLE contribution_queue
	ADD COLUMN family text,
	ADD COLUMN from_day date,
	ADD COLUMN to_day date;

-- The family that counts a service; NULL: none does.
CREATE FUNCTION family_of_intervention(kind text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE
	WHEN kind IN ('counselling', 'behaviour_education', 'screening', 'assessment', 'treatment',
		'substitution', 'rehab') THEN 'services'
	WHEN kind IN ('vocational_training', 'employment', 'loan', 'mentoring', 'community_support')
		THEN 'reintegration'
END;

CREATE FUNCTION contribution_note_part() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF TG_TABLE_NAME = 'interventions' THEN
		INSERT INTO contribution_queue (kind, subject, family, from_day, to_day)
		SELECT 'people', person, family_of_intervention(kind), starts_on, ends_on
		FROM changed
		WHERE family_of_intervention(kind) IS NOT NULL;
	ELSE
		INSERT INTO contribution_queue (kind, subject, family, from_day, to_day)
		SELECT 'people', person, 'offenders', violated_on, violated_on FROM changed;
	END IF;
	RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION contribution_note_part FROM PUBLIC;

DROP TRIGGER contributions_people_person_insert ON interventions;
DROP TRIGGER contributions_people_person_update ON interventions;
DROP TRIGGER contributions_people_person_insert ON person_violations;
DROP TRIGGER contributions_people_person_update ON person_violations;

CREATE TRIGGER contributions_insert AFTER INSERT ON interventions
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION contribution_note_part();
CREATE TRIGGER contributions_update AFTER UPDATE ON interventions
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION contribution_note_part();
CREATE TRIGGER contributions_before AFTER UPDATE ON interventions
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION contribution_note_part();
CREATE TRIGGER contributions_insert AFTER INSERT ON person_violations
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION contribution_note_part();
CREATE TRIGGER contributions_update AFTER UPDATE ON person_violations
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION contribution_note_part();
CREATE TRIGGER contributions_before AFTER UPDATE ON person_violations
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION contribution_note_part();

-- Of each family the subjects that were noted, in the windows that any of their notes reaches.
CREATE OR REPLACE FUNCTION figures_refresh(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	state indicator_state;
	notes contribution_queue[];
	part record;
	people uuid[];
	has_changed boolean;
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtextextended('lachan figures', 0)) THEN
		RETURN 0;
	END IF;
	SELECT * INTO state FROM indicator_state;
	IF NOT state.is_ready THEN
		RETURN NULL;
	ELSIF state.day < today() THEN
		PERFORM figures_pass_days();
	END IF;
	WITH taken AS (
		DELETE FROM contribution_queue
		WHERE ctid = ANY (ARRAY(SELECT ctid FROM contribution_queue LIMIT most))
		RETURNING contribution_queue
	)
	SELECT coalesce(array_agg(contribution_queue), '{}') INTO notes FROM taken;
	has_changed := EXISTS (SELECT FROM unnest(notes) WHERE kind = 'baselines');
	FOR part IN
		SELECT name AS family, array_agg(DISTINCT subject) AS subjects, ARRAY(
			SELECT (place, begun, over)::indicator_window
			FROM indicator_windows AS ready (place, period, begun, over)
			WHERE begun <= max(coalesce(to_day, 'infinity'))
				AND over >= min(coalesce(from_day, '-infinity'))
			ORDER BY place
		) AS windows
		FROM unnest(notes) AS note
		JOIN indicator_families ON indicator_families.kind = note.kind
			AND (family IS NULL OR family = name)
		GROUP BY name
		ORDER BY name
	LOOP
		has_changed := contributions_update(part.family, part.subjects, part.windows) OR has_changed;
	END LOOP;
	-- Whom a commune may help, and who holds a job, is counted for the commune as well.
	people := ARRAY(
		SELECT DISTINCT subject
		FROM unnest(notes)
		WHERE kind = 'people' AND (family IS NULL OR family = 'reintegration')
	);
	IF people <> '{}' THEN
		PERFORM clock_set(people);
		INSERT INTO contribution_queue
		SELECT 'key_communes', id
		FROM key_communes
		WHERE EXISTS (
			SELECT FROM person_statuses
			WHERE person = ANY (people) AND status IN ('post_rehab', 'released')
		);
	END IF;
	IF has_changed THEN
		UPDATE indicator_state SET data_version = data_version + 1;
	END IF;
	RETURN cardinality(notes);
END
$$;

-- A sum that changes stays where it is: no index is about the sums, and pages have room.
DROP INDEX cells_empty;
DROP INDEX unit_cells_empty;
ALTER TABLE cells SET (fillfactor = 70);
ALTER TABLE unit_cells SET (fillfactor = 50);

-- Adds these to the cells: `removed` away, `added` in.  One that comes to nothing goes.
CREATE OR REPLACE FUNCTION cells_add(removed contribution[], added contribution[]) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	empty tid[];
BEGIN
	WITH told AS (
		INSERT INTO cells AS kept (measure, place, unit, sex, age_band, ethnicity, tag, numerator,
			denominator)
		SELECT measure, place, unit, sex, age_band(age), ethnicity, tag, sum(sign * part.numerator),
			sum(sign * part.denominator)
		FROM (
			SELECT -1 AS sign, * FROM unnest(removed)
			UNION ALL
			SELECT 1, * FROM unnest(added)
		) AS changed
		CROSS JOIN LATERAL contribution_parts(denominators, numerators, denominator_weight,
			numerator_weight, tags) AS part
		WHERE excluded IS NULL
		GROUP BY 1, 2, 3, 4, 5, 6, 7
		HAVING sum(sign * part.numerator) <> 0 OR sum(sign * part.denominator) <> 0
		ON CONFLICT (measure, place, unit, sex, age_band, ethnicity, tag) DO UPDATE
		SET numerator = kept.numerator + excluded.numerator,
			denominator = kept.denominator + excluded.denominator
		RETURNING kept.ctid AS stands, kept.numerator, kept.denominator
	)
	SELECT array_agg(stands) INTO empty FROM told WHERE numerator = 0 AND denominator = 0;
	DELETE FROM cells WHERE ctid = ANY (empty);

	WITH told AS (
		INSERT INTO unit_cells AS kept (measure, place, unit, numerator, denominator)
		SELECT measure, place, unit, sum(sign * part.numerator), sum(sign * part.denominator)
		FROM (
			SELECT -1 AS sign, * FROM unnest(removed)
			UNION ALL
			SELECT 1, * FROM unnest(added)
		) AS changed
		CROSS JOIN LATERAL contribution_parts(denominators, numerators, denominator_weight,
			numerator_weight, NULL) AS part
		WHERE excluded IS NULL
		GROUP BY 1, 2, 3
		HAVING sum(sign * part.numerator) <> 0 OR sum(sign * part.denominator) <> 0
		ON CONFLICT (measure, place, unit) DO UPDATE
		SET numerator = kept.numerator + excluded.numerator,
			denominator = kept.denominator + excluded.denominator
		RETURNING kept.ctid AS stands, kept.numerator, kept.denominator
	)
	SELECT array_agg(stands) INTO empty FROM told WHERE numerator = 0 AND denominator = 0;
	DELETE FROM unit_cells WHERE ctid = ANY (empty);
END
$$;
