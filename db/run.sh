#!/usr/bin/env bash
# What `make run` executes: a private PostgreSQL and the service on it, until Ctrl-C or SIGTERM.
#   LACHAN_HOME  where everything is kept (var)   LACHAN_PORT  where the service listens (8080)
#   PEOPLE SEED  the sample made at the first run (5000, 1; PEOPLE=0: none)
set -euo pipefail
cd "$(dirname "$0")/.."
. db/cluster.sh

say() { echo "lachan: $*"; }
fail() {
	say "$*" >&2
	exit 1
}

service=
stopped=143 # what a run that never served returns when it is stopped
# shellcheck disable=SC2317 # the trap calls it
stop() {
	local status=$?
	trap '' INT TERM HUP
	trap - EXIT
	[ -z "$service" ] || process_end "$service" TERM 10
	cluster_stop
	rm -f "$LACHAN_HOME/service.pid"
	exit "$status"
}

# A process is known by its number and the moment it started.
process_started() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

end_orphaned_service() {
	local process started
	{ read -r process started <"$LACHAN_HOME/service.pid"; } 2>/dev/null || return 0
	[ -n "$started" ] && [ "$(process_started "$process")" = "$started" ] || return 0
	say "stopping process $process of an earlier run" >&2
	process_end "$process" TERM 10
}

LACHAN_HOME=${LACHAN_HOME:-var}
LACHAN_PORT=${LACHAN_PORT:-8080}
mkdir -p "$LACHAN_HOME" 2>/dev/null && [ -w "$LACHAN_HOME" ] ||
	fail "cannot write to the directory $LACHAN_HOME; choose another by LACHAN_HOME"
LACHAN_HOME=$(cd "$LACHAN_HOME" && pwd -P)
export LACHAN_HOME LACHAN_PORT
export LACHAN_SAMPLE_PEOPLE="${PEOPLE:-5000}" LACHAN_SAMPLE_SEED="${SEED:-1}"
PATH=$PWD/${BUILD:-.build}:$PATH

exec 9>>"$LACHAN_HOME/lock"
flock -w 1 9 || fail "already running on $LACHAN_HOME, as process $(cat "$LACHAN_HOME/lock")"
echo $$ >"$LACHAN_HOME/lock"
trap stop EXIT
trap 'exit $stopped' INT TERM HUP

end_orphaned_service
case ${LACHAN_BIND:-} in '' | 0.0.0.0 | :: | '*') address=127.0.0.1 ;; *) address=$LACHAN_BIND ;; esac
# Whoever answers there already would pass for our service.
if (exec 8<>"/dev/tcp/$address/$LACHAN_PORT") 2>/dev/null; then
	fail "port $LACHAN_PORT is in use; choose another by LACHAN_PORT"
fi

if [ -z "${LACHAN_MASTER_KEY:-}${LACHAN_MASTER_KEY_FILE:-}" ]; then
	export LACHAN_MASTER_KEY_FILE=$LACHAN_HOME/master.key
	if [ ! -e "$LACHAN_MASTER_KEY_FILE" ]; then
		(umask 077 && od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' >"$LACHAN_MASTER_KEY_FILE.new")
		mv "$LACHAN_MASTER_KEY_FILE.new" "$LACHAN_MASTER_KEY_FILE"
	fi
fi

say "starting PostgreSQL in $LACHAN_HOME/postgres"
cluster_start "$LACHAN_HOME/postgres" shared_buffers=256MB
cluster_prepare

setsid setpriv --pdeathsig=TERM sh db/start.sh 9>&- </dev/null &
service=$!
echo "$service $(process_started "$service")" >"$LACHAN_HOME/service.pid"
until lachan healthcheck >/dev/null 2>&1 9>&-; do
	kill -0 "$service" 2>/dev/null || break
	sleep 0.1
done
if kill -0 "$service" 2>/dev/null; then
	stopped=0
	say "ready at http://$address:$LACHAN_PORT"
	[ ! -e "$LACHAN_HOME/accounts.csv" ] || say "accounts to sign in with: $LACHAN_HOME/accounts.csv"
	say "stop it by Ctrl-C or: kill $$"
fi
status=0
wait "$service" || status=$?
say "the service ended with status $status" >&2
[ "$stopped" = 0 ] || [ "$status" != 0 ] || status=1
exit "$status"
