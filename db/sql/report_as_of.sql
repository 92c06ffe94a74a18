-- The figures that were submitted for a unit and a period, as they stood at a moment; of several
-- organisations the one whose report came last.
SELECT indicator, figure
FROM report_figures
WHERE (report, submission) = (
		SELECT submitted.report, submitted.submission
		FROM report_figures AS submitted
		JOIN reports ON reports.id = submitted.report AND reports.voided_at IS NULL
		WHERE reports.unit = $1 AND reports.period = $2 AND submitted.submitted_at <= $3::timestamptz
		ORDER BY submitted.submitted_at DESC
		LIMIT 1
	)
	AND ($4::text IS NULL OR indicator = $4)
	AND CASE WHEN $5::text IS NULL THEN is_headline ELSE definition = $5 END
ORDER BY indicator, definition
