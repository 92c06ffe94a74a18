-- Each connection asks once and then keeps quiet: wrk -t1 -c N -s idle.lua URL -- N.
function init(arguments)
	left = tonumber(arguments[1])
end

function delay()
	left = left - 1
	return left >= 0 and 0 or 3600000
end
