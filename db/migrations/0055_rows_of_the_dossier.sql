-- What is told of one file, who may take over an account, and what waits for the lock of a file.

-- The dossier

-- Who answers for the file, and asks for a purpose; anybody else is told no more than it knows.
CREATE FUNCTION dossier_check(of_person uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	held people;
BEGIN
	SELECT * INTO held FROM people WHERE id = of_person AND erased_at IS NULL;
	IF caller_user() IS NULL OR coalesce(caller_role(), '') NOT IN ('officer', 'admin')
		OR caller_purpose() IS NULL
	THEN
		PERFORM refuse('LC403', 'not_allowed');
	ELSIF held.id IS NULL OR NOT caller_holds(held.unit, held.organization) THEN
		IF of_person IN (SELECT visible_subjects('people', ARRAY[of_person])) THEN
			PERFORM refuse('LC403', 'row_not_allowed');
		END IF;
		PERFORM refuse('LC404', 'not_found');
	END IF;
END
$$;

-- The values of a correction as its record is seen; NULL: the record is not.
CREATE FUNCTION correction_seen(kept corrections) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	names text[];
BEGIN
	EXECUTE format('SELECT hidden FROM %I WHERE id = $1', kept.resource || '_seen') INTO names
	USING kept.record;
	RETURN to_jsonb(kept) || jsonb_build_object('was', kept.was - names, 'becomes', kept.becomes - names);
END
$$;

-- What no list has and the law owes to the person: where the file was, what was corrected, who was given what.
CREATE FUNCTION dossier_trail(of_person uuid) RETURNS TABLE (section text, content jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	PERFORM dossier_check(of_person);
	RETURN QUERY
	SELECT 'person_moves', coalesce(jsonb_agg(to_jsonb(moved)), '[]')
	FROM person_moves AS moved
	WHERE person = of_person;
	RETURN QUERY
	SELECT 'corrections', coalesce(jsonb_agg(seen ORDER BY id) FILTER (WHERE seen IS NOT NULL), '[]')
	FROM corrections
	CROSS JOIN LATERAL correction_seen(corrections) AS seen
	WHERE person = of_person;
	RETURN QUERY
	SELECT 'readings', coalesce(jsonb_agg(to_jsonb(readings)), '[]')
	FROM (
		SELECT (at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day, min(at) AS first_at,
			max(at) AS last_at, count(*) AS times, organization, agency, role, purpose, action,
			resource, fields
		FROM audit_of_records(record_ids_of_person(of_person))
		GROUP BY day, organization, agency, role, purpose, action, resource, fields
		ORDER BY first_at
	) AS readings;
END
$$;

-- The rows of every other table that refers to people, by the rights of who asks: the views and row policies of its
-- lists.  NULL: a table that is not the service's to read.
CREATE FUNCTION dossier_records(of_person uuid) RETURNS TABLE (section text, content jsonb)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	referring record;
	source text;
BEGIN
	FOR referring IN
		SELECT relname AS name, string_agg(format('found.%I = $1', attname), ' OR ') AS condition
		FROM pg_constraint
		JOIN pg_attribute ON attrelid = conrelid AND conkey = ARRAY[attnum]
		JOIN pg_class ON pg_class.oid = conrelid
		WHERE contype = 'f'
			AND confrelid = 'people'::regclass
			AND relname NOT IN ('people_keys', 'person_moves', 'corrections')
		GROUP BY relname
		ORDER BY 1
	LOOP
		section := referring.name;
		content := NULL;
		source := coalesce(to_regclass(referring.name || '_seen')::text, referring.name);
		IF has_table_privilege(source, 'SELECT') THEN
			EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(found) ORDER BY found.id), ''[]'') '
				'FROM %I AS found WHERE %s', source, referring.condition)
			INTO content USING of_person;
		END IF;
		RETURN NEXT;
	END LOOP;
END
$$;

DROP FUNCTION dossier, record_seen, hidden_of;

-- Everything held of a person that its reader may see, and who was given what; the trail names what it was shown.
CREATE FUNCTION dossier(of_person uuid, classes text[]) RETURNS TABLE (section text, content jsonb)
LANGUAGE plpgsql
AS $$
DECLARE
	held jsonb;
	hung jsonb;
BEGIN
	PERFORM dossier_check(of_person);
	SELECT to_jsonb(person) || jsonb_build_object('citizen_number', citizen_number_mask,
		'is_minor', age_on(born_by, today()) < 18)
	INTO held
	FROM people_seen AS person
	WHERE id = of_person;
	IF held IS NULL THEN
		PERFORM refuse('LC404', 'not_found');
	END IF;
	SELECT jsonb_object_agg(one.section, one.content) INTO hung FROM dossier_records(of_person) AS one;
	RETURN QUERY
	SELECT 'people', held
	UNION ALL
	SELECT key, nullif(value, 'null') FROM jsonb_each(hung)
	UNION ALL
	SELECT * FROM dossier_trail(of_person);
	INSERT INTO audit (action, resource, records, fields)
	SELECT 'dossier', 'people', of_person || coalesce(array_agg((one->>'id')::uuid), '{}'), classes
	FROM jsonb_each(hung) AS shown (name, rows)
	CROSS JOIN LATERAL jsonb_array_elements(nullif(rows, 'null')) AS one;
END
$$;

REVOKE ALL ON FUNCTION dossier_check, correction_seen, dossier_trail, dossier_records, dossier FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dossier_check, dossier_trail, dossier_records, dossier TO lachan_service;

-- Where a file was has numbers of its own, which are no ids of records.
CREATE OR REPLACE FUNCTION record_ids_of_person(wanted uuid) RETURNS uuid[]
LANGUAGE sql STABLE
RETURN array_prepend(wanted, ARRAY(
	SELECT (one->>'id')::uuid
	FROM records_of_person(wanted)
	CROSS JOIN jsonb_array_elements(content) AS one
	WHERE of_table <> 'person_moves'
));

-- Accounts

-- Whoever gives an account or a client back its power, or takes it over, holds what it may do.
CREATE FUNCTION scopes_held(wanted text[]) RETURNS void
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	IF 'people:export' = ANY (wanted) AND caller_role() <> 'operator' AND NOT EXISTS (
		SELECT FROM accounts WHERE id = caller_user() AND 'people:export' = ANY (scopes)
	) THEN
		PERFORM refuse('LC403', 'not_yours_to_grant', '/scopes');
	END IF;
END
$$;

-- fitting_agencies may do all that the scopes name.
CREATE OR REPLACE FUNCTION scopes_check(to_agency smallint, to_scopes text[], fitting_agencies smallint[])
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	IF NOT coalesce(to_agency = ANY (fitting_agencies), false) THEN
		PERFORM refuse('LC403', 'scope_not_held', '/scopes');
	END IF;
	PERFORM scopes_held(to_scopes);
END
$$;

CREATE OR REPLACE FUNCTION user_update(of_user uuid, seen bigint, changes jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	was accounts := user_lock(of_user, seen);
	wanted accounts := jsonb_populate_record(was, changes);
	disables boolean := (changes->>'disabled')::boolean;
BEGIN
	IF of_user = caller_user() AND changes ?| '{role,unit,disabled}' THEN
		PERFORM refuse('LC403', 'not_yourself');
	ELSIF wanted.role = 'operator' AND caller_role() <> 'operator' THEN
		PERFORM refuse('LC403', 'not_yours_to_grant', '/role');
	ELSIF (wanted.role = 'operator') <> (was.role = 'operator') THEN
		PERFORM refuse('LC422', 'fixed', '/role');
	END IF;
	IF changes ?| '{role,unit}' OR NOT disables THEN
		PERFORM grant_check(was.organization, was.agency, wanted.role, wanted.unit);
		PERFORM scopes_held(was.scopes);
	END IF;
	IF disables AND was.role = 'operator' THEN
		PERFORM operator_check(of_user);
	END IF;
	UPDATE accounts
	SET title = wanted.title, role = wanted.role, unit = wanted.unit,
		purpose = coalesce(wanted.purpose, ''),
		disabled_at = CASE
			WHEN disables THEN coalesce(disabled_at, now())
			WHEN disables IS NULL THEN disabled_at
		END
	WHERE id = of_user;
	PERFORM account_audit('update', 'users', of_user, changes);
END
$$;

CREATE OR REPLACE FUNCTION user_reset_password(of_user uuid, new_hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	was accounts := user_lock(of_user, 0);
	name text := encode(sha256(convert_to(was.username, 'UTF8')), 'hex');
BEGIN
	IF of_user = caller_user() THEN
		PERFORM refuse('LC403', 'not_yourself');
	END IF;
	PERFORM scopes_held(was.scopes);
	UPDATE accounts SET password_hash = new_hash, must_change_password = true WHERE id = of_user;
	UPDATE login_throttles SET failures = 0, blocked_until = NULL WHERE bucket = 'name:' || name;
	UPDATE login_throttles SET failures = 0, blocked_until = NULL
	WHERE bucket >= 'pair:' || name || ':' AND bucket < 'pair:' || name || ';';
	PERFORM account_audit('reset_password', 'users', of_user);
END
$$;

CREATE OR REPLACE FUNCTION client_update(of_client uuid, seen bigint, changes jsonb,
	fitting_agencies smallint[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	was clients := client_lock(of_client, seen);
	wanted clients := jsonb_populate_record(was, changes);
	disables boolean := (changes->>'disabled')::boolean;
BEGIN
	IF changes ?| '{role,unit,scopes}' OR NOT disables THEN
		PERFORM grant_check(was.organization, was.agency, wanted.role, wanted.unit);
		PERFORM scopes_held(wanted.scopes);
	END IF;
	IF changes ? 'scopes' THEN
		PERFORM scopes_check(was.agency, wanted.scopes, fitting_agencies);
	END IF;
	UPDATE clients
	SET title = wanted.title, role = wanted.role, unit = wanted.unit, scopes = wanted.scopes,
		purpose = coalesce(wanted.purpose, ''),
		disabled_at = CASE
			WHEN disables THEN coalesce(disabled_at, now())
			WHEN disables IS NULL THEN disabled_at
		END
	WHERE id = of_client;
	PERFORM account_audit('update', 'clients', of_client, changes);
END
$$;

CREATE OR REPLACE FUNCTION client_rotate_secret(of_client uuid, new_hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	was clients := client_lock(of_client, 0);
BEGIN
	PERFORM scopes_held(was.scopes);
	UPDATE clients
	SET previous_hash = secret_hash, previous_until = now() + interval '24 hours',
		secret_hash = new_hash
	WHERE id = of_client;
	PERFORM account_audit('rotate_secret', 'clients', of_client);
END
$$;

REVOKE ALL ON FUNCTION scopes_held FROM PUBLIC;

-- Races

-- Holds files until the end of the transaction, always in one order, so that none waits for another in a circle.
-- Whoever changes what hangs on a file holds the file first.
CREATE FUNCTION files_hold(VARIADIC files uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	PERFORM FROM people WHERE id = ANY (files) ORDER BY id FOR NO KEY UPDATE;
END
$$;

-- By its name it comes before every other check, so that these meet a file that nobody changes meanwhile.  One that
-- was voided or merged away while this waited is not there.
CREATE FUNCTION file_is_joined() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	voided timestamptz;
BEGIN
	SELECT voided_at INTO voided FROM people WHERE id = NEW.person FOR NO KEY UPDATE;
	IF voided IS NOT NULL THEN
		PERFORM refuse('LC422', 'no_such_record', '/person');
	END IF;
	RETURN NEW;
END
$$;

DO $$
DECLARE
	joining text;
BEGIN
	FOREACH joining IN ARRAY '{person_statuses,person_violations,interventions,crime_participants,referrals,handovers,
		break_glasses,subject_requests,restrictions,retention_decisions}'::text[]
	LOOP
		EXECUTE format('CREATE TRIGGER "%s_00_joined" BEFORE INSERT ON %I FOR EACH ROW '
			'WHEN (current_user = ''lachan_service'') EXECUTE FUNCTION file_is_joined()', joining, joining);
	END LOOP;
END
$$;

CREATE FUNCTION merge_files_are_held() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM files_hold(NEW.person, NEW.kept);
	RETURN NEW;
END
$$;

CREATE TRIGGER merges_00_held
BEFORE INSERT OR UPDATE ON merges
FOR EACH ROW WHEN (current_user = 'lachan_service')
EXECUTE FUNCTION merge_files_are_held();

-- `known`: how much hung on the file when its voiding began.
CREATE FUNCTION file_void_check(of_person uuid, known integer) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	IF cardinality(record_ids_of_person(of_person)) <> known THEN
		PERFORM refuse('LC409', 'joined_meanwhile');
	END IF;
	PERFORM file_stays(of_person);
END
$$;

-- STABLE: it looks by the snapshot of the statement that voids, and what it calls by the present one, while the file
-- is held.  So what came to the file in between is not voided unseen.
CREATE FUNCTION people_void_check() RETURNS trigger
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	PERFORM file_void_check(NEW.id, cardinality(record_ids_of_person(NEW.id)));
	RETURN NEW;
END
$$;

CREATE TRIGGER people_voided
BEFORE UPDATE OF voided_at ON people
FOR EACH ROW WHEN (current_user = 'lachan_service' AND OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL)
EXECUTE FUNCTION people_void_check();

REVOKE ALL ON FUNCTION files_hold, file_is_joined, file_void_check, people_void_check FROM PUBLIC;
GRANT EXECUTE ON FUNCTION files_hold TO lachan_service;

-- What is on its way

CREATE FUNCTION file_stays(of_person uuid) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF EXISTS (
		SELECT FROM handovers WHERE person = of_person AND status = 'proposed' AND voided_at IS NULL
	) THEN
		PERFORM refuse('LC409', 'on_its_way');
	END IF;
END
$$;

-- Both files must be the caller's to change: in its territory, and neither restricted nor on its way.
CREATE OR REPLACE FUNCTION merge_check_file(of_person uuid, pointer text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
	held_in text;
BEGIN
	SELECT unit INTO held_in
	FROM people
	WHERE id = of_person
		AND voided_at IS NULL
		AND (caller_everywhere() OR unit = ANY (caller_units()));
	IF NOT FOUND THEN
		PERFORM refuse('LC422', 'no_such_record', pointer);
	END IF;
	PERFORM file_check(of_person, false);
	PERFORM file_stays(of_person);
	RETURN held_in;
END
$$;

REVOKE ALL ON FUNCTION file_stays FROM PUBLIC;
GRANT EXECUTE ON FUNCTION file_stays TO lachan_service;

-- What was decided stands

-- Refuses to rewrite what has left the first value of its status (the second word).  What is done afterwards, in the
-- column that a third word names, may still be told while the status is the fourth.
CREATE FUNCTION decision_stands() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	was jsonb := to_jsonb(OLD);
	becomes jsonb := to_jsonb(NEW);
	status text := was->>TG_ARGV[0];
BEGIN
	IF status <> TG_ARGV[1] AND status = becomes->>TG_ARGV[0] AND (status IS DISTINCT FROM TG_ARGV[3]
		OR was - ARRAY[TG_ARGV[2], 'version', 'updated_at']
			<> becomes - ARRAY[TG_ARGV[2], 'version', 'updated_at'])
	THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/' || TG_ARGV[0], status);
	END IF;
	RETURN NEW;
END
$$;

-- What the database itself carries along (a file that moves, what is pseudonymised) is not asked.
CREATE TRIGGER handovers_stand
BEFORE UPDATE ON handovers
FOR EACH ROW WHEN (current_user = 'lachan_service')
EXECUTE FUNCTION decision_stands('status', 'proposed');
CREATE TRIGGER break_glasses_stand
BEFORE UPDATE ON break_glasses
FOR EACH ROW WHEN (current_user = 'lachan_service')
EXECUTE FUNCTION decision_stands('review_status', 'open');
CREATE TRIGGER subject_requests_stand
BEFORE UPDATE ON subject_requests
FOR EACH ROW WHEN (current_user = 'lachan_service')
EXECUTE FUNCTION decision_stands('status', 'received', 'executed_on', 'answered');
CREATE TRIGGER merges_stand
BEFORE UPDATE ON merges
FOR EACH ROW WHEN (current_user = 'lachan_service')
EXECUTE FUNCTION decision_stands('status', 'merged');

-- Whoever ends the session of another reaches its account, as for every other change to it.
CREATE OR REPLACE FUNCTION session_end(of_session uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	holder record;
BEGIN
	SELECT held.id, held.unit, held.agency INTO holder
	FROM open_sessions AS session
	JOIN (
		SELECT id, unit, agency FROM accounts
		UNION ALL
		SELECT id, unit, agency FROM clients
	) AS held ON held.id = session."user"
	WHERE session.id = of_session;
	IF holder.id IS NULL THEN
		PERFORM refuse('LC404', 'not_found');
	ELSIF holder.id <> caller_user() THEN
		PERFORM reach_check(holder.unit, holder.agency);
	END IF;
	PERFORM session_revoke(of_session, NULL);
	PERFORM account_audit('revoke', 'sessions', of_session);
END
$$;

-- Asked by triggers that run as who writes.
GRANT EXECUTE ON FUNCTION check_birth TO lachan_service;

-- As before, but for what has an organisation and no unit: of that no unit is asked.
CREATE OR REPLACE FUNCTION reform_decide(new_id uuid, decision jsonb) RETURNS void
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
	ELSIF pending.to_unit IS NOT NULL AND pending.to_unit <> ALL (unit_heirs(pending.from_unit)) THEN
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

-- Numbers that are tried

-- The trail of a write that was refused, since the number is another record's of the same organisation: which it met.
CREATE FUNCTION number_met(index text, of_record uuid, what text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	INSERT INTO audit (action, resource, records, fields, outcome)
	SELECT what, 'people', array_agg(id), '{citizen_number}', 'refused'
	FROM people
	WHERE citizen_number_index = index
		AND voided_at IS NULL
		AND organization = coalesce((SELECT organization FROM people WHERE id = of_record),
			caller_organization())
	HAVING count(*) > 0
$$;

REVOKE ALL ON FUNCTION number_met FROM PUBLIC;
GRANT EXECUTE ON FUNCTION number_met TO lachan_service;
