-- What documents say of the years before the programme.  A province that others were merged into is
-- their sum, when each of them has one; on the plan's basis it is those of the plan.
WITH approved AS (
	SELECT baselines.unit, period, baselines.numerator, baselines.denominator, value
	FROM baselines
	WHERE indicator = $1 AND status = 'approved' AND voided_at IS NULL
), former AS (
	SELECT key, successor FROM units WHERE level = 'province' AND successor IS NOT NULL AND (in_plan OR NOT $2::boolean)
)
SELECT unit, period, numerator, denominator, (value * 100)::bigint
FROM approved
WHERE NOT ($2::boolean AND unit IN (SELECT successor FROM former))
UNION ALL
SELECT successor, period, sum(numerator), sum(denominator), NULL
FROM former
JOIN approved ON unit = key
WHERE NOT EXISTS (
	SELECT FROM approved AS own
	WHERE own.unit = successor AND own.period = approved.period AND NOT $2::boolean
)
GROUP BY successor, period
HAVING count(numerator) = (SELECT count(*) FROM former AS all_former WHERE all_former.successor = former.successor)
