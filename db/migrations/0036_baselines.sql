-- A baseline of people below the province is read by those alone who read people there; figures are
-- the same for everybody, so they take it past the row policies.

-- What documents say of the years before the programme.  A province that others were merged into is
-- their sum, when each of them has one; on the plan's basis it is those of the plan.
CREATE FUNCTION indicator_baselines(of_indicator text, plan_only boolean)
RETURNS TABLE (unit text, period text, numerator bigint, denominator bigint, hundredths bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	WITH approved AS (
		SELECT baselines.unit, baselines.period, baselines.numerator, baselines.denominator, value
		FROM baselines
		WHERE indicator = of_indicator AND status = 'approved' AND voided_at IS NULL
			AND caller_user() IS NOT NULL
	), former AS (
		SELECT key, successor
		FROM units
		WHERE level = 'province' AND successor IS NOT NULL AND (in_plan OR NOT plan_only)
	)
	SELECT approved.unit, approved.period, approved.numerator, approved.denominator, (value * 100)::bigint
	FROM approved
	WHERE NOT (plan_only AND approved.unit IN (SELECT successor FROM former))
	UNION ALL
	SELECT successor, approved.period, sum(approved.numerator), sum(approved.denominator), NULL
	FROM former
	JOIN approved ON approved.unit = key
	WHERE NOT EXISTS (
		SELECT FROM approved AS own
		WHERE own.unit = successor AND own.period = approved.period AND NOT plan_only
	)
	GROUP BY successor, approved.period
	HAVING count(approved.numerator)
		= (SELECT count(*) FROM former AS all_former WHERE all_former.successor = former.successor)
$$;

REVOKE ALL ON FUNCTION indicator_baselines FROM PUBLIC;
GRANT EXECUTE ON FUNCTION indicator_baselines TO lachan_service;
