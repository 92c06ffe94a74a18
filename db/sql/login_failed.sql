SELECT login_failed($1, $2, $3::integer, $4)
