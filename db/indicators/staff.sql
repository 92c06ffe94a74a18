-- Staff in post at the window's end, by the last head count of the school, and how many of them were
-- trained: II.4.b, since the plan began (staff) or in the window alone (staff_yearly).  A school tells
-- the first by attendance of training or in a head count, whichever is more; until it is told anew the last one holds.
-- A count taken after its period, until it is due, is of the period's last day.
CREATE OR REPLACE FUNCTION staff_contributions(subjects uuid[], windows indicator_window[], today date,
	measure text, since date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	SELECT id, place, coalesce(from_unit, unit), NULL::text, NULL::integer, NULL::text, ARRAY['type:' || type],
		CASE WHEN excluded IS NULL THEN ARRAY[measure] ELSE '{}' END,
		CASE WHEN excluded IS NULL AND known > 0 THEN ARRAY[measure] ELSE '{}' END,
		coalesce(counted.staff, 0), known, excluded,
		CASE WHEN excluded IS NULL AND known < counted.staff THEN '{staff_trained}'::text[] ELSE '{}' END
	FROM unnest(windows)
	CROSS JOIN institutions
	CROSS JOIN LATERAL (SELECT least(to_day, today) AS day) AS taken
	CROSS JOIN LATERAL (
		SELECT (array_agg(staff ORDER BY of_day DESC, counted_on DESC, id DESC))[1] AS staff,
			(array_agg(staff_trained ORDER BY of_day DESC, counted_on DESC, id DESC)
				FILTER (WHERE staff_trained IS NOT NULL))[1] AS staff_trained
		FROM institution_headcounts
		JOIN reporting_periods ON code = period
		CROSS JOIN LATERAL (SELECT least(counted_on, ends_on) AS of_day) AS once
		WHERE institution = institutions.id AND of_day <= day AND voided_at IS NULL
	) AS counted
	CROSS JOIN LATERAL (
		SELECT count(DISTINCT lower(staff_code))::integer AS trained
		FROM session_attendees
		JOIN training_sessions ON training_sessions.id = session
		WHERE session_attendees.institution = institutions.id
			AND session_attendees.voided_at IS NULL
			AND training_sessions.voided_at IS NULL
			AND kind = 'training'
			AND 'staff' = ANY (audience)
			AND status = 'held'
			AND held_on BETWEEN coalesce(since, from_day) AND to_day
	) AS attendance
	CROSS JOIN LATERAL (
		SELECT coalesce(least(counted.staff, greatest(trained,
			CASE WHEN since IS NOT NULL THEN counted.staff_trained END)), 0) AS known
	) AS told
	CROSS JOIN LATERAL (
		SELECT CASE
			WHEN NOT is_secondary THEN 'not_secondary'
			WHEN opened_on > day OR closed_on < day THEN 'not_open'
			WHEN counted.staff IS NULL THEN 'no_headcount'
		END AS excluded
	) AS judged
	LEFT JOIN LATERAL reform_took('institutions', id, to_day) ON true
	WHERE voided_at IS NULL AND (subjects IS NULL OR id = ANY (subjects))
$$;

CREATE OR REPLACE FUNCTION contributions_staff(subjects uuid[], windows indicator_window[], today date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	SELECT * FROM staff_contributions(subjects, windows, today, 'II.4.b:cumulative', '2024-04-02')
$$;

CREATE OR REPLACE FUNCTION contributions_staff_yearly(subjects uuid[], windows indicator_window[],
	today date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	SELECT * FROM staff_contributions(subjects, windows, today, 'II.4.b:yearly', NULL)
$$;

REVOKE ALL ON FUNCTION staff_contributions, contributions_staff, contributions_staff_yearly FROM PUBLIC;
