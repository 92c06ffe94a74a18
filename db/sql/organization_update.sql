SELECT organization_update($1, $2::bigint, $3::jsonb)
