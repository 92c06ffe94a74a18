SELECT is_excluded, reason, subjects
FROM indicator_reasons($1, $2, $3::text[], $4::date, $5::date, $6, $7::boolean)
