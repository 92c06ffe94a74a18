-- What may be told of a commune to those who do not read people there is decided for everything that
-- counts the same people at once: one figure would give another away by subtraction.

-- Each commune of today in each window (numbered from 1) with anything in it: whether any of the
-- measures, each of the family beside it, counts 1 to 4 people or leaves out 1 to 4, how many the
-- largest counts, and three bits for each measure: whether anybody is counted, is there, is left out.
-- Records of units of before that cannot be placed today stand for themselves, without a size.
CREATE FUNCTION small_communes(of_unit text, families text[], measures text[], starts date[], ends date[])
RETURNS TABLE (place bigint, unit text, is_small boolean, size bigint, parts bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	WITH windows AS (
		SELECT number, from_day, to_day, ready
		FROM unnest(starts, ends, places_ready(starts, ends)) WITH ORDINALITY
			AS asked (from_day, to_day, ready, number)
		WHERE caller_user() IS NOT NULL
	), lacking AS (
		SELECT family, array_agg(measure) AS measures, array_agg(from_day) AS starts,
			array_agg(to_day) AS ends, array_agg(number) AS numbers
		FROM unnest(families, small_communes.measures) AS counted (family, measure)
		CROSS JOIN windows
		WHERE ready IS NULL
		GROUP BY family
	), sums AS (
		SELECT number, coalesce(successor, key) AS stated, measure, sum(numerator) AS numerator,
			sum(denominator) AS denominator
		FROM windows
		JOIN unit_cells ON unit_cells.place = ready AND measure = ANY (small_communes.measures)
		JOIN units ON key = unit_cells.unit
		GROUP BY number, stated, measure
		UNION ALL
		SELECT numbers[cells.place], cells.unit, lacking.measures[cells.place], numerator, denominator
		FROM lacking
		CROSS JOIN LATERAL indicator_cells(family, lacking.measures, lacking.starts, lacking.ends, of_unit,
			'commune', 'current', false, '{}') AS cells
	)
	SELECT number, stated,
		bool_or(numerator BETWEEN 1 AND 4
			OR denominator BETWEEN 1 AND 4
			OR denominator - numerator BETWEEN 1 AND 4),
		CASE WHEN bool_and(valid_to IS NULL) THEN max(denominator)::bigint END,
		bit_or(((numerator > 0)::integer + 2 * (denominator > 0)::integer
				+ 4 * (denominator > numerator)::integer)::bigint
			<< 3 * array_position(small_communes.measures, measure) - 3)
	FROM sums
	JOIN units ON key = stated
	GROUP BY number, stated
$$;

REVOKE ALL ON FUNCTION small_communes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION small_communes TO lachan_service;
