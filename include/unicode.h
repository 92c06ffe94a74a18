/* Vietnamese text: one form to store, one form to find it by. */
#ifndef LACHAN_UNICODE_H
#define LACHAN_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `text` in NFC (Unicode Standard Annex 15), a new string the caller frees; NULL when it is not
 * valid UTF-8 or memory is out. */
char *unicode_nfc(const char *text);

/* Lower case without diacritics, apostrophes or what is invisible, words by one space: "Ea H'Leo" →
 * "ea hleo", "ĐẶNG  Văn" → "dang van". A new string the caller frees; NULL as above. */
char *unicode_fold(const char *text);

/* Characters (code points), not bytes. */
size_t unicode_length(const char *text);

/* Of valid UTF-8. No control character but line feed and tab; the same without these two and any
 * other end of a line. */
bool unicode_is_printable(const char *text);
bool unicode_is_one_line(const char *text);
/* Nothing is in it that nobody sees: soft hyphens, joiners, fillers, what turns text round. */
bool unicode_is_visible(const char *text);

/* The key that finds a set of words whatever their order: used for names and for ?q=. Repeated
 * words count once. 0 when there is no word or there are more than 8. */
int64_t unicode_words_key(const char *folded);

/* The keys of every non-empty choice of the words (at most the first 6 distinct ones): what a name
 * can be found by. Returns how many were written; at most 63. */
size_t unicode_name_keys(const char *folded, int64_t keys[63]);

#endif
