import { SLOTS } from './slots.ts';

/**
 * One take in one step, as Lua: `KEYS[1]` is the counter; ARGV are the kind, the weight and two numbers of the rule. Gives whether it is let
 * through (1 or 0), what is free, in how many ms all is free, and in how many ms to try again.
 *
 * Time is Redis' own (`TIME`), so that gateways whose clocks differ count the same: a rolling interval and a rate need one clock. Only where a
 * window of a calendar begins and ends is said by the gateway, in the key; how long that key lives is a span, which needs no clock. A rule
 * here is the one of `slots.ts` and `rate.ts`. A weight below 0 gives back what was taken newest.
 */
export const COUNTER_SCRIPT = `
local key, kind, weight = KEYS[1], ARGV[1], tonumber(ARGV[2])
local a, b = tonumber(ARGV[3]), tonumber(ARGV[4])
local call = redis.call
local function num(n) return string.format('%.0f', n) end

if kind == 'window' then
  local used = tonumber(call('GET', key) or '0')
  if weight < 0 then
    local back = math.min(used, -weight)
    if back > 0 then used = call('DECRBY', key, num(back)) end
    return {1, num(math.max(0, a - used)), num(b), '0'}
  end
  if used + weight > a then return {0, num(math.max(0, a - used)), num(b), num(b)} end
  if weight > 0 then
    used = call('INCRBY', key, num(weight))
    if used == weight then call('PEXPIRE', key, num(b + 1000)) end
  end
  return {1, num(math.max(0, a - used)), num(b), '0'}
end

local t = call('TIME')
local now = tonumber(t[1]) * 1000 + tonumber(t[2]) / 1000

if kind == 'rolling' then
  local length = math.max(1, math.ceil(b / ${SLOTS}))
  local slots, used, last, newest = {}, 0, now, {0, 0}
  local all = call('HGETALL', key)
  for i = 1, #all, 2 do
    local slot, taken = tonumber(all[i]), tonumber(all[i + 1])
    local untilAt = slot + length + b
    if untilAt <= now then
      call('HDEL', key, all[i])
    else
      used = used + taken
      last = math.max(last, untilAt)
      slots[#slots + 1] = {untilAt, taken}
      if taken > 0 and slot > newest[1] then newest = {slot, taken} end
    end
  end
  if weight < 0 then
    local back = math.min(newest[2], -weight)
    if back > 0 then call('HINCRBY', key, num(newest[1]), num(-back)) end
    return {1, num(math.max(0, a - used + back)), num(math.ceil(last - now)), '0'}
  end
  local free = math.max(0, a - used)
  if weight > free then
    table.sort(slots, function(x, y) return x[1] < y[1] end)
    local wait, sum = 0, a - used
    for i = 1, #slots do
      if sum >= weight then break end
      sum = sum + slots[i][2]
      wait = slots[i][1] - now
    end
    return {0, num(free), num(math.ceil(last - now)), num(math.ceil(wait))}
  end
  if weight > 0 then
    local slot = math.floor(now / length) * length
    call('HINCRBY', key, num(slot), num(weight))
    last = math.max(last, slot + length + b)
    call('PEXPIRE', key, num(math.ceil(length + b) + 1000))
  end
  return {1, num(free - weight), num(math.ceil(last - now)), '0'}
end

local paid = math.max(tonumber(call('GET', key) or '0'), now)
local wait = paid - (b - 1) * a - now
if weight > 0 and wait > 0.000001 then
  local free = math.max(0, math.floor((now + b * a - paid) / a + 0.000001))
  return {0, num(free), num(math.ceil(paid - now)), num(math.ceil(wait))}
end
if weight > 0 then
  paid = paid + weight * a
  call('SET', key, string.format('%.3f', paid), 'PX', num(math.ceil(paid - now) + 1000))
end
return {1, num(math.max(0, math.floor((now + b * a - paid) / a + 0.000001))), num(math.ceil(paid - now)), '0'}
`;
