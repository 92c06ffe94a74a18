-- The sealed rows of the audit that tell of a person: of the record itself, and of what hangs on it;
-- or of any other record.  Only those that the caller may see: row policies would keep the index by
-- records from being used.
CREATE FUNCTION audit_by_person(wanted uuid) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT coalesce(array_agg(id), '{}')
	FROM audit_sealed AS sealed
	WHERE sealed.records && array_prepend(wanted, ARRAY(
			SELECT id FROM person_statuses WHERE person = wanted
			UNION ALL
			SELECT id FROM interventions WHERE person = wanted
			UNION ALL
			SELECT id FROM crime_participants WHERE person = wanted
		))
		AND caller_role() = 'admin'
		AND (caller_agency() = 1 OR organization = caller_organization())
$$;

REVOKE ALL ON FUNCTION audit_by_person FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_by_person TO lachan_service;
