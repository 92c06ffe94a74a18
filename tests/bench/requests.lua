-- wrk -s requests.lua URL -- METHOD FILE [HEADER VALUE]: random lines of the file, each a path and perhaps, after a tab,
-- a JSON body.  With BENCH_PAUSE a connection waits so many milliseconds between two of them, more or less.  Says at
-- the end: RESULT requests, µs, 50th and 99th percentile in µs, failures.
local pause = tonumber(os.getenv("BENCH_PAUSE") or 0)
if pause > 0 then
	function delay() return math.random(2 * pause) end
end

function init(arguments)
	method, requests, paths, bodies = arguments[1], {}, {}, {}
	headers = {Authorization = "Bearer " .. os.getenv("BENCH_TOKEN"), ["Content-Type"] = "application/json"}
	headers[arguments[3] or "Accept"] = arguments[4] or "*/*"
	for line in io.lines(arguments[2]) do
		local path, body = line:match("^([^\t]*)\t?(.*)$")
		table.insert(paths, path)
		table.insert(bodies, body)
		requests[#paths] = body == "" and wrk.format(method, path, headers)
	end
	math.randomseed(os.time() + tonumber(tostring(paths):match("0x(%x+)"), 16) % 1e6) -- each thread its own
end

function request()
	local at = math.random(#paths)
	if not requests[at] then
		headers["Idempotency-Key"] = math.random(1e9) .. "-" .. math.random(1e9)
	end
	return requests[at] or wrk.format(method, paths[at], headers, bodies[at])
end

function done(summary, latency)
	local e = summary.errors
	print("RESULT", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
		e.status + e.connect + e.read + e.write + e.timeout)
end
