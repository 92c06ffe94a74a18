-- As before, but of whatever hangs on the person, in every table that refers to people; and all of it
-- for the police of the province alone.
CREATE OR REPLACE FUNCTION audit_by_person(wanted uuid) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT coalesce(array_agg(id), '{}')
	FROM audit_sealed AS sealed
	WHERE sealed.records && record_ids_of_person(wanted)
		AND caller_role() = 'admin'
		AND (caller_agency() = 1 AND caller_everywhere() OR organization = caller_organization())
$$;
