/* Answers of indicators by their tag, which names the version of the data, the question and the
 * rights: what has that tag is that answer. For the many who poll the same. */
#ifndef LACHAN_ANSWERS_H
#define LACHAN_ANSWERS_H

#include <stdbool.h>

#include "text.h"

struct answers;

/* NULL: out of memory. */
struct answers *answers_open(void);
void answers_close(struct answers *answers);

/* True when the tag's answer is there: a copy comes into `body`, with its media type (static text).
 * Whoever asks for one that another is computing waits for it, some seconds at most; whoever is
 * told false computes it, and says so by answers_keep() or answers_leave(). */
bool answers_find(struct answers *answers, const char *tag, struct text *body,
		  const char **content_type);
/* Keeps a copy, unless it is long; what was kept longest makes way. */
void answers_keep(struct answers *answers, const char *tag, const struct text *body,
		  const char *content_type);
/* There is no answer after all. */
void answers_leave(struct answers *answers, const char *tag);

#endif
