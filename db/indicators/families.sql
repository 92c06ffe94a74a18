-- The families of contributions there are, and the table that their subjects stand in.
DELETE FROM indicator_families;
INSERT INTO indicator_families (name, kind) VALUES
	('stock', 'people'),
	('services', 'people'),
	('reintegration', 'people'),
	('offenders', 'people'),
	('cases', 'crimes'),
	('hotspots', 'hotspots'),
	('movements', 'union_organizations'),
	('key_communes', 'key_communes'),
	('key_jobs', 'key_communes'),
	('key_people', 'key_communes'),
	('schools', 'institutions'),
	('staff', 'institutions'),
	('staff_yearly', 'institutions');
