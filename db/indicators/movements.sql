-- Organisations of the Youth Union that were active on a day of the window, and whether they launched a
-- movement in it: II.3.a.
CREATE OR REPLACE FUNCTION contributions_movements(subjects uuid[], windows indicator_window[], today date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	SELECT id, place, coalesce(from_unit, unit), NULL::text, NULL::integer, NULL::text, '{}'::text[],
		CASE WHEN is_active THEN '{II.3.a:share}'::text[] ELSE '{}' END,
		CASE WHEN is_active AND has_launched THEN '{II.3.a:share}'::text[] ELSE '{}' END,
		1, 1,
		CASE WHEN NOT is_active THEN 'not_active' END,
		CASE WHEN is_active AND NOT has_launched THEN '{movement}'::text[] ELSE '{}' END
	FROM unnest(windows)
	CROSS JOIN union_organizations AS union_one
	CROSS JOIN LATERAL (
		SELECT active_from <= to_day AND coalesce(active_to >= from_day, true) AS is_active,
			EXISTS (
				SELECT FROM campaigns
				WHERE union_organization = union_one.id
					AND kind = 'movement'
					AND status IN ('running', 'held')
					AND starts_on BETWEEN from_day AND to_day
					AND voided_at IS NULL
			) AS has_launched
	) AS judged
	LEFT JOIN LATERAL reform_took('union_organizations', id, to_day) ON true
	WHERE voided_at IS NULL AND (subjects IS NULL OR id = ANY (subjects))
$$;

REVOKE ALL ON FUNCTION contributions_movements FROM PUBLIC;
