import { MOVED } from '#core/token-store';

/** Access tokens, grants, codes and refresh tokens: saving, looking up, using once, revoking. */
export const TOKENS = `
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
`;
