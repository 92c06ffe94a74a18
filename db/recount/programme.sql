-- The Youth Union and the key communes: II.3.

-- II.3.a: organisations that launched a movement.
CREATE OR REPLACE FUNCTION recount_movements(windows indicator_window[], today date) RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	SELECT 'II.3.a:share', place, one.id, unit, NULL::text, NULL::text, NULL::text, '{}'::text[], EXISTS (
			SELECT
			FROM campaigns
			WHERE union_organization = one.id
				AND kind = 'movement'
				AND status IN ('running', 'held')
				AND starts_on BETWEEN from_day AND to_day
				AND voided_at IS NULL
		)::integer, 1
	FROM unnest(windows)
	JOIN union_organizations AS one
		ON active_from <= to_day AND (active_to IS NULL OR active_to >= from_day)
	WHERE voided_at IS NULL
$$;

-- The communes that are key on a day of the window, each once, under the last decision.
CREATE OR REPLACE FUNCTION recount_key_communes(windows indicator_window[])
RETURNS TABLE (place integer, from_day date, to_day date, decision uuid, unit text)
LANGUAGE sql STABLE
AS $$
	SELECT DISTINCT ON (place, unit) place, from_day, to_day, key_communes.id, unit
	FROM unnest(windows)
	JOIN key_communes ON valid_from <= to_day AND (valid_to IS NULL OR valid_to >= from_day)
	WHERE voided_at IS NULL
	ORDER BY place, unit, valid_from DESC
$$;

-- II.3.b: those where the Youth Union runs a model.
CREATE OR REPLACE FUNCTION recount_models(windows indicator_window[], today date) RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	SELECT 'II.3.b:share', place, decision, unit, NULL::text, NULL::text, NULL::text, '{}'::text[], EXISTS (
			SELECT
			FROM models
			WHERE models.unit = key.unit
				AND union_organization IS NOT NULL
				AND status IN ('active', 'replicated', 'retired')
				AND started_on <= to_day
				AND (ended_on IS NULL OR ended_on >= from_day)
				AND voided_at IS NULL
		)::integer, 1
	FROM recount_key_communes(windows) AS key
$$;

-- II.3.c: people with a job that both confirmed and that lasted; II.3.d: the communes that had somebody
-- to help, and whether somebody was.
CREATE OR REPLACE FUNCTION recount_jobs(windows indicator_window[], today date) RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	WITH jobs AS (
		SELECT place, coalesce(successor, key) AS unit, count(DISTINCT person)::integer AS people
		FROM unnest(windows)
		JOIN interventions ON kind = 'employment' AND starts_on <= to_day
			AND (job_until IS NULL OR job_until >= from_day)
			AND (starts_on + make_interval(months => (SELECT indicator_parameter('job_months'))))::date
				<= least(job_until, to_day, today)
			AND greatest(confirmed_by_union_on, confirmed_by_police_on) <= least(to_day, today)
		JOIN recount_returning(windows, today) AS eligible USING (place, person)
		JOIN units ON key = eligible.unit
		WHERE status IN ('in_progress', 'completed')
			AND num_nulls(confirmed_by_union_on, confirmed_by_police_on) = 0
			AND voided_at IS NULL
		GROUP BY 1, 2
	), helped AS (
		SELECT place, coalesce(successor, key) AS unit, count(DISTINCT person)::integer AS people
		FROM recount_returning(windows, today) AS eligible
		JOIN units ON key = eligible.unit
		GROUP BY 1, 2
	)
	SELECT measure, place, decision, unit, NULL::text, NULL::text, NULL::text, '{}'::text[], numerator,
		denominator
	FROM recount_key_communes(windows)
	LEFT JOIN jobs USING (place, unit)
	LEFT JOIN helped USING (place, unit)
	CROSS JOIN LATERAL (VALUES
		('II.3.c:count', jobs.people, jobs.people),
		('II.3.d:share', (jobs.people IS NOT NULL)::integer, (helped.people IS NOT NULL)::integer)
	) AS measures (measure, numerator, denominator)
	WHERE denominator > 0
$$;

REVOKE ALL ON FUNCTION recount_movements, recount_key_communes, recount_models, recount_jobs FROM PUBLIC;
