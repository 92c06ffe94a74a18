-- Locks the tables that the sample fills.  It does itself what their triggers do, and COPY wants no
-- row policies.
DO $$
DECLARE
	filled regclass;
BEGIN
	FOREACH filled IN ARRAY '{institutions,training_sessions,people,people_keys,person_statuses,interventions,crimes,crime_participants,crime_stages,task_assignments,task_progress}'::text[]
	LOOP
		EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER, NO FORCE ROW LEVEL SECURITY', filled);
	END LOOP;
END
$$
