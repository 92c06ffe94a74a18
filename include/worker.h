/* What the service does by itself, beside requests: it seals the audit, lets the feed of changes go
 * on, keeps the figures ready, opens recurring tasks, clears away, and pseudonymises the files that
 * two decided to. */
#ifndef LACHAN_WORKER_H
#define LACHAN_WORKER_H

#include "error.h"
#include "secret.h"

struct worker;

/* Starts its threads, each with a connection of its own. Several replicas may have one: one works.
 */
struct worker *worker_open(const char *url, const struct keyring *keyring, struct error *error);
/* Seals what it can in two seconds and logs the head of the chain. NULL is fine. */
void worker_close(struct worker *worker);

/* How far changes may be read. */
long long worker_changes_head(const struct worker *worker);

/* Seconds that the oldest row of the audit may have waited for its seal. */
long long worker_audit_lag(const struct worker *worker);

#endif
