CREATE TABLE interventions (
	id uuid PRIMARY KEY,
	person uuid NOT NULL REFERENCES people,
	kind text NOT NULL
		CHECK (kind IN ('counselling', 'screening', 'assessment', 'behaviour_education', 'treatment', 'substitution', 'rehab', 'psychological', 'legal_aid', 'vocational_training', 'employment', 'loan', 'mentoring', 'community_support')),
	status text NOT NULL CHECK (status IN ('planned', 'in_progress', 'completed', 'refused', 'cancelled')),
	starts_on date NOT NULL,
	ends_on date,
	unit text NOT NULL REFERENCES units,
	provider text REFERENCES organizations,
	provider_name text,
	rehab_form text CHECK (rehab_form IN ('voluntary_home', 'voluntary_facility', 'compulsory')),
	outcome text CHECK (outcome IN ('positive', 'unchanged', 'negative', 'unknown')),
	employer text,
	job_until date,
	confirmed_by_union_on date,
	confirmed_by_police_on date,
	loan_amount integer CHECK (loan_amount > 0),
	note text,
	source text,
	external_id text,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT interventions__ends_on__before CHECK (ends_on >= starts_on),
	CONSTRAINT interventions__ends_on__required_when CHECK (status <> 'completed' OR ends_on IS NOT NULL),
	CONSTRAINT interventions__rehab_form__required_when CHECK ((kind = 'rehab') = (rehab_form IS NOT NULL)),
	CONSTRAINT interventions__employer__forbidden_unless CHECK (kind = 'employment' OR employer IS NULL),
	CONSTRAINT interventions__job_until__forbidden_unless CHECK (kind = 'employment' OR job_until IS NULL),
	CONSTRAINT interventions__confirmed_by_union_on__forbidden_unless
		CHECK (kind = 'employment' OR confirmed_by_union_on IS NULL),
	CONSTRAINT interventions__confirmed_by_police_on__forbidden_unless
		CHECK (kind = 'employment' OR confirmed_by_police_on IS NULL),
	CONSTRAINT interventions__job_until__before CHECK (job_until >= starts_on),
	CONSTRAINT interventions__loan_amount__forbidden_unless CHECK (kind = 'loan' OR loan_amount IS NULL),
	CONSTRAINT interventions__external_id__duplicate UNIQUE (source, external_id)
);

CREATE INDEX interventions_person ON interventions (person, id);
CREATE INDEX interventions_unit ON interventions (unit, id);
CREATE INDEX interventions_kind ON interventions (kind, id);
CREATE INDEX interventions_updated_at ON interventions (updated_at, id);

-- The unit of a person in the caller's territory, for agencies that know people by pseudonym only.
CREATE FUNCTION unit_of_person(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
RETURN (
	SELECT unit FROM people
	WHERE id = wanted
		AND voided_at IS NULL
		AND (caller_everywhere() OR unit = ANY (caller_units()))
);

CREATE FUNCTION interventions_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	seen people;
BEGIN
	-- Under the caller's own row policies: a person out of sight does not exist, nor a day of birth.
	SELECT * INTO seen FROM people WHERE id = NEW.person AND voided_at IS NULL;
	IF TG_OP = 'INSERT' THEN
		NEW.unit := seen.unit;
		IF seen.id IS NULL AND caller_agency() IN (12, 14, 18) THEN
			NEW.unit := unit_of_person(NEW.person);
		END IF;
		IF NEW.unit IS NULL THEN
			PERFORM refuse('LC422', 'no_such_record', '/person');
		END IF;
	ELSIF NEW.status <> OLD.status AND NOT (
		(OLD.status = 'planned' AND NEW.status IN ('in_progress', 'completed', 'refused', 'cancelled'))
		OR (OLD.status = 'in_progress' AND NEW.status IN ('completed', 'refused', 'cancelled'))
	) THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/status', OLD.status);
	END IF;
	IF NEW.starts_on < seen.born_by THEN
		PERFORM refuse('LC422', 'before_birth', '/starts_on');
	END IF;
	IF NEW.starts_on > today() AND NEW.status IN ('in_progress', 'completed') THEN
		PERFORM refuse('LC422', 'in_future', '/starts_on');
	END IF;
	IF NEW.ends_on > today() AND NEW.status = 'completed' THEN
		PERFORM refuse('LC422', 'in_future', '/ends_on');
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER interventions_check
BEFORE INSERT OR UPDATE ON interventions
FOR EACH ROW EXECUTE FUNCTION interventions_check();

-- The file moves, and what is done for the person with it.
CREATE FUNCTION people_move_interventions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE interventions SET unit = NEW.unit WHERE person = NEW.id AND unit <> NEW.unit;
	RETURN NULL;
END
$$;

CREATE TRIGGER people_move_interventions
AFTER UPDATE OF unit ON people
FOR EACH ROW WHEN (OLD.unit <> NEW.unit)
EXECUTE FUNCTION people_move_interventions();

-- A voided person takes what was done for it out of sight.
CREATE FUNCTION people_void_interventions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE interventions
	SET voided_at = NEW.voided_at,
		voided_by = NEW.voided_by,
		void_reason = NEW.void_reason,
		version = version + 1,
		updated_at = now()
	WHERE person = NEW.id AND voided_at IS NULL;
	RETURN NULL;
END
$$;

CREATE TRIGGER people_void_interventions
AFTER UPDATE OF voided_at ON people
FOR EACH ROW WHEN (OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL)
EXECUTE FUNCTION people_void_interventions();
