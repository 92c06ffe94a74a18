-- The requests of each work, for psql -At -F TAB -v to=DIRECTORY: one a line, the path and perhaps a body.
CREATE FUNCTION pg_temp.percent(plain text) RETURNS text LANGUAGE sql
RETURN regexp_replace(encode(convert_to(plain, 'UTF8'), 'hex'), '(..)', '%\1', 'g');

SELECT setseed(0.5) \g /dev/null
CREATE TEMPORARY TABLE chosen AS
SELECT id, full_name, unit FROM people WHERE voided_at IS NULL ORDER BY random() LIMIT 10000;

SELECT '/healthz' \g :to/constant
SELECT '/v1/people/' || id FROM chosen \g :to/get
SELECT '/v1/people?limit=50' \g :to/list
SELECT '/v1/people?limit=50&fields=id,full_name,other_name,date_of_birth,sex,citizen_number,ethnicity,phone,address,unit,'
	'status,status_since,institution,education_level,employment,version' \g :to/list_16
SELECT '/v1/people?limit=50&q=' || pg_temp.percent(full_name)
FROM chosen WHERE full_name ~ '^\S+ \S+ \S+$' LIMIT 1000 \g :to/search_name
SELECT '/v1/people?limit=50&q=' || pg_temp.percent(substring(full_name FROM '^\S+ \S+')) AS path
FROM chosen GROUP BY path ORDER BY count(*) DESC LIMIT 10 \g :to/search_common
SELECT '/v1/people', json_build_object('full_name', full_name, 'date_of_birth', '1990-02-03', 'sex', 'male',
	'no_number_reason', 'unknown', 'unit', unit, 'address', 'Thôn 3') FROM chosen WHERE unit LIKE '2025-%' \g :to/post_person
SELECT '/v1/interventions', json_build_object('person', id, 'kind', 'counselling', 'status', 'in_progress',
	'starts_on', '2026-01-05') FROM chosen \g :to/post_intervention
-- Of every kind that needs nothing else: what somebody had already changes no figure.
SELECT '/v1/interventions', json_build_object('person', id, 'kind', kind, 'status', 'in_progress',
	'starts_on', '2026-01-05')
FROM chosen CROSS JOIN (SELECT DISTINCT kind FROM interventions WHERE kind NOT IN ('rehab', 'employment')) AS kinds
\g :to/post_service
SELECT '/v1/indicators/II.1.a?level=commune&period=2024,2025,2026' \g :to/indicator
SELECT '/v1/indicators?period=2025' \g :to/catalogue
-- More questions than answers are remembered.
SELECT '/v1/indicators/' || targets.code || '?period=2025&unit=' || key
FROM targets CROSS JOIN units WHERE level = 'commune' AND units.valid_to IS NULL \g :to/indicator_new
