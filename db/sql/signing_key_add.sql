SELECT signing_key_add($1, $2, $3, $4, $5, $6::integer)
