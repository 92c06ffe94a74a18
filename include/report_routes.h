/* What the engine does not do to a report: its figures, its submission, the second signature. */
#ifndef LACHAN_REPORT_ROUTES_H
#define LACHAN_REPORT_ROUTES_H

#include "request.h"

bool report_figures(struct request *request);
bool report_submit(struct request *request);
bool report_countersign(struct request *request);

#endif
