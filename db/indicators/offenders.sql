-- Who was found in the window to have broken drug law: suspects of crimes detected in it, and whoever
-- committed an administrative violation in it: I.1.c.
CREATE OR REPLACE FUNCTION contributions_offenders(subjects uuid[], windows indicator_window[],
	today date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	WITH deeds AS (
		SELECT place, to_day, participant.id, detected_on AS found_on, crimes.unit,
			offender_key(participant.person, participant.id, full_name, date_of_birth) AS offender,
			participant.person, participant.sex, age_at_offence::integer AS age,
			coalesce(nullif(articles, '{}'), ARRAY[article]) AS articles
		FROM unnest(windows)
		JOIN crimes ON detected_on BETWEEN from_day AND to_day AND crimes.voided_at IS NULL
		JOIN crime_participants AS participant ON participant.crime = crimes.id
		WHERE role = 'suspect'
			AND participant.voided_at IS NULL
			AND (subjects IS NULL
				OR offender_key(participant.person, participant.id, full_name, date_of_birth) = ANY (subjects))
		UNION ALL
		SELECT place, to_day, person_violations.id, violated_on, person_violations.unit, person, person,
			people.sex, age_on(born_by, violated_on), '{}'
		FROM unnest(windows)
		JOIN person_violations ON violated_on BETWEEN from_day AND to_day
		JOIN people ON people.id = person
		WHERE person_violations.voided_at IS NULL
			AND (subjects IS NULL OR person = ANY (subjects))
	), offenders AS (
		SELECT offender, place, min(to_day) AS to_day, bool_or(person IS NOT NULL) AS is_person,
			min(sex) AS sex, min(age) AS age,
			(array_agg(unit ORDER BY found_on DESC, deeds.id DESC))[1] AS unit,
			array_agg(DISTINCT 'article:' || article ORDER BY 'article:' || article)
				FILTER (WHERE article IS NOT NULL) AS articles
		FROM deeds
		LEFT JOIN LATERAL unnest(articles) AS article ON true
		GROUP BY offender, place
	), files AS (
		SELECT DISTINCT ON (offender, place) offender, place, person_statuses.unit, starts_on, to_day
		FROM offenders
		JOIN person_statuses ON person = offender AND starts_on <= to_day
		WHERE voided_at IS NULL AND coalesce(ended_on > starts_on, true)
		ORDER BY offender, place, starts_on DESC, id DESC
	), moved AS (
		SELECT DISTINCT ON (offender, place) offender, place, to_unit
		FROM files
		JOIN person_moves ON person = offender AND moved_on BETWEEN starts_on AND to_day
		ORDER BY offender, place, moved_on DESC, id DESC
	)
	SELECT offender, place, coalesce(to_unit, files.unit, offenders.unit),
		coalesce(people.sex, offenders.sex, 'unknown'), age, people.ethnicity,
		CASE WHEN excluded IS NULL THEN coalesce(articles, '{}') ELSE '{}'::text[] END,
		CASE WHEN excluded IS NULL THEN '{I.1.c:count}'::text[] ELSE '{}'::text[] END,
		CASE WHEN excluded IS NULL THEN '{I.1.c:count}'::text[] ELSE '{}'::text[] END,
		1, 1, excluded, '{}'::text[]
	FROM offenders
	LEFT JOIN people ON people.id = offender
	LEFT JOIN files USING (offender, place)
	LEFT JOIN moved USING (offender, place)
	CROSS JOIN LATERAL (
		SELECT CASE
			WHEN age IS NULL THEN 'age_unknown'
			WHEN age > (SELECT indicator_parameter('youth_max_age')) THEN 'too_old'
		END AS excluded
	) AS judged
	WHERE NOT is_person OR people.id IS NOT NULL AND people.voided_at IS NULL
$$;

REVOKE ALL ON FUNCTION contributions_offenders FROM PUBLIC;
