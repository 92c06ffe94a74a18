# What the service sent, from PostgreSQL's log under log_statement=all: the most frequent round trip as a script for
# pgbench -M prepared.  -v script=FILE: writes FILE, and FILE.define with the parameters that never differed; the others
# come from an array of -v choices=N by a random index or, with -v fresh=1, are new identifiers and digests.
# With -v plain=1 the statements alone, with constants as they are.
function end_trip(pid, kind, k) {
	for (k = 1; k <= count[pid]; k++)
		kind = kind "\n" text[pid, k]
	if (count[pid] && trips[kind]++ < choices)
		for (k = 1; k <= count[pid]; k++) {
			statement[kind, k] = text[pid, k]
			sent[kind, k, trips[kind]] = given[pid, k]
		}
	statements[kind] = count[pid]
	delete count[pid]
}

# value[k, parameter, trip] as the log has it: quoted, or NULL.
function read_values(k, trip, list, item, number) {
	list = sent[best, k, trip]
	while (match(list, /^\$[0-9]+ = (NULL|'([^']|'')*')/)) {
		item = substr(list, 1, RLENGTH)
		list = substr(list, RLENGTH + 3)
		number = substr(item, 2) + 0
		sub(/^\$[0-9]+ = /, "", item)
		value[k, number, trip] = item
		if (item != value[k, number, 1] && k > 1) # the identity of the request stays
			differs[k, number] = 1
	}
}

function expression(k, number, type, first, name, list, trip) {
	first = value[k, number, 1]
	if (!differs[k, number]) {
		if (plain || first == "NULL" || first == "''")
			return first
		name = "c" k "_" number
		gsub(/^'|'$/, "", first)
		gsub(/''/, "'", first)
		if (!defined[name]++)
			print "-D" name "=" first >(script ".define")
		return ":" name
	}
	if (fresh && first in is_made)
		return "gen_random_uuid()"
	if (fresh && first ~ /^'[0-9a-f]+'$/ && length(first) == 66)
		return "(md5(random()::text) || md5(random()::text))"
	for (trip = 1; trip <= choices; trip++)
		list = list (trip > 1 ? "," : "") value[k, number, trip]
	return "((ARRAY[" list "]::" (type ~ /^(uuid|bigint)$/ ? type : "text") "[])[:i])"
}

function rewritten(k, sql, out, number) {
	sql = statement[best, k]
	sub(/;[ \t\n]*$/, "", sql)
	while (match(sql, /\$[0-9]+/)) {
		number = substr(sql, RSTART + 1, RLENGTH - 1) + 0
		out = out substr(sql, 1, RSTART - 1)
		sql = substr(sql, RSTART + RLENGTH)
		out = out expression(k, number, match(sql, /^::[a-z]+/) ? substr(sql, 3, RLENGTH - 2) : "text")
	}
	return out sql ";"
}

/ LOG:  execute [^:]*: / {
	pid = $0
	gsub(/^[^[]*\[|\].*/, "", pid)
	sub(/^.* LOG:  execute [^:]*: /, "")
	if (/set_config\('lachan.user'/)
		end_trip(pid)
	text[pid, ++count[pid]] = $0
	given[pid, count[pid]] = ""
	next
}
sub(/^.* DETAIL:  parameters: /, "") { given[pid, count[pid]] = $0 }
/^\t/ { text[pid, count[pid]] = text[pid, count[pid]] "\n" $0 }

END {
	for (pid in count)
		end_trip(pid)
	for (kind in trips)
		if (kind ~ /^\nSELECT set_config\('lachan.user'/ && trips[kind] > trips[best])
			best = kind
	choices = trips[best] < choices ? trips[best] : choices
	for (k = 1; k <= statements[best]; k++)
		for (trip = 1; trip <= choices; trip++)
			read_values(k, trip)
	for (trip = 1; trip <= choices; trip++) # the identifier that is claimed is the one of the record
		is_made[value[2, 3, trip]] = 1
	printf "" >(script ".define")
	printf plain ? "" : "\\set i random(1, " choices ")\n\\startpipeline\n" >script
	for (k = 1; k <= statements[best]; k++)
		print rewritten(k) >script
	printf plain ? "" : "\\endpipeline\n" >script
}
