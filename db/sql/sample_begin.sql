-- Locks the tables that the sample fills.  It does itself what their triggers do, COPY wants no row
-- policies, and keys and indexes are made quicker of a full table than row by row.
DO $$
DECLARE
	filled regclass;
	tables regclass[] := '{institutions,institution_headcounts,training_sessions,people,people_keys,person_statuses,
		interventions,crimes,crime_participants,crime_stages,task_assignments,task_progress,hotspots,
		hotspot_events,key_communes,union_organizations,campaigns,models}';
	part record;
BEGIN
	FOREACH filled IN ARRAY tables
	LOOP
		EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER, NO FORCE ROW LEVEL SECURITY', filled);
	END LOOP;
	CREATE TEMPORARY TABLE sample_tables ON COMMIT DROP AS SELECT unnest(tables) AS filled;
	CREATE OR REPLACE FUNCTION pg_temp.sample_id(of_what text) RETURNS uuid LANGUAGE sql IMMUTABLE AS
		'SELECT overlay(overlay(md5(of_what) PLACING ''7'' FROM 13) PLACING ''8'' FROM 17)::uuid';
	CREATE TEMPORARY TABLE sample_parts ON COMMIT DROP AS
	SELECT conrelid::regclass AS filled, conname AS name, contype = 'f' AS is_reference,
		format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
			pg_get_constraintdef(oid)) AS definition
	FROM pg_constraint
	WHERE conrelid = ANY (tables) AND contype IN ('f', 'p', 'u', 'x')
		OR confrelid = ANY (tables) -- tables that the sample leaves alone refer to these
	UNION ALL
	SELECT indrelid::regclass, NULL, false, pg_get_indexdef(indexrelid)
	FROM pg_index
	WHERE indrelid = ANY (tables)
		AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid);
	FOR part IN SELECT * FROM sample_parts WHERE name IS NOT NULL ORDER BY is_reference DESC
	LOOP
		EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', part.filled, part.name);
	END LOOP;
	FOR part IN
		SELECT indexrelid::regclass AS name FROM pg_index WHERE indrelid = ANY (tables)
	LOOP
		EXECUTE format('DROP INDEX %s', part.name);
	END LOOP;
END
$$
