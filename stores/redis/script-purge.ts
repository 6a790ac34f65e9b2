/** What removes what is over, and counts what is there. */
export const PURGE = `
local function removeGrant(id)
  local key = p..'g:'..id
  local u = call('HGET', key, 'u')
  if u then call('SREM', p..'i:'..u, id) end
  call('DEL', key)
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

function ops.sizes()
  local out = {}
  for _, index in ipairs({ 'access', 'refresh', 'codes', 'grants', 'transients', 'once' }) do
    out[#out + 1] = call('ZCARD', p..'x:'..index)
  end
  out[#out + 1] = tonumber(call('HGET', p..'meta', 'consents') or 0)
  return out
end
`;
