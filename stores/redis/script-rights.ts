/** What each command that the store runs looks like, on a key of its own; `call`ed or not, all of them must be allowed. */
const COMMANDS = `
  { 'DEL', key }, { 'EVAL', 'return 1', '1', key }, { 'EVALSHA', 'sha', '1', key }, { 'EXISTS', key }, { 'GET', key },
  { 'HDEL', key, 'f' }, { 'HGET', key, 'f' }, { 'HGETALL', key }, { 'HINCRBY', key, 'f', '1' }, { 'HMGET', key, 'f' },
  { 'HSET', key, 'f', 'v' }, { 'HSETNX', key, 'f', 'v' }, { 'HVALS', key }, { 'INFO', 'replication' },
  { 'PEXPIRE', key, '1' }, { 'SADD', key, 'm' }, { 'SCAN', '0' }, { 'SET', key, 'v' }, { 'SMEMBERS', key },
  { 'SREM', key, 'm' }, { 'XADD', key, '*', 'f', 'v' }, { 'XRANGE', key, '-', '+' }, { 'ZADD', key, '1', 'm' },
  { 'ZCARD', key }, { 'ZCOUNT', key, '0', '1' }, { 'ZRANGE', key, '0', '1' }, { 'ZRANGEBYSCORE', key, '0', '1' },
  { 'ZRANK', key, 'm' }, { 'ZREM', key, 'm' }, { 'ZSCORE', key, 'm' },
`;

/**
 * The names of the commands that the user may not run. A script that meets one has carried out what stood before it, and Redis does not say which
 * it was: so they are asked for when the store is opened. Before Redis 7 nothing can be asked.
 */
export const RIGHTS = `
function ops.rights()
  local missing, key = {}, p..'probe'
  if not redis.acl_check_cmd then return missing end
  for _, command in ipairs({${COMMANDS}}) do
    if not redis.acl_check_cmd(unpack(command)) then missing[#missing + 1] = command[1] end
  end
  return missing
end
`;
