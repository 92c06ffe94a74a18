-- Institutions of lower secondary level and up that were open on a day of the window, and whether they
-- held a session in it: II.4.a.
CREATE OR REPLACE FUNCTION contributions_schools(subjects uuid[], windows indicator_window[], today date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	SELECT id, place, unit, NULL::text, NULL::integer, NULL::text, ARRAY['type:' || type],
		CASE WHEN excluded IS NULL THEN '{II.4.a:any}'::text[] ELSE '{}'::text[] END,
		CASE WHEN excluded IS NULL AND was_held THEN '{II.4.a:any}'::text[] ELSE '{}'::text[] END,
		1, 1, excluded,
		CASE WHEN excluded IS NOT NULL OR was_held THEN '{}'::text[] ELSE '{session_held}'::text[] END
	FROM unnest(windows)
	CROSS JOIN institutions
	CROSS JOIN LATERAL (
		SELECT
			CASE
				WHEN NOT is_secondary THEN 'not_secondary'
				WHEN opened_on > to_day OR closed_on < from_day THEN 'not_open'
			END AS excluded,
			EXISTS (
				SELECT FROM training_sessions
				WHERE institution = institutions.id
					AND status = 'held'
					AND held_on BETWEEN from_day AND to_day
					AND voided_at IS NULL
			) AS was_held
	) AS judged
	WHERE voided_at IS NULL AND (subjects IS NULL OR id = ANY (subjects))
$$;

REVOKE ALL ON FUNCTION contributions_schools FROM PUBLIC;
