-- Communes that are key by a decision on a day of the window: whether their Youth Union runs an active
-- model in it (II.3.b), how many young people after rehabilitation or prison hold a steady job there
-- (II.3.c), and whether it is one at least where there is anybody to help (II.3.d).

DROP FUNCTION IF EXISTS key_communes_in(indicator_window[]);

-- The commune that a unit is at the end of a window: what a later reform made of it does not matter yet.
CREATE OR REPLACE FUNCTION communes_in(windows indicator_window[], today date)
RETURNS TABLE (place integer, key text, commune text)
LANGUAGE sql STABLE
AS $$
	WITH RECURSIVE followed AS (
		SELECT place, least(to_day, today) AS day, key, key AS commune, '-infinity'::date AS since
		FROM unnest(windows)
		CROSS JOIN units
		WHERE level = 'commune'
		UNION ALL
		SELECT place, day, key, successor, effective_on
		FROM followed
		JOIN unit_successors ON unit = commune AND extent = 'full' AND effective_on <= day
	)
	SELECT DISTINCT ON (place, key) place, key, commune
	FROM followed
	ORDER BY place, key, since DESC
$$;

-- The decision of each commune that holds last in the window.
CREATE OR REPLACE FUNCTION key_communes_in(windows indicator_window[], today date)
RETURNS TABLE (id uuid, place integer, from_day date, to_day date, unit text, commune text)
LANGUAGE sql STABLE
AS $$
	SELECT DISTINCT ON (commune, place) key_communes.id, place, from_day, to_day, unit, commune
	FROM unnest(windows)
	JOIN key_communes ON key_communes.valid_from <= to_day
		AND coalesce(key_communes.valid_to >= from_day, true)
	JOIN communes_in(windows, today) AS stands USING (place)
	WHERE stands.key = unit AND voided_at IS NULL
	ORDER BY commune, place, key_communes.valid_from DESC, key_communes.id DESC
$$;

-- reintegration_files() and contributions_reintegration() are made after this file.
SET LOCAL check_function_bodies = off;

-- Who is to be helped there, and who holds a job that the Youth Union and the police confirmed since it
-- began, that was not over before the return, and that has lasted: its months are over at the end of their
-- last day, also when that is the last of the window.
CREATE OR REPLACE FUNCTION key_commune_people(windows indicator_window[], today date)
RETURNS TABLE (id uuid, place integer, unit text, people integer, employed integer)
LANGUAGE sql STABLE
AS $$
	WITH communes AS MATERIALIZED (
		SELECT * FROM key_communes_in(windows, today)
	), stands AS MATERIALIZED (
		SELECT * FROM communes_in(windows, today)
	), parts AS (
		SELECT DISTINCT key AS unit FROM communes JOIN stands USING (place, commune)
	), near AS (
		SELECT ARRAY(
			SELECT person
			FROM person_statuses
			WHERE status IN ('post_rehab', 'released') AND unit IN (SELECT parts.unit FROM parts)
			UNION
			SELECT person
			FROM person_moves
			WHERE to_unit IN (SELECT parts.unit FROM parts)
		) AS persons
	), eligible AS (
		SELECT helped.subject AS person, helped.place, commune
		FROM near
		CROSS JOIN LATERAL contributions_reintegration(persons, windows, today) AS helped
		JOIN stands ON key = helped.unit AND stands.place = helped.place
		WHERE excluded IS NULL
	)
	SELECT communes.id, communes.place, communes.unit, count(person)::integer,
		(count(person) FILTER (WHERE EXISTS (
			SELECT FROM interventions
			WHERE interventions.person = eligible.person
				AND kind = 'employment'
				AND status IN ('in_progress', 'completed')
				AND voided_at IS NULL
				AND starts_on <= to_day
				AND coalesce(job_until >= from_day, true)
				AND confirmed_by_union_on BETWEEN starts_on AND to_day
				AND confirmed_by_police_on BETWEEN starts_on AND to_day
				AND (starts_on + make_interval(months => (SELECT indicator_parameter('job_months'))))::date
					<= least(job_until, to_day, today) + 1
				AND (job_until IS NULL OR EXISTS (
					SELECT
					FROM reintegration_files(ARRAY[eligible.person],
						ARRAY[(place, from_day, to_day)::indicator_window]) AS file
					WHERE file.starts_on <= job_until AND coalesce(until >= day, true)
				))
		)))::integer
	FROM communes
	LEFT JOIN eligible USING (place, commune)
	GROUP BY communes.id, communes.place, communes.unit
$$;

CREATE OR REPLACE FUNCTION contributions_key_communes(subjects uuid[], windows indicator_window[],
	today date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	WITH stands AS MATERIALIZED (
		SELECT * FROM communes_in(windows, today)
	), run AS (
		-- Before a reform a model was where the reform took it from.
		SELECT DISTINCT place, commune
		FROM unnest(windows)
		JOIN models ON started_on <= to_day AND coalesce(ended_on >= from_day, true)
		JOIN stands USING (place)
		LEFT JOIN LATERAL reform_took('models', models.id, to_day) ON true
		WHERE key = coalesce(from_unit, models.unit)
			AND union_organization IS NOT NULL
			AND status <> 'created'
			AND voided_at IS NULL
	)
	SELECT id, place, unit, NULL::text, NULL::integer, NULL::text, '{}'::text[], '{II.3.b:share}'::text[],
		CASE WHEN has_model THEN '{II.3.b:share}'::text[] ELSE '{}' END,
		1, 1, NULL::text,
		CASE WHEN has_model THEN '{}'::text[] ELSE '{active_model}' END
	FROM key_communes_in(windows, today) AS key_commune
	CROSS JOIN LATERAL (
		SELECT EXISTS (SELECT FROM run WHERE (run.place, run.commune)
			= (key_commune.place, key_commune.commune)) AS has_model
	) AS judged
	WHERE subjects IS NULL OR id = ANY (subjects)
$$;

CREATE OR REPLACE FUNCTION contributions_key_jobs(subjects uuid[], windows indicator_window[], today date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	SELECT id, place, unit, NULL::text, NULL::integer, NULL::text, '{}'::text[],
		CASE WHEN people > 0 THEN '{II.3.c:count}'::text[] ELSE '{}' END,
		CASE WHEN employed > 0 THEN '{II.3.c:count}'::text[] ELSE '{}' END,
		1, employed,
		CASE WHEN people = 0 THEN 'nobody_to_help' END,
		CASE WHEN people > 0 AND employed = 0 THEN '{steady_job}'::text[] ELSE '{}' END
	FROM key_commune_people(windows, today)
	WHERE subjects IS NULL OR id = ANY (subjects)
$$;

CREATE OR REPLACE FUNCTION contributions_key_people(subjects uuid[], windows indicator_window[], today date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	SELECT id, place, unit, NULL::text, NULL::integer, NULL::text, '{}'::text[],
		CASE WHEN people > 0 THEN '{II.3.d:share}'::text[] ELSE '{}' END,
		CASE WHEN employed > 0 THEN '{II.3.d:share}'::text[] ELSE '{}' END,
		1, 1,
		CASE WHEN people = 0 THEN 'nobody_to_help' END,
		CASE WHEN people > 0 AND employed = 0 THEN '{steady_job}'::text[] ELSE '{}' END
	FROM key_commune_people(windows, today)
	WHERE subjects IS NULL OR id = ANY (subjects)
$$;

REVOKE ALL ON FUNCTION communes_in, key_communes_in, key_commune_people, contributions_key_communes,
	contributions_key_jobs, contributions_key_people
FROM PUBLIC;
