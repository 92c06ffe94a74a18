/* /v1/me: who the caller is and, resource by resource, what it may do. */
#include "accounts.h"
#include "session.h"

enum { GRANTS_MAX = 32 };

static json_t *may_of(const struct caller *caller, const struct resource *resource)
{
	json_t *list = json_array();

	for (int operation = 0; operation < OPERATIONS; operation++)
		if (access_may(caller, resource, (enum operation)operation))
			json_array_append_new(list, json_string(operation_names[operation]));
	return list;
}

static json_t *hidden_of(const struct caller *caller, const struct resource *resource)
{
	json_t *list = json_array();
	unsigned hidden = access_hidden(caller->agency, resource);

	for (unsigned i = 0; i < FIELD_CLASSES; i++)
		if (hidden & ONE(i))
			json_array_append_new(list, json_string(field_class_names[i]));
	return list;
}

/* The widest scope of a read; a nested record goes with its parent. NULL: nothing is granted. */
static const char *scope_of(const struct caller *caller, const struct resource *resource)
{
	static const char *const names[SCOPES] = {
		[EVERYWHERE] = "all",	    [TERRITORY] = "territory", [OWN] = "own",
		[SHARED] = "shared",	    [PARTY] = "own",	       [ASSIGNED] = "own",
		[EITHER_END] = "territory",
	};
	const struct grant *found[GRANTS_MAX];
	size_t count = access_grants(caller->agency, resource, READ, found, GRANTS_MAX);
	enum scope widest = SCOPES;

	if (!count || !access_may(caller, resource, READ))
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (found[i]->scope != VIA_PARENT && found[i]->scope < widest)
			widest = found[i]->scope;
	if (widest != SCOPES)
		return names[widest];
	return resource->parent ? scope_of(caller, resource->parent) : "own";
}

static json_t *resources_of(const struct caller *caller)
{
	json_t *all = json_object();

	for (size_t i = 0; resources[i]; i++)
		json_object_set_new(all, resource_word(resources[i]),
				    json_pack("{s:o, s:o, s:s?}", "may",
					      may_of(caller, resources[i]), "hidden",
					      hidden_of(caller, resources[i]), "scope",
					      scope_of(caller, resources[i])));
	return all;
}

/* null rather than "" for what an operator does not have. */
static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

bool me_show(struct request *request)
{
	__attribute__((cleanup(holder_names_release))) struct holder_names names = {0};
	const struct caller *caller = &request->caller;

	if (!accounts_names(request->service->pool, caller, &names, &request->error))
		return false;
	return reply_json(
		request, 200,
		json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:b, s:o}", "user",
			  caller->user, "username", text_or_null(names.username), "organization",
			  text_or_null(caller->organization), "organization_name",
			  text_or_null(names.organization), "agency",
			  caller->agency ? json_integer(caller->agency) : json_null(), "role",
			  role_names[caller->role], "unit", text_or_null(caller->unit), "unit_name",
			  text_or_null(names.unit), "purpose", text_or_null(caller->purpose),
			  "must_change_password", caller->must_change_password, "resources",
			  resources_of(caller)));
}
