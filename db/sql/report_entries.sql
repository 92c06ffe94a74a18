SELECT indicator, definition, numerator, denominator, value, reason
FROM report_entries
WHERE report = $1::uuid AND voided_at IS NULL
