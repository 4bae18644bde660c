-- May this queue call Xero? While the organisation is down, one call is let through now and then, to find out.
--
-- KEYS[1] breaker  hash: see breaker.py; times in milliseconds
-- ARGV[1] queue  ARGV[2] milliseconds that one probe may take  ARGV[3] '1' to ask only, '' to be let through
-- Returns {1 if it may, milliseconds to wait, 1 if it is a probe}.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function number(field)
  return tonumber(redis.call('HGET', KEYS[1], field) or '0')
end

local rests = number('rests:' .. ARGV[1])
-- A queue that alone keeps failing rests whether or not the organisation is down.
if rests > now then
  return {0, rests - now, 0}
end
if number('open_since') == 0 then
  return {1, 0, 0}
end
local probe_at = number('probe_at')
-- The time is moved on before the probe calls, so that only one queue probes; if it dies, the next may after that time.
if probe_at <= now then
  if ARGV[3] == '' then
    redis.call('HSET', KEYS[1], 'probe_at', now + tonumber(ARGV[2]))
  end
  return {1, 0, 1}
end
-- The outage may concern another kind of call: a queue that did not fail yet finds out for itself, once.
if redis.call('HGET', KEYS[1], 'all') ~= '1' and redis.call('HEXISTS', KEYS[1], 'tried:' .. ARGV[1]) == 0 then
  if ARGV[3] == '' then
    redis.call('HSET', KEYS[1], 'tried:' .. ARGV[1], now)
  end
  return {1, 0, 0}
end
return {0, probe_at - now, 0}
