/* Accounts, clients, sessions and signing keys: every question is one function of the database. */
#include "accounts.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "scope.h"
#include "store.h"
#include "uuid.h"

/* Runs db/sql/<name>.sql; `values` are its parameters, `caller` NULL: nobody yet. */
static bool ask_as(struct pool *pool, const struct caller *caller, bool reading, const char *name,
		   const char *const *values, int count, struct pg_result **result,
		   struct error *error)
{
	char path[64];
	struct statement statement = {.count = count};

	snprintf(path, sizeof path, "db/sql/%s.sql", name);
	const struct embedded_file *file = embedded_find(path);
	if (!file)
		return error_internal(error, ERROR_INTERNAL, "%s is not built in", path);
	statement.sql = file->data;
	for (int i = 0; i < count; i++)
		statement.values[i] = values[i];
	return store_one(pool, FAST, caller, reading, &statement, result, error);
}

#define ASK(pool, reading, name, values, result, error)                                            \
	ask_as(pool, NULL, reading, name, values, (int)(sizeof values / sizeof *values), result,   \
	       error)

/* False when it would be cut. */
static bool take(char *to, size_t size, const char *value)
{
	int length = snprintf(to, size, "%s", value ? value : "");

	return length >= 0 && (size_t)length < size;
}

static long long number(const char *value, long long otherwise)
{
	return value ? strtoll(value, NULL, 10) : otherwise;
}

static bool role_parse(const char *text, enum role *role)
{
	for (int i = 0; text && i < ROLES; i++)
		if (!strcmp(role_names[i], text)) {
			*role = (enum role)i;
			return true;
		}
	return false;
}

/* Columns of the composite type principal, in its order. */
static bool caller_fill(const struct pg_result *result, struct caller *caller, struct error *error)
{
	struct scopes scopes;
	const char *names = result_value(result, 0, 7);

	*caller = (struct caller){.agency = (int)number(result_value(result, 0, 3), 0)};
	if (take(caller->user, sizeof caller->user, result_value(result, 0, 0)) &&
	    take(caller->session, sizeof caller->session, result_value(result, 0, 1)) &&
	    take(caller->organization, sizeof caller->organization, result_value(result, 0, 2)) &&
	    role_parse(result_value(result, 0, 4), &caller->role) &&
	    take(caller->unit, sizeof caller->unit, result_value(result, 0, 5)) &&
	    take(caller->units, sizeof caller->units, result_value(result, 0, 6)) &&
	    scopes_parse(names ? names : "", &scopes) &&
	    take(caller->purpose, sizeof caller->purpose, result_value(result, 0, 8))) {
		caller->scopes = scopes.bits;
		caller->minor_names = scopes.minor_names;
		caller->must_change_password = *(result_value(result, 0, 9)) == 't';
		caller->is_system = *(result_value(result, 0, 10)) == 't';
		return true;
	}
	*caller = (struct caller){0};
	return error_internal(error, ERROR_INTERNAL, "an account does not fit struct caller");
}

static bool caller_read(const struct pg_result *result, struct caller *caller, bool *stands,
			struct error *error)
{
	*stands = result_rows(result) == 1;
	return !*stands || caller_fill(result, caller, error);
}

/* A name is plain ASCII, so it is NFC; its capitals become small. "" for what nobody is called. */
static void name_init(char to[ACCOUNT_NAME_MAX + 1], const char *name)
{
	static const char known[] = "abcdefghijklmnopqrstuvwxyz0123456789._@-";
	size_t length = strlen(name);

	to[0] = '\0';
	if (length > ACCOUNT_NAME_MAX)
		return;
	for (size_t i = 0; i <= length; i++)
		to[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
	if (strspn(to, known) != length)
		to[0] = '\0';
}

void attempt_init(struct attempt *attempt, const char *name, const char *address, int per_minute)
{
	struct in6_addr ip;

	name_init(attempt->name, name);
	secret_sha256(attempt->name[0] ? attempt->name : name, attempt->hash);
	snprintf(attempt->place, sizeof attempt->place, "%s", address);
	attempt->per_minute = per_minute;
	if (inet_pton(AF_INET6, address, &ip) == 1) {
		memset(ip.s6_addr + 8, 0, 8);
		inet_ntop(AF_INET6, &ip, attempt->place, sizeof attempt->place);
	}
}

bool accounts_login_begin(struct pool *pool, const struct attempt *attempt,
			  struct credential *credential, struct error *error)
{
	const char *values[] = {attempt->name, attempt->hash, attempt->place};
	auto_result result = NULL;

	*credential = (struct credential){0};
	if (!ASK(pool, true, "login_begin", values, &result, error))
		return false;
	credential->wait = (unsigned)number(result_value(result, 0, 0), 0);
	return (take(credential->holder, sizeof credential->holder, result_value(result, 0, 1)) &&
		take(credential->password, sizeof credential->password,
		     result_value(result, 0, 2))) ||
	       error_internal(error, ERROR_INTERNAL, "a password hash is too long");
}

bool accounts_client_begin(struct pool *pool, const struct attempt *attempt, const char *secret,
			   struct credential *credential, struct error *error)
{
	char hash[65];
	const char *values[] = {attempt->name, hash, attempt->hash, attempt->place};
	auto_result result = NULL;

	secret_sha256(secret, hash);
	*credential = (struct credential){0};
	if (!ASK(pool, true, "client_begin", values, &result, error))
		return false;
	credential->wait = (unsigned)number(result_value(result, 0, 0), 0);
	if (!result_value(result, 0, 1))
		return true;
	return (take(credential->holder, sizeof credential->holder, result_value(result, 0, 1)) &&
		take(credential->scopes, sizeof credential->scopes, result_value(result, 0, 3))) ||
	       error_internal(error, ERROR_INTERNAL, "a client does not fit struct credential");
}

bool accounts_login_failed(struct pool *pool, const struct attempt *attempt, const char *why,
			   struct error *error)
{
	char limit[16];
	const char *values[] = {attempt->hash, attempt->place, limit, why};
	auto_result result = NULL;

	snprintf(limit, sizeof limit, "%d", attempt->per_minute);
	return ASK(pool, false, "login_failed", values, &result, error);
}

bool accounts_session_open(struct pool *pool, const struct session_start *start,
			   struct caller *caller, bool *stands, struct error *error)
{
	char id[37], seconds[16];
	const char *values[] = {id,
				start->account,
				start->client,
				start->attempt->hash,
				start->attempt->place,
				seconds,
				start->scopes,
				start->refresh,
				start->password};
	auto_result result = NULL;

	uuid_make(id);
	snprintf(seconds, sizeof seconds, "%d", start->seconds);
	return ASK(pool, false, "session_open", values, &result, error) &&
	       caller_read(result, caller, stands, error);
}

bool accounts_session(struct pool *pool, const char *session, struct caller *caller, bool *stands,
		      struct error *error)
{
	const char *values[] = {session};
	auto_result result = NULL;

	return ASK(pool, true, "session_principal", values, &result, error) &&
	       caller_read(result, caller, stands, error);
}

bool accounts_client(struct pool *pool, const char *client, struct caller *caller, bool *stands,
		     struct error *error)
{
	const char *values[] = {client};
	auto_result result = NULL;

	return ASK(pool, true, "client_principal", values, &result, error) &&
	       caller_read(result, caller, stands, error);
}

bool accounts_refresh(struct pool *pool, const struct refresh *refresh, struct caller *caller,
		      unsigned *steps, bool *stands, struct error *error)
{
	char seconds[16];
	const char *values[] = {refresh->token, refresh->next, refresh->client, refresh->address,
				seconds};
	auto_result result = NULL;

	snprintf(seconds, sizeof seconds, "%d", refresh->seconds);
	if (!ASK(pool, false, "session_refresh", values, &result, error) ||
	    !caller_read(result, caller, stands, error))
		return false;
	*steps = *stands ? (unsigned)number(result_value(result, 0, 11), 0) : 0;
	return true;
}

bool accounts_logout(struct pool *pool, const char *session, const char *refresh,
		     struct error *error)
{
	const char *values[] = {session, refresh};
	auto_result result = NULL;

	return ASK(pool, false, "session_revoke", values, &result, error);
}

bool accounts_change_password(struct pool *pool, const struct caller *caller, const char *compared,
			      const char *hash, struct error *error)
{
	const char *values[] = {caller->session, compared, hash};
	auto_result result = NULL;

	return ask_as(pool, caller, false, "password_change", values, 3, &result, error);
}

bool accounts_end_session(struct pool *pool, const struct caller *caller, const char *session,
			  struct error *error)
{
	auto_result result = NULL;

	return ask_as(pool, caller, false, "session_end", &session, 1, &result, error);
}

bool accounts_names(struct pool *pool, const struct caller *caller, struct holder_names *names,
		    struct error *error)
{
	const char *values[] = {caller->user, caller->organization, caller->unit};
	auto_result result = NULL;
	char **const to[] = {&names->username, &names->organization, &names->unit};

	if (!ASK(pool, true, "holder_names", values, &result, error))
		return false;
	for (int i = 0; i < 3; i++) {
		const char *value = result_value(result, 0, i);

		*to[i] = strdup(value ? value : "");
		if (!*to[i])
			return error_internal(error, ERROR_INTERNAL, "out of memory");
	}
	return true;
}

void holder_names_release(struct holder_names *names)
{
	free(names->username);
	free(names->organization);
	free(names->unit);
	*names = (struct holder_names){0};
}

bool accounts_keys(struct pool *pool, int keep, struct sealed_key keys[SIGNING_KEYS_MAX],
		   size_t *count, struct error *error)
{
	char seconds[16];
	const char *values[] = {seconds};
	auto_result result = NULL;

	snprintf(seconds, sizeof seconds, "%d", keep);
	if (!ASK(pool, true, "signing_keys", values, &result, error))
		return false;
	*count = 0;
	for (int row = 0; row < result_rows(result) && row < SIGNING_KEYS_MAX; row++) {
		struct sealed_key *key = &keys[(*count)++];

		*key = (struct sealed_key){
			.signs_in = number(result_value(result, row, 2), 0),
			.ends_in = number(result_value(result, row, 3), -1),
		};
		if (!take(key->kid, sizeof key->kid, result_value(result, row, 0)) ||
		    !take(key->sealed, sizeof key->sealed, result_value(result, row, 1)))
			return error_internal(error, ERROR_INTERNAL, "a signing key is too long");
	}
	return true;
}

bool accounts_key_add(struct pool *pool, const struct sealed_key *key, enum key_occasion occasion,
		      int lead, struct error *error)
{
	static const char *const names[] = {
		[FIRST_KEY] = "first", [NEXT_KEY] = "next", [STOLEN_KEY] = "stolen"};
	char seconds[16];
	const char *values[] = {key->kid, key->sealed, key->x, key->y, names[occasion], seconds};
	auto_result result = NULL;

	snprintf(seconds, sizeof seconds, "%d", lead);
	return ASK(pool, false, "signing_key_add", values, &result, error);
}

static bool client_save(struct pool *pool, const char *name, const struct account_spec *spec,
			const char *scopes, struct error *error)
{
	char id[37], hash[65], agency[16];
	const char *purpose = spec->purpose ? spec->purpose : "";
	const char *values[] = {id,	    name,   hash,   spec->organization, agency, spec->role,
				spec->unit, scopes, purpose};
	auto_result result = NULL;

	uuid_make(id);
	secret_sha256(spec->password, hash);
	snprintf(agency, sizeof agency, "%d", spec->agency);
	return ASK(pool, false, "client_save", values, &result, error);
}

static bool account_save(struct pool *pool, const struct keyring *keyring, const char *name,
			 const struct account_spec *spec, const char *scopes, struct error *error)
{
	char id[37], hash[PASSWORD_HASH_MAX], agency[16];
	const char *values[] = {id,
				name,
				hash,
				spec->organization,
				spec->agency ? agency : NULL,
				spec->role,
				spec->unit,
				scopes,
				spec->purpose ? spec->purpose : "case_management"};
	auto_result result = NULL;

	uuid_make(id);
	snprintf(agency, sizeof agency, "%d", spec->agency);
	if (!password_hash(keyring, spec->password, hash))
		return error_internal(error, ERROR_INTERNAL, "cannot hash a password");
	return ASK(pool, false, "account_save", values, &result, error);
}

bool accounts_provision(struct pool *owner_pool, const struct keyring *keyring,
			const struct account_spec *spec, struct error *error)
{
	char name[ACCOUNT_NAME_MAX + 1];
	bool is_service = !strcmp(spec->role, "service"), is_client = is_service || spec->is_client;
	const char *scopes = spec->scopes ? spec->scopes
			     : is_service ? "read write"
			     : is_client  ? "read"
					  : "";
	struct scopes parsed;

	name_init(name, spec->username);
	if (!scopes_parse(scopes, &parsed))
		return error_internal(error, ERROR_INTERNAL, "%s: unknown scope in \"%s\"", name,
				      scopes);
	if (strlen(spec->password) > PASSWORD_MAX)
		return error_internal(error, ERROR_INTERNAL, "%s: the password is too long", name);
	return is_client ? client_save(owner_pool, name, spec, scopes, error)
			 : account_save(owner_pool, keyring, name, spec, scopes, error);
}
