-- What the plan's figures are made of: each subject (person, crime, hotspot, institution, commune,
-- organisation) contributes to measures in windows.  Each file in db/indicators/ makes one function,
-- again whenever the file changes:
--   contributions_{family}(subjects uuid[], windows indicator_window[], today date)
--   RETURNS SETOF contribution
-- of the subjects given, or of all of them when that is NULL.
CREATE TYPE indicator_window AS (
	place integer,
	from_day date,
	to_day date -- both inside
);

-- A measure is an indicator's code and a definition of it: 'II.1.a:suitable'.
CREATE TYPE contribution AS (
	subject uuid,
	place integer,		    -- of the window
	unit text,		    -- the commune of then; NULL: not known
	sex text,		    -- of a person, like the next two
	age integer,		    -- on the day that decides
	ethnicity text,
	tags text[],		    -- dimensions of which there can be several: 'article:249', 'kind:loan'
	denominators text[],	    -- the measures in whose denominator it is
	numerators text[],
	denominator_weight integer, -- 1, but for head counts
	numerator_weight integer,
	excluded text,		    -- why it is in none
	missing text[]		    -- what it lacks to be counted
);

CREATE TABLE indicator_parameters (
	name text PRIMARY KEY,
	value integer NOT NULL CHECK (value > 0),
	about text NOT NULL
);

INSERT INTO indicator_parameters (name, value, about) VALUES
	('youth_max_age', 30, 'A young person has at most this age (plan 62/KH-UBND)'),
	('hotspot_days', 90, 'A hotspot is eliminated in time within so many days of its detection'),
	('release_months', 24, 'Release from a sentence counts for so many months'),
	('job_months', 3, 'A job is stable when held for so many months');

CREATE FUNCTION indicator_parameter(of_name text) RETURNS integer
LANGUAGE sql STABLE STRICT
RETURN (SELECT value FROM indicator_parameters WHERE name = of_name);
