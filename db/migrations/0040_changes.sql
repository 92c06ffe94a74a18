-- What changed, for whoever keeps a copy and reads on from where it was: which record, not what is in it.
-- A change of what the record itself does not show (its version stays) is not told here either.
CREATE TABLE changes (
	seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	resource text NOT NULL, -- the table
	record uuid NOT NULL,
	version bigint NOT NULL,
	operation text NOT NULL CHECK (operation IN ('create', 'update', 'void', 'leave')),
	left_unit text, -- of leave: whose territory it may have left
	changed_at timestamptz NOT NULL DEFAULT now(),
	CHECK ((operation = 'leave') = (left_unit IS NOT NULL))
);

CREATE INDEX changes_changed_at ON changes USING brin (changed_at);

-- Up to seq nothing can come any more, so that readers may go as far; next_seq is where it stands once
-- all before next_xid have ended.  Up to removed it is too long ago.
CREATE TABLE change_head (
	is_single boolean PRIMARY KEY DEFAULT true CHECK (is_single),
	seq bigint NOT NULL DEFAULT 0,
	next_seq bigint NOT NULL DEFAULT 0,
	next_xid xid8 NOT NULL DEFAULT '0',
	removed bigint NOT NULL DEFAULT 0
);

INSERT INTO change_head DEFAULT VALUES;

CREATE FUNCTION changes_create() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	INSERT INTO changes (resource, record, version, operation)
	SELECT TG_TABLE_NAME, id, version, 'create' FROM changed;
	RETURN NULL;
END
$$;

CREATE FUNCTION changes_update() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	INSERT INTO changes (resource, record, version, operation)
	SELECT TG_TABLE_NAME, id, changed.version,
		CASE WHEN changed.voided_at IS NOT NULL AND former.voided_at IS NULL THEN 'void' ELSE 'update' END
	FROM changed
	JOIN former USING (id)
	WHERE changed.version <> former.version;
	RETURN NULL;
END
$$;

-- Of records that are somebody's by their unit.
CREATE FUNCTION changes_leave() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	INSERT INTO changes (resource, record, version, operation, left_unit)
	VALUES (TG_TABLE_NAME, NEW.id, NEW.version, 'leave', OLD.unit);
	RETURN NULL;
END
$$;

DO $$
DECLARE
	source record;
BEGIN
	FOR source IN
		SELECT table_name AS name, bool_or(column_name = 'unit') AS has_unit
		FROM information_schema.columns
		JOIN information_schema.tables USING (table_schema, table_name)
		WHERE table_schema = 'public'
			AND table_type = 'BASE TABLE'
			AND column_name IN ('id', 'version', 'voided_at', 'unit')
		GROUP BY table_name
		HAVING count(*) FILTER (WHERE column_name <> 'unit') = 3
		ORDER BY table_name
	LOOP
		EXECUTE format('CREATE TRIGGER changes_create AFTER INSERT ON %I REFERENCING NEW TABLE AS changed '
			'FOR EACH STATEMENT EXECUTE FUNCTION changes_create()', source.name);
		EXECUTE format('CREATE TRIGGER changes_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS former '
			'NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION changes_update()', source.name);
		IF source.has_unit THEN
			EXECUTE format('CREATE TRIGGER changes_leave AFTER UPDATE OF unit ON %I FOR EACH ROW '
				'WHEN (OLD.unit <> NEW.unit) EXECUTE FUNCTION changes_leave()', source.name);
		END IF;
	END LOOP;
END
$$;

-- How far readers may go, after having looked whether it is further.
CREATE FUNCTION changes_advance() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	head change_head;
	newest bigint;
BEGIN
	SELECT * INTO head FROM change_head;
	SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO newest FROM changes_seq_seq;
	IF newest = head.seq THEN
		RETURN head.seq;
	END IF;
	SELECT * INTO head FROM change_head FOR UPDATE;
	IF head.next_seq > head.seq AND head.next_xid <= pg_snapshot_xmin(pg_current_snapshot()) THEN
		head.seq := head.next_seq;
	END IF;
	-- A transaction that is still to come: the database was restored into another cluster.
	IF head.next_seq <= head.seq OR head.next_xid > pg_snapshot_xmax(pg_current_snapshot()) THEN
		SELECT last_value INTO head.next_seq FROM changes_seq_seq;
		head.next_xid := pg_current_xact_id();
	END IF;
	UPDATE change_head SET seq = head.seq, next_seq = head.next_seq, next_xid = head.next_xid;
	RETURN head.seq;
END
$$;

-- What is 90 days old, some at a time.
CREATE FUNCTION changes_remove() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	WITH gone AS (
		DELETE FROM changes
		WHERE seq <= (SELECT removed + 20000 FROM change_head)
			AND changed_at < now() - interval '90 days'
		RETURNING seq
	)
	UPDATE change_head SET removed = newest FROM (SELECT max(seq) AS newest FROM gone) AS last
	WHERE newest IS NOT NULL
$$;

CREATE FUNCTION changes_edges(OUT removed bigint, OUT head bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	SELECT change_head.removed, change_head.seq INTO removed, head FROM change_head;
END
$$;

REVOKE ALL ON FUNCTION changes_create, changes_update, changes_leave, changes_advance, changes_remove,
	changes_edges
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION changes_advance, changes_remove, changes_edges TO lachan_service;
