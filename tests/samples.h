/* Valid records of every resource, made from its table. */
#ifndef LACHAN_TESTS_SAMPLES_H
#define LACHAN_TESTS_SAMPLES_H

#include "support.h"

enum { SAMPLE_VARIANTS = 7 };

/* A resource that is written, and who may do everything with it. */
struct sample {
	const struct resource *resource;
	int agency;
	/* What the law asks of each variant: members that replace the generated ones; null takes
	 * one out. Ends in NULL; a variant beyond takes them in turn. */
	const char *changes[SAMPLE_VARIANTS + 2];
};

extern const struct sample samples[]; /* ends in {0} */
int sample_count(void);

const struct sample *sample_of(const struct resource *resource);

/* "/v1/people", or "/v1/people/{a new parent}/statuses": the parent is made at the first use. */
const char *sample_path(const struct resource *resource);
/* The variant's object: most optional members are there, some are not, by turns. */
json_t *sample_object(const struct sample *sample, int variant);
/* What may be there once in the whole database takes a place that is free. */
void sample_place(json_t *made_up, const struct resource *resource);
/* Creates it; the answer is a 201. */
struct http sample_made(const struct sample *sample, int variant);

/* The id of a record that others hang on, made at the first use; forgotten with samples_forget(),
 * the teardown of a fixture that made some. */
const char *sample_parent(const struct resource *resource);
void samples_forget(void);

#endif
