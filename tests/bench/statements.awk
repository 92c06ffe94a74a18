# PostgreSQL's log under log_statement=all -> what the service sent, the most frequent round trip, as a -v script=FILE for
# pgbench -M prepared.  Parameters that never differed are in FILE.define; others come from an array by a random index,
# or are new: identifiers and digests of what is made.  For export it is a script for psql, with COPY of the same rows.
function end_trip(pid, kind, k) {
	for (k = 1; k <= count[pid]; k++)
		kind = kind "\n" text[pid, k]
	if (count[pid] && trips[kind]++ < most)
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

function expression(k, number, type, first, list, trip) {
	first = value[k, number, 1]
	if (!differs[k, number]) {
		if (is_export || first == "NULL" || first == "''")
			return first
		gsub(/^'|'$/, "", first)
		print "-Dc" k "_" number "=" first >(script ".define")
		return ":c" k "_" number
	}
	if (first == value[2, 3, 1]) # what a key is claimed for is the record that is made, and read again
		return "md5(:made::text)::uuid"
	if (first ~ /^'[0-9a-f]+'$/ && length(first) == 66)
		return "(md5(random()::text) || md5(random()::text))"
	for (trip = 1; trip <= most; trip++) {
		first = value[k, number, trip]
		gsub(/[\\"]/, "\\\\&", first)
		if (first != "NULL")
			first = "\"" substr(first, 2, length(first) - 2) "\""
		list = list (trip > 1 ? "," : "") first
	}
	return "(('{" list "}'::" type "[])[:i])" # a literal: PostgreSQL walks through the elements of ARRAY[] each time
}

function rewritten(sql, k, out, number) {
	while (match(sql, /\$[0-9]+/)) {
		number = substr(sql, RSTART + 1, RLENGTH - 1) + 0
		out = out substr(sql, 1, RSTART - 1)
		sql = substr(sql, RSTART + RLENGTH)
		out = out expression(k, number, match(sql, /^::(uuid|bigint)/) && sql !~ /^::[a-z]+\[/ ? substr(sql, 3, RLENGTH - 2) : "text")
	}
	return out sql
}

BEGIN { # PostgreSQL copies the text of a prepared statement each time: few values, not the cost of their list
	most = 250
	is_export = script ~ /export$/
}
/ LOG:  execute [^:]*: / {
	pid = $0
	gsub(/^[^[]*\[|\].*/, "", pid)
	sub(/^.* LOG:  execute [^:]*: /, "")
	if (/set_config\('lachan.user'/)
		end_trip(pid)
	given[pid, ++count[pid]] = ""
	text[pid, count[pid]] = $0
	next
}
sub(/^.* DETAIL:  parameters: /, "") { given[pid, count[pid]] = $0 }
/^\t/ { text[pid, count[pid]] = text[pid, count[pid]] "\n" $0 }
END {
	for (pid in count)
		end_trip(pid)
	for (kind in trips)
		if (kind ~ /^\nSELECT set_config\('lachan.user'/ && (!is_export || kind ~ /\nDECLARE/) &&
			(script !~ /post_/ || kind ~ /idempotency_claim/) && trips[kind] > trips[best])
			best = kind
	most = trips[best] < most ? trips[best] : most
	last = is_export ? 2 : statements[best]
	for (k = 1; k <= last; k++)
		for (trip = 1; trip <= most; trip++)
			read_values(k, trip)
	print is_export ? "BEGIN;" : "\\set i random(1, " most ")\n\\set made random(1, 9000000000000000000)\n\\startpipeline" >script
	for (k = 1; k <= last; k++) {
		sql = rewritten(statement[best, k], k)
		sub(/;[ \t\n]*$/, "", sql)
		while (match(sql, /:[A-Z]/)) # of HH24:MI:SS, not a variable
			sql = substr(sql, 1, RSTART) "' || '" substr(sql, RSTART + 1)
		if (script ~ /_json$/)
			sub(/SELECT \* FROM page$/, "SELECT json_agg(page) FROM page", sql)
		if (is_export && sub(/^DECLARE .* CURSOR FOR /, "COPY (", sql))
			sql = sql ") TO STDOUT CSV"
		print sql ";" >script
	}
	print is_export ? "COMMIT;" : "\\endpipeline" >script
}
