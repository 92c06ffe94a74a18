-- Accounts of people and of systems as they are managed: an agency's admin manages those of its own
-- organisation, the operator all.  Nobody grants what they do not hold; the service asks the
-- functions below, which decide it again and write the audit.

ALTER TABLE accounts
	ADD COLUMN title text,
	ADD COLUMN purpose text NOT NULL DEFAULT '',
	ADD COLUMN must_change_password boolean NOT NULL DEFAULT false,
	ADD COLUMN last_login_at timestamptz,
	ADD COLUMN version bigint NOT NULL DEFAULT 1;

ALTER TABLE clients
	ADD COLUMN title text,
	ADD COLUMN last_login_at timestamptz,
	ADD COLUMN version bigint NOT NULL DEFAULT 1;

CREATE FUNCTION caller_session() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('lachan.session', true), '')::uuid;

-- Before a change to who somebody is, every session of theirs ends.
CREATE OR REPLACE FUNCTION accounts_epoch() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	was jsonb := to_jsonb(OLD);
	becomes jsonb := to_jsonb(NEW);
	apart text[] := '{epoch,version,updated_at,last_login_at,title,purpose,must_change_password,'
		'previous_hash,previous_until}';
BEGIN
	NEW.epoch := OLD.epoch;
	NEW.version := OLD.version;
	IF becomes - 'last_login_at' = was - 'last_login_at' THEN
		RETURN NEW;
	END IF;
	NEW.updated_at := now();
	NEW.version := OLD.version + 1;
	-- A secret that makes way while it still works ends nothing.
	IF becomes->>'previous_hash' = was->>'secret_hash' THEN
		apart := apart || 'secret_hash'::text;
	END IF;
	IF becomes - apart <> was - apart THEN
		NEW.epoch := OLD.epoch + 1;
	END IF;
	RETURN NEW;
END
$$;

ALTER TYPE principal ADD ATTRIBUTE must_change_password boolean;

CREATE OR REPLACE FUNCTION principal_of(of_account uuid, of_client uuid, in_session uuid,
	in_epoch integer, granted text[])
RETURNS SETOF principal
LANGUAGE sql STABLE
AS $$
	SELECT id, in_session, organization, agency, role, unit, territory(unit),
		array_to_string(scopes, ' '), purpose, must_change_password
	FROM accounts
	WHERE id = of_account AND disabled_at IS NULL AND epoch = coalesce(in_epoch, epoch)
		AND seat_is_held(organization, agency)
	UNION ALL
	SELECT id, in_session, organization, agency, role, unit, territory(unit),
		array_to_string(coalesce(granted, scopes), ' '), purpose, false
	FROM clients
	WHERE id = of_client AND disabled_at IS NULL AND epoch = coalesce(in_epoch, epoch)
		AND seat_is_held(organization, agency)
$$;

-- As before, and: proved_by is the password hash that was compared (NULL of a client), so that no
-- session begins by a password that was replaced meanwhile; the login is remembered.
DROP FUNCTION session_open(uuid, uuid, uuid, text, text, integer, text[], text);
CREATE FUNCTION session_open(new_session uuid, of_account uuid, of_client uuid, of_name text,
	at_place text, seconds integer, granted text[], of_refresh text, proved_by text)
RETURNS SETOF principal
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	INSERT INTO sessions (id, account, client, epoch, scopes, address, expires_at)
	SELECT new_session, of_account, of_client, holders.epoch, coalesce(granted, holders.scopes),
		at_place, now() + make_interval(secs => seconds)
	FROM (
		SELECT id, epoch, scopes FROM accounts
		WHERE password_hash = coalesce(proved_by, password_hash)
		UNION ALL
		SELECT id, epoch, scopes FROM clients
	) AS holders
	WHERE holders.id IN (of_account, of_client)
		AND EXISTS (SELECT FROM principal_of(of_account, of_client, NULL, NULL, NULL));
	IF NOT FOUND THEN
		RETURN;
	END IF;

	UPDATE accounts SET last_login_at = now()
	WHERE id = of_account
		AND (last_login_at IS NULL OR last_login_at < now() - interval '1 minute');
	UPDATE clients SET last_login_at = now()
	WHERE id = of_client
		AND (last_login_at IS NULL OR last_login_at < now() - interval '1 minute');

	INSERT INTO refresh_tokens (hash, session, expires_at)
	SELECT of_refresh, new_session, now() + make_interval(secs => seconds)
	WHERE of_refresh IS NOT NULL;

	INSERT INTO login_throttles AS throttle (bucket, succeeded_at)
	VALUES ('pair:' || of_name || ':' || at_place, now())
	ON CONFLICT (bucket) DO UPDATE
	SET failures = 0, since = now(), blocked_until = NULL, succeeded_at = now()
	WHERE throttle.failures > 0 OR throttle.succeeded_at IS NULL
		OR throttle.succeeded_at < now() - interval '1 day';

	DELETE FROM sessions
	WHERE id IN (
		SELECT id FROM sessions
		WHERE expires_at < now() - interval '1 day'
		ORDER BY expires_at
		LIMIT 10
		FOR UPDATE SKIP LOCKED
	);
	RETURN QUERY SELECT * FROM session_principal(new_session);
END
$$;

-- What may be seen of an account: never a hash.  The operator stands outside the 19, so no admin
-- sees it.  Accounts are disabled, not voided; voided_at is there for the engine.
CREATE VIEW users WITH (security_barrier) AS
SELECT id, username, title, organization, agency, role, unit, nullif(purpose, '') AS purpose,
	disabled_at IS NOT NULL AS disabled, disabled_at, must_change_password, last_login_at, version,
	created_at, updated_at, NULL::timestamptz AS voided_at
FROM accounts
WHERE (SELECT caller_role()) = 'operator'
	OR (SELECT caller_role()) = 'admin' AND role <> 'operator'
		AND organization = (SELECT caller_organization());

CREATE VIEW system_clients WITH (security_barrier) AS
SELECT id, client_id, title, organization, agency, role, unit, scopes,
	nullif(purpose, '') AS purpose, disabled_at IS NOT NULL AS disabled, disabled_at,
	CASE WHEN previous_until > now() THEN previous_until END AS previous_until, last_login_at,
	version, created_at, updated_at, NULL::timestamptz AS voided_at
FROM clients
WHERE (SELECT caller_role()) = 'operator'
	OR (SELECT caller_role()) = 'admin' AND organization = (SELECT caller_organization());

-- Sessions that stand: one's own, and those of whom one manages.
CREATE VIEW open_sessions WITH (security_barrier) AS
SELECT standing.*,
	coalesce(
		(SELECT max(created_at) FROM refresh_tokens WHERE session = standing.id),
		standing.created_at
	) AS last_used_at,
	standing.id = (SELECT caller_session()) AS current, NULL::timestamptz AS voided_at
FROM (
	SELECT sessions.id, account AS "user", sessions.created_at, expires_at, address
	FROM sessions
	JOIN accounts ON accounts.id = account AND accounts.epoch = sessions.epoch
	WHERE revoked_at IS NULL AND expires_at > now() AND disabled_at IS NULL AND (
		account = (SELECT caller_user())
		OR (SELECT caller_role()) = 'operator'
		OR (SELECT caller_role()) = 'admin' AND role <> 'operator'
			AND organization = (SELECT caller_organization())
	)
	UNION ALL
	SELECT sessions.id, client, sessions.created_at, expires_at, address
	FROM sessions
	JOIN clients ON clients.id = client AND clients.epoch = sessions.epoch
	WHERE revoked_at IS NULL AND expires_at > now() AND disabled_at IS NULL AND (
		client = (SELECT caller_user())
		OR (SELECT caller_role()) = 'operator'
		OR (SELECT caller_role()) = 'admin' AND organization = (SELECT caller_organization())
	)
) AS standing;

GRANT SELECT ON users, system_clients, open_sessions TO lachan_service;

CREATE FUNCTION account_audit(what text, of_resource text, of_record uuid,
	changes jsonb DEFAULT '{}')
RETURNS void
LANGUAGE sql
AS $$
	INSERT INTO audit (action, resource, records, fields)
	VALUES (what, of_resource, ARRAY[of_record], ARRAY(SELECT jsonb_object_keys(changes)))
$$;

CREATE FUNCTION unit_is_within(inner_unit text, outer_unit text) RETURNS boolean
LANGUAGE sql STABLE
RETURN coalesce(inner_unit = ANY (units_within(outer_unit)), false);

-- Refuses what the caller may not grant.
CREATE FUNCTION grant_check(to_organization text, to_agency smallint, to_role text, to_unit text)
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

-- Whoever takes an account over holds its territory.
CREATE FUNCTION reach_check(of_unit text) RETURNS void
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	IF caller_role() = 'admin' AND NOT unit_is_within(of_unit, caller_unit()) THEN
		PERFORM refuse('LC403', 'row_not_allowed');
	END IF;
END
$$;

-- The account, locked until the end; `seen` is the version that the change is meant for, 0: any.
CREATE FUNCTION user_lock(of_user uuid, seen bigint) RETURNS accounts
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
	PERFORM reach_check(locked.unit);
	RETURN locked;
END
$$;

-- What is left out is the admin's own.
CREATE FUNCTION user_create(new_id uuid, new_hash text, content jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	wanted accounts := jsonb_populate_record(NULL::accounts, content);
BEGIN
	IF caller_role() = 'admin' THEN
		wanted.organization := coalesce(wanted.organization, caller_organization());
		wanted.agency := coalesce(wanted.agency, caller_agency());
		wanted.unit := coalesce(wanted.unit, caller_unit());
	END IF;
	PERFORM grant_check(wanted.organization, wanted.agency, wanted.role, wanted.unit);
	INSERT INTO accounts (id, username, password_hash, title, organization, agency, role, unit,
		purpose, disabled_at, must_change_password)
	VALUES (new_id, lower(wanted.username), new_hash, wanted.title, wanted.organization,
		wanted.agency, wanted.role, wanted.unit, coalesce(wanted.purpose, ''),
		CASE WHEN (content->>'disabled')::boolean THEN now() END, true);
	PERFORM account_audit('create', 'users', new_id, content);
END
$$;

-- Two operators that disable each other wait here.
CREATE FUNCTION operator_check(leaving uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('operators', 0));
	IF NOT EXISTS (
		SELECT FROM accounts WHERE role = 'operator' AND disabled_at IS NULL AND id <> leaving
	) THEN
		PERFORM refuse('LC409', 'last_operator', '/disabled');
	END IF;
END
$$;

CREATE FUNCTION user_update(of_user uuid, seen bigint, changes jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	was accounts := user_lock(of_user, seen);
	wanted accounts := jsonb_populate_record(was, changes);
	disables boolean := (changes->>'disabled')::boolean;
BEGIN
	IF of_user = caller_user() AND changes ?| '{role,unit,disabled}' THEN
		PERFORM refuse('LC403', 'not_yourself');
	ELSIF wanted.role = 'operator' AND caller_role() <> 'operator' THEN
		PERFORM refuse('LC403', 'not_yours_to_grant', '/role');
	ELSIF (wanted.role = 'operator') <> (was.role = 'operator') THEN
		PERFORM refuse('LC422', 'fixed', '/role');
	END IF;
	IF changes ?| '{role,unit}' OR NOT disables THEN
		PERFORM grant_check(was.organization, was.agency, wanted.role, wanted.unit);
	END IF;
	IF disables AND was.role = 'operator' THEN
		PERFORM operator_check(of_user);
	END IF;
	UPDATE accounts
	SET title = wanted.title, role = wanted.role, unit = wanted.unit,
		purpose = coalesce(wanted.purpose, ''),
		disabled_at = CASE
			WHEN disables THEN coalesce(disabled_at, now())
			WHEN disables IS NULL THEN disabled_at
		END
	WHERE id = of_user;
	PERFORM account_audit('update', 'users', of_user, changes);
END
$$;

-- The failures of the name are forgotten, wherever they came from.
CREATE FUNCTION user_reset_password(of_user uuid, new_hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	was accounts := user_lock(of_user, 0);
	name text := encode(sha256(convert_to(was.username, 'UTF8')), 'hex');
BEGIN
	IF of_user = caller_user() THEN
		PERFORM refuse('LC403', 'not_yourself');
	END IF;
	UPDATE accounts SET password_hash = new_hash, must_change_password = true WHERE id = of_user;
	UPDATE login_throttles SET failures = 0, blocked_until = NULL WHERE bucket = 'name:' || name;
	UPDATE login_throttles SET failures = 0, blocked_until = NULL
	WHERE bucket >= 'pair:' || name || ':' AND bucket < 'pair:' || name || ';';
	PERFORM account_audit('reset_password', 'users', of_user);
END
$$;

-- One's own; every other session ends.  proved_by is the hash that the old password was compared with.
CREATE FUNCTION password_change(in_session uuid, proved_by text, new_hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	new_epoch integer;
BEGIN
	UPDATE accounts SET password_hash = new_hash, must_change_password = false
	WHERE id = caller_user() AND password_hash = proved_by
	RETURNING epoch INTO new_epoch;
	IF NOT FOUND THEN
		PERFORM refuse('LC422', 'password_wrong', '/old_password');
	END IF;
	UPDATE sessions SET epoch = new_epoch WHERE id = in_session AND account = caller_user();
	PERFORM account_audit('change_password', 'users', caller_user());
END
$$;

-- fitting_agencies may do all that the scopes name.
CREATE FUNCTION scopes_check(to_agency smallint, to_scopes text[], fitting_agencies smallint[])
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	IF NOT coalesce(to_agency = ANY (fitting_agencies), false) THEN
		PERFORM refuse('LC403', 'scope_not_held', '/scopes');
	ELSIF 'people:export' = ANY (to_scopes) AND caller_role() <> 'operator' AND NOT EXISTS (
		SELECT FROM accounts WHERE id = caller_user() AND 'people:export' = ANY (scopes)
	) THEN
		PERFORM refuse('LC403', 'not_yours_to_grant', '/scopes');
	END IF;
END
$$;

CREATE FUNCTION client_lock(of_client uuid, seen bigint) RETURNS clients
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
	PERFORM reach_check(locked.unit);
	RETURN locked;
END
$$;

CREATE FUNCTION client_create(new_id uuid, new_client_id text, new_hash text, content jsonb,
	fitting_agencies smallint[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	wanted clients := jsonb_populate_record(NULL::clients, content);
BEGIN
	IF caller_role() = 'admin' THEN
		wanted.organization := coalesce(wanted.organization, caller_organization());
		wanted.agency := coalesce(wanted.agency, caller_agency());
		wanted.unit := coalesce(wanted.unit, caller_unit());
	END IF;
	PERFORM grant_check(wanted.organization, wanted.agency, wanted.role, wanted.unit);
	PERFORM scopes_check(wanted.agency, wanted.scopes, fitting_agencies);
	INSERT INTO clients (id, client_id, secret_hash, title, organization, agency, role, unit, scopes,
		purpose, disabled_at)
	VALUES (new_id, new_client_id, new_hash, wanted.title, wanted.organization, wanted.agency,
		wanted.role, wanted.unit, wanted.scopes, coalesce(wanted.purpose, ''),
		CASE WHEN (content->>'disabled')::boolean THEN now() END);
	PERFORM account_audit('create', 'clients', new_id, content);
END
$$;

CREATE FUNCTION client_update(of_client uuid, seen bigint, changes jsonb,
	fitting_agencies smallint[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	was clients := client_lock(of_client, seen);
	wanted clients := jsonb_populate_record(was, changes);
	disables boolean := (changes->>'disabled')::boolean;
BEGIN
	IF changes ?| '{role,unit,scopes}' OR NOT disables THEN
		PERFORM grant_check(was.organization, was.agency, wanted.role, wanted.unit);
	END IF;
	IF changes ? 'scopes' THEN
		PERFORM scopes_check(was.agency, wanted.scopes, fitting_agencies);
	END IF;
	UPDATE clients
	SET title = wanted.title, role = wanted.role, unit = wanted.unit, scopes = wanted.scopes,
		purpose = coalesce(wanted.purpose, ''),
		disabled_at = CASE
			WHEN disables THEN coalesce(disabled_at, now())
			WHEN disables IS NULL THEN disabled_at
		END
	WHERE id = of_client;
	PERFORM account_audit('update', 'clients', of_client, changes);
END
$$;

CREATE FUNCTION client_rotate_secret(of_client uuid, new_hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	PERFORM client_lock(of_client, 0);
	UPDATE clients
	SET previous_hash = secret_hash, previous_until = now() + interval '24 hours',
		secret_hash = new_hash
	WHERE id = of_client;
	PERFORM account_audit('rotate_secret', 'clients', of_client);
END
$$;

CREATE FUNCTION session_end(of_session uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM open_sessions WHERE id = of_session) THEN
		PERFORM refuse('LC404', 'not_found');
	END IF;
	PERFORM session_revoke(of_session, NULL);
	PERFORM account_audit('revoke', 'sessions', of_session);
END
$$;

REVOKE ALL ON FUNCTION session_open, account_audit, unit_is_within, grant_check, reach_check,
	user_lock, user_create, operator_check, user_update, user_reset_password, password_change, scopes_check, client_lock,
	client_create, client_update, client_rotate_secret, session_end
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_open, user_create, user_update, user_reset_password,
	password_change, client_create, client_update, client_rotate_secret, session_end
TO lachan_service;
