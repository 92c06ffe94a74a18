-- A crime's unit is the one that existed on the day of the offence.
CREATE TABLE crimes (
	id uuid PRIMARY KEY,
	number text,
	article text NOT NULL CHECK (article IN ('247', '248', '249', '250', '251', '252', '253', '254', '255', '256', '256a', '257', '258', '259')),
	other_articles text[] CHECK (other_articles <@ '{247,248,249,250,251,252,253,254,255,256,256a,257,258,259}'),
	occurred_on date,
	detected_on date NOT NULL,
	unit text NOT NULL REFERENCES units,
	detecting_organization text REFERENCES organizations,
	youth_related boolean NOT NULL DEFAULT false,
	youth_related_reason text,
	stage text
		CHECK (stage IN ('source', 'verification', 'initiated', 'not_initiated', 'suspended', 'investigation', 'concluded_prosecute', 'investigation_dropped', 'indicted', 'returned', 'case_dropped', 'diverted', 'transferred', 'administrative', 'first_instance', 'appeal', 'in_force', 'executing', 'executed')),
	stage_on date,
	summary text,
	classification text NOT NULL DEFAULT 'unclassified' CHECK (classification = 'unclassified'),
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
	CONSTRAINT crimes__detected_on__before CHECK (detected_on >= occurred_on),
	CONSTRAINT crimes__article__article_not_in_force
		CHECK (article <> '256a' OR coalesce(occurred_on, detected_on) >= '2025-07-01'),
	CONSTRAINT crimes__other_articles__article_not_in_force
		CHECK (NOT other_articles @> '{256a}' OR coalesce(occurred_on, detected_on) >= '2025-07-01'),
	CONSTRAINT crimes__external_id__duplicate UNIQUE (source, external_id)
);

CREATE INDEX crimes_unit ON crimes (unit, id);
CREATE INDEX crimes_detected_on ON crimes (detected_on, id);
CREATE INDEX crimes_updated_at ON crimes (updated_at, id);

CREATE FUNCTION crimes_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF TG_OP = 'INSERT' OR (NEW.unit, NEW.occurred_on, NEW.detected_on)
		IS DISTINCT FROM (OLD.unit, OLD.occurred_on, OLD.detected_on) THEN
		PERFORM check_commune(NEW.unit, coalesce(NEW.occurred_on, NEW.detected_on), '/unit');
	END IF;
	IF TG_OP = 'INSERT' THEN
		NEW.youth_related := coalesce(NEW.youth_related, false);
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER crimes_check
BEFORE INSERT OR UPDATE ON crimes
FOR EACH ROW EXECUTE FUNCTION crimes_check();

CREATE TABLE crime_participants (
	id uuid PRIMARY KEY,
	crime uuid NOT NULL REFERENCES crimes,
	role text NOT NULL CHECK (role IN ('suspect', 'victim', 'lured', 'witness')),
	person uuid REFERENCES people,
	full_name text,
	date_of_birth text CHECK (date_of_birth ~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$'),
	born_by date,
	sex text CHECK (sex IN ('female', 'male', 'unknown')),
	age_at_offence smallint,
	articles text[] CHECK (articles <@ '{247,248,249,250,251,252,253,254,255,256,256a,257,258,259}'),
	outcome text,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text
);

CREATE INDEX crime_participants_crime ON crime_participants (crime, id);
CREATE INDEX crime_participants_person ON crime_participants (person) WHERE person IS NOT NULL;
CREATE INDEX crime_participants_updated_at ON crime_participants (updated_at, id);

CREATE FUNCTION crime_participants_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	day date;
	named people;
BEGIN
	SELECT coalesce(occurred_on, detected_on) INTO day FROM crimes WHERE id = NEW.crime AND voided_at IS NULL;
	IF NOT FOUND THEN
		PERFORM refuse('LC404', 'not_found');
	END IF;
	IF NEW.person IS NOT NULL THEN
		SELECT * INTO named FROM people WHERE id = NEW.person;
		IF NOT FOUND THEN
			PERFORM refuse('LC422', 'no_such_record', '/person');
		END IF;
		NEW.date_of_birth := named.date_of_birth;
		NEW.sex := named.sex;
	END IF;
	NEW.born_by := partial_date_last(NEW.date_of_birth);
	-- As far as it is known: born in the month of the offence may be before it.
	IF NEW.date_of_birth > left(to_char(day, 'YYYY-MM-DD'), length(NEW.date_of_birth)) THEN
		PERFORM refuse('LC422', 'in_future', '/date_of_birth');
	ELSIF NEW.articles @> '{256a}' AND day < '2025-07-01' THEN
		PERFORM refuse('LC422', 'article_not_in_force', '/articles');
	END IF;
	-- Unknown when the birth is: greatest() ignores what is null.
	NEW.age_at_offence := CASE WHEN NEW.born_by > day THEN 0 ELSE age_on(NEW.born_by, day) END;
	-- Penal Code, article 12: nobody under 14 is a suspect.
	IF NEW.role = 'suspect' AND NEW.age_at_offence < 14 THEN
		PERFORM refuse('LC422', 'too_young', '/role');
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER crime_participants_check
BEFORE INSERT OR UPDATE ON crime_participants
FOR EACH ROW EXECUTE FUNCTION crime_participants_check();

-- A young participant makes the case youth-related; nothing but a person's decision undoes it.
CREATE FUNCTION crime_participants_mark() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE crimes
	SET youth_related = true, version = version + 1, updated_at = now()
	WHERE id = NEW.crime AND NOT youth_related;
	RETURN NULL;
END
$$;

CREATE TRIGGER crime_participants_mark
AFTER INSERT OR UPDATE ON crime_participants
FOR EACH ROW WHEN (NEW.age_at_offence <= 30 AND NEW.voided_at IS NULL AND NEW.role <> 'witness')
EXECUTE FUNCTION crime_participants_mark();

-- Another day of the offence is another age.
CREATE FUNCTION crimes_age() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE crime_participants
	SET version = version + 1, updated_at = now()
	WHERE crime = NEW.id AND voided_at IS NULL;
	RETURN NULL;
END
$$;

CREATE TRIGGER crimes_age
AFTER UPDATE OF occurred_on, detected_on ON crimes
FOR EACH ROW
WHEN (coalesce(OLD.occurred_on, OLD.detected_on) <> coalesce(NEW.occurred_on, NEW.detected_on))
EXECUTE FUNCTION crimes_age();

CREATE FUNCTION crime_participants_link() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE people SET is_court_matter = true WHERE id = NEW.person AND NOT is_court_matter;
	RETURN NULL;
END
$$;

CREATE TRIGGER crime_participants_link
AFTER INSERT ON crime_participants
FOR EACH ROW WHEN (NEW.person IS NOT NULL)
EXECUTE FUNCTION crime_participants_link();

-- What is voided links nobody to the courts any more.
CREATE FUNCTION crime_participants_unlink() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE people SET is_court_matter = is_court_matter(id) WHERE id = NEW.person;
	RETURN NULL;
END
$$;

CREATE TRIGGER crime_participants_unlink
AFTER UPDATE OF voided_at ON crime_participants
FOR EACH ROW WHEN (OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL AND NEW.person IS NOT NULL)
EXECUTE FUNCTION crime_participants_unlink();

CREATE FUNCTION crimes_unlink() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE people
	SET is_court_matter = is_court_matter(id)
	WHERE id IN (SELECT person FROM crime_participants WHERE crime = NEW.id);
	RETURN NULL;
END
$$;

CREATE TRIGGER crimes_unlink
AFTER UPDATE OF voided_at ON crimes
FOR EACH ROW WHEN (OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL)
EXECUTE FUNCTION crimes_unlink();

CREATE TABLE crime_stages (
	id uuid PRIMARY KEY,
	crime uuid NOT NULL REFERENCES crimes,
	stage text NOT NULL
		CHECK (stage IN ('source', 'verification', 'initiated', 'not_initiated', 'suspended', 'investigation', 'concluded_prosecute', 'investigation_dropped', 'indicted', 'returned', 'case_dropped', 'diverted', 'transferred', 'administrative', 'first_instance', 'appeal', 'in_force', 'executing', 'executed')),
	reached_on date NOT NULL,
	decision_number text,
	authority text,
	sentence text,
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

CREATE INDEX crime_stages_crime ON crime_stages (crime, id);
CREATE INDEX crime_stages_updated_at ON crime_stages (updated_at, id);

CREATE FUNCTION crime_stages_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	held crimes;
	earliest date;
BEGIN
	SELECT * INTO held FROM crimes WHERE id = NEW.crime AND voided_at IS NULL FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM refuse('LC404', 'not_found');
	END IF;
	-- Only what leads to a case can be before its detection.
	earliest := CASE
		WHEN NEW.stage IN ('source', 'verification') THEN coalesce(held.occurred_on, held.detected_on)
		ELSE held.detected_on
	END;
	IF NEW.reached_on < greatest(held.stage_on, earliest) THEN
		PERFORM refuse('LC422', 'before_previous_stage', '/reached_on');
	ELSIF NEW.reached_on > today() THEN
		PERFORM refuse('LC422', 'in_future', '/reached_on');
	ELSIF NEW.stage = 'diverted' AND (NEW.reached_on < '2026-01-01' OR NOT EXISTS (
		SELECT FROM crime_participants
		WHERE crime = NEW.crime AND role = 'suspect' AND age_at_offence < 18 AND voided_at IS NULL
	)) THEN
		PERFORM refuse('LC422', 'not_diverted', '/stage');
	END IF;
	UPDATE crimes
	SET stage = NEW.stage, stage_on = NEW.reached_on, version = version + 1, updated_at = now()
	WHERE id = NEW.crime;
	RETURN NEW;
END
$$;

CREATE TRIGGER crime_stages_check
BEFORE INSERT ON crime_stages
FOR EACH ROW EXECUTE FUNCTION crime_stages_check();

CREATE FUNCTION crime_stages_void() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE crimes
	SET (stage, stage_on) = (
			SELECT stage, reached_on FROM crime_stages
			WHERE crime = OLD.crime AND voided_at IS NULL
			ORDER BY reached_on DESC, id DESC
			LIMIT 1
		),
		version = version + 1,
		updated_at = now()
	WHERE id = OLD.crime;
	RETURN NULL;
END
$$;

CREATE TRIGGER crime_stages_void
AFTER UPDATE OF voided_at ON crime_stages
FOR EACH ROW WHEN (OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL)
EXECUTE FUNCTION crime_stages_void();
