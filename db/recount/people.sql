-- People, from their files, what was done for them and what they did: I.1, I.2 and II.1.

-- The lists of the plan: whoever is dependent stays so in rehabilitation and in substitution.
CREATE OR REPLACE FUNCTION recount_list(status text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
	WHEN status IN ('addict', 'in_rehab', 'substitution') THEN 'addict'
	ELSE status
END;

-- The last commune that a file moved to, from its beginning to a day; none when it stayed.
CREATE OR REPLACE FUNCTION recount_moved(of_person uuid, starts_on date, day date) RETURNS SETOF text
LANGUAGE sql STABLE
AS $$
	SELECT to_unit
	FROM person_moves
	WHERE person = of_person AND moved_on BETWEEN starts_on AND day
	ORDER BY moved_on DESC, id DESC
	LIMIT 1
$$;

-- The files with a day in a window, as far as it has passed: their first and last day in it, and the
-- commune that held them on the last.  A file ends the day before ended_on.  The management of a user
-- or after rehabilitation is active up to the end of its term alone; a dependence has no term.
-- active_only: none but the active ones, up to their last active day.
CREATE OR REPLACE FUNCTION recount_files(windows indicator_window[], today date, active_only boolean)
RETURNS TABLE (place integer, window_end date, person uuid, list text, term_ends_on date, first_day date,
	last_day date, unit text, starts_on date, id uuid)
LANGUAGE sql STABLE
AS $$
	SELECT place, window_end, filed.person, recount_list(filed.status), ends_on, first_day, last_day,
		coalesce(moved_to, filed.unit), starts_on, filed.id
	FROM (
		SELECT place, least(to_day, today) AS window_end, held.*,
			greatest(from_day, starts_on) AS first_day,
			least(to_day, today, ended_on - 1, active_to) AS last_day
		FROM unnest(windows)
		JOIN person_statuses AS held ON starts_on <= least(to_day, today)
		CROSS JOIN LATERAL (
			SELECT CASE WHEN active_only AND status IN ('user', 'post_rehab') THEN ends_on END
		) AS term (active_to)
		WHERE least(ended_on - 1, active_to, to_day) >= greatest(from_day, starts_on)
			AND held.voided_at IS NULL
	) AS filed
	JOIN people ON people.id = filed.person AND people.voided_at IS NULL
	LEFT JOIN recount_moved(filed.person, starts_on, last_day) AS moved_to ON true
$$;

-- I.1.a, I.1.b and I.2.c to I.2.e: the lists at the window's end.
CREATE OR REPLACE FUNCTION recount_stock(windows indicator_window[], today date) RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	SELECT measure, place, person, file.unit, sex, age_band(age_on(born_by, window_end)), ethnicity,
		'{}'::text[], has_it::integer, 1
	FROM recount_files(windows, today, false) AS file
	JOIN people ON people.id = person
	CROSS JOIN LATERAL (
		SELECT term_ends_on IS NULL OR term_ends_on >= window_end AS is_valid
	) AS term
	JOIN LATERAL (VALUES
		('I.1.a:count', 'user', is_valid, true), ('I.1.b:count', 'addict', true, true),
		('I.2.c:share', 'user', true, is_valid), ('I.2.d:share', 'addict', true, is_valid),
		('I.2.e:share', 'post_rehab', true, is_valid)
	) AS measures (measure, on_list, is_asked, has_it) ON on_list = list AND is_asked
	WHERE last_day = window_end
		AND age_on(born_by, window_end) <= (SELECT indicator_parameter('youth_max_age'))
$$;

-- The kinds of what was done for a person in a window.
CREATE OR REPLACE FUNCTION recount_done(windows indicator_window[], kinds text[])
RETURNS TABLE (place integer, person uuid, done text[])
LANGUAGE sql STABLE
AS $$
	SELECT place, person, array_agg(DISTINCT 'kind:' || kind ORDER BY 'kind:' || kind)
	FROM unnest(windows)
	JOIN interventions ON starts_on <= to_day AND (ends_on IS NULL OR ends_on >= from_day)
	WHERE kind = ANY (kinds) AND status IN ('in_progress', 'completed') AND voided_at IS NULL
	GROUP BY 1, 2
$$;

-- II.1.a to II.1.e: young users and addicts with a day of their file in the window.
CREATE OR REPLACE FUNCTION recount_services(windows indicator_window[], today date) RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	WITH listed AS (
		SELECT place, person, min(first_day) AS first_day, bool_or(list = 'addict') AS is_addict,
			(array_agg(unit ORDER BY last_day DESC))[1] AS unit
		FROM recount_files(windows, today, true)
		WHERE list IN ('user', 'addict')
		GROUP BY 1, 2
	), served AS (
		SELECT listed.*, done, done && '{kind:counselling}' AS has_counselling,
			done && '{kind:screening,kind:assessment}' AS has_screening,
			done && '{kind:behaviour_education}' AS has_education,
			done && '{kind:treatment,kind:substitution,kind:rehab}' AS has_treatment
		FROM listed
		LEFT JOIN recount_done(windows, '{counselling,screening,assessment,behaviour_education,treatment,
			substitution,rehab}') AS kept USING (place, person)
	)
	SELECT measure, place, person, served.unit, sex, age_band(age_on(born_by, first_day)), ethnicity,
		coalesce(done, '{}'), coalesce(has_it, false)::integer, 1
	FROM served
	JOIN people ON people.id = person
	CROSS JOIN LATERAL (VALUES
		('II.1.a:suitable', true, (has_counselling OR has_education) AND has_screening
			AND (has_treatment OR NOT is_addict)),
		('II.1.a:any', true, done IS NOT NULL),
		('II.1.a:all', true, has_counselling AND has_education AND has_screening
			AND (has_treatment OR NOT is_addict)),
		('II.1.b:share', true, has_counselling),
		('II.1.c:share', true, has_screening),
		('II.1.d:share', true, has_education),
		('II.1.e:share', is_addict, has_treatment)
	) AS measures (measure, is_asked, has_it)
	WHERE is_asked AND age_on(born_by, first_day) <= (SELECT indicator_parameter('youth_max_age'))
$$;

-- Young people in the management after rehabilitation (II.1.f) with a day in the window, and those
-- released from a sentence not long before its end (II.1.g), whatever became of them since.  Who is
-- both has the age of the first day of either, and one commune, where the file was last; since: the day of
-- return that counts first.
DROP FUNCTION IF EXISTS recount_returning(indicator_window[], date);
CREATE FUNCTION recount_returning(windows indicator_window[], today date)
RETURNS TABLE (place integer, person uuid, measures text[], unit text, age integer, since date)
LANGUAGE sql STABLE
AS $$
	WITH due AS (
		SELECT 'II.1.f:share' AS measure, place, person, first_day, last_day, unit, starts_on, id
		FROM recount_files(windows, today, true)
		WHERE list = 'post_rehab'
		UNION ALL
		SELECT 'II.1.g:share', place, person, greatest(from_day, starts_on),
			least(to_day, today, ended_on - 1), coalesce(moved_to, unit), starts_on, id
		FROM unnest(windows)
		JOIN person_statuses ON starts_on <= least(to_day, today)
			AND starts_on > to_day
				- make_interval(months => (SELECT indicator_parameter('release_months')))
		LEFT JOIN recount_moved(person, starts_on, least(to_day, today)) AS moved_to ON true
		WHERE status = 'released' AND voided_at IS NULL
	), young AS (
		-- The age is told, and judged, by the first day of each indicator.
		SELECT due.*, age_on(born_by, min(first_day) OVER (PARTITION BY measure, place, person)) AS age
		FROM due
		JOIN people ON people.id = person AND voided_at IS NULL
	)
	-- A file that ended on the day it began was held by nobody, unless there was no other.
	SELECT place, person, array_agg(DISTINCT measure),
		(array_agg(unit ORDER BY last_day DESC, last_day >= starts_on DESC, starts_on DESC, id DESC))[1],
		min(age), min(starts_on)
	FROM young
	WHERE age <= (SELECT indicator_parameter('youth_max_age'))
	GROUP BY 1, 2
$$;

-- II.1.f and II.1.g: whether they were helped.
CREATE OR REPLACE FUNCTION recount_reintegration(windows indicator_window[], today date)
RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	SELECT measure, place, person, due.unit, sex, age_band(age), ethnicity,
		coalesce(done, '{}'), (done IS NOT NULL)::integer, 1
	FROM recount_returning(windows, today) AS due
	CROSS JOIN unnest(measures) AS measure
	JOIN people ON people.id = person
	LEFT JOIN recount_done(windows, '{vocational_training,employment,loan,mentoring,community_support}') AS kept
		USING (place, person)
$$;

-- Who holds somebody's file, of whatever status, at the window's end, or did last in it.
CREATE OR REPLACE FUNCTION recount_holders(windows indicator_window[], today date)
RETURNS TABLE (place integer, person uuid, unit text)
LANGUAGE sql STABLE
AS $$
	SELECT DISTINCT ON (place, person) place, person, unit
	FROM recount_files(windows, today, false)
	ORDER BY place, person, last_day DESC
$$;

-- I.1.c: whoever was found in the window to have broken drug law when young, as a suspect or by a
-- violation; under all that he is charged with in it.
CREATE OR REPLACE FUNCTION recount_offenders(windows indicator_window[], today date) RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	WITH offences AS (
		SELECT offender_key(person, suspect.id, full_name, date_of_birth) AS offender, person, suspect.id,
			detected_on AS found_on, coalesce(occurred_on, detected_on) AS day, born_by, sex,
			crimes.unit, coalesce(nullif(articles, '{}'), ARRAY[article]) AS articles
		FROM crime_participants AS suspect
		JOIN crimes ON crimes.id = crime AND crimes.voided_at IS NULL
		WHERE role = 'suspect' AND suspect.voided_at IS NULL
		UNION ALL
		SELECT person, person, id, violated_on, violated_on, NULL, NULL, unit, NULL
		FROM person_violations
		WHERE voided_at IS NULL
	), known AS (
		SELECT offender, person, offences.id, found_on, day, offences.unit, articles, ethnicity,
			coalesce(people.sex, offences.sex) AS sex,
			age_on(coalesce(people.born_by, offences.born_by), day) AS age
		FROM offences
		LEFT JOIN people ON people.id = person
		WHERE people.voided_at IS NULL
	), counted AS (
		SELECT place, offender, person, min(age) AS age, min(sex) AS sex, min(ethnicity) AS ethnicity,
			(array_agg(unit ORDER BY found_on DESC, id DESC))[1] AS unit,
			array_agg(DISTINCT 'article:' || article ORDER BY 'article:' || article)
				FILTER (WHERE article IS NOT NULL) AS tags
		FROM unnest(windows)
		JOIN known ON found_on BETWEEN from_day AND to_day
		LEFT JOIN LATERAL unnest(articles) AS article ON true
		GROUP BY 1, 2, 3
		HAVING min(age) <= (SELECT indicator_parameter('youth_max_age'))
	)
	SELECT 'I.1.c:count', place, offender, coalesce(holder.unit, counted.unit), coalesce(sex, 'unknown'),
		age_band(age), ethnicity, coalesce(tags, '{}'), 1, 1
	FROM counted
	LEFT JOIN recount_holders(windows, today) AS holder USING (place, person)
$$;

REVOKE ALL ON FUNCTION recount_list, recount_moved, recount_files, recount_stock, recount_done, recount_services,
	recount_returning, recount_reintegration, recount_holders, recount_offenders
FROM PUBLIC;
