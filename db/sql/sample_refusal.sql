-- Why no sample can be made now; NULL when it can.  The lock is the session's.
SELECT CASE
	WHEN NOT pg_try_advisory_lock(hashtextextended('lachan sample', 0))
		THEN 'another sample is being made in this database'
	WHEN EXISTS (SELECT FROM people) THEN 'there are people in this database already'
END
