-- Where a reform took a record from that had not taken it yet by a day; no row when none did.
CREATE FUNCTION reform_took(of_kind text, of_record uuid, by_day date) RETURNS TABLE (from_unit text)
LANGUAGE sql STABLE
AS $$
	SELECT from_unit
	FROM reform_moves
	WHERE record = of_record AND kind = of_kind AND effective_on > by_day AND from_unit IS NOT NULL
	ORDER BY effective_on, id
	LIMIT 1
$$;

REVOKE ALL ON FUNCTION reform_took FROM PUBLIC;
