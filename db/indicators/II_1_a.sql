-- Of the young users and addicts with a file active on a day of the window: those who in it had what
-- suits them (definition suitable), one service at least (any), or every kind (all).
CREATE OR REPLACE FUNCTION indicator_ii_1_a(from_day date, to_day date, youth_max_age integer,
	definition text)
RETURNS SETOF indicator_subject
LANGUAGE sql STABLE
AS $$
	WITH needs (of_definition, need, kinds, addicts_only) AS (
		VALUES
			('suitable', 'counselling_or_education', '{counselling,behaviour_education}'::text[], false),
			('suitable', 'screening_or_assessment', '{screening,assessment}', false),
			('suitable', 'treatment_or_rehab', '{treatment,substitution,rehab}', true),
			('any', 'any_service', '{counselling,behaviour_education,screening,assessment,treatment,substitution,rehab}', false),
			('all', 'counselling', '{counselling}', false),
			('all', 'behaviour_education', '{behaviour_education}', false),
			('all', 'screening_or_assessment', '{screening,assessment}', false),
			('all', 'treatment_or_rehab', '{treatment,substitution,rehab}', true)
	), files AS (
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
		SELECT person, array_agg(DISTINCT kind) AS kinds
		FROM interventions
		WHERE status IN ('in_progress', 'completed')
			AND starts_on <= to_day
			AND (ends_on IS NULL OR ends_on >= from_day)
			AND voided_at IS NULL
		GROUP BY person
	), judged AS (
		SELECT people.id, holders.unit, people.sex, age_on(born_by, first_day) AS age, is_active,
			ARRAY(
				SELECT need
				FROM needs
				WHERE of_definition = definition
					AND (is_addict OR NOT addicts_only)
					AND NOT needs.kinds && coalesce(services.kinds, '{}')
				ORDER BY need
			) AS missing
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
