-- Figures are the same for everybody who may ask, so what counts runs as the owner, past the row
-- policies; what it gives away are counts, and ids only of records that the caller sees itself.

-- What an indicator says of one subject (person, crime, institution) in one window.  Each file in
-- db/indicators/ makes one function, again whenever the file changes:
--   indicator_ii_1_a(from_day date, to_day date, youth_max_age integer, definition text)
--   RETURNS SETOF indicator_subject
CREATE TYPE indicator_subject AS (
	subject uuid,
	unit text,	 -- the commune of then
	sex text,
	age integer,	 -- on the day that decides
	counted boolean, -- in the numerator
	excluded text,	 -- why it is in neither; NULL: it is in the denominator
	missing text[]	 -- what it lacks to be counted
);

CREATE FUNCTION indicator_function(of_code text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN 'indicator_' || lower(translate(of_code, '.', '_'));

CREATE FUNCTION age_band(age integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE
	WHEN age < 12 THEN '<12'
	WHEN age < 14 THEN '12-13'
	WHEN age < 16 THEN '14-15'
	WHEN age < 18 THEN '16-17'
	WHEN age < 25 THEN '18-24'
	WHEN age <= 30 THEN '25-30'
	ELSE '31+'
END;

-- The unit at a level that stands for a commune on a map; NULL when it lies in several.  On the map
-- of 2024 a commune of today is all the communes it was made of.
CREATE FUNCTION unit_on_map(commune text, at_level text, on_map text) RETURNS text
LANGUAGE sql STABLE
AS $$
	WITH standing AS (
		SELECT CASE
			WHEN on_map = 'current' AND valid_to IS NOT NULL THEN successor
			ELSE key
		END AS key
		FROM units
		WHERE key = commune AND NOT (on_map = '2024' AND generation = '2025')
		UNION
		SELECT unit
		FROM unit_successors
		JOIN units ON units.key = unit_successors.successor AND generation = '2025'
		WHERE unit_successors.successor = commune AND on_map = '2024'
	), found AS (
		SELECT DISTINCT CASE at_level WHEN 'commune' THEN key ELSE parent END AS key
		FROM standing
		JOIN units USING (key)
	)
	SELECT min(units.key)
	FROM found
	JOIN units USING (key)
	WHERE level = at_level
	HAVING count(*) = 1 AND (SELECT count(*) FROM found) = 1
$$;

-- Every commune, of any time, that lies in a unit, and the unit it is stated at: the unit asked for
-- when the level is its own, else what stands for the commune on the map, else the commune itself.
CREATE FUNCTION indicator_places(of_unit text, at_level text, on_map text, plan_only boolean)
RETURNS TABLE (commune text, stated text)
LANGUAGE sql STABLE
AS $$
	WITH RECURSIVE inside AS (
		SELECT key FROM units WHERE key = of_unit
		UNION
		SELECT below.key
		FROM inside
		CROSS JOIN LATERAL (
			SELECT key FROM units WHERE parent = inside.key
			UNION ALL
			SELECT key FROM units WHERE successor = inside.key
		) AS below
	), territory AS (
		SELECT key FROM inside
		UNION
		-- A new unit made of nothing but these.
		SELECT steps.successor
		FROM unit_successors AS steps
		JOIN units ON units.key = steps.successor AND units.valid_from = steps.effective_on
		GROUP BY steps.successor
		HAVING bool_and(steps.unit IN (SELECT key FROM inside))
	)
	SELECT communes.key, coalesce(territory.key, communes.key)
	FROM (
		SELECT units.key, CASE own.level
			WHEN at_level THEN own.key
			ELSE unit_on_map(units.key, at_level, on_map)
		END AS standing
		FROM territory
		JOIN units USING (key)
		JOIN units AS own ON own.key = of_unit
		WHERE units.level = 'commune' AND (units.in_plan OR NOT plan_only)
	) AS communes
	LEFT JOIN territory ON territory.key = standing
$$;

-- Numerator and denominator for each window, unit and dimension.  Units of the map are there with
-- zeros, others only with something in them.  `place` counts the windows from 1; `has_input` tells
-- whether anything was counted in that window, in any unit.  at_level NULL: the unit itself.
CREATE FUNCTION indicator_cells(of_code text, youth_max_age integer, starts date[], ends date[],
	definitions text[], of_unit text, at_level text, on_map text, plan_only boolean,
	by_sex boolean, by_age boolean)
RETURNS TABLE (place bigint, unit text, unit_name text, level text, sex text, age_band text,
	numerator bigint, denominator bigint, has_input boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF caller_user() IS NULL THEN
		RETURN;
	END IF;
	at_level := coalesce(at_level, (SELECT units.level FROM units WHERE key = of_unit));
	RETURN QUERY EXECUTE format($query$
		WITH windows AS (
			SELECT *
			FROM unnest($1, $2, $3) WITH ORDINALITY AS w (from_day, to_day, definition, place)
		), subjects AS MATERIALIZED (
			SELECT place, unit, sex, age, counted, excluded
			FROM windows, %I(from_day, to_day, $4, definition) AS found
		), inputs AS (
			SELECT DISTINCT place FROM subjects WHERE counted
		), places AS MATERIALIZED (
			SELECT * FROM indicator_places($5, $6, $7, $8)
		), counts AS (
			SELECT place, stated,
				CASE WHEN $9 THEN sex END AS sex,
				CASE WHEN $10 THEN age_band(age) END AS age_band,
				count(*) FILTER (WHERE counted) AS numerator,
				count(*) AS denominator
			FROM subjects
			JOIN places ON commune = unit
			WHERE excluded IS NULL
			GROUP BY 1, 2, 3, 4
		), zeros AS (
			SELECT place, stated, sex, age_band, 0, 0
			FROM windows
			CROSS JOIN (SELECT DISTINCT stated FROM places) AS once
			JOIN units ON key = stated
			CROSS JOIN unnest(CASE WHEN $9 THEN '{female,male,unknown}' ELSE '{NULL}'::text[] END)
				AS sex
			CROSS JOIN unnest(CASE
				WHEN $10 THEN '{<12,12-13,14-15,16-17,18-24,25-30}'
				ELSE '{NULL}'::text[]
			END) AS age_band
			WHERE stated = $5 OR level = $6 AND CASE $7
				WHEN 'current' THEN valid_to IS NULL
				WHEN '2024' THEN generation <> '2025'
				ELSE to_day BETWEEN coalesce(valid_from, '-infinity')
					AND coalesce(valid_to, 'infinity')
			END
		)
		SELECT place, stated, name, level, sex, age_band, sum(numerator)::bigint,
			sum(denominator)::bigint,
			bool_or(cells.place IN (SELECT place FROM inputs))
		FROM (SELECT * FROM counts UNION ALL SELECT * FROM zeros) AS cells
		JOIN units ON key = stated
		GROUP BY place, stated, name, level, sex, age_band
	$query$, indicator_function(of_code))
	USING starts, ends, definitions, youth_max_age, of_unit, at_level, on_map, plan_only, by_sex,
		by_age;
END
$$;

-- All subjects of one window in one unit, for the two functions below alone.
CREATE FUNCTION indicator_subjects(of_code text, youth_max_age integer, from_day date, to_day date,
	definition text, of_unit text, plan_only boolean)
RETURNS SETOF indicator_subject
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	RETURN QUERY EXECUTE format($query$
		SELECT found.*
		FROM %I($1, $2, $3, $4) AS found
		JOIN indicator_places($5, (SELECT level FROM units WHERE key = $5), 'current', $6)
			ON commune = found.unit
	$query$, indicator_function(of_code))
	USING from_day, to_day, youth_max_age, definition, of_unit, plan_only;
END
$$;

-- How many are left out, and how many lack what, by reason.
CREATE FUNCTION indicator_reasons(of_code text, youth_max_age integer, from_day date, to_day date,
	definition text, of_unit text, plan_only boolean)
RETURNS TABLE (is_excluded boolean, reason text, subjects bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT excluded IS NOT NULL, reason, count(*)
	FROM indicator_subjects(of_code, youth_max_age, from_day, to_day, definition, of_unit, plan_only)
	CROSS JOIN unnest(CASE WHEN excluded IS NULL THEN missing ELSE ARRAY[excluded] END) AS reason
	WHERE caller_user() IS NOT NULL
	GROUP BY 1, 2
	ORDER BY 1, 2
$$;

-- Those of the ids that the caller sees; runs with the rights of lachan_reader, for which the row
-- policies hold.
CREATE FUNCTION visible_subjects(kind text, ids uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT id FROM people WHERE kind = 'people' AND id = ANY (ids)
	UNION ALL
	SELECT id FROM crimes WHERE kind = 'crimes' AND id = ANY (ids)
	UNION ALL
	SELECT id FROM institutions WHERE kind = 'institutions' AND id = ANY (ids)
$$;

-- Who is counted and who is missing, as far as the caller sees them; the missing come first.  It is
-- in the audit like any other list of records.
CREATE FUNCTION indicator_list(of_code text, youth_max_age integer, from_day date, to_day date,
	definition text, of_unit text, plan_only boolean, kind text, most integer)
RETURNS TABLE (subject uuid, counted boolean, missing text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	wanted indicator_subject[];
	seen uuid[];
BEGIN
	IF caller_user() IS NULL THEN
		RETURN;
	END IF;
	wanted := ARRAY(
		SELECT one
		FROM indicator_subjects(of_code, youth_max_age, from_day, to_day, definition, of_unit,
			plan_only) AS one
		WHERE excluded IS NULL
	);
	seen := ARRAY(
		SELECT visible
		FROM visible_subjects(kind, ARRAY(SELECT w.subject FROM unnest(wanted) AS w)) AS visible
		JOIN unnest(wanted) AS w ON w.subject = visible
		ORDER BY w.counted, visible
		LIMIT most
	);
	IF kind <> 'institutions' AND cardinality(seen) > 0 THEN
		INSERT INTO audit (action, resource, records, fields)
		VALUES ('explain', kind, seen, '{case}');
	END IF;
	RETURN QUERY
	SELECT w.subject, w.counted, array_to_string(w.missing, ',')
	FROM unnest(wanted) AS w
	WHERE w.subject = ANY (seen)
	ORDER BY w.counted, w.subject;
END
$$;

ALTER FUNCTION visible_subjects OWNER TO lachan_reader;
GRANT SELECT ON people, crimes, institutions TO lachan_reader;

REVOKE ALL ON FUNCTION indicator_cells, indicator_subjects, indicator_reasons, visible_subjects,
	indicator_list
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION visible_subjects TO lachan_owner;
GRANT EXECUTE ON FUNCTION indicator_cells, indicator_reasons, indicator_list TO lachan_service;
