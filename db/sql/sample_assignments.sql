-- The tasks of this year's periods and who holds their agency today.
SELECT tasks.id, tasks.title_vi, organization_agencies.organization, reporting_periods.code,
	reporting_periods.starts_on, reporting_periods.ends_on, reporting_periods.last_day_on_time
FROM tasks
JOIN organization_agencies ON organization_agencies.agency = tasks.agency
	AND organization_agencies.valid_from <= $1::date
	AND coalesce(organization_agencies.valid_to, 'infinity') >= $1::date
JOIN reporting_periods ON reporting_periods.kind = 'annual'
	OR reporting_periods.kind = 'six_month' AND tasks.recurrence IN ('continuous', 'half_yearly')
WHERE reporting_periods.year = extract(year FROM $1::date + 17)
ORDER BY tasks.code, organization_agencies.organization COLLATE "C", reporting_periods.code
