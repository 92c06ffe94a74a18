-- A header is blamed by its name, as it is everywhere else: a pointer with a slash leads into the content.
CREATE OR REPLACE FUNCTION idempotency_claim(key_scope text, content text, made uuid) RETURNS void
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
		PERFORM refuse('LC422', 'idempotency_reused', 'Idempotency-Key');
	END IF;
END
$$;
