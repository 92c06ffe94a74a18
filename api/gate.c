/* How many passwords are hashed at once. */
#include "gate.h"

#include <pthread.h>

enum { HASHES_AT_ONCE = 4, HASHES_WAITING = 32 };

/* The only mutable state of the file: how many hash passwords, and wait to. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	int running, waiting;
} gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};

bool gate_enter(struct error *error)
{
	bool is_full;

	pthread_mutex_lock(&gate.lock);
	is_full = gate.running >= HASHES_AT_ONCE && gate.waiting >= HASHES_WAITING;
	if (!is_full) {
		gate.waiting++;
		while (gate.running >= HASHES_AT_ONCE)
			pthread_cond_wait(&gate.freed, &gate.lock);
		gate.waiting--;
		gate.running++;
	}
	pthread_mutex_unlock(&gate.lock);
	if (!is_full)
		return true;
	error->retry_after = 1;
	return error_set(error, ERROR_UNAVAILABLE, "busy", NULL);
}

void gate_leave(void)
{
	pthread_mutex_lock(&gate.lock);
	gate.running--;
	pthread_cond_signal(&gate.freed);
	pthread_mutex_unlock(&gate.lock);
}
