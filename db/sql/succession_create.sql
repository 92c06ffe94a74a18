SELECT succession_create($1::uuid, $2::jsonb)
