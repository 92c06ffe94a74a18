-- Tasks as a tree: clause of the plan → task of an agency → what is given to an organisation for a
-- period → what that one gives to localities → progress with evidence → rating.

ALTER TABLE task_assignments
	ADD COLUMN part_of uuid REFERENCES task_assignments,
	ADD COLUMN percent smallint,
	ADD COLUMN rating text CHECK (rating IN ('exceeded', 'met', 'partly_met', 'not_met'));

CREATE INDEX task_assignments_part_of ON task_assignments (part_of) WHERE part_of IS NOT NULL;
CREATE INDEX task_assignments_open ON task_assignments (due_on)
WHERE completed_on IS NULL AND voided_at IS NULL;

-- Agency 1 gives tasks to whoever holds them; whoever was given one gives parts of it on.
CREATE FUNCTION task_assignments_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	whole task_assignments;
BEGIN
	IF TG_OP = 'UPDATE' AND NEW.due_on = OLD.due_on THEN
		RETURN NEW;
	END IF;
	IF NEW.part_of IS NULL THEN
		IF caller_agency() <> 1 THEN
			PERFORM refuse('LC403', 'row_not_allowed');
		END IF;
		RETURN NEW;
	END IF;
	SELECT * INTO whole
	FROM task_assignments
	WHERE id = NEW.part_of AND task = NEW.task AND period = NEW.period AND voided_at IS NULL;
	IF NOT FOUND THEN
		PERFORM refuse('LC422', 'wrong_assignment', '/part_of');
	ELSIF caller_agency() <> 1 AND whole.assignee <> caller_organization() THEN
		PERFORM refuse('LC403', 'row_not_allowed');
	ELSIF whole.assignee = NEW.assignee THEN
		PERFORM refuse('LC422', 'not_to_oneself', '/assignee');
	ELSIF NEW.due_on > whole.due_on THEN
		PERFORM refuse('LC422', 'after_whole', '/due_on', whole.due_on::text);
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER task_assignments_check
BEFORE INSERT OR UPDATE ON task_assignments
FOR EACH ROW WHEN (current_user = 'lachan_service')
EXECUTE FUNCTION task_assignments_check();

CREATE OR REPLACE FUNCTION task_progress_tell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE task_assignments
	SET progress_status = NEW.status,
		percent = CASE WHEN NEW.status IN ('submitted', 'accepted') THEN NEW.percent ELSE percent END,
		rating = CASE WHEN NEW.status = 'accepted' THEN coalesce(NEW.rating, rating) ELSE rating END,
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

-- Tasks that recur are opened for each period that runs, for whoever holds them now.  Half-yearly
-- ones for half a year and for the year, yearly and standing ones for the year.
CREATE FUNCTION task_instances_open() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	WITH opened AS (
		INSERT INTO task_assignments (id, task, assignee, period, due_on, organization, created_by)
		SELECT uuid_v7(), tasks.id, held.organization, period.code, period.last_day_on_time, police(),
			'00000000-0000-0000-0000-000000000000'
		FROM reporting_periods AS period
		JOIN tasks ON CASE period.kind
			WHEN 'six_month' THEN tasks.recurrence = 'half_yearly'
			WHEN 'annual' THEN tasks.recurrence IN ('half_yearly', 'yearly', 'continuous')
		END
		JOIN organization_agencies AS held ON held.agency = tasks.agency
			AND held.is_main
			AND today() BETWEEN held.valid_from AND coalesce(held.valid_to, 'infinity')
		WHERE today() BETWEEN period.starts_on AND period.ends_on
			AND NOT EXISTS (
				SELECT FROM task_assignments AS given
				WHERE given.task = tasks.id AND given.assignee = held.organization
					AND given.period = period.code AND given.voided_at IS NULL
			)
		ON CONFLICT DO NOTHING
		RETURNING id
	)
	SELECT count(*) FROM opened
$$;

REVOKE ALL ON FUNCTION task_instances_open FROM PUBLIC;
GRANT EXECUTE ON FUNCTION task_instances_open TO lachan_service;

-- How a task stands: its own assignments, or of a common task those of the tasks that carry it out.
CREATE VIEW task_trees WITH (security_invoker = true) AS
SELECT tasks.id, tasks.code, tasks.section, tasks.agency, tasks.title_vi, tasks.title_en,
	tasks.recurrence, tasks.due_on, tasks.target,
	stands.assigned, stands.completed, stands.overdue, stands.percent,
	(
		SELECT json_agg(json_build_object('code', other.code, 'agency', other.agency, 'title_vi',
			other.title_vi, 'title_en', other.title_en) ORDER BY other.code)
		FROM task_links
		JOIN tasks AS other ON other.code = task_links.carried_out_by
		WHERE task_links.task = tasks.code
	) AS carried_out_by,
	(
		SELECT json_agg(json_build_object('code', other.code, 'title_vi', other.title_vi, 'title_en',
			other.title_en) ORDER BY other.code)
		FROM task_links
		JOIN tasks AS other ON other.code = task_links.task
		WHERE task_links.carried_out_by = tasks.code
	) AS carries_out,
	(
		SELECT json_agg(json_build_object(
			'id', given.id, 'assignee', given.assignee, 'period', given.period, 'due_on', given.due_on,
			'completed_on', given.completed_on,
			'is_overdue', given.completed_on IS NULL AND given.due_on < today(),
			'percent', given.percent, 'rating', given.rating, 'progress', (
				SELECT json_build_object('reported_on', last.reported_on, 'status', last.status,
					'percent', last.percent, 'summary', last.summary, 'evidence', last.evidence,
					'rating', last.rating)
				FROM task_progress AS last
				WHERE last.assignment = given.id AND last.voided_at IS NULL
				ORDER BY last.reported_on DESC, last.id DESC
				LIMIT 1
			), 'parts', (
				SELECT json_agg(json_build_object('id', part.id, 'assignee', part.assignee, 'due_on',
					part.due_on, 'completed_on', part.completed_on,
					'is_overdue', part.completed_on IS NULL AND part.due_on < today(),
					'percent', part.percent, 'rating', part.rating)
					ORDER BY part.due_on, part.assignee COLLATE "C")
				FROM task_assignments AS part
				WHERE part.part_of = given.id AND part.voided_at IS NULL
			)) ORDER BY given.due_on DESC, given.assignee COLLATE "C")
		FROM task_assignments AS given
		WHERE given.task = tasks.id AND given.part_of IS NULL AND given.voided_at IS NULL
			AND given.due_on >= today() - 400
	) AS assignments
FROM tasks
CROSS JOIN LATERAL (
	SELECT count(*) AS assigned, count(given.completed_on) AS completed,
		count(*) FILTER (WHERE given.completed_on IS NULL AND given.due_on < today()) AS overdue,
		round(avg(coalesce(given.percent, 0)))::integer AS percent
	FROM tasks AS counted
	JOIN task_assignments AS given ON given.task = counted.id AND given.voided_at IS NULL
	WHERE counted.id = tasks.id
		OR counted.code IN (SELECT carried_out_by FROM task_links WHERE task_links.task = tasks.code)
) AS stands;

-- The same for each agency and period: what is overdue rolls up.
CREATE VIEW task_overview WITH (security_invoker = true) AS
SELECT given.period || '-' || tasks.agency AS id, tasks.agency, given.period,
	count(DISTINCT tasks.id) AS tasks, count(*) AS assigned, count(given.completed_on) AS completed,
	count(*) FILTER (WHERE given.progress_status = 'submitted') AS to_decide,
	count(*) FILTER (WHERE given.completed_on IS NULL AND given.due_on < today()) AS overdue,
	round(avg(coalesce(given.percent, 0)))::integer AS percent
FROM task_assignments AS given
JOIN tasks ON tasks.id = given.task
WHERE given.voided_at IS NULL AND tasks.agency IS NOT NULL
GROUP BY tasks.agency, given.period;

GRANT SELECT ON task_trees, task_overview TO lachan_service;
