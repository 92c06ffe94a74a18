-- What runs as its owner is for whoever is named alone: PostgreSQL lets everybody call a function that is made.
DO $$
DECLARE
	entry regprocedure;
BEGIN
	FOR entry IN
		SELECT oid FROM pg_proc
		WHERE pronamespace = 'public'::regnamespace AND prosecdef AND has_function_privilege('public', oid, 'EXECUTE')
	LOOP
		EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', entry);
	END LOOP;
END
$$;

-- A notice is what a trigger tells; some of them run as who writes, who may not tell one by itself.
CREATE OR REPLACE FUNCTION tell(told text, what text, about uuid, subject_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF pg_trigger_depth() = 0 THEN
		RAISE insufficient_privilege USING MESSAGE = 'a notice is told by triggers alone';
	END IF;
	INSERT INTO notices (kind, person, subject, from_organization, organization)
	SELECT what, about, subject_id, caller_organization(), told
	WHERE told IS NOT NULL AND told <> caller_organization();
END
$$;

-- The service itself, triggers that run as who writes, and the view of terms.
GRANT EXECUTE ON FUNCTION idempotency_claim, tell, unit_of_person, committee_of, police, check_unit, check_commune
TO lachan_service;
-- The policies of people, under the service and under what the reader owns.
GRANT EXECUTE ON FUNCTION caller_people TO lachan_service, lachan_reader;

-- A signing key that was stolen is withdrawn: nobody is told of it any more, and nobody takes what it signed.

ALTER TABLE signing_keys ADD withdrawn_at timestamptz;

CREATE OR REPLACE FUNCTION signing_keys_current(keep integer)
RETURNS TABLE (kid text, sealed text, signs_in bigint, ends_in bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT kid, sealed, greatest(ceil(extract(epoch FROM active_from - now())), 0)::bigint,
		extract(epoch FROM retired_at - now())::bigint + keep
	FROM signing_keys
	WHERE withdrawn_at IS NULL AND (retired_at IS NULL OR retired_at > now() - make_interval(secs => keep))
	ORDER BY retired_at DESC NULLS FIRST
	LIMIT 16
$$;

DROP FUNCTION signing_key_add(text, text, text, text, boolean, integer);

-- first: unless there is a key already; next: it signs after `lead` seconds, when the others are retired; stolen: all
-- others are withdrawn, as whoever has one may have each.  Without another before it, it signs at once.
CREATE FUNCTION signing_key_add(new_kid text, new_sealed text, new_x text, new_y text, occasion text, lead integer)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	begins timestamptz := clock_timestamp();
	has_one boolean;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('signing_keys', 0));
	has_one := EXISTS (SELECT FROM signing_keys WHERE retired_at IS NULL);
	IF occasion = 'first' AND has_one THEN
		RETURN;
	ELSIF occasion = 'next' AND has_one THEN
		begins := begins + make_interval(secs => lead);
	ELSIF occasion = 'stolen' THEN
		UPDATE signing_keys SET withdrawn_at = begins WHERE withdrawn_at IS NULL;
	END IF;
	UPDATE signing_keys SET retired_at = begins WHERE retired_at IS NULL;
	INSERT INTO signing_keys (kid, sealed, x, y, active_from)
	VALUES (new_kid, new_sealed, new_x, new_y, begins);
END
$$;

REVOKE ALL ON FUNCTION signing_keys_current, signing_key_add FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signing_keys_current, signing_key_add TO lachan_service;
