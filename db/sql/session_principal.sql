SELECT * FROM session_principal($1::uuid)
