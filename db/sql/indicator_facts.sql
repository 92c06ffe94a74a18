-- Of one target, and whether the register that it counts was ever entered.
SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
	units.level,
	targets.basis,
	unit_of_measure,
	definition_version,
	(
		SELECT string_agg(year || ' ' || operator || ' ' || (value * 100)::bigint, ',' ORDER BY year)
		FROM target_milestones
		WHERE target = targets.code
	),
	CASE $1
		WHEN 'II.3.a' THEN EXISTS (SELECT FROM union_organizations WHERE voided_at IS NULL)
		WHEN 'II.4.a' THEN EXISTS (SELECT FROM institutions WHERE voided_at IS NULL)
		WHEN 'II.4.b' THEN EXISTS (SELECT FROM institution_headcounts WHERE voided_at IS NULL)
		ELSE true -- there may be none
	END
FROM targets
LEFT JOIN units ON units.key = $2
WHERE targets.code = $1
