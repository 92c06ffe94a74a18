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
	SELECT measure, place, subject, unit, sex, band, ethnicity, sorted, numerator, denominator
	FROM (
		SELECT *, age_band(age) AS band, ARRAY(SELECT unnest(tags) ORDER BY 1) AS sorted
		FROM contributions
		WHERE excluded IS NULL
		OFFSET 0 -- once for all measures
	) AS kept
	CROSS JOIN LATERAL contribution_parts(denominators, numerators, denominator_weight,
		numerator_weight, NULL)
	WHERE numerator <> 0 OR denominator <> 0
$$;

-- A row of either as one line; NULL for none.
CREATE OR REPLACE FUNCTION recount_text(of_row recounted) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN of_row.measure IS NOT NULL THEN
	concat_ws(' ', coalesce(of_row.unit, '–'), of_row.sex, of_row.age_band, of_row.ethnicity,
		array_to_string(of_row.tags, ' '), of_row.numerator || '/' || of_row.denominator)
END;

-- Every difference between what is kept and what is recounted, of subjects, cells and units; with each
-- how much was compared, and one row of that, with nothing else in it, when all agrees.
CREATE OR REPLACE FUNCTION figures_differences(windows indicator_window[], today date)
RETURNS TABLE (measures bigint, subjects bigint, cells_compared bigint, what text, measure text,
	place integer, subject uuid, cell text, kept text, recounted text)
LANGUAGE sql STABLE
AS $$
	WITH told AS MATERIALIZED (
		SELECT * FROM recount_all(windows, today)
	), both_cells AS MATERIALIZED (
		SELECT measure, place, unit, sex, age_band, ethnicity, tag,
			max(kept_share[1]) AS kept_numerator, max(kept_share[2]) AS kept_denominator,
			sum(numerator) AS numerator, sum(denominator) AS denominator
		FROM (
			SELECT measure, place, unit, sex, age_band, ethnicity, tag, NULL::bigint[] AS kept_share,
				numerator, CASE WHEN tag ~ '^kind:' THEN 0 ELSE denominator END AS denominator
			FROM told
			CROSS JOIN unnest(array_prepend(NULL, tags)) AS tag
			WHERE tag IS NULL OR tag !~ '^kind:' OR numerator <> 0 -- a kind is a share of everybody
			UNION ALL
			SELECT measure, place, unit, sex, age_band, ethnicity, tag, ARRAY[numerator, denominator],
				NULL, NULL
			FROM cells
		) AS each
		GROUP BY 1, 2, 3, 4, 5, 6, 7
	), both_units AS MATERIALIZED (
		SELECT measure, place, unit, max(kept_share[1]) AS kept_numerator,
			max(kept_share[2]) AS kept_denominator, sum(numerator) AS numerator,
			sum(denominator) AS denominator
		FROM (
			SELECT measure, place, unit, NULL::bigint[] AS kept_share, numerator, denominator
			FROM both_cells
			WHERE tag IS NULL AND denominator IS NOT NULL
			UNION ALL
			SELECT measure, place, unit, ARRAY[numerator, denominator], NULL, NULL
			FROM unit_cells
		) AS each
		GROUP BY 1, 2, 3
	), differing (what, measure, place, subject, cell, kept, recounted) AS (
		SELECT 'subject', measure, place, subject, NULL, recount_text(was), recount_text(told)
		FROM recount_kept() AS was
		FULL JOIN told USING (measure, place, subject)
		WHERE was IS DISTINCT FROM told
		UNION ALL
		SELECT 'cell', measure, place, NULL, concat_ws(' ', coalesce(unit, '–'), sex, age_band, ethnicity,
			tag), kept_numerator || '/' || kept_denominator, numerator || '/' || denominator
		FROM both_cells
		WHERE (kept_numerator, kept_denominator) IS DISTINCT FROM (numerator, denominator)
		UNION ALL
		SELECT 'unit', measure, place, NULL, coalesce(unit, '–'),
			kept_numerator || '/' || kept_denominator, numerator || '/' || denominator
		FROM both_units
		WHERE (kept_numerator, kept_denominator) IS DISTINCT FROM (numerator, denominator)
	)
	SELECT totals.*, differing.*
	FROM (
		SELECT (SELECT count(DISTINCT measure) FROM both_units),
			(SELECT count(*) FROM (SELECT DISTINCT subject FROM told) AS each),
			(SELECT count(*) FROM both_cells)
	) AS totals
	LEFT JOIN differing ON true
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
	SELECT found.measures, found.subjects, found.cells_compared, found.what, found.measure,
		coalesce(indicator_windows.period, found.place::text), found.subject, found.cell, found.kept,
		found.recounted
	FROM figures_differences(windows_ready(), today()) AS found
	LEFT JOIN indicator_windows ON indicator_windows.place = found.place;
END
$$;

REVOKE ALL ON FUNCTION recount_all, recount_kept, recount_text, figures_differences, figures_verify FROM PUBLIC;
GRANT EXECUTE ON FUNCTION figures_verify TO lachan_service;
