#!/usr/bin/env bash
# What `make bench` executes: the service under load beside pgbench, which sends PostgreSQL the very same statements,
# and beside the bare HTTP limit; as ratios within one run, against the targets of the design.  On a database of its own.
#   PEOPLE INTERVENTIONS  the sample (200000, 1000000), kept in .build/bench   BENCH_FRESH=1   makes it anew
#                         beside it a small one of 50000, as many for a person, for what must not grow with the data
#   DURATION ROUNDS       seconds of a run (5), runs of each (3), of which the median counts
#   LOGINS                wrong logins for names that exist and for names that do not (1000)
#   WORK                  what to measure, by name (all)                       LACHAN_WORKERS  of the service (8)
set -euo pipefail
cd "$(dirname "$0")/../.."
. db/cluster.sh

PEOPLE=${PEOPLE:-200000} INTERVENTIONS=${INTERVENTIONS:-1000000} DURATION=${DURATION:-5} ROUNDS=${ROUNDS:-3} LOGINS=${LOGINS:-1000}
BUILD=$(realpath "${BUILD:-.build}")
here=$PWD/tests/bench workers=${LACHAN_WORKERS:-8}

# Name, account, connections (0: measured otherwise, or by pgbench alone), whether pgbench does the same, whose requests.
works='
constant          a01.officer        64  -     constant
get               a01.officer        64  same  get
get_open          a01.officer        0   -     get
not_modified      a01.officer        64  -     get
list              a01.officer        64  same  list
list_json         a01.officer        0   same  list
list_open         a01.officer        0   -     list
list_16           a01.officer        64  same  list_16
list_commune      a19.24121.officer  64  same  list
page_1000         a01.officer        64  same  page_1000
search_name       a01.officer        64  same  search_name
search_common     a01.officer        64  same  search_common
post_person       a01.officer        64  same  post_person
post_intervention a01.officer        64  same  post_intervention
post_silent       a01.officer        0   -     post_service
post_small        a01.officer        64  -     post_service
indicator         a01.officer        64  -     indicator
indicator_304     a01.officer        64  -     indicator
indicator_new     a01.officer        64  -     indicator_new
catalogue         a01.officer        64  -     catalogue
rebuild           a01.officer        0   -     -
get_idle          a01.officer        64  -     get
get_export        a01.officer        64  -     get
export            a01.officer        0   -     -
login             a01.officer        0   -     -'
works=$(awk -v wanted="${WORK:-}" 'BEGIN { for (n = split(wanted, w); n > 0; n--) is[w[n]] = 1 } NF && (!wanted || $1 in is)' <<<"$works")

say() { echo "bench: $*" >&2; }
for tool in wrk curl "$cluster_bin/pgbench"; do
	command -v "$tool" >/dev/null || { say "$tool is missing: apt-get install wrk curl postgresql-15" && exit 1; }
done

service= other=
# shellcheck disable=SC2317 # the trap calls it
stop() {
	local status=$? process
	trap '' INT TERM HUP
	trap - EXIT
	for process in $other $service; do process_end "$process" TERM 10; done
	cluster_stop
	rm -rf "$directory"
	exit "$status"
}

for left in "${TMPDIR:-/tmp}"/lachan-bench.*; do # of runs that were killed: nobody holds their lock
	[ -n "$(find "$left/lock" -mmin +1 -user "$(id -u)" 2>/dev/null)" ] && flock -n "$left/lock" true || continue
	for data in "$left"/*/postgres/data; do cluster_end_orphans "$data"; done
	rm -rf "$left"
done
directory=$(mktemp -d "${TMPDIR:-/tmp}/lachan-bench.XXXXXX")
trap stop EXIT
trap 'exit 143' INT TERM HUP
exec 9>"$directory/lock"
flock 9
ulimit -n 8192
chmod 711 "$directory"
mkdir -p "$directory"/{whole,small}/requests "$directory"/scripts

unset "${!LACHAN_@}"
LACHAN_MASTER_KEY=$(printf %064d 7)
export LACHAN_MASTER_KEY LACHAN_HOME LACHAN_PORT=0 LACHAN_WORKERS=$workers LACHAN_IDLE_TIMEOUT=600 \
	LACHAN_RATE_PER_SECOND=1000000 LACHAN_RATE_BURST=10000000 LACHAN_LOGIN_RATE_PER_MINUTE=1000000 BENCH_TOKEN

query() { "$cluster_bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$cluster_socket" -U postgres -d lachan "$@" 9>&-; }
start_database() { # whole|small SETTING...: all that follows is done there
	sample=$directory/$1 LACHAN_HOME=$directory/$1/home
	mkdir -p "$LACHAN_HOME"
	cluster_start "$sample/postgres" shared_buffers=256MB random_page_cost=1.1 synchronous_commit=on "${@:2}"
	cluster_prepare
}
make_sample() { # whole|small PEOPLE INTERVENTIONS: made once for a schema and a generator
	local kept
	kept=$BUILD/bench/$1-$({ echo "$2 $3" && cat db/migrations/* db/seed/* db/indicators/* db/sql/sample_* db/sample*.c \
		core/access.c db/policies.c; } | sha256sum | cut -c1-12)
	if [ -n "${BENCH_FRESH:-}" ] || [ ! -d "$kept" ]; then
		say "making $2 people and $3 interventions"
		rm -rf "$BUILD/bench/$1"-*
		mkdir -p "$kept.new"
		start_database "$1" wal_recycle=off max_wal_size=512MB
		{ "$BUILD/lachan" migrate && "$BUILD/lachan" sample --people "$2" --seed 1 --interventions "$3"; } \
			9>&- 2>"$directory/sample.log" || { tail -n 3 "$directory/sample.log" >&2 && exit 1; }
		query -c 'VACUUM (ANALYZE)' -c CHECKPOINT
		cluster_stop
		mv "$sample/postgres/data" "$sample/home" "$kept.new"
		mv "$kept.new" "$kept"
	fi
	mkdir -p -m 700 "$directory/$1/postgres"
	cp -a --reflink=auto "$kept/data" "$directory/$1/postgres"
	cp -a "$kept/home" "$directory/$1"
	start_database "$1"
	query -At -F $'\t' -v to="$sample/requests" -f "$here/requests.sql"
	cluster_stop
}
start_service() {
	local started=$EPOCHREALTIME
	: >"$directory/service.log"
	setsid setpriv --pdeathsig=TERM "$BUILD/lachan" serve 9>&- </dev/null >/dev/null 2>>"$directory/service.log" &
	service=$!
	until grep -q '"serving"' "$directory/service.log"; do
		kill -0 "$service" || { cat "$directory/service.log" >&2 && exit 1; }
		sleep 0.01
	done
	echo "start $(awk "BEGIN { print $EPOCHREALTIME - $started }")" >>"$directory/facts"
	port=$(sed -n 's/.*"serving".*"port":"\([0-9]*\)".*/\1/p' "$directory/service.log") url=http://127.0.0.1:$port
}
become() { # ACCOUNT: a token lives for 15 minutes
	local password
	password=$(awk -F, -v name="$1" '$1 == name { print $2 }' "$sample/home/accounts.csv")
	BENCH_TOKEN=$(curl -sf "$url/v1/auth/login" --json "{\"username\":\"$1\",\"password\":\"$password\"}" |
		sed 's/.*"access_token":"\([^"]*\)".*/\1/')
}
ask() { curl -sf -H "Authorization: Bearer $BENCH_TOKEN" "$@" 9>&-; }

# Each load prints: requests, µs, p50, p99, failures.
load() { # NAME REQUESTS CONNECTIONS SECONDS
	local arguments=(GET "$sample/requests/$2")
	[[ $2 != post_* ]] || arguments[0]=POST
	[[ $1 != not_modified && $1 != indicator_304 ]] || arguments+=(If-None-Match '*')
	wrk -t2 -c"$3" -d"$4s" --timeout 30s --latency -s "$here/requests.lua" "$url" -- "${arguments[@]}" 9>&- | sed -n 's/^RESULT\t//p'
}
pgbench() { # NAME
	local options=(-c "$workers" -j 2 -T "$DURATION") defines
	mapfile -t defines <"$directory/scripts/$1.define"
	"$cluster_bin/pgbench" -n -M prepared "${options[@]}" "${defines[@]}" -f "$directory/scripts/$1" \
		-h "$cluster_socket" -U lachan_service lachan 9>&- |
		awk '/actually processed/ { n = $NF + 0 } /^tps/ { print n, n / $3 * 1e6, 0, 0, 0 }'
}
timed() { # COMMAND...: each line of what it says is a request
	local started=$EPOCHREALTIME lines
	lines=$("$@" | wc -l)
	awk "BEGIN { print $lines, ($EPOCHREALTIME - $started) * 1e6, 0, 0, 0 }"
}

# CPU time so far, in ticks: of the service; of PostgreSQL, with what has ended.
ticks() {
	sed 's/.*) //' "/proc/$service/stat" | awk '{ printf "%d ", $12 + $13 }'
	# shellcheck disable=SC2046 # many words
	sed 's/.*) //' $(printf '/proc/%s/stat ' "$cluster_pid" $(<"/proc/$cluster_pid/task/$cluster_pid/children")) 2>/dev/null |
		awk 'NR == 1 { sum = $14 + $15 } { sum += $12 + $13 } END { printf "%d", sum }' || true # one of them has just ended
}
settle() { # what follows a request belongs to it: figures that are refreshed, a trail that is sealed
	until [ "$(query -At -c 'SELECT (SELECT count(*) FROM contribution_queue) + (SELECT count(*) FROM audit)')" = 0 ]; do
		sleep 0.2
	done
}
run() { # NAME KIND LOAD...
	local before result
	: >"$directory/service.log"
	before=$(ticks)
	result=$("${@:3}")
	sleep 0.3 # what ends has ended, and is counted
	settle
	echo "$1 $2 $result $before $(ticks)" >>"$directory/runs"
}
memory() { awk -v key="$1:" '$1 == key { print $2 / 1024 }' "/proc/$service/status"; }

# What the service sends PostgreSQL for a load, as a script.
capture() { # NAME LOAD...
	local from
	from=$(stat -c %s "$sample/postgres/log")
	"${@:2}" >/dev/null
	tail -c +$((from + 1)) "$sample/postgres/log" | awk -v script="$directory/scripts/$1" -f "$here/statements.awk"
}
capture_all() {
	local name account connections same requests path='/v1/people?limit=50' page
	query -c "ALTER ROLE lachan_service SET log_statement = 'all'"
	start_service
	while read -r name account connections same requests; do
		become "$account"
		for ((page = 1; page < 1000 && page < PEOPLE / 100; page++)); do
			[ "$name" = page_1000 ] || break
			path=$(ask "$url$path" | sed -n 's/.*"next":"\([^"]*\)".*/\1/p')
		done
		echo "$path" >"$sample/requests/page_1000"
		[ "$same" = - ] || capture "$name" load "$name" "$requests" 8 1
		[ "$name" != export ] || capture export ask "$url/v1/people?format=csv&limit=1"
	done <<<"$works"
	query -c 'ALTER ROLE lachan_service RESET log_statement'
	process_end "$service" TERM 10
}

keep_idle() { # CONNECTIONS: each asks once
	local count socket
	for ((count = 0; count < $1; count++)); do
		exec {socket}<>"/dev/tcp/127.0.0.1/$port"
		printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n' >&"$socket"
	done
	exec sleep 1000
}
measure_export() {
	local before
	before=$(memory VmRSS)
	# Forgets the peak of memory, if we are root: what the service holds is hidden from its own user.
	{ echo 5 >"/proc/$service/clear_refs"; } 2>/dev/null || true
	run export service timed ask "$url/v1/people?format=csv"
	awk "BEGIN { print \"memory_export\", $(memory VmHWM) - $before }" >>"$directory/facts"
	run export pgbench timed query -U lachan_service -f "$directory/scripts/export"
}
# Wrong passwords for names that exist and names that do not, in either order: what each took, in seconds. Who comes
# first after the table of throttles was emptied would pay for that.
try_login() { # WHAT NAME PASSWORD
	curl -s -o "$directory/answer" -w "$1 %{time_total}\n" "$url/v1/auth/login" --json "{\"username\":\"$2\",\"password\":\"$3\"}"
}
try_logins() { # TRIES OUTPUT
	local try names known unknown pair name started=$EPOCHREALTIME
	mapfile -t names < <(sed 1d "$sample/home/accounts.csv" | cut -d, -f1 | grep officer)
	for ((try = 0; try < $1; try++)); do
		((try % 4)) || { query -c 'TRUNCATE login_throttles' && try_login first nobody wrong >/dev/null; }
		known="known ${names[try % ${#names[@]}]}" unknown="unknown x$try.officer"
		((RANDOM % 2)) && pair=("$known" "$unknown") || pair=("$unknown" "$known")
		# shellcheck disable=SC2086 # what, and who
		for name in "${pair[@]}"; do try_login $name "wrong password $try" >>"$2"; done
	done
	awk "BEGIN { print 2 * $1, ($EPOCHREALTIME - $started) * 1e6, 0, 0, 0 }"
}
# The medians beside each other, and the greatest distance of the two distributions (Kolmogorov-Smirnov).
measure_login() {
	: >"$directory/logins"
	run login service try_logins "$LOGINS" "$directory/logins"
	sort -k2,2n "$directory/logins" | awk -v tries="$LOGINS" '
		++count[$1] == int((tries + 1) / 2) { median[$1] = $2 }
		{ distance = (count["known"] - count["unknown"]) / tries; if (distance < 0) distance = -distance }
		distance > most { most = distance }
		END {
			print "login_medians", median["known"] / median["unknown"]
			print "login_distance", most
			print "login_bound", 1.63 * sqrt(2 / tries) # where one of a hundred equal pairs lies beyond
		}' >>"$directory/facts"
}
# With the notes of interventions switched off nothing is refreshed.
notes() { # ENABLE|DISABLE
	local sql="SELECT format('ALTER TABLE interventions $1 TRIGGER %I', tgname) FROM pg_trigger"
	printf '%s\n' "$sql WHERE tgname LIKE 'contributions_%' AND tgrelid = 'interventions'::regclass \\gexec" | query -At >/dev/null
}
switch() { # open|shut: what goes on in the background may hold what is to be changed
	local try
	for ((try = 0; try < 20; try++)); do
		query -f "$here/$1.sql" >/dev/null 2>"$directory/refusal" && return
		sleep 0.2
	done
	cat "$directory/refusal" >&2
	return 1
}
# By turns, since the machine is not the same from one minute to the next; what is written first after a start also
# finds every page cold.  At one pace, if BENCH_PAUSE tells it: the more a machine answers in a second, the less it
# wakes and sleeps for each.
by_turns() { # REQUESTS ONE OTHER, each as "NAME COMMAND...": measured after its command
	local turn name command
	for ((turn = 0; turn < 3; turn++)); do
		while read -r name command; do
			$command
			load "$name" "$1" 64 1 >/dev/null && settle # the change made everybody plan anew
			run "$name" service load "$name" "$1" 64 "$DURATION"
		done <<<"$2"$'\n'"$3"
	done
}
measure_rebuild() {
	local said
	said=$("$BUILD/lachan" indicators rebuild 9>&- 2>/dev/null | tail -n 1)
	run rebuild service timed echo "$said"
	echo "$said" | sed -n 's/.* in \([0-9.]*\) s.*/rebuild \1/p' >>"$directory/facts"
}
turn_to() { # whole|small
	process_end "$service" TERM 10
	cluster_stop
	start_database "$1"
	start_service
}
measure_all() {
	local name account connections same requests
	while read -r name account connections same requests; do
		[ "$name" != post_small ] || turn_to small
		become "$account"
		case $name in
		export) measure_export ;;
		login) measure_login ;;
		rebuild) measure_rebuild ;;
		post_silent) by_turns "$requests" 'post_silent notes DISABLE' 'post_noted notes ENABLE' ;;
		get_open) BENCH_PAUSE=25 by_turns "$requests" 'get_open switch open' 'get_shut switch shut' ;;
		list_open) BENCH_PAUSE=100 by_turns "$requests" 'list_open switch open' 'list_shut switch shut' ;;
		post_small) load "$name" "$requests" "$connections" 2 >/dev/null && settle ;; # no page is cold any more
		get_idle) keep_idle 1000 9>&- >/dev/null & other=$! ;;
		get_export) # shellcheck disable=SC2046 # many addresses
			curl -sf -H "Authorization: Bearer $BENCH_TOKEN" $(yes "$url/v1/people?format=csv" | head -n 50) 9>&- >/dev/null & other=$! ;;
		esac
		[ -z "$other" ] || sleep 2
		[ "$connections" = 0 ] || run "$name" service load "$name" "$requests" "$connections" "$DURATION"
		[ "$name" != get_idle ] || echo "memory_idle $(memory VmRSS)" >>"$directory/facts"
		[ -z "$other" ] || { process_end "$other" TERM 10 && other=; }
		[ "$same" = - ] || run "$name" pgbench pgbench "$name"
		[ "$name" != post_small ] || turn_to whole
	done <<<"$works"
}

make_sample small $((PEOPLE * 50000 / INTERVENTIONS)) 50000
make_sample whole "$PEOPLE" "$INTERVENTIONS"
start_database whole
say "taking down what the service sends"
capture_all
start_service
for ((round = 1; round <= ROUNDS; round++)); do
	say "measuring, round $round of $ROUNDS"
	measure_all
done
printf '\n%s people, %s interventions; %s processors, %s workers; medians of %s runs of %s s\n' \
	"$PEOPLE" "$INTERVENTIONS" "$(nproc)" "$workers" "$ROUNDS" "$DURATION"
awk -f "$here/table.awk" "$directory/facts" "$directory/runs"
