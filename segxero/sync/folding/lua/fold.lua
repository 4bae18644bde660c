-- Fold the operations of one event into their records and take the event out of the inbox, in one step.
--
-- KEYS[1] inbox    hash: arrival id -> arrival
-- KEYS[2] woken    sorted set: arrival id -> second of its last wake-up
-- KEYS[3] waiting  hash: organisation -> events not yet folded, history beside them
-- KEYS[4] counts   hash: name -> number
-- ARGV[1] arrival id
-- ARGV[2] organisation, as KEYS[3] counts it
-- ARGV[3] message id
-- ARGV[4] raw event
-- ARGV[5] JSON: {"operations": [{"ref", "queue", "record", "events", "outbox", "parked", "told_as", "series", "order",
--                                "mapping", "trace", "said", "fields": [[path, stamp, value]…]}],
--                "wakes": [{"queue", "awake", "message"}], "historical": '1' or '', "later", "received",
--                "told", "longest", "lifetime" (see records/trace.py),
--                "people": {"known", "links", "changed", "outbox", "ref", "queue", "keys": [[key, strength, first]…],
--                           "pairs": [[key, key, 'alias' or 'event']…]}}; every leaf is a string, so no number is touched.
--                Imported history is queued "later" seconds behind live records in the outbox.
-- ARGV[6] seconds for which one wake-up is enough
-- Returns {1 if the event was still there, records changed}, or {2, place of an operation, series} with nothing folded
-- when that operation tells another order than the series that has its key.
--
-- A field is kept with the stamp of the event that set it (rank, time, message id); the greater stamp wins, so the
-- result does not depend on the order in which events come, nor on how often.

if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
  return {0, 0}
end
local plan = cjson.decode(ARGV[5])

-- An order's key belongs to the shop or source that told it first. Another may tell the same order, but no different one.
for place, operation in ipairs(plan.operations) do
  if operation.series ~= '' then
    local first = redis.call('HGET', operation.record, 'series')
    if first and redis.call('HEXISTS', operation.record, 'teller:' .. operation.series) == 0
      and (operation.order == '' or redis.call('HEXISTS', operation.record, 'order:' .. operation.order) == 0) then
      return {2, place - 1, first}
    end
  end
end

redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HINCRBY', KEYS[3], ARGV[2], -1)

local time = redis.call('TIME')
local now = tonumber(time[1])
local instant = time[1] .. '.' .. string.sub('00000' .. time[2], -6, -4)
local touched = {}
local changed_records = 0

-- Add to the record's trace: when, and which fields this event has set.
local function write_trace(operation, set)
  local names = #set > 0 and cjson.encode(set) or '[]'
  local entry = '{"at":' .. instant .. ',"set":' .. names .. ',' .. string.sub(operation.said, 2, -2) .. ','
    .. string.sub(plan.told, 2)
  local length = redis.call('RPUSH', operation.trace, entry)
  if length > tonumber(plan.longest) then
    redis.call('LPOP', operation.trace)
  end
  -- Every tenth entry is often enough for a lifetime of months, and saves a command for each event.
  if length % 10 == 1 then
    redis.call('EXPIRE', operation.trace, plan.lifetime)
  end
end

-- A live record keeps the place that it has; a live event brings a record of imported history forward.
local function line_up(operation)
  local place = tonumber(redis.call('ZSCORE', operation.outbox, operation.ref))
  if plan.historical == '1' then
    redis.call('ZADD', operation.outbox, 'NX', now + tonumber(plan.later), operation.ref)
  elseif not place or place >= tonumber(plan.later) then
    redis.call('ZADD', operation.outbox, now, operation.ref)
  end
end

-- Note which keys name people, and which the event names together. Strength only grows and the first stamp only falls,
-- so the result does not depend on the order of the events either. What is new is joined by the next turn of contacts.
local function meet(people)
  local new = false
  for _, key in ipairs(people.keys) do
    local stored = redis.call('HGET', people.known, key[1])
    local strength, first = key[2], key[3]
    if stored then
      strength = math.max(tonumber(strength), tonumber(string.sub(stored, 1, 1)))
      local earlier = string.sub(stored, 3)
      first = earlier < first and earlier or first
    end
    local known = strength .. ' ' .. first
    if known ~= stored then
      redis.call('HSET', people.known, key[1], known)
      -- A key without links stands alone, whoever named it first.
      if redis.call('EXISTS', people.links .. key[1]) == 1 then
        redis.call('SADD', people.changed, key[1])
        new = true
      end
    end
  end
  for _, pair in ipairs(people.pairs) do
    -- Both sides of a link are kept in this one step, so the first tells whether the second is there.
    if redis.call('SADD', people.links .. pair[1], pair[3] .. ' ' .. pair[2]) == 1 then
      redis.call('SADD', people.links .. pair[2], pair[3] .. ' ' .. pair[1])
      redis.call('SADD', people.changed, pair[1])
      new = true
    end
  end
  if new then
    line_up(people)
    touched[people.queue] = true
  end
end

for _, operation in ipairs(plan.operations) do
  local changed = redis.call('HSETNX', operation.record, 'version', 0) == 1
  local set = {}
  for _, field in ipairs(operation.fields) do
    local name = 'f:' .. field[1]
    local stored = redis.call('HGET', operation.record, name)
    local cut = stored and string.find(stored, '\n', 1, true)
    if not stored or field[2] >= string.sub(stored, 1, cut - 1) then
      -- An equal value with a newer stamp is kept for its stamp, but Xero need not hear of it.
      if not stored or string.sub(stored, cut + 1) ~= field[3] then
        changed = true
      end
      redis.call('HSET', operation.record, name, field[2] .. '\n' .. field[3])
      set[#set + 1] = field[1]
    end
  end
  if operation.series ~= '' then
    redis.call('HSETNX', operation.record, 'series', operation.series)
    redis.call('HSET', operation.record, 'teller:' .. operation.series, 1)
    if operation.order ~= '' then
      redis.call('HSET', operation.record, 'order:' .. operation.order, 1)
    end
  end
  if operation.told_as ~= '' then
    redis.call('HSET', operation.record, 'told_as', operation.told_as)
  end
  -- Only a change makes the record due again: the same event sent twice costs no call.
  if changed then
    changed_records = changed_records + 1
    redis.call('HINCRBY', operation.record, 'version', 1)
    redis.call('HSET', operation.record, 'disposition', 'pending', 'reason', '', 'mapping', operation.mapping)
    redis.call('HDEL', operation.record, 'obstacle')
    redis.call('HSETNX', operation.record, 'since', plan.received)
    redis.call('HSET', operation.events, ARGV[3], ARGV[4])
    redis.call('ZREM', operation.parked, operation.ref)
    line_up(operation)
    touched[operation.queue] = true
    if operation.person ~= '' then
      redis.call('SADD', plan.people.changed, operation.person)
    end
  end
  write_trace(operation, set)
end

meet(plan.people)

redis.call('HINCRBY', KEYS[4], changed_records > 0 and 'events|folded' or 'events|unchanged', 1)
for _, wake in ipairs(plan.wakes) do
  if touched[wake.queue] and redis.call('SET', wake.awake, now, 'NX', 'EX', ARGV[6]) then
    redis.call('LPUSH', wake.queue, wake.message)
  end
end
return {1, changed_records}
