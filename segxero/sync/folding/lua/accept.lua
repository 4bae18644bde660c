-- Keep arrivals that the inbox does not hold yet and enqueue one Celery task for each, in one step.
--
-- KEYS[1] inbox    hash: arrival id -> arrival
-- KEYS[2] woken    sorted set: arrival id -> second of its last wake-up
-- KEYS[3] waiting  hash: organisation -> events not yet folded, history beside them
-- KEYS[4] events   Celery's list
-- KEYS[5] counts   hash: name -> number
-- ARGV[1] the count that the arrivals add to, whether they are new or not
-- ARGV    then four per arrival: id, organisation, arrival (JSON), Celery message
-- Returns the number of arrivals that are new.

local now = tonumber(redis.call('TIME')[1])
local stored = 0
local waiting, woken, messages = {}, {}, {}
for i = 2, #ARGV, 4 do
  if redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 2]) == 1 then
    stored = stored + 1
    waiting[ARGV[i + 1]] = (waiting[ARGV[i + 1]] or 0) + 1
    woken[2 * stored - 1], woken[2 * stored] = now, ARGV[i]
    messages[stored] = ARGV[i + 3]
  end
end
if stored > 0 then
  redis.call('ZADD', KEYS[2], unpack(woken))
  redis.call('LPUSH', KEYS[4], unpack(messages))
  for organisation, number in pairs(waiting) do
    redis.call('HINCRBY', KEYS[3], organisation, number)
  end
end
redis.call('HINCRBY', KEYS[5], ARGV[1], (#ARGV - 1) / 4)
return stored
