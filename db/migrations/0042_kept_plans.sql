-- A function in SQL that runs as its owner is planned anew for each statement that calls it; what nearly
-- every statement calls is in PL/pgSQL, which keeps its plans with the connection.
CREATE OR REPLACE FUNCTION closed_people() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN ARRAY(
		SELECT uuid_hash_extended(id, 62)
		FROM people
		WHERE restricted_at IS NOT NULL
			AND NOT (caller_purpose() IS NOT NULL AND caller_holds(unit, organization))
	);
END
$$;

CREATE OR REPLACE FUNCTION figures_version() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN (SELECT data_version || ' ' || today() FROM indicator_state);
END
$$;

-- A hand-over waits for whoever takes files over, not for every body that sits in the commune.
CREATE OR REPLACE FUNCTION caller_people() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN ARRAY(
		SELECT person FROM referrals
		WHERE to_organization = caller_organization() AND status = 'open' AND voided_at IS NULL
		UNION
		SELECT person FROM handovers
		WHERE to_unit = ANY (caller_units()) AND caller_agency() IN (1, 4, 19) AND status = 'proposed'
			AND voided_at IS NULL
		UNION
		SELECT person FROM break_glasses
		WHERE created_by = caller_user() AND expires_at > now() AND voided_at IS NULL
	);
END
$$;

CREATE FUNCTION border_communes() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN ARRAY(SELECT key FROM units WHERE is_border);
END
$$;

REVOKE ALL ON FUNCTION border_communes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION border_communes TO lachan_service, lachan_reader;
