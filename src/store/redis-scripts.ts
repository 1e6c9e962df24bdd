// What the store does in Redis in one step. Each script reads and writes under one prefix only and
// answers text and whole numbers, because Redis drops the fraction of Lua's numbers.

import { LIMITS } from './limits.ts';
import { script } from './redis-client.ts';

/**
 * If there is a feed (KEYS 3: its number, 4: names by the number of their last change), adds a
 * change to it. Names that changed longest ago are dropped: a reader that far behind finds too many
 * anyway.
 */
const TELL = `
if KEYS[3] then
  redis.call('ZADD', KEYS[4], redis.call('INCR', KEYS[3]), ARGV[1])
  redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -${LIMITS.changesKeep + 1})
end
return 1`;

/** A hash of `<version>:<json>`, and a sorted set of the names for listing in order. */
export const saveRecord = script(`
local current = redis.call('HGET', KEYS[1], ARGV[1])
local version = current and tonumber(string.match(current, '^(%d+):')) or 0
if version ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%d', version + 1) .. ':' .. ARGV[3])
redis.call('ZADD', KEYS[2], 0, ARGV[1])${TELL}`);

export const removeRecord = script(`
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])${TELL}`);

/**
 * KEYS: as for saving. ARGV: after which number, limit. The number now, then name, number, record …
 */
export const readChanges = script(`
local out = { redis.call('GET', KEYS[3]) or '0' }
local found = redis.call('ZRANGEBYSCORE', KEYS[4], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
for i = 1, #found, 2 do
  table.insert(out, found[i])
  table.insert(out, found[i + 1])
  table.insert(out, redis.call('HGET', KEYS[1], found[i]) or '')
end
return out`);

/** Up to a limit of name, record, name, record …, beginning after a cursor. */
export const listRecords = script(`
local after = ARGV[1] == '' and '-' or '(' .. ARGV[1]
local names = redis.call('ZRANGEBYLEX', KEYS[2], after, '+', 'LIMIT', 0, ARGV[2])
local out = {}
for _, name in ipairs(names) do
  table.insert(out, name)
  table.insert(out, redis.call('HGET', KEYS[1], name) or '')
end
return out`);

/**
 * KEYS: the bucket, the index of buckets by their expiry (ms). ARGV: bucket's name, SID, expiry,
 * now.
 */
export const markSeen = script(`
redis.call('SADD', KEYS[1], ARGV[2])
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
redis.call('ZADD', KEYS[2], 'GT', ARGV[3], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[4])
return 1`);

/** KEYS: the index. ARGV: the prefix of the buckets. */
export const countSeen = script(`
local n = 0
for _, bucket in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  n = n + redis.call('SCARD', ARGV[1] .. bucket)
end
return n`);

/** KEYS: the wakes. ARGV: now, the instant to which the leased ones move, limit. */
export const leaseWakes = script(`
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, key in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[2], key) end
return due`);

/**
 * KEYS: the instants of the last calls granted, newest first. ARGV: limit, window (ms), the longest
 * credible wait. If places are short they are spaced evenly, not as many at once as the window
 * allows: a call in between waits for the next place, not for the next window. The server's clock
 * decides, so replicas need not agree on the time.
 */
export const takeCall = script(`
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local at = now
local latest = redis.call('LINDEX', KEYS[1], 0)
local oldest = redis.call('LINDEX', KEYS[1], limit - 1)
if latest then at = math.max(at, tonumber(latest)) end
if oldest then at = math.max(at, tonumber(oldest) + window) end
if at > now and latest then at = math.max(at, tonumber(latest) + math.floor(window / limit)) end
if at - now > tonumber(ARGV[3]) then
  redis.call('DEL', KEYS[1])
  at = now
end
redis.call('LPUSH', KEYS[1], string.format('%d', at))
redis.call('LTRIM', KEYS[1], 0, limit - 1)
redis.call('PEXPIRE', KEYS[1], at - now + window)
return at - now`);
