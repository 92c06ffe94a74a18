ANALYZE institutions, institution_headcounts, training_sessions, people, people_keys, person_statuses, interventions,
	crimes, crime_participants, crime_stages, task_assignments, task_progress, hotspots, hotspot_events, key_communes,
	union_organizations, campaigns, models
