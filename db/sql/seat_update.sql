SELECT seat_update($1::uuid, $2::bigint, $3::jsonb)
