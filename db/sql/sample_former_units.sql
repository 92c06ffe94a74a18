SELECT units.successor, units.key, units.name, organizations.code, units.valid_from, units.valid_to
FROM units
LEFT JOIN organizations ON organizations.unit = units.parent AND organizations.kind = 'committee'
WHERE units.generation <> '2025' AND units.level = 'commune' AND units.successor IS NOT NULL
ORDER BY units.successor COLLATE "C", units.key COLLATE "C"
