SELECT place, unit, unit_name, level, sex, age_band, numerator, denominator, has_input
FROM indicator_cells($1, $2::integer, $3::date[], $4::date[], $5::text[], $6, $7, $8, $9::boolean,
	$10::boolean, $11::boolean)
