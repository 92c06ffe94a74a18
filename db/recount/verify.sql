-- Whether what is kept ready is what the records tell.

CREATE OR REPLACE FUNCTION recount_all(windows indicator_window[], today date) RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	SELECT * FROM recount_stock(windows, today)
	UNION ALL
	SELECT * FROM recount_offenders(windows, today)
	UNION ALL
	SELECT * FROM recount_services(windows, today)
	UNION ALL
	SELECT * FROM recount_reintegration(windows, today)
	UNION ALL
	SELECT * FROM recount_cases(windows, today)
	UNION ALL
	SELECT * FROM recount_hotspots(windows, today)
	UNION ALL
	SELECT * FROM recount_movements(windows, today)
	UNION ALL
	SELECT * FROM recount_models(windows, today)
	UNION ALL
	SELECT * FROM recount_jobs(windows, today)
	UNION ALL
	SELECT * FROM recount_schools(windows, today)
	UNION ALL
	SELECT * FROM recount_staff(windows, today)
$$;

-- What the kept contributions say, in the shape of what is recounted.
CREATE OR REPLACE FUNCTION recount_kept() RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	SELECT measure, place, subject, unit, sex, age_band(age), ethnicity, sorted.tags, numerator,
		denominator
	FROM contributions
	CROSS JOIN LATERAL (SELECT ARRAY(SELECT unnest(tags) ORDER BY 1)) AS sorted (tags)
	CROSS JOIN LATERAL contribution_parts(denominators, numerators, denominator_weight,
		numerator_weight, NULL)
	WHERE excluded IS NULL AND (numerator <> 0 OR denominator <> 0)
$$;

-- Every difference between what is kept and what is recounted, of subjects, cells and units; each row
-- tells how much was compared, and there is one row even when nothing differs.  `what` is NULL then.
CREATE OR REPLACE FUNCTION figures_differences()
RETURNS TABLE (measures bigint, subjects bigint, cells_compared bigint, what text, measure text,
	place integer, subject uuid, unit text, kept text, recounted text)
LANGUAGE sql STABLE
AS $$
	WITH told AS MATERIALIZED (
		SELECT 1 AS is_kept, * FROM recount_kept()
		UNION ALL
		SELECT 0, * FROM recount_all(windows_ready(), today())
	), added AS MATERIALIZED (
		SELECT measure, place, unit, sex, age_band, ethnicity, tag, sum(numerator) AS numerator,
			sum(denominator) AS denominator
		FROM told
		CROSS JOIN unnest(array_prepend(NULL, tags)) AS tag
		WHERE is_kept = 0
		GROUP BY 1, 2, 3, 4, 5, 6, 7
	), compared (what, is_kept, measure, place, subject, unit, sex, age_band, ethnicity, tags, numerator,
		denominator) AS (
		SELECT 'subject', is_kept, measure, place, subject, unit, sex, age_band, ethnicity, tags::text,
			numerator, denominator
		FROM told
		UNION ALL
		SELECT 'cell', 1, measure, place, NULL, unit, sex, age_band, ethnicity, tag, numerator,
			denominator
		FROM cells
		UNION ALL
		SELECT 'cell', 0, measure, place, NULL, unit, sex, age_band, ethnicity, tag, numerator,
			denominator
		FROM added
		UNION ALL
		SELECT 'unit', 1, measure, place, NULL, unit, NULL, NULL, NULL, NULL, numerator, denominator
		FROM unit_cells
		UNION ALL
		SELECT 'unit', 0, measure, place, NULL, unit, NULL, NULL, NULL, NULL, sum(numerator),
			sum(denominator)
		FROM added
		WHERE tag IS NULL
		GROUP BY measure, place, unit
	), differing AS (
		SELECT what, measure, place, subject, unit, sum(is_kept) > 0 AS is_kept,
			concat_ws(' ', sex, age_band, ethnicity, tags, numerator || '/' || denominator) AS told
		FROM compared
		GROUP BY what, measure, place, subject, unit, sex, age_band, ethnicity, tags, numerator,
			denominator
		HAVING sum(is_kept) <> 1 OR count(*) <> 2
	)
	SELECT totals.*, differing.what, differing.measure, differing.place, differing.subject,
		differing.unit, CASE WHEN is_kept THEN told END, CASE WHEN NOT is_kept THEN told END
	FROM (
		SELECT (SELECT count(DISTINCT measure) FROM added),
			(SELECT count(*) FROM (SELECT DISTINCT subject FROM told) AS each),
			(SELECT count(*) FROM added)
	) AS totals
	LEFT JOIN differing ON true
	ORDER BY what DESC, measure, place, subject, unit
$$;
