SELECT username, organization_name, unit_name FROM holder_names($1::uuid, $2, $3)
