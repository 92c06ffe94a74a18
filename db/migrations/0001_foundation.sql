-- Who is asking: settings of the transaction, made by the service in the same round trip.
-- `set_config(…, true)` leaves '' behind, hence nullif.  All are read as (SELECT f()) by policies,
-- once for a statement.
CREATE FUNCTION caller_user() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('lachan.user', true), '')::uuid;

CREATE FUNCTION caller_organization() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('lachan.organization', true), '');

CREATE FUNCTION caller_agency() RETURNS smallint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('lachan.agency', true), '')::smallint;

CREATE FUNCTION caller_role() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('lachan.role', true), '');

CREATE FUNCTION caller_unit() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('lachan.unit', true), '');

-- The caller's unit and all below it; '*' is the whole province.
CREATE FUNCTION caller_everywhere() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('lachan.units', true), '') = '*';

CREATE FUNCTION caller_units() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
RETURN string_to_array(nullif(current_setting('lachan.units', true), ''), ',');

-- Today in Viet Nam, whatever the time zone of the connection.
CREATE FUNCTION today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(
	nullif(current_setting('lachan.today', true), '')::date,
	(now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
);

-- The last day a partial date (2008, 2008-05, 2008-05-17) can mean.
CREATE FUNCTION partial_date_last(partial text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE length(partial)
	WHEN 4 THEN make_date(partial::integer, 12, 31)
	WHEN 7 THEN (make_date(left(partial, 4)::integer, right(partial, 2)::integer, 1)
		+ interval '1 month - 1 day')::date
	ELSE make_date(left(partial, 4)::integer, substr(partial, 6, 2)::integer,
		right(partial, 2)::integer)
END;

-- Completed years; whoever was born on 29 February has the birthday on 1 March in common years.
CREATE FUNCTION age_on(born date, day date) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (to_char(day, 'YYYYMMDD')::integer - to_char(born, 'YYYYMMDD')::integer) / 10000;

-- The faults that C maps to an answer: SQLSTATE LC4xx, message = code, detail = JSON Pointer,
-- hint = argument of the message.
CREATE FUNCTION refuse(state text, code text, pointer text DEFAULT '', argument text DEFAULT '')
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = state, MESSAGE = code, DETAIL = pointer, HINT = argument;
END
$$;

-- Who did what, when, from where, for what.  Append-only; written in the transaction it tells of.
CREATE TABLE audit (
	id bigint GENERATED ALWAYS AS IDENTITY,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	request uuid DEFAULT nullif(current_setting('lachan.request', true), '')::uuid,
	user_id uuid NOT NULL DEFAULT nullif(current_setting('lachan.user', true), '')::uuid,
	organization text DEFAULT nullif(current_setting('lachan.organization', true), ''),
	agency smallint DEFAULT nullif(current_setting('lachan.agency', true), '')::smallint,
	role text DEFAULT nullif(current_setting('lachan.role', true), ''),
	purpose text DEFAULT nullif(current_setting('lachan.purpose', true), ''),
	address text DEFAULT nullif(current_setting('lachan.address', true), ''),
	action text NOT NULL,
	resource text NOT NULL,
	records uuid[] NOT NULL,
	fields text[],
	reason text,
	PRIMARY KEY (id)
);

CREATE INDEX audit_at ON audit USING brin (at);

CREATE FUNCTION audit_is_append_only() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	RAISE EXCEPTION 'the audit is append-only';
END
$$;

CREATE TRIGGER audit_is_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- What a POST with an Idempotency-Key made; kept 24 hours.
CREATE TABLE idempotency_keys (
	scope text NOT NULL, -- SHA-256 of user, route and key
	fingerprint text NOT NULL,
	record uuid NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (scope)
);

CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

-- Claims the key for this transaction.  While another transaction holds it: LC409.  Seen before
-- with the same content: LCRPL with the record in DETAIL; with other content: LC422.
CREATE FUNCTION idempotency_claim(key_scope text, content text, made uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	seen idempotency_keys;
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtextextended(key_scope, 0)) THEN
		PERFORM refuse('LC409', 'idempotency_in_progress');
	END IF;
	DELETE FROM idempotency_keys
	WHERE scope = key_scope AND created_at < now() - interval '24 hours';
	SELECT * INTO seen FROM idempotency_keys WHERE scope = key_scope;
	IF NOT FOUND THEN
		INSERT INTO idempotency_keys (scope, fingerprint, record)
		VALUES (key_scope, content, made);
	ELSIF seen.fingerprint = content THEN
		PERFORM refuse('LCRPL', 'idempotency_replayed', seen.record::text);
	ELSE
		PERFORM refuse('LC422', 'idempotency_reused', '/Idempotency-Key');
	END IF;
END
$$;
