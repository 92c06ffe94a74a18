/* What may be a password. The list is of folded words without spaces, one a line, sorted. */
#include "password.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "unicode.h"

enum { SHORTEST = 15, LONGEST = 128, BYTES = 512, NAME_SHORTEST = 4 };

/* Words that are tried here first; alone or with nothing but digits and signs they are no secret.
 */
static const char *const local_words[] = {
	"daklak", "lachan",  "vietnam", "buonmathuot", "matkhau", "password", "phuyen",
	"tinh",	  "kehoach", "khubnd",	"matuy",       "xinchao", "admin",    NULL,
};

/* Small letters without diacritics or spaces, so that dressing a word up does not hide it. */
static char *bare(const char *text)
{
	char *folded = unicode_fold(text), *to = folded;

	for (const char *from = folded; from && *from; from++)
		if (*from != ' ')
			*to++ = *from;
	if (to)
		*to = '\0';
	return folded;
}

/* The order of the file's lines is that of strcmp() on them. */
static bool is_listed(const char *word, size_t length)
{
	const struct embedded_file *file = embedded_find("core/common_passwords.txt");
	size_t low = 0, high = file ? file->size : 0;

	while (low < high) {
		size_t start = low + (high - low) / 2;

		while (start > low && file->data[start - 1] != '\n')
			start--;
		const char *line = file->data + start;
		size_t size = strcspn(line, "\n");
		int order = strncmp(word, line, length < size ? length : size);

		if (!order && length == size)
			return true;
		if (order < 0 || (!order && length < size))
			high = start;
		else
			low = start + size + 1;
	}
	return false;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || c & 0x80;
}

/* Takes every local word out; true when there was one and no letter is left, or nothing was there.
 */
static bool is_local(char *word)
{
	bool has = !*word;

	for (size_t i = 0; local_words[i]; i++) {
		size_t length = strlen(local_words[i]);

		for (char *found; (found = strstr(word, local_words[i])); has = true)
			memmove(found, found + length, strlen(found + length) + 1);
	}
	while (*word && !is_letter(*word))
		word++;
	return has && !*word;
}

/* Digits and signs at the end change no word that is listed. */
static bool is_common(char *word)
{
	size_t length = strlen(word), letters = length;

	while (letters && !is_letter(word[letters - 1]))
		letters--;
	return is_listed(word, length) || (letters && is_listed(word, letters)) || is_local(word);
}

static bool has_name(const char *word, const char *username)
{
	char *name = bare(username);
	bool has = name && strlen(name) >= NAME_SHORTEST && strstr(word, name);

	free(name);
	return has;
}

bool password_accepts(const char *password, const char *username, const char *pointer,
		      struct error *error)
{
	char *normal = unicode_nfc(password), *word = normal ? bare(normal) : NULL, limit[8];
	size_t length = normal ? unicode_length(normal) : 0;
	bool is_long = length > LONGEST || (normal && strlen(normal) > BYTES);

	snprintf(limit, sizeof limit, "%d", length < SHORTEST ? SHORTEST : LONGEST);
	if (!word)
		error_fault(error, ERROR_INVALID, pointer, "control_character", NULL);
	else if (length < SHORTEST || is_long)
		error_fault(error, ERROR_INVALID, pointer, is_long ? "too_long" : "too_short",
			    limit);
	else if (has_name(word, username))
		error_fault(error, ERROR_INVALID, pointer, "password_has_username", NULL);
	else if (is_common(word))
		error_fault(error, ERROR_INVALID, pointer, "password_common", NULL);
	free(word);
	free(normal);
	return !error->kind;
}
