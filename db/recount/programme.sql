-- The Youth Union and the key communes: II.3.

-- II.3.a: organisations that launched a movement.
CREATE OR REPLACE FUNCTION recount_movements(windows indicator_window[], today date) RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	SELECT 'II.3.a:share', place, one.id, coalesce(stood, unit), NULL::text, NULL::text, NULL::text, '{}'::text[], EXISTS (
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
	LEFT JOIN (SELECT place, record AS id, stood FROM recount_stood(windows) WHERE kind = 'union_organizations') AS before
		USING (place, id)
	WHERE voided_at IS NULL
$$;

-- The commune that a unit is, or is a part of, at the end of each window: a commune of before a reform
-- stands for itself in a window that ended before it.
CREATE OR REPLACE FUNCTION recount_communes(windows indicator_window[], today date)
RETURNS TABLE (place integer, unit text, commune text)
LANGUAGE sql STABLE
AS $$
	WITH RECURSIVE steps AS (
		SELECT place, least(to_day, today) AS day, key AS unit, key AS commune, 0 AS number
		FROM unnest(windows)
		CROSS JOIN units
		UNION ALL
		SELECT place, day, steps.unit, successor, number + 1
		FROM steps
		JOIN unit_successors AS step ON step.unit = commune AND extent = 'full' AND effective_on <= day
	)
	SELECT DISTINCT ON (place, unit) place, unit, commune
	FROM steps
	ORDER BY place, unit, number DESC
$$;

-- The communes that are key on a day of the window, each once, under its last decision.
CREATE OR REPLACE FUNCTION recount_key_communes(windows indicator_window[], today date)
RETURNS TABLE (place integer, from_day date, to_day date, decision uuid, unit text, commune text)
LANGUAGE sql STABLE
AS $$
	SELECT DISTINCT ON (place, commune) place, from_day, to_day, key_communes.id, unit, commune
	FROM unnest(windows)
	JOIN key_communes ON valid_from <= to_day AND (valid_to IS NULL OR valid_to >= from_day)
	JOIN recount_communes(windows, today) USING (place, unit)
	WHERE voided_at IS NULL
	ORDER BY place, commune, valid_from DESC, key_communes.id DESC
$$;

-- II.3.b: those where the Youth Union runs a model.  A reform took models to another commune that were
-- in this one in a window before it.
CREATE OR REPLACE FUNCTION recount_models(windows indicator_window[], today date) RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	WITH run AS (
		SELECT DISTINCT place, commune
		FROM unnest(windows)
		JOIN models ON started_on <= to_day AND (ended_on IS NULL OR ended_on >= from_day)
		LEFT JOIN (SELECT place, record AS id, stood FROM recount_stood(windows) WHERE kind = 'models') AS before
			USING (place, id)
		JOIN recount_communes(windows, today) AS stands USING (place)
		WHERE stands.unit = coalesce(stood, models.unit)
			AND union_organization IS NOT NULL
			AND status IN ('active', 'replicated', 'retired')
			AND voided_at IS NULL
	)
	SELECT 'II.3.b:share', place, decision, unit, NULL::text, NULL::text, NULL::text, '{}'::text[],
		(run.commune IS NOT NULL)::integer, 1
	FROM recount_key_communes(windows, today)
	LEFT JOIN run USING (place, commune)
$$;

-- Of the communes that had somebody to help, II.3.c: people who have a job, or had one after they returned,
-- that both confirmed while it was theirs and that lasted; II.3.d: whether anybody has.
CREATE OR REPLACE FUNCTION recount_jobs(windows indicator_window[], today date) RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	WITH working AS (
		SELECT place, person, max(coalesce(job_until, 'infinity')) AS last_day
		FROM unnest(windows)
		JOIN interventions ON starts_on <= to_day AND (job_until IS NULL OR job_until >= from_day)
		WHERE kind = 'employment'
			AND status IN ('in_progress', 'completed')
			AND starts_on + make_interval(months => (SELECT indicator_parameter('job_months')), days => -1)
				<= least(to_day, today, job_until)
			AND confirmed_by_union_on <= least(to_day, today)
			AND confirmed_by_police_on <= least(to_day, today)
			AND least(confirmed_by_union_on, confirmed_by_police_on) >= starts_on
			AND voided_at IS NULL
		GROUP BY 1, 2
	), helped AS (
		SELECT place, commune, count(*)::integer AS people,
			count(*) FILTER (WHERE last_day >= since)::integer AS employed
		FROM recount_returning(windows, today)
		JOIN recount_communes(windows, today) USING (place, unit)
		LEFT JOIN working USING (place, person)
		GROUP BY 1, 2
	)
	SELECT measure, place, decision, unit, NULL::text, NULL::text, NULL::text, '{}'::text[], numerator, 1
	FROM recount_key_communes(windows, today)
	JOIN helped USING (place, commune)
	CROSS JOIN LATERAL (VALUES
		('II.3.c:count', employed), ('II.3.d:share', (employed > 0)::integer)
	) AS measures (measure, numerator)
$$;

REVOKE ALL ON FUNCTION recount_movements, recount_communes, recount_key_communes, recount_models, recount_jobs
FROM PUBLIC;
