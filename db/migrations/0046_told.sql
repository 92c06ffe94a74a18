-- Who is told of a person, and by what name.

ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check CHECK (kind IN ('referral_opened', 'referral_closed',
	'handover_proposed', 'handover_accepted', 'handover_refused', 'handover_withdrawn', 'break_glass_opened',
	'break_glass_reviewed', 'corrected', 'restricted', 'restriction_lifted', 'person_entered'));

-- These agencies enter a person and may not go on with it: entering is a referral, so whoever goes on is told.
CREATE FUNCTION people_entered() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM tell(coalesce(committee_of(NEW.unit), police()), 'person_entered', NEW.id, NEW.id);
	RETURN NULL;
END
$$;

CREATE TRIGGER people_entered
AFTER INSERT ON people
FOR EACH ROW WHEN (current_user = 'lachan_service' AND caller_agency() IN (2, 3, 5))
EXECUTE FUNCTION people_entered();
