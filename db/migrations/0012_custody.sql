-- How one person's file is shared beyond the territory that holds it: a referral to another
-- organisation, the hand-over to another commune, and the broken glass.

-- What an organisation is told; `organization` is the one that is told.
CREATE TABLE notices (
	id uuid PRIMARY KEY DEFAULT uuid_v7(),
	kind text NOT NULL CHECK (kind IN ('referral_opened', 'referral_closed', 'handover_proposed',
		'handover_accepted', 'handover_refused', 'handover_withdrawn', 'break_glass_opened',
		'break_glass_reviewed')),
	person uuid NOT NULL REFERENCES people,
	subject uuid NOT NULL,
	from_organization text REFERENCES organizations,
	is_seen boolean NOT NULL DEFAULT false,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text
);

CREATE INDEX notices_organization ON notices (organization, id);

CREATE FUNCTION tell(told text, what text, about uuid, subject_id uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	INSERT INTO notices (kind, person, subject, from_organization, organization)
	SELECT what, about, subject_id, caller_organization(), told
	WHERE told IS NOT NULL AND told <> caller_organization()
$$;

-- The committee of a commune: who holds agency 19 there today.
CREATE FUNCTION committee_of(commune text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
RETURN (
	SELECT organizations.code
	FROM organizations
	JOIN organization_agencies AS held ON held.organization = organizations.code
	WHERE held.agency = 19
		AND organizations.unit = commune
		AND today() BETWEEN held.valid_from AND coalesce(held.valid_to, 'infinity')
	LIMIT 1
);

-- Whoever holds agency 1, the provincial police.
CREATE FUNCTION police() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
RETURN (
	SELECT organization
	FROM organization_agencies
	WHERE agency = 1
		AND is_main
		AND today() BETWEEN valid_from AND coalesce(valid_to, 'infinity')
	LIMIT 1
);

-- Access of another organisation to one person, until it is closed or withdrawn.
CREATE TABLE referrals (
	id uuid PRIMARY KEY,
	person uuid NOT NULL REFERENCES people,
	unit text NOT NULL REFERENCES units,
	to_organization text NOT NULL REFERENCES organizations,
	reason text NOT NULL,
	status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed', 'withdrawn')),
	outcome text,
	closed_on date,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT referrals__outcome__required_when CHECK (status <> 'closed' OR outcome IS NOT NULL)
);

CREATE UNIQUE INDEX referrals__to_organization__duplicate ON referrals (person, to_organization)
WHERE status = 'open' AND voided_at IS NULL;
CREATE INDEX referrals_to ON referrals (to_organization, id) WHERE status = 'open';
CREATE INDEX referrals_organization ON referrals (organization, id);
CREATE INDEX referrals_unit ON referrals (unit, id);
CREATE INDEX referrals_updated_at ON referrals (updated_at, id);

CREATE FUNCTION referrals_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		SELECT unit INTO NEW.unit FROM people WHERE id = NEW.person AND voided_at IS NULL;
		IF NOT FOUND THEN
			PERFORM refuse('LC422', 'no_such_record', '/person');
		ELSIF NEW.to_organization = caller_organization() THEN
			PERFORM refuse('LC422', 'not_to_oneself', '/to_organization');
		ELSIF NOT EXISTS (
			SELECT FROM organizations
			WHERE code = NEW.to_organization AND valid_to IS NULL
		) THEN
			PERFORM refuse('LC422', 'no_such_record', '/to_organization');
		END IF;
		NEW.status := 'open';
		PERFORM tell(NEW.to_organization, 'referral_opened', NEW.person, NEW.id);
	ELSIF NEW.status <> OLD.status THEN
		IF OLD.status <> 'open' THEN
			PERFORM refuse('LC409', 'transition_not_allowed', '/status', OLD.status);
		ELSIF NEW.status = 'withdrawn' AND OLD.organization <> caller_organization() THEN
			PERFORM refuse('LC403', 'row_not_allowed');
		END IF;
		NEW.closed_on := today();
		PERFORM tell(CASE WHEN OLD.organization = caller_organization() THEN OLD.to_organization
			ELSE OLD.organization END, 'referral_closed', NEW.person, NEW.id);
	ELSIF OLD.status <> 'open' THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/status', OLD.status);
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER referrals_check
BEFORE INSERT OR UPDATE ON referrals
FOR EACH ROW EXECUTE FUNCTION referrals_check();

-- A person's file on its way from commune to commune.  The sender stays responsible until receipt;
-- the receiver has 24 hours (law 120/2025/QH15).
CREATE TABLE handovers (
	id uuid PRIMARY KEY,
	person uuid NOT NULL REFERENCES people,
	from_unit text NOT NULL REFERENCES units,
	to_unit text NOT NULL REFERENCES units,
	reason text NOT NULL,
	status text NOT NULL DEFAULT 'proposed'
		CHECK (status IN ('proposed', 'accepted', 'refused', 'withdrawn')),
	due_at timestamptz NOT NULL DEFAULT now() + interval '24 hours',
	decided_at timestamptz,
	refusal_reason text,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT handovers__to_unit__not_to_oneself CHECK (to_unit <> from_unit),
	CONSTRAINT handovers__refusal_reason__required_when
		CHECK ((status = 'refused') = (refusal_reason IS NOT NULL))
);

-- One open hand-over: no file is ever promised twice.
CREATE UNIQUE INDEX handovers__person__duplicate ON handovers (person)
WHERE status = 'proposed' AND voided_at IS NULL;
CREATE INDEX handovers_from_unit ON handovers (from_unit, id);
CREATE INDEX handovers_to_unit ON handovers (to_unit, id);
CREATE INDEX handovers_updated_at ON handovers (updated_at, id);

CREATE FUNCTION handovers_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		SELECT unit INTO NEW.from_unit FROM people
		WHERE id = NEW.person
			AND voided_at IS NULL
			AND (caller_everywhere() OR unit = ANY (caller_units()));
		IF NOT FOUND THEN
			PERFORM refuse('LC422', 'no_such_record', '/person');
		END IF;
		PERFORM check_commune(NEW.to_unit, today(), '/to_unit');
		NEW.status := 'proposed';
		PERFORM tell(committee_of(NEW.to_unit), 'handover_proposed', NEW.person, NEW.id);
	ELSIF NEW.status <> OLD.status THEN
		IF OLD.status <> 'proposed' OR NEW.status = 'proposed' THEN
			PERFORM refuse('LC409', 'transition_not_allowed', '/status', OLD.status);
		ELSIF NOT caller_everywhere()
			AND (CASE NEW.status WHEN 'withdrawn' THEN OLD.from_unit ELSE OLD.to_unit END)
				<> ALL (caller_units()) THEN
			PERFORM refuse('LC403', 'row_not_allowed');
		END IF;
		NEW.decided_at := now();
		PERFORM tell(committee_of(CASE NEW.status WHEN 'withdrawn' THEN NEW.to_unit ELSE NEW.from_unit END),
			'handover_' || NEW.status, NEW.person, NEW.id);
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER handovers_check
BEFORE INSERT OR UPDATE ON handovers
FOR EACH ROW EXECUTE FUNCTION handovers_check();

CREATE FUNCTION handovers_move() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE people
	SET unit = NEW.to_unit, version = version + 1, updated_at = now()
	WHERE id = NEW.person;
	RETURN NULL;
END
$$;

CREATE TRIGGER handovers_move
AFTER UPDATE OF status ON handovers
FOR EACH ROW WHEN (NEW.status = 'accepted' AND OLD.status = 'proposed')
EXECUTE FUNCTION handovers_move();

-- One person, opened for three hours by an officer who has no access to it; a review stays open
-- until somebody else closes it.  to_organization is the owner of the record.
CREATE TABLE break_glasses (
	id uuid PRIMARY KEY,
	person uuid NOT NULL REFERENCES people,
	to_organization text NOT NULL REFERENCES organizations,
	reason text NOT NULL,
	expires_at timestamptz NOT NULL DEFAULT now() + interval '3 hours',
	review_status text NOT NULL DEFAULT 'open'
		CHECK (review_status IN ('open', 'justified', 'not_justified')),
	review_note text,
	reviewed_by uuid,
	reviewed_at timestamptz,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT break_glasses__review_note__required_when
		CHECK (review_status = 'open' OR review_note IS NOT NULL)
);

CREATE INDEX break_glasses_created_by ON break_glasses (created_by, expires_at);
CREATE INDEX break_glasses_to ON break_glasses (to_organization, id);
CREATE INDEX break_glasses_updated_at ON break_glasses (updated_at, id);

CREATE FUNCTION break_glasses_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	opened people;
BEGIN
	IF TG_OP = 'INSERT' THEN
		SELECT * INTO opened FROM people WHERE id = NEW.person AND voided_at IS NULL;
		IF NOT FOUND THEN
			PERFORM refuse('LC422', 'no_such_record', '/person');
		END IF;
		NEW.to_organization := opened.organization;
		NEW.review_status := 'open';
		NEW.expires_at := now() + interval '3 hours';
		PERFORM tell(opened.organization, 'break_glass_opened', NEW.person, NEW.id);
		PERFORM tell(committee, 'break_glass_opened', NEW.person, NEW.id)
		FROM committee_of(opened.unit) AS committee
		WHERE committee <> opened.organization;
		PERFORM tell(chief, 'break_glass_opened', NEW.person, NEW.id)
		FROM police() AS chief
		WHERE chief <> opened.organization;
	ELSIF NEW.review_status <> OLD.review_status THEN
		IF OLD.review_status <> 'open' THEN
			PERFORM refuse('LC409', 'transition_not_allowed', '/review_status', OLD.review_status);
		ELSIF OLD.created_by = caller_user() THEN
			PERFORM refuse('LC403', 'row_not_allowed');
		END IF;
		NEW.reviewed_by := caller_user();
		NEW.reviewed_at := now();
		PERFORM tell(NEW.organization, 'break_glass_reviewed', NEW.person, NEW.id);
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER break_glasses_check
BEFORE INSERT OR UPDATE ON break_glasses
FOR EACH ROW EXECUTE FUNCTION break_glasses_check();

-- The people shared with this caller now: by an open referral to its organisation, by a hand-over
-- that waits for its territory, or by glass it broke.
CREATE FUNCTION caller_people() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
RETURN ARRAY(
	SELECT person FROM referrals
	WHERE to_organization = caller_organization() AND status = 'open' AND voided_at IS NULL
	UNION
	SELECT person FROM handovers
	WHERE to_unit = ANY (caller_units()) AND status = 'proposed' AND voided_at IS NULL
	UNION
	SELECT person FROM break_glasses
	WHERE created_by = caller_user() AND expires_at > now() AND voided_at IS NULL
);
