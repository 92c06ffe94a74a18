#!/bin/sh
# Brings the database up to date, fills it once when LACHAN_SAMPLE_PEOPLE asks for people, and becomes the service.
# db/run.sh and the container start the service by it; LACHAN_HOME is set.
set -eu
step() {
	lachan "$@" &
	trap 'kill $! 2>/dev/null; wait $!; exit 143' TERM INT
	wait $!
}
step migrate
if [ "${LACHAN_SAMPLE_PEOPLE:-0}" -gt 0 ] && [ ! -e "$LACHAN_HOME/accounts.csv" ]; then
	step sample --people "$LACHAN_SAMPLE_PEOPLE" --seed "${LACHAN_SAMPLE_SEED:-1}"
fi
exec lachan serve
