INSERT INTO clients (id, client_id, secret_hash, organization, agency, role, unit, scopes, purpose)
VALUES ($1::uuid, $2, $3, $4, $5::smallint, $6, $7, string_to_array($8, ' '), $9)
ON CONFLICT (client_id) DO UPDATE
SET secret_hash = EXCLUDED.secret_hash,
	previous_hash = NULL,
	previous_until = NULL,
	organization = EXCLUDED.organization,
	agency = EXCLUDED.agency,
	role = EXCLUDED.role,
	unit = EXCLUDED.unit,
	scopes = EXCLUDED.scopes,
	purpose = EXCLUDED.purpose,
	disabled_at = NULL
