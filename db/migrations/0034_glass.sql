-- Whoever breaks the glass may sit in the organisation that must hear of it: the owner of the record,
-- the committee of its commune and the police are told all the same.
CREATE OR REPLACE FUNCTION break_glasses_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	opened people;
BEGIN
	IF TG_OP = 'INSERT' THEN
		SELECT * INTO opened FROM people WHERE id = NEW.person AND voided_at IS NULL;
		IF NOT FOUND THEN
			PERFORM refuse('LC422', 'no_such_record', '/person');
		END IF;
		NEW.to_organization := opened.organization;
		NEW.review_status := 'open';
		NEW.expires_at := now() + interval '3 hours';
		INSERT INTO notices (kind, person, subject, from_organization, organization)
		SELECT DISTINCT 'break_glass_opened', NEW.person, NEW.id, caller_organization(), told
		FROM unnest(ARRAY[opened.organization, committee_of(opened.unit), police()]) AS told
		WHERE told IS NOT NULL;
	ELSIF NEW.review_status <> OLD.review_status THEN
		IF OLD.review_status <> 'open' THEN
			PERFORM refuse('LC409', 'transition_not_allowed', '/review_status', OLD.review_status);
		ELSIF OLD.created_by = caller_user() THEN
			PERFORM refuse('LC403', 'row_not_allowed');
		END IF;
		NEW.reviewed_by := caller_user();
		NEW.reviewed_at := now();
		PERFORM tell(NEW.organization, 'break_glass_reviewed', NEW.person, NEW.id);
	END IF;
	RETURN NEW;
END
$$;
