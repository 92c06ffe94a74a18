-- Cases of drug crime detected in the window: those with a suspect who was young at the offence (II.2.a),
-- and what became of those that concern young people (II.2.d), as it stands now.
CREATE OR REPLACE FUNCTION contributions_cases(subjects uuid[], windows indicator_window[], today date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	WITH suspects AS (
		SELECT crimes.id, place, crimes.unit, crimes.article, youth_related,
			count(participant.id) AS number,
			min(participant.age_at_offence) AS youngest
		FROM unnest(windows)
		JOIN crimes ON detected_on BETWEEN from_day AND to_day
		LEFT JOIN crime_participants AS participant
			ON participant.crime = crimes.id
			AND participant.role = 'suspect'
			AND participant.voided_at IS NULL
		WHERE crimes.voided_at IS NULL AND (subjects IS NULL OR crimes.id = ANY (subjects))
		GROUP BY crimes.id, place
	), reached AS (
		-- A case that goes back to be verified or investigated is open again.
		SELECT crime,
			bool_or(stage IN ('not_initiated', 'concluded_prosecute', 'investigation_dropped',
				'case_dropped', 'indicted', 'diverted', 'transferred', 'administrative')) AS resolved,
			bool_or(stage IN ('first_instance', 'appeal', 'in_force', 'executing', 'executed')) AS tried
		FROM (
			SELECT crime, stage, bool_or(stage IN ('source', 'verification', 'initiated', 'suspended',
				'investigation', 'returned')) OVER later AS is_undone
			FROM crime_stages
			WHERE voided_at IS NULL
				AND (subjects IS NULL OR crime = ANY (subjects))
			WINDOW later AS (PARTITION BY crime ORDER BY reached_on, id
				ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
		) AS stages
		WHERE NOT is_undone
		GROUP BY crime
	), judged AS (
		SELECT suspects.*, number > 0 AND youngest <= (SELECT indicator_parameter('youth_max_age')) AS by_young,
			coalesce(resolved, false) AS resolved, coalesce(tried, false) AS tried
		FROM suspects
		LEFT JOIN reached ON crime = suspects.id
	)
	SELECT id, place, unit, NULL::text, NULL::integer, NULL::text, ARRAY['article:' || article],
		offences || CASE WHEN youth_related THEN '{II.2.d:either,II.2.d:resolved,II.2.d:tried}'::text[]
			ELSE '{}' END,
		offences || array_remove(ARRAY[
			CASE WHEN youth_related AND (resolved OR tried) THEN 'II.2.d:either' END,
			CASE WHEN youth_related AND resolved THEN 'II.2.d:resolved' END,
			CASE WHEN youth_related AND tried THEN 'II.2.d:tried' END
		], NULL),
		1, 1,
		CASE
			WHEN by_young OR youth_related THEN NULL
			WHEN number = 0 THEN 'no_suspect'
			WHEN youngest IS NULL THEN 'age_unknown'
			ELSE 'too_old'
		END,
		CASE WHEN youth_related THEN array_remove(ARRAY[
			CASE WHEN NOT resolved THEN 'resolved' END,
			CASE WHEN NOT (resolved OR tried) THEN 'resolved_or_tried' END,
			CASE WHEN NOT tried THEN 'tried' END
		], NULL) ELSE '{}' END
	FROM judged
	CROSS JOIN LATERAL (
		SELECT CASE
			WHEN by_young IS NOT TRUE THEN '{}'::text[]
			WHEN article = '256a' THEN '{II.2.a:incl_256a}'::text[]
			ELSE '{II.2.a:excl_256a,II.2.a:incl_256a}'::text[]
		END AS offences
	) AS counted
$$;

REVOKE ALL ON FUNCTION contributions_cases FROM PUBLIC;
