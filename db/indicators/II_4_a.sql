-- Of the institutions of lower secondary level and up that were open on a day of the window: those
-- that held a session in it.
CREATE OR REPLACE FUNCTION indicator_ii_4_a(from_day date, to_day date, youth_max_age integer,
	definition text)
RETURNS SETOF indicator_subject
LANGUAGE sql STABLE
AS $$
	WITH reached AS (
		SELECT DISTINCT institution
		FROM training_sessions
		WHERE status = 'held'
			AND held_on BETWEEN from_day AND to_day
			AND voided_at IS NULL
	)
	SELECT institutions.id, institutions.unit, NULL::text, NULL::integer,
		reached.institution IS NOT NULL,
		CASE
			WHEN NOT is_secondary THEN 'not_secondary'
			WHEN opened_on > to_day OR closed_on < from_day THEN 'not_open'
		END,
		CASE WHEN reached.institution IS NULL THEN '{session_held}' ELSE '{}'::text[] END
	FROM institutions
	LEFT JOIN reached ON reached.institution = institutions.id
	WHERE institutions.voided_at IS NULL
$$;

REVOKE ALL ON FUNCTION indicator_ii_4_a FROM PUBLIC;
