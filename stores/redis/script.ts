import { MOVED } from '#core/token-store';

/**
 * What Redis carries out in one step, as one Lua script: `KEYS[1]` is the prefix with the hash tag, ARGV the operation, its input (JSON), our
 * clock and how much longer than its expiry a key stays. Scripts are atomic (https://redis.io/docs/latest/develop/interact/programmability/eval-intro/),
 * and all keys share the tag, so that in a Cluster they are in one slot. Times come from our clock; PEXPIRE only collects garbage.
 */
export const SCRIPT = `
local p, op, a = KEYS[1], ARGV[1], cjson.decode(ARGV[2])
local clock, margin = tonumber(ARGV[3]), tonumber(ARGV[4])
local call = redis.call
local FEED_ENTRIES = 50000

local function num(n) return string.format('%.0f', n) end
local function keep(key, e) call('PEXPIRE', key, num(math.max(0, e - clock) + margin)) end

local function append(change)
  local seq = call('HINCRBY', p..'meta', 'seq', 1)
  call('XADD', p..'feed', 'MAXLEN', FEED_ENTRIES, num(seq)..'-1', 'c', change)
end

local function prolong(id, e)
  local key = p..'g:'..id
  local old = call('HGET', key, 'e')
  if not old or tonumber(old) >= e then return end
  call('HSET', key, 'e', num(e))
  keep(key, e)
  call('ZADD', p..'x:grants', num(e), id)
end

local function saveAccess(t)
  if t.g then prolong(t.g, t.e) end
  local key = p..'a:'..t.h
  if call('HSETNX', key, 'd', t.d) == 0 then return end
  call('HSET', key, 'h', t.s, 'c', t.c)
  if t.g then call('HSET', key, 'g', t.g) end
  keep(key, t.e)
  call('ZADD', p..'x:access', num(t.e), t.h)
  call('HINCRBY', p..'l:'..t.c, num(t.m), 1)
  call('ZADD', p..'x:live', num(t.m), num(t.m)..' '..t.c)
end

local function saveGrant(g)
  local key = p..'g:'..g.id
  -- Of a grant that is there only the details change: they stand beside it, since Lua cannot tell an empty list from an empty object.
  if call('HSETNX', key, 'd', g.d) == 0 then
    call('HSET', key, 'x', g.x)
    return
  end
  call('HSET', key, 'h', g.s, 'e', num(g.e), 'c', g.c, 'p', g.p)
  keep(key, g.e)
  call('ZADD', p..'x:grants', num(g.e), g.id)
  if g.u then
    call('HSET', key, 'u', g.u)
    call('SADD', p..'i:'..g.u, g.id)
  end
end

local function saveIssued(kind, index, t)
  local key = p..kind..':'..t.h
  if call('HSETNX', key, 'd', t.d) == 1 then
    call('HSET', key, 'g', t.g)
    keep(key, t.e)
    call('ZADD', p..'x:'..index, num(t.e), t.h)
  end
  prolong(t.g, t.e)
end

local function kill(id, note)
  local key = p..'g:'..id
  if call('EXISTS', key) == 0 then return 0 end
  if call('HSETNX', key, 'r', note) == 1 then append(cjson.encode({ kind = 'grant', id = id })) end
  return 1
end

local function killGrants()
  local living, index = 0, p..'i:'..a.u
  for _, id in ipairs(call('SMEMBERS', index)) do
    local g = call('HMGET', p..'g:'..id, 'e', 'r', 'c', 'p')
    if not g[1] then
      call('SREM', index, id)
    elseif not g[2] and (not a.c or a.c == g[3]) and (not a.p or a.p == g[4]) then
      kill(id, a.note)
      if tonumber(g[1]) > a.at then living = living + 1 end
    end
  end
  return living
end

-- What is kept under a hash, with its grant and the standings it depends on: { d, r, grant, revocation of the grant, flag, standing... }.
local function find(kind, hash)
  local e = call('HMGET', p..kind..':'..hash, 'd', 'r', 'g', 'h')
  if not e[1] then return false end
  local out, holders = { e[1], e[2], false, false, 0 }, e[4]
  if e[3] then
    local g = call('HMGET', p..'g:'..e[3], 'd', 'r', 'h', 'x')
    out[3], out[4] = g[1], g[2]
    if g[1] and g[4] then out[3] = '['..g[1]..','..g[4]..']' end
    holders = holders or g[3]
  end
  if holders then
    for _, standing in ipairs(call('HMGET', p..'s', unpack(cjson.decode(holders)))) do out[#out + 1] = standing end
  end
  return out
end

local function removeGrant(id)
  local key = p..'g:'..id
  local u = call('HGET', key, 'u')
  if u then call('SREM', p..'i:'..u, id) end
  call('DEL', key)
end

local ops = {}

function ops.find() return find(a.kind, a.h) end
function ops.saveAccess() saveAccess(a) end
function ops.saveIssue()
  if a.grant then saveGrant(a.grant) end
  if a.code then saveIssued('c', 'codes', a.code) end
  if a.refresh then saveIssued('r', 'refresh', a.refresh) end
  if a.access then saveAccess(a.access) end
end

-- A second attempt kills the grant in this step. The first is noted only with take: then our side has judged that the code is good.
function ops.consume()
  local key = p..'c:'..a.h
  local c = call('HMGET', key, 'r', 'g')
  if not c[2] then return false end
  if c[1] == '${MOVED}' then
    return find('c', a.h)
  elseif c[1] and c[1] ~= a.id then
    kill(c[2], a.note)
  elseif not c[1] and a.take then
    call('HSET', key, 'r', a.id)
  end
  return find('c', a.h)
end

function ops.rotate()
  local key = p..'r:'..a.h
  local r = call('HMGET', key, 'r', 'g')
  if not r[2] then return false end
  local saved = call('HGET', p..'a:'..a.access.h, 'g') == r[2]
  if r[1] then
    local used = cjson.decode(r[1])
    if used.by ~= '${MOVED}' and used.by ~= a.id and not saved and a.at >= used.at + a.grace then kill(r[2], a.note) end
  elseif a.take then
    call('HSET', key, 'r', a.used)
    saveIssued('r', 'refresh', a.successor)
    saveAccess(a.access)
  end
  local found = find('r', a.h)
  found[5] = saved and 1 or 0
  return found
end

function ops.revokeGrant() return kill(a.id, a.note) end
function ops.killGrants() return killGrants() end

function ops.revokeAccess()
  local key = p..'a:'..a.h
  if call('EXISTS', key) == 0 then return 0 end
  if call('HSETNX', key, 'r', a.note) == 1 then append(cjson.encode({ kind = 'token', hash = a.h })) end
  return 1
end

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

function ops.standings()
  for _, standing in ipairs(a) do
    local old = call('HGET', p..'s', standing.f)
    if not old or (old ~= standing.d and standing.n >= cjson.decode(old).generation) then
      call('HSET', p..'s', standing.f, standing.d)
      append('{"kind":"standing","standing":'..standing.d..'}')
    end
  end
end

-- The epoch has the replication id in it: after a failover, which may have lost the newest entries, every reader forgets all.
function ops.changes()
  call('HSETNX', p..'meta', 'epoch', a.epoch)
  local replication = string.match(call('INFO', 'replication'), 'master_replid:(%w+)') or ''
  local meta = call('HMGET', p..'meta', 'epoch', 'seq')
  local first = call('XRANGE', p..'feed', '-', '+', 'COUNT', 1)
  local out = { meta[1]..string.sub(replication, 1, 16), meta[2] or '0', first[1] and first[1][1] or false }
  if a.after and a.limit > 0 then
    local from = num(a.after + 1)..'-1'
    for _, entry in ipairs(call('XRANGE', p..'feed', from, '+', 'COUNT', a.limit)) do out[#out + 1] = entry[2][2] end
  end
  return out
end

function ops.purge()
  local left = a.limit
  local function sweep(index, before, remove)
    if left == 0 then return end
    for _, id in ipairs(call('ZRANGEBYSCORE', p..'x:'..index, '-inf', '('..num(before), 'LIMIT', 0, left)) do
      remove(id)
      call('ZREM', p..'x:'..index, id)
      left = left - 1
    end
  end
  local function remover(kind) return function(id) call('DEL', p..kind..':'..id) end end
  sweep('once', a.now, remover('o'))
  sweep('transients', a.now, remover('t'))
  sweep('codes', a.before, remover('c'))
  sweep('refresh', a.before, remover('r'))
  sweep('access', a.before, remover('a'))
  -- Last, and only when nothing else was left: then nothing of a grant that goes is left.
  sweep('grants', a.grants, removeGrant)
  for _, live in ipairs(call('ZRANGEBYSCORE', p..'x:live', '-inf', '('..num(a.minute), 'LIMIT', 0, 1000)) do
    local minute, client = string.match(live, '^(%d+) (.*)$')
    call('HDEL', p..'l:'..client, minute)
    call('ZREM', p..'x:live', live)
  end
  return a.limit - left
end

-- A page of an index in the order of score and member; members that are moved go to a later score, so that none is missed.
local function pageOf(index, after, limit)
  local from = 0
  if after then
    from = call('ZCOUNT', index, '-inf', '('..num(after.e))
    local rank = call('ZRANK', index, after.id)
    if rank and rank >= from and tonumber(call('ZSCORE', index, after.id)) == after.e then
      from = rank + 1
    else
      local same = call('ZRANGE', index, from, from)
      while same[1] and tonumber(call('ZSCORE', index, same[1])) == after.e and same[1] <= after.id do
        from = from + 1
        same = call('ZRANGE', index, from, from)
      end
    end
  end
  return call('ZRANGE', index, from, from + limit, 'WITHSCORES')
end

-- { next, { key, field... }... }: what stands under each key of a page. next is false on the last one.
function ops.copyOut()
  local page = pageOf(p..'x:'..a.index, a.after, a.limit)
  local out = { false }
  for i = 1, #page, 2 do
    if #out > a.limit then
      out[1] = cjson.encode({ id = page[i - 2], e = tonumber(page[i - 1]) })
      break
    end
    local key = p..a.kind..':'..page[i]
    local fields = a.kind == 'o' and { call('GET', key) } or call('HMGET', key, unpack(a.fields))
    if fields[1] then out[#out + 1] = { page[i], unpack(fields) } else out[#out + 1] = { page[i] } end
  end
  return out
end
function ops.copyConsents()
  local found = call('SCAN', a.after or '0', 'MATCH', p..'k:*', 'COUNT', a.limit)
  local out = { found[1] ~= '0' and found[1] or false }
  for _, key in ipairs(found[2]) do
    for _, consent in ipairs(call('HVALS', key)) do out[#out + 1] = consent end
  end
  return out
end

local adopt = {}
function adopt.standing(t)
  local old = call('HGET', p..'s', t.f)
  local held = old and cjson.decode(old)
  if held and t.n <= held.generation and t.at <= held.at then return end
  if held and t.n < held.generation then return end
  call('HSET', p..'s', t.f, t.d)
  append('{"kind":"standing","standing":'..t.d..'}')
end
function adopt.grant(t)
  if call('EXISTS', p..'g:'..t.id) == 0 then
    saveGrant(t)
    if t.x == 'null' then call('HDEL', p..'g:'..t.id, 'x') end
  end
  if t.r then kill(t.id, t.r) end
end
function adopt.access(t)
  saveAccess(t)
  if t.r and call('HSETNX', p..'a:'..t.h, 'r', t.r) == 1 then append(cjson.encode({ kind = 'token', hash = t.h })) end
end
local function adoptIssued(kind, index, t)
  saveIssued(kind, index, t)
  if t.r then call('HSETNX', p..kind..':'..t.h, 'r', t.r) end
end
function adopt.code(t) adoptIssued('c', 'codes', t) end
function adopt.refresh(t) adoptIssued('r', 'refresh', t) end
function adopt.once(t)
  if not call('SET', p..'o:'..t.key, num(t.e), 'NX') then return end
  keep(p..'o:'..t.key, t.e)
  call('ZADD', p..'x:once', num(t.e), t.key)
end
function adopt.transient(t)
  local key = p..'t:'..t.key
  if tonumber(call('HGET', key, 'n') or 0) >= t.n then return end
  if tonumber(call('HGET', p..'meta', 'version') or 0) < t.n then call('HSET', p..'meta', 'version', num(t.n)) end
  call('HSET', key, 'v', t.v, 'n', num(t.n), 'e', num(t.e))
  keep(key, t.e)
  call('ZADD', p..'x:transients', num(t.e), t.key)
end
function adopt.consent(t)
  local old = call('HGET', p..'k:'..t.u, t.f)
  if old and cjson.decode(old).updatedAt >= t.at then return end
  if call('HSET', p..'k:'..t.u, t.f, t.d) == 1 then call('HINCRBY', p..'meta', 'consents', 1) end
end
function ops.copyIn()
  for _, row in ipairs(a) do adopt[row.k](row) end
end

function ops.sizes()
  local out = {}
  for _, index in ipairs({ 'access', 'refresh', 'codes', 'grants', 'transients', 'once' }) do
    out[#out + 1] = call('ZCARD', p..'x:'..index)
  end
  out[#out + 1] = tonumber(call('HGET', p..'meta', 'consents') or 0)
  return out
end

return ops[op]()
`;
