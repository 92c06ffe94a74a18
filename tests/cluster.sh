#!/usr/bin/env bash
# A PostgreSQL of a test's own below DIRECTORY, which may kill it and start it again. Tells its process and its socket,
# and ends with it.
set -euo pipefail
cd "$(dirname "$0")/.."
. db/cluster.sh
mkdir -p "$1"
exec 2>"$1/script.log" # what is killed is no news
cluster_start "$1" shared_buffers=64MB fsync=off
cluster_prepare
echo "$cluster_pid $cluster_socket"
wait "$cluster_pid" || true
