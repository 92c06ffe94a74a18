# shellcheck shell=bash
# A private PostgreSQL, for a bash script to source: on a unix socket alone, never as root, ending with the script.
#   cluster_start DIRECTORY [SETTING=VALUE ...]   makes what is missing below DIRECTORY, starts it, sets $cluster_socket
#   cluster_prepare                               makes the roles and the database, exports the URLs of both roles
#   cluster_stop                                  stops it, fast
#   process_end PID SIGNAL SECONDS                asks a process to end, and makes it
# File descriptor 9 is the caller's lock: nothing that lives on inherits it.

cluster_bin=/usr/lib/postgresql/15/bin
cluster_pid=
cluster_as=() # how setpriv becomes PostgreSQL's user
unset "${!PG@}"

process_end() {
	local tries=$(($3 * 20))
	kill "-$2" "$1" 2>/dev/null || return 0
	while kill -0 "$1" 2>/dev/null; do
		if [ $((tries--)) -le 0 ]; then
			kill -KILL "$1" 2>/dev/null || true
			break
		fi
		sleep 0.05
	done
	wait "$1" 2>/dev/null || true
}

cluster_fail() { # MESSAGE LOG
	echo "PostgreSQL: $1; the end of $2:" >&2
	tail -n 20 "$2" >&2 || true
	exit 1
}

# A directory that root made belongs to the user postgres, who may need help to come through its parents.
cluster_become() {
	[ "$(id -u)" = 0 ] || return 0
	chown postgres: "$1"
	cluster_as=(--reuid=postgres --regid=postgres --init-groups)
	setpriv "${cluster_as[@]}" test -w "$1/." ||
		cluster_as+=(--inh-caps=+dac_override --ambient-caps=+dac_override)
}

# Every process of PostgreSQL stands in its data directory: that is how we know ours. One that is ending has no program
# any more and may still hold the shared memory.
cluster_processes() {
	local process program
	for process in /proc/[0-9]*; do
		[ "$process/cwd" -ef "$1" ] || continue
		program=$(readlink "$process/exe") || true
		[[ -n $program && $program != */bin/postgres* ]] || echo "${process#/proc/}"
	done
	return 0
}

# After a kill -9 the earlier PostgreSQL may live, or its number may have passed to a stranger.
cluster_end_orphans() {
	local data=$1 signal process tries
	[ -z "$(cluster_processes "$data")" ] || echo "PostgreSQL: stopping the processes of an earlier run" >&2
	for signal in INT QUIT KILL; do
		for process in $(cluster_processes "$data"); do
			kill "-$signal" "$process" 2>/dev/null || true
		done
		for ((tries = 200; tries > 0; tries--)); do
			[ -n "$(cluster_processes "$data")" ] || break 2
			sleep 0.05
		done
	done
	if read -r process <"$data/postmaster.pid" && [ -d "/proc/$process" ]; then
		rm -f "$data/postmaster.pid"
	fi 2>/dev/null
}

# As PostgreSQL's user, to whom what is below the directory belongs: a link there leads no further than it may go itself.
cluster_run() {
	(cd / && setpriv "${cluster_as[@]}" "$@")
}

# The short directory of an earlier run, unless the link leads elsewhere by now.
cluster_forget_socket() { # LINK OWNER
	local short
	short=$(readlink "$1")
	if [[ $short =~ ^/tmp/lachan-socket\.[A-Za-z0-9]{6}$ && ! -L $short && -d $short ]] &&
		[ "$(stat -c %u "$short")" = "$2" ]; then
		cluster_run rm -rf "$short"
	fi
	cluster_run rm -f "$1"
}

# A socket's path may have 107 bytes, and a URL wants it plain: otherwise a short directory stands in.
cluster_find_socket() {
	local place=$1/socket
	[ ! -L "$place" ] || cluster_forget_socket "$place" "$(stat -c %u "$1")"
	if [ ${#place} -le 90 ] && [[ $place != *[!A-Za-z0-9/._-]* ]]; then
		cluster_socket=$place
		cluster_run mkdir -p -m 700 "$place"
	else
		cluster_socket=$(cluster_run mktemp -d /tmp/lachan-socket.XXXXXX)
		cluster_run ln -s "$cluster_socket" "$place"
	fi
	cluster_run find "$cluster_socket" -name '.s.PGSQL.*' -delete
}

cluster_start() {
	local directory data setting settings=()
	mkdir -p "$1"
	chmod 700 "$1"
	directory=$(cd "$1" && pwd -P)
	data=$directory/data
	for setting in "${@:2}"; do
		settings+=(-c "$setting")
	done

	cluster_become "$directory"
	cluster_end_orphans "$data"
	cluster_find_socket "$directory"
	if [ ! -s "$data/PG_VERSION" ]; then
		cluster_run rm -rf "$data.new" "$directory/initdb.log"
		cluster_run setpriv --pdeathsig=TERM "$cluster_bin/initdb" -D "$data.new" -U postgres \
			-E UTF8 --locale=C.UTF-8 -k --auth-local=trust --auth-host=reject \
			9>&- >"$directory/initdb.log" 2>&1 || cluster_fail "initdb failed" "$directory/initdb.log"
		cluster_run mv "$data.new" "$data"
	fi

	[ ! -e "$directory/log" ] || cluster_run mv -f "$directory/log" "$directory/log.1"
	# A session of its own keeps Ctrl-C away; a dead script asks for a fast shutdown.
	(cd / && exec setsid setpriv "${cluster_as[@]}" --pdeathsig=INT "$cluster_bin/postgres" -D "$data" \
		-c "unix_socket_directories=$cluster_socket" -c listen_addresses= -c port=5432 \
		-c random_page_cost=1.1 -c jit=off -c wal_compression=lz4 -c autovacuum_naptime=5s -c max_connections=100 -c timezone=UTC \
		-c log_timezone=UTC -c idle_in_transaction_session_timeout=15s "${settings[@]}") \
		9>&- </dev/null >"$directory/log" 2>&1 &
	cluster_pid=$!
	until "$cluster_bin/pg_isready" -q -h "$cluster_socket" -U postgres -d postgres 9>&-; do
		kill -0 "$cluster_pid" 2>/dev/null || cluster_fail "it does not start" "$directory/log"
		sleep 0.05
	done
}

cluster_prepare() {
	PGOPTIONS='-c client_min_messages=warning' "$cluster_bin/psql" -X -q -h "$cluster_socket" -U postgres \
		-d postgres -v owner_password= -v service_password= -f "${BASH_SOURCE[0]%/*}/roles.sql" 9>&-
	unset LACHAN_DATABASE_URL_FILE LACHAN_OWNER_DATABASE_URL_FILE
	export LACHAN_DATABASE_URL="postgresql://lachan_service@/lachan?host=$cluster_socket"
	export LACHAN_OWNER_DATABASE_URL="postgresql://lachan_owner@/lachan?host=$cluster_socket"
}

cluster_stop() {
	[ -n "$cluster_pid" ] || return 0
	process_end "$cluster_pid" INT 30
	cluster_pid=
	[[ $cluster_socket != /tmp/lachan-socket.* ]] || rm -rf "$cluster_socket"
}
