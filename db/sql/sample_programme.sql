-- What else the plan's bodies run, drawn by the names of its places, for $1 as today: hotspots, key communes, the
-- Youth Union with its movements and models, and the staff of secondary schools.
WITH communes AS (
	SELECT key, name, sha256(convert_to('commune ' || key, 'UTF8')) AS dice
	FROM units
	WHERE generation = '2025' AND level = 'commune'
), maker AS (
	SELECT created_by AS id FROM institutions LIMIT 1
), found AS (
	SELECT pg_temp.sample_id('hotspot ' || key || n) AS id, key, name, n, drawn.dice,
		'2025-07-01'::date + (get_byte(drawn.dice, 0) * 256 + get_byte(drawn.dice, 1)) % 600 AS detected_on
	FROM communes
	CROSS JOIN generate_series(1, 3) AS n
	CROSS JOIN LATERAL (SELECT sha256(convert_to('hotspot ' || key || n, 'UTF8'))) AS drawn (dice)
	WHERE get_byte(communes.dice, 0) < 300 - 80 * n
), ended AS (
	SELECT *, CASE WHEN get_byte(dice, 2) < 215 THEN detected_on + 5 + get_byte(dice, 3) / 2 END AS eliminated_on
	FROM found
	WHERE detected_on < $1::date
), told AS (
	SELECT id, key, name, n, dice, detected_on, eliminated.day AS eliminated_on, reformed.day AS reformed_on
	FROM ended
	LEFT JOIN LATERAL (SELECT eliminated_on WHERE eliminated_on < $1::date) AS eliminated (day) ON true
	LEFT JOIN LATERAL (
		SELECT eliminated.day + 20 + get_byte(dice, 5)
		WHERE get_byte(dice, 4) < 20 AND eliminated.day + 20 + get_byte(dice, 5) < $1::date
	) AS reformed (day) ON true
), hotspot AS (
	INSERT INTO hotspots (id, name, kind, unit, detected_on, youth_related, youth_related_reason, status,
		eliminated_on, reformed_on, organization, created_by)
	SELECT told.id, format('%s số %s, %s', kind.vi, n, name), kind.code, key, detected_on,
		get_byte(dice, 6) < 150,
		CASE WHEN get_byte(dice, 6) < 150 THEN 'Thanh niên thường tụ tập' END,
		CASE WHEN reformed_on IS NOT NULL THEN 'reformed' WHEN eliminated_on IS NOT NULL THEN 'eliminated'
			ELSE 'open' END,
		eliminated_on, reformed_on, 'cong_an_tinh', maker.id
	FROM told
	CROSS JOIN maker
	JOIN codes AS kind ON list = 'hotspot_kind'
		AND code = CASE WHEN get_byte(dice, 7) < 180 THEN 'point' ELSE 'area' END
), event AS (
	INSERT INTO hotspot_events (id, hotspot, kind, occurred_on, decision_number, organization, created_by)
	SELECT pg_temp.sample_id(kind || told.id), told.id, kind, occurred_on,
		CASE WHEN kind = 'eliminated' THEN get_byte(dice, 8) + 100 || '/QĐ-CAT' END, 'cong_an_tinh', maker.id
	FROM told
	CROSS JOIN maker
	CROSS JOIN LATERAL (VALUES ('detected', detected_on), ('eliminated', eliminated_on), ('reformed', reformed_on))
		AS each (kind, occurred_on)
	WHERE occurred_on IS NOT NULL
), key_commune AS (
	INSERT INTO key_communes (id, unit, class, decision_number, decision_date, valid_from, organization, created_by)
	SELECT pg_temp.sample_id('key ' || key), key, 'type_' || 1 + get_byte(dice, 1) % 3, '1215/QĐ-CAT',
		'2025-07-15', '2025-08-01', 'cong_an_tinh', maker.id
	FROM communes
	CROSS JOIN maker
	WHERE get_byte(dice, 2) < 90
), youth_union AS (
	SELECT pg_temp.sample_id('union province') AS id, NULL::uuid AS parent, 'Tỉnh đoàn Đắk Lắk' AS name,
		'province' AS level, '2025-66' AS unit
	UNION ALL
	SELECT pg_temp.sample_id('union ' || key), pg_temp.sample_id('union province'), 'Đoàn ' || name, 'commune', key
	FROM communes
	UNION ALL
	SELECT pg_temp.sample_id('union ' || institutions.id), pg_temp.sample_id('union ' || unit), 'Đoàn ' || name,
		'grassroots', unit
	FROM institutions
	WHERE type LIKE '%thpt%'
), union_organization AS (
	INSERT INTO union_organizations (id, name, level, unit, parent, active_from, organization, created_by)
	SELECT youth_union.id, name, level, unit, parent, '2025-07-01', 'doan_thanh_nien_tinh', maker.id
	FROM youth_union
	CROSS JOIN maker
), movement AS (
	INSERT INTO campaigns (id, kind, title, status, starts_on, ends_on, unit, union_organization, reach, organization,
		created_by)
	SELECT pg_temp.sample_id('movement ' || n || youth_union.id), 'movement', 'Thanh niên nói không với ma túy',
		CASE WHEN starts_on + 20 < $1::date THEN 'held' ELSE 'running' END, starts_on, starts_on + 20, unit,
		youth_union.id, 50 + get_byte(dice, 2), 'doan_thanh_nien_tinh', maker.id
	FROM youth_union
	CROSS JOIN maker
	CROSS JOIN generate_series(0, 1) AS n
	CROSS JOIN LATERAL (SELECT sha256(convert_to('movement ' || n || youth_union.id, 'UTF8'))) AS drawn (dice)
	CROSS JOIN LATERAL (SELECT '2025-08-15'::date + 200 * n + get_byte(dice, 1) / 3) AS begun (starts_on)
	WHERE get_byte(dice, 0) < 230 AND starts_on < $1::date
), peak AS (
	INSERT INTO campaigns (id, kind, title, status, starts_on, ends_on, unit, peak, reach, organization, created_by)
	SELECT pg_temp.sample_id('peak ' || key), 'peak', vi,
		CASE WHEN '2026-06-30' < $1::date THEN 'held' ELSE 'planned' END, '2026-06-01', '2026-06-30', key,
		code, 200 + get_byte(dice, 3) * 4, 'cong_an_tinh', maker.id
	FROM communes
	CROSS JOIN maker
	JOIN codes ON list = 'campaign_peak' AND code = 'june_action_month'
	WHERE get_byte(dice, 4) < 200
), model AS (
	INSERT INTO models (id, name, kind, status, unit, union_organization, started_on, organization, created_by)
	SELECT pg_temp.sample_id('model ' || key), format('%s, %s', vi, name), code, 'active', key,
		pg_temp.sample_id('union ' || key),
		'2025-09-01'::date + get_byte(dice, 6) / 4, 'doan_thanh_nien_tinh', maker.id
	FROM communes
	CROSS JOIN maker
	JOIN codes ON list = 'model_kind' AND code = ('{club,self_managed_group,peer_support,reintegration,
		communication}'::text[])[1 + get_byte(dice, 7) % 5]
	WHERE get_byte(dice, 5) < CASE WHEN get_byte(dice, 2) < 90 THEN 200 ELSE 60 END
		AND '2025-09-01'::date + get_byte(dice, 6) / 4 < $1::date
)
INSERT INTO institution_headcounts (id, institution, period, staff, staff_trained, students, counted_on, organization,
	created_by)
SELECT pg_temp.sample_id('headcount ' || reporting_periods.code || institutions.id), institutions.id,
	reporting_periods.code, staff,
	least(staff, staff * (35 + 12 * (year - 2024) + get_byte(dice, 1) % 20) / 100), staff * 16, starts_on + 290,
	institutions.organization, maker.id
FROM institutions
CROSS JOIN maker
JOIN reporting_periods ON kind = 'annual' AND starts_on + 290 < $1::date AND opened_on <= starts_on + 290
CROSS JOIN LATERAL (SELECT sha256(convert_to('headcount ' || institutions.id, 'UTF8'))) AS drawn (dice)
CROSS JOIN LATERAL (SELECT 18 + get_byte(dice, 0) % 50) AS counted (staff)
WHERE is_secondary
