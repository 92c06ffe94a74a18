SELECT session_revoke($1::uuid, $2)
