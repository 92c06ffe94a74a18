SELECT units.key, units.name, organizations.code,
	units.kind = 'ward', units.is_border, units.former_province = '54'
FROM units
JOIN organizations ON organizations.unit = units.key AND organizations.kind = 'committee'
WHERE units.generation = '2025' AND units.level = 'commune'
ORDER BY units.key COLLATE "C"
