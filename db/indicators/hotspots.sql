-- Hotspots with young people: those open at the window's start or detected in it, and whether they stood
-- eliminated at its end (II.2.b), in time when within some days of their detection or re-forming; and
-- those that formed again in it (II.2.c).
CREATE OR REPLACE FUNCTION contributions_hotspots(subjects uuid[], windows indicator_window[], today date)
RETURNS SETOF contribution
LANGUAGE sql STABLE
AS $$
	WITH known AS (
		SELECT hotspots.id, place, from_day, to_day, unit, youth_related, detected_on,
			max(occurred_on) FILTER (WHERE event.kind = 'reformed' AND occurred_on >= from_day) IS NOT NULL
				AS has_reformed,
			(array_agg(event.kind ORDER BY occurred_on DESC, event.id DESC)
				FILTER (WHERE occurred_on < from_day))[1] AS before,
			(array_agg(event.kind ORDER BY occurred_on DESC, event.id DESC))[1] AS at_end,
			max(occurred_on) FILTER (WHERE event.kind = 'eliminated') AS eliminated_on,
			max(occurred_on) FILTER (WHERE event.kind = 'reformed') AS reformed_on
		FROM unnest(windows)
		JOIN hotspots ON detected_on <= to_day
		LEFT JOIN hotspot_events AS event ON event.hotspot = hotspots.id
			AND event.kind <> 'detected'
			AND occurred_on <= to_day
			AND event.voided_at IS NULL
		WHERE hotspots.voided_at IS NULL AND (subjects IS NULL OR hotspots.id = ANY (subjects))
		GROUP BY hotspots.id, place, from_day, to_day
	), judged AS (
		SELECT *, detected_on >= from_day OR coalesce(before, 'detected') <> 'eliminated' AS was_open,
			coalesce(at_end = 'eliminated', false) AS is_eliminated,
			coalesce(at_end = 'eliminated' AND eliminated_on - greatest(detected_on, reformed_on)
				<= (SELECT indicator_parameter('hotspot_days')), false) AS in_time
		FROM known
	)
	SELECT id, place, coalesce(from_unit, unit), NULL::text, NULL::integer, NULL::text, '{}'::text[],
		CASE WHEN youth_related THEN array_remove(ARRAY[
			CASE WHEN was_open THEN 'II.2.b:eliminated' END,
			CASE WHEN was_open THEN 'II.2.b:within_90_days' END,
			CASE WHEN has_reformed THEN 'II.2.c:count' END
		], NULL) ELSE '{}' END,
		CASE WHEN youth_related THEN array_remove(ARRAY[
			CASE WHEN was_open AND is_eliminated THEN 'II.2.b:eliminated' END,
			CASE WHEN was_open AND in_time THEN 'II.2.b:within_90_days' END,
			CASE WHEN has_reformed THEN 'II.2.c:count' END
		], NULL) ELSE '{}' END,
		1, 1,
		CASE WHEN NOT youth_related THEN 'not_youth_related' END,
		CASE WHEN youth_related THEN array_remove(ARRAY[
			CASE WHEN was_open AND NOT is_eliminated THEN 'elimination' END,
			CASE WHEN was_open AND NOT in_time THEN 'elimination_in_time' END
		], NULL) ELSE '{}' END
	FROM judged
	LEFT JOIN LATERAL reform_took('hotspots', id, to_day) ON true
	WHERE was_open OR has_reformed
$$;

REVOKE ALL ON FUNCTION contributions_hotspots FROM PUBLIC;
