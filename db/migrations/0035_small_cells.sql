-- What may be told of a commune to those who do not read people there is decided for everything that
-- counts the same people at once: one figure would give another away by subtraction.

-- Each commune of today in each window (numbered from 1): whether any of the measures, each of the
-- family beside it, counts 1 to 4 people or leaves out 1 to 4, and how many the largest counts.
-- Records of units of before that cannot be placed today stand for themselves, without a size.
CREATE FUNCTION small_communes(of_unit text, families text[], measures text[], starts date[], ends date[])
RETURNS TABLE (place bigint, unit text, is_small boolean, size bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT asked.window_places[counted.place], counted.unit,
		bool_or(numerator BETWEEN 1 AND 4
			OR denominator BETWEEN 1 AND 4
			OR denominator - numerator BETWEEN 1 AND 4),
		CASE WHEN bool_and(valid_to IS NULL) THEN max(denominator) END
	FROM (
		SELECT family, array_agg(measure) AS measures, array_agg(from_day) AS starts,
			array_agg(to_day) AS ends, array_agg(number) AS window_places
		FROM unnest(families, measures) AS counted (family, measure)
		CROSS JOIN unnest(starts, ends) WITH ORDINALITY AS windows (from_day, to_day, number)
		GROUP BY family
	) AS asked
	CROSS JOIN LATERAL indicator_cells(asked.family, asked.measures, asked.starts, asked.ends, of_unit,
		'commune', 'current', false, '{}') AS counted
	JOIN units ON key = counted.unit
	GROUP BY 1, 2
$$;

REVOKE ALL ON FUNCTION small_communes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION small_communes TO lachan_service;
