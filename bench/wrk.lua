-- One request over and over, described by the environment:
--   METHOD, BODY, CONTENT_TYPE    as they are sent
--   AUTHORIZATIONS                a file with one Authorization value a line, used in turn
-- At the end one line of JSON: counts, errors, latencies in microseconds.
wrk.method = os.getenv("METHOD")
wrk.body = os.getenv("BODY")
if os.getenv("CONTENT_TYPE") then wrk.headers["Content-Type"] = os.getenv("CONTENT_TYPE") end

local file = os.getenv("AUTHORIZATIONS")
if file then
  local requests, at = {}, 0
  -- Called when wrk has set the Host header.
  function init()
    for value in io.lines(file) do
      wrk.headers["Authorization"] = value
      requests[#requests + 1] = wrk.format()
    end
  end
  function request()
    at = at % #requests + 1
    return requests[at]
  end
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"durationUs":%d,"refused":%d,"broken":%d,"p50Us":%d,"p99Us":%d}\n',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
