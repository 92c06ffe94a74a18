-- What was applied to this database, and when.
CREATE TABLE IF NOT EXISTS applied (
	name text PRIMARY KEY,
	checksum text NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT now()
);

CREATE OR REPLACE FUNCTION applied_checksums() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
RETURN (SELECT string_agg(name || ' ' || checksum, E'\n' ORDER BY name COLLATE "C") FROM applied);

REVOKE EXECUTE ON FUNCTION applied_checksums() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION applied_checksums() TO lachan_service;
