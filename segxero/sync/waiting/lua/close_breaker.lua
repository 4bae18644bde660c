-- Xero answered a queue's call: the queue is well, and the organisation is not down any more.
--
-- KEYS[1] breaker  hash: see breaker.py; times in milliseconds
-- ARGV[1] queue
-- Returns the milliseconds for which the breaker was open, -1 when it was closed.

redis.call('HDEL', KEYS[1], 'failures:' .. ARGV[1], 'rests:' .. ARGV[1])
local since = redis.call('HGET', KEYS[1], 'open_since')
if not since then
  return -1
end
-- The failures and rests of other queues stay: this answer says nothing about their kind of call.
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(field, 1, 9) ~= 'failures:' and string.sub(field, 1, 6) ~= 'rests:' then
    redis.call('HDEL', KEYS[1], field)
  end
end
local time = redis.call('TIME')
return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) - tonumber(since)
