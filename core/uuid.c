/* UUID version 7 (RFC 9562): ids that sort by time. */
#include "uuid.h"

#include <pthread.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

/* The only mutable state of the file: the last time stamp, so that ids rise (RFC 9562, 6.2). */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t last;

/* Milliseconds in the upper 48 bits, a fraction of 1/4096 ms below: unique and rising here. */
static uint64_t next_stamp(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	uint64_t stamp = ((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000) << 12;
	stamp |= (uint64_t)now.tv_nsec % 1000000 * 4096 / 1000000;

	pthread_mutex_lock(&lock);
	if (stamp <= last)
		stamp = last + 1;
	last = stamp;
	pthread_mutex_unlock(&lock);
	return stamp;
}

void uuid_make(char uuid[37])
{
	uint64_t stamp = next_stamp(), random;

	randombytes_buf(&random, sizeof random);
	snprintf(uuid, 37, "%08x-%04x-7%03x-%04x-%012llx", (unsigned)(stamp >> 28),
		 (unsigned)(stamp >> 12 & 0xffff), (unsigned)(stamp & 0xfff),
		 (unsigned)(random >> 48 & 0x3fff) | 0x8000,
		 (unsigned long long)(random & 0xffffffffffffULL));
}
