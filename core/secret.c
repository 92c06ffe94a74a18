/* Encryption at rest, blind indexes, password hashes and sealed cursors; all by libsodium. */
#include "secret.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "unicode.h"

enum {
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	PASSWORD_PASSES = 2, /* OWASP: 2 passes over 19 MiB */
	PASSWORD_MEMORY = 19 * 1024 * 1024,
};

/* PostgreSQL has SHA-256 and no HMAC: the two blocks that RFC 2104 makes of a key, inner and outer.
 */
static void write_pads(const unsigned char key[32], char pads[257])
{
	unsigned char blocks[128];

	memset(blocks, 0x36, 64);
	memset(blocks + 64, 0x5c, 64);
	for (size_t i = 0; i < 32; i++) {
		blocks[i] ^= key[i];
		blocks[64 + i] ^= key[i];
	}
	sodium_bin2hex(pads, 257, blocks, sizeof blocks);
	sodium_memzero(blocks, sizeof blocks);
}

bool keyring_init(struct keyring *keyring, const char *master, struct error *error)
{
	unsigned char key[crypto_kdf_KEYBYTES];
	size_t length = 0;

	if (sodium_init() < 0)
		return error_internal(error, ERROR_INTERNAL, "libsodium does not start");
	if (!master || !*master)
		return error_internal(error, ERROR_INTERNAL, "LACHAN_MASTER_KEY is not set");
	if (strlen(master) != 64 ||
	    sodium_hex2bin(key, sizeof key, master, 64, NULL, &length, NULL) ||
	    length != sizeof key)
		return error_internal(error, ERROR_INTERNAL,
				      "LACHAN_MASTER_KEY must be 64 hexadecimal digits");

	unsigned char *const keys[] = {keyring->seal,	 keyring->index,  keyring->cursor,
				       keyring->signing, keyring->pepper, keyring->pseudonym,
				       keyring->audit}; /* new ones at the end */
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		crypto_kdf_derive_from_key(keys[i], 32, i + 1, "lachan  ", key);
	sodium_memzero(key, sizeof key);
	write_pads(keyring->pseudonym, keyring->pseudonyms);
	return true;
}

/* nonce ‖ ciphertext as bytes; *length is its size. */
static unsigned char *seal(const unsigned char key[32], const char *plain, const char *about,
			   size_t *length)
{
	size_t size = strlen(plain);
	unsigned char *sealed = malloc(NONCE + size + TAG);
	unsigned long long written;

	if (!sealed)
		return NULL;
	randombytes_buf(sealed, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(
		sealed + NONCE, &written, (const unsigned char *)plain, size,
		(const unsigned char *)about, strlen(about), NULL, sealed, key);
	*length = NONCE + (size_t)written;
	return sealed;
}

static char *unseal(const unsigned char key[32], const unsigned char *sealed, size_t length,
		    const char *about)
{
	if (length < NONCE + TAG)
		return NULL;
	char *plain = malloc(length - NONCE - TAG + 1);
	unsigned long long written;

	if (plain && crypto_aead_xchacha20poly1305_ietf_decrypt(
			     (unsigned char *)plain, &written, NULL, sealed + NONCE, length - NONCE,
			     (const unsigned char *)about, strlen(about), sealed, key)) {
		free(plain);
		return NULL;
	}
	if (plain)
		plain[written] = '\0';
	return plain;
}

char *secret_seal(const unsigned char key[32], const char *plain, const char *about)
{
	size_t length;
	unsigned char *sealed = seal(key, plain, about, &length);
	char *hex = sealed ? malloc(length * 2 + 1) : NULL;

	if (hex)
		sodium_bin2hex(hex, length * 2 + 1, sealed, length);
	free(sealed);
	return hex;
}

char *secret_open(const unsigned char key[32], const char *sealed, const char *about)
{
	size_t length = 0, capacity = strlen(sealed) / 2;
	unsigned char *bytes = malloc(capacity + 1);
	char *plain = NULL;

	if (bytes && !sodium_hex2bin(bytes, capacity, sealed, strlen(sealed), NULL, &length, NULL))
		plain = unseal(key, bytes, length, about);
	free(bytes);
	return plain;
}

void secret_index(const unsigned char key[32], const char *text, char index[65])
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, key, 32);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, strlen(text));
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_bin2hex(index, 65, mac, sizeof mac);
}

void secret_sha256(const char *text, char hex[65])
{
	unsigned char digest[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(digest, (const unsigned char *)text, strlen(text));
	sodium_bin2hex(hex, 65, digest, sizeof digest);
}

void secret_random(size_t bytes, char *out)
{
	unsigned char random[64];

	if (bytes > sizeof random)
		bytes = sizeof random;
	randombytes_buf(random, bytes);
	sodium_bin2base64(out, sodium_base64_encoded_len(bytes, 7), random, bytes,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

char *cursor_seal(const struct keyring *keyring, const char *plain, const char *about)
{
	size_t length;
	unsigned char *sealed = seal(keyring->cursor, plain, about, &length);
	size_t size = sodium_base64_ENCODED_LEN(length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *cursor = sealed ? malloc(size) : NULL;

	if (cursor)
		sodium_bin2base64(cursor, size, sealed, length,
				  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	free(sealed);
	return cursor;
}

char *cursor_open(const struct keyring *keyring, const char *cursor, const char *about)
{
	size_t length = 0, capacity = strlen(cursor);
	unsigned char *bytes = malloc(capacity + 1);
	char *plain = NULL;

	if (bytes && !sodium_base642bin(bytes, capacity, cursor, strlen(cursor), NULL, &length,
					NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING))
		plain = unseal(keyring->cursor, bytes, length, about);
	free(bytes);
	return plain;
}

/* NFC first: the same password typed on two keyboards is one password. */
static bool pepper(const struct keyring *keyring, const char *password, char mixed[65])
{
	char *normal = unicode_nfc(password);

	if (!normal)
		return false;
	secret_index(keyring->pepper, normal, mixed);
	sodium_memzero(normal, strlen(normal));
	free(normal);
	return true;
}

bool password_hash(const struct keyring *keyring, const char *password,
		   char hash[PASSWORD_HASH_MAX])
{
	char mixed[65];

	return pepper(keyring, password, mixed) &&
	       !crypto_pwhash_str(hash, mixed, strlen(mixed), PASSWORD_PASSES, PASSWORD_MEMORY);
}

bool password_matches(const struct keyring *keyring, const char *password, const char *hash)
{
	char mixed[65];

	return pepper(keyring, password, mixed) &&
	       !crypto_pwhash_str_verify(hash, mixed, strlen(mixed));
}
