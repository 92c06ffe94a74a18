-- Cases of drug crime detected in the window with a suspect who was young at the offence.
CREATE OR REPLACE FUNCTION indicator_ii_2_a(from_day date, to_day date, youth_max_age integer,
	definition text)
RETURNS SETOF indicator_subject
LANGUAGE sql STABLE
AS $$
	WITH suspects AS (
		SELECT crimes.id, crimes.unit, crimes.article,
			count(participant.id) AS number,
			min(participant.age_at_offence) AS youngest
		FROM crimes
		LEFT JOIN crime_participants AS participant
			ON participant.crime = crimes.id
			AND participant.role = 'suspect'
			AND participant.voided_at IS NULL
		WHERE crimes.detected_on BETWEEN from_day AND to_day
			AND crimes.voided_at IS NULL
		GROUP BY crimes.id
	)
	SELECT id, unit, NULL::text, NULL::integer, true, CASE
		WHEN definition = 'excl_256a' AND article = '256a' THEN 'article_256a'
		WHEN number = 0 THEN 'no_suspect'
		WHEN youngest IS NULL THEN 'age_unknown'
		WHEN youngest > youth_max_age THEN 'too_old'
	END, '{}'::text[]
	FROM suspects
$$;

REVOKE ALL ON FUNCTION indicator_ii_2_a FROM PUBLIC;
