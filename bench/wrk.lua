-- One request over and over, described by the environment:
--   METHOD, BODY, CONTENT_TYPE    as they are sent
--   AUTHORIZATIONS                a file with one Authorization value a line, used in turn
--   FORMS                         a file with one body a line; FORMS_USE: again, once or follow (load.ts)
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

local forms = os.getenv("FORMS")
local use = os.getenv("FORMS_USE")
if forms then
  local bodies, at = {}, 0
  for body in io.lines(forms) do bodies[#bodies + 1] = body end
  if use == "again" then
    function request()
      at = at % #bodies + 1
      return wrk.format(nil, nil, nil, bodies[at])
    end
  else
    local ffi = require("ffi")
    ffi.cdef("typedef struct { long s; long ns; } instant; int clock_gettime(int clock, instant *at);")
    local now = ffi.new("instant")
    local function clock()
      ffi.C.clock_gettime(1, now)
      return tonumber(now.s) * 1e6 + tonumber(now.ns) / 1e3
    end
    -- Read by done: when the first form went out and when the last answer came, since the load may rest after that.
    startedUs, endedUs = 0, 0
    local first, kept = bodies[1], 0
    -- wrk asks for one before the load, to see that it is a request: that one is not sent.
    function request()
      if kept == at then return wrk.format(nil, nil, nil, first) end
      if at == 0 then startedUs = clock() end
      at = at + 1
      local body = bodies[at]
      bodies[at] = nil
      return wrk.format(nil, nil, nil, body)
    end
    -- Called before each request; keeps a form for it. With none left the connection rests, longer than any load lasts.
    function delay()
      if not bodies[kept + 1] then return 1e6 end
      kept = kept + 1
      return 0
    end
    local prefix = use == "follow" and first:match("^(.*refresh_token=)")
    local last = #bodies
    function response(status, headers, body)
      endedUs = clock()
      local token = prefix and body:match('"refresh_token" *: *"([^"]+)"')
      if token then
        last = last + 1
        bodies[last] = prefix .. token
      end
    end
  end
end

local threads = {}
function setup(thread) threads[#threads + 1] = thread end

function done(summary, latency)
  local e = summary.errors
  local duration = summary.duration
  if use == "once" then duration = threads[1]:get("endedUs") - threads[1]:get("startedUs") end
  io.write(string.format(
    '\n{"requests":%d,"durationUs":%d,"refused":%d,"broken":%d,"p50Us":%d,"p99Us":%d}\n',
    summary.requests, duration, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
