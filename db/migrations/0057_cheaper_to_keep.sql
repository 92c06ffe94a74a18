-- What access and trail cost beside what is read, at less.

-- Whether the caller's agency is one of these, as it is said: nothing is converted for each statement.
CREATE FUNCTION caller_is_of(agencies text[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN current_setting('lachan.agency', true) = ANY (agencies);

-- Nobody plans by what waits for a moment; and what was sealed is alike however much there is.
ALTER TABLE audit SET (autovacuum_analyze_threshold = 2147483647);

CREATE OR REPLACE FUNCTION audit_partition_add(name text, bounds text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	EXECUTE format('CREATE TABLE %I (LIKE audit_sealed) WITH (autovacuum_analyze_scale_factor = 1)', name);
	EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
	EXECUTE format('CREATE POLICY %I ON %I TO lachan_owner USING (true) WITH CHECK (true)', name || '_owner', name);
	EXECUTE format('CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
		'FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()', name);
	EXECUTE format('ALTER TABLE audit_sealed ATTACH PARTITION %I %s', name, bounds);
END
$$;

DO $$
DECLARE
	partition regclass;
BEGIN
	FOR partition IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit_sealed'::regclass LOOP
		EXECUTE format('ALTER TABLE %s SET (autovacuum_analyze_scale_factor = 1)', partition);
	END LOOP;
END
$$;

-- Rows come in the order of time: the summary of a range of pages says as much as an entry for each row.
DROP INDEX audit_sealed_at;
CREATE INDEX audit_sealed_at ON audit_sealed USING brin (at) WITH (autosummarize = on);

-- A row's values with their types and lengths, which are unambiguous; texts are those of a client that speaks UTF-8.
-- What was sealed as text has a hash of 32 bytes, and is asked as text.
CREATE OR REPLACE FUNCTION audit_hash(entry audit_sealed) RETURNS bytea
LANGUAGE sql STABLE
AS $$
	SELECT CASE WHEN length(entry.hash) = 32 THEN sha256(convert_to(ROW(
			entry.id, extract(epoch FROM entry.at), entry.xid, entry.request, entry.user_id,
			entry.organization, entry.agency, entry.role, entry.purpose, entry.address, entry.action,
			entry.resource, entry.records, entry.fields, entry.reason, entry.outcome
		)::text, 'UTF8'))
		ELSE '\x02' || sha256(record_send(ROW(
			entry.id, entry.at, entry.xid, entry.request, entry.user_id,
			entry.organization, entry.agency, entry.role, entry.purpose, entry.address, entry.action,
			entry.resource, entry.records, entry.fields, entry.reason, entry.outcome
		)))
	END
$$;
