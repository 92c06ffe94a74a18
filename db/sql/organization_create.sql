SELECT organization_create($1, $2::jsonb)
