SELECT user_create($1::uuid, $2, $3::jsonb)
