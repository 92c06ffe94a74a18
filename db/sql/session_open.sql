SELECT *
FROM session_open($1::uuid, $2::uuid, $3::uuid, $4, $5, $6::integer, string_to_array($7, ' '), $8, $9)
