-- Write the results of records down, in one step.
--
-- KEYS[1] flight        string: `<flight id>\n<JSON>`
-- KEYS[2] dead letters  list
-- KEYS[3] lock          string: the token of the turn that holds it
-- KEYS[4] counts        hash of figures
-- ARGV[1] flight id ('' when the records were on no flight)
-- ARGV[2] JSON list of results, every leaf a string:
--   ref, version, disposition, reason, record, events, outbox, parked, missing, waiters (keys of this record)
--   obstacle  the facts of the reason (JSON), or ''
--   set     {field: value} to write into the record in any case; one without a value is removed
--   delay   seconds after which a record that stays in the outbox is due again
--   letter  a dead letter or ''
--   stuck   '1' when nothing but a person helps, so that those who wait for it look again, else ''
--   tell    the outbox of the write-back, when Segment is to be told the Xero id, or ''
--   trace   the list of the record's trace; said, its entry (JSON)
--   waits   [{ref, queue, outbox, record, waiters, member, version}]: records that must have a Xero id first, or
--           change from that version; a dead record waits no more
-- ARGV[3] token of the lock ('' when none is needed)
-- ARGV[4] JSON: the same for all results, every leaf a string:
--   queue; bounds, those of the histogram of seconds from receipt to Xero
--   historical  seconds by which imported history is queued behind live records in an outbox
--   longest, lifetime  entries of a trace, and seconds for which it is kept after the last entry
-- Returns {1 if settled, then the queues whose records were freed}.

local lock = ARGV[3]

-- A process that stood still must not write down results of the past: another turn has taken its records over by now.
if ARGV[1] ~= '' then
  local flight = redis.call('GET', KEYS[1])
  if not flight or string.sub(flight, 1, #ARGV[1]) ~= ARGV[1] then
    return {0}
  end
  redis.call('DEL', KEYS[1])
elseif lock ~= '' and redis.call('GET', KEYS[3]) ~= lock then
  return {0}
end

local common = cjson.decode(ARGV[4])
local historical = tonumber(common.historical)
local longest = tonumber(common.longest)
local time = redis.call('TIME')
local now = tonumber(time[1])
local instant = time[1] .. '.' .. string.sub('00000' .. time[2], -6, -4)
local leaves = { delivered = true, unchanged = true, dead = true, parked = true }
local freed = {}

-- Part 1: the record itself.

local function set_fields(result)
  for field, value in pairs(result.set) do
    if value == '' then
      redis.call('HDEL', result.record, field)
    else
      redis.call('HSET', result.record, field, value)
    end
  end
end

local function leave_outbox(result, disposition, place)
  redis.call('ZREM', result.outbox, result.ref)
  redis.call('ZREM', result.parked, result.ref)
  -- Only a record that waits for another record expires; a person may take as long as they like.
  if disposition == 'parked' and result.stuck == '' then
    redis.call('ZADD', result.missing, 'NX', now, result.ref)
  else
    redis.call('ZREM', result.missing, result.ref)
  end
  if disposition == 'parked' then
    -- It keeps its place, for when it is freed: first come, first served.
    redis.call('ZADD', result.parked, place, result.ref)
  elseif disposition == 'dead' then
    redis.call('LPUSH', KEYS[2], result.letter)
  else
    -- Xero has it: the events are not needed for a dead letter any more.
    redis.call('DEL', result.events)
  end
end

local function stay_in_outbox(result, current, place)
  -- A delay was chosen for the version that was sent; a newer version is not held back by it.
  local delay = current and tonumber(result.delay) or 0
  if delay > 0 then
    -- History stays behind live records, and without a delay a record keeps its place.
    place = now + delay + (place >= historical and historical or 0)
  end
  redis.call('ZREM', result.parked, result.ref)
  redis.call('ZADD', result.outbox, place, result.ref)
end

local function write_trace(result)
  local entry = '{"at":' .. instant .. ',' .. string.sub(result.said, 2)
  if redis.call('RPUSH', result.trace, entry) > longest then
    redis.call('LPOP', result.trace)
  end
  redis.call('EXPIRE', result.trace, common.lifetime)
end

-- Count the record, and how long its oldest event waited for Xero.
local function count(result, disposition)
  redis.call('HINCRBY', KEYS[4], 'records|' .. common.queue .. '|' .. disposition, 1)
  if disposition ~= 'delivered' and disposition ~= 'unchanged' then
    return
  end
  local since = redis.call('HGET', result.record, 'since')
  redis.call('HDEL', result.record, 'since')
  -- An unchanged record waited for no call: it would make the deliveries look faster than they are.
  if since and disposition == 'delivered' then
    local waited = math.max(tonumber(instant) - tonumber(since), 0)
    local step = '+Inf'
    for bound in string.gmatch(common.bounds, '%S+') do
      if waited <= tonumber(bound) then
        step = bound
        break
      end
    end
    local name = 'delivery_seconds|' .. common.queue .. '|'
    redis.call('HINCRBY', KEYS[4], name .. step, 1)
    redis.call('HINCRBY', KEYS[4], name .. 'sum', math.floor(waited * 1000))
  end
end

-- Part 2: those for whom it waits, and those who wait for it.

-- A record for which a live record waits is as urgent as the live record.
local function hurry(wait)
  local place = tonumber(redis.call('ZSCORE', wait.outbox, wait.ref))
  if place and place >= historical then
    redis.call('ZADD', wait.outbox, now, wait.ref)
    freed[wait.queue] = true
  end
end

-- Join the waiters of each record that must come first; return false when one came between the look and this step:
-- nobody would wake the record, so it must not be parked.
local function join_waiters(result, place)
  local still_waits = true
  for _, wait in ipairs(result.waits) do
    local came
    if wait.version == '' then
      came = redis.call('HEXISTS', wait.record, 'xero_id') == 1
    else
      came = redis.call('HGET', wait.record, 'version') ~= wait.version
    end
    if came then
      still_waits = false
    elseif result.disposition == 'dead' then
      redis.call('SREM', wait.waiters, wait.member)
    else
      redis.call('SADD', wait.waiters, wait.member)
      if place < historical then
        hurry(wait)
      end
    end
  end
  return still_waits
end

local function free_waiters(waiters)
  for _, member in ipairs(redis.call('SMEMBERS', waiters)) do
    local waiting = cjson.decode(member)
    local place = redis.call('ZSCORE', waiting.parked, waiting.ref)
    redis.call('ZREM', waiting.parked, waiting.ref)
    -- Where it is in the outbox already, that place counts: it may be due later for a reason of its own.
    redis.call('ZADD', waiting.outbox, 'NX', place or now, waiting.ref)
    redis.call('HSET', waiting.record, 'disposition', 'pending', 'reason', '')
    redis.call('HDEL', waiting.record, 'obstacle')
    freed[waiting.queue] = true
  end
  redis.call('DEL', waiters)
end

local function settle(result)
  set_fields(result)
  local place = tonumber(redis.call('ZSCORE', result.outbox, result.ref)) or now
  local disposition = join_waiters(result, place) and result.disposition or 'pending'
  -- A record that changed while it was on its way stays in the outbox, whatever became of the older version.
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
    leave_outbox(result, disposition, place)
  else
    stay_in_outbox(result, current, place)
  end
  write_trace(result)
  count(result, current and disposition or 'pending')
  if result.tell ~= '' then
    redis.call('ZADD', result.tell, 'NX', now, result.ref)
    freed['write_back'] = true
  end
  -- A record that goes on may leave a letter as well: of the part of it that Xero does not take.
  if result.letter ~= '' and result.disposition ~= 'dead' then
    redis.call('LPUSH', KEYS[2], result.letter)
  end
  -- A stuck record frees its waiters without an id: some can go without it.
  if redis.call('HEXISTS', result.record, 'xero_id') == 1 or (current and result.stuck ~= '') then
    free_waiters(result.waiters)
  end
end

for _, result in ipairs(cjson.decode(ARGV[2])) do
  settle(result)
end

local answer = {1}
for queue in pairs(freed) do
  answer[#answer + 1] = queue
end
return answer
