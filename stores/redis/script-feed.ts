/** Standings, and the changes that readers follow. */
export const FEED = `
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
`;
