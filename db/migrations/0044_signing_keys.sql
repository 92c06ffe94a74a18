-- A key is told before it signs, so that no replica, and nobody who keeps our keys, meets a token whose key
-- it does not know; until then the one before goes on signing.
DROP FUNCTION signing_keys_current(integer);

-- The newest first.  Seconds until it may sign (0: it may), and until nobody takes its tokens any more,
-- which are taken for `keep` seconds after it was retired; NULL: it stays.
CREATE FUNCTION signing_keys_current(keep integer)
RETURNS TABLE (kid text, sealed text, signs_in bigint, ends_in bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT kid, sealed, greatest(ceil(extract(epoch FROM active_from - now())), 0)::bigint,
		extract(epoch FROM retired_at - now())::bigint + keep
	FROM signing_keys
	WHERE retired_at IS NULL OR retired_at > now() - make_interval(secs => keep)
	ORDER BY retired_at DESC NULLS FIRST
	LIMIT 16
$$;

DROP FUNCTION signing_key_add(text, text, text, text, boolean);

-- Makes a key that signs after `lead` seconds, and retires the others then; only_first: unless there is
-- one already, and at once.
CREATE FUNCTION signing_key_add(new_kid text, new_sealed text, new_x text, new_y text,
	only_first boolean, lead integer)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	begins timestamptz := clock_timestamp();
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('signing_keys', 0));
	IF EXISTS (SELECT FROM signing_keys WHERE retired_at IS NULL) THEN
		IF only_first THEN
			RETURN;
		END IF;
		begins := begins + make_interval(secs => lead);
	END IF;
	UPDATE signing_keys SET retired_at = begins WHERE retired_at IS NULL;
	INSERT INTO signing_keys (kid, sealed, x, y, active_from)
	VALUES (new_kid, new_sealed, new_x, new_y, begins);
END
$$;

REVOKE ALL ON FUNCTION signing_keys_current, signing_key_add FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signing_keys_current, signing_key_add TO lachan_service;
