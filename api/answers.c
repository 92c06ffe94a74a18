/* Answers of indicators by their tag. */
#include "answers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* At most 16 MiB. */
enum { PLACES = 64, LONGEST = 256 * 1024, PATIENCE = 5 };

struct answers {
	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t changed;
	struct place {
		char tag[33];
		const char *content_type; /* NULL: it is being computed */
		struct text body;
	} places[PLACES];
	size_t next;
};

struct answers *answers_open(void)
{
	struct answers *answers = calloc(1, sizeof *answers);

	if (answers)
		pthread_mutex_init(&answers->lock, NULL);
	if (answers)
		pthread_cond_init(&answers->changed, NULL);
	return answers;
}

void answers_close(struct answers *answers)
{
	if (!answers)
		return;
	for (int i = 0; i < PLACES; i++)
		text_release(&answers->places[i].body);
	pthread_cond_destroy(&answers->changed);
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

/* A place for what is about to be computed; what was kept longest makes way. */
static void claim(struct answers *answers, const char *tag)
{
	struct place *place = &answers->places[answers->next++ % PLACES];

	text_release(&place->body);
	*place = (struct place){0};
	memcpy(place->tag, tag, sizeof place->tag);
}

bool answers_find(struct answers *answers, const char *tag, struct text *body,
		  const char **content_type)
{
	struct timespec until;
	const struct place *place;
	bool has_time = true;

	if (!*tag)
		return false;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE;
	pthread_mutex_lock(&answers->lock);
	while ((place = place_of(answers, tag)) && !place->content_type && has_time)
		has_time = !pthread_cond_timedwait(&answers->changed, &answers->lock, &until);
	bool found = place && place->content_type;

	if (found) {
		text_add_bytes(body, place->body.data, place->body.length);
		*content_type = place->content_type;
	} else if (!place) {
		claim(answers, tag);
	}
	pthread_mutex_unlock(&answers->lock);
	return found && !body->failed;
}

/* Takes the place out of the list, or gives it what was computed. */
static void settle(struct answers *answers, const char *tag, const struct text *body,
		   const char *content_type)
{
	pthread_mutex_lock(&answers->lock);
	struct place *place = *tag ? place_of(answers, tag) : NULL;

	if (place && !place->content_type) {
		if (content_type)
			text_add_bytes(&place->body, body->data, body->length);
		if (!content_type || place->body.failed)
			*place->tag = '\0';
		place->content_type = content_type;
	}
	pthread_cond_broadcast(&answers->changed);
	pthread_mutex_unlock(&answers->lock);
}

void answers_keep(struct answers *answers, const char *tag, const struct text *body,
		  const char *content_type)
{
	bool is_kept = !body->failed && body->length <= LONGEST;

	settle(answers, tag, body, is_kept ? content_type : NULL);
}

void answers_leave(struct answers *answers, const char *tag)
{
	settle(answers, tag, NULL, NULL);
}
