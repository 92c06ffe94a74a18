/* The files built into the program: SQL, seeds, pages and words.  db/embed.sh writes the table. */
#ifndef EMBEDDED_H
#define EMBEDDED_H

#include <stddef.h>

struct embedded_file {
	const char *name; /* "db/migrations/0001_x.sql" */
	const char *data; /* ends with a NUL that size does not count */
	size_t size;
};

extern const struct embedded_file embedded_files[]; /* sorted by name, as strcmp() does */
extern const size_t embedded_file_count;

/* NULL when there is no such file. */
const struct embedded_file *embedded_find(const char *name);

#endif
