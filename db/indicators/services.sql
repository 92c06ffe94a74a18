-- Young users and addicts with a file active on a day of the window, and what they had in it: II.1.a
-- (what suits them, one service at least, every kind), II.1.b to II.1.e (one kind each).
CREATE OR REPLACE FUNCTION contributions_services(subjects uuid[], windows indicator_window[], today date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	WITH files AS (
		-- until: the last day on which it is active, NULL when open; a user's lapses with its term.
		SELECT place, from_day, to_day, id, person, status, unit, starts_on,
			least(ended_on - 1, CASE status WHEN 'user' THEN ends_on END) AS until
		FROM unnest(windows)
		JOIN person_statuses ON starts_on <= to_day
			AND (ended_on IS NULL OR ended_on > greatest(starts_on, from_day))
		WHERE status IN ('user', 'addict', 'in_rehab', 'substitution')
			AND voided_at IS NULL
			AND (subjects IS NULL OR person = ANY (subjects))
	), moved AS (
		SELECT DISTINCT ON (files.id, place) files.id, place, to_unit
		FROM person_moves
		JOIN files ON files.person = person_moves.person
			AND moved_on BETWEEN starts_on AND least(until, to_day)
		WHERE subjects IS NULL OR person_moves.person = ANY (subjects)
		ORDER BY files.id, place, moved_on DESC, person_moves.id DESC
	), holders AS (
		SELECT person, files.place,
			bool_or(is_active) AS is_active,
			bool_or(is_active AND status <> 'user') AS is_addict,
			bool_or(status <> 'user') AS was_addict,
			coalesce(greatest(min(starts_on) FILTER (WHERE is_active), min(from_day)), min(from_day))
				AS first_day,
			(array_agg(coalesce(to_unit, unit)
				ORDER BY is_active DESC, until DESC NULLS FIRST, starts_on DESC, files.id DESC))[1] AS unit
		FROM files
		LEFT JOIN moved ON moved.id = files.id AND moved.place = files.place
		CROSS JOIN LATERAL (
			SELECT coalesce(until >= greatest(starts_on, from_day), true) AS is_active
		) AS state
		GROUP BY person, files.place
	), given AS (
		SELECT person, place,
			bool_or(kind = 'counselling') AS counselled,
			bool_or(kind = 'behaviour_education') AS educated,
			bool_or(kind IN ('screening', 'assessment')) AS screened,
			bool_or(kind IN ('treatment', 'substitution', 'rehab')) AS treated,
			array_agg(DISTINCT 'kind:' || kind ORDER BY 'kind:' || kind) AS kinds
		FROM unnest(windows)
		JOIN interventions ON starts_on <= to_day AND (ends_on IS NULL OR ends_on >= from_day)
		WHERE kind IN ('counselling', 'behaviour_education', 'screening', 'assessment', 'treatment',
				'substitution', 'rehab')
			AND status IN ('in_progress', 'completed')
			AND voided_at IS NULL
			AND (subjects IS NULL OR person = ANY (subjects))
		GROUP BY person, place
	), judged AS (
		SELECT people.id, holders.place, holders.unit, sex, age_on(born_by, first_day) AS age, ethnicity,
			is_addict, was_addict, coalesce(kinds, '{}') AS kinds, kinds IS NOT NULL AS has_any,
			coalesce(counselled, false) AS counselled, coalesce(educated, false) AS educated,
			coalesce(screened, false) AS screened, coalesce(treated, false) AS treated,
			CASE
				WHEN NOT is_active THEN 'file_expired'
				WHEN age_on(born_by, first_day) > (SELECT indicator_parameter('youth_max_age')) THEN 'too_old'
			END AS excluded
		FROM holders
		JOIN people ON people.id = holders.person AND people.voided_at IS NULL
		LEFT JOIN given ON given.person = holders.person AND given.place = holders.place
	)
	SELECT id, place, unit, sex, age, ethnicity,
		CASE
			WHEN excluded IS NULL THEN kinds
			WHEN was_addict THEN '{of:II.1.a,of:II.1.b,of:II.1.c,of:II.1.d,of:II.1.e}'::text[]
			ELSE '{of:II.1.a,of:II.1.b,of:II.1.c,of:II.1.d}'::text[]
		END,
		CASE WHEN excluded IS NOT NULL THEN '{}'::text[] ELSE array_remove(ARRAY[
			'II.1.a:suitable', 'II.1.a:any', 'II.1.a:all', 'II.1.b:share', 'II.1.c:share', 'II.1.d:share',
			CASE WHEN is_addict THEN 'II.1.e:share' END
		], NULL) END,
		CASE WHEN excluded IS NOT NULL THEN '{}'::text[] ELSE array_remove(ARRAY[
			CASE WHEN (counselled OR educated) AND screened AND (treated OR NOT is_addict)
				THEN 'II.1.a:suitable' END,
			CASE WHEN has_any THEN 'II.1.a:any' END,
			CASE WHEN counselled AND educated AND screened AND (treated OR NOT is_addict)
				THEN 'II.1.a:all' END,
			CASE WHEN counselled THEN 'II.1.b:share' END,
			CASE WHEN screened THEN 'II.1.c:share' END,
			CASE WHEN educated THEN 'II.1.d:share' END,
			CASE WHEN treated AND is_addict THEN 'II.1.e:share' END
		], NULL) END,
		1, 1, excluded,
		CASE WHEN excluded IS NOT NULL THEN '{}'::text[] ELSE array_remove(ARRAY[
			CASE WHEN NOT has_any THEN 'any_service' END,
			CASE WHEN NOT educated THEN 'behaviour_education' END,
			CASE WHEN NOT counselled THEN 'counselling' END,
			CASE WHEN NOT (counselled OR educated) THEN 'counselling_or_education' END,
			CASE WHEN NOT screened THEN 'screening_or_assessment' END,
			CASE WHEN NOT treated AND is_addict THEN 'treatment_or_rehab' END
		], NULL) END
	FROM judged
$$;

REVOKE ALL ON FUNCTION contributions_services FROM PUBLIC;
