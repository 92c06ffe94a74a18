SELECT subject, counted, missing
FROM indicator_list($1, $2::integer, $3::date, $4::date, $5, $6, $7::boolean, $8, $9::integer)
