-- $1 after, $2 how many, $3 the resources that the caller reads.  Row policies choose; so that they
-- need not walk through all there is for a caller who sees little, a part at a time.
WITH edges AS MATERIALIZED (
	SELECT * FROM changes_edges()
), shown AS MATERIALIZED (
	SELECT seq, resource, record, operation, version, changed_at
	FROM changes
	WHERE seq > $1::bigint
		AND seq <= least($1::bigint + 5000, (SELECT head FROM edges))
		AND resource = ANY ($3::text[])
	ORDER BY seq
	LIMIT $2::integer
), told AS (
	INSERT INTO audit (action, resource, records)
	SELECT 'list', 'changes', array_agg(DISTINCT record)
	FROM shown
	HAVING count(*) > 0
)
SELECT removed, head, seq, resource, record, operation, version,
	to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
FROM edges
LEFT JOIN shown ON true
ORDER BY seq
