-- What a read leaves is written at the least cost: a row without a number and without an index, in `audit`, where it
-- waits.  The worker takes what waits, numbers it, hashes it and files it in `audit_sealed`, a batch at a time; what
-- is searched, and what is verified, is there.

ALTER TABLE audit RENAME TO audit_before;
ALTER TABLE audit_sealed RENAME TO audit_sealed_before;

DROP VIEW audit_search;
DROP FUNCTION audit_of_records, audit_partition_add, audit_head, audit_bound, audit_seal, audit_walk, audit_is_there,
	audit_rest, audit_hash;

-- What else the transaction's identity says of who acts, in one setting: a record as text is read at the cost of one
-- column.
CREATE TYPE audit_caller AS (
	request uuid,
	agency smallint,
	role text,
	purpose text,
	address text
);

-- Who did what, when, from where, for what; written in the transaction it tells of, and not sealed yet.
CREATE TABLE audit (
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	user_id uuid NOT NULL DEFAULT nullif(current_setting('lachan.user', true), '')::uuid,
	organization text DEFAULT nullif(current_setting('lachan.organization', true), ''),
	caller audit_caller DEFAULT nullif(current_setting('lachan.caller', true), '')::audit_caller,
	action text NOT NULL,
	resource text NOT NULL,
	records uuid[] NOT NULL,
	fields text[],
	reason text,
	outcome text NOT NULL DEFAULT 'done'
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, vacuum_truncate = off);

CREATE TRIGGER audit_is_append_only
BEFORE UPDATE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_leaves_when_sealed
BEFORE DELETE ON audit
FOR EACH STATEMENT WHEN (current_setting('lachan.sealing', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION audit_is_append_only();

-- The rows of all batches in the order of both: a batch has those after the last of the batch before.
CREATE TABLE audit_sealed (
	id bigint NOT NULL,
	at timestamptz NOT NULL,
	xid xid8, -- up to this migration: the transaction
	request uuid,
	user_id uuid NOT NULL,
	organization text,
	agency smallint,
	role text,
	purpose text,
	address text,
	action text NOT NULL,
	resource text NOT NULL,
	records uuid[] NOT NULL,
	fields text[],
	reason text,
	outcome text NOT NULL,
	hash bytea NOT NULL
) PARTITION BY RANGE (at);

CREATE FUNCTION audit_partition_add(name text, bounds text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	EXECUTE format('CREATE TABLE %I (LIKE audit_sealed)', name);
	EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
	EXECUTE format('CREATE POLICY %I ON %I TO lachan_owner USING (true) WITH CHECK (true)', name || '_owner', name);
	EXECUTE format('CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
		'FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()', name);
	EXECUTE format('ALTER TABLE audit_sealed ATTACH PARTITION %I %s', name, bounds);
END
$$;

-- As before, for the table of what is sealed.
CREATE OR REPLACE FUNCTION audit_partition(month date) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	name text := to_char(month, '"audit_sealed_"YYYY_MM');
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

-- The months that were, and the net: nothing that waits is left because a partition is missing.
SELECT audit_partition(to_date(right(relname, 7), 'YYYY_MM'))
FROM pg_class
WHERE relkind = 'r' AND relname ~ '^audit_[0-9]{4}_[0-9]{2}$' AND relnamespace = 'public'::regnamespace;
SELECT audit_partition_add('audit_sealed_other', 'DEFAULT');

INSERT INTO audit_sealed
SELECT entry.id, entry.at, entry.xid, entry.request, entry.user_id, entry.organization, entry.agency, entry.role,
	entry.purpose, entry.address, entry.action, entry.resource, entry.records, entry.fields, entry.reason, entry.outcome,
	sealed.hash
FROM audit_before AS entry
JOIN audit_sealed_before AS sealed ON sealed.id = entry.id AND sealed.at = entry.at;

INSERT INTO audit (at, user_id, organization, caller, action, resource, records, fields, reason, outcome)
SELECT entry.at, entry.user_id, entry.organization,
	ROW(entry.request, entry.agency, entry.role, entry.purpose, entry.address)::audit_caller, entry.action, entry.resource, entry.records, entry.fields, entry.reason, entry.outcome
FROM audit_before AS entry
WHERE NOT EXISTS (SELECT FROM audit_sealed_before AS sealed WHERE sealed.id = entry.id AND sealed.at = entry.at);

DROP TABLE audit_before, audit_sealed_before;

ALTER TABLE audit_sealed ADD PRIMARY KEY (id, at);
CREATE INDEX audit_sealed_at ON audit_sealed (at);
CREATE INDEX audit_sealed_user ON audit_sealed (user_id, id);
CREATE INDEX audit_sealed_organization ON audit_sealed (organization, id);
CREATE INDEX audit_sealed_administration ON audit_sealed (id)
WHERE resource IN ('users', 'clients', 'sessions', 'organizations');
CREATE INDEX audit_sealed_records ON audit_sealed USING gin (records);

-- Each row, also of a partition that is named itself; a statement that meets no row as well.
CREATE TRIGGER audit_row_is_append_only
BEFORE UPDATE OR DELETE ON audit_sealed
FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_is_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_sealed
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- What may be listed: the sealed rows.  It runs with the rights of lachan_reader, for which the row policies hold
-- as they do for the service.
CREATE VIEW audit_search AS
SELECT id, at, request, user_id, organization, agency, role, purpose, address, action, resource, records, fields,
	reason, outcome
FROM audit_sealed;

GRANT SELECT ON audit_sealed TO lachan_reader;
ALTER VIEW audit_search OWNER TO lachan_reader;
GRANT SELECT ON audit_search TO lachan_service;

-- All there is, sealed or not; what waits has no number yet.
CREATE VIEW audit_entries AS
SELECT id, at, request, user_id, organization, agency, role, purpose, address, action, resource, records, fields,
	reason, outcome
FROM audit_sealed
UNION ALL
SELECT NULL, at, (caller).request, user_id, organization, (caller).agency, (caller).role, (caller).purpose,
	(caller).address, action, resource, records, fields, reason, outcome
FROM audit;

CREATE FUNCTION audit_of_records(wanted uuid[]) RETURNS SETOF audit_entries
LANGUAGE sql STABLE
AS $$
	SELECT * FROM audit_entries WHERE records && wanted
$$;

-- A record as text is unambiguous: null is nothing, empty text is "".
CREATE FUNCTION audit_hash(entry audit_sealed) RETURNS bytea
LANGUAGE sql STABLE
AS $$
	SELECT sha256(convert_to(ROW(
		entry.id, extract(epoch FROM entry.at), entry.xid, entry.request, entry.user_id,
		entry.organization, entry.agency, entry.role, entry.purpose, entry.address, entry.action,
		entry.resource, entry.records, entry.fields, entry.reason, entry.outcome
	)::text, 'UTF8'))
$$;

-- The newest seal; 0 and zeros before the first.
CREATE FUNCTION audit_head() RETURNS TABLE (seq bigint, hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT coalesce(newest.seq, 0), coalesce(encode(newest.hash, 'hex'), repeat('0', 64))
	FROM (VALUES (1)) AS one
	LEFT JOIN (SELECT * FROM audit_seals ORDER BY seq DESC LIMIT 1) AS newest ON true
$$;

-- How many seconds the oldest row waits for its seal.
CREATE FUNCTION audit_lag() RETURNS double precision
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
RETURN (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0) FROM audit);

-- Files the next rows that wait, and says of them what the hash of their batch is made of, and how many seconds the
-- oldest waited.  What a service says of its organization may be longer than an index takes.
CREATE FUNCTION audit_seal(most integer, OUT row_count bigint, OUT last_id bigint, OUT hashes text,
	OUT lag double precision)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT set_config('lachan.sealing', 'on', true);
	WITH taken AS (
		DELETE FROM audit WHERE ctid = ANY (ARRAY(SELECT ctid FROM audit LIMIT most)) RETURNING *
	), numbered AS (
		SELECT coalesce((SELECT last_id FROM audit_seals ORDER BY seq DESC LIMIT 1), 0)
				+ row_number() OVER (ORDER BY at) AS id,
			at, NULL::xid8 AS xid, (caller).request, user_id, left(organization, 200) AS organization,
			(caller).agency, (caller).role, (caller).purpose, (caller).address, action, resource, records,
			fields, reason, outcome, NULL::bytea AS hash
		FROM taken
	), filed AS (
		INSERT INTO audit_sealed
		SELECT id, at, xid, request, user_id, organization, agency, role, purpose, address, action, resource,
			records, fields, reason, outcome, audit_hash(numbered::audit_sealed)
		FROM numbered
		RETURNING id, at, hash
	)
	SELECT count(*), max(id), string_agg(encode(hash, 'hex') || E'\n', '' ORDER BY id),
		coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0)
	FROM filed
$$;

-- The next seals with their rows.
CREATE FUNCTION audit_walk(after_seq bigint, most integer)
RETURNS TABLE (seq bigint, row_count integer, last_id bigint, at text, hash text, audit bigint,
	row_hash text, row_hash_now text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	WITH next AS (
		SELECT *
		FROM (
			SELECT *, sum(row_count) OVER (ORDER BY seq) - row_count AS before
			FROM (
				SELECT *, lag(last_id) OVER (ORDER BY seq) AS after_id
				FROM (SELECT * FROM audit_seals WHERE seq >= after_seq ORDER BY seq LIMIT most + 1) AS all_next
			) AS linked
			WHERE seq > after_seq
		) AS counted
		WHERE before = 0 OR before + row_count <= most
	)
	SELECT next.seq, next.row_count, next.last_id,
		to_char(next.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), encode(next.hash, 'hex'),
		entry.id, encode(entry.hash, 'hex'), encode(audit_hash(entry), 'hex')
	FROM next
	LEFT JOIN LATERAL (
		SELECT *
		FROM audit_sealed
		WHERE audit_sealed.id > coalesce(next.after_id, 0) AND audit_sealed.id <= next.last_id
		OFFSET 0
	) AS entry ON true
	ORDER BY next.seq, entry.id
$$;

-- What no seal has: the rows that wait for theirs, and the first of the others.
CREATE FUNCTION audit_rest() RETURNS TABLE (waiting bigint, loose bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT (SELECT count(*) FROM audit), (
		SELECT min(id)
		FROM audit_sealed
		WHERE id <= 0 OR id > coalesce((SELECT last_id FROM audit_seals ORDER BY seq DESC LIMIT 1), 0)
	)
$$;

SELECT audit_partitions_prepare();

REVOKE ALL ON FUNCTION audit_partition_add, audit_hash, audit_of_records, audit_head, audit_lag, audit_seal,
	audit_walk, audit_rest
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_head, audit_lag, audit_seal, audit_walk, audit_rest TO lachan_service;
