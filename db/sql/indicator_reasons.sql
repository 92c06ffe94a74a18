SELECT is_excluded, reason, subjects
FROM indicator_reasons($1, $2::integer, $3::date, $4::date, $5, $6, $7::boolean)
