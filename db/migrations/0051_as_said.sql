-- What a transaction says of its caller is kept as it was said, and taken apart when it is sealed: a read pays for
-- one text, and a batch takes apart thousands at once.

DROP FUNCTION audit_seal, audit_of_records, audit_lag;
DROP VIEW audit_entries;
DROP POLICY IF EXISTS audit_append ON audit;

ALTER TYPE audit_caller RENAME TO audit_caller_before;
ALTER TABLE audit RENAME TO audit_before;

-- A value of it, as text, is the setting lachan.caller; nil is the user of what nobody asked for.
CREATE TYPE audit_caller AS (
	user_id uuid,
	organization text,
	request uuid,
	agency smallint,
	role text,
	purpose text,
	address text
);

-- Who did what, when, from where, for what; written in the transaction it tells of, and not sealed yet.
CREATE TABLE audit (
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	caller text NOT NULL DEFAULT nullif(current_setting('lachan.caller', true), ''),
	action text NOT NULL,
	resource text NOT NULL,
	records uuid[] NOT NULL,
	fields text[],
	reason text,
	outcome text NOT NULL DEFAULT 'done'
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, vacuum_truncate = off);

INSERT INTO audit
SELECT at, ROW(user_id, organization, (caller).request, (caller).agency, (caller).role, (caller).purpose,
	(caller).address)::audit_caller::text, action, resource, records, fields, reason, outcome
FROM audit_before;

DROP TABLE audit_before;
DROP TYPE audit_caller_before;

CREATE TRIGGER audit_is_append_only
BEFORE UPDATE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_leaves_when_sealed
BEFORE DELETE ON audit
FOR EACH STATEMENT WHEN (current_setting('lachan.sealing', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION audit_is_append_only();

-- Of what is done without a request.
CREATE FUNCTION audit_said(of_user uuid, of_organization text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN ROW(coalesce(of_user, '00000000-0000-0000-0000-000000000000'), of_organization, NULL, NULL, NULL, NULL,
	NULL)::audit_caller::text;

-- A service that was taken over may say what is no caller: it is nobody's then, and the words are kept.
CREATE FUNCTION audit_heard(said text) RETURNS audit_caller
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	heard audit_caller;
BEGIN
	heard := said::audit_caller;
	heard.user_id := coalesce(heard.user_id, '00000000-0000-0000-0000-000000000000');
	-- No more than an index takes.
	heard.organization := left(heard.organization, 200);
	RETURN heard;
EXCEPTION WHEN data_exception THEN
	RETURN ROW('00000000-0000-0000-0000-000000000000', NULL, NULL, NULL, NULL, NULL, left(said, 200))::audit_caller;
END
$$;

-- All there is, sealed or not; what waits has no number yet.
CREATE VIEW audit_entries AS
SELECT id, at, request, user_id, organization, agency, role, purpose, address, action, resource, records, fields,
	reason, outcome
FROM audit_sealed
UNION ALL
SELECT NULL, at, (heard).request, (heard).user_id, (heard).organization, (heard).agency, (heard).role,
	(heard).purpose, (heard).address, action, resource, records, fields, reason, outcome
FROM (SELECT *, audit_heard(caller) AS heard FROM audit OFFSET 0) AS waiting;

CREATE FUNCTION audit_of_records(wanted uuid[]) RETURNS SETOF audit_entries
LANGUAGE sql STABLE
AS $$
	SELECT * FROM audit_entries WHERE records && wanted
$$;

-- How many seconds the oldest row waits for its seal.
CREATE FUNCTION audit_lag() RETURNS double precision
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0) FROM audit
$$;

-- Files the next rows that wait, and says of them what the hash of their batch is made of, and how many seconds the
-- oldest waited.  With doubt each caller is heard by itself.
CREATE FUNCTION audit_file(most integer, doubted boolean, OUT row_count bigint, OUT last_id bigint, OUT hashes text,
	OUT lag double precision)
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM set_config('lachan.sealing', 'on', true);
	WITH taken AS (
		DELETE FROM audit WHERE ctid = ANY (ARRAY(SELECT ctid FROM audit LIMIT most))
		RETURNING at, CASE WHEN doubted THEN audit_heard(caller) ELSE caller::audit_caller END AS heard, action,
			resource, records, fields, reason, outcome
	), numbered AS (
		SELECT coalesce((SELECT seal.last_id FROM audit_seals AS seal ORDER BY seq DESC LIMIT 1), 0)
				+ row_number() OVER (ORDER BY at) AS id,
			at, NULL::xid8 AS xid, (heard).request, (heard).user_id, (heard).organization, (heard).agency,
			(heard).role, (heard).purpose, (heard).address, action, resource, records, fields, reason,
			outcome, NULL::bytea AS hash
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
	INTO row_count, last_id, hashes, lag
	FROM filed;
END
$$;

CREATE FUNCTION audit_seal(most integer, OUT row_count bigint, OUT last_id bigint, OUT hashes text,
	OUT lag double precision)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	SELECT * INTO row_count, last_id, hashes, lag FROM audit_file(most, false);
EXCEPTION WHEN data_exception OR not_null_violation OR program_limit_exceeded THEN
	SELECT * INTO row_count, last_id, hashes, lag FROM audit_file(most, true);
END
$$;

-- As before, but for whom the audit names.
CREATE OR REPLACE FUNCTION reform_move(moves reform_pending[], decider uuid) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	moved record;
	day date;
BEGIN
	FOR moved IN
		SELECT * FROM (VALUES
			('people', 'unit', 'organization'), ('interventions', NULL, 'organization'),
			('hotspots', 'unit', 'organization'), ('institutions', 'unit', 'organization'),
			('union_organizations', 'unit', 'organization'), ('models', 'unit', 'organization'),
			('campaigns', 'unit', 'organization'), ('training_sessions', 'unit', 'organization'),
			('task_assignments', NULL, 'assignee'), ('referrals', NULL, 'to_organization'),
			('handovers', 'to_unit', NULL), ('accounts', 'unit', 'organization'),
			('clients', 'unit', 'organization')
		) AS tables (kind, unit_column, organization_column)
		WHERE kind IN (SELECT one.kind FROM unnest(moves) AS one)
	LOOP
		-- A file was its heir's from the day of the reform, whenever it is entered.
		FOR day IN SELECT DISTINCT effective_on FROM unnest(moves) AS one WHERE one.kind = moved.kind
		LOOP
			INSERT INTO reform_days VALUES (pg_current_xact_id(), day)
			ON CONFLICT (xid) DO UPDATE SET moved_on = excluded.moved_on;
			EXECUTE format('UPDATE %I AS kept SET %s FROM unnest($1) AS move '
				'WHERE move.kind = %L AND move.effective_on = $2 AND kept.id = move.id',
				moved.kind, concat_ws(', ', moved.unit_column || ' = coalesce(move.to_unit, kept.'
					|| moved.unit_column || ')',
					moved.organization_column || ' = coalesce(move.to_organization, kept.'
					|| moved.organization_column || ')',
					CASE WHEN moved.kind NOT IN ('accounts', 'clients')
						THEN 'version = kept.version + 1, updated_at = now()' END), moved.kind)
			USING moves, day;
		END LOOP;
		DELETE FROM reform_days;
		INSERT INTO audit (caller, action, resource, records)
		SELECT audit_said(decider, caller_organization()), 'reform', moved.kind, array_agg(id)
		FROM unnest(moves) AS one
		WHERE one.kind = moved.kind;
	END LOOP;
	INSERT INTO reform_moves (kind, record, from_unit, to_unit, from_organization, to_organization,
		effective_on, decided_by)
	SELECT kind, id, from_unit, to_unit, from_organization, to_organization, effective_on, decider
	FROM unnest(moves);
END
$$;

CREATE OR REPLACE FUNCTION retention_execute_one(decision retention_decisions) RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM FROM people WHERE id = decision.person FOR NO KEY UPDATE;
	IF retention_blocks(decision.person) <> '{}' OR NOT EXISTS (
		SELECT FROM retention_files WHERE id = decision.person AND due_on <= today()
	) THEN
		RETURN false;
	END IF;
	PERFORM pseudonymise(decision.person);
	UPDATE retention_decisions
	SET status = 'executed', executed_at = now(), version = version + 1, updated_at = now()
	WHERE id = decision.id;
	INSERT INTO audit (caller, action, resource, records, reason)
	VALUES (audit_said(decision.approved_by, decision.organization), 'pseudonymise', 'people',
		ARRAY[decision.person], 'retention decision ' || decision.id);
	RETURN true;
EXCEPTION WHEN OTHERS THEN
	-- It stays approved, as the list shows, and keeps no other file from its end.
	RAISE WARNING 'retention decision %: %', decision.id, SQLERRM;
	RETURN false;
END
$$;

-- Asked of a row at a time by those who see some rows of a territory.
CREATE FUNCTION is_border_commune(of_unit text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM units WHERE key = of_unit AND is_border);
END
$$;

-- Of a person that was erased, or that is restricted: nobody sees the one, and who may open the file the other.  The
-- owner, who counts, is a member of lachan_reader: what binds the reader must leave it out.
CREATE FUNCTION caller_sees_closed(of_unit text, of_organization text, erased_at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
	RETURN current_user = 'lachan_owner' OR erased_at IS NULL AND caller_may_open(of_unit, of_organization);
END
$$;

REVOKE ALL ON FUNCTION audit_said, audit_heard, audit_of_records, audit_lag, audit_file, audit_seal, is_border_commune,
	caller_sees_closed
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_lag, audit_seal TO lachan_service;
GRANT EXECUTE ON FUNCTION is_border_commune, caller_sees_closed TO lachan_service, lachan_reader;
