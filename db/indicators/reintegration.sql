-- The files of management after rehabilitation and of release that a window may count: those with a day in
-- it, and those not long before its end.
CREATE OR REPLACE FUNCTION reintegration_files(subjects uuid[], windows indicator_window[])
RETURNS TABLE (place integer, to_day date, id uuid, person uuid, unit text, starts_on date, day date, code text,
	until date, held_to date)
LANGUAGE sql STABLE
AS $$
	-- until: its last day; whoever was released is so for all the months that count.
	SELECT place, to_day, id, person, unit, starts_on, greatest(starts_on, from_day),
		CASE status WHEN 'post_rehab' THEN 'II.1.f' ELSE 'II.1.g' END,
		CASE status WHEN 'post_rehab' THEN least(ended_on - 1, ends_on) END,
		least(ended_on - 1, CASE status WHEN 'post_rehab' THEN ends_on END, to_day)
	FROM unnest(windows)
	JOIN person_statuses ON starts_on <= to_day
	WHERE (status = 'post_rehab' AND (ended_on IS NULL OR ended_on > greatest(starts_on, from_day))
			OR status = 'released' AND starts_on > (to_day
				- make_interval(months => (SELECT indicator_parameter('release_months'))))::date)
		AND voided_at IS NULL
		AND (subjects IS NULL OR person = ANY (subjects))
$$;

-- Young people under management after rehabilitation on a day of the window (II.1.f), and those who
-- were released within some months before its end (II.1.g): who had support to work or to come home.
CREATE OR REPLACE FUNCTION contributions_reintegration(subjects uuid[], windows indicator_window[],
	today date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	WITH files AS (
		SELECT * FROM reintegration_files(subjects, windows)
	), moved AS (
		SELECT DISTINCT ON (files.id, place) files.id, place, to_unit
		FROM person_moves
		JOIN files ON files.person = person_moves.person
			AND moved_on BETWEEN starts_on AND least(until, to_day)
		WHERE subjects IS NULL OR person_moves.person = ANY (subjects)
		ORDER BY files.id, place, moved_on DESC, person_moves.id DESC
	), held AS (
		-- Of each person and indicator the file that was held last (one that ended on its first day never was); the age is that of the first day.
		SELECT DISTINCT ON (person, files.place, code) person, files.place, code, starts_on, held_to, files.id,
			coalesce(to_unit, unit) AS unit,
			coalesce(until >= day, true) AS is_active,
			min(day) FILTER (WHERE until IS NULL OR until >= day) OVER whole AS first_day,
			min(day) OVER whole AS any_day
		FROM files
		LEFT JOIN moved ON moved.id = files.id AND moved.place = files.place
		WINDOW whole AS (PARTITION BY person, files.place, code)
		ORDER BY person, files.place, code, coalesce(until >= day, true) DESC, held_to DESC,
			held_to >= starts_on DESC, starts_on DESC, files.id DESC
	), judged AS (
		SELECT people.id AS subject, held.*, sex, ethnicity,
			age_on(born_by, coalesce(first_day, any_day)) AS age,
			CASE
				WHEN NOT is_active THEN 'file_expired'
				WHEN age_on(born_by, first_day) > (SELECT indicator_parameter('youth_max_age'))
					THEN 'too_old'
			END AS excluded
		FROM held
		JOIN people ON people.id = held.person AND people.voided_at IS NULL
	), holders AS (
		SELECT subject, place, min(sex) AS sex, min(ethnicity) AS ethnicity,
			(array_agg(unit ORDER BY (excluded IS NULL) DESC, held_to DESC, held_to >= starts_on DESC,
				starts_on DESC, id DESC))[1] AS unit,
			(array_agg(age ORDER BY (excluded IS NULL) DESC, age))[1] AS age,
			array_agg(code ORDER BY code) FILTER (WHERE excluded IS NULL) AS counted_in,
			array_agg(code ORDER BY code) AS codes,
			min(excluded) AS excluded
		FROM judged
		GROUP BY subject, place
	), given AS (
		SELECT person, place, array_agg(DISTINCT 'kind:' || kind ORDER BY 'kind:' || kind) AS kinds
		FROM unnest(windows)
		JOIN interventions ON starts_on <= to_day AND (ends_on IS NULL OR ends_on >= from_day)
		WHERE kind IN ('vocational_training', 'employment', 'loan', 'mentoring', 'community_support')
			AND status IN ('in_progress', 'completed')
			AND voided_at IS NULL
			AND (subjects IS NULL OR person = ANY (subjects))
		GROUP BY person, place
	)
	SELECT subject, holders.place, unit, sex, age, ethnicity,
		CASE
			WHEN counted_in IS NULL THEN ARRAY(SELECT 'of:' || code FROM unnest(codes) AS code)
			ELSE coalesce(kinds, '{}')
		END,
		ARRAY(SELECT code || ':share' FROM unnest(counted_in) AS code),
		ARRAY(SELECT code || ':share' FROM unnest(counted_in) AS code WHERE kinds IS NOT NULL),
		1, 1,
		CASE WHEN counted_in IS NULL THEN excluded END,
		CASE WHEN counted_in IS NULL OR kinds IS NOT NULL THEN '{}'::text[]
			ELSE '{reintegration_support}'::text[] END
	FROM holders
	LEFT JOIN given ON given.person = subject AND given.place = holders.place
$$;

REVOKE ALL ON FUNCTION reintegration_files, contributions_reintegration FROM PUBLIC;
