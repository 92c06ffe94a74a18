SELECT kid, sealed, signs_in, ends_in FROM signing_keys_current($1::integer)
