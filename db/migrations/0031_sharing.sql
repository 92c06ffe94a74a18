-- What is shared reaches those it is meant for.

-- As before, for the bodies alone that know people by pseudonym.
CREATE OR REPLACE FUNCTION unit_of_person(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
RETURN (
	SELECT unit FROM people
	WHERE id = wanted
		AND caller_agency() IN (12, 14, 18)
		AND voided_at IS NULL
		AND restricted_at IS NULL
		AND erased_at IS NULL
		AND (caller_everywhere() OR unit = ANY (caller_units()))
);

-- The sender answers for a file until it is received: meanwhile it goes nowhere else.
CREATE FUNCTION people_on_their_way() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF EXISTS (
		SELECT FROM handovers
		WHERE person = NEW.id AND status = 'proposed' AND voided_at IS NULL
	) THEN
		PERFORM refuse('LC409', 'transition_not_allowed', '/unit', 'proposed');
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER people_on_their_way
BEFORE UPDATE OF unit ON people
FOR EACH ROW WHEN (OLD.unit <> NEW.unit AND current_user = 'lachan_service')
EXECUTE FUNCTION people_on_their_way();

REVOKE ALL ON FUNCTION people_on_their_way FROM PUBLIC;
