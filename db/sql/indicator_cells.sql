SELECT place, unit, unit_name, cells.level, sex, age_band, ethnicity, tag, numerator, denominator,
	has_input, former_province, CASE $7
		WHEN 'current' THEN valid_to IS NULL
		WHEN '2024' THEN generation <> '2025'
		ELSE ($4::date[])[place] BETWEEN coalesce(valid_from, '-infinity') AND coalesce(valid_to, 'infinity')
	END AS is_on_map
FROM indicator_cells($1, $2::text[], $3::date[], $4::date[], $5, $6, $7, $8::boolean, $9::text[]) AS cells
JOIN units ON key = unit
