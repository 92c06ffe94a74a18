-- What would let the serving role, or anybody, past the row policies and the views: an empty answer is the only good one.
SELECT 'the role ' || rolname || ' is not bound by row policies'
FROM pg_roles
WHERE rolname = current_user AND (rolsuper OR rolbypassrls)
UNION ALL
SELECT 'the serving role owns ' || relname
FROM pg_class
WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
	AND relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'the table ' || relname || ' has no row policies'
FROM pg_class
WHERE relnamespace = 'public'::regnamespace
	AND relkind IN ('r', 'p')
	AND NOT (relrowsecurity AND relforcerowsecurity)
UNION ALL
SELECT 'the serving role reads ' || name || ', which some may not see'
FROM unnest($1::text[]) AS name
WHERE has_column_privilege(split_part(name, '.', 1), split_part(name, '.', 2), 'SELECT')
UNION ALL
SELECT 'everybody may call ' || oid::regprocedure || ', which runs as its owner'
FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND prosecdef AND has_function_privilege('public', oid, 'EXECUTE')
LIMIT 1
