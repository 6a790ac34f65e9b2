import { COPY } from './script-copy.ts';
import { FEED } from './script-feed.ts';
import { PURGE } from './script-purge.ts';
import { RECORDS } from './script-records.ts';
import { RIGHTS } from './script-rights.ts';
import { TOKENS } from './script-tokens.ts';

/** What all parts use: `p` is the prefix, `op` the operation, `a` its input; `ops` has a function for each operation. */
const SHARED = `
local p, op, a = KEYS[1], ARGV[1], cjson.decode(ARGV[2])
local clock, margin = tonumber(ARGV[3]), tonumber(ARGV[4])
local call = redis.call
local FEED_ENTRIES = 50000
local ops = {}

local function num(n) return string.format('%.0f', n) end
local function keep(key, e) call('PEXPIRE', key, num(math.max(0, e - clock) + margin)) end

local function append(change)
  local seq = call('HINCRBY', p..'meta', 'seq', 1)
  call('XADD', p..'feed', 'MAXLEN', FEED_ENTRIES, num(seq)..'-1', 'c', change)
  -- A hint for who listens (hints.ts): a user who may not publish changes things nevertheless.
  redis.pcall('PUBLISH', p..'changes', '')
end
`;

/**
 * What Redis carries out in one step, as one Lua script: `KEYS[1]` is the prefix with the hash tag, ARGV the operation, its input (JSON), our
 * clock and how much longer than its expiry a key stays. Scripts are atomic (https://redis.io/docs/latest/develop/interact/programmability/eval-intro/),
 * and all keys share the tag, so that in a Cluster they are in one slot. Times come from our clock; PEXPIRE only collects garbage.
 */
export const SCRIPT = [SHARED, TOKENS, RECORDS, FEED, PURGE, COPY, RIGHTS, 'return ops[op]()'].join('\n');
