SELECT password_change($1::uuid, $2, $3)
