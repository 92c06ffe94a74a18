/* The members of a body that is no record. */
#include "members.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

static void member_read(struct member *member, const json_t *body, struct error *error)
{
	const json_t *value = json_object_get(body, member->name);
	char pointer[64], max[24];

	snprintf(pointer, sizeof pointer, "/%s", member->name);
	if ((!value || json_is_null(value)) && member->is_optional)
		return;
	if (!value || json_is_null(value) ||
	    (json_is_string(value) && !json_string_length(value))) {
		error_fault(error, ERROR_INVALID, pointer, "required", NULL);
	} else if (!json_is_string(value)) {
		error_fault(error, ERROR_INVALID, pointer, "text_expected", NULL);
	} else if (json_string_length(value) > member->max) {
		snprintf(max, sizeof max, "%zu", member->max);
		error_fault(error, ERROR_INVALID, pointer, "too_long", max);
	} else {
		member->text = json_string_value(value);
	}
}

/* RFC 6901: ~ and / of a name are written ~0 and ~1. */
static void unknown_member(const char *name, struct error *error)
{
	auto_text pointer = {0};

	text_add_char(&pointer, '/');
	for (const char *c = name; *c && pointer.length < 128; c++) {
		if (*c == '~' || *c == '/')
			text_add(&pointer, *c == '~' ? "~0" : "~1");
		else
			text_add_char(&pointer, *c);
	}
	error_fault(error, ERROR_INVALID, text_string(&pointer), "unknown_field", name);
}

bool members_read(const json_t *body, struct member *members, struct error *error)
{
	const char *name;
	json_t *value;

	if (!json_is_object(body))
		return error_fault(error, ERROR_INVALID, "", "object_expected", NULL);
	for (struct member *member = members; member->name; member++)
		member_read(member, body, error);
	json_object_foreach((json_t *)(uintptr_t)body, name, value) {
		const struct member *member = members;

		while (member->name && strcmp(member->name, name))
			member++;
		if (!member->name)
			unknown_member(name, error);
	}
	return !error->kind;
}
