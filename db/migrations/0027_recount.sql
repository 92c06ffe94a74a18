-- What a subject counts for in a window, found anew from the raw records.  Each file in db/recount/ makes
-- functions of the shape
--   recount_{group}(windows indicator_window[], today date) RETURNS SETOF recounted
-- written from the definitions alone, without a look at db/indicators/: what is kept and what is
-- recounted agree, or one of them is wrong.
CREATE TYPE recounted AS (
	measure text,	 -- 'II.1.a:suitable'
	place integer,	 -- of the window
	subject uuid,
	unit text,	 -- the commune of then; NULL: not known
	sex text,	 -- of a person, like the next two
	age_band text,
	ethnicity text,
	tags text[],	 -- 'article:249', 'kind:loan', 'type:thcs'; sorted, none: '{}'
	numerator integer,
	denominator integer
);
