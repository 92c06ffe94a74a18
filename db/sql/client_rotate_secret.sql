SELECT client_rotate_secret($1::uuid, $2)
