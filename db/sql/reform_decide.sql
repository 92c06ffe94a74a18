SELECT reform_decide($1::uuid, $2::jsonb)
