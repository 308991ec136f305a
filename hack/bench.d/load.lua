-- What wrk sends, and how it tells what came of it. BENCH_POST: bytes of a body. BENCH_ROUTES: so many routes, asked for in turn.
local post, routes = tonumber(os.getenv("BENCH_POST")), tonumber(os.getenv("BENCH_ROUTES"))

if post then
  wrk.method = "POST"
  wrk.body = string.rep("x", post)
  wrk.headers["Content-Type"] = "application/octet-stream"
end

if routes then
  local requests, at = {}, 0
  function init(arguments)
    for i = 0, routes - 1 do
      -- A stride that is prime to the count: neighbours in time are none in the table.
      local route = (i * 7919) % routes
      local host = routes == 10 and "bench.example.com" or "h" .. math.floor(route / 10) .. ".example.com"
      requests[i + 1] = "GET /svc" .. route % 10 .. "/128 HTTP/1.1\r\nHost: " .. host .. "\r\n\r\n"
    end
  end
  function request()
    at = at % routes + 1
    return requests[at]
  end
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format("requests=%d failed=%d seconds=%.6f bytes=%d p50=%d p99=%d p999=%d\n", summary.requests - e.status,
    e.connect + e.read + e.write + e.status + e.timeout, summary.duration / 1e6, summary.bytes,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
