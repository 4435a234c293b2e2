-- The request that `cargo xtask bench` wants, and one line of figures that it reads.
-- BENCH_METHOD and BENCH_BODY shape the request; BENCH_HOSTS names a file of Host headers to take turns with.

wrk.method = os.getenv("BENCH_METHOD") or "GET"

local body = os.getenv("BENCH_BODY")
if body then
  wrk.body = body
  wrk.headers["Content-Type"] = "application/json"
end

local file = os.getenv("BENCH_HOSTS")
if file then
  local requests = {}
  local turn = 0
  init = function()
    for host in io.lines(file) do
      requests[#requests + 1] = wrk.format(nil, nil, { ["Host"] = host })
    end
    -- Threads begin at different places, so that they do not walk in step.
    math.randomseed(os.time() + tonumber(tostring(requests):match("0x(%x+)"), 16) % 100003)
    turn = math.random(#requests)
  end
  request = function()
    turn = turn % #requests + 1
    return requests[turn]
  end
end

done = function(summary, latency)
  local errors = summary.errors
  print(string.format(
    "BENCH requests=%d duration_us=%d p50_us=%d p99_us=%d p999_us=%d refused=%d broken=%d",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
