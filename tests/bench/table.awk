# The one table, of facts (NAME VALUE) and runs (WORK service|pgbench NUMBER µs P50 P99 FAILURES TICKS TICKS TICKS TICKS).
function keep(what, value) { list[what, ++number[what]] = value }

NF == 2 { keep($1, $2) }
NF > 2 && $3 {
	name = $1 " " $2
	keep(name " rate", $3 / $4 * 1e6)
	keep(name " p50", $5 / 1000)
	keep(name " p99", $6 / 1000)
	keep(name " service", ($10 - $8) * 1e4 / $3)
	keep(name " postgres", ($11 - $9) * 1e4 / $3)
	keep(name " cpu", ($10 - $8 + $11 - $9) * 1e4 / $3)
	failures[$1] += $7
	if (!seen[$1]++)
		order[++works] = $1
}

function median(what, n, i, j, below) {
	n = number[what]
	for (i = 1; i <= n; i++) {
		below = 0
		for (j = 1; j <= n; j++)
			below += list[what, j] < list[what, i] || (list[what, j] == list[what, i] && j < i)
		if (below == int((n - 1) / 2))
			return list[what, i]
	}
}

function of(work, what) { return median(work " service " what) }
function ratio(a, b) { return b ? a / b : 0 }
function to_pgbench(work) { return ratio(of(work, "rate"), median(work " pgbench rate")) }
function to_composite(work) { return to_pgbench(work) ? to_pgbench(work) + ratio(of(work, "rate"), of("constant", "rate")) : 0 }

# Says what is, what was to be, and whether that is enough; bound < 0: at least that.
function target(what, value, bound, unit, is_fine) {
	is_fine = bound < 0 ? value >= -bound : value <= bound
	said = said sprintf("%s%s %.3g%s (%s %s) %s", said ? "; " : "", what, value, unit, bound < 0 ? "≥" : "≤",
		bound < 0 ? -bound : bound, !(value + 0) ? "not measured" : is_fine ? "ok" : "MISSED")
}
function than(work, other, what) { return ratio(of(work, what), of(other, what)) }

function off_one(value) { return value > 1 ? value - 1 : 1 - value }

function judge(work) {
	if (work == "constant") target("start", median("start"), 1, " s")
	if (work == "get") target("of composite", to_composite(work), -0.65)
	if (work == "get") target("service", of(work, "service"), 45, " µs")
	if (work == "get") target("service / constant", than(work, "constant", "service"), 3.75) # 45 µs where a constant took 12
	if (work == "not_modified") target("CPU / get", than(work, "get", "cpu"), 1)
	if (work == "list") target("of pgbench", to_pgbench(work), -0.8)
	if (work == "list") target("PostgreSQL / json_agg", ratio(of(work, "postgres"), median("list_json pgbench postgres")), 0.6)
	if (work ~ /_shut$/) target("CPU / without access and audit", than(work, substr(work, 1, index(work, "_")) "open", "cpu"), 1.5)
	if (work == "page_1000") target("CPU / page 1", than(work, "list", "cpu"), 1.15)
	if (work ~ /^(search|indicator|catalogue)/) target("CPU / get", than(work, "get", "cpu"), 3)
	if (work == "post_noted") target("CPU / without refreshing", than(work, "post_silent", "cpu"), 1.3)
	if (work == "post_noted") target("CPU / at 50,000 interventions", than(work, "post_small", "cpu"), 1.15)
	if (work == "rebuild") target("every figure anew", median("rebuild"), 600, " s")
	if (work ~ /^post_[pi]/) target("of pgbench", to_pgbench(work), -0.75)
	if (work == "get_idle") target("rate / get", than(work, "get", "rate"), -0.9)
	if (work == "get_idle") target("memory", median("memory_idle"), 64, " MiB")
	if (work == "get_export") target("p99 / get", than(work, "get", "p99"), 1.25)
	if (work == "export") target("time / COPY", ratio(1, to_pgbench(work)), 2)
	if (work == "login") target("unknown slower or faster by", off_one(median("login_medians")), 0.05)
	if (work == "login") target("distance of distributions", median("login_distance"), median("login_bound"))
	if (work == "export") target("memory", median("memory_export"), 16, " MiB")
}

END {
	print "                                          service  Postgr. | pgbench  Postgr.    of    of |"
	print "work                   /s  p50 ms  p99 ms  CPU µs   CPU µs |      /s   CPU µs    it comp. | is (to be)"
	for (i = 1; i <= works; i++) {
		work = order[i]
		said = failures[work] ? failures[work] " FAILED" : ""
		judge(work)
		printf "%-17s %7.1f %7.2f %7.2f %8.1f %8.1f | %7.1f %8.1f %5.2f %5.2f | %s\n", work, of(work, "rate"), of(work, "p50"),
			of(work, "p99"), of(work, "service"), of(work, "postgres"), median(work " pgbench rate"),
			median(work " pgbench postgres"), to_pgbench(work), to_composite(work), said
	}
}
