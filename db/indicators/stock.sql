-- Who is on a list (users, addicts, after rehabilitation) at the window's end, and whether the file's
-- term is running: I.1.a, I.1.b, I.2.c, I.2.d, I.2.e.
CREATE OR REPLACE FUNCTION contributions_stock(subjects uuid[], windows indicator_window[], today date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	WITH days AS (
		SELECT place, least(to_day, today) AS day FROM unnest(windows)
	), lists (status, share, number) AS (
		VALUES ('user', 'I.2.c', 'I.1.a'), ('addict', 'I.2.d', 'I.1.b'), ('in_rehab', 'I.2.d', 'I.1.b'),
			('substitution', 'I.2.d', 'I.1.b'), ('post_rehab', 'I.2.e', NULL)
	), files AS (
		SELECT DISTINCT ON (person, place) place, day, person, status, starts_on, ends_on, unit
		FROM days
		JOIN person_statuses ON starts_on <= day AND (ended_on IS NULL OR ended_on > day)
		WHERE status IN ('user', 'addict', 'in_rehab', 'substitution', 'post_rehab')
			AND voided_at IS NULL
			AND (subjects IS NULL OR person = ANY (subjects))
		ORDER BY person, place, starts_on DESC, id DESC
	), moved AS (
		SELECT DISTINCT ON (files.person, place) files.person, place, to_unit
		FROM person_moves
		JOIN files ON files.person = person_moves.person AND moved_on BETWEEN starts_on AND day
		WHERE subjects IS NULL OR person_moves.person = ANY (subjects)
		ORDER BY files.person, place, moved_on DESC, person_moves.id DESC
	), judged AS (
		SELECT people.id, files.place, coalesce(to_unit, files.unit) AS unit, sex,
			age_on(born_by, day) AS age, ethnicity, share, number,
			coalesce(ends_on >= day, true) AS is_valid,
			age_on(born_by, day) > (SELECT indicator_parameter('youth_max_age')) AS is_old
		FROM files
		JOIN lists USING (status)
		JOIN people ON people.id = files.person AND people.voided_at IS NULL
		LEFT JOIN moved ON moved.person = files.person AND moved.place = files.place
	)
	SELECT id, place, unit, sex, age, ethnicity,
		CASE WHEN is_old THEN array_remove(ARRAY['of:' || number, 'of:' || share], NULL)
			ELSE '{}'::text[] END,
		CASE WHEN is_old THEN '{}'::text[] ELSE array_remove(ARRAY[
			CASE WHEN number = 'I.1.b' OR is_valid THEN number || ':count' END,
			share || ':share'
		], NULL) END,
		CASE WHEN is_old THEN '{}'::text[] ELSE array_remove(ARRAY[
			CASE WHEN number = 'I.1.b' OR is_valid THEN number || ':count' END,
			CASE WHEN is_valid THEN share || ':share' END
		], NULL) END,
		1, 1,
		CASE WHEN is_old THEN 'too_old' END,
		CASE WHEN is_valid OR is_old THEN '{}'::text[] ELSE '{valid_file}'::text[] END
	FROM judged
$$;

REVOKE ALL ON FUNCTION contributions_stock FROM PUBLIC;
