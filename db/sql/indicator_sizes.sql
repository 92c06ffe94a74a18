SELECT place, unit, is_small, coalesce(size, -1), parts
FROM small_communes($1, $2::text[], $3::text[], $4::date[], $5::date[])
