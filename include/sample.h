/* Invented data to try the service with: the same seed and day give the same people. */
#ifndef LACHAN_SAMPLE_H
#define LACHAN_SAMPLE_H

#include <stdint.h>

#include "secret.h"

enum { SAMPLE_PEOPLE_MAX = 1000000 };

struct sample_spec {
	size_t people; /* 1 to SAMPLE_PEOPLE_MAX */
	uint64_t seed;
	size_t interventions; /* in all; 0: five for each person */
	const char *home;     /* where accounts.csv is written */
};

/* Fills a migrated database that has no people yet, in one transaction, as its owner. Then
 * `home`/accounts.csv, readable to its owner alone, has an account for each agency and role. */
bool sample_make(const char *owner_url, const struct keyring *keyring,
		 const struct sample_spec *spec, struct error *error) CHECKED;

#endif
