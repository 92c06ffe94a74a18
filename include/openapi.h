/* The parts that the contract is put together from (api/openapi*.c); api/openapi.c alone is asked
 * for the whole, see request.h. All that is returned is a new reference or a new string. */
#ifndef LACHAN_OPENAPI_H
#define LACHAN_OPENAPI_H

#include <jansson.h>
#include <stdbool.h>

#include "request.h"
#include "text.h"

/* {"$ref": "#/components/{kind}/{name}"} */
json_t *openapi_ref(const char *kind, const char *name);
/* The answer 304. */
json_t *openapi_not_changed(void);
json_t *openapi_codes(const struct code_list *list);
/* True when a route offers the operation on the resource. */
bool openapi_has(const struct resource *resource, enum operation operation);

/* One value of the field as a client sends it, without null. */
json_t *openapi_value(const struct field *field);
/* Adds the schemas of every resource: read, create, update and list. */
void openapi_add_schemas(json_t *schemas);

/* The query parameters of an operation on a resource, as core/plan.c reads them. */
json_t *openapi_parameters(const struct resource *resource, enum operation operation);

/* The components that operations share: parameters, headers, error answers, security schemes. */
void openapi_add_shared(json_t *components);
/* Adds the error answers that a route can give. */
void openapi_add_failures(json_t *responses, const struct route *route);

/* Adds to a body in JSON an example of it: one that is accepted where it names what is there. */
void openapi_add_example(json_t *operation);

/* Says who may do it: agencies with their scope, roles, and what is hidden from whom. */
void openapi_add_access(struct text *about, const struct resource *resource,
			enum operation operation);

/* "1, 4, 19", or "all". */
void openapi_add_agencies(struct text *text, agency_set set);

/* The operation of a route that the engine does not serve, and the schemas such routes speak of. */
bool openapi_is_special(const struct route *route);
json_t *openapi_special(const struct route *route);
void openapi_add_special_schemas(json_t *schemas);
/* The tags of those routes, with what they are about. */
void openapi_add_special_tags(json_t *tags);

#endif
