SELECT place, unit, unit_name, cells.level, sex, age_band, ethnicity, tag, numerator, denominator,
	has_input, former_province
FROM indicator_cells($1, $2::text[], $3::date[], $4::date[], $5, $6, $7, $8::boolean, $9::text[]) AS cells
JOIN units ON key = unit
