/* The reform of units and organisations: what was open passes to who follows (db/migrations/0024).
 */
#ifndef LACHAN_REFORM_H
#define LACHAN_REFORM_H

#include <stddef.h>

#include "error.h"

/* So many records of one kind; "" where nothing is told. */
struct reform_line {
	char kind[32], from_unit[24], to_unit[24];
	char from_organization[64], to_organization[64];
	bool is_decided; /* else it waits in /v1/reform-undecided */
	long long records;
};

/* As the owner of the database. is_trial: nothing is changed. The caller frees *lines. */
bool reform_apply(const char *owner_url, bool is_trial, struct reform_line **lines, size_t *count,
		  struct error *error) CHECKED;

#endif
