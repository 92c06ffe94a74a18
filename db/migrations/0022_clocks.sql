-- The terms that run by law or by the plan, in one place: an officer's list of the morning.  What is
-- listed is what the caller may see: row policies hold for the tables beneath.

CREATE TABLE clock_kinds (
	kind text PRIMARY KEY,
	warn_days smallint NOT NULL CHECK (warn_days >= 0), -- before the term ends
	basis text NOT NULL
);

INSERT INTO clock_kinds VALUES
	('user_management', 30, '73/2021/QH14, 22–23: one year'),
	('rehab', 30, '73/2021/QH14, 28–33'),
	('post_rehab', 45, '73/2021/QH14, 40: one or two years'),
	('handover', 1, '120/2025/QH15: 24 hours'),
	('break_glass_review', 1, 'Within two working days'),
	('subject_request', 1, '356/2025/NĐ-CP: answer and execution'),
	('task', 14, '62/KH-UBND, IV'),
	('report', 5, '62/KH-UBND, VI.2');

-- Open terms that end within 90 days or have ended.
CREATE INDEX person_statuses_running ON person_statuses (ends_on)
WHERE ended_on IS NULL AND ends_on IS NOT NULL AND voided_at IS NULL;
CREATE INDEX handovers_waiting ON handovers (due_at) WHERE status = 'proposed' AND voided_at IS NULL;
CREATE INDEX break_glasses_waiting ON break_glasses (created_at)
WHERE review_status = 'open' AND voided_at IS NULL;

CREATE VIEW clocks WITH (security_invoker = true) AS
SELECT running.id, running.kind, running.person, running.unit, running.organization, running.starts_on,
	running.due_on, running.due_on - today() AS days_left,
	CASE
		WHEN running.is_past THEN 'breached'
		WHEN running.due_on - clock_kinds.warn_days <= today() THEN 'due_soon'
		ELSE 'running'
	END AS state, clock_kinds.basis
FROM (
	SELECT status.id, CASE status.status
			WHEN 'user' THEN 'user_management'
			WHEN 'in_rehab' THEN 'rehab'
			ELSE 'post_rehab'
		END AS kind, status.person, people.unit, status.organization, status.starts_on,
		status.ends_on AS due_on, status.ends_on < today() AS is_past
	FROM person_statuses AS status
	JOIN people ON people.id = status.person AND people.voided_at IS NULL
	WHERE status.status IN ('user', 'in_rehab', 'post_rehab')
		AND status.ended_on IS NULL AND status.ends_on IS NOT NULL AND status.voided_at IS NULL
		AND status.ends_on <= today() + 90
	UNION ALL
	SELECT id, 'handover', person, to_unit, committee_of(to_unit),
		(created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date,
		(due_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, due_at < now()
	FROM handovers
	WHERE status = 'proposed' AND voided_at IS NULL
	UNION ALL
	SELECT id, 'break_glass_review', person, NULL, to_organization,
		(created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date,
		due_on, due_on < today()
	FROM break_glasses
	CROSS JOIN LATERAL working_day_after((created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, 2) AS due_on
	WHERE review_status = 'open' AND voided_at IS NULL
	UNION ALL
	SELECT id, 'subject_request', person, unit, organization, received_on, due_on, due_on < today()
	FROM subject_requests
	CROSS JOIN LATERAL (
		SELECT CASE status WHEN 'received' THEN answer_due_on ELSE execution_due_on END AS due_on
	) AS term
	WHERE status <> 'refused' AND executed_on IS NULL AND voided_at IS NULL
	UNION ALL
	SELECT given.id, 'task', NULL, organizations.unit, given.assignee,
		(given.created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, given.due_on, given.due_on < today()
	FROM task_assignments AS given
	JOIN organizations ON organizations.code = given.assignee
	WHERE given.completed_on IS NULL AND given.voided_at IS NULL AND given.due_on <= today() + 90
		AND (given.assignee = caller_organization() OR given.organization = caller_organization())
	UNION ALL
	SELECT md5(owed.id)::uuid, 'report', NULL, owed.unit, owed.organization, period.starts_on, owed.due_on,
		owed.due_on < today()
	FROM report_completeness AS owed
	JOIN reporting_periods AS period ON period.code = owed.period
	WHERE owed.submitted = 0 AND owed.due_on <= today() + 90
) AS running
JOIN clock_kinds USING (kind);

GRANT SELECT ON clocks TO lachan_service;
