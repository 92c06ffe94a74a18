/* Everything held of one person, and who was given it. */
#ifndef LACHAN_DOSSIER_H
#define LACHAN_DOSSIER_H

#include "records.h"

/* A new reference; fields that are hidden from the caller are null and named in `redacted`, and a
 * table that is not the caller's to see is named in `withheld`. The reading is in the audit. */
bool dossier_read(const struct records *records, const struct caller *caller, const char *person,
		  json_t **document, struct error *error) CHECKED;

#endif
