-- Files that may be of the same person, the likeliest first; telling of them is in the audit.
WITH found AS (
	SELECT id, score, reasons FROM person_duplicates WHERE person = $1::uuid ORDER BY score DESC, id LIMIT 5
), trail AS (
	INSERT INTO audit (action, resource, records, fields)
	SELECT 'list', 'people', array_agg(id), '{identity}' FROM found HAVING count(*) > 0
)
SELECT '', 'possible_duplicate',
	json_build_object('person', id, 'score', score, 'reasons', reasons)
FROM found
ORDER BY score DESC, id
