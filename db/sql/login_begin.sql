SELECT wait, account, password_hash FROM login_begin($1, $2, $3)
