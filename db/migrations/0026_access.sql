-- What begins at its beginning, and ids of other systems that are each organisation's own.

-- A status sent with a new record is refused, not passed over.
CREATE FUNCTION status_begins() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF to_jsonb(NEW)->>TG_ARGV[0] <> TG_ARGV[1] THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/' || TG_ARGV[0], '–');
	END IF;
	RETURN NEW;
END
$$;

-- By its name it comes before every other check.
DO $$
DECLARE
	begins record;
BEGIN
	FOR begins IN SELECT * FROM (VALUES
		('referrals', 'status', 'open'), ('handovers', 'status', 'proposed'),
		('break_glasses', 'review_status', 'open'), ('subject_requests', 'status', 'received'),
		('restrictions', 'status', 'active'), ('retention_decisions', 'status', 'proposed'),
		('merges', 'status', 'merged')
	) AS tables (name, field, first)
	LOOP
		EXECUTE format('CREATE TRIGGER "%s_00_begins" BEFORE INSERT ON %I FOR EACH ROW '
			'WHEN (current_user = ''lachan_service'') EXECUTE FUNCTION status_begins(%L, %L)',
			begins.name, begins.name, begins.field, begins.first);
	END LOOP;
END
$$;

-- Two bodies may take in records with the same ids of theirs; neither learns of the other's.
DO $$
DECLARE
	unique_one record;
BEGIN
	FOR unique_one IN
		SELECT conrelid::regclass AS name, conname
		FROM pg_constraint
		WHERE contype = 'u' AND conname LIKE '%\_\_external\_id\_\_duplicate'
	LOOP
		EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', unique_one.name, unique_one.conname);
		EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I UNIQUE (organization, source, external_id)',
			unique_one.name, unique_one.conname);
	END LOOP;
END
$$;

-- Who is named by a file has its birth and sex, also when these are corrected later.
CREATE FUNCTION people_lend() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE crime_participants
	SET date_of_birth = NEW.date_of_birth, sex = NEW.sex, version = version + 1, updated_at = now()
	WHERE person = NEW.id AND voided_at IS NULL;
	RETURN NULL;
END
$$;

CREATE TRIGGER people_lend
AFTER UPDATE OF date_of_birth, sex ON people
FOR EACH ROW WHEN ((OLD.date_of_birth, OLD.sex) IS DISTINCT FROM (NEW.date_of_birth, NEW.sex))
EXECUTE FUNCTION people_lend();

REVOKE ALL ON FUNCTION people_lend FROM PUBLIC;
