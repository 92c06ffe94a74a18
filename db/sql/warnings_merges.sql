-- What an officer should look at in a history of two files: statuses in an order that the law does not know, and those
-- that stay behind although the kept file says otherwise of their day.
WITH merged AS (
	SELECT person, kept FROM merges WHERE id = $1::uuid AND status = 'merged'
), history AS (
	SELECT id, person_statuses.person, kept, status, rehab_form, origin, starts_on, ended_on,
		lag(status) OVER following AS former,
		lag(ends_on) OVER following > starts_on AS is_running
	FROM merged
	JOIN person_statuses ON person_statuses.person IN (merged.person, kept)
	WHERE voided_at IS NULL
	WINDOW following AS (PARTITION BY person_statuses.person ORDER BY starts_on, ended_on, id)
)
SELECT '/kept', 'status_order', json_build_object('status', status, 'starts_on', starts_on, 'after', former)
FROM history
WHERE person = kept
	AND former IS NOT NULL
	AND (NOT EXISTS (SELECT FROM status_transitions WHERE previous = former AND next = status)
		OR former = 'user' AND status = 'user' AND is_running)
UNION ALL
SELECT '/person', 'status_left', json_build_object('status', status, 'starts_on', starts_on)
FROM history AS other
WHERE person <> kept
	AND NOT EXISTS (
		SELECT
		FROM history AS own
		WHERE own.person = own.kept
			AND (own.status, own.rehab_form, own.origin)
				IS NOT DISTINCT FROM (other.status, other.rehab_form, other.origin)
			AND own.starts_on <= other.starts_on
			AND coalesce(own.ended_on >= other.starts_on, true)
	)
ORDER BY 1, 2
