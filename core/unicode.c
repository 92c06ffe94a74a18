/* Vietnamese text: one form to store, one form to find it by. */
#include "unicode.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

char *unicode_nfc(const char *text)
{
	size_t length = strlen(text), size = 0;

	if (u8_check((const uint8_t *)text, length))
		return NULL;
	uint8_t *normal = u8_normalize(UNINORM_NFC, (const uint8_t *)text, length, NULL, &size);
	if (!normal && length)
		return NULL;
	char *copy = malloc(size + 1);
	if (copy) {
		memcpy(copy, normal ? normal : (uint8_t *)"", size);
		copy[size] = '\0';
	}
	free(normal);
	return copy;
}

static bool is_apostrophe(ucs4_t c)
{
	return c == '\'' || c == '`' || c == 0x2018 || c == 0x2019 || c == 0x02BC || c == 0x00B4;
}

/* Nothing is seen of it, or it only says how what follows is to be seen: fillers, joiners,
 * variation selectors, what turns text round, and the blank of Braille. */
static bool is_invisible(ucs4_t c)
{
	return uc_is_property_default_ignorable_code_point(c) ||
	       uc_is_general_category(c, UC_FORMAT) || c == 0x2800;
}

char *unicode_fold(const char *text)
{
	size_t length = strlen(text), size = 0;

	if (u8_check((const uint8_t *)text, length))
		return NULL;
	uint8_t *lower = u8_tolower((const uint8_t *)text, length, NULL, UNINORM_NFD, NULL, &size);
	char *folded = malloc(size + 1), *out = folded;

	for (size_t i = 0; folded && i < size;) {
		ucs4_t c;
		int used = u8_mbtouc(&c, lower + i, size - i);

		if (c == 0x0111) /* đ has no decomposition */
			*out++ = 'd';
		else if (uc_is_property_white_space(c) || c == '-' || c == '.') {
			if (out > folded && out[-1] != ' ')
				*out++ = ' ';
		} else if (!uc_is_general_category(c, UC_MARK) && !is_apostrophe(c) &&
			   !is_invisible(c)) {
			memcpy(out, lower + i, (size_t)used);
			out += used;
		}
		i += (size_t)used;
	}
	if (folded) {
		if (out > folded && out[-1] == ' ')
			out--;
		*out = '\0';
	}
	free(lower);
	return folded;
}

size_t unicode_length(const char *text)
{
	return u8_mbsnlen((const uint8_t *)text, strlen(text));
}

static bool is_printable(ucs4_t c)
{
	return c != 0xFFFD && !uc_is_general_category(c, UC_CONTROL);
}

bool unicode_is_printable(const char *text)
{
	for (ucs4_t c; (text = (const char *)u8_next(&c, (const uint8_t *)text));)
		if (!is_printable(c) && c != '\n' && c != '\t')
			return false;
	return true;
}

bool unicode_is_one_line(const char *text)
{
	for (ucs4_t c; (text = (const char *)u8_next(&c, (const uint8_t *)text));)
		if (!is_printable(c) || c == 0x2028 || c == 0x2029)
			return false;
	return true;
}

bool unicode_is_visible(const char *text)
{
	for (ucs4_t c; (text = (const char *)u8_next(&c, (const uint8_t *)text));)
		if (is_invisible(c))
			return false;
	return true;
}

struct word {
	const char *start;
	size_t length;
};

static int compare_words(const void *a, const void *b)
{
	const struct word *one = a, *other = b;
	size_t shorter = one->length < other->length ? one->length : other->length;
	int order = memcmp(one->start, other->start, shorter);

	return order ? order : (int)one->length - (int)other->length;
}

/* The distinct words in order; `capacity` + 1 when there are more. */
static size_t words_of(const char *folded, struct word *words, size_t capacity)
{
	size_t count = 0, distinct = 0;

	for (const char *p = folded; *p;) {
		size_t length = strcspn(p, " ");

		if (length && count == capacity)
			return capacity + 1;
		if (length)
			words[count++] = (struct word){p, length};
		p += length + (p[length] == ' ');
	}
	qsort(words, count, sizeof *words, compare_words);
	for (size_t i = 0; i < count; i++)
		if (!i || compare_words(&words[i], &words[i - 1]))
			words[distinct++] = words[i];
	return distinct;
}

/* A 63-bit digest of the words that `chosen` has a bit for; never 0. */
static int64_t key_of(const struct word *words, size_t count, unsigned chosen)
{
	crypto_generichash_state state;
	int64_t key;

	crypto_generichash_init(&state, NULL, 0, 16);
	for (size_t i = 0; i < count; i++)
		if (chosen >> i & 1) {
			crypto_generichash_update(&state, (const unsigned char *)words[i].start,
						  words[i].length);
			crypto_generichash_update(&state, (const unsigned char *)" ", 1);
		}
	unsigned char digest[16];
	crypto_generichash_final(&state, digest, sizeof digest);
	memcpy(&key, digest, sizeof key);
	key &= INT64_MAX;
	return key ? key : 1;
}

int64_t unicode_words_key(const char *folded)
{
	struct word words[8];
	size_t count = words_of(folded, words, 8);

	return count && count <= 8 ? key_of(words, count, (1u << count) - 1) : 0;
}

size_t unicode_name_keys(const char *folded, int64_t keys[63])
{
	struct word words[24];
	size_t count = words_of(folded, words, 24), made = 0;

	if (count > 6)
		count = 6;
	for (unsigned chosen = 1; chosen < 1u << count; chosen++)
		keys[made++] = key_of(words, count, chosen);
	return made;
}
