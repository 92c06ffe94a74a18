-- A key is claimed by one statement that finds it by its index, whatever the table was like when it was planned:
-- a search that is planned while there are no keys reads them all when there are many.  A header is blamed by
-- its name, as it is everywhere else: a pointer with a slash leads into the content.
CREATE OR REPLACE FUNCTION idempotency_claim(key_scope text, content text, made uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	seen idempotency_keys;
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtextextended(key_scope, 0)) THEN
		PERFORM refuse('LC409', 'idempotency_in_progress');
	END IF;
	INSERT INTO idempotency_keys AS kept (scope, fingerprint, record)
	VALUES (key_scope, content, made)
	ON CONFLICT (scope) DO UPDATE
	SET fingerprint = excluded.fingerprint, record = excluded.record, created_at = excluded.created_at
	WHERE kept.created_at < now() - interval '24 hours';
	IF FOUND THEN
		RETURN;
	END IF;
	SELECT * INTO seen FROM idempotency_keys WHERE scope = key_scope;
	IF seen.fingerprint = content THEN
		PERFORM refuse('LCRPL', 'idempotency_replayed', seen.record::text);
	ELSE
		PERFORM refuse('LC422', 'idempotency_reused', 'Idempotency-Key');
	END IF;
END
$$;
