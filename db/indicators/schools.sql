-- Institutions of lower secondary level and up that were open on a day of the window, and whether they
-- held a session in it, for learners or for staff, or for both: II.4.a.
CREATE OR REPLACE FUNCTION contributions_schools(subjects uuid[], windows indicator_window[], today date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	SELECT id, place, coalesce(from_unit, unit), NULL::text, NULL::integer, NULL::text, ARRAY['type:' || type],
		CASE WHEN excluded IS NULL THEN '{II.4.a:any,II.4.a:both_audiences}'::text[] ELSE '{}' END,
		CASE WHEN excluded IS NOT NULL THEN '{}'::text[] ELSE array_remove(ARRAY[
			CASE WHEN held THEN 'II.4.a:any' END,
			CASE WHEN for_students AND for_staff THEN 'II.4.a:both_audiences' END
		], NULL) END,
		1, 1, excluded,
		CASE WHEN excluded IS NOT NULL THEN '{}'::text[] ELSE array_remove(ARRAY[
			CASE WHEN NOT held THEN 'session_held' END,
			CASE WHEN NOT for_staff THEN 'session_of_staff' END,
			CASE WHEN NOT for_students THEN 'session_of_students' END
		], NULL) END
	FROM unnest(windows)
	CROSS JOIN institutions
	CROSS JOIN LATERAL (
		SELECT coalesce(bool_or(audience && '{students,staff}'), false) AS held,
			coalesce(bool_or('students' = ANY (audience)), false) AS for_students,
			coalesce(bool_or('staff' = ANY (audience)), false) AS for_staff
		FROM training_sessions
		WHERE institution = institutions.id
			AND status = 'held'
			AND held_on BETWEEN from_day AND to_day
			AND voided_at IS NULL
	) AS sessions
	CROSS JOIN LATERAL (
		SELECT CASE
			WHEN NOT is_secondary THEN 'not_secondary'
			WHEN opened_on > to_day OR closed_on < from_day THEN 'not_open'
		END AS excluded
	) AS judged
	LEFT JOIN LATERAL reform_took('institutions', id, to_day) ON true
	WHERE voided_at IS NULL AND (subjects IS NULL OR id = ANY (subjects))
$$;

REVOKE ALL ON FUNCTION contributions_schools FROM PUBLIC;
