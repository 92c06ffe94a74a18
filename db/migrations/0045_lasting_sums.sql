-- A service that somebody had already adds nothing to any figure: that is seen of what is kept, before
-- anything is computed anew.

-- Both are part of the statement that calls them, not functions that are planned anew for each: no STRICT,
-- nothing that depends on a time zone.
CREATE OR REPLACE FUNCTION age_on(born date, day date) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN date_part('year', age(day::timestamp, born::timestamp))::integer;

CREATE OR REPLACE FUNCTION age_band(age integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
	WHEN age < 12 THEN '<12'
	WHEN age < 14 THEN '12-13'
	WHEN age < 16 THEN '14-15'
	WHEN age < 18 THEN '16-17'
	WHEN age < 25 THEN '18-24'
	WHEN age <= 30 THEN '25-30'
	WHEN age > 30 THEN '31+'
END;

CREATE OR REPLACE FUNCTION family_of_intervention(kind text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
	WHEN kind IN ('counselling', 'behaviour_education', 'screening', 'assessment', 'treatment',
		'substitution', 'rehab') THEN 'services'
	WHEN kind IN ('vocational_training', 'employment', 'loan', 'mentoring', 'community_support')
		THEN 'reintegration'
END;

-- adds: the one tag that can come by what was noted, and nothing can go; NULL: anything may have changed.
ALTER TABLE contribution_queue ADD COLUMN adds text;

CREATE OR REPLACE FUNCTION contribution_note_part() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF TG_TABLE_NAME = 'interventions' THEN
		INSERT INTO contribution_queue (kind, subject, family, from_day, to_day, adds)
		SELECT 'people', person, family_of_intervention(kind), starts_on, ends_on,
			CASE WHEN TG_OP = 'INSERT' AND family_of_intervention(kind) = 'services' THEN 'kind:' || kind END
		FROM changed
		WHERE family_of_intervention(kind) IS NOT NULL;
	ELSE
		INSERT INTO contribution_queue (kind, subject, family, from_day, to_day)
		SELECT 'people', person, 'offenders', violated_on, violated_on FROM changed;
	END IF;
	RETURN NULL;
END
$$;

-- Planned for these people: a plan for whoever may be asked for goes through every job there is.
CREATE OR REPLACE FUNCTION clock_set(subjects uuid[]) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	DELETE FROM contribution_clock WHERE subject = ANY (subjects);
	EXECUTE 'INSERT INTO contribution_clock SELECT person, next_on FROM people_next_on($1, today())'
	USING subjects;
END
$$;

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
	ELSIF state.day = today() + 1 THEN -- it began before midnight, and another has passed the day since
		RETURN 0;
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
		-- Whoever is not counted in a window is not because of a service.
		WHERE adds IS NULL OR EXISTS (
			SELECT
			FROM contributions AS kept
			JOIN indicator_windows AS ready (place, period, begun, over) ON ready.place = kept.place
			WHERE kept.subject = note.subject
				AND kept.family = name
				AND begun <= coalesce(to_day, 'infinity')
				AND over >= coalesce(from_day, '-infinity')
				AND excluded IS NULL
				AND adds <> ALL (tags)
		)
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

-- A kind of service is a share of everybody, who is counted by the row without a tag: by a row of the kind
-- stands who is in the numerator, or there is none.
CREATE OR REPLACE FUNCTION contribution_parts(denominators text[], numerators text[],
	denominator_weight integer, numerator_weight integer, tags text[])
RETURNS TABLE (measure text, tag text, numerator integer, denominator integer)
LANGUAGE sql IMMUTABLE
AS $$
	SELECT measure, tag,
		CASE WHEN is_counted THEN coalesce(numerator_weight, 1) ELSE 0 END,
		CASE WHEN measure = ANY (denominators) AND NOT is_kind THEN coalesce(denominator_weight, 1) ELSE 0 END
	FROM unnest(CASE
		WHEN numerators <@ denominators THEN denominators
		ELSE ARRAY(SELECT unnest(denominators) UNION SELECT unnest(numerators))
	END) AS measure
	CROSS JOIN unnest(array_prepend(NULL, tags)) AS tag
	CROSS JOIN LATERAL (
		SELECT coalesce(measure = ANY (numerators), false) AS is_counted,
			coalesce(starts_with(tag, 'kind:'), false) AS is_kind
	) AS told
	WHERE is_counted OR NOT is_kind
$$;

-- As before (0014), but that each kind of service that anybody is counted by is a share of everybody
-- wherever anybody is: also where nobody had it, which is no row of the sums.
CREATE OR REPLACE FUNCTION indicator_cells(of_family text, measures text[], starts date[], ends date[],
	of_unit text, at_level text, on_map text, plan_only boolean, breakdown text[])
RETURNS TABLE (place bigint, unit text, unit_name text, level text, sex text, age_band text,
	ethnicity text, tag text, numerator bigint, denominator bigint, has_input boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	places integer[] := places_ready(starts, ends);
	lacking indicator_window[] := ARRAY(
		SELECT (number, from_day, to_day)::indicator_window
		FROM unnest(starts, ends, places) WITH ORDINALITY AS asked (from_day, to_day, ready, number)
		WHERE ready IS NULL
	);
	tag_class text := (SELECT b FROM unnest(breakdown) AS b WHERE b NOT IN ('sex', 'age_band', 'ethnicity'));
	source text;
	is_known boolean := EXISTS (SELECT FROM indicator_families WHERE name = of_family);
BEGIN
	IF caller_user() IS NULL THEN
		RETURN;
	END IF;
	at_level := coalesce(at_level, (SELECT units.level FROM units WHERE key = of_unit));
	source := CASE
		WHEN breakdown = '{}' THEN 'SELECT number, kept.unit, NULL::text AS sex, NULL::text AS age_band,
				NULL::text AS ethnicity, NULL::text AS tag, kept.numerator, kept.denominator
			FROM asked
			JOIN unit_cells AS kept ON kept.measure = asked.measure AND kept.place = asked.ready'
		ELSE 'SELECT number, kept.unit, kept.sex, kept.age_band, kept.ethnicity, kept.tag,
				kept.numerator, kept.denominator
			FROM asked
			JOIN cells AS kept ON kept.measure = asked.measure AND kept.place = asked.ready'
	END;
	IF lacking <> '{}' AND is_known THEN
		source := source || format(' UNION ALL SELECT number, found.unit, found.sex,
				age_band(found.age), found.ethnicity, part.tag, part.numerator, part.denominator
			FROM contributions_%s(NULL, $10, today()) AS found
			CROSS JOIN LATERAL contribution_parts(denominators, numerators, denominator_weight,
				numerator_weight, CASE WHEN $9 IS NOT NULL THEN tags END) AS part
			JOIN asked ON asked.number = found.place AND asked.measure = part.measure
			WHERE found.excluded IS NULL', of_family);
	END IF;
	RETURN QUERY EXECUTE format($query$
		WITH asked AS (
			SELECT *
			FROM unnest($1, $2, $3) WITH ORDINALITY AS asked (measure, to_day, ready, number)
		), found AS MATERIALIZED (
			%s
		), inputs AS (
			SELECT DISTINCT number FROM found WHERE found.numerator > 0
		), places AS MATERIALIZED (
			SELECT * FROM indicator_places($4, $5, $6, $7)
		), counts AS (
			SELECT number, stated,
				CASE WHEN 'sex' = ANY ($8) THEN sex END AS sex,
				CASE WHEN 'age_band' = ANY ($8) THEN age_band END AS age_band,
				CASE WHEN 'ethnicity' = ANY ($8) THEN coalesce(ethnicity, '99') END AS ethnicity,
				tag,
				sum(found.numerator) AS numerator,
				sum(found.denominator) AS denominator
			FROM found
			JOIN places ON commune = unit
			WHERE tag IS NULL OR starts_with(tag, $9 || ':')
			GROUP BY 1, 2, 3, 4, 5, 6
		), kinds AS (
			SELECT DISTINCT measure, tag AS kind
			FROM counts
			JOIN asked USING (number)
			WHERE $9 = 'kind' AND tag IS NOT NULL
		), told AS (
			SELECT number, stated, sex, age_band, ethnicity, tag, numerator, denominator
			FROM counts
			WHERE $9 IS DISTINCT FROM 'kind' AND ($9 IS NULL) = (tag IS NULL)
			UNION ALL
			SELECT number, stated, sex, age_band, ethnicity, kind,
				coalesce(sum(numerator) FILTER (WHERE tag = kind), 0),
				max(denominator) FILTER (WHERE tag IS NULL)
			FROM counts
			JOIN asked USING (number)
			JOIN kinds USING (measure)
			GROUP BY 1, 2, 3, 4, 5, 6
		), zeros AS (
			SELECT number, stated, sex, age_band, NULL::text AS ethnicity, NULL::text AS tag,
				0::numeric AS numerator, 0::numeric AS denominator
			FROM asked
			CROSS JOIN (SELECT DISTINCT stated FROM places) AS once
			JOIN units ON key = stated
			CROSS JOIN unnest(CASE
				WHEN 'sex' = ANY ($8) THEN '{female,male,unknown}'
				ELSE '{NULL}'::text[]
			END) AS sex
			CROSS JOIN unnest(CASE
				WHEN 'age_band' = ANY ($8) THEN '{<12,12-13,14-15,16-17,18-24,25-30}'
				ELSE '{NULL}'::text[]
			END) AS age_band
			WHERE $9 IS NULL AND NOT 'ethnicity' = ANY ($8) AND (stated = $4 OR level = $5 AND CASE $6
				WHEN 'current' THEN valid_to IS NULL
				WHEN '2024' THEN generation <> '2025'
				ELSE to_day BETWEEN coalesce(valid_from, '-infinity')
					AND coalesce(valid_to, 'infinity')
			END)
		)
		SELECT number, stated, name, level, sex, age_band, ethnicity, split_part(tag, ':', 2),
			sum(numerator)::bigint, sum(denominator)::bigint,
			CASE WHEN $11 THEN number IN (SELECT number FROM inputs) END
		FROM (
			SELECT * FROM told
			UNION ALL
			SELECT * FROM zeros
		) AS rows
		JOIN units ON key = stated
		GROUP BY number, stated, name, level, sex, age_band, ethnicity, tag
	$query$, source)
	USING measures, ends, places, of_unit, at_level, on_map, plan_only, breakdown, tag_class, lacking, is_known;
END
$$;

-- What changes stays where it is.
CREATE OR REPLACE FUNCTION contributions_update(of_family text, subjects uuid[], windows indicator_window[])
RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
	fresh contribution[];
	stale contribution[];
	removed contribution[];
	added contribution[];
BEGIN
	EXECUTE format('SELECT array_agg(found) FROM contributions_%s($1, $2, today()) AS found', of_family)
	INTO fresh
	USING subjects, windows;
	SELECT array_agg((kept.subject, kept.place, unit, sex, age, ethnicity, tags, denominators,
		numerators, denominator_weight, numerator_weight, excluded, missing)::contribution)
	INTO stale
	FROM contributions AS kept
	JOIN unnest(windows) AS asked USING (place)
	WHERE family = of_family AND subject = ANY (subjects);
	removed := ARRAY(SELECT unnest(stale) EXCEPT SELECT unnest(fresh));
	added := ARRAY(SELECT unnest(fresh) EXCEPT SELECT unnest(stale));
	IF removed = '{}' AND added = '{}' THEN
		RETURN false;
	END IF;
	DELETE FROM contributions AS kept
	USING unnest(removed) AS gone
	WHERE family = of_family
		AND kept.subject = gone.subject
		AND kept.place = gone.place
		AND NOT EXISTS (
			SELECT FROM unnest(added) AS come WHERE come.subject = gone.subject AND come.place = gone.place
		);
	INSERT INTO contributions SELECT of_family, * FROM unnest(added)
	ON CONFLICT (subject, family, place) DO UPDATE
	SET (unit, sex, age, ethnicity, tags, denominators, numerators, denominator_weight, numerator_weight,
			excluded, missing) = (excluded.unit, excluded.sex, excluded.age, excluded.ethnicity,
			excluded.tags, excluded.denominators, excluded.numerators, excluded.denominator_weight,
			excluded.numerator_weight, excluded.excluded, excluded.missing);
	PERFORM cells_add(removed, added);
	RETURN true;
END
$$;

-- What changes together stands together: the rows of a subject, and those of a measure in a commune.
CREATE OR REPLACE FUNCTION figures_fill(windows indicator_window[]) RETURNS TABLE (family text, contributed bigint)
LANGUAGE plpgsql
AS $$
BEGIN
	FOR family IN SELECT name FROM indicator_families ORDER BY name
	LOOP
		EXECUTE format('INSERT INTO contributions SELECT %L, * FROM contributions_%s(NULL, $1, today()) '
			'ORDER BY subject, place', family, family)
		USING windows;
		GET DIAGNOSTICS contributed = ROW_COUNT;
		RETURN NEXT;
	END LOOP;
	INSERT INTO cells (measure, place, unit, sex, age_band, ethnicity, tag, numerator, denominator)
	SELECT measure, contributions.place, unit, sex, age_band(age), ethnicity, tag, sum(part.numerator),
		sum(part.denominator)
	FROM contributions
	JOIN unnest(windows) AS asked USING (place)
	CROSS JOIN LATERAL contribution_parts(denominators, numerators, denominator_weight,
		numerator_weight, tags) AS part
	WHERE excluded IS NULL
	GROUP BY 1, 2, 3, 4, 5, 6, 7
	HAVING sum(part.numerator) <> 0 OR sum(part.denominator) <> 0
	ORDER BY 1, 2, 3, 4, 5, 6, 7;
	INSERT INTO unit_cells (measure, place, unit, numerator, denominator)
	SELECT measure, cells.place, unit, sum(numerator), sum(denominator)
	FROM cells
	JOIN unnest(windows) AS asked USING (place)
	WHERE tag IS NULL
	GROUP BY 1, 2, 3;
END
$$;

ALTER TABLE contributions SET (fillfactor = 90);

DELETE FROM cells WHERE starts_with(tag, 'kind:') AND numerator = 0;
UPDATE cells SET denominator = 0 WHERE starts_with(tag, 'kind:');
CLUSTER cells USING cells_key;
CLUSTER contributions USING contributions_pkey;
