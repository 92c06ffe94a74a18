/* Answers of indicators by their tag. */
#include "answers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* At most 16 MiB. */
enum { PLACES = 64, LONGEST = 256 * 1024 };

struct answers {
	pthread_mutex_t lock; /* guards the rest */
	struct place {
		char tag[33];
		const char *content_type;
		struct text body;
	} places[PLACES];
	size_t next;
};

struct answers *answers_open(void)
{
	struct answers *answers = calloc(1, sizeof *answers);

	if (answers)
		pthread_mutex_init(&answers->lock, NULL);
	return answers;
}

void answers_close(struct answers *answers)
{
	if (!answers)
		return;
	for (int i = 0; i < PLACES; i++)
		text_release(&answers->places[i].body);
	pthread_mutex_destroy(&answers->lock);
	free(answers);
}

static struct place *place_of(struct answers *answers, const char *tag)
{
	for (int i = 0; i < PLACES; i++)
		if (!strcmp(answers->places[i].tag, tag))
			return &answers->places[i];
	return NULL;
}

bool answers_find(struct answers *answers, const char *tag, struct text *body,
		  const char **content_type)
{
	pthread_mutex_lock(&answers->lock);
	const struct place *place = *tag ? place_of(answers, tag) : NULL;

	if (place) {
		text_add_bytes(body, place->body.data, place->body.length);
		*content_type = place->content_type;
	}
	pthread_mutex_unlock(&answers->lock);
	return place && !body->failed;
}

void answers_keep(struct answers *answers, const char *tag, const struct text *body,
		  const char *content_type)
{
	if (!*tag || body->failed || body->length > LONGEST)
		return;
	pthread_mutex_lock(&answers->lock);
	if (!place_of(answers, tag)) {
		struct place *place = &answers->places[answers->next++ % PLACES];

		text_release(&place->body);
		*place = (struct place){.content_type = content_type};
		text_add_bytes(&place->body, body->data, body->length);
		if (!place->body.failed)
			memcpy(place->tag, tag, sizeof place->tag);
	}
	pthread_mutex_unlock(&answers->lock);
}
