-- Who may ask: accounts of people, clients (other systems), their sessions and the signing keys.
-- The service has no right on these tables; it asks the functions below, which run as the owner.

-- A caller's agency is NULL for the operator, who stands outside the 19.
CREATE TABLE accounts (
	id uuid PRIMARY KEY,
	username text NOT NULL UNIQUE CHECK (username ~ '^[a-z0-9][a-z0-9._@-]{0,127}$'),
	password_hash text NOT NULL,
	organization text REFERENCES organizations,
	agency smallint REFERENCES agencies,
	role text NOT NULL CHECK (role IN ('viewer', 'officer', 'admin', 'operator')),
	unit text REFERENCES units,
	scopes text[] NOT NULL DEFAULT '{}' CHECK (scopes <@ '{people:export}'),
	epoch integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	disabled_at timestamptz,
	CHECK ((role = 'operator') = (agency IS NULL)),
	CHECK (role = 'operator' OR organization IS NOT NULL AND unit IS NOT NULL),
	CHECK (role <> 'operator' OR unit IS NULL)
);

CREATE INDEX accounts_organization ON accounts (organization);

-- previous_hash: while a secret is being replaced both work, until previous_until.
CREATE TABLE clients (
	id uuid PRIMARY KEY,
	client_id text NOT NULL UNIQUE CHECK (client_id ~ '^[a-z0-9][a-z0-9._@-]{0,127}$'),
	secret_hash text NOT NULL CHECK (secret_hash ~ '^[0-9a-f]{64}$'),
	previous_hash text CHECK (previous_hash ~ '^[0-9a-f]{64}$'),
	previous_until timestamptz,
	organization text NOT NULL REFERENCES organizations,
	agency smallint NOT NULL REFERENCES agencies,
	role text NOT NULL CHECK (role IN ('service', 'viewer')),
	scopes text[] NOT NULL,
	purpose text NOT NULL DEFAULT '',
	unit text NOT NULL REFERENCES units,
	epoch integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	disabled_at timestamptz,
	CHECK ((previous_hash IS NULL) = (previous_until IS NULL))
);

CREATE INDEX clients_organization ON clients (organization);

-- The epoch is its holder's at the beginning: when that moved on, the session is over.
CREATE TABLE sessions (
	id uuid PRIMARY KEY,
	account uuid REFERENCES accounts ON DELETE CASCADE,
	client uuid REFERENCES clients ON DELETE CASCADE,
	epoch integer NOT NULL,
	scopes text[] NOT NULL,
	address text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	revoked_at timestamptz,
	CHECK (num_nonnulls(account, client) = 1)
);

CREATE INDEX sessions_account ON sessions (account);
CREATE INDEX sessions_client ON sessions (client);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- The tokens of a session are its family.  hash and successor are SHA-256 of tokens; used_by is
-- the fingerprint of the client that used it.
CREATE TABLE refresh_tokens (
	hash text PRIMARY KEY CHECK (hash ~ '^[0-9a-f]{64}$'),
	session uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	used_at timestamptz,
	used_by text,
	successor text,
	revoked_at timestamptz,
	CHECK ((used_at IS NULL) = (successor IS NULL))
);

CREATE INDEX refresh_tokens_session ON refresh_tokens (session);

-- The private half is sealed with a key that the database does not have.
CREATE TABLE signing_keys (
	kid text PRIMARY KEY CHECK (kid ~ '^[A-Za-z0-9_-]{8,64}$'),
	sealed text NOT NULL,
	x text NOT NULL,
	y text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	active_from timestamptz NOT NULL DEFAULT now(),
	retired_at timestamptz
);

CREATE UNIQUE INDEX signing_keys_one_active ON signing_keys ((true)) WHERE retired_at IS NULL;

-- bucket: pair:<name>:<place>, name:<name> or place:<place>; a name is the SHA-256 of a user name,
-- whether or not anybody has it.
CREATE TABLE login_throttles (
	bucket text PRIMARY KEY,
	failures integer NOT NULL DEFAULT 0,
	since timestamptz NOT NULL DEFAULT now(),
	blocked_until timestamptz,
	succeeded_at timestamptz
);

CREATE INDEX login_throttles_since ON login_throttles (since);

CREATE TABLE failed_logins (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	name text NOT NULL,
	address text NOT NULL,
	reason text NOT NULL CHECK (reason IN ('password', 'secret', 'refresh_reused'))
);

CREATE INDEX failed_logins_at ON failed_logins USING brin (at);

-- A unit as the row policies want it: itself, all below it, and former units that went wholly into
-- one of those; '*' is the province of today.
CREATE FUNCTION territory(of_unit text) RETURNS text
LANGUAGE sql STABLE
AS $$
	WITH RECURSIVE below AS (
		SELECT key FROM units WHERE key = of_unit
		UNION
		SELECT units.key FROM units JOIN below ON units.parent = below.key
	), all_keys AS (
		SELECT key FROM below
		UNION
		SELECT units.key FROM units JOIN below ON units.successor = below.key
	)
	SELECT CASE
		WHEN EXISTS (
			SELECT FROM units
			WHERE key = of_unit AND level = 'province' AND valid_to IS NULL
		) THEN '*'
		ELSE coalesce((SELECT string_agg(key, ',' ORDER BY key) FROM all_keys), '')
	END
$$;

-- Before a change to who somebody is, every session of theirs ends.
CREATE FUNCTION accounts_epoch() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	NEW.epoch := OLD.epoch;
	NEW.updated_at := now();
	IF to_jsonb(NEW) - '{updated_at,previous_hash,previous_until,purpose}'::text[]
		IS DISTINCT FROM to_jsonb(OLD) - '{updated_at,previous_hash,previous_until,purpose}'::text[]
	THEN
		NEW.epoch := OLD.epoch + 1;
	END IF;
	RETURN NEW;
END
$$;

-- The service keeps a territory in 2,047 characters; what does not fit would be lost to view.
CREATE FUNCTION accounts_territory() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF length(territory(NEW.unit)) > 2047 THEN
		PERFORM refuse('LC422', 'territory_too_wide', '/unit', NEW.unit);
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER accounts_epoch BEFORE UPDATE ON accounts
FOR EACH ROW EXECUTE FUNCTION accounts_epoch();
CREATE TRIGGER clients_epoch BEFORE UPDATE ON clients
FOR EACH ROW EXECUTE FUNCTION accounts_epoch();
CREATE TRIGGER accounts_territory BEFORE INSERT OR UPDATE OF unit ON accounts
FOR EACH ROW EXECUTE FUNCTION accounts_territory();
CREATE TRIGGER clients_territory BEFORE INSERT OR UPDATE OF unit ON clients
FOR EACH ROW EXECUTE FUNCTION accounts_territory();

-- The organisation exists today and holds the agency today.
CREATE FUNCTION seat_is_held(by_organization text, of_agency smallint) RETURNS boolean
LANGUAGE sql STABLE
AS $$
	SELECT (by_organization IS NULL OR EXISTS (
			SELECT FROM organizations
			WHERE code = by_organization AND valid_from <= today()
				AND (valid_to IS NULL OR valid_to >= today())
		)) AND (of_agency IS NULL OR EXISTS (
			SELECT FROM organization_agencies
			WHERE organization = by_organization AND agency = of_agency AND valid_from <= today()
				AND (valid_to IS NULL OR valid_to >= today())
		))
$$;

-- All that the service needs to know of whoever asks.
CREATE TYPE principal AS (
	holder uuid,
	session uuid,
	organization text,
	agency smallint,
	role text,
	unit text,
	units text,
	scopes text,
	purpose text
);

-- No row when the holder may not ask: unknown, disabled, moved on, or without its seat.
CREATE FUNCTION principal_of(of_account uuid, of_client uuid, in_session uuid, in_epoch integer,
	granted text[])
RETURNS SETOF principal
LANGUAGE sql STABLE
AS $$
	SELECT id, in_session, organization, agency, role, unit, territory(unit),
		array_to_string(scopes, ' '), ''
	FROM accounts
	WHERE id = of_account AND disabled_at IS NULL AND epoch = coalesce(in_epoch, epoch)
		AND seat_is_held(organization, agency)
	UNION ALL
	SELECT id, in_session, organization, agency, role, unit, territory(unit),
		array_to_string(coalesce(granted, scopes), ' '), purpose
	FROM clients
	WHERE id = of_client AND disabled_at IS NULL AND epoch = coalesce(in_epoch, epoch)
		AND seat_is_held(organization, agency)
$$;

CREATE FUNCTION session_principal(of_session uuid) RETURNS SETOF principal
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT found.*
	FROM sessions, principal_of(account, client, sessions.id, epoch, sessions.scopes) AS found
	WHERE sessions.id = of_session AND revoked_at IS NULL AND expires_at > now()
$$;

CREATE FUNCTION client_principal(of_client uuid) RETURNS SETOF principal
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT * FROM principal_of(NULL, of_client, NULL, NULL, NULL)
$$;

-- Seconds until the next attempt, 0 = now.  Where this name has signed in before, only failures
-- of that name there count: nobody locks another out from elsewhere.
CREATE FUNCTION login_wait(of_name text, at_place text) RETURNS integer
LANGUAGE sql STABLE
AS $$
	SELECT coalesce(ceil(extract(epoch FROM max(blocked_until) - now())), 0)::integer
	FROM login_throttles
	WHERE blocked_until > now() AND (
		bucket = 'pair:' || of_name || ':' || at_place
		OR bucket IN ('name:' || of_name, 'place:' || at_place) AND NOT EXISTS (
			SELECT FROM login_throttles
			WHERE bucket = 'pair:' || of_name || ':' || at_place
				AND succeeded_at > now() - interval '30 days'
		))
$$;

-- One row always: what to compare the password with, NULL when there is nobody.
CREATE FUNCTION login_begin(with_username text, of_name text, at_place text)
RETURNS TABLE (wait integer, account uuid, password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT login_wait(of_name, at_place), accounts.id, accounts.password_hash
	FROM (VALUES (1)) AS one
	LEFT JOIN accounts ON username = with_username AND disabled_at IS NULL
$$;

CREATE FUNCTION client_begin(with_client_id text, with_secret text, of_name text, at_place text)
RETURNS TABLE (wait integer, client uuid, role text, scopes text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT login_wait(of_name, at_place), clients.id, clients.role,
		array_to_string(clients.scopes, ' ')
	FROM (VALUES (1)) AS one
	LEFT JOIN clients ON client_id = with_client_id AND disabled_at IS NULL
		AND (secret_hash = with_secret OR previous_hash = with_secret AND previous_until > now())
$$;

-- Counts a failure; the count begins anew when `span` has passed since the first failure, or since
-- the last one if `sliding`.
CREATE FUNCTION login_count(in_bucket text, span interval, sliding boolean) RETURNS integer
LANGUAGE sql
AS $$
	INSERT INTO login_throttles AS throttle (bucket, failures)
	VALUES (in_bucket, 1)
	ON CONFLICT (bucket) DO UPDATE SET
		failures = CASE WHEN throttle.since + span < now() THEN 1 ELSE throttle.failures + 1 END,
		since = CASE WHEN sliding OR throttle.since + span < now() THEN now() ELSE throttle.since END
	RETURNING failures
$$;

-- Always name, pair, place: transactions that meet here cannot wait for each other in a circle.
CREATE FUNCTION login_failed(of_name text, at_place text, per_minute integer, why text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	count integer;
BEGIN
	INSERT INTO failed_logins (name, address, reason) VALUES (of_name, at_place, why);

	count := login_count('name:' || of_name, interval '1 hour', false);
	UPDATE login_throttles
	SET blocked_until = now() + make_interval(secs => least(60, count - 99))
	WHERE bucket = 'name:' || of_name AND count >= 100;

	count := login_count('pair:' || of_name || ':' || at_place, interval '1 hour', true);
	UPDATE login_throttles
	SET blocked_until = now() + make_interval(secs => least(900, 2 ^ least(count - 2, 20)))
	WHERE bucket = 'pair:' || of_name || ':' || at_place AND count >= 5;

	count := login_count('place:' || at_place, interval '1 minute', false);
	UPDATE login_throttles
	SET blocked_until = since + interval '1 minute'
	WHERE bucket = 'place:' || at_place AND count >= per_minute;

	DELETE FROM login_throttles
	WHERE bucket IN (
		SELECT bucket FROM login_throttles
		WHERE since < now() - interval '1 day'
			AND coalesce(succeeded_at, '-infinity') < now() - interval '30 days'
		ORDER BY since
		LIMIT 10
		FOR UPDATE SKIP LOCKED
	);
END
$$;

-- Begins a session, forgets the failures of its holder at this place, and answers who it is; no row
-- when the holder may not ask.  of_refresh is the hash of the first refresh token, or NULL.
CREATE FUNCTION session_open(new_session uuid, of_account uuid, of_client uuid, of_name text,
	at_place text, seconds integer, granted text[], of_refresh text)
RETURNS SETOF principal
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	INSERT INTO sessions (id, account, client, epoch, scopes, address, expires_at)
	SELECT new_session, of_account, of_client, holders.epoch, coalesce(granted, holders.scopes),
		at_place, now() + make_interval(secs => seconds)
	FROM (
		SELECT id, epoch, scopes FROM accounts
		UNION ALL
		SELECT id, epoch, scopes FROM clients
	) AS holders
	WHERE holders.id IN (of_account, of_client)
		AND EXISTS (SELECT FROM principal_of(of_account, of_client, NULL, NULL, NULL));
	IF NOT FOUND THEN
		RETURN;
	END IF;

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

-- Ends the session that the refresh token belongs to, if it is of the same holder as of_session; and
-- of_session itself.
CREATE FUNCTION session_revoke(of_session uuid, of_refresh text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	WITH ended AS (
		UPDATE sessions
		SET revoked_at = now()
		WHERE revoked_at IS NULL AND (id = of_session OR id = (
			SELECT other.id
			FROM refresh_tokens
			JOIN sessions AS other ON other.id = refresh_tokens.session
			JOIN sessions AS own ON own.id = of_session AND own.account = other.account
			WHERE refresh_tokens.hash = of_refresh
		))
		RETURNING id
	)
	UPDATE refresh_tokens
	SET revoked_at = now()
	FROM ended
	WHERE session = ended.id AND refresh_tokens.revoked_at IS NULL
$$;

-- Uses a refresh token.  Each token has one successor that follows from it by a secret of the
-- service, so a client that asks again within 30 s (two tabs, a lost answer) is led to the same
-- line and no second one begins: `steps` is how many successors away its unused end is.  Used again
-- otherwise, the token was stolen: the whole family and its session end.  Refused: no row.
CREATE FUNCTION session_refresh(of_token text, next_token text, by_client text, at_place text,
	seconds integer)
RETURNS TABLE (steps integer, who principal)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	family uuid := (SELECT session FROM refresh_tokens WHERE hash = of_token);
	seen refresh_tokens;
	until timestamptz;
BEGIN
	SELECT least(created_at + interval '30 days', now() + make_interval(secs => seconds))
	INTO until
	FROM sessions
	WHERE id = family
	FOR NO KEY UPDATE; -- one at a time in a family
	SELECT * INTO seen FROM refresh_tokens WHERE hash = of_token;
	IF seen.hash IS NULL OR seen.revoked_at IS NOT NULL OR seen.expires_at <= now()
		OR NOT EXISTS (SELECT FROM session_principal(family))
	THEN
		RETURN;
	END IF;

	IF seen.used_at IS NULL THEN
		UPDATE refresh_tokens
		SET used_at = clock_timestamp(), used_by = by_client, successor = next_token
		WHERE hash = of_token;
		INSERT INTO refresh_tokens (hash, session, expires_at) VALUES (next_token, family, until);
		UPDATE sessions SET expires_at = until WHERE id = family;
	ELSIF seen.used_at <= clock_timestamp() - interval '30 seconds' OR seen.used_by <> by_client THEN
		UPDATE sessions SET revoked_at = now() WHERE id = family;
		UPDATE refresh_tokens SET revoked_at = now() WHERE session = family;
		INSERT INTO failed_logins (name, address, reason)
		VALUES (of_token, at_place, 'refresh_reused');
		RETURN;
	END IF;

	RETURN QUERY
	WITH RECURSIVE line AS (
		SELECT hash, successor, 0 AS away FROM refresh_tokens WHERE hash = of_token
		UNION ALL
		SELECT later.hash, later.successor, line.away + 1
		FROM line
		JOIN refresh_tokens AS later ON later.hash = line.successor
		WHERE line.away < 64
	)
	SELECT line.away, standing
	FROM line, session_principal(family) AS standing
	WHERE line.successor IS NULL;
END
$$;

-- The signing key and those retired less than `keep` seconds ago.
CREATE FUNCTION signing_keys_current(keep integer)
RETURNS TABLE (kid text, sealed text, retired_for bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT kid, sealed, extract(epoch FROM now() - retired_at)::bigint
	FROM signing_keys
	WHERE retired_at IS NULL OR retired_at > now() - make_interval(secs => keep)
	ORDER BY retired_at DESC NULLS FIRST
	LIMIT 16
$$;

-- Makes a key the signing one and retires the others; only_first: unless there is one already.
CREATE FUNCTION signing_key_add(new_kid text, new_sealed text, new_x text, new_y text,
	only_first boolean)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('signing_keys', 0));
	IF only_first AND EXISTS (SELECT FROM signing_keys WHERE retired_at IS NULL) THEN
		RETURN;
	END IF;
	UPDATE signing_keys SET retired_at = clock_timestamp() WHERE retired_at IS NULL;
	INSERT INTO signing_keys (kid, sealed, x, y) VALUES (new_kid, new_sealed, new_x, new_y);
END
$$;

-- How the caller is called, for /v1/me.
CREATE FUNCTION holder_names(of_holder uuid, of_organization text, of_unit text)
RETURNS TABLE (username text, organization_name text, unit_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT coalesce(
			(SELECT accounts.username FROM accounts WHERE id = of_holder),
			(SELECT client_id FROM clients WHERE id = of_holder)
		),
		(SELECT name_vi FROM organizations WHERE code = of_organization),
		(SELECT name FROM units WHERE key = of_unit)
$$;

-- What is no longer needed, some at a time.  Tokens go with their session.
CREATE FUNCTION expired_remove() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	DELETE FROM idempotency_keys
	WHERE scope IN (
		SELECT scope FROM idempotency_keys
		WHERE created_at < now() - interval '24 hours'
		LIMIT 5000
		FOR UPDATE SKIP LOCKED
	);
	DELETE FROM sessions
	WHERE id IN (
		SELECT id FROM sessions
		WHERE expires_at < now() - interval '1 day'
		LIMIT 1000
		FOR UPDATE SKIP LOCKED
	);
	DELETE FROM login_throttles
	WHERE bucket IN (
		SELECT bucket FROM login_throttles
		WHERE since < now() - interval '1 day'
			AND coalesce(succeeded_at, '-infinity') < now() - interval '30 days'
		LIMIT 1000
		FOR UPDATE SKIP LOCKED
	);
	DELETE FROM failed_logins
	WHERE id IN (SELECT id FROM failed_logins WHERE at < now() - interval '180 days' LIMIT 5000)
$$;

REVOKE ALL ON FUNCTION territory, accounts_epoch, accounts_territory, seat_is_held, principal_of,
	session_principal, client_principal, login_wait, login_begin, client_begin, login_count,
	login_failed, session_open, session_revoke, session_refresh, signing_keys_current,
	signing_key_add, holder_names, expired_remove
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_principal, client_principal, login_begin, client_begin,
	login_failed, session_open, session_revoke, session_refresh, signing_keys_current,
	signing_key_add, holder_names, expired_remove
TO lachan_service;
