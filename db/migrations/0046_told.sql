-- Who is told of a person, and by what name.

ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check CHECK (kind IN ('referral_opened', 'referral_closed',
	'handover_proposed', 'handover_accepted', 'handover_refused', 'handover_withdrawn', 'break_glass_opened',
	'break_glass_reviewed', 'corrected', 'restricted', 'restriction_lifted', 'person_entered'));

-- These agencies enter a person and may not go on with it: entering is a referral, so whoever goes on is told.
CREATE FUNCTION people_entered() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM tell(coalesce(committee_of(NEW.unit), police()), 'person_entered', NEW.id, NEW.id);
	RETURN NULL;
END
$$;

CREATE TRIGGER people_entered
AFTER INSERT ON people
FOR EACH ROW WHEN (current_user = 'lachan_service' AND caller_agency() IN (2, 3, 5))
EXECUTE FUNCTION people_entered();

-- Who knows people by pseudonym sees them so in the database as well: by the views alone, which hide the person.
-- HMAC-SHA-256 with the key that the service brings to each transaction of such an agency and that is kept nowhere
-- here: inner and outer block in hexadecimal.  Without it there is no name at all.
CREATE FUNCTION pseudonym_of(of_person uuid) RETURNS text
LANGUAGE sql STABLE
RETURN (
	SELECT left(encode(sha256(decode(right(key, 128), 'hex') || sha256(decode(left(key, 128), 'hex')
		|| convert_to(caller_agency() || ' ' || of_person, 'UTF8'))), 'hex'), 32)
	FROM nullif(current_setting('lachan.pseudonyms', true), '') AS key
);

-- As before; a dossier is for none of those who know people by pseudonym, and of who took part in a crime something
-- is hidden from agency 3 alone.
CREATE OR REPLACE FUNCTION hidden_of(of_table text, record uuid) RETURNS text[]
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	names text[] := '{}';
BEGIN
	IF of_table NOT IN ('interventions', 'notices')
		AND (of_table <> 'crime_participants' OR caller_agency() = 3)
		AND to_regclass(of_table || '_seen') IS NOT NULL
	THEN
		EXECUTE format('SELECT hidden FROM %I WHERE id = $1', of_table || '_seen') INTO names USING record;
	END IF;
	RETURN names;
END
$$;

-- As before, but for whoever knows a person by pseudonym without what would tell whose it is.
CREATE OR REPLACE FUNCTION audit_by_person(wanted uuid) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT coalesce(array_agg(id), '{}')
	FROM audit_sealed AS sealed
	WHERE sealed.records && CASE
			WHEN caller_agency() IN (12, 14, 18) THEN ARRAY[wanted]
			ELSE record_ids_of_person(wanted)
		END
		AND caller_role() = 'admin'
		AND (caller_agency() = 1 AND caller_everywhere() OR organization = caller_organization())
$$;

-- As before, but of people to those alone who read all of them in their territory, and who broke drug law to the
-- police: what somebody lacks or did is of classes that others may not see.
CREATE OR REPLACE FUNCTION indicator_list(of_family text, measure text, needs text[], from_day date, to_day date,
	of_unit text, plan_only boolean, of_kind text, most integer)
RETURNS TABLE (subject uuid, counted boolean, missing text, unit text, desk text, since date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	wanted contribution[];
	seen uuid[];
BEGIN
	IF caller_user() IS NULL
		OR of_kind = 'people' AND caller_agency() NOT IN (1, 4, 5, 19)
		OR of_family = 'offenders' AND caller_agency() <> 1
	THEN
		RETURN;
	END IF;
	wanted := ARRAY(
		SELECT one
		FROM contributions_in(of_family, from_day, to_day, of_unit, plan_only) AS one
		WHERE excluded IS NULL AND measure = ANY (denominators || numerators)
	);
	seen := ARRAY(
		SELECT visible
		FROM visible_subjects(of_kind, ARRAY(SELECT w.subject FROM unnest(wanted) AS w)) AS visible
		JOIN unnest(wanted) AS w ON w.subject = visible
		ORDER BY coalesce(measure = ANY (w.numerators), false), visible
		LIMIT most
	);
	IF of_kind IN ('people', 'crimes') AND cardinality(seen) > 0 THEN
		INSERT INTO audit (action, resource, records, fields)
		VALUES ('explain', of_kind, seen, '{case}');
	END IF;
	RETURN QUERY
	SELECT w.subject, coalesce(measure = ANY (w.numerators), false), CASE
			WHEN coalesce(measure = ANY (w.numerators), false) THEN ''
			ELSE array_to_string(ARRAY(
				SELECT lack FROM unnest(w.missing) AS lack WHERE needs IS NULL OR lack = ANY (needs)
			), ',')
		END, held.unit, held.desk, held.since
	FROM unnest(wanted) AS w
	JOIN subject_desks(of_kind, seen) AS held ON held.id = w.subject
	ORDER BY 2, w.subject;
END
$$;
