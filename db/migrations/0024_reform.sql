-- Units and organisations that end: every open file, task and account of theirs passes to who follows,
-- as an event of its own; what a split leaves undecided stands in a list until somebody decides.
-- Closed history keeps the unit of then, and a crime the place of its offence.

-- What the operator edited is no longer overwritten by what the program comes with.
ALTER TABLE organizations
	ADD COLUMN version bigint NOT NULL DEFAULT 1,
	ADD COLUMN edited_at timestamptz;
ALTER TABLE organization_agencies
	ADD COLUMN id uuid NOT NULL UNIQUE DEFAULT uuid_v7(),
	ADD COLUMN version bigint NOT NULL DEFAULT 1,
	ADD COLUMN edited_at timestamptz;
ALTER TABLE organization_successors
	ADD COLUMN id uuid NOT NULL UNIQUE DEFAULT uuid_v7(),
	ADD COLUMN edited_at timestamptz;

CREATE TABLE reform_moves (
	id uuid PRIMARY KEY DEFAULT uuid_v7(),
	kind text NOT NULL,
	record uuid NOT NULL,
	from_unit text REFERENCES units,
	to_unit text REFERENCES units,
	from_organization text REFERENCES organizations,
	to_organization text REFERENCES organizations,
	effective_on date NOT NULL,
	decided_by uuid, -- NULL: there was nothing to decide
	moved_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX reform_moves_record ON reform_moves (record);

-- The unit that stands today for all of a unit; NULL when it was shared out.
CREATE FUNCTION unit_today(of_unit text) RETURNS text
LANGUAGE sql STABLE
RETURN (
	WITH RECURSIVE followed (key, successor, valid_to) AS (
		SELECT key, successor, valid_to FROM units WHERE key = of_unit
		UNION
		SELECT next.key, next.successor, next.valid_to
		FROM units AS next
		JOIN followed ON next.key = followed.successor
	)
	SELECT key FROM followed WHERE coalesce(valid_to >= today(), true) LIMIT 1
);

-- The units of today that took over parts of a unit, of a district those that took over its communes.
CREATE FUNCTION unit_heirs(of_unit text) RETURNS text[]
LANGUAGE sql STABLE
RETURN ARRAY(
	WITH RECURSIVE heirs (key) AS (
		SELECT key FROM units WHERE of_unit IN (key, parent)
		UNION
		SELECT steps.successor
		FROM unit_successors AS steps
		JOIN heirs ON steps.unit = heirs.key
	)
	SELECT units.key
	FROM heirs
	JOIN units USING (key)
	WHERE coalesce(valid_to >= today(), true)
	ORDER BY units.key
);

-- The organisations of today that took over from one.
CREATE FUNCTION organization_heirs(of_organization text) RETURNS text[]
LANGUAGE sql STABLE
RETURN ARRAY(
	WITH RECURSIVE heirs (code) AS (
		SELECT of_organization
		UNION
		SELECT steps.successor
		FROM organization_successors AS steps
		JOIN heirs ON steps.organization = heirs.code
	)
	SELECT code
	FROM heirs
	JOIN organizations USING (code)
	WHERE coalesce(valid_to >= today(), true)
	ORDER BY code
);

-- Who follows an organisation for a unit: itself, the only heir, or the heir whose unit it is.
CREATE FUNCTION organization_today(of_organization text, for_unit text) RETURNS text
LANGUAGE sql STABLE
RETURN (
	SELECT CASE cardinality(heirs)
		WHEN 1 THEN heirs[1]
		ELSE (
			SELECT min(code)
			FROM organizations
			WHERE code = ANY (heirs) AND unit = for_unit
			HAVING count(*) = 1
		)
	END
	FROM organization_heirs(of_organization) AS heirs
);

-- What is open and belongs to a unit or an organisation.  seat: of accounts.
CREATE VIEW reform_open AS
SELECT 'people' AS kind, id, unit, organization, NULL::smallint AS seat
FROM people
WHERE voided_at IS NULL AND erased_at IS NULL AND status IS DISTINCT FROM 'closed'
UNION ALL
SELECT 'interventions', id, NULL, organization, NULL
FROM interventions
WHERE status IN ('planned', 'in_progress') AND voided_at IS NULL
UNION ALL
SELECT 'hotspots', id, unit, organization, NULL
FROM hotspots
WHERE status <> 'eliminated' AND voided_at IS NULL
UNION ALL
SELECT 'institutions', id, unit, organization, NULL
FROM institutions
WHERE closed_on IS NULL AND voided_at IS NULL
UNION ALL
SELECT 'union_organizations', id, unit, organization, NULL
FROM union_organizations
WHERE active_to IS NULL AND voided_at IS NULL
UNION ALL
SELECT 'models', id, unit, organization, NULL
FROM models
WHERE status <> 'retired' AND voided_at IS NULL
UNION ALL
SELECT 'campaigns', id, unit, organization, NULL
FROM campaigns
WHERE status IN ('planned', 'running') AND voided_at IS NULL
UNION ALL
SELECT 'training_sessions', id, unit, organization, NULL
FROM training_sessions
WHERE status = 'planned' AND voided_at IS NULL
UNION ALL
SELECT 'task_assignments', id, NULL, assignee, NULL
FROM task_assignments
WHERE completed_on IS NULL AND voided_at IS NULL
UNION ALL
SELECT 'referrals', id, NULL, to_organization, NULL
FROM referrals
WHERE status = 'open' AND voided_at IS NULL
UNION ALL
SELECT 'handovers', id, to_unit, NULL, NULL
FROM handovers
WHERE status = 'proposed' AND voided_at IS NULL
UNION ALL
SELECT 'accounts', id, unit, organization, agency
FROM accounts
WHERE disabled_at IS NULL
UNION ALL
SELECT 'clients', id, unit, organization, agency
FROM clients
WHERE disabled_at IS NULL;

-- What of it has to pass, and to whom as far as the law says so.  A file whose maker is shared out
-- goes to the committee of its commune: that is who answers for it.
CREATE VIEW reform_pending AS
SELECT kind, id, unit AS from_unit, organization AS from_organization, to_unit, to_organization, seat,
	greatest((SELECT valid_to FROM units WHERE key = unit AND valid_to < today()),
		(SELECT valid_to FROM organizations WHERE code = organization AND valid_to < today())) + 1
		AS effective_on,
	(unit IS NULL OR to_unit IS NOT NULL) AND (organization IS NULL OR to_organization IS NOT NULL)
		AND (seat IS NULL OR to_organization IS NULL OR seat_is_held(to_organization, seat))
		AS is_decided
FROM (
	SELECT open.*, coalesce(organization_today(organization, coalesce(heir, unit)),
			CASE kind WHEN 'people' THEN committee_of(heir) END) AS to_organization, heir AS to_unit
	FROM reform_open AS open
	CROSS JOIN LATERAL unit_today(unit) AS heir
	WHERE unit IN (SELECT key FROM units WHERE valid_to < today())
		OR organization IN (SELECT code FROM organizations WHERE valid_to < today())
) AS passing;

-- The transaction that moves what was open, and the day it moves for: a setting could be forged.
CREATE TABLE reform_days (
	xid xid8 PRIMARY KEY,
	moved_on date NOT NULL
);

CREATE FUNCTION reform_day() RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
RETURN (SELECT moved_on FROM reform_days WHERE xid = pg_current_xact_id_if_assigned());

-- What was entered in a unit of its day stands in another one after a reform.
DO $$
DECLARE
	name text;
BEGIN
	FOREACH name IN ARRAY
		'{hotspots,institutions,union_organizations,models,campaigns,training_sessions}'::text[]
	LOOP
		EXECUTE format('DROP TRIGGER %I ON %I', name || '_check', name);
		EXECUTE format('CREATE TRIGGER %1$I BEFORE INSERT OR UPDATE ON %2$I FOR EACH ROW '
			'WHEN (reform_day() IS NULL) EXECUTE FUNCTION %1$I()', name || '_check', name);
	END LOOP;
END
$$;

-- Moves what is told, row by row of `moves`, and writes it down.
CREATE FUNCTION reform_move(moves reform_pending[], decider uuid) RETURNS void
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
		INSERT INTO audit (user_id, organization, action, resource, records)
		SELECT coalesce(decider, '00000000-0000-0000-0000-000000000000'), caller_organization(), 'reform',
			moved.kind, array_agg(id)
		FROM unnest(moves) AS one
		WHERE one.kind = moved.kind;
	END LOOP;
	INSERT INTO reform_moves (kind, record, from_unit, to_unit, from_organization, to_organization,
		effective_on, decided_by)
	SELECT kind, id, from_unit, to_unit, from_organization, to_organization, effective_on, decider
	FROM unnest(moves);
END
$$;

-- What passes, and what waits for somebody to decide; done only when it is not a trial.
CREATE FUNCTION reform_apply(is_trial boolean)
RETURNS TABLE (kind text, from_unit text, from_organization text, to_unit text, to_organization text,
	is_decided boolean, records bigint)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
	pending reform_pending[];
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('lachan reform', 0));
	pending := ARRAY(SELECT one FROM reform_pending AS one);
	IF NOT is_trial THEN
		PERFORM reform_move(ARRAY(SELECT one FROM unnest(pending) AS one WHERE one.is_decided), NULL);
	END IF;
	RETURN QUERY
	SELECT kind, from_unit, from_organization, to_unit, to_organization, is_decided, count(*)
	FROM unnest(pending)
	GROUP BY 1, 2, 3, 4, 5, 6
	ORDER BY is_decided DESC, 1, 2, 3;
END
$$;

-- As before, but for the day of a reform.
CREATE OR REPLACE FUNCTION people_move_note() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	INSERT INTO person_moves (person, to_unit, moved_on)
	VALUES (NEW.id, NEW.unit, coalesce(reform_day(), today()));
	RETURN NULL;
END
$$;

-- Who decides: the police of the province of records, the operator of accounts.
CREATE FUNCTION reform_is_mine(of_kind text) RETURNS boolean
LANGUAGE sql STABLE
RETURN coalesce(CASE
	WHEN of_kind IN ('accounts', 'clients') THEN caller_role() = 'operator'
	ELSE caller_agency() = 1 AND caller_everywhere()
END, false);

CREATE FUNCTION reform_undecided_list()
RETURNS TABLE (id uuid, kind text, unit text, organization text, effective_on date, to_units text[],
	to_organizations text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT id, kind, from_unit, from_organization, effective_on,
		CASE WHEN to_unit IS NULL THEN unit_heirs(from_unit) ELSE ARRAY[to_unit] END,
		CASE WHEN to_organization IS NULL THEN organization_heirs(from_organization)
			ELSE ARRAY[to_organization] END
	FROM reform_pending
	WHERE NOT is_decided AND reform_is_mine(kind)
$$;

CREATE VIEW reform_undecided AS SELECT * FROM reform_undecided_list();

CREATE FUNCTION reform_transfers_list()
RETURNS TABLE (id uuid, kind text, record uuid, from_unit text, unit text, from_organization text,
	organization text, effective_on date, decided_by uuid, created_at timestamptz, voided_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT id, kind, record, from_unit, to_unit, from_organization, to_organization, effective_on,
		decided_by, moved_at, NULL::timestamptz
	FROM reform_moves
	WHERE reform_is_mine(kind)
$$;

CREATE VIEW reform_transfers AS SELECT * FROM reform_transfers_list();
CREATE VIEW seats WITH (security_invoker = true) AS
SELECT id, organization, agency, valid_from, valid_to, is_main, scope, version, NULL::timestamptz AS voided_at
FROM organization_agencies;
CREATE VIEW successions WITH (security_invoker = true) AS
SELECT id, organization, successor, effective_on, function, act, NULL::timestamptz AS voided_at
FROM organization_successors;

GRANT SELECT ON reform_undecided, reform_transfers, seats, successions TO lachan_service;

-- Decides what a split left open; only its heirs can be chosen.
CREATE FUNCTION reform_decide(new_id uuid, decision jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	pending reform_pending;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('lachan reform', 0));
	SELECT * INTO pending
	FROM reform_pending
	WHERE id = (decision->>'record')::uuid AND NOT is_decided;
	IF pending.id IS NULL OR NOT reform_is_mine(pending.kind) THEN
		PERFORM refuse('LC422', 'no_such_record', '/record');
	ELSIF caller_role() NOT IN ('admin', 'operator') THEN
		PERFORM refuse('LC403', 'not_allowed');
	END IF;
	pending.to_unit := coalesce(decision->>'unit', pending.to_unit);
	pending.to_organization := coalesce(decision->>'organization', pending.to_organization,
		organization_today(pending.from_organization, pending.to_unit),
		CASE pending.kind WHEN 'people' THEN committee_of(pending.to_unit) END);
	IF pending.from_unit IS NOT NULL AND pending.to_unit IS NULL THEN
		PERFORM refuse('LC422', 'required', '/unit');
	ELSIF pending.to_unit <> ALL (unit_heirs(pending.from_unit)) THEN
		PERFORM refuse('LC422', 'not_a_successor', '/unit');
	ELSIF pending.from_organization IS NOT NULL AND pending.to_organization IS NULL THEN
		PERFORM refuse('LC422', 'required', '/organization');
	ELSIF decision ? 'organization'
		AND pending.to_organization <> ALL (organization_heirs(pending.from_organization)) THEN
		PERFORM refuse('LC422', 'not_a_successor', '/organization');
	ELSIF pending.seat IS NOT NULL AND NOT seat_is_held(pending.to_organization, pending.seat) THEN
		PERFORM refuse('LC422', 'seat_not_held', '/organization');
	END IF;
	PERFORM reform_move(ARRAY[pending], caller_user());
	UPDATE reform_moves SET id = new_id WHERE id = (
		SELECT id FROM reform_moves WHERE record = pending.id ORDER BY moved_at DESC, id DESC LIMIT 1
	);
END
$$;

-- Organisations, as the operator keeps them.

CREATE FUNCTION operator_only() RETURNS void
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	IF caller_role() IS DISTINCT FROM 'operator' THEN
		PERFORM refuse('LC403', 'not_allowed');
	END IF;
END
$$;

CREATE FUNCTION organization_audit(what text, about text) RETURNS void
LANGUAGE sql
AS $$
	INSERT INTO audit (action, resource, records, reason) VALUES (what, 'organizations', '{}', about)
$$;

CREATE FUNCTION organization_create(new_code text, content jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	wanted organizations := jsonb_populate_record(NULL::organizations, content);
BEGIN
	PERFORM operator_only();
	IF NOT EXISTS (SELECT FROM units WHERE key = wanted.unit) THEN
		PERFORM refuse('LC422', 'no_such_record', '/unit');
	ELSIF EXISTS (SELECT FROM organizations WHERE code = new_code) THEN
		PERFORM refuse('LC409', 'duplicate', '/code');
	END IF;
	INSERT INTO organizations (code, name_vi, name_en, kind, unit, valid_from, valid_to, edited_at)
	VALUES (new_code, wanted.name_vi, wanted.name_en, wanted.kind, wanted.unit, wanted.valid_from,
		wanted.valid_to, now());
	PERFORM organization_audit('create', new_code);
END
$$;

CREATE FUNCTION organization_update(of_code text, seen bigint, changes jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	was organizations;
	wanted organizations;
BEGIN
	PERFORM operator_only();
	SELECT * INTO was FROM organizations WHERE code = of_code FOR NO KEY UPDATE;
	IF was.code IS NULL THEN
		PERFORM refuse('LC404', 'not_found');
	ELSIF seen NOT IN (0, was.version) THEN
		PERFORM refuse('LC412', 'stale');
	END IF;
	wanted := jsonb_populate_record(was, changes);
	IF wanted.valid_to < was.valid_from THEN
		PERFORM refuse('LC422', 'before', '/valid_to', was.valid_from::text);
	END IF;
	UPDATE organizations
	SET name_vi = wanted.name_vi, name_en = wanted.name_en, valid_to = wanted.valid_to,
		version = version + 1, edited_at = now()
	WHERE code = of_code;
	PERFORM organization_audit('update', of_code);
END
$$;

-- One organisation holds a seat once at a time, and one seat is its main one.
CREATE FUNCTION seat_check(wanted organization_agencies) RETURNS void
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM organizations WHERE code = wanted.organization) THEN
		PERFORM refuse('LC422', 'no_such_record', '/organization');
	ELSIF wanted.valid_to < wanted.valid_from THEN
		PERFORM refuse('LC422', 'before', '/valid_to', wanted.valid_from::text);
	ELSIF EXISTS (
		SELECT FROM organization_agencies AS other
		WHERE other.organization = wanted.organization
			AND other.id <> wanted.id
			AND (other.agency = wanted.agency OR other.is_main AND wanted.is_main)
			AND daterange(other.valid_from, other.valid_to, '[]')
				&& daterange(wanted.valid_from, wanted.valid_to, '[]')
	) THEN
		PERFORM refuse('LC409', 'overlaps', '/valid_from');
	END IF;
END
$$;

CREATE FUNCTION seat_create(new_id uuid, content jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	wanted organization_agencies := jsonb_populate_record(NULL::organization_agencies, content);
BEGIN
	PERFORM operator_only();
	wanted.id := new_id;
	wanted.is_main := coalesce(wanted.is_main, true);
	PERFORM pg_advisory_xact_lock(hashtextextended('seats', 0));
	PERFORM seat_check(wanted);
	INSERT INTO organization_agencies (id, organization, agency, valid_from, valid_to, is_main, scope, edited_at)
	VALUES (new_id, wanted.organization, wanted.agency, wanted.valid_from, wanted.valid_to, wanted.is_main,
		wanted.scope, now());
	PERFORM organization_audit('create', wanted.organization);
END
$$;

CREATE FUNCTION seat_update(of_seat uuid, seen bigint, changes jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	wanted organization_agencies;
BEGIN
	PERFORM operator_only();
	PERFORM pg_advisory_xact_lock(hashtextextended('seats', 0));
	SELECT * INTO wanted FROM organization_agencies WHERE id = of_seat;
	IF wanted.id IS NULL THEN
		PERFORM refuse('LC404', 'not_found');
	ELSIF seen NOT IN (0, wanted.version) THEN
		PERFORM refuse('LC412', 'stale');
	END IF;
	wanted := jsonb_populate_record(wanted, changes);
	PERFORM seat_check(wanted);
	UPDATE organization_agencies
	SET valid_to = wanted.valid_to, is_main = wanted.is_main, scope = wanted.scope, version = version + 1,
		edited_at = now()
	WHERE id = of_seat;
	PERFORM organization_audit('update', wanted.organization);
END
$$;

CREATE FUNCTION succession_create(new_id uuid, content jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	wanted organization_successors := jsonb_populate_record(NULL::organization_successors, content);
BEGIN
	PERFORM operator_only();
	IF NOT EXISTS (SELECT FROM organizations WHERE code = wanted.organization) THEN
		PERFORM refuse('LC422', 'no_such_record', '/organization');
	ELSIF wanted.successor = wanted.organization
		OR NOT EXISTS (SELECT FROM organizations WHERE code = wanted.successor) THEN
		PERFORM refuse('LC422', 'no_such_record', '/successor');
	ELSIF EXISTS (
		SELECT FROM organization_successors AS other
		WHERE (other.organization, other.successor, other.effective_on)
			= (wanted.organization, wanted.successor, wanted.effective_on)
	) THEN
		PERFORM refuse('LC409', 'duplicate', '/successor');
	END IF;
	INSERT INTO organization_successors (id, organization, successor, effective_on, function, act, edited_at)
	VALUES (new_id, wanted.organization, wanted.successor, wanted.effective_on, wanted.function, wanted.act,
		now());
	PERFORM organization_audit('create', wanted.organization);
END
$$;

REVOKE ALL ON FUNCTION unit_today, reform_day, unit_heirs, organization_heirs, organization_today, reform_move,
	reform_apply, reform_is_mine, reform_undecided_list, reform_transfers_list, reform_decide,
	operator_only, organization_audit, organization_create, organization_update, seat_check,
	seat_create, seat_update, succession_create
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reform_day, reform_undecided_list, reform_transfers_list, reform_decide,
	organization_create, organization_update, seat_create, seat_update, succession_create
TO lachan_service;
