/** What is taken once, transient records and consents. */
export const RECORDS = `
function ops.once()
  if not call('SET', p..'o:'..a.key, num(a.e), 'NX') then return 0 end
  keep(p..'o:'..a.key, a.e)
  call('ZADD', p..'x:once', num(a.e), a.key)
  return 1
end

local function writeTransient()
  local key, version = p..'t:'..a.key, call('HINCRBY', p..'meta', 'version', 1)
  call('HSET', key, 'v', a.v, 'n', num(version), 'e', num(a.e))
  keep(key, a.e)
  call('ZADD', p..'x:transients', num(a.e), a.key)
  return 1
end
ops.saveTransient = writeTransient
function ops.replaceTransient()
  local version = call('HGET', p..'t:'..a.key, 'n')
  if not version or tonumber(version) ~= a.n then return 0 end
  return writeTransient()
end
function ops.findTransient() return call('HMGET', p..'t:'..a.key, 'v', 'n', 'e') end
function ops.takeTransient()
  local key = p..'t:'..a.key
  local t = call('HMGET', key, 'v', 'e')
  if not t[1] or a.at >= tonumber(t[2]) then return false end
  call('DEL', key)
  call('ZREM', p..'x:transients', a.key)
  return t[1]
end

function ops.saveConsent()
  if call('HSET', p..'k:'..a.u, a.f, a.d) == 1 then call('HINCRBY', p..'meta', 'consents', 1) end
end
function ops.revokeConsent()
  local forgotten = call('HDEL', p..'k:'..a.u, a.f)
  if forgotten == 1 then call('HINCRBY', p..'meta', 'consents', -1) end
  return killGrants() + forgotten
end
`;
