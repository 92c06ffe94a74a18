SELECT user_reset_password($1::uuid, $2)
