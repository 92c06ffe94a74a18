#!/usr/bin/env bash
# What can be told without running a test, one line for each failure: layers, headers, banned functions, the contract.
# With `all` also the length of functions and the format.
set -euo pipefail
cd "$(dirname "$0")/.."
shopt -s nullglob
BUILD=${BUILD:-.build}
sources=(api/*.c core/*.c core/resources/*.c db/*.c)
headers=(include/*.h)
tests=(tests/*.c tests/*.h)

# api → db → core.  A header belongs where the .c of its name is; one without any, to the highest layer it includes.
layers() {
	awk '
	function name_of(path) {
		gsub(/.*\/|\.[ch]$/, "", path)
		return path
	}
	function layer_of(path, name, part, line, found) {
		if (path ~ /\.c$/)
			return substr(path, 1, index(path, "/") - 1)
		name = name_of(path)
		if (name in home)
			return home[name]
		home[name] = "core" # meanwhile, for headers that include each other
		while ((getline line < path) > 0) {
			split(line, part, "\"")
			if (line ~ /^#include "/ && rank[found = layer_of("include/" part[2])] > rank[home[name]])
				home[name] = found
			if (line ~ /^#include <(ulfius|jwt)\.h>/)
				home[name] = "api"
			if (line ~ /^#include <libpq-fe\.h>/ && home[name] == "core")
				home[name] = "db"
		}
		close(path)
		return home[name]
	}
	function refuse(why) { print FILENAME ":" FNR ": " why ": " $0 }
	BEGIN {
		rank["core"] = 1; rank["db"] = 2; rank["api"] = 3
		for (i = 1; i < ARGC; i++)
			if (ARGV[i] ~ /\.c$/)
				home[name_of(ARGV[i])] = layer_of(ARGV[i])
		pure = "^(assert|ctype|errno|fcntl|fenv|float|inttypes|limits|locale|math|pthread|regex|setjmp|signal|" \
			"stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|threads|" \
			"time|uchar|unistd|wchar|wctype|sys/[a-z]+|jansson|sodium|uni[a-z]+)\\.h$"
	}
	FNR == 1 { layer = layer_of(FILENAME) }
	/^[ \t]*#[ \t]*include/ {
		split($0, part, /[<>"]/)
		target = part[2]
		if (/"/) {
			if (rank[layer_of("include/" target)] > rank[layer])
				refuse(layer " must not know " layer_of("include/" target))
		} else if (target ~ /^(libpq-fe|libpq\/.*|postgres_ext)\.h$/) {
			if (layer != "db") refuse("only db knows libpq")
		} else if (target ~ /^(ulfius|jwt|microhttpd|orcania|yder)\.h$/) {
			if (layer != "api") refuse("only api knows HTTP and tokens")
		} else if (layer == "core" && target !~ pure)
			refuse("core is pure")
	}
	/(^|[^A-Za-z0-9_])(PGconn|PGresult)([^A-Za-z0-9_]|$)/ && FILENAME ~ /\.h$/ && layer != "db" { refuse("a type of libpq") }
	/(^|[^A-Za-z0-9_])_u_(request|response|instance)([^A-Za-z0-9_]|$)/ && FILENAME ~ /\.h$/ && layer != "api" { refuse("a type of ulfius") }
	' "${sources[@]}" "${headers[@]}"
}

headers_alone() {
	# shellcheck disable=SC2016,SC2086 # expanded by the inner shell; the flags are many words
	printf '%s\0' "${headers[@]}" | xargs -0 -P "$(nproc)" -I {} sh -c \
		'echo "#include \"${1#include/}\"" | $CC $CPPFLAGS -std=c17 -Iinclude -Wall -Wextra -Wpedantic -Werror -Wno-missing-field-initializers -fsyntax-only -x c - 2>&1 |
			grep -m 1 error | sed "s|^|$1: does not compile alone: |"' _ {}
}

banned() {
	grep -nE '\<(strcpy|strcat|sprintf|strtok|gmtime|localtime|atoi)[[:space:]]*\(' \
		"${sources[@]}" "${headers[@]}" "${tests[@]}" | sed 's/$/ (banned)/'
	printf '%s\n' "${sources[@]}" | grep -vxE 'db/(store|migrate|pool|seed|sample_load)\.c' |
		xargs -r grep -nE '\<PQexec[[:space:]]*\(' /dev/null | sed 's/$/ (one round trip: PQexec is for what is done once, not for requests)/'
}

settings() {
	env -i "$BUILD/lachan" config --table | while IFS= read -r line; do
		grep -qxF -- "$line" README.md || echo "README.md: the table of settings lacks: $line"
	done
}

contract() {
	"$BUILD/lachan" openapi 2>&1 | cmp -s - openapi.yaml || echo "openapi.yaml: differs from what the program says; see: make openapi"
}

lengths() {
	ctags --languages=C --kinds-C=f --fields=+ne -f - "${sources[@]}" "${tests[@]}" | awk -F '\t' '
		/^!/ { next }
		{
			for (i = 4; i <= NF; i++) {
				if ($i ~ /^line:/) line = substr($i, 6)
				if ($i ~ /^end:/) end = substr($i, 5)
			}
			if (end - line > 60) print $2 ":" line ": " $1 "() has " end - line " lines, more than 60"
		}'
}

format() {
	clang-format --dry-run -Werror "${sources[@]}" "${headers[@]}" "${tests[@]}" 2>&1 | grep -E '^[^ ].*error:' || true
}

CPPFLAGS=$(pkg-config --cflags libulfius libjwt libpq libsodium jansson)
export CC="${CC:-gcc}" CPPFLAGS
failures=$(
	layers
	headers_alone || true
	banned || true
	contract
	settings
	[ "${1:-}" != all ] || { lengths && format; }
)
[ -z "$failures" ] || {
	echo "$failures" >&2
	echo "tests/check.sh: $(wc -l <<<"$failures") failures" >&2
	exit 1
}
