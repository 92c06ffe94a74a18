SELECT seat_create($1::uuid, $2::jsonb)
