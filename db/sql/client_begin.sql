SELECT wait, client, role, scopes FROM client_begin($1, $2, $3, $4)
