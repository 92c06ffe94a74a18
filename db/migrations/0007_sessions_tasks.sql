CREATE TABLE training_sessions (
	id uuid PRIMARY KEY,
	kind text NOT NULL CHECK (kind IN ('communication', 'training', 'family_court', 'extracurricular', 'study_visit')),
	title text NOT NULL,
	status text NOT NULL CHECK (status IN ('planned', 'held', 'cancelled')),
	held_on date NOT NULL,
	audience text[] NOT NULL CHECK (audience <@ '{students,staff,parents,youth,community,officials}'),
	institution uuid REFERENCES institutions,
	unit text NOT NULL REFERENCES units,
	students integer CHECK (students >= 0),
	staff integer CHECK (staff >= 0),
	others integer CHECK (others >= 0),
	topic text,
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
	CONSTRAINT training_sessions__audience__wrong_number_of_items CHECK (cardinality(audience) > 0),
	CONSTRAINT training_sessions__external_id__duplicate UNIQUE (source, external_id)
);

CREATE INDEX training_sessions_unit ON training_sessions (unit, id);
CREATE INDEX training_sessions_held_on ON training_sessions (held_on, id);
CREATE INDEX training_sessions_institution ON training_sessions (institution, held_on)
WHERE institution IS NOT NULL;
CREATE INDEX training_sessions_updated_at ON training_sessions (updated_at, id);

CREATE FUNCTION training_sessions_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF TG_OP = 'INSERT' OR (NEW.unit, NEW.held_on) IS DISTINCT FROM (OLD.unit, OLD.held_on) THEN
		PERFORM check_commune(NEW.unit, NEW.held_on, '/unit');
	END IF;
	IF NEW.status = 'held' AND NEW.held_on > today() THEN
		PERFORM refuse('LC422', 'in_future', '/held_on');
	END IF;
	IF TG_OP = 'UPDATE' AND OLD.status = 'cancelled' AND NEW.status <> 'cancelled' THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/status', OLD.status);
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER training_sessions_check
BEFORE INSERT OR UPDATE ON training_sessions
FOR EACH ROW EXECUTE FUNCTION training_sessions_check();

CREATE FUNCTION institutions_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF TG_OP = 'INSERT' OR NEW.unit <> OLD.unit THEN
		PERFORM check_commune(NEW.unit, least(today(), NEW.closed_on), '/unit');
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER institutions_check
BEFORE INSERT OR UPDATE ON institutions
FOR EACH ROW EXECUTE FUNCTION institutions_check();

-- A task of the plan given to an organisation for one reporting period.
CREATE TABLE task_assignments (
	id uuid PRIMARY KEY,
	task uuid NOT NULL REFERENCES tasks,
	assignee text NOT NULL REFERENCES organizations,
	period text NOT NULL REFERENCES reporting_periods,
	due_on date NOT NULL,
	completed_on date,
	progress_status text CHECK (progress_status IN ('draft', 'submitted', 'accepted', 'returned')),
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

CREATE UNIQUE INDEX task_assignments__assignee__duplicate ON task_assignments (task, assignee, period)
WHERE voided_at IS NULL;
CREATE INDEX task_assignments_task ON task_assignments (task, id);
CREATE INDEX task_assignments_assignee ON task_assignments (assignee, due_on);
CREATE INDEX task_assignments_updated_at ON task_assignments (updated_at, id);

CREATE TABLE task_progress (
	id uuid PRIMARY KEY,
	task uuid NOT NULL REFERENCES tasks,
	assignment uuid NOT NULL REFERENCES task_assignments,
	reported_on date NOT NULL,
	status text NOT NULL CHECK (status IN ('draft', 'submitted', 'accepted', 'returned')),
	percent smallint NOT NULL CHECK (percent BETWEEN 0 AND 100),
	summary text NOT NULL,
	evidence text,
	rating text CHECK (rating IN ('exceeded', 'met', 'partly_met', 'not_met')),
	return_reason text,
	organization text NOT NULL DEFAULT caller_organization() REFERENCES organizations,
	created_by uuid NOT NULL DEFAULT caller_user(),
	version bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	voided_at timestamptz,
	voided_by uuid,
	void_reason text,
	CONSTRAINT task_progress__return_reason__required_when
		CHECK (status <> 'returned' OR return_reason IS NOT NULL)
);

CREATE INDEX task_progress_task ON task_progress (task, id);
CREATE INDEX task_progress_assignment ON task_progress (assignment, id);
CREATE INDEX task_progress_updated_at ON task_progress (updated_at, id);

-- Submitted by the assignee or a partner agency of the task; accepted or returned by agency 1.
CREATE FUNCTION task_progress_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	given task_assignments;
	decides boolean := NEW.status IN ('accepted', 'returned');
BEGIN
	SELECT * INTO given
	FROM task_assignments
	WHERE id = NEW.assignment AND task = NEW.task AND voided_at IS NULL;
	IF NOT FOUND THEN
		PERFORM refuse('LC422', 'wrong_assignment', '/assignment');
	END IF;
	IF TG_OP = 'INSERT' AND given.assignee <> caller_organization() AND NOT EXISTS (
		SELECT FROM tasks WHERE id = NEW.task AND caller_agency() = ANY (partner_agencies)
	) THEN
		PERFORM refuse('LC403', 'row_not_allowed');
	ELSIF TG_OP = 'INSERT' AND decides THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/status', '–');
	ELSIF TG_OP = 'UPDATE' AND NEW.status <> OLD.status AND NOT (
		(OLD.status IN ('draft', 'returned') AND NEW.status = 'submitted')
		OR (OLD.status = 'submitted' AND decides)
	) THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/status', OLD.status);
	ELSIF TG_OP = 'UPDATE' AND NEW.status <> OLD.status AND decides AND caller_agency() <> 1 THEN
		PERFORM refuse('LC403', 'row_not_allowed');
	ELSIF TG_OP = 'UPDATE' AND OLD.status = 'accepted' AND caller_agency() <> 1 THEN
		PERFORM refuse('LC403', 'row_not_allowed');
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER task_progress_check
BEFORE INSERT OR UPDATE ON task_progress
FOR EACH ROW EXECUTE FUNCTION task_progress_check();

CREATE FUNCTION task_progress_tell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE task_assignments
	SET progress_status = NEW.status,
		completed_on = CASE
			WHEN NEW.status = 'accepted' AND NEW.percent = 100 THEN NEW.reported_on
			ELSE completed_on
		END,
		version = version + 1,
		updated_at = now()
	WHERE id = NEW.assignment;
	RETURN NULL;
END
$$;

CREATE TRIGGER task_progress_tell
AFTER INSERT OR UPDATE OF status ON task_progress
FOR EACH ROW EXECUTE FUNCTION task_progress_tell();
