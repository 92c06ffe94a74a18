/* Access tokens: libjwt signs and checks the signature; everything it does not look at is here. */
#include "token.h"

#include <jwt.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "accounts.h"
#include "keys.h"
#include "scope.h"
#include "uuid.h"
#include "verified.h"

enum { TOKEN_MIN = 40, TOKEN_MAX = 8192, TOKEN_LIFE_MAX = 900, SIGNATURE = 64 };

struct tokens {
	struct keys *keys;
	struct verified *verified;
};

/* What a token says, once it is believed. */
struct claims {
	char subject[37], session[37];
	time_t expires;
};

struct tokens *tokens_open(struct service *service, struct error *error)
{
	struct tokens *tokens = calloc(1, sizeof *tokens);

	if (!tokens || !(tokens->verified = verified_open())) {
		free(tokens);
		error_internal(error, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	tokens->keys = keys_open(service->pool, &service->keyring,
				 service->config.access_token_seconds, error);
	if (!tokens->keys) {
		tokens_close(tokens);
		return NULL;
	}
	return tokens;
}

void tokens_close(struct tokens *tokens)
{
	if (!tokens)
		return;
	keys_close(tokens->keys);
	verified_close(tokens->verified);
	free(tokens);
}

struct verified *tokens_verified(struct tokens *tokens)
{
	return tokens->verified;
}

json_t *tokens_jwks(struct service *service, struct error *error)
{
	return keys_jwks(service->tokens->keys, error);
}

bool tokens_rotate(struct service *service, bool is_stolen, struct error *error)
{
	return keys_make(service->pool, &service->keyring, is_stolen ? STOLEN_KEY : NEXT_KEY,
			 service->config.key_lead_seconds, error);
}

static json_t *claims_of(const struct config *config, const struct caller *caller, int seconds)
{
	char id[37];
	auto_text scope = {0};
	const struct scopes scopes = {caller->scopes, caller->minor_names};
	json_int_t now = time(NULL);
	bool has_agency = caller->agency > 0;

	uuid_make(id);
	scopes_format(&scopes, &scope);
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s?, s:o, s:s, s:s?, s:s}",
			 "iss", config->issuer, "sub", caller->user, "aud", config->audience, "exp",
			 now + seconds, "nbf", now, "iat", now, "jti", id, "sid", caller->session,
			 "org", caller->organization[0] ? caller->organization : NULL, "agency",
			 has_agency ? json_integer(caller->agency) : json_null(), "role",
			 role_names[caller->role], "unit", caller->unit[0] ? caller->unit : NULL,
			 "scope", text_string(&scope));
}

/* A new string by malloc. */
static char *sign(const json_t *claims, const char *kid, const char *pem)
{
	char *text = json_dumps(claims, JSON_COMPACT), *token = NULL;
	jwt_t *jwt = NULL;

	if (text && !jwt_new(&jwt) && !jwt_add_grants_json(jwt, text) &&
	    !jwt_add_header(jwt, "kid", kid) &&
	    !jwt_set_alg(jwt, JWT_ALG_ES256, (const unsigned char *)pem, (int)strlen(pem)))
		token = jwt_encode_str(jwt);
	jwt_free(jwt);
	free(text);
	return token;
}

char *token_sign(struct service *service, const struct caller *caller, int seconds,
		 struct error *error)
{
	char kid[65], pem[KEY_PEM_MAX], *token = NULL;

	if (!keys_signer(service->tokens->keys, kid, pem, error))
		return NULL;
	json_auto_t *claims = claims_of(&service->config, caller,
					seconds < TOKEN_LIFE_MAX ? seconds : TOKEN_LIFE_MAX);
	if (claims)
		token = sign(claims, kid, pem);
	sodium_memzero(pem, sizeof pem);
	if (!token)
		error_internal(error, ERROR_INTERNAL, "cannot sign a token");
	return token;
}

/* Three non-empty segments of base64url and nothing else; libjwt would skip what is not. */
static bool shape_is_right(const char *token, size_t length, size_t dots[2])
{
	static const char charset[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
	size_t count = 0;

	if (length < TOKEN_MIN || length > TOKEN_MAX || strspn(token, charset) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (token[i] == '.') {
			if (count == 2)
				return false;
			dots[count++] = i;
		}
	return count == 2 && dots[0] > 0 && dots[1] > dots[0] + 1 && dots[1] + 1 < length;
}

/* The decoded bytes (caller frees), over their full length; padding bits must be zero. */
static unsigned char *decode(const char *segment, size_t length, size_t *size)
{
	unsigned char *bytes = malloc(length + 1);

	if (bytes && sodium_base642bin(bytes, length, segment, length, NULL, size, NULL,
				       sodium_base64_VARIANT_URLSAFE_NO_PADDING)) {
		free(bytes);
		return NULL;
	}
	return bytes;
}

static json_t *parse(const char *segment, size_t length)
{
	size_t size = 0;
	unsigned char *bytes = decode(segment, length, &size);
	json_t *object = bytes ? json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, NULL)
			       : NULL;

	free(bytes);
	if (json_is_object(object))
		return object;
	json_decref(object);
	return NULL;
}

static bool is_text(const json_t *value, const char *text)
{
	return json_is_string(value) && json_string_length(value) == strlen(text) &&
	       !strcmp(json_string_value(value), text);
}

static bool kid_is_right(const char *kid)
{
	static const char charset[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t length = kid ? strlen(kid) : 0;

	return length >= 8 && length <= 64 && strspn(kid, charset) == length;
}

/* Finds the key that the header names. Whatever would change how to verify is refused. */
static bool header_is_right(struct tokens *tokens, const json_t *header, char pem[KEY_PEM_MAX])
{
	static const char *const refused[] = {"crit", "jku", "jwk", "x5u", "x5c", "b64", "zip"};
	const char *kid = json_string_value(json_object_get(header, "kid"));

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (json_object_get(header, refused[i]))
			return false;
	return is_text(json_object_get(header, "alg"), "ES256") &&
	       is_text(json_object_get(header, "typ"), "JWT") && kid_is_right(kid) &&
	       keys_find(tokens->keys, kid, pem);
}

/* The key is one of ours: P-256 (api/keys.c), and its text is never empty. */
static bool signature_is_right(const char *token, const char *segment, const char *pem)
{
	size_t size = 0;
	unsigned char *signature = decode(segment, strlen(segment), &size);
	jwt_t *jwt = NULL;

	bool is_whole = signature && size == SIGNATURE;

	free(signature);
	if (!is_whole || !pem[0])
		return false;
	bool is_right = !jwt_decode(&jwt, token, (const unsigned char *)pem, (int)strlen(pem)) &&
			jwt && jwt_get_alg(jwt) == JWT_ALG_ES256;
	jwt_free(jwt);
	return is_right;
}

static bool audience_is_right(const json_t *audience, const char *ours)
{
	const json_t *each;
	size_t i;
	bool is_ours = is_text(audience, ours);

	json_array_foreach(audience, i, each) {
		if (!json_is_string(each))
			return false;
		is_ours = is_ours || is_text(each, ours);
	}
	return is_ours;
}

static bool times_are_right(const json_t *payload, time_t now, time_t *expires)
{
	const json_t *exp = json_object_get(payload, "exp"), *iat = json_object_get(payload, "iat"),
		     *nbf = json_object_get(payload, "nbf");

	if (!json_is_integer(exp) || !json_is_integer(iat) || !json_is_integer(nbf))
		return false;
	json_int_t ends = json_integer_value(exp), issued = json_integer_value(iat);
	*expires = (time_t)ends;
	/* Both near now first, so that no difference can overflow. */
	return ends >= now - TOKEN_SKEW && ends <= now + TOKEN_LIFE_MAX + TOKEN_SKEW &&
	       issued >= now - TOKEN_LIFE_MAX - TOKEN_SKEW && issued <= now + TOKEN_SKEW &&
	       ends - issued <= TOKEN_LIFE_MAX && ends > issued && json_integer_value(nbf) >= 0 &&
	       json_integer_value(nbf) <= now + TOKEN_SKEW;
}

static bool uuid_claim(const json_t *payload, const char *name, char to[37])
{
	const json_t *value = json_object_get(payload, name);

	if (!json_is_string(value) || json_string_length(value) != 36 ||
	    !uuid_is_valid(json_string_value(value)))
		return false;
	memcpy(to, json_string_value(value), 37);
	return true;
}

static bool is_text_or_none(const json_t *payload, const char *name)
{
	const json_t *value = json_object_get(payload, name);

	return !value || json_is_null(value) || json_is_string(value);
}

/* Who may do what comes from the database; here the claims need only be of their type. */
static bool identity_is_right(const json_t *payload)
{
	const json_t *agency = json_object_get(payload, "agency");
	const json_t *role = json_object_get(payload, "role");
	bool is_known = false;

	for (int i = 0; i < ROLES; i++)
		is_known = is_known || is_text(role, role_names[i]);
	if (!json_is_null(agency) && (!json_is_integer(agency) || json_integer_value(agency) < 1 ||
				      json_integer_value(agency) > 19))
		return false;
	return is_known && is_text_or_none(payload, "org") && is_text_or_none(payload, "unit") &&
	       json_is_string(json_object_get(payload, "scope"));
}

static bool payload_is_right(const struct config *config, const json_t *payload,
			     struct claims *claims)
{
	char id[37];

	return is_text(json_object_get(payload, "iss"), config->issuer) &&
	       audience_is_right(json_object_get(payload, "aud"), config->audience) &&
	       times_are_right(payload, time(NULL), &claims->expires) &&
	       uuid_claim(payload, "sub", claims->subject) &&
	       uuid_claim(payload, "sid", claims->session) && uuid_claim(payload, "jti", id) &&
	       identity_is_right(payload);
}

static bool token_is_right(struct service *service, const char *token, const size_t dots[2],
			   struct claims *claims)
{
	char pem[KEY_PEM_MAX];

	json_auto_t *header = parse(token, dots[0]);
	json_auto_t *payload = parse(token + dots[0] + 1, dots[1] - dots[0] - 1);
	return header && payload && header_is_right(service->tokens, header, pem) &&
	       signature_is_right(token, token + dots[1] + 1, pem) &&
	       payload_is_right(&service->config, payload, claims);
}

/* What was believed before is so no more when its key was withdrawn meanwhile. */
static bool key_stands(struct tokens *tokens, const char *token)
{
	char pem[KEY_PEM_MAX];
	json_auto_t *header = parse(token, strcspn(token, "."));

	return header && header_is_right(tokens, header, pem);
}

/* Asks the database whether the session still stands, and for whom. */
static bool session_stands(struct service *service, const struct claims *claims,
			   const unsigned char key[VERIFIED_KEY], time_t until,
			   struct caller *caller, struct error *error)
{
	struct verified *verified = service->tokens->verified;
	long long asked = verified_now();
	bool stands = false;

	if (!accounts_session(service->pool, claims->session, caller, &stands, error))
		return false;
	if (!stands || strcmp(caller->user, claims->subject)) {
		verified_forget(verified, key);
		*caller = (struct caller){0};
		return error_set(error, ERROR_UNAUTHENTICATED, "token_invalid", NULL);
	}
	verified_keep(verified, key, until, caller, asked);
	return true;
}

bool token_verify(struct service *service, const char *token, struct caller *caller,
		  struct error *error)
{
	unsigned char key[VERIFIED_KEY];
	struct claims claims = {0};
	size_t length = strnlen(token, TOKEN_MAX + 1), dots[2];

	if (!shape_is_right(token, length, dots))
		return error_set(error, ERROR_UNAUTHENTICATED, "token_invalid", NULL);
	verified_key(service->tokens->verified, SCHEME_BEARER, token, length, key);
	switch (verified_find(service->tokens->verified, key, caller)) {
	case FRESH:
		if (!caller->must_change_password) /* which ends at once */
			return true;
		__attribute__((fallthrough));
	case STALE:
		if (!key_stands(service->tokens, token))
			return error_set(error, ERROR_UNAUTHENTICATED, "token_invalid", NULL);
		memcpy(claims.subject, caller->user, sizeof claims.subject);
		memcpy(claims.session, caller->session, sizeof claims.session);
		return session_stands(service, &claims, key, 0, caller, error);
	default:
		break;
	}
	if (!token_is_right(service, token, dots, &claims))
		return error_set(error, ERROR_UNAUTHENTICATED, "token_invalid", NULL);
	return session_stands(service, &claims, key, claims.expires + TOKEN_SKEW, caller, error);
}
