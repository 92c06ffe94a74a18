SELECT period, unit, status, submission, organization = caller_organization(), kind,
	(SELECT level FROM units WHERE key = unit)
FROM reports
WHERE id = $1::uuid AND voided_at IS NULL
