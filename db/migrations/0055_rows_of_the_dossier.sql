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
