-- What counts where it should, and what cannot be is refused.

-- The day after `after` on which a birthday or the end of a term may change what an open file contributes.
-- How long a job has lasted is asked of key communes alone, on every day.
CREATE OR REPLACE FUNCTION people_next_on(subjects uuid[], after date)
RETURNS TABLE (person uuid, next_on date)
LANGUAGE sql STABLE
AS $$
	WITH files AS (
		SELECT person, min(ends_on + 1) FILTER (WHERE ends_on >= after) AS term_over
		FROM person_statuses
		WHERE ended_on IS NULL
			AND voided_at IS NULL
			AND (subjects IS NULL OR person = ANY (subjects))
		GROUP BY person
	)
	SELECT person, least(term_over, birthday + CASE
		WHEN to_char(born_by, 'MMDD') = '0229' AND to_char(birthday, 'MMDD') = '0228' THEN 1
		ELSE 0
	END)
	FROM files
	JOIN people ON people.id = person
	CROSS JOIN LATERAL (
		SELECT (born_by + make_interval(years => greatest(age_on(born_by, after), 0) + 1))::date
			AS birthday
	) AS next
$$;
