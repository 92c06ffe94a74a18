-- The same places as before (0008); today's commune of each is a column of its own, so that the
-- question asked most does not look it up for every commune of every time.
CREATE OR REPLACE FUNCTION indicator_places(of_unit text, at_level text, on_map text, plan_only boolean)
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
		SELECT units.key, CASE
			WHEN own.level = at_level THEN own.key
			WHEN at_level = 'commune' AND on_map = 'current' THEN
				CASE WHEN units.valid_to IS NULL THEN units.key ELSE units.successor END
			ELSE unit_on_map(units.key, at_level, on_map)
		END AS standing
		FROM territory
		JOIN units USING (key)
		JOIN units AS own ON own.key = of_unit
		WHERE units.level = 'commune' AND (units.in_plan OR NOT plan_only)
	) AS communes
	LEFT JOIN territory ON territory.key = standing
$$;
