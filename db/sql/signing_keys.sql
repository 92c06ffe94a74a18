SELECT kid, sealed, retired_for FROM signing_keys_current($1::integer)
