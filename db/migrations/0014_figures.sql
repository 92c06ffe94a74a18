-- Figures are kept ready: what each subject contributes to each window of the plan, and cells that
-- are the sums of these.  A write notes its subject in a queue; a refresher takes the queue, computes
-- the contributions of those subjects anew and adds the differences to the cells.

DROP FUNCTION indicator_cells(text, integer, date[], date[], text[], text, text, text, boolean,
	boolean, boolean);
DROP FUNCTION indicator_reasons(text, integer, date, date, text, text, boolean);
DROP FUNCTION indicator_list(text, integer, date, date, text, text, boolean, text, integer);
DROP FUNCTION indicator_subjects(text, integer, date, date, text, text, boolean);
DROP FUNCTION IF EXISTS indicator_ii_1_a(date, date, integer, text);
DROP FUNCTION IF EXISTS indicator_ii_2_a(date, date, integer, text);
DROP FUNCTION IF EXISTS indicator_ii_4_a(date, date, integer, text);
DROP FUNCTION indicator_function(text);
DROP FUNCTION visible_subjects(text, uuid[]);
DROP TYPE indicator_subject;
DELETE FROM applied WHERE name LIKE 'db/indicators/%';

-- The families there are (db/indicators/families.sql) and the table that their subjects stand in.
CREATE TABLE indicator_families (
	name text PRIMARY KEY,
	kind text NOT NULL
);

-- The one row that tells what the figures are made of.
CREATE TABLE indicator_state (
	is_single boolean PRIMARY KEY DEFAULT true CHECK (is_single),
	data_version bigint NOT NULL DEFAULT 1, -- another for each change of what can be answered
	basis text NOT NULL DEFAULT '',		-- figures_basis() of the last rebuild
	is_ready boolean NOT NULL DEFAULT false, -- what is kept was built from the present basis
	day date NOT NULL DEFAULT '2024-04-02'	-- up to which time has passed
);

INSERT INTO indicator_state DEFAULT VALUES;

-- The windows that are kept ready.
CREATE TABLE indicator_windows (
	place integer PRIMARY KEY,
	period text NOT NULL UNIQUE,
	from_day date NOT NULL,
	to_day date NOT NULL,
	UNIQUE (from_day, to_day)
);

CREATE TABLE contributions (
	family text NOT NULL,
	subject uuid NOT NULL,
	place integer NOT NULL,
	unit text,
	sex text,
	age integer,
	ethnicity text,
	tags text[],
	denominators text[],
	numerators text[],
	denominator_weight integer,
	numerator_weight integer,
	excluded text,
	missing text[],
	PRIMARY KEY (subject, family, place)
);

CREATE INDEX contributions_unit ON contributions (family, place, unit);

-- What was broken down as finely as can be asked.  tag NULL: each subject once; besides, a row for
-- each of its tags.
CREATE TABLE cells (
	measure text NOT NULL,
	place integer NOT NULL,
	unit text,
	sex text,
	age_band text,
	ethnicity text,
	tag text,
	numerator bigint NOT NULL,
	denominator bigint NOT NULL,
	CONSTRAINT cells_key UNIQUE NULLS NOT DISTINCT (measure, place, unit, sex, age_band, ethnicity, tag)
);

CREATE INDEX cells_empty ON cells (measure) WHERE numerator = 0 AND denominator = 0;

-- The sums of these for a whole unit.
CREATE TABLE unit_cells (
	measure text NOT NULL,
	place integer NOT NULL,
	unit text,
	numerator bigint NOT NULL,
	denominator bigint NOT NULL,
	UNIQUE NULLS NOT DISTINCT (measure, place, unit)
);

CREATE INDEX unit_cells_empty ON unit_cells (measure) WHERE numerator = 0 AND denominator = 0;

-- Subjects to compute anew.  Nothing but appended to, so that no writer waits for another; without
-- an index, since it is all but empty.
CREATE TABLE contribution_queue (
	kind text NOT NULL,
	subject uuid NOT NULL
);

-- The next day on which time alone changes what a person contributes.
CREATE TABLE contribution_clock (
	subject uuid PRIMARY KEY,
	next_on date NOT NULL
);

CREATE INDEX contribution_clock_next_on ON contribution_clock (next_on);

-- Where a file was before: a figure of the past stays with the commune of then.
CREATE TABLE person_moves (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	person uuid NOT NULL REFERENCES people,
	to_unit text NOT NULL REFERENCES units,
	moved_on date NOT NULL DEFAULT today()
);

CREATE INDEX person_moves_person ON person_moves (person);

INSERT INTO person_moves (person, to_unit, moved_on)
SELECT person, to_unit, (decided_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
FROM handovers
WHERE status = 'accepted'
ORDER BY decided_at;

CREATE FUNCTION people_move_note() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	INSERT INTO person_moves (person, to_unit) VALUES (NEW.id, NEW.unit);
	RETURN NULL;
END
$$;

CREATE TRIGGER people_move_note
AFTER UPDATE OF unit ON people
FOR EACH ROW WHEN (OLD.unit <> NEW.unit)
EXECUTE FUNCTION people_move_note();

-- Writes note their subjects.

-- One that nobody entered as a person is the same one by name and birth, else by the record alone.
CREATE FUNCTION offender_key(person uuid, participant uuid, full_name text, date_of_birth text)
RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
	WHEN person IS NOT NULL THEN person
	WHEN length(date_of_birth) = 10 AND full_name <> '' THEN md5(lower(full_name) || date_of_birth)::uuid
	ELSE participant
END;

CREATE INDEX crime_participants_offender ON crime_participants
	(offender_key(person, id, full_name, date_of_birth))
WHERE role = 'suspect';

-- Arguments: the kind of subject, and the column of the changed rows that names it.
CREATE FUNCTION contribution_note() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	CASE TG_ARGV[1]
	WHEN 'id' THEN
		INSERT INTO contribution_queue SELECT TG_ARGV[0], id FROM changed;
	WHEN 'person' THEN
		INSERT INTO contribution_queue SELECT DISTINCT TG_ARGV[0], person FROM changed;
	WHEN 'crime' THEN
		INSERT INTO contribution_queue SELECT DISTINCT TG_ARGV[0], crime FROM changed;
	WHEN 'hotspot' THEN
		INSERT INTO contribution_queue SELECT DISTINCT TG_ARGV[0], hotspot FROM changed;
	WHEN 'union_organization' THEN
		INSERT INTO contribution_queue
		SELECT DISTINCT TG_ARGV[0], union_organization
		FROM changed
		WHERE union_organization IS NOT NULL;
	WHEN 'institution' THEN
		INSERT INTO contribution_queue
		SELECT DISTINCT TG_ARGV[0], institution
		FROM changed
		WHERE institution IS NOT NULL;
	WHEN 'offender' THEN
		INSERT INTO contribution_queue
		SELECT TG_ARGV[0], offender_key(person, id, full_name, date_of_birth)
		FROM changed;
	WHEN 'crime_offenders' THEN
		INSERT INTO contribution_queue
		SELECT TG_ARGV[0], offender_key(participant.person, participant.id, full_name, date_of_birth)
		FROM changed
		JOIN crime_participants AS participant ON participant.crime = changed.id;
	WHEN 'session_institutions' THEN
		INSERT INTO contribution_queue
		SELECT DISTINCT TG_ARGV[0], attendee.institution
		FROM changed
		JOIN session_attendees AS attendee ON attendee.session = changed.id;
	WHEN 'everyone' THEN
		INSERT INTO contribution_queue SELECT TG_ARGV[0], id FROM key_communes;
	END CASE;
	RETURN NULL;
END
$$;

-- For each table: the subjects its rows speak of.  Where a row can be given to another subject, the
-- one before is noted too.
DO $$
DECLARE
	note record;
	event text;
BEGIN
	FOR note IN SELECT * FROM (VALUES
		('person_statuses', 'people', 'person', false),
		('interventions', 'people', 'person', false),
		('person_violations', 'people', 'person', false),
		('crime_participants', 'people', 'offender', true),
		('crimes', 'people', 'crime_offenders', false),
		('crimes', 'crimes', 'id', false),
		('crime_participants', 'crimes', 'crime', false),
		('crime_stages', 'crimes', 'crime', false),
		('hotspots', 'hotspots', 'id', false),
		('hotspot_events', 'hotspots', 'hotspot', false),
		('union_organizations', 'union_organizations', 'id', false),
		('campaigns', 'union_organizations', 'union_organization', true),
		('key_communes', 'key_communes', 'id', false),
		('models', 'key_communes', 'everyone', false),
		('institutions', 'institutions', 'id', false),
		('training_sessions', 'institutions', 'institution', true),
		('training_sessions', 'institutions', 'session_institutions', false),
		('institution_headcounts', 'institutions', 'institution', false),
		('session_attendees', 'institutions', 'institution', true),
		('baselines', 'baselines', 'id', false)
	) AS notes (source, kind, named_by, can_move)
	LOOP
		FOREACH event IN ARRAY '{INSERT,UPDATE,DELETE}'::text[]
		LOOP
			EXECUTE format('CREATE TRIGGER contributions_%s_%s_%s AFTER %s ON %I REFERENCING %s TABLE '
				'AS changed FOR EACH STATEMENT EXECUTE FUNCTION contribution_note(%L, %L)',
				note.kind, note.named_by, lower(event), event, note.source,
				CASE event WHEN 'DELETE' THEN 'OLD' ELSE 'NEW' END, note.kind, note.named_by);
		END LOOP;
		IF note.can_move THEN
			EXECUTE format('CREATE TRIGGER contributions_%s_%s_before AFTER UPDATE ON %I REFERENCING '
				'OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION contribution_note(%L, %L)',
				note.kind, note.named_by, note.source, note.kind, note.named_by);
		END IF;
	END LOOP;
END
$$;

-- A status moves with its own row: of a person itself little counts.
CREATE FUNCTION contribution_note_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	INSERT INTO contribution_queue VALUES ('people', coalesce(NEW.id, OLD.id));
	RETURN NULL;
END
$$;

CREATE TRIGGER contributions_people_update
AFTER UPDATE ON people
FOR EACH ROW WHEN ((OLD.unit, OLD.date_of_birth, OLD.sex, OLD.ethnicity, OLD.voided_at)
	IS DISTINCT FROM (NEW.unit, NEW.date_of_birth, NEW.sex, NEW.ethnicity, NEW.voided_at))
EXECUTE FUNCTION contribution_note_person();
CREATE TRIGGER contributions_people_delete
AFTER DELETE ON people
FOR EACH ROW EXECUTE FUNCTION contribution_note_person();

-- What the figures are built from, besides the records.
CREATE FUNCTION figures_basis() RETURNS text
LANGUAGE sql STABLE
RETURN md5(
	(SELECT string_agg(name || checksum, ',' ORDER BY name COLLATE "C")
		FROM applied WHERE name LIKE 'db/indicators/%')
	|| (SELECT string_agg(name || value, ',' ORDER BY name COLLATE "C") FROM indicator_parameters)
);

-- After a change of the program, of the reference data or of a parameter: what was answered may be
-- another now, and what is kept may have to be built anew.
CREATE FUNCTION figures_check() RETURNS void
LANGUAGE sql
AS $$
	UPDATE indicator_state
	SET data_version = data_version + 1, is_ready = basis = figures_basis()
$$;

CREATE FUNCTION indicator_parameter_set(of_name text, new_value integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE indicator_parameters SET value = new_value WHERE name = of_name AND value <> new_value;
	IF FOUND THEN
		PERFORM figures_check();
	END IF;
END
$$;

-- The windows to keep ready on a day: those of the plan that have begun, and three years before the
-- first, which growth is compared with.
CREATE FUNCTION windows_begun(on_day date)
RETURNS TABLE (place integer, period text, from_day date, to_day date)
LANGUAGE sql STABLE
AS $$
	SELECT year * 10 + CASE kind WHEN 'six_month' THEN 1 WHEN 'annual' THEN 2 ELSE 3 END, code,
		starts_on, ends_on
	FROM reporting_periods
	WHERE starts_on <= on_day
	UNION ALL
	SELECT (year - back) * 10 + CASE kind WHEN 'six_month' THEN 1 ELSE 2 END,
		year - back || CASE kind WHEN 'six_month' THEN 'H1' ELSE 'Y' END,
		(starts_on - make_interval(years => back))::date,
		(ends_on - make_interval(years => back))::date
	FROM reporting_periods
	CROSS JOIN generate_series(1, 3) AS back
	WHERE kind <> 'review' AND year = (SELECT min(year) FROM reporting_periods)
$$;

-- The measures of a contribution, for its tags and for itself (tag NULL).
CREATE FUNCTION contribution_parts(denominators text[], numerators text[], denominator_weight integer,
	numerator_weight integer, tags text[])
RETURNS TABLE (measure text, tag text, numerator integer, denominator integer)
LANGUAGE sql IMMUTABLE
AS $$
	SELECT measure, tag,
		CASE WHEN measure = ANY (numerators) THEN coalesce(numerator_weight, 1) ELSE 0 END,
		CASE WHEN measure = ANY (denominators) THEN coalesce(denominator_weight, 1) ELSE 0 END
	FROM unnest(CASE
		WHEN numerators <@ denominators THEN denominators
		ELSE ARRAY(SELECT unnest(denominators) UNION SELECT unnest(numerators))
	END) AS measure
	CROSS JOIN unnest(array_prepend(NULL, tags)) AS tag
$$;

-- Adds these to the cells: `removed` away, `added` in.
CREATE FUNCTION cells_add(removed contribution[], added contribution[]) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	INSERT INTO cells AS kept (measure, place, unit, sex, age_band, ethnicity, tag, numerator, denominator)
	SELECT measure, place, unit, sex, age_band(age), ethnicity, tag, sum(sign * part.numerator),
		sum(sign * part.denominator)
	FROM (
		SELECT -1 AS sign, * FROM unnest(removed)
		UNION ALL
		SELECT 1, * FROM unnest(added)
	) AS changed
	CROSS JOIN LATERAL contribution_parts(denominators, numerators, denominator_weight,
		numerator_weight, tags) AS part
	WHERE excluded IS NULL
	GROUP BY 1, 2, 3, 4, 5, 6, 7
	HAVING sum(sign * part.numerator) <> 0 OR sum(sign * part.denominator) <> 0
	ON CONFLICT (measure, place, unit, sex, age_band, ethnicity, tag) DO UPDATE
	SET numerator = kept.numerator + excluded.numerator,
		denominator = kept.denominator + excluded.denominator;
	DELETE FROM cells WHERE numerator = 0 AND denominator = 0;

	INSERT INTO unit_cells AS kept (measure, place, unit, numerator, denominator)
	SELECT measure, place, unit, sum(sign * part.numerator), sum(sign * part.denominator)
	FROM (
		SELECT -1 AS sign, * FROM unnest(removed)
		UNION ALL
		SELECT 1, * FROM unnest(added)
	) AS changed
	CROSS JOIN LATERAL contribution_parts(denominators, numerators, denominator_weight,
		numerator_weight, NULL) AS part
	WHERE excluded IS NULL
	GROUP BY 1, 2, 3
	HAVING sum(sign * part.numerator) <> 0 OR sum(sign * part.denominator) <> 0
	ON CONFLICT (measure, place, unit) DO UPDATE
	SET numerator = kept.numerator + excluded.numerator,
		denominator = kept.denominator + excluded.denominator;
	DELETE FROM unit_cells WHERE numerator = 0 AND denominator = 0;
END
$$;

-- The contributions of some subjects in the windows given, computed anew; true when one changed.
CREATE FUNCTION contributions_update(of_family text, subjects uuid[], windows indicator_window[])
RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
	fresh contribution[];
	stale contribution[];
	removed contribution[];
	added contribution[];
BEGIN
	EXECUTE format('SELECT array_agg(found) FROM contributions_%s($1, $2, today()) AS found', of_family)
	INTO fresh
	USING subjects, windows;
	SELECT array_agg((kept.subject, kept.place, unit, sex, age, ethnicity, tags, denominators,
		numerators, denominator_weight, numerator_weight, excluded, missing)::contribution)
	INTO stale
	FROM contributions AS kept
	JOIN unnest(windows) AS asked USING (place)
	WHERE family = of_family AND subject = ANY (subjects);
	removed := ARRAY(SELECT unnest(stale) EXCEPT SELECT unnest(fresh));
	added := ARRAY(SELECT unnest(fresh) EXCEPT SELECT unnest(stale));
	IF removed = '{}' AND added = '{}' THEN
		RETURN false;
	END IF;
	DELETE FROM contributions AS kept
	USING unnest(removed) AS gone
	WHERE family = of_family AND kept.subject = gone.subject AND kept.place = gone.place;
	INSERT INTO contributions SELECT of_family, * FROM unnest(added);
	PERFORM cells_add(removed, added);
	RETURN true;
END
$$;

CREATE FUNCTION windows_ready() RETURNS indicator_window[]
LANGUAGE sql STABLE
RETURN ARRAY(
	SELECT (place, from_day, to_day)::indicator_window FROM indicator_windows ORDER BY place
);

-- The day after `after` on which a birthday, the end of a term or that of a probation of a job may
-- change what an open file contributes.
CREATE FUNCTION people_next_on(subjects uuid[], after date)
RETURNS TABLE (person uuid, next_on date)
LANGUAGE sql STABLE
AS $$
	WITH files AS (
		SELECT person, min(ends_on + 1) FILTER (WHERE ends_on >= after) AS term_over
		FROM person_statuses
		WHERE ended_on IS NULL
			AND voided_at IS NULL
			AND (subjects IS NULL OR person = ANY (subjects))
		GROUP BY person
	), jobs AS (
		SELECT person, min(held_on) AS held_on
		FROM interventions
		CROSS JOIN LATERAL (
			SELECT (starts_on + make_interval(months => (SELECT indicator_parameter('job_months'))))::date
				AS held_on
		) AS probation
		WHERE kind = 'employment'
			AND held_on > after
			AND voided_at IS NULL
			AND (subjects IS NULL OR person = ANY (subjects))
		GROUP BY person
	)
	SELECT person, least(term_over, held_on, birthday + CASE
		WHEN to_char(born_by, 'MMDD') = '0229' AND to_char(birthday, 'MMDD') = '0228' THEN 1
		ELSE 0
	END)
	FROM files
	JOIN people ON people.id = person
	LEFT JOIN jobs USING (person)
	CROSS JOIN LATERAL (
		SELECT (born_by + make_interval(years => greatest(age_on(born_by, after), 0) + 1))::date
			AS birthday
	) AS next
$$;

CREATE FUNCTION clock_set(subjects uuid[]) RETURNS void
LANGUAGE sql
AS $$
	DELETE FROM contribution_clock WHERE subject = ANY (subjects);
	INSERT INTO contribution_clock SELECT person, next_on FROM people_next_on(subjects, today())
$$;

-- One window with all that contributes to it, where there was none before.
CREATE FUNCTION figures_fill(windows indicator_window[]) RETURNS TABLE (family text, contributed bigint)
LANGUAGE plpgsql
AS $$
BEGIN
	FOR family IN SELECT name FROM indicator_families ORDER BY name
	LOOP
		EXECUTE format('INSERT INTO contributions SELECT %L, * FROM contributions_%s(NULL, $1, today())',
			family, family)
		USING windows;
		GET DIAGNOSTICS contributed = ROW_COUNT;
		RETURN NEXT;
	END LOOP;
	INSERT INTO cells (measure, place, unit, sex, age_band, ethnicity, tag, numerator, denominator)
	SELECT measure, contributions.place, unit, sex, age_band(age), ethnicity, tag, sum(part.numerator),
		sum(part.denominator)
	FROM contributions
	JOIN unnest(windows) AS asked USING (place)
	CROSS JOIN LATERAL contribution_parts(denominators, numerators, denominator_weight,
		numerator_weight, tags) AS part
	WHERE excluded IS NULL
	GROUP BY 1, 2, 3, 4, 5, 6, 7
	HAVING sum(part.numerator) <> 0 OR sum(part.denominator) <> 0;
	INSERT INTO unit_cells (measure, place, unit, numerator, denominator)
	SELECT measure, cells.place, unit, sum(numerator), sum(denominator)
	FROM cells
	JOIN unnest(windows) AS asked USING (place)
	WHERE tag IS NULL
	GROUP BY 1, 2, 3;
END
$$;

-- Time passes: windows open, and subjects whose day has come are noted.
CREATE FUNCTION figures_pass_days() RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	opened indicator_window[];
BEGIN
	WITH begun AS (
		INSERT INTO indicator_windows
		SELECT * FROM windows_begun(today())
		ON CONFLICT DO NOTHING
		RETURNING *
	)
	SELECT array_agg((place, from_day, to_day)::indicator_window) INTO opened FROM begun;
	IF opened IS NOT NULL THEN
		PERFORM figures_fill(opened);
	END IF;
	INSERT INTO contribution_queue
	SELECT 'people', subject FROM contribution_clock WHERE next_on <= today()
	UNION ALL
	SELECT 'hotspots', id FROM hotspots
	UNION ALL
	SELECT 'union_organizations', id FROM union_organizations
	UNION ALL
	SELECT 'key_communes', id FROM key_communes
	UNION ALL
	SELECT 'institutions', id FROM institutions;
	UPDATE indicator_state SET day = today(), data_version = data_version + 1;
END
$$;

-- Takes up to `most` notes from the queue and brings the figures up to date; how many it took, or
-- NULL when the figures have to be built anew first.  One at a time: whoever comes second takes none.
CREATE FUNCTION figures_refresh(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	state indicator_state;
	noted record;
	windows indicator_window[];
	of_family text;
	taken integer := 0;
	has_changed boolean := false;
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtextextended('lachan figures', 0)) THEN
		RETURN 0;
	END IF;
	SELECT * INTO state FROM indicator_state;
	IF NOT state.is_ready THEN
		RETURN NULL;
	ELSIF state.day < today() THEN
		PERFORM figures_pass_days();
	END IF;
	windows := windows_ready();
	FOR noted IN
		WITH taken AS (
			DELETE FROM contribution_queue
			WHERE ctid = ANY (ARRAY(SELECT ctid FROM contribution_queue LIMIT most))
			RETURNING kind, subject
		)
		SELECT kind, count(*)::integer AS notes, array_agg(DISTINCT subject) AS subjects
		FROM taken
		GROUP BY kind
		ORDER BY kind
	LOOP
		taken := taken + noted.notes;
		has_changed := has_changed OR noted.kind = 'baselines';
		FOR of_family IN SELECT name FROM indicator_families WHERE kind = noted.kind ORDER BY name
		LOOP
			has_changed := contributions_update(of_family, noted.subjects, windows) OR has_changed;
		END LOOP;
		IF noted.kind = 'people' THEN
			PERFORM clock_set(noted.subjects);
			-- A job is counted for the commune as well.
			INSERT INTO contribution_queue
			SELECT 'key_communes', id
			FROM key_communes
			WHERE EXISTS (
				SELECT FROM interventions
				WHERE person = ANY (noted.subjects) AND kind = 'employment'
			);
		END IF;
	END LOOP;
	IF has_changed THEN
		UPDATE indicator_state SET data_version = data_version + 1;
	END IF;
	RETURN taken;
END
$$;

-- Until figures_rebuild() has ended, what is asked is computed when it is asked.
CREATE FUNCTION figures_withdraw() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	UPDATE indicator_state SET is_ready = false, basis = ''
$$;

-- All anew, or nothing when it is needed no more: another may have been quicker.  What is written
-- meanwhile waits in the queue and is taken into account afterwards.
CREATE FUNCTION figures_rebuild(only_if_needed boolean) RETURNS TABLE (family text, contributed bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET work_mem = '256MB' SET maintenance_work_mem = '256MB'
AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('lachan figures', 0));
	IF only_if_needed AND (SELECT is_ready FROM indicator_state) THEN
		RETURN;
	END IF;
	TRUNCATE indicator_windows, contributions, cells, unit_cells, contribution_clock;
	INSERT INTO indicator_windows SELECT * FROM windows_begun(today());
	-- Keys are made quicker of a full table than row by row.
	ALTER TABLE contributions DROP CONSTRAINT contributions_pkey;
	ALTER TABLE cells DROP CONSTRAINT cells_key;
	RETURN QUERY SELECT * FROM figures_fill(windows_ready());
	ALTER TABLE contributions ADD PRIMARY KEY (subject, family, place);
	ALTER TABLE cells ADD CONSTRAINT cells_key
		UNIQUE NULLS NOT DISTINCT (measure, place, unit, sex, age_band, ethnicity, tag);
	INSERT INTO contribution_clock SELECT * FROM people_next_on(NULL, today());
	UPDATE indicator_state
	SET basis = figures_basis(), is_ready = true, day = today(), data_version = data_version + 1;
END
$$;

-- Answers.  Figures are the same for everybody who may ask, so what counts runs as the owner, past
-- the row policies; what it gives away are counts, and ids only of records that the caller sees itself.

-- Those of the windows asked for that are kept ready, NULL for the others.
CREATE FUNCTION places_ready(starts date[], ends date[]) RETURNS integer[]
LANGUAGE sql STABLE
RETURN ARRAY(
	SELECT ready.place
	FROM unnest(starts, ends) WITH ORDINALITY AS asked (from_day, to_day, number)
	LEFT JOIN indicator_windows AS ready
		ON (ready.from_day, ready.to_day) = (asked.from_day, asked.to_day)
		AND (SELECT is_ready AND (day = today() OR ready.to_day < day) FROM indicator_state)
	ORDER BY number
);

-- Numerator and denominator of one measure a window, for each unit and what it is broken down by.
-- Units of the map are there with zeros, others only with something in them.  `place` counts the
-- windows from 1; `has_input` tells whether anything was counted in that window, in any unit, and is
-- NULL where nothing is counted at all.  at_level NULL: the unit itself.  breakdown: of sex, age_band, ethnicity, and one of the classes of
-- tags; a kind of service is a share of everybody, not of those who had it.
CREATE FUNCTION indicator_cells(of_family text, measures text[], starts date[], ends date[],
	of_unit text, at_level text, on_map text, plan_only boolean, breakdown text[])
RETURNS TABLE (place bigint, unit text, unit_name text, level text, sex text, age_band text,
	ethnicity text, tag text, numerator bigint, denominator bigint, has_input boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	places integer[] := places_ready(starts, ends);
	lacking indicator_window[] := ARRAY(
		SELECT (number, from_day, to_day)::indicator_window
		FROM unnest(starts, ends, places) WITH ORDINALITY AS asked (from_day, to_day, ready, number)
		WHERE ready IS NULL
	);
	tag_class text := (SELECT b FROM unnest(breakdown) AS b WHERE b NOT IN ('sex', 'age_band', 'ethnicity'));
	source text;
	is_known boolean := EXISTS (SELECT FROM indicator_families WHERE name = of_family);
BEGIN
	IF caller_user() IS NULL THEN
		RETURN;
	END IF;
	at_level := coalesce(at_level, (SELECT units.level FROM units WHERE key = of_unit));
	source := CASE
		WHEN breakdown = '{}' THEN 'SELECT number, kept.unit, NULL::text AS sex, NULL::text AS age_band,
				NULL::text AS ethnicity, NULL::text AS tag, kept.numerator, kept.denominator
			FROM asked
			JOIN unit_cells AS kept ON kept.measure = asked.measure AND kept.place = asked.ready'
		ELSE 'SELECT number, kept.unit, kept.sex, kept.age_band, kept.ethnicity, kept.tag,
				kept.numerator, kept.denominator
			FROM asked
			JOIN cells AS kept ON kept.measure = asked.measure AND kept.place = asked.ready'
	END;
	IF lacking <> '{}' AND is_known THEN
		source := source || format(' UNION ALL SELECT number, found.unit, found.sex,
				age_band(found.age), found.ethnicity, part.tag, part.numerator, part.denominator
			FROM contributions_%s(NULL, $10, today()) AS found
			CROSS JOIN LATERAL contribution_parts(denominators, numerators, denominator_weight,
				numerator_weight, CASE WHEN $9 IS NOT NULL THEN tags END) AS part
			JOIN asked ON asked.number = found.place AND asked.measure = part.measure
			WHERE found.excluded IS NULL', of_family);
	END IF;
	RETURN QUERY EXECUTE format($query$
		WITH asked AS (
			SELECT *
			FROM unnest($1, $2, $3) WITH ORDINALITY AS asked (measure, to_day, ready, number)
		), found AS MATERIALIZED (
			%s
		), inputs AS (
			SELECT DISTINCT number FROM found WHERE found.numerator > 0
		), places AS MATERIALIZED (
			SELECT * FROM indicator_places($4, $5, $6, $7)
		), counts AS (
			SELECT number, stated,
				CASE WHEN 'sex' = ANY ($8) THEN sex END AS sex,
				CASE WHEN 'age_band' = ANY ($8) THEN age_band END AS age_band,
				CASE WHEN 'ethnicity' = ANY ($8) THEN coalesce(ethnicity, '99') END AS ethnicity,
				tag,
				sum(found.numerator) AS numerator,
				sum(found.denominator) AS denominator
			FROM found
			JOIN places ON commune = unit
			WHERE tag IS NULL OR starts_with(tag, $9 || ':')
			GROUP BY 1, 2, 3, 4, 5, 6
		), told AS (
			SELECT number, stated, sex, age_band, ethnicity, tag, numerator,
				CASE $9
					WHEN 'kind' THEN max(denominator) FILTER (WHERE tag IS NULL) OVER everybody
					ELSE denominator
				END AS denominator
			FROM counts
			WINDOW everybody AS (PARTITION BY number, stated, sex, age_band, ethnicity)
		), zeros AS (
			SELECT number, stated, sex, age_band, NULL::text AS ethnicity, NULL::text AS tag,
				0::numeric AS numerator, 0::numeric AS denominator
			FROM asked
			CROSS JOIN (SELECT DISTINCT stated FROM places) AS once
			JOIN units ON key = stated
			CROSS JOIN unnest(CASE
				WHEN 'sex' = ANY ($8) THEN '{female,male,unknown}'
				ELSE '{NULL}'::text[]
			END) AS sex
			CROSS JOIN unnest(CASE
				WHEN 'age_band' = ANY ($8) THEN '{<12,12-13,14-15,16-17,18-24,25-30}'
				ELSE '{NULL}'::text[]
			END) AS age_band
			WHERE $9 IS NULL AND NOT 'ethnicity' = ANY ($8) AND (stated = $4 OR level = $5 AND CASE $6
				WHEN 'current' THEN valid_to IS NULL
				WHEN '2024' THEN generation <> '2025'
				ELSE to_day BETWEEN coalesce(valid_from, '-infinity')
					AND coalesce(valid_to, 'infinity')
			END)
		)
		SELECT number, stated, name, level, sex, age_band, ethnicity, split_part(tag, ':', 2),
			sum(numerator)::bigint, sum(denominator)::bigint,
			CASE WHEN $11 THEN number IN (SELECT number FROM inputs) END
		FROM (
			SELECT * FROM told WHERE ($9 IS NULL) = (tag IS NULL)
			UNION ALL
			SELECT * FROM zeros
		) AS rows
		JOIN units ON key = stated
		GROUP BY number, stated, name, level, sex, age_band, ethnicity, tag
	$query$, source)
	USING measures, ends, places, of_unit, at_level, on_map, plan_only, breakdown, tag_class, lacking, is_known;
END
$$;

-- What contributes to a window in one unit, for the functions below alone.
CREATE FUNCTION contributions_in(of_family text, from_day date, to_day date, of_unit text,
	plan_only boolean)
RETURNS SETOF contribution
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	ready integer := (places_ready(ARRAY[from_day], ARRAY[to_day]))[1];
	communes text[] := ARRAY(
		SELECT commune
		FROM indicator_places(of_unit, (SELECT level FROM units WHERE key = of_unit), 'current', plan_only)
	);
BEGIN
	IF NOT EXISTS (SELECT FROM indicator_families WHERE name = of_family) THEN
		RETURN;
	ELSIF ready IS NOT NULL THEN
		RETURN QUERY
		SELECT kept.subject, kept.place, kept.unit, sex, age, ethnicity, tags, denominators, numerators,
			denominator_weight, numerator_weight, excluded, missing
		FROM contributions AS kept
		WHERE family = of_family AND kept.place = ready AND kept.unit = ANY (communes);
	ELSE
		RETURN QUERY EXECUTE format(
			'SELECT * FROM contributions_%s(NULL, $1, today()) WHERE unit = ANY ($2)', of_family)
		USING ARRAY[(1, from_day, to_day)::indicator_window], communes;
	END IF;
END
$$;

-- How many are left out, and how many lack what, by reason.  A tag of:CODE says which indicators
-- somebody is left out of, when that is not all of the family.  needs NULL: whatever is missing.
CREATE FUNCTION indicator_reasons(of_family text, measure text, needs text[], from_day date,
	to_day date, of_unit text, plan_only boolean)
RETURNS TABLE (is_excluded boolean, reason text, subjects bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT excluded IS NOT NULL, reason, count(*)
	FROM contributions_in(of_family, from_day, to_day, of_unit, plan_only)
	CROSS JOIN unnest(CASE WHEN excluded IS NULL THEN missing ELSE ARRAY[excluded] END) AS reason
	WHERE caller_user() IS NOT NULL
		AND CASE
			WHEN excluded IS NULL THEN measure = ANY (denominators)
				AND measure <> ALL (coalesce(numerators, '{}'))
				AND (needs IS NULL OR reason = ANY (needs))
			ELSE NOT array_to_string(tags, ' ') ~ '\mof:' IS TRUE
				OR 'of:' || split_part(measure, ':', 1) = ANY (tags)
		END
	GROUP BY 1, 2
	ORDER BY 1, 2
$$;

-- Those of the ids that the caller sees; runs with the rights of lachan_reader, for which the row
-- policies hold.
CREATE FUNCTION visible_subjects(kind text, ids uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT id FROM people WHERE kind = 'people' AND id = ANY (ids)
	UNION ALL
	SELECT id FROM crimes WHERE kind = 'crimes' AND id = ANY (ids)
	UNION ALL
	SELECT id FROM hotspots WHERE kind = 'hotspots' AND id = ANY (ids)
	UNION ALL
	SELECT id FROM union_organizations WHERE kind = 'union_organizations' AND id = ANY (ids)
	UNION ALL
	SELECT id FROM key_communes WHERE kind = 'key_communes' AND id = ANY (ids)
	UNION ALL
	SELECT id FROM institutions WHERE kind = 'institutions' AND id = ANY (ids)
$$;

-- Where each of them stands, whose desk it is on, and since when.
CREATE FUNCTION subject_desks(kind text, ids uuid[])
RETURNS TABLE (id uuid, unit text, desk text, since date)
LANGUAGE sql STABLE
AS $$
	SELECT id, unit, coalesce((SELECT committee_of(unit) LIMIT 1), organization), status_since
	FROM people WHERE kind = 'people' AND id = ANY (ids)
	UNION ALL
	SELECT id, unit, coalesce(detecting_organization, organization), detected_on
	FROM crimes WHERE kind = 'crimes' AND id = ANY (ids)
	UNION ALL
	SELECT id, unit, organization, greatest(detected_on, reformed_on)
	FROM hotspots WHERE kind = 'hotspots' AND id = ANY (ids)
	UNION ALL
	SELECT id, unit, organization, active_from
	FROM union_organizations WHERE kind = 'union_organizations' AND id = ANY (ids)
	UNION ALL
	SELECT id, unit, coalesce((SELECT committee_of(unit) LIMIT 1), organization), valid_from
	FROM key_communes WHERE kind = 'key_communes' AND id = ANY (ids)
	UNION ALL
	SELECT id, unit, coalesce(managed_by, organization), opened_on
	FROM institutions WHERE kind = 'institutions' AND id = ANY (ids)
$$;

-- Who is counted and who is missing, as far as the caller sees them; the missing come first.  It is
-- in the audit like any other list of records.
CREATE FUNCTION indicator_list(of_family text, measure text, needs text[], from_day date, to_day date,
	of_unit text, plan_only boolean, of_kind text, most integer)
RETURNS TABLE (subject uuid, counted boolean, missing text, unit text, desk text, since date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	wanted contribution[];
	seen uuid[];
BEGIN
	IF caller_user() IS NULL THEN
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

-- What an answer depends on, besides the question and who asks: told before anything is computed.
CREATE FUNCTION figures_version() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
RETURN (SELECT data_version || ' ' || today() FROM indicator_state);

ALTER FUNCTION visible_subjects OWNER TO lachan_reader;
GRANT SELECT ON people, crimes, hotspots, union_organizations, key_communes, institutions TO lachan_reader;

REVOKE ALL ON FUNCTION people_move_note, contribution_note, contribution_note_person, figures_basis,
	figures_check, indicator_parameter_set, windows_begun, cells_add, contributions_update,
	windows_ready, people_next_on, clock_set, figures_fill, figures_pass_days, figures_refresh,
	figures_withdraw, figures_rebuild, places_ready, indicator_cells, contributions_in,
	indicator_reasons, visible_subjects, subject_desks, indicator_list, figures_version
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION visible_subjects TO lachan_owner;
GRANT EXECUTE ON FUNCTION indicator_parameter_set, figures_refresh, figures_withdraw, figures_rebuild,
	indicator_cells, indicator_reasons, indicator_list, figures_version
TO lachan_service;
