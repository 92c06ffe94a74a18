SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
	units.level,
	targets.basis,
	unit_of_measure,
	definition_version,
	(
		SELECT string_agg(year || ' ' || operator || ' ' || (value * 100)::bigint, ',' ORDER BY year)
		FROM target_milestones
		WHERE target = targets.code
	)
FROM targets
LEFT JOIN units ON units.key = $2
WHERE targets.code = $1
