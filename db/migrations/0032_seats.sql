-- One organisation may hold seats of several agencies.  An admin holds the one it sits in: it grants no
-- other, and takes over no account of another.

CREATE OR REPLACE FUNCTION grant_check(to_organization text, to_agency smallint, to_role text, to_unit text)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	IF coalesce(caller_role(), '') NOT IN ('admin', 'operator') THEN
		PERFORM refuse('LC403', 'not_allowed');
	ELSIF to_role = 'operator' AND caller_role() <> 'operator' THEN
		PERFORM refuse('LC403', 'not_yours_to_grant', '/role');
	ELSIF to_role = 'operator' AND to_agency IS NOT NULL THEN
		PERFORM refuse('LC422', 'not_for_operators', '/agency');
	ELSIF to_role = 'operator' AND to_unit IS NOT NULL THEN
		PERFORM refuse('LC422', 'not_for_operators', '/unit');
	ELSIF to_role = 'operator' THEN
		RETURN;
	ELSIF to_organization IS NULL THEN
		PERFORM refuse('LC422', 'required', '/organization');
	ELSIF to_agency IS NULL THEN
		PERFORM refuse('LC422', 'required', '/agency');
	ELSIF to_unit IS NULL THEN
		PERFORM refuse('LC422', 'required', '/unit');
	ELSIF caller_role() = 'admin' AND to_organization IS DISTINCT FROM caller_organization() THEN
		PERFORM refuse('LC403', 'not_yours_to_grant', '/organization');
	ELSIF NOT EXISTS (SELECT FROM organizations WHERE code = to_organization) THEN
		PERFORM refuse('LC422', 'no_such_record', '/organization');
	ELSIF NOT seat_is_held(to_organization, to_agency) THEN
		PERFORM refuse('LC422', 'seat_not_held', '/agency');
	ELSIF caller_role() = 'admin' AND to_agency <> caller_agency() THEN
		PERFORM refuse('LC403', 'not_yours_to_grant', '/agency');
	ELSIF NOT EXISTS (
		SELECT FROM units WHERE key = to_unit AND (valid_to IS NULL OR valid_to >= today())
	) THEN
		PERFORM refuse('LC422', 'unit_not_valid', '/unit');
	ELSIF caller_role() = 'admin' AND NOT unit_is_within(to_unit, caller_unit()) THEN
		PERFORM refuse('LC403', 'not_yours_to_grant', '/unit');
	ELSIF NOT unit_is_within(to_unit,
		(SELECT unit FROM organizations WHERE code = to_organization))
	THEN
		PERFORM refuse('LC422', 'outside_organization', '/unit');
	END IF;
END
$$;

DROP FUNCTION reach_check(text);

-- Whoever takes an account over holds its territory and its seat.
CREATE FUNCTION reach_check(of_unit text, of_agency smallint) RETURNS void
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	IF caller_role() = 'admin' AND (of_agency <> caller_agency()
		OR NOT unit_is_within(of_unit, caller_unit()))
	THEN
		PERFORM refuse('LC403', 'row_not_allowed');
	END IF;
END
$$;

CREATE OR REPLACE FUNCTION user_lock(of_user uuid, seen bigint) RETURNS accounts
LANGUAGE plpgsql
AS $$
DECLARE
	locked accounts;
BEGIN
	SELECT * INTO locked
	FROM accounts
	WHERE id = of_user AND EXISTS (SELECT FROM users WHERE users.id = of_user)
	FOR NO KEY UPDATE;
	IF locked.id IS NULL THEN
		PERFORM refuse('LC404', 'not_found');
	ELSIF seen NOT IN (0, locked.version) THEN
		PERFORM refuse('LC412', 'stale');
	END IF;
	PERFORM reach_check(locked.unit, locked.agency);
	RETURN locked;
END
$$;

CREATE OR REPLACE FUNCTION client_lock(of_client uuid, seen bigint) RETURNS clients
LANGUAGE plpgsql
AS $$
DECLARE
	locked clients;
BEGIN
	SELECT * INTO locked
	FROM clients
	WHERE id = of_client AND EXISTS (SELECT FROM system_clients WHERE system_clients.id = of_client)
	FOR NO KEY UPDATE;
	IF locked.id IS NULL THEN
		PERFORM refuse('LC404', 'not_found');
	ELSIF seen NOT IN (0, locked.version) THEN
		PERFORM refuse('LC412', 'stale');
	END IF;
	PERFORM reach_check(locked.unit, locked.agency);
	RETURN locked;
END
$$;

REVOKE ALL ON FUNCTION reach_check FROM PUBLIC;
