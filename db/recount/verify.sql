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

-- Every difference between what is kept and what is recounted, of subjects, cells and units; with each
-- how much was compared, and one row of that, with nothing else in it, when all agrees.
CREATE OR REPLACE FUNCTION figures_differences(windows indicator_window[], today date)
RETURNS TABLE (measures bigint, subjects bigint, cells bigint, what text, measure text, place integer,
	subject uuid, cell text, kept text, recounted text)
LANGUAGE sql STABLE
AS $$
	WITH told AS MATERIALIZED (
		SELECT 1 AS is_kept, * FROM recount_kept()
		UNION ALL
		SELECT 0, * FROM recount_all(windows, today)
	), added AS MATERIALIZED (
		SELECT measure, place, unit, sex, age_band, ethnicity, tag, sum(numerator) AS numerator,
			sum(denominator) AS denominator
		FROM told
		CROSS JOIN unnest(array_prepend(NULL, tags)) AS tag
		WHERE is_kept = 0
		GROUP BY 1, 2, 3, 4, 5, 6, 7
	), compared (what, is_kept, measure, place, subject, unit, sex, age_band, ethnicity, tags, numerator,
		denominator) AS (
		SELECT 'subject', is_kept, measure, place, subject, unit, sex, age_band, ethnicity, tags,
			numerator, denominator
		FROM told
		UNION ALL
		SELECT 'cell', 1, measure, place, NULL, unit, sex, age_band, ethnicity, ARRAY[tag], numerator,
			denominator
		FROM cells
		UNION ALL
		SELECT 'cell', 0, measure, place, NULL, unit, sex, age_band, ethnicity, ARRAY[tag], numerator,
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
		SELECT what, measure, place, subject, sum(is_kept) > 0 AS is_kept,
			concat_ws(' ', coalesce(unit, '–'), sex, age_band, ethnicity, array_to_string(tags, ' '))
				AS attributes,
			numerator || '/' || denominator AS share
		FROM compared
		GROUP BY what, measure, place, subject, unit, sex, age_band, ethnicity, tags, numerator,
			denominator
		HAVING sum(is_kept) <> 1 OR count(*) <> 2
	), paired AS (
		SELECT what, measure, place, subject, cell, string_agg(answer, ', ') FILTER (WHERE is_kept) AS kept,
			string_agg(answer, ', ') FILTER (WHERE NOT is_kept) AS recounted
		FROM differing
		CROSS JOIN LATERAL (
			SELECT CASE WHEN subject IS NULL THEN attributes END,
				CASE WHEN subject IS NULL THEN share ELSE attributes || ' ' || share END
		) AS each (cell, answer)
		GROUP BY what, measure, place, subject, cell
	)
	SELECT totals.*, paired.*
	FROM (
		SELECT (SELECT count(DISTINCT measure) FROM added),
			(SELECT count(*) FROM (SELECT DISTINCT subject FROM told) AS each),
			(SELECT count(*) FROM added)
	) AS totals
	LEFT JOIN paired ON true
	ORDER BY what DESC, measure, place, subject, cell
$$;

-- The same of today, once all that waits is settled; no row when the figures have to be built first.
-- Whoever calls has begun a transaction of one snapshot, and had the lock before it: what is written
-- meanwhile is in neither side.
CREATE OR REPLACE FUNCTION figures_verify()
RETURNS TABLE (measures bigint, subjects bigint, cells bigint, what text, measure text, period text,
	subject uuid, cell text, kept text, recounted text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET work_mem = '256MB'
AS $$
DECLARE
	taken integer;
BEGIN
	IF current_setting('transaction_isolation') <> 'repeatable read' THEN
		RAISE EXCEPTION 'figures_verify() needs one snapshot';
	END IF;
	PERFORM pg_advisory_xact_lock(hashtextextended('lachan figures', 0));
	LOOP
		taken := figures_refresh(100000);
		EXIT WHEN taken = 0;
		IF taken IS NULL THEN
			RETURN;
		END IF;
	END LOOP;
	RETURN QUERY
	SELECT found.measures, found.subjects, found.cells, found.what, found.measure,
		coalesce(indicator_windows.period, found.place::text), found.subject, found.cell, found.kept,
		found.recounted
	FROM figures_differences(windows_ready(), today()) AS found
	LEFT JOIN indicator_windows ON indicator_windows.place = found.place;
END
$$;

REVOKE ALL ON FUNCTION recount_all, recount_kept, figures_differences, figures_verify FROM PUBLIC;
GRANT EXECUTE ON FUNCTION figures_verify TO lachan_service;
