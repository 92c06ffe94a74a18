SELECT client_create($1::uuid, $2, $3, $4::jsonb, $5::smallint[])
