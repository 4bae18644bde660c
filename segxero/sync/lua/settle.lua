-- Write down what became of records, in one step, if the flight they were on is still the current one.
--
-- KEYS[1] flight        string: `<flight id>\n<JSON>`
-- KEYS[2] dead letters  list
-- ARGV[1] flight id ('' when the records were on no flight)
-- ARGV[2] JSON list of results, every leaf a string:
--   ref, version, disposition, reason, record, events, outbox, parked, waiters (keys of this record),
--   set     {field: value} to write into the record in any case; one without a value is removed
--   delay   seconds after which a record that stays in the outbox is due again
--   letter  a dead letter or ''
--   stuck   '1' when nothing but a person helps, so that those who wait for it look again, else ''
--   tell    the outbox of the write-back, when Segment is to be told the Xero id, or ''
--   waits   [{record, waiters, member, version}]: records that must have a Xero id first, or change from that version
-- Returns {1 if settled, then the queues whose records were freed}.
--
-- A record that changed while it was on its way stays in the outbox, whatever became of the older version.

if ARGV[1] ~= '' then
  local flight = redis.call('GET', KEYS[1])
  if not flight or string.sub(flight, 1, #ARGV[1]) ~= ARGV[1] then
    return {0}
  end
  redis.call('DEL', KEYS[1])
end

local now = tonumber(redis.call('TIME')[1])
local leaves = { delivered = true, unchanged = true, dead = true, parked = true }
local freed = {}

local function free(waiters)
  for _, member in ipairs(redis.call('SMEMBERS', waiters)) do
    local waiting = cjson.decode(member)
    redis.call('ZREM', waiting.parked, waiting.ref)
    redis.call('ZADD', waiting.outbox, 'NX', now, waiting.ref)
    redis.call('HSET', waiting.record, 'disposition', 'pending', 'reason', '')
    freed[waiting.queue] = true
  end
  redis.call('DEL', waiters)
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
  for _, wait in ipairs(result.waits) do
    local came = wait.version == '' and redis.call('HEXISTS', wait.record, 'xero_id') == 1
    if came or (wait.version ~= '' and redis.call('HGET', wait.record, 'version') ~= wait.version) then
      -- It arrived, or changed, between the look and this step.
      disposition = 'pending'
    else
      redis.call('SADD', wait.waiters, wait.member)
    end
  end
  local current = redis.call('HGET', result.record, 'version') == result.version
  if current then
    redis.call('HSET', result.record, 'disposition', disposition, 'reason', result.reason, 'settled_at', now,
      'stuck', result.stuck)
  end
  if current and leaves[disposition] then
    redis.call('ZREM', result.outbox, result.ref)
    if disposition == 'parked' then
      redis.call('ZADD', result.parked, now, result.ref)
    elseif disposition == 'dead' then
      redis.call('LPUSH', KEYS[2], result.letter)
    else
      redis.call('DEL', result.events)
    end
  else
    redis.call('ZADD', result.outbox, now + (current and tonumber(result.delay) or 0), result.ref)
  end
  if result.tell ~= '' then
    redis.call('ZADD', result.tell, 'NX', now, result.ref)
    freed['write_back'] = true
  end
  if result.letter ~= '' and disposition ~= 'dead' then
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
