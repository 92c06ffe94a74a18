-- Whoever took part in a crime that was voided is corrected and merged like anybody else: what the database
-- itself carries over (people_lend, merge_hang) reaches those rows, and refuses nothing of them.
CREATE OR REPLACE FUNCTION crime_participants_check() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
	held crimes;
	day date;
	named people;
BEGIN
	SELECT * INTO held FROM crimes WHERE id = NEW.crime;
	IF held.id IS NULL OR held.voided_at IS NOT NULL AND (TG_OP = 'INSERT' OR current_user = 'lachan_service') THEN
		PERFORM refuse('LC404', 'not_found');
	END IF;
	day := coalesce(held.occurred_on, held.detected_on);
	IF NEW.person IS NOT NULL THEN
		SELECT * INTO named FROM people WHERE id = NEW.person;
		IF NOT FOUND THEN
			PERFORM refuse('LC422', 'no_such_record', '/person');
		END IF;
		NEW.date_of_birth := named.date_of_birth;
		NEW.sex := named.sex;
	END IF;
	NEW.born_by := partial_date_last(NEW.date_of_birth);
	-- Unknown when the birth is: greatest() ignores what is null.
	NEW.age_at_offence := CASE WHEN NEW.born_by > day THEN 0 ELSE age_on(NEW.born_by, day) END;
	IF held.voided_at IS NOT NULL THEN
		RETURN NEW;
	END IF;
	-- As far as it is known: born in the month of the offence may be before it.
	IF NEW.date_of_birth > left(to_char(day, 'YYYY-MM-DD'), length(NEW.date_of_birth)) THEN
		PERFORM refuse('LC422', 'in_future', '/date_of_birth');
	ELSIF NEW.articles @> '{256a}' AND day < '2025-07-01' THEN
		PERFORM refuse('LC422', 'article_not_in_force', '/articles');
	END IF;
	-- Penal Code, article 12: nobody under 14 is a suspect.
	IF NEW.role = 'suspect' AND NEW.age_at_offence < 14 THEN
		PERFORM refuse('LC422', 'too_young', '/role');
	END IF;
	RETURN NEW;
END
$$;
