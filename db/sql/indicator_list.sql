SELECT subject, counted, missing, unit, desk, since
FROM indicator_list($1, $2, $3::text[], $4::date, $5::date, $6, $7::boolean, $8, $9::integer)
