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
-- xid stands before id so that a transaction has its number before a row of it has an id: see
-- audit_bound().
CREATE TABLE audit (
	xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
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
	outcome text NOT NULL DEFAULT 'done',
	PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);

CREATE FUNCTION audit_is_append_only() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	RAISE EXCEPTION 'the audit is append-only';
END
$$;

-- Each row, also of a partition that is named itself; a statement that meets no row as well.
CREATE TRIGGER audit_row_is_append_only
BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_is_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- A partition with the guards that do not come from the parent.  Attached when it is complete, so
-- that readers and writers need not wait.
CREATE FUNCTION audit_partition_add(name text, bounds text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	EXECUTE format('CREATE TABLE %I (LIKE audit INCLUDING DEFAULTS)', name);
	EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
	EXECUTE format('CREATE POLICY %I ON %I TO lachan_owner USING (true) WITH CHECK (true)',
		name || '_owner', name);
	EXECUTE format('CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
		'FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()', name);
	EXECUTE format('ALTER TABLE audit ATTACH PARTITION %I %s', name, bounds);
END
$$;

-- The partition of a month, in UTC.
CREATE FUNCTION audit_partition(month date) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	name text := to_char(month, '"audit_"YYYY_MM');
	start date := date_trunc('month', month);
BEGIN
	IF to_regclass(name) IS NULL THEN
		PERFORM audit_partition_add(name, format('FOR VALUES FROM (%L) TO (%L)',
			start || ' 00:00+00', (start + interval '1 month')::date || ' 00:00+00'));
	END IF;
EXCEPTION WHEN check_violation THEN
	-- Rows of that month were taken by the net below; they stay where they are.
	RAISE WARNING 'no partition %', name;
END
$$;

-- This month and the next three.
CREATE FUNCTION audit_partitions_prepare() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('audit partitions', 0));
	PERFORM audit_partition(((now() AT TIME ZONE 'UTC') + make_interval(months => ahead))::date)
	FROM generate_series(0, 3) AS ahead;
END
$$;

-- A net: no reading is refused because a partition is missing.
SELECT audit_partition_add('audit_other', 'DEFAULT');
SELECT audit_partitions_prepare();

-- The chain: the worker seals the rows of the audit in batches.  A batch has the hash of each of
-- its rows; its own is an HMAC, by a key that the database does not have, over the hash of the batch
-- before, its columns and the hashes of its rows (db/audit.c).
CREATE TABLE audit_seals (
	seq bigint PRIMARY KEY,
	row_count integer NOT NULL,
	last_id bigint NOT NULL,
	at timestamptz NOT NULL,
	hash bytea NOT NULL
);

-- What is searched by is here again, with its indexes: many writers at the same end of an index
-- would cost readers more than the rest of the audit does; the worker is one, and comes by the batch.
CREATE TABLE audit_sealed (
	id bigint NOT NULL,
	at timestamptz NOT NULL,
	seq bigint NOT NULL,
	hash bytea NOT NULL,
	user_id uuid NOT NULL,
	organization text,
	resource text NOT NULL,
	records uuid[] NOT NULL,
	PRIMARY KEY (id, at)
);

CREATE INDEX audit_sealed_seq ON audit_sealed (seq);
CREATE INDEX audit_sealed_at ON audit_sealed (at);
CREATE INDEX audit_sealed_user ON audit_sealed (user_id, id);
CREATE INDEX audit_sealed_organization ON audit_sealed (organization, id);
CREATE INDEX audit_sealed_administration ON audit_sealed (id)
WHERE resource IN ('users', 'clients', 'sessions', 'organizations');
CREATE INDEX audit_sealed_records ON audit_sealed USING gin (records);

CREATE TRIGGER audit_is_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_is_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_sealed
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- A record as text is unambiguous: null is nothing, empty text is "".
CREATE FUNCTION audit_hash(entry audit) RETURNS bytea
LANGUAGE sql STABLE
AS $$
	SELECT sha256(convert_to(ROW(
		entry.id, extract(epoch FROM entry.at), entry.xid, entry.request, entry.user_id,
		entry.organization, entry.agency, entry.role, entry.purpose, entry.address, entry.action,
		entry.resource, entry.records, entry.fields, entry.reason, entry.outcome
	)::text, 'UTF8'))
$$;

-- The newest seal (0 and zeros before the first) and how many seconds the oldest unsealed row waits;
-- NULL: there is none.
CREATE FUNCTION audit_head() RETURNS TABLE (seq bigint, hash text, last_id bigint, lag double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT coalesce(newest.seq, 0), coalesce(encode(newest.hash, 'hex'), repeat('0', 64)),
		coalesce(newest.last_id, 0), (
			SELECT extract(epoch FROM clock_timestamp() - entry.at)
			FROM audit AS entry
			WHERE entry.id > coalesce(newest.last_id, 0)
			ORDER BY entry.id
			LIMIT 1
		)
	FROM (VALUES (1)) AS one
	LEFT JOIN (SELECT * FROM audit_seals ORDER BY seq DESC LIMIT 1) AS newest ON true
$$;

-- An id and a transaction: once all before the transaction have ended, no row with that id or a lower
-- one can come any more, since its transaction had its number before the row had its id.
CREATE FUNCTION audit_bound(OUT id bigint, OUT xid xid8)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	SELECT last_value INTO id FROM audit_id_seq;
	xid := pg_current_xact_id();
END
$$;

-- The next rows to seal; none while the bound is not reached yet.
CREATE FUNCTION audit_unsealed(after_id bigint, bound_id bigint, bound_xid xid8, most integer)
RETURNS TABLE (audit bigint, at timestamptz, hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT id, at, encode(audit_hash(entry), 'hex')
	FROM audit AS entry
	WHERE id > after_id AND id <= bound_id AND bound_xid <= pg_snapshot_xmin(pg_current_snapshot())
	ORDER BY id
	LIMIT most
$$;

CREATE FUNCTION audit_seal(new_seq bigint, batch_id bigint, sealed_at timestamptz, batch_hash text,
	row_ids bigint[], row_times timestamptz[], row_hashes text[])
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	INSERT INTO audit_seals (seq, row_count, last_id, at, hash)
	VALUES (new_seq, cardinality(row_ids), batch_id, sealed_at, decode(batch_hash, 'hex'));
	INSERT INTO audit_sealed (id, at, seq, hash, user_id, organization, resource, records)
	SELECT row_id, row_time, new_seq, decode(row_hash, 'hex'), entry.user_id, entry.organization,
		entry.resource, entry.records
	FROM unnest(row_ids, row_times, row_hashes) AS sealed (row_id, row_time, row_hash)
	JOIN audit AS entry ON entry.id = row_id AND entry.at = row_time
$$;

-- The seals after one, as many as have `most` rows together, and each of their rows as it was sealed
-- and as it is: NULL when it is gone.
CREATE FUNCTION audit_walk(after_seq bigint, most integer)
RETURNS TABLE (seq bigint, row_count integer, last_id bigint, at text, hash text, audit bigint,
	row_hash text, row_hash_now text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	WITH next AS MATERIALIZED (
		SELECT *
		FROM (
			SELECT *, sum(row_count) OVER (ORDER BY seq) - row_count AS before
			FROM (SELECT * FROM audit_seals WHERE seq > after_seq ORDER BY seq LIMIT most) AS all_next
		) AS counted
		WHERE before = 0 OR before + row_count <= most
	)
	SELECT next.seq, next.row_count, next.last_id,
		to_char(next.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), encode(next.hash, 'hex'),
		sealed.id, encode(sealed.hash, 'hex'),
		CASE WHEN entry.id IS NULL THEN NULL
			WHEN (entry.user_id, entry.organization, entry.resource, entry.records) IS DISTINCT FROM
				(sealed.user_id, sealed.organization, sealed.resource, sealed.records) THEN ''
			ELSE encode(audit_hash(entry), 'hex')
		END
	FROM next
	LEFT JOIN audit_sealed AS sealed ON sealed.seq = next.seq
	LEFT JOIN audit AS entry ON entry.id = sealed.id AND entry.at = sealed.at
	ORDER BY next.seq, sealed.id
$$;

-- What may be listed: the sealed rows.  It runs with the rights of lachan_reader, for which the row
-- policies of audit hold as they do for the service; what is sought by comes from audit_sealed.
CREATE VIEW audit_search AS
SELECT sealed.id, sealed.at, entry.request, sealed.user_id, sealed.organization, entry.agency,
	entry.role, entry.purpose, entry.address, entry.action, sealed.resource, sealed.records,
	entry.fields, entry.reason, entry.outcome
FROM audit_sealed AS sealed
JOIN audit AS entry ON entry.id = sealed.id AND entry.at = sealed.at;

GRANT SELECT ON audit, audit_sealed TO lachan_reader;
ALTER VIEW audit_search OWNER TO lachan_reader;
GRANT SELECT ON audit_search TO lachan_service;

-- Whether there is any row with the id: changed, not missing.
CREATE FUNCTION audit_is_there(row_id bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
RETURN EXISTS (SELECT FROM audit WHERE id = row_id);

-- What no seal has: rows that wait for theirs; the first that came too late for it; the first seal
-- of which there are only rows.
CREATE FUNCTION audit_rest() RETURNS TABLE (waiting bigint, added bigint, headless bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	WITH head AS (
		SELECT coalesce(max(seq), 0) AS seq, coalesce(max(last_id), 0) AS last_id
		FROM (SELECT * FROM audit_seals ORDER BY seq DESC LIMIT 1) AS newest
	), loose AS (
		SELECT entry.id, entry.id <= head.last_id AS is_late
		FROM head
		CROSS JOIN audit AS entry
		LEFT JOIN audit_sealed AS sealed ON sealed.id = entry.id AND sealed.at = entry.at
		WHERE sealed.id IS NULL
	)
	SELECT count(*) FILTER (WHERE NOT is_late), min(id) FILTER (WHERE is_late),
		(SELECT min(audit_sealed.seq) FROM audit_sealed, head WHERE audit_sealed.seq > head.seq)
	FROM loose
$$;

REVOKE ALL ON FUNCTION audit_partition_add, audit_partition, audit_partitions_prepare, audit_hash,
	audit_head, audit_bound, audit_unsealed, audit_seal, audit_walk, audit_is_there, audit_rest
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_partitions_prepare, audit_head, audit_bound, audit_unsealed,
	audit_seal, audit_walk, audit_is_there, audit_rest
TO lachan_service;

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
