ANALYZE institutions, training_sessions, people, people_keys, person_statuses, interventions, crimes, crime_participants, crime_stages, task_assignments, task_progress
