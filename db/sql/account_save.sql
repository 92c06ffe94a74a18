INSERT INTO accounts (id, username, password_hash, organization, agency, role, unit, scopes, purpose)
VALUES ($1::uuid, $2, $3, $4, $5::smallint, $6, $7, string_to_array($8, ' '), $9)
ON CONFLICT (username) DO UPDATE
SET password_hash = EXCLUDED.password_hash,
	organization = EXCLUDED.organization,
	agency = EXCLUDED.agency,
	role = EXCLUDED.role,
	unit = EXCLUDED.unit,
	scopes = EXCLUDED.scopes,
	purpose = EXCLUDED.purpose,
	must_change_password = false,
	disabled_at = NULL
