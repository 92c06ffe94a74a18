-- What a read costs beside what it reads, at less.

-- Whether the file of a restricted person is open to the caller.  Not in SQL: inlined, it would be set up for each
-- statement, and hardly any comes upon such a person.
CREATE FUNCTION caller_may_open(of_unit text, of_organization text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
	RETURN caller_purpose() IS NOT NULL AND caller_holds(of_unit, of_organization);
END
$$;

-- As before, by the same rule.
CREATE OR REPLACE FUNCTION closed_people() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN ARRAY(
		SELECT uuid_hash_extended(id, 62)
		FROM people
		WHERE restricted_at IS NOT NULL AND NOT caller_may_open(unit, organization)
	);
END
$$;

-- The trail of one record that is shown: called for the row itself, so there is none when nothing is shown.
CREATE FUNCTION audit_read(of_resource text, record uuid, classes text[]) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	INSERT INTO audit (action, resource, records, fields) VALUES ('read', of_resource, ARRAY[record], classes);
END
$$;

-- Rows come in the order of both: the summary of a range of pages says as much as an entry for each row.
DROP INDEX audit_sealed_seq;
DROP INDEX audit_sealed_at;
CREATE INDEX audit_sealed_seq_at ON audit_sealed USING brin (seq, at) WITH (pages_per_range = 16, autosummarize = on);

DROP FUNCTION audit_unsealed;
DROP FUNCTION audit_seal;

-- Seals the next rows, and says of them what the hash of the batch is made of: none while the bound is not
-- reached yet.
CREATE FUNCTION audit_seal(new_seq bigint, after_id bigint, bound_id bigint, bound_xid xid8, most integer,
	OUT row_count bigint, OUT last_id bigint, OUT hashes text)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	WITH sealed AS (
		INSERT INTO audit_sealed (id, at, seq, hash, user_id, organization, resource, records)
		SELECT id, at, new_seq, audit_hash(entry), user_id, organization, resource, records
		FROM audit AS entry
		WHERE id > after_id AND id <= bound_id AND bound_xid <= pg_snapshot_xmin(pg_current_snapshot())
		ORDER BY id
		LIMIT most
		RETURNING id, hash
	)
	SELECT count(*), max(id), string_agg(encode(hash, 'hex') || E'\n', '' ORDER BY id) FROM sealed
$$;

-- The batch itself, in the transaction that sealed its rows.
CREATE FUNCTION audit_seal_add(new_seq bigint, row_count bigint, last_id bigint, sealed_at timestamptz,
	batch_hash text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	INSERT INTO audit_seals (seq, row_count, last_id, at, hash)
	VALUES (new_seq, row_count, last_id, sealed_at, decode(batch_hash, 'hex'))
$$;

-- As before, but told which seals to look among, since no index has each row.
CREATE OR REPLACE FUNCTION audit_walk(after_seq bigint, most integer)
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
	), sealed AS MATERIALIZED (
		SELECT *
		FROM audit_sealed
		WHERE seq > after_seq AND seq <= (SELECT max(seq) FROM next)
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
	LEFT JOIN sealed ON sealed.seq = next.seq
	LEFT JOIN audit AS entry ON entry.id = sealed.id AND entry.at = sealed.at
	ORDER BY next.seq, sealed.id
$$;

-- As before, but each sealed row is looked up by itself: of a join by two columns PostgreSQL expects one row, so
-- that a page of the newest went through the whole audit.
CREATE OR REPLACE VIEW audit_search AS
SELECT sealed.id, sealed.at, entry.request, sealed.user_id, sealed.organization, entry.agency,
	entry.role, entry.purpose, entry.address, entry.action, sealed.resource, sealed.records,
	entry.fields, entry.reason, entry.outcome
FROM audit_sealed AS sealed
CROSS JOIN LATERAL (
	SELECT * FROM audit WHERE audit.id = sealed.id AND audit.at = sealed.at OFFSET 0
) AS entry;

REVOKE ALL ON FUNCTION caller_may_open, audit_read, audit_seal, audit_seal_add FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_read, audit_seal, audit_seal_add TO lachan_service;
GRANT EXECUTE ON FUNCTION caller_may_open TO lachan_service, lachan_reader;
