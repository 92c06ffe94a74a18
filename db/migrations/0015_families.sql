-- The families of communes and hotspots: what a change of theirs touches.

CREATE INDEX person_statuses_aftercare ON person_statuses (unit, person)
WHERE status IN ('post_rehab', 'released');
CREATE INDEX person_moves_to_unit ON person_moves (to_unit, person);

-- One decision makes way for another of the same commune: all of them are computed anew, they are few.
DROP TRIGGER contributions_key_communes_id_insert ON key_communes;
DROP TRIGGER contributions_key_communes_id_update ON key_communes;
DROP TRIGGER contributions_key_communes_id_delete ON key_communes;

CREATE TRIGGER contributions_key_communes_insert
AFTER INSERT ON key_communes REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION contribution_note('key_communes', 'everyone');
CREATE TRIGGER contributions_key_communes_update
AFTER UPDATE ON key_communes REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION contribution_note('key_communes', 'everyone');
CREATE TRIGGER contributions_key_communes_delete
AFTER DELETE ON key_communes REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION contribution_note('key_communes', 'everyone');

-- Whom a commune may help is counted for the commune as well.
CREATE OR REPLACE FUNCTION figures_refresh(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	state indicator_state;
	noted record;
	windows indicator_window[];
	of_family text;
	taken integer := 0;
	has_changed boolean := false;
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtextextended('lachan figures', 0)) THEN
		RETURN 0;
	END IF;
	SELECT * INTO state FROM indicator_state;
	IF NOT state.is_ready THEN
		RETURN NULL;
	ELSIF state.day < today() THEN
		PERFORM figures_pass_days();
	END IF;
	windows := windows_ready();
	FOR noted IN
		WITH taken AS (
			DELETE FROM contribution_queue
			WHERE ctid = ANY (ARRAY(SELECT ctid FROM contribution_queue LIMIT most))
			RETURNING kind, subject
		)
		SELECT kind, count(*)::integer AS notes, array_agg(DISTINCT subject) AS subjects
		FROM taken
		GROUP BY kind
		ORDER BY kind
	LOOP
		taken := taken + noted.notes;
		has_changed := has_changed OR noted.kind = 'baselines';
		FOR of_family IN SELECT name FROM indicator_families WHERE kind = noted.kind ORDER BY name
		LOOP
			has_changed := contributions_update(of_family, noted.subjects, windows) OR has_changed;
		END LOOP;
		IF noted.kind = 'people' THEN
			PERFORM clock_set(noted.subjects);
			INSERT INTO contribution_queue
			SELECT 'key_communes', id
			FROM key_communes
			WHERE EXISTS (
				SELECT FROM person_statuses
				WHERE person = ANY (noted.subjects) AND status IN ('post_rehab', 'released')
			);
		END IF;
	END LOOP;
	IF has_changed THEN
		UPDATE indicator_state SET data_version = data_version + 1;
	END IF;
	RETURN taken;
END
$$;
