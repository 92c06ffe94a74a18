#!/bin/sh
# Prints the C source that holds the named files and their table: see include/embedded.h.
set -eu
LC_ALL=C
export LC_ALL
[ $# -eq 0 ] || names=$(printf '%s\n' "$@" | sort)

cat <<'END'
#include "embedded.h"

#include <string.h>

#define EMBED(symbol, file)                                                                        \
	extern const char symbol[];                                                                \
	__asm__(".section .rodata\n" #symbol ":\n.incbin \"" file "\"\n.byte 0\n.previous\n")

END
for name in ${names-}; do
	echo "EMBED(embedded_$((count = ${count:-0} + 1)), \"$name\");"
done
echo
echo 'const struct embedded_file embedded_files[] = {'
for name in ${names-}; do
	echo "	{\"$name\", embedded_$((row = ${row:-0} + 1)), $(wc -c <"$name")},"
done
cat <<END
	{0}, /* never counted: an empty table is not C */
};

const size_t embedded_file_count = ${count:-0};

const struct embedded_file *embedded_find(const char *name)
{
	size_t low = 0;

	for (size_t high = embedded_file_count; low < high;) {
		size_t middle = (low + high) / 2;

		if (strcmp(embedded_files[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < embedded_file_count && !strcmp(embedded_files[low].name, name))
		return &embedded_files[low];
	return NULL;
}
END
