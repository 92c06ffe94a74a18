#!/usr/bin/env bash
# What `make test` executes: the checks and every test, on a throwaway PostgreSQL.
# The tests find a migrated, empty database by LACHAN_DATABASE_URL and LACHAN_OWNER_DATABASE_URL (and its superuser by
# LACHAN_ADMIN_DATABASE_URL, for databases of their own), a LACHAN_HOME and a LACHAN_MASTER_KEY.
set -euo pipefail
cd "$(dirname "$0")/.."
. db/cluster.sh

tests=
# shellcheck disable=SC2317 # the trap calls it
stop() {
	local status=$?
	trap '' INT TERM HUP
	trap - EXIT
	[ -z "$tests" ] || process_end "$tests" TERM 10
	cluster_stop
	rm -rf "$directory"
	exit "$status"
}

# Directories of runs that were killed: nobody holds their lock.
for left in "${TMPDIR:-/tmp}"/lachan-test.*; do
	if [ -O "$left" ] && [ -n "$(find "$left/lock" -mmin +1 2>/dev/null)" ] && flock -n "$left/lock" true; then
		cluster_end_orphans "$left/postgres/data"
		rm -rf "$left"
	fi
done

directory=$(mktemp -d "${TMPDIR:-/tmp}/lachan-test.XXXXXX")
trap stop EXIT
trap 'exit 143' INT TERM HUP
exec 9>"$directory/lock"
flock 9
chmod 711 "$directory"
mkdir "$directory/home"

BUILD=${BUILD:-.build}
seed=${LACHAN_TEST_SEED:-} # of tests that make things up
unset "${!LACHAN_@}"
export BUILD LACHAN_HOME=$directory/home LACHAN_TEST_SEED=$seed
LACHAN_MASTER_KEY=$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n')
export LACHAN_MASTER_KEY
[ "$BUILD" = .build ] || export CK_TIMEOUT_MULTIPLIER=${CK_TIMEOUT_MULTIPLIER:-10} # sanitizers take their time

checked=0
tests/check.sh "$@" 9>&- || checked=$?
cluster_start "$directory/postgres" shared_buffers=128MB fsync=off
cluster_prepare
export LACHAN_ADMIN_DATABASE_URL="postgresql://postgres@/lachan?host=$cluster_socket"
"$BUILD/lachan" migrate 9>&-
# Check passes a signal on to its whole process group: let that be its own.
setsid setpriv --pdeathsig=TERM "$BUILD/tests" 9>&- </dev/null &
tests=$!
wait "$tests" || exit
tests=
exit "$checked"
