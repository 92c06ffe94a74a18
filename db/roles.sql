-- The roles and the database, for a superuser's psql; may be run again at any time.
-- Passwords come as psql variables (owner_password, service_password) or from the files named by
-- LACHAN_OWNER_PASSWORD_FILE and LACHAN_SERVICE_PASSWORD_FILE; an empty one sets none.
\set ON_ERROR_STOP on
\if :{?owner_password} \else
\set owner_password `cat "${LACHAN_OWNER_PASSWORD_FILE:-/dev/null}"`
\endif
\if :{?service_password} \else
\set service_password `cat "${LACHAN_SERVICE_PASSWORD_FILE:-/dev/null}"`
\endif

SELECT format('CREATE ROLE %I', name)
FROM unnest('{lachan_owner,lachan_service,lachan_reader}'::text[]) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

-- Owns the database and every table; migrates.
ALTER ROLE lachan_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
-- Serves: owns nothing, and every row policy applies to it.
ALTER ROLE lachan_service LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT;
-- Owns the few views that must see more than their caller.
ALTER ROLE lachan_reader NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
GRANT lachan_reader TO lachan_owner;

SELECT :'owner_password' <> '' AS owner_has_password, :'service_password' <> '' AS service_has_password
\gset
\if :owner_has_password
ALTER ROLE lachan_owner PASSWORD :'owner_password';
\endif
\if :service_has_password
ALTER ROLE lachan_service PASSWORD :'service_password';
\endif

SELECT $$CREATE DATABASE lachan OWNER lachan_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'$$
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'lachan')
\gexec

ALTER DATABASE lachan OWNER TO lachan_owner;
ALTER DATABASE lachan SET timezone = 'UTC';
ALTER DATABASE lachan SET random_page_cost = 1.1;
ALTER DATABASE lachan SET jit = off;
REVOKE ALL ON DATABASE lachan FROM PUBLIC;
GRANT CONNECT ON DATABASE lachan TO lachan_owner, lachan_service;

\connect lachan
ALTER SCHEMA public OWNER TO lachan_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- Without CREATE the owner could not hand a view over to the reader.
GRANT USAGE, CREATE ON SCHEMA public TO lachan_reader;
