-- A system is told from a person by more than its role: the scopes bind a viewing one as well.
ALTER TYPE principal ADD ATTRIBUTE is_system boolean;

CREATE OR REPLACE FUNCTION principal_of(of_account uuid, of_client uuid, in_session uuid,
	in_epoch integer, granted text[])
RETURNS SETOF principal
LANGUAGE sql STABLE
AS $$
	SELECT id, in_session, organization, agency, role, unit, territory(unit),
		array_to_string(scopes, ' '), purpose, must_change_password, false
	FROM accounts
	WHERE id = of_account AND disabled_at IS NULL AND epoch = coalesce(in_epoch, epoch)
		AND seat_is_held(organization, agency)
	UNION ALL
	SELECT id, in_session, organization, agency, role, unit, territory(unit),
		array_to_string(coalesce(granted, scopes), ' '), purpose, false, true
	FROM clients
	WHERE id = of_client AND disabled_at IS NULL AND epoch = coalesce(in_epoch, epoch)
		AND seat_is_held(organization, agency)
$$;
