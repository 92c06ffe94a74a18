-- Of the young users and addicts with a file active on a day of the window: those who in it had what
-- suits them (definition suitable), one service at least (any), or every kind (all).
CREATE OR REPLACE FUNCTION indicator_ii_1_a(from_day date, to_day date, youth_max_age integer,
	definition text)
RETURNS SETOF indicator_subject
LANGUAGE sql STABLE
AS $$
	WITH files AS (
		-- until: the last day on which it is active, NULL when open; a user's lapses with its term.
		SELECT id, person, status, unit, starts_on,
			least(ended_on - 1, CASE status WHEN 'user' THEN ends_on END) AS until
		FROM person_statuses
		WHERE status IN ('user', 'addict', 'in_rehab', 'substitution')
			AND starts_on <= to_day
			AND (ended_on IS NULL OR ended_on > greatest(starts_on, from_day))
			AND voided_at IS NULL
	), holders AS (
		SELECT person,
			bool_or(is_active) AS is_active,
			bool_or(is_active AND status <> 'user') AS is_addict,
			coalesce(greatest(min(starts_on) FILTER (WHERE is_active), from_day), from_day) AS first_day,
			(array_agg(unit ORDER BY is_active DESC, until DESC NULLS FIRST, starts_on DESC, id DESC))[1]
				AS unit
		FROM files
		CROSS JOIN LATERAL (
			SELECT coalesce(until >= greatest(starts_on, from_day), true) AS is_active
		) AS state
		GROUP BY person
	), services AS (
		SELECT person,
			bool_or(kind = 'counselling') AS counselled,
			bool_or(kind = 'behaviour_education') AS educated,
			bool_or(kind IN ('screening', 'assessment')) AS screened,
			bool_or(kind IN ('treatment', 'substitution', 'rehab')) AS treated
		FROM interventions
		WHERE kind IN ('counselling', 'behaviour_education', 'screening', 'assessment', 'treatment',
				'substitution', 'rehab')
			AND status IN ('in_progress', 'completed')
			AND starts_on <= to_day
			AND (ends_on IS NULL OR ends_on >= from_day)
			AND voided_at IS NULL
		GROUP BY person
	), judged AS MATERIALIZED (
		SELECT people.id, holders.unit, people.sex, age_on(born_by, first_day) AS age, is_active,
			array_remove(CASE definition
				WHEN 'suitable' THEN ARRAY[
					CASE WHEN (counselled OR educated) IS NOT TRUE THEN 'counselling_or_education' END,
					CASE WHEN screened IS NOT TRUE THEN 'screening_or_assessment' END,
					CASE WHEN treated IS NOT TRUE AND is_addict THEN 'treatment_or_rehab' END
				]
				WHEN 'any' THEN ARRAY[
					CASE WHEN services.person IS NULL THEN 'any_service' END
				]
				WHEN 'all' THEN ARRAY[
					CASE WHEN educated IS NOT TRUE THEN 'behaviour_education' END,
					CASE WHEN counselled IS NOT TRUE THEN 'counselling' END,
					CASE WHEN screened IS NOT TRUE THEN 'screening_or_assessment' END,
					CASE WHEN treated IS NOT TRUE AND is_addict THEN 'treatment_or_rehab' END
				]
			END, NULL) AS missing
		FROM holders
		JOIN people ON people.id = holders.person AND people.voided_at IS NULL
		LEFT JOIN services ON services.person = holders.person
	)
	SELECT id, unit, sex, age, missing = '{}', CASE
		WHEN NOT is_active THEN 'file_expired'
		WHEN age > youth_max_age THEN 'too_old'
	END, missing
	FROM judged
$$;

REVOKE ALL ON FUNCTION indicator_ii_1_a FROM PUBLIC;
