-- The figures of the last submission.
SELECT indicator, definition, is_headline, figure, entry ->> 'numerator', entry ->> 'denominator',
	entry ->> 'value', entry ->> 'reason'
FROM report_figures
WHERE report = $1::uuid AND submission = (SELECT submission FROM reports WHERE id = $1::uuid)
ORDER BY indicator, definition
