-- Whoever was not entered as a person is the same one by name and birth, however many blanks the name has.
CREATE OR REPLACE FUNCTION offender_key(person uuid, participant uuid, full_name text, date_of_birth text)
RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
	WHEN person IS NOT NULL THEN person
	WHEN length(date_of_birth) = 10 AND full_name <> ''
		THEN md5(lower(btrim(regexp_replace(full_name, '[\s\u00a0]+', ' ', 'g'))) || date_of_birth)::uuid
	ELSE participant
END;

REINDEX INDEX crime_participants_offender;

-- The figures have to be built anew.
SELECT figures_withdraw();
