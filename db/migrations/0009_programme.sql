-- What the plan's targets need beside people, crimes and sessions: hotspots, campaigns, the Youth
-- Union and its models, key communes, head counts, attendance, violations and baselines.

-- Sorts by time of creation, like those the service makes (RFC 9562, version 7).
CREATE FUNCTION uuid_v7() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN encode(set_bit(set_bit(
	overlay(
		uuid_send(gen_random_uuid())
		PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
		FROM 1 FOR 6
	), 52, 1), 53, 1), 'hex')::uuid;

-- A unit of any level that exists on the day.
CREATE FUNCTION check_unit(wanted text, day date, pointer text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	found_unit units;
BEGIN
	SELECT * INTO found_unit FROM units WHERE key = wanted;
	IF NOT FOUND THEN
		PERFORM refuse('LC422', 'no_such_record', pointer);
	ELSIF day NOT BETWEEN coalesce(found_unit.valid_from, '-infinity')
		AND coalesce(found_unit.valid_to, 'infinity') THEN
		PERFORM refuse('LC422', 'unit_not_valid', pointer);
	END IF;
END
$$;

-- A status changes by one of these steps ('planned>held') or not at all.
CREATE FUNCTION check_step(former text, next text, steps text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF next <> former AND former || '>' || next <> ALL (steps) THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/status', former);
	END IF;
END
$$;

-- Hotspots.  What became of one is told by its events.
CREATE TABLE hotspots (
	id uuid PRIMARY KEY,
	name text NOT NULL,
	kind text NOT NULL CHECK (kind IN ('point', 'area')),
	unit text NOT NULL REFERENCES units,
	address text,
	detected_on date NOT NULL,
	youth_related boolean NOT NULL DEFAULT false,
	youth_related_reason text,
	status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'eliminated', 'reformed')),
	eliminated_on date,
	reformed_on date,
	note text,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT hotspots__eliminated_on__before CHECK (eliminated_on >= detected_on),
	CONSTRAINT hotspots__reformed_on__not_after CHECK (status <> 'reformed' OR reformed_on > eliminated_on),
	CHECK (status <> 'eliminated' OR reformed_on IS NULL OR eliminated_on >= reformed_on),
	CHECK ((status = 'open') = (eliminated_on IS NULL)),
	CHECK (status <> 'reformed' OR reformed_on IS NOT NULL)
);

CREATE INDEX hotspots_unit ON hotspots (unit, id);
CREATE INDEX hotspots_detected_on ON hotspots (detected_on, id);
CREATE INDEX hotspots_updated_at ON hotspots (updated_at, id);

CREATE TABLE hotspot_events (
	id uuid PRIMARY KEY,
	hotspot uuid NOT NULL REFERENCES hotspots,
	kind text NOT NULL CHECK (kind IN ('detected', 'eliminated', 'reformed')),
	occurred_on date NOT NULL,
	decision_number text,
	note text,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text
);

CREATE INDEX hotspot_events_hotspot ON hotspot_events (hotspot, id);
CREATE INDEX hotspot_events_window ON hotspot_events (kind, occurred_on);
CREATE INDEX hotspot_events_updated_at ON hotspot_events (updated_at, id);

CREATE FUNCTION hotspots_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF TG_OP = 'INSERT' OR NEW.unit <> OLD.unit THEN
		PERFORM check_commune(NEW.unit, NEW.detected_on, '/unit');
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER hotspots_check
BEFORE INSERT OR UPDATE ON hotspots
FOR EACH ROW EXECUTE FUNCTION hotspots_check();

CREATE FUNCTION hotspots_detect() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	INSERT INTO hotspot_events (id, hotspot, kind, occurred_on)
	VALUES (uuid_v7(), NEW.id, 'detected', NEW.detected_on);
	RETURN NULL;
END
$$;

CREATE TRIGGER hotspots_detect
AFTER INSERT ON hotspots
FOR EACH ROW EXECUTE FUNCTION hotspots_detect();

-- Under the caller's own row policies: a hotspot out of sight does not exist.
CREATE FUNCTION hotspot_events_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	held hotspots;
BEGIN
	SELECT * INTO held FROM hotspots WHERE id = NEW.hotspot AND voided_at IS NULL FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM refuse('LC404', 'not_found');
	ELSIF (NEW.kind = 'reformed') <> (held.status = 'eliminated') OR NEW.kind = 'detected'
		AND EXISTS (SELECT FROM hotspot_events WHERE hotspot = NEW.hotspot) THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/kind', held.status);
	ELSIF NEW.occurred_on > today() THEN
		PERFORM refuse('LC422', 'in_future', '/occurred_on');
	ELSIF NEW.kind = 'eliminated' AND NEW.occurred_on < greatest(held.detected_on, held.reformed_on) THEN
		PERFORM refuse('LC422', 'before', '/occurred_on',
			greatest(held.detected_on, held.reformed_on)::text);
	ELSIF NEW.kind = 'reformed' AND NEW.occurred_on <= held.eliminated_on THEN
		PERFORM refuse('LC422', 'not_after', '/occurred_on', held.eliminated_on::text);
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER hotspot_events_check
BEFORE INSERT ON hotspot_events
FOR EACH ROW EXECUTE FUNCTION hotspot_events_check();

-- What hung on a later event would be left in the air.
CREATE FUNCTION hotspot_events_void() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM FROM hotspots WHERE id = OLD.hotspot FOR UPDATE;
	IF OLD.kind = 'detected' OR EXISTS (
		SELECT FROM hotspot_events
		WHERE hotspot = OLD.hotspot
			AND kind <> 'detected'
			AND (occurred_on, id) > (OLD.occurred_on, OLD.id)
			AND voided_at IS NULL
	) THEN
		PERFORM refuse('LC409', 'still_referenced', '/kind');
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER hotspot_events_void
BEFORE UPDATE OF voided_at ON hotspot_events
FOR EACH ROW WHEN (OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL)
EXECUTE FUNCTION hotspot_events_void();

-- The hotspot as its last event leaves it.
CREATE FUNCTION hotspot_events_tell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE hotspots
	SET (status, eliminated_on, reformed_on) = (
			SELECT
				coalesce((array_agg(kind ORDER BY occurred_on DESC, id DESC))[1], 'open'),
				max(occurred_on) FILTER (WHERE kind = 'eliminated'),
				max(occurred_on) FILTER (WHERE kind = 'reformed')
			FROM hotspot_events
			WHERE hotspot = NEW.hotspot AND kind <> 'detected' AND voided_at IS NULL
		),
		version = version + 1,
		updated_at = now()
	WHERE id = NEW.hotspot;
	RETURN NULL;
END
$$;

CREATE TRIGGER hotspot_events_tell
AFTER INSERT OR UPDATE OF voided_at ON hotspot_events
FOR EACH ROW WHEN (NEW.kind <> 'detected')
EXECUTE FUNCTION hotspot_events_tell();

-- The Youth Union, its organisations at every level.
CREATE TABLE union_organizations (
	id uuid PRIMARY KEY,
	name text NOT NULL,
	level text NOT NULL CHECK (level IN ('province', 'commune', 'grassroots')),
	unit text NOT NULL REFERENCES units,
	parent uuid REFERENCES union_organizations,
	active_from date NOT NULL,
	active_to date,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT union_organizations__active_to__before CHECK (active_to >= active_from)
);

-- Entered twice it would be counted twice.
CREATE UNIQUE INDEX union_organizations__name__duplicate ON union_organizations (unit, lower(name))
WHERE voided_at IS NULL;
CREATE INDEX union_organizations_unit ON union_organizations (unit, id);
CREATE INDEX union_organizations_parent ON union_organizations (parent) WHERE parent IS NOT NULL;
CREATE INDEX union_organizations_updated_at ON union_organizations (updated_at, id);

CREATE FUNCTION union_organizations_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	levels text[] := '{province,commune,grassroots}';
	above union_organizations;
BEGIN
	IF TG_OP = 'INSERT' OR NEW.unit <> OLD.unit THEN
		IF NEW.level <> 'province' THEN
			PERFORM check_commune(NEW.unit, least(today(), NEW.active_to), '/unit');
		ELSE
			PERFORM check_unit(NEW.unit, least(today(), NEW.active_to), '/unit');
			IF NOT EXISTS (SELECT FROM units WHERE key = NEW.unit AND level = 'province') THEN
				PERFORM refuse('LC422', 'wrong_level', '/unit');
			END IF;
		END IF;
	END IF;
	IF NEW.parent IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.parent IS DISTINCT FROM OLD.parent) THEN
		SELECT * INTO above FROM union_organizations WHERE id = NEW.parent AND voided_at IS NULL;
		IF NOT FOUND THEN
			PERFORM refuse('LC422', 'no_such_record', '/parent');
		ELSIF array_position(levels, above.level) >= array_position(levels, NEW.level) THEN
			PERFORM refuse('LC422', 'wrong_level', '/parent');
		END IF;
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER union_organizations_check
BEFORE INSERT OR UPDATE ON union_organizations
FOR EACH ROW EXECUTE FUNCTION union_organizations_check();

-- One that was active on the day, when one is named.
CREATE FUNCTION check_union_organization(wanted uuid, day date) RETURNS void
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	found_one union_organizations;
BEGIN
	SELECT * INTO found_one FROM union_organizations WHERE id = wanted AND voided_at IS NULL;
	IF NOT FOUND AND wanted IS NOT NULL THEN
		PERFORM refuse('LC422', 'no_such_record', '/union_organization');
	ELSIF day NOT BETWEEN found_one.active_from AND coalesce(found_one.active_to, 'infinity') THEN
		PERFORM refuse('LC422', 'not_active', '/union_organization');
	END IF;
END
$$;

CREATE TABLE campaigns (
	id uuid PRIMARY KEY,
	kind text NOT NULL CHECK (kind IN ('campaign', 'movement', 'peak')),
	title text NOT NULL,
	status text NOT NULL CHECK (status IN ('planned', 'running', 'held', 'cancelled')),
	starts_on date NOT NULL,
	ends_on date,
	unit text NOT NULL REFERENCES units,
	union_organization uuid REFERENCES union_organizations,
	peak text CHECK (peak IN ('june_action_month', 'drug_day_26_6', 'youth_month', 'law_day_9_11')),
	reach integer CHECK (reach >= 0),
	note text,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT campaigns__ends_on__before CHECK (ends_on >= starts_on),
	CONSTRAINT campaigns__union_organization__forbidden_unless CHECK (kind = 'movement' OR union_organization IS NULL),
	CONSTRAINT campaigns__peak__required_when CHECK (kind <> 'peak' OR peak IS NOT NULL)
);

CREATE INDEX campaigns_unit ON campaigns (unit, id);
CREATE INDEX campaigns_starts_on ON campaigns (starts_on, id);
CREATE INDEX campaigns_union_organization ON campaigns (union_organization, starts_on)
WHERE union_organization IS NOT NULL;
CREATE INDEX campaigns_updated_at ON campaigns (updated_at, id);

CREATE FUNCTION campaigns_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF TG_OP = 'UPDATE' THEN
		PERFORM check_step(OLD.status, NEW.status,
			'{planned>running,planned>held,planned>cancelled,running>held,running>cancelled}');
	END IF;
	IF TG_OP = 'INSERT' OR (NEW.unit, NEW.starts_on) IS DISTINCT FROM (OLD.unit, OLD.starts_on) THEN
		PERFORM check_unit(NEW.unit, NEW.starts_on, '/unit');
	END IF;
	IF TG_OP = 'INSERT' OR (NEW.union_organization, NEW.starts_on)
		IS DISTINCT FROM (OLD.union_organization, OLD.starts_on) THEN
		PERFORM check_union_organization(NEW.union_organization, NEW.starts_on);
	END IF;
	IF NEW.starts_on > today() AND NEW.status IN ('running', 'held') THEN
		PERFORM refuse('LC422', 'in_future', '/starts_on');
	END IF;
	IF NEW.ends_on > today() AND NEW.status = 'held' THEN
		PERFORM refuse('LC422', 'in_future', '/ends_on');
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER campaigns_check
BEFORE INSERT OR UPDATE ON campaigns
FOR EACH ROW EXECUTE FUNCTION campaigns_check();

CREATE TABLE models (
	id uuid PRIMARY KEY,
	name text NOT NULL,
	kind text NOT NULL
		CHECK (kind IN ('club', 'self_managed_group', 'drug_free_area', 'peer_support', 'reintegration', 'communication', 'other')),
	status text NOT NULL CHECK (status IN ('created', 'active', 'replicated', 'retired')),
	unit text NOT NULL REFERENCES units,
	union_organization uuid REFERENCES union_organizations,
	started_on date NOT NULL,
	ended_on date,
	note text,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT models__ended_on__before CHECK (ended_on >= started_on),
	CONSTRAINT models__ended_on__required_when CHECK ((status = 'retired') = (ended_on IS NOT NULL))
);

CREATE INDEX models_unit ON models (unit, id);
CREATE INDEX models_union_organization ON models (union_organization, started_on)
WHERE union_organization IS NOT NULL;
CREATE INDEX models_updated_at ON models (updated_at, id);

CREATE FUNCTION models_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF TG_OP = 'UPDATE' THEN
		PERFORM check_step(OLD.status, NEW.status,
			'{created>active,created>retired,active>replicated,active>retired,replicated>retired}');
	END IF;
	IF TG_OP = 'INSERT' OR (NEW.unit, NEW.started_on) IS DISTINCT FROM (OLD.unit, OLD.started_on) THEN
		PERFORM check_commune(NEW.unit, NEW.started_on, '/unit');
	END IF;
	IF TG_OP = 'INSERT' OR (NEW.union_organization, NEW.started_on)
		IS DISTINCT FROM (OLD.union_organization, OLD.started_on) THEN
		PERFORM check_union_organization(NEW.union_organization, NEW.started_on);
	END IF;
	IF NEW.started_on > today() AND NEW.status <> 'created' THEN
		PERFORM refuse('LC422', 'in_future', '/started_on');
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER models_check
BEFORE INSERT OR UPDATE ON models
FOR EACH ROW EXECUTE FUNCTION models_check();

-- A commune is key by a decision, for its days, and by one at a time.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE key_communes (
	id uuid PRIMARY KEY,
	unit text NOT NULL REFERENCES units,
	class text NOT NULL CHECK (class IN ('type_1', 'type_2', 'type_3')),
	decision_number text NOT NULL,
	decision_date date NOT NULL,
	valid_from date NOT NULL,
	valid_to date,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT key_communes__valid_to__before CHECK (valid_to >= valid_from),
	CONSTRAINT key_communes__valid_from__overlaps
		EXCLUDE USING gist (unit WITH =, daterange(valid_from, valid_to, '[]') WITH &&) WHERE (voided_at IS NULL)
);

CREATE INDEX key_communes_unit ON key_communes (unit, id);
CREATE INDEX key_communes_updated_at ON key_communes (updated_at, id);

CREATE FUNCTION key_communes_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF TG_OP = 'INSERT' OR NEW.valid_from <> OLD.valid_from THEN
		PERFORM check_commune(NEW.unit, NEW.valid_from, '/unit');
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER key_communes_check
BEFORE INSERT OR UPDATE ON key_communes
FOR EACH ROW EXECUTE FUNCTION key_communes_check();

-- How many work and study at a school, as it reports.
CREATE TABLE institution_headcounts (
	id uuid PRIMARY KEY,
	institution uuid NOT NULL REFERENCES institutions,
	period text NOT NULL,
	staff integer NOT NULL CHECK (staff >= 0),
	staff_trained integer CHECK (staff_trained >= 0),
	students integer CHECK (students >= 0),
	counted_on date NOT NULL,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT institution_headcounts__period__not_a_period FOREIGN KEY (period) REFERENCES reporting_periods,
	CONSTRAINT institution_headcounts__staff_trained__above_total CHECK (staff_trained <= staff)
);

CREATE UNIQUE INDEX institution_headcounts__period__duplicate ON institution_headcounts (institution, period)
WHERE voided_at IS NULL;
CREATE INDEX institution_headcounts_institution ON institution_headcounts (institution, id);
CREATE INDEX institution_headcounts_updated_at ON institution_headcounts (updated_at, id);

CREATE FUNCTION institution_headcounts_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM institutions WHERE id = NEW.institution AND voided_at IS NULL) THEN
		PERFORM refuse('LC404', 'not_found');
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER institution_headcounts_check
BEFORE INSERT ON institution_headcounts
FOR EACH ROW EXECUTE FUNCTION institution_headcounts_check();

-- Who of a school's staff was trained at a session; a code, so that one is counted once, and no name.
CREATE TABLE session_attendees (
	id uuid PRIMARY KEY,
	session uuid NOT NULL REFERENCES training_sessions,
	institution uuid NOT NULL REFERENCES institutions,
	staff_code text NOT NULL,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT session_attendees__staff_code__not_a_staff_code CHECK (staff_code ~ '^[A-Za-z0-9._/-]{1,64}$')
);

CREATE UNIQUE INDEX session_attendees__staff_code__duplicate
ON session_attendees (session, institution, staff_code)
WHERE voided_at IS NULL;
CREATE INDEX session_attendees_session ON session_attendees (session, id);
CREATE INDEX session_attendees_institution ON session_attendees (institution, staff_code);
CREATE INDEX session_attendees_updated_at ON session_attendees (updated_at, id);

CREATE FUNCTION session_attendees_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	maker text;
BEGIN
	IF TG_OP = 'INSERT' THEN
		SELECT organization INTO maker
		FROM training_sessions
		WHERE id = NEW.session AND voided_at IS NULL;
		IF NOT FOUND THEN
			PERFORM refuse('LC404', 'not_found');
		ELSIF maker <> caller_organization() THEN
			PERFORM refuse('LC403', 'row_not_allowed');
		END IF;
	END IF;
	IF (TG_OP = 'INSERT' OR NEW.institution <> OLD.institution)
		AND NOT EXISTS (SELECT FROM institutions WHERE id = NEW.institution AND voided_at IS NULL) THEN
		PERFORM refuse('LC422', 'no_such_record', '/institution');
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER session_attendees_check
BEFORE INSERT OR UPDATE ON session_attendees
FOR EACH ROW EXECUTE FUNCTION session_attendees_check();

-- Administrative violations of drug law: with crimes, what target I.1.c counts people by.
CREATE TABLE person_violations (
	id uuid PRIMARY KEY,
	person uuid NOT NULL REFERENCES people,
	violated_on date NOT NULL,
	kind text NOT NULL CHECK (kind IN ('illegal_use', 'other')),
	unit text NOT NULL REFERENCES units,
	decision_number text,
	decision_date date,
	fine_amount integer CHECK (fine_amount >= 0),
	note text,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT person_violations__decision_date__before CHECK (decision_date >= violated_on)
);

CREATE INDEX person_violations_person ON person_violations (person, id);
CREATE INDEX person_violations_unit ON person_violations (unit, id);
CREATE INDEX person_violations_violated_on ON person_violations (violated_on);
CREATE INDEX person_violations_updated_at ON person_violations (updated_at, id);

-- Under the caller's own row policies: a person out of sight does not exist.
CREATE FUNCTION person_violations_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	born date;
BEGIN
	IF TG_OP = 'INSERT' OR NEW.violated_on <> OLD.violated_on THEN
		SELECT born_by INTO born FROM people WHERE id = NEW.person AND voided_at IS NULL;
		IF NOT FOUND THEN
			PERFORM refuse('LC404', 'not_found');
		ELSIF NEW.violated_on < born THEN
			PERFORM refuse('LC422', 'before_birth', '/violated_on');
		END IF;
	END IF;
	IF TG_OP = 'INSERT' OR (NEW.unit, NEW.violated_on) IS DISTINCT FROM (OLD.unit, OLD.violated_on) THEN
		PERFORM check_commune(NEW.unit, NEW.violated_on, '/unit');
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER person_violations_check
BEFORE INSERT OR UPDATE ON person_violations
FOR EACH ROW EXECUTE FUNCTION person_violations_check();

-- Figures of the years before the programme, which no records tell.
CREATE TABLE baselines (
	id uuid PRIMARY KEY,
	indicator text NOT NULL REFERENCES targets,
	period text NOT NULL,
	unit text NOT NULL REFERENCES units,
	numerator integer CHECK (numerator >= 0),
	denominator integer CHECK (denominator >= 0),
	value numeric,
	source_document text NOT NULL,
	status text NOT NULL DEFAULT 'entered' CHECK (status IN ('entered', 'approved')),
	entered_by uuid NOT NULL DEFAULT caller_user(),
	approved_by uuid,
	approved_at timestamptz,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT baselines__period__not_a_baseline_period CHECK (period ~ '^20(1[5-9]|2[0-3])(H1|Y)$'),
	CONSTRAINT baselines__numerator__required CHECK (denominator IS NULL OR numerator IS NOT NULL),
	CONSTRAINT baselines__value__required CHECK (num_nonnulls(numerator, value) > 0),
	CHECK ((status = 'approved') = (num_nonnulls(approved_by, approved_at) = 2)),
	CHECK (approved_by <> entered_by)
);

CREATE UNIQUE INDEX baselines__period__duplicate ON baselines (indicator, period, unit)
WHERE voided_at IS NULL;
CREATE INDEX baselines_unit ON baselines (unit, id);
CREATE INDEX baselines_updated_at ON baselines (updated_at, id);

-- The share that the counts make of a percentage: an own value may be rounded to one decimal.
CREATE FUNCTION baseline_value(measure text, entered baselines, former baselines) RETURNS numeric
LANGUAGE plpgsql
AS $$
DECLARE
	share numeric := round(100.0 * entered.numerator / nullif(entered.denominator, 0), 2);
BEGIN
	IF share IS NULL OR measure IS DISTINCT FROM 'percent' THEN
		RETURN entered.value;
	ELSIF entered.value IS NULL OR (entered.value = former.value
		AND (entered.numerator, entered.denominator) IS DISTINCT FROM (former.numerator, former.denominator)) THEN
		RETURN share;
	ELSIF abs(entered.value - share) > 0.05 THEN
		PERFORM refuse('LC422', 'does_not_fit', '/value');
	END IF;
	RETURN entered.value;
END
$$;

-- Entered by the owner of the target, approved by agency 1 and by other hands; then it stays.
CREATE FUNCTION baselines_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	aim targets;
	is_approval boolean := NEW.status = 'approved' AND OLD.status IS DISTINCT FROM 'approved';
	is_entry boolean := (NEW.numerator, NEW.denominator, NEW.value, NEW.source_document)
		IS DISTINCT FROM (OLD.numerator, OLD.denominator, OLD.value, OLD.source_document);
BEGIN
	SELECT * INTO aim FROM targets WHERE code = NEW.indicator;
	IF TG_OP = 'INSERT' AND is_approval THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/status', '–');
	ELSIF OLD.status = 'approved' AND (is_entry OR NEW.status <> 'approved') THEN
		PERFORM refuse('LC409', 'is_approved', '/status');
	ELSIF caller_agency() <> 1 AND (caller_agency() <> aim.owner_agency OR OLD.status = 'approved'
		OR is_approval) THEN
		PERFORM refuse('LC403', 'row_not_allowed');
	END IF;
	IF is_entry THEN
		NEW.entered_by := caller_user();
		NEW.value := baseline_value(aim.unit_of_measure, NEW, OLD);
	END IF;
	IF is_approval THEN
		IF NEW.entered_by = caller_user() THEN
			PERFORM refuse('LC403', 'own_entry');
		END IF;
		NEW.approved_by := caller_user();
		NEW.approved_at := now();
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER baselines_check
BEFORE INSERT OR UPDATE ON baselines
FOR EACH ROW EXECUTE FUNCTION baselines_check();
