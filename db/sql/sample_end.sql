-- Undoes sample_begin.sql.
DO $$
DECLARE
	filled text;
BEGIN
	FOREACH filled IN ARRAY '{institutions,training_sessions,people,people_keys,person_statuses,interventions,crimes,crime_participants,crime_stages,task_assignments,task_progress}'::text[]
	LOOP
		EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', filled);
	END LOOP;
END
$$
