SELECT * FROM client_principal($1::uuid)
