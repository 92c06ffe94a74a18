SELECT report_submit($1::uuid, $2::bigint, $3::jsonb, $4)
