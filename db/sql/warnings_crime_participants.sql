-- At 14 and 15 only the grave crimes of articles 248 to 252 are answered for (Penal Code, article 12).
SELECT '/articles', 'age_article', json_build_object('age', age_at_offence)
FROM crime_participants_seen AS participant
JOIN crimes ON crimes.id = participant.crime
WHERE participant.id = $1::uuid
	AND role = 'suspect'
	AND age_at_offence BETWEEN 14 AND 15
	AND NOT coalesce(nullif(articles, '{}'), ARRAY[article]) && '{248,249,250,251,252}'
