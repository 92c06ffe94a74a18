-- Schools: II.4.  A closed one was open on its last day.
CREATE OR REPLACE FUNCTION recount_schools(windows indicator_window[], today date) RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	SELECT measure, place, id, coalesce(stood, unit), NULL::text, NULL::text, NULL::text, ARRAY['type:' || type],
		coalesce(has_it, false)::integer, 1
	FROM unnest(windows)
	JOIN institutions ON coalesce(opened_on, '-infinity') <= to_day
		AND coalesce(closed_on, 'infinity') >= from_day
	LEFT JOIN (SELECT place, record AS id, stood FROM recount_stood(windows) WHERE kind = 'institutions') AS before
		USING (place, id)
	CROSS JOIN LATERAL (
		SELECT bool_or('students' = ANY (audience)) AS for_students,
			bool_or('staff' = ANY (audience)) AS for_staff
		FROM training_sessions
		WHERE institution = institutions.id
			AND status = 'held'
			AND held_on BETWEEN from_day AND to_day
			AND voided_at IS NULL
	) AS sessions
	CROSS JOIN LATERAL (VALUES
		('II.4.a:any', for_students OR for_staff), ('II.4.a:both_audiences', for_students AND for_staff)
	) AS measures (measure, has_it)
	WHERE is_secondary AND voided_at IS NULL
$$;

-- Staff of the last head count up to the window's end, and how many of them were trained: by the last that
-- told it, else by those who attended training of staff.  A count of a period that was over is of its last day.
CREATE OR REPLACE FUNCTION recount_staff(windows indicator_window[], today date) RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	WITH counts AS (
		SELECT institution, staff, staff_trained, least(counted_on, ends_on) AS of_day,
			row_number() OVER (ORDER BY least(counted_on, ends_on), counted_on, institution_headcounts.id)
				AS number
		FROM institution_headcounts
		JOIN reporting_periods ON code = period
		WHERE voided_at IS NULL
	)
	SELECT measure, place, id, coalesce(stood, unit), NULL::text, NULL::text, NULL::text, ARRAY['type:' || type],
		least(trained, staff), staff
	FROM unnest(windows)
	JOIN institutions ON coalesce(opened_on, '-infinity') <= to_day
		AND coalesce(closed_on, 'infinity') >= least(to_day, today)
	LEFT JOIN (SELECT place, record AS id, stood FROM recount_stood(windows) WHERE kind = 'institutions') AS before
		USING (place, id)
	CROSS JOIN LATERAL (
		SELECT staff
		FROM counts
		WHERE institution = institutions.id AND of_day <= to_day
		ORDER BY number DESC
		LIMIT 1
	) AS counted
	LEFT JOIN LATERAL (
		SELECT staff_trained
		FROM counts
		WHERE institution = institutions.id AND of_day <= to_day AND staff_trained IS NOT NULL
		ORDER BY number DESC
		LIMIT 1
	) AS told ON true
	CROSS JOIN LATERAL (
		SELECT count(DISTINCT upper(staff_code)) FILTER (WHERE held_on >= '2024-04-02')::integer AS since_2024,
			count(DISTINCT upper(staff_code)) FILTER (WHERE held_on >= from_day)::integer AS in_window
		FROM session_attendees AS attendee
		JOIN training_sessions ON training_sessions.id = session
		WHERE attendee.institution = institutions.id
			AND held_on <= to_day
			AND training_sessions.status = 'held'
			AND kind = 'training'
			AND audience @> '{staff}'
			AND attendee.voided_at IS NULL
			AND training_sessions.voided_at IS NULL
	) AS attended
	CROSS JOIN LATERAL (VALUES
		('II.4.b:cumulative', greatest(staff_trained, since_2024)), ('II.4.b:yearly', in_window)
	) AS measures (measure, trained)
	WHERE is_secondary AND voided_at IS NULL AND staff > 0
$$;

REVOKE ALL ON FUNCTION recount_schools, recount_staff FROM PUBLIC;
