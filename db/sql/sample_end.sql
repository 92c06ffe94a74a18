-- Undoes sample_begin.sql.  The figures know nothing of what was loaded without triggers.
DO $$
DECLARE
	filled regclass;
	part record;
BEGIN
	PERFORM figures_withdraw();
	SET LOCAL maintenance_work_mem = '256MB';
	FOR part IN SELECT definition FROM sample_parts ORDER BY is_reference, definition
	LOOP
		EXECUTE part.definition;
	END LOOP;
	FOR filled IN SELECT sample_tables.filled FROM sample_tables
	LOOP
		EXECUTE format('ALTER TABLE %s ENABLE TRIGGER USER', filled);
		IF (SELECT relrowsecurity FROM pg_class WHERE oid = filled) THEN
			EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', filled);
		END IF;
	END LOOP;
END
$$
