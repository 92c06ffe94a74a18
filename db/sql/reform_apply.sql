SELECT kind, from_unit, from_organization, to_unit, to_organization, is_decided, records
FROM reform_apply($1::boolean)
