-- Locks the tables that the sample fills, and takes their triggers away: it does itself what they do.
DO $$
DECLARE
	filled text;
BEGIN
	FOREACH filled IN ARRAY '{institutions,training_sessions,people,people_keys,person_statuses,interventions,crimes,crime_participants,crime_stages,task_assignments,task_progress}'::text[]
	LOOP
		EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', filled);
	END LOOP;
END
$$
