-- Section VI: what each organisation reports for a period.  While a report is a draft its figures are
-- those of the records; a submission freezes them, with what was typed beside them.

CREATE TABLE reports (
	id uuid PRIMARY KEY,
	period text NOT NULL REFERENCES reporting_periods,
	kind text NOT NULL DEFAULT 'organization' CHECK (kind IN ('organization', 'consolidated')),
	unit text NOT NULL REFERENCES units,
	status text NOT NULL DEFAULT 'draft'
		CHECK (status IN ('draft', 'submitted', 'received', 'returned', 'accepted', 'consolidated')),
	due_on date NOT NULL,
	note text,
	return_reason text,
	submission integer NOT NULL DEFAULT 0, -- how often it was submitted
	first_submitted_at timestamptz,
	submitted_at timestamptz,
	figures_hash text CHECK (figures_hash ~ '^[0-9a-f]{64}$'),
	records_hash text CHECK (records_hash ~ '^[0-9a-f]{64}$'),
	received_at timestamptz,
	accepted_at timestamptz,
	countersigned_by uuid,
	countersigned_at timestamptz,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT reports__return_reason__required_when
		CHECK (status <> 'returned' OR return_reason IS NOT NULL)
);

CREATE UNIQUE INDEX reports__period__duplicate ON reports (organization, period, kind)
WHERE voided_at IS NULL;
CREATE INDEX reports_period ON reports (period, id);
CREATE INDEX reports_updated_at ON reports (updated_at, id);
CREATE INDEX reports_figures ON reports (unit, period);

-- Typed beside a computed figure, by the organisation that reports.
CREATE TABLE report_entries (
	id uuid PRIMARY KEY,
	report uuid NOT NULL REFERENCES reports,
	indicator text NOT NULL REFERENCES targets (code),
	definition text,
	numerator bigint CHECK (numerator >= 0),
	denominator bigint CHECK (denominator >= 0),
	value numeric,
	reason text,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT report_entries__value__required
		CHECK (num_nonnulls(numerator, denominator, value) > 0)
);

CREATE UNIQUE INDEX report_entries__indicator__duplicate
ON report_entries (report, indicator, coalesce(definition, '')) WHERE voided_at IS NULL;
CREATE INDEX report_entries_updated_at ON report_entries (updated_at, id);

-- A submission as it was: `figure` is the row of the indicator to the byte, for ever.
CREATE TABLE report_figures (
	report uuid NOT NULL REFERENCES reports,
	submission integer NOT NULL,
	indicator text NOT NULL,
	definition text NOT NULL,
	is_headline boolean NOT NULL,
	submitted_at timestamptz NOT NULL,
	figure text NOT NULL,
	entry jsonb, -- what was typed
	PRIMARY KEY (report, submission, indicator, definition)
);

CREATE FUNCTION report_figures_stay() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	RAISE EXCEPTION 'a submitted figure is not changed';
END
$$;

CREATE TRIGGER report_figures_stay
BEFORE UPDATE OR DELETE OR TRUNCATE ON report_figures
FOR EACH STATEMENT EXECUTE FUNCTION report_figures_stay();

-- While it is on somebody else's desk, the report says where.
CREATE FUNCTION report_refuse_change(status text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	IF status IN ('accepted', 'consolidated') THEN
		PERFORM refuse('LC409', 'report_accepted');
	END IF;
	PERFORM refuse('LC409', 'report_submitted');
END
$$;

-- draft → submitted (by report_submit) → received → accepted or returned → submitted …; agency 1
-- decides, and its admin alone opens an accepted report again, with a reason.
CREATE FUNCTION reports_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	is_ours boolean := NEW.organization = caller_organization();
BEGIN
	IF TG_OP = 'INSERT' THEN
		IF NEW.status <> 'draft' THEN
			PERFORM refuse('LC409', 'transition_not_allowed', '/status', '–');
		ELSIF NEW.kind = 'consolidated' AND caller_agency() <> 1 THEN
			PERFORM refuse('LC403', 'row_not_allowed');
		END IF;
		SELECT last_day_on_time INTO NEW.due_on
		FROM reporting_periods
		WHERE code = NEW.period AND starts_on <= today();
		IF NOT FOUND THEN
			PERFORM refuse('LC422', 'no_such_record', '/period');
		END IF;
		NEW.unit := CASE NEW.kind
			WHEN 'consolidated' THEN (
				SELECT key FROM units WHERE level = 'province' AND valid_to IS NULL AND in_plan
			)
			ELSE (SELECT unit FROM organizations WHERE code = NEW.organization)
		END;
		RETURN NEW;
	ELSIF NEW.voided_at IS NOT NULL THEN
		IF OLD.status NOT IN ('draft', 'returned') THEN
			PERFORM report_refuse_change(OLD.status);
		END IF;
		RETURN NEW;
	ELSIF NEW.status = OLD.status THEN
		IF NOT is_ours THEN
			PERFORM refuse('LC403', 'row_not_allowed');
		ELSIF OLD.status NOT IN ('draft', 'returned') THEN
			PERFORM report_refuse_change(OLD.status);
		END IF;
		RETURN NEW;
	ELSIF NOT (
		(OLD.status = 'submitted' AND NEW.status IN ('received', 'returned'))
		OR (OLD.status = 'received' AND NEW.status IN ('accepted', 'returned') AND OLD.kind = 'organization')
		OR (OLD.status = 'accepted' AND NEW.status = 'returned')
	) THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/status', OLD.status);
	ELSIF caller_agency() <> 1 OR NEW.note IS DISTINCT FROM OLD.note THEN
		PERFORM refuse('LC403', 'row_not_allowed');
	ELSIF OLD.status = 'accepted' AND caller_role() <> 'admin' THEN
		PERFORM report_refuse_change(OLD.status);
	END IF;
	NEW.received_at := CASE WHEN NEW.status = 'received' THEN now() ELSE OLD.received_at END;
	NEW.accepted_at := CASE WHEN NEW.status = 'accepted' THEN now() END;
	RETURN NEW;
END
$$;

CREATE TRIGGER reports_check
BEFORE INSERT OR UPDATE ON reports
FOR EACH ROW WHEN (current_user = 'lachan_service')
EXECUTE FUNCTION reports_check();

CREATE FUNCTION report_entries_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	whole reports;
BEGIN
	SELECT * INTO whole FROM reports WHERE id = NEW.report AND voided_at IS NULL;
	IF NOT FOUND THEN
		PERFORM refuse('LC404', 'not_found');
	ELSIF whole.organization <> caller_organization() THEN
		PERFORM refuse('LC403', 'row_not_allowed');
	ELSIF whole.status NOT IN ('draft', 'returned') THEN
		PERFORM report_refuse_change(whole.status);
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER report_entries_check
BEFORE INSERT OR UPDATE ON report_entries
FOR EACH ROW EXECUTE FUNCTION report_entries_check();

-- SHA-256 of what the figures of a unit and a window are made of, row by row.
CREATE FUNCTION report_records_hash(of_unit text, of_period text) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	hash bytea := '';
BEGIN
	SELECT sha256(coalesce(string_agg(sha256(convert_to(kept::text, 'UTF8')), ''
		ORDER BY family COLLATE "C", subject), ''))
	INTO hash
	FROM contributions AS kept
	JOIN indicator_windows AS windows USING (place)
	WHERE period = of_period
		AND kept.unit IN (
			SELECT commune
			FROM indicator_places(of_unit, (SELECT level FROM units WHERE key = of_unit), 'current', false)
		);
	RETURN encode(hash, 'hex');
END
$$;

-- Freezes what the caller was shown, if nothing has changed since: `figures` is an array of
-- {indicator, definition, is_headline, figure, entry}, computed from the data of that version.
CREATE FUNCTION report_submit(of_report uuid, from_version bigint, figures jsonb, hash text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	whole reports;
BEGIN
	SELECT * INTO whole
	FROM reports
	WHERE id = of_report AND organization = caller_organization() AND voided_at IS NULL
		AND caller_role() IN ('officer', 'admin', 'service')
	FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM refuse('LC403', 'row_not_allowed');
	ELSIF whole.status NOT IN ('draft', 'returned') THEN
		PERFORM report_refuse_change(whole.status);
	ELSIF (SELECT ends_on >= today() FROM reporting_periods WHERE code = whole.period) THEN
		PERFORM refuse('LC409', 'period_not_over');
	ELSIF (SELECT data_version <> from_version FROM indicator_state) THEN
		PERFORM refuse('LC503', 'figures_changing');
	END IF;
	UPDATE reports
	SET status = 'submitted',
		submission = submission + 1,
		submitted_at = now(),
		first_submitted_at = coalesce(first_submitted_at, now()),
		figures_hash = hash,
		records_hash = report_records_hash(unit, period),
		received_at = NULL,
		version = version + 1,
		updated_at = now()
	WHERE id = of_report;
	INSERT INTO report_figures (report, submission, indicator, definition, is_headline, submitted_at,
		figure, entry)
	SELECT of_report, whole.submission + 1, one.indicator, one.definition, one.is_headline, now(),
		one.figure, one.entry
	FROM jsonb_to_recordset(figures)
		AS one (indicator text, definition text, is_headline boolean, figure text, entry jsonb);
	INSERT INTO audit (action, resource, records) VALUES ('submit', 'reports', ARRAY[of_report]);
END
$$;

-- The Youth Union signs the consolidated report beside agency 1; with it the accepted reports of the
-- period are consolidated.
CREATE FUNCTION report_countersign(of_report uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	whole reports;
BEGIN
	IF caller_agency() <> 17 OR caller_role() NOT IN ('officer', 'admin') THEN
		PERFORM refuse('LC403', 'row_not_allowed');
	END IF;
	SELECT * INTO whole
	FROM reports
	WHERE id = of_report AND kind = 'consolidated' AND voided_at IS NULL
	FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM refuse('LC403', 'row_not_allowed');
	ELSIF whole.status <> 'submitted' THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/status', whole.status);
	END IF;
	UPDATE reports
	SET status = 'consolidated', countersigned_by = caller_user(), countersigned_at = now(),
		accepted_at = coalesce(accepted_at, now()), version = version + 1, updated_at = now()
	WHERE id = of_report
		OR (period = whole.period AND kind = 'organization' AND status = 'accepted' AND voided_at IS NULL);
	INSERT INTO audit (action, resource, records) VALUES ('countersign', 'reports', ARRAY[of_report]);
END
$$;

-- Who owes a report for each period that has begun, and whether it came in time.
CREATE VIEW reports_owed AS
SELECT period.code || '-' || owed.organization AS id, period.code AS period,
	owed.organization, owed.agency, organizations.unit, reports.id AS report,
	coalesce(reports.status, 'missing') AS status,
	period.last_day_on_time AS due_on,
	(reports.first_submitted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS submitted_on,
	(reports.first_submitted_at IS NOT NULL)::integer AS submitted,
	coalesce((reports.first_submitted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date <= period.last_day_on_time,
		false)::integer AS on_time,
	(reports.first_submitted_at IS NULL AND period.last_day_on_time < today()) AS is_overdue,
	greatest(coalesce((reports.first_submitted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, today())
		- period.last_day_on_time, 0) AS days_late
FROM reporting_periods AS period
JOIN LATERAL (
	SELECT organization, min(agency) AS agency
	FROM organization_agencies
	WHERE is_main
		AND valid_from <= least(period.ends_on, today())
		AND coalesce(valid_to, 'infinity') >= least(period.ends_on, today())
	GROUP BY organization
) AS owed ON true
JOIN organizations ON organizations.code = owed.organization
LEFT JOIN reports ON reports.period = period.code AND reports.organization = owed.organization
	AND reports.kind = 'organization' AND reports.voided_at IS NULL
WHERE period.starts_on <= today();

-- Each organisation sees its own; agencies 1 and 17 all.
CREATE VIEW report_completeness AS
SELECT *
FROM reports_owed
WHERE caller_user() IS NOT NULL
	AND (caller_agency() IN (1, 17) OR organization = caller_organization());

-- How many of those that owe a report for a unit (for the province all of them) have sent it.
CREATE FUNCTION report_coverage(of_unit text, of_period text)
RETURNS TABLE (due bigint, submitted bigint, on_time bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT count(*), coalesce(sum(owed.submitted), 0), coalesce(sum(owed.on_time), 0)
	FROM reports_owed AS owed
	JOIN units AS asked ON asked.key = of_unit
	WHERE owed.period = of_period
		AND caller_user() IS NOT NULL
		AND (asked.level = 'province' OR owed.unit = of_unit OR owed.unit IN (
			SELECT commune FROM indicator_places(of_unit, asked.level, 'current', false)
		))
$$;

GRANT SELECT ON report_completeness TO lachan_service;

REVOKE ALL ON FUNCTION report_records_hash, report_submit, report_countersign, report_coverage FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report_submit, report_countersign, report_coverage TO lachan_service;
