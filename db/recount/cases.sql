-- Cases of drug crime and hotspots: II.2.

-- II.2.a: cases with a suspect who was young at the offence; II.2.d: what became of those in which anybody
-- young took part, was harmed or lured, or which are said to concern the young.
CREATE OR REPLACE FUNCTION recount_cases(windows indicator_window[], today date) RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	WITH cases AS (
		SELECT place, crimes.id, unit, article, young > 0 OR youth_related_reason IS NOT NULL AS of_youth,
			young_suspects > 0 AS by_youth, coalesce(is_resolved, false) AS is_resolved,
			coalesce(is_tried, false) AS is_tried
		FROM unnest(windows)
		JOIN crimes ON detected_on BETWEEN from_day AND to_day
		CROSS JOIN LATERAL (
			SELECT count(*) AS young, count(*) FILTER (WHERE role = 'suspect') AS young_suspects
			FROM crime_participants AS participant
			LEFT JOIN people ON people.id = person
			WHERE crime = crimes.id
				AND role IN ('suspect', 'victim', 'lured')
				AND participant.voided_at IS NULL
				AND age_on(coalesce(people.born_by, participant.born_by),
						coalesce(occurred_on, detected_on))
					<= (SELECT indicator_parameter('youth_max_age'))
		) AS participants
		CROSS JOIN LATERAL (
			SELECT bool_or(crime_stages.stage IN ('not_initiated', 'concluded_prosecute',
					'investigation_dropped', 'case_dropped', 'indicted', 'diverted',
					'transferred', 'administrative')) AS is_resolved,
				bool_or(crime_stages.stage IN ('first_instance', 'appeal', 'in_force',
					'executing', 'executed')) AS is_tried
			FROM crime_stages
			WHERE crime = crimes.id
				AND crime_stages.voided_at IS NULL
				AND NOT EXISTS (
					SELECT
					FROM crime_stages AS later
					WHERE crime = crimes.id
						AND voided_at IS NULL
						AND (reached_on, id) > (crime_stages.reached_on, crime_stages.id)
						AND later.stage IN ('source', 'verification', 'initiated',
							'investigation', 'suspended', 'returned')
				)
		) AS reached
		WHERE crimes.voided_at IS NULL
	)
	SELECT measure, place, id, unit, NULL::text, NULL::text, NULL::text, ARRAY['article:' || article],
		has_it::integer, 1
	FROM cases
	CROSS JOIN LATERAL (VALUES
		('II.2.a:excl_256a', by_youth AND article <> '256a', true),
		('II.2.a:incl_256a', by_youth, true),
		('II.2.d:either', of_youth, is_resolved OR is_tried),
		('II.2.d:resolved', of_youth, is_resolved),
		('II.2.d:tried', of_youth, is_tried)
	) AS measures (measure, is_asked, has_it)
	WHERE is_asked
$$;

-- The unit in which a record stood at the end of a window, where a reform took it away later.
CREATE OR REPLACE FUNCTION recount_stood(windows indicator_window[])
RETURNS TABLE (kind text, record uuid, place integer, stood text)
LANGUAGE sql STABLE
AS $$
	SELECT DISTINCT ON (kind, record, place) kind, record, place, from_unit
	FROM unnest(windows)
	JOIN reform_moves ON effective_on > to_day AND from_unit <> ''
	ORDER BY kind, record, place, effective_on, moved_at
$$;

-- II.2.b and II.2.c.  A hotspot is open from its detection or its forming again until its elimination.
CREATE OR REPLACE FUNCTION recount_hotspots(windows indicator_window[], today date) RETURNS SETOF recounted
LANGUAGE sql STABLE
AS $$
	WITH spells AS (
		SELECT hotspot, kind, occurred_on AS opened_on,
			lead(occurred_on) OVER (PARTITION BY hotspot ORDER BY occurred_on, hotspot_events.id)
				AS eliminated_on
		FROM hotspot_events
		WHERE voided_at IS NULL
	), opened AS (
		SELECT hotspot, spells.kind, CASE spells.kind WHEN 'detected' THEN detected_on ELSE opened_on END AS opened_on,
			spells.eliminated_on, hotspots.unit, youth_related
		FROM spells
		JOIN hotspots ON hotspots.id = hotspot AND voided_at IS NULL
		WHERE spells.kind IN ('detected', 'reformed')
	), counted AS (
		SELECT place, hotspot, unit, youth_related, bool_or(kind = 'reformed'
				AND opened_on BETWEEN from_day AND to_day) AS has_reformed,
			bool_or(opened_on < from_day AND coalesce(eliminated_on, 'infinity') >= from_day
				OR kind = 'detected' AND opened_on BETWEEN from_day AND to_day) AS is_asked,
			(array_agg(coalesce(eliminated_on <= to_day, false) ORDER BY opened_on DESC))[1]
				AS is_eliminated,
			(array_agg(coalesce(eliminated_on <= to_day
				AND eliminated_on <= opened_on + (SELECT indicator_parameter('hotspot_days')), false)
				ORDER BY opened_on DESC))[1] AS is_in_time
		FROM unnest(windows)
		JOIN opened ON opened_on <= to_day
		GROUP BY 1, 2, 3, 4
	)
	SELECT measure, place, hotspot, coalesce(stood, unit), NULL::text, NULL::text, NULL::text, '{}'::text[],
		has_it::integer, 1
	FROM counted
	LEFT JOIN (SELECT place, record AS hotspot, stood FROM recount_stood(windows) WHERE kind = 'hotspots') AS before
		USING (place, hotspot)
	CROSS JOIN LATERAL (VALUES
		('II.2.b:eliminated', youth_related AND is_asked, is_eliminated),
		('II.2.b:within_90_days', youth_related AND is_asked, is_in_time),
		('II.2.c:count', youth_related AND has_reformed, true)
	) AS measures (measure, is_counted, has_it)
	WHERE is_counted
$$;

REVOKE ALL ON FUNCTION recount_cases, recount_stood, recount_hotspots FROM PUBLIC;
