SELECT count(*) FROM (SELECT FROM people LIMIT 1) AS somebody
