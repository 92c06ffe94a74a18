/* The log: one JSON line a message on standard error. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "text.h"

void log_line(const char *level, const char *message, ...)
{
	auto_text line = {0};
	struct timespec now;
	struct tm utc;
	char stamp[32];
	va_list pairs;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
	text_addf(&line, "{\"time\":\"%s.%03ldZ\",\"level\":\"%s\",\"message\":", stamp,
		  now.tv_nsec / 1000000, level);
	text_add_json(&line, message);

	va_start(pairs, message);
	for (const char *key; (key = va_arg(pairs, const char *));) {
		const char *value = va_arg(pairs, const char *);

		if (!value)
			continue;
		text_addf(&line, ",\"%s\":", key);
		text_add_json(&line, value);
	}
	va_end(pairs);

	text_add(&line, "}\n");
	if (!line.failed && write(STDERR_FILENO, line.data, line.length) < 0)
		return; /* nowhere left to tell it */
}
