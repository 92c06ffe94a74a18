/* Scopes of system clients: names to bits and back. */
#include "scope.h"

#include <string.h>

#include "access.h"

/* What has no name of its own: a nested resource goes with its parent, accounts and the audit with
 * nobody. */
static bool has_name(const struct resource *resource)
{
	return !resource->parent && !(resource->traits & (OWN_RULES | NEWEST_FIRST));
}

uint64_t scope_bit(const struct resource *resource, bool writing)
{
	unsigned place = 0;

	while (resource->parent)
		resource = resource->parent;
	for (unsigned i = 0; resources[i] && resources[i] != resource; i++)
		place += has_name(resources[i]);
	return has_name(resource) ? (uint64_t)1 << (place * 2 + writing) : 0;
}

static uint64_t all(bool writing)
{
	uint64_t bits = 0;

	for (unsigned i = 0; resources[i]; i++)
		bits |= scope_bit(resources[i], writing);
	return bits;
}

static bool is(const char *name, size_t length, const char *word)
{
	return strlen(word) == length && !memcmp(name, word, length);
}

static uint64_t of_resource(const char *name, size_t length)
{
	const char *colon = memchr(name, ':', length);

	if (!colon)
		return 0;
	size_t noun = (size_t)(colon - name), verb = length - noun - 1;
	bool writing = is(colon + 1, verb, "write");
	if (!writing && !is(colon + 1, verb, "read"))
		return 0;
	for (unsigned i = 0; resources[i]; i++)
		if (has_name(resources[i]) && is(name, noun, resources[i]->name))
			return scope_bit(resources[i], writing);
	return 0;
}

static bool add(struct scopes *scopes, const char *name, size_t length)
{
	uint64_t bits = is(name, length, "read")    ? all(false)
			: is(name, length, "write") ? all(true)
						    : of_resource(name, length);

	if (is(name, length, "people:export"))
		return scopes->minor_names = true;
	scopes->bits |= bits;
	return bits != 0;
}

bool scopes_parse(const char *text, struct scopes *scopes)
{
	*scopes = (struct scopes){0};
	while (*text) {
		size_t length = strcspn(text, " ");

		if (!add(scopes, text, length))
			return false;
		text += length;
		if (*text == ' ' && !*++text)
			return false;
	}
	return true;
}

static void format_one(struct text *text, const char *noun, const char *verb)
{
	if (text->length)
		text_add_char(text, ' ');
	if (noun)
		text_addf(text, "%s:", noun);
	text_add(text, verb);
}

static void format_verb(struct text *text, uint64_t bits, bool writing)
{
	const char *verb = writing ? "write" : "read";
	uint64_t every = all(writing);

	if ((bits & every) == every) {
		format_one(text, NULL, verb);
		return;
	}
	for (unsigned i = 0; resources[i]; i++)
		if (has_name(resources[i]) && bits & scope_bit(resources[i], writing))
			format_one(text, resources[i]->name, verb);
}

void scopes_format(const struct scopes *scopes, struct text *text)
{
	format_verb(text, scopes->bits, false);
	format_verb(text, scopes->bits, true);
	if (scopes->minor_names)
		format_one(text, "people", "export");
}

bool scopes_include(const struct scopes *outer, const struct scopes *inner)
{
	return !(inner->bits & ~outer->bits) && (outer->minor_names || !inner->minor_names);
}

bool scopes_only_read(const struct scopes *scopes)
{
	return !(scopes->bits & all(true));
}

/* A scope of a resource is also one of what is nested below it. */
static bool agency_may(int agency, const struct resource *resource, bool writing)
{
	int last = writing ? REMOVE : READ;
	const struct grant *found[1];

	for (unsigned i = 0; resources[i]; i++)
		for (int operation = writing ? CREATE : LIST; operation <= last; operation++)
			if ((resources[i] == resource || resources[i]->parent == resource) &&
			    access_grants(agency, resources[i], (enum operation)operation, found,
					  1))
				return true;
	return false;
}

bool scope_fits(const char *name, int agency)
{
	struct scopes scopes;

	if (!strcmp(name, "read") || !strcmp(name, "write"))
		return true;
	if (!scopes_parse(name, &scopes))
		return false;
	if (scopes.minor_names)
		return agency_may(agency, &people, false);
	for (unsigned i = 0; resources[i]; i++)
		for (unsigned writing = 0; writing < 2; writing++)
			if (scopes.bits & scope_bit(resources[i], writing))
				return agency_may(agency, resources[i], writing);
	return false;
}
