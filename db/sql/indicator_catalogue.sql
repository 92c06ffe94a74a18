SELECT code, json_build_object(
	'code', code,
	'target_group', target_group,
	'title_vi', title_vi,
	'title_en', title_en,
	'numerator', numerator,
	'denominator', denominator,
	'unit_of_measure', unit_of_measure,
	'direction', direction,
	'basis', basis,
	'clause', clause,
	'owner_agency', owner_agency,
	'levels', levels,
	'definition_version', definition_version,
	'milestones', coalesce((
		SELECT json_agg(json_build_object('year', year, 'operator', operator, 'value', value)
			ORDER BY year)
		FROM target_milestones
		WHERE target = targets.code
	), '[]')
)
FROM targets
ORDER BY code
