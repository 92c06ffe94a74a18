SELECT status, variant, of_minors, valid_from, valid_to, least_months, most_months
FROM legal_terms
ORDER BY status, variant, of_minors, valid_from
