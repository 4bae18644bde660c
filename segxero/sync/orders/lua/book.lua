-- Write the records that an order wants, in one step, if nobody has changed what they were computed from.
--
-- KEYS[1] order   hash of the order's record
-- KEYS[2] outbox  sorted set of the queue `orders`
-- KEYS[3] events  hash of the order's events that Xero does not have yet
-- ARGV[1] ref of the order  ARGV[2] its version, as it was read
-- ARGV[3] JSON, every leaf a string:
--   guards  [{"lock", "flight"}]: the queues of records that exist already; while one of them is at work, or has a
--           flight that nobody has settled, the content of a record may be on its way
--   seen    [{"record", "version", "xero_id"}]: the records as they were read
--   writes  [{"ref", "record", "events", "outbox", "parked", "trace", "said", "mapping",
--             "fields": [[path, stamp, value, '1' or '']...], "set": {field: value}}]; of "set", a field without a value is removed
--   known   the refs of all records of the order (JSON), kept with it
-- ARGV[4] seconds by which history stands behind in an outbox
-- Returns 1 if written, 0 if something changed meanwhile, -1 while a queue is at work.

if redis.call('HGET', KEYS[1], 'version') ~= ARGV[2] then
  return 0
end
local plan = cjson.decode(ARGV[3])
for _, guard in ipairs(plan.guards) do
  if redis.call('EXISTS', guard.lock, guard.flight) > 0 then
    return -1
  end
end
for _, seen in ipairs(plan.seen) do
  local version = redis.call('HGET', seen.record, 'version') or ''
  local xero_id = redis.call('HGET', seen.record, 'xero_id') or ''
  if version ~= seen.version or xero_id ~= seen.xero_id then
    return 0
  end
end

local time = redis.call('TIME')
local now = tonumber(time[1])
local instant = time[1] .. '.' .. string.sub('00000' .. time[2], -6, -4)
local later = tonumber(ARGV[4])
local own = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1])) or now
local place = own >= later and now + later or now

local events = redis.call('HGETALL', KEYS[3])

for _, write in ipairs(plan.writes) do
  -- The order keeps its events only until it is computed; a dead letter of a document must name them.
  for at = 1, #events, 2 do
    redis.call('HSET', write.events, events[at], events[at + 1])
  end
  redis.call('HSETNX', write.record, 'version', 0)
  redis.call('HSETNX', write.record, 'since', instant)
  local set = {}
  for _, field in ipairs(write.fields) do
    local name = 'f:' .. field[1]
    local stored = redis.call('HGET', write.record, name)
    local cut = stored and string.find(stored, '\n', 1, true)
    -- Computed content takes the place of the content before, whatever the times of the events are.
    if not stored or field[4] == '1' or field[2] >= string.sub(stored, 1, cut - 1) then
      redis.call('HSET', write.record, name, field[2] .. '\n' .. field[3])
      set[#set + 1] = field[1]
    end
  end
  for field, value in pairs(write.set) do
    if value == '' then
      redis.call('HDEL', write.record, field)
    else
      redis.call('HSET', write.record, field, value)
    end
  end
  redis.call('HINCRBY', write.record, 'version', 1)
  redis.call('HSET', write.record, 'disposition', 'pending', 'reason', '', 'mapping', write.mapping)
  redis.call('ZREM', write.parked, write.ref)
  redis.call('ZADD', write.outbox, 'LT', place, write.ref)
  redis.call('RPUSH', write.trace, '{"at":' .. instant .. ',"set":' .. (#set > 0 and cjson.encode(set) or '[]') .. ','
    .. string.sub(write.said, 2))
end
redis.call('HSET', KEYS[1], 'x:known', plan.known)
return 1
