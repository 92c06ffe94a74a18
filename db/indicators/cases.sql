-- Cases of drug crime detected in the window with a suspect who was young at the offence: II.2.a.
CREATE OR REPLACE FUNCTION contributions_cases(subjects uuid[], windows indicator_window[], today date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	WITH suspects AS (
		SELECT crimes.id, place, crimes.unit, crimes.article,
			count(participant.id) AS number,
			min(participant.age_at_offence) AS youngest
		FROM unnest(windows)
		JOIN crimes ON detected_on BETWEEN from_day AND to_day
		LEFT JOIN crime_participants AS participant
			ON participant.crime = crimes.id
			AND participant.role = 'suspect'
			AND participant.voided_at IS NULL
		WHERE crimes.voided_at IS NULL AND (subjects IS NULL OR crimes.id = ANY (subjects))
		GROUP BY crimes.id, place
	)
	SELECT id, place, unit, NULL::text, NULL::integer, NULL::text, ARRAY['article:' || article], measures,
		measures, 1, 1, excluded, '{}'::text[]
	FROM suspects
	CROSS JOIN LATERAL (
		SELECT CASE
			WHEN number = 0 THEN 'no_suspect'
			WHEN youngest IS NULL THEN 'age_unknown'
			WHEN youngest > (SELECT indicator_parameter('youth_max_age')) THEN 'too_old'
		END AS excluded
	) AS judged
	CROSS JOIN LATERAL (
		SELECT CASE
			WHEN excluded IS NOT NULL THEN '{}'::text[]
			WHEN article = '256a' THEN '{II.2.a:incl_256a}'::text[]
			ELSE '{II.2.a:excl_256a,II.2.a:incl_256a}'::text[]
		END AS measures
	) AS counted
$$;

REVOKE ALL ON FUNCTION contributions_cases FROM PUBLIC;
