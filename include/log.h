/* The log: one JSON line a message on standard error. No names, contents or tokens. */
#ifndef LACHAN_LOG_H
#define LACHAN_LOG_H

/* Pairs of key and value, ended by NULL; a NULL value is left out. `level` is "info", "warning" or
 * "error". */
void log_line(const char *level, const char *message, ...) __attribute__((sentinel));

#endif
