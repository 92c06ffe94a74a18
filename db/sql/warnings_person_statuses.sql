-- Months outside the range of a law whose terms only inform.
SELECT '/term_months', 'unusual_term',
	json_build_object('least_months', least_months, 'most_months', most_months, 'basis', basis)
FROM person_statuses_seen AS entered
JOIN people ON people.id = entered.person
JOIN legal_terms AS term ON term.status = entered.status
	AND variant = coalesce(rehab_form, origin, '')
	AND of_minors = (age_on(born_by, starts_on) < 18)
	AND starts_on BETWEEN valid_from AND coalesce(valid_to, 'infinity')
WHERE entered.id = $1::uuid AND NOT is_binding AND term_months NOT BETWEEN least_months AND most_months
