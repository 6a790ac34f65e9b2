/** Rows out of and into the store, for moving house and backups. */
export const COPY = `
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
`;
