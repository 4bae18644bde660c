-- Write down what became of records, in one step, if the flight they were on is still the current one, or, without a
-- flight, if the turn still holds its lock: a process that stood still must not write down what is long past.
--
-- KEYS[1] flight        string: `<flight id>\n<JSON>`
-- KEYS[2] dead letters  list
-- KEYS[3] lock          string: the token of the turn that holds it
-- ARGV[1] flight id ('' when the records were on no flight)
-- ARGV[2] JSON list of results, every leaf a string:
--   ref, version, disposition, reason, obstacle (its facts as JSON, or ''), record, events, outbox, parked, missing, waiters (keys of this record),
--   set     {field: value} to write into the record in any case; one without a value is removed
--   delay   seconds after which a record that stays in the outbox is due again
--   letter  a dead letter or ''
--   stuck   '1' when nothing but a person helps, so that those who wait for it look again, else ''
--   tell    the outbox of the write-back, when Segment is to be told the Xero id, or ''
--   trace   the list of the record's trace; said, its entry (JSON), of which at most `longest` are kept for `lifetime`
--           seconds
--   counts  the hash of figures; queue, and bounds: those of the histogram of seconds from receipt to Xero
--   waits   [{ref, queue, outbox, record, waiters, member, version}]: records that must have a Xero id first, or
--           change from that version; a dead record waits no more
-- ARGV[3] token of the lock ('' when none is needed)
-- ARGV[4] seconds by which history stands behind in an outbox
-- Returns {1 if settled, then the queues whose records were freed}.
--
-- A record that changed while it was on its way stays in the outbox, whatever became of the older version. What comes
-- again without a delay keeps its place, and so does what is parked, for when it is freed.

if ARGV[1] ~= '' then
  local flight = redis.call('GET', KEYS[1])
  if not flight or string.sub(flight, 1, #ARGV[1]) ~= ARGV[1] then
    return {0}
  end
  redis.call('DEL', KEYS[1])
elseif ARGV[3] ~= '' and redis.call('GET', KEYS[3]) ~= ARGV[3] then
  return {0}
end

local time = redis.call('TIME')
local now = tonumber(time[1])
local instant = time[1] .. '.' .. string.sub('00000' .. time[2], -6, -4)
local later = tonumber(ARGV[4])
local leaves = { delivered = true, unchanged = true, dead = true, parked = true }
local freed = {}

local function free(waiters)
  for _, member in ipairs(redis.call('SMEMBERS', waiters)) do
    local waiting = cjson.decode(member)
    local place = redis.call('ZSCORE', waiting.parked, waiting.ref)
    redis.call('ZREM', waiting.parked, waiting.ref)
    redis.call('ZADD', waiting.outbox, 'NX', place or now, waiting.ref)
    redis.call('HSET', waiting.record, 'disposition', 'pending', 'reason', '')
    redis.call('HDEL', waiting.record, 'obstacle')
    freed[waiting.queue] = true
  end
  redis.call('DEL', waiters)
end

local function tell_story(result)
  if redis.call('RPUSH', result.trace, '{"at":' .. instant .. ',' .. string.sub(result.said, 2)) > tonumber(result.longest) then
    redis.call('LPOP', result.trace)
  end
  redis.call('EXPIRE', result.trace, result.lifetime)
end

-- Count the record, and how long its oldest event waited for Xero.
local function count(result, disposition)
  redis.call('HINCRBY', result.counts, 'records|' .. result.queue .. '|' .. disposition, 1)
  if disposition ~= 'delivered' and disposition ~= 'unchanged' then
    return
  end
  local since = redis.call('HGET', result.record, 'since')
  redis.call('HDEL', result.record, 'since')
  if since and disposition == 'delivered' then
    local waited = math.max(tonumber(instant) - tonumber(since), 0)
    local step = '+Inf'
    for bound in string.gmatch(result.bounds, '%S+') do
      if waited <= tonumber(bound) then
        step = bound
        break
      end
    end
    local name = 'delivery_seconds|' .. result.queue .. '|'
    redis.call('HINCRBY', result.counts, name .. step, 1)
    redis.call('HINCRBY', result.counts, name .. 'sum', math.floor(waited * 1000))
  end
end

-- What a live record waits for is as urgent as that record.
local function hurry(wait)
  local place = tonumber(redis.call('ZSCORE', wait.outbox, wait.ref))
  if place and place >= later then
    redis.call('ZADD', wait.outbox, now, wait.ref)
    freed[wait.queue] = true
  end
end

for _, result in ipairs(cjson.decode(ARGV[2])) do
  for field, value in pairs(result.set) do
    if value == '' then
      redis.call('HDEL', result.record, field)
    else
      redis.call('HSET', result.record, field, value)
    end
  end
  local disposition = result.disposition
  local place = tonumber(redis.call('ZSCORE', result.outbox, result.ref)) or now
  for _, wait in ipairs(result.waits) do
    local came = wait.version == '' and redis.call('HEXISTS', wait.record, 'xero_id') == 1
    if came or (wait.version ~= '' and redis.call('HGET', wait.record, 'version') ~= wait.version) then
      -- It arrived, or changed, between the look and this step.
      disposition = 'pending'
    elseif result.disposition == 'dead' then
      redis.call('SREM', wait.waiters, wait.member)
    else
      redis.call('SADD', wait.waiters, wait.member)
      if place < later then
        hurry(wait)
      end
    end
  end
  local current = redis.call('HGET', result.record, 'version') == result.version
  if current then
    redis.call('HSET', result.record, 'disposition', disposition, 'reason', result.reason, 'settled_at', now,
      'stuck', result.stuck)
    if result.obstacle ~= '' then
      redis.call('HSET', result.record, 'obstacle', result.obstacle)
    else
      redis.call('HDEL', result.record, 'obstacle')
    end
  end
  if current and leaves[disposition] then
    redis.call('ZREM', result.outbox, result.ref)
    redis.call('ZREM', result.parked, result.ref)
    if disposition == 'parked' and result.stuck == '' then
      redis.call('ZADD', result.missing, 'NX', now, result.ref)
    else
      redis.call('ZREM', result.missing, result.ref)
    end
    if disposition == 'parked' then
      redis.call('ZADD', result.parked, place, result.ref)
    elseif disposition == 'dead' then
      redis.call('LPUSH', KEYS[2], result.letter)
    else
      redis.call('DEL', result.events)
    end
  else
    local delay = current and tonumber(result.delay) or 0
    if delay > 0 then
      place = now + delay + (place >= later and later or 0)
    end
    redis.call('ZREM', result.parked, result.ref)
    redis.call('ZADD', result.outbox, place, result.ref)
  end
  tell_story(result)
  count(result, current and disposition or 'pending')
  if result.tell ~= '' then
    redis.call('ZADD', result.tell, 'NX', now, result.ref)
    freed['write_back'] = true
  end
  if result.letter ~= '' and result.disposition ~= 'dead' then
    redis.call('LPUSH', KEYS[2], result.letter)
  end
  if redis.call('HEXISTS', result.record, 'xero_id') == 1 or (current and result.stuck ~= '') then
    free(result.waiters)
  end
end

local answer = {1}
for queue in pairs(freed) do
  answer[#answer + 1] = queue
end
return answer
