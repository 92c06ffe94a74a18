SELECT (who).*, steps FROM session_refresh($1, $2, $3, $4, $5::integer)
