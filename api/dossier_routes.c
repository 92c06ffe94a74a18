/* /v1/people/{id}/dossier: everything held of one person, for answering its request. */
#include "dossier_routes.h"

#include "dossier.h"
#include "engine.h"

bool dossier_show(struct request *request)
{
	json_t *document = NULL;

	/* It is whole or not at all: nothing chooses among its fields. */
	if (request->parameter_count)
		return error_fault(&request->error, ERROR_MALFORMED, request->parameters[0].name,
				   "unknown_parameter", NULL);
	return engine_parameters(request) &&
	       dossier_read(&request->service->records, &request->caller, request->plan.id,
			    &document, &request->error) &&
	       reply_json(request, 200, document);
}
