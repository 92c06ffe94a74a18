-- The statement that brings a table up to date from its temporary copy seed_<table>: every column
-- of the file but the key is overwritten, unless the operator has edited the row.
SELECT format(
	'INSERT INTO %1$I (%2$s) SELECT %2$s FROM pg_temp.seed ON CONFLICT (%3$s) DO %4$s',
	$1,
	string_agg(quote_ident(attname), ', ' ORDER BY attnum),
	string_agg(quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE is_key),
	coalesce('UPDATE SET ' || string_agg(format('%1$I = excluded.%1$I', attname), ', ' ORDER BY attnum)
		FILTER (WHERE NOT is_key) || CASE WHEN EXISTS (
			SELECT FROM pg_attribute WHERE attrelid = $1::regclass AND attname = 'edited_at'
		) THEN format(' WHERE %I.edited_at IS NULL', $1) ELSE '' END, 'NOTHING')
)
FROM (
	SELECT attname, attnum, coalesce(attnum = ANY (indkey::smallint[]), false) AS is_key
	FROM pg_attribute
	LEFT JOIN pg_index ON indrelid = attrelid AND indisprimary
	WHERE attrelid = $1::regclass
		AND attnum > 0
		AND NOT attisdropped
		AND attname = ANY (string_to_array($2, ','))
) AS columns
