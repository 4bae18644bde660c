-- Ask for one call to Xero: grant it, or say how long to wait.
--
-- KEYS[1] calls    sorted set: lease -> millisecond of the call, for the minute window
-- KEYS[2] leases   sorted set: lease -> millisecond at which it is given up as lost
-- KEYS[3] state    hash: blocked_until, foreign, foreign_at, day_left, day_began (milliseconds)
-- ARGV[1] lease  ARGV[2] calls a minute  ARGV[3] window (ms)  ARGV[4] in flight  ARGV[5] lease length (ms)
-- ARGV[6] calls a day
-- Returns {1 if granted, milliseconds to wait, reason}.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local minute, window, flights = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local day = 86400000

local function state(name)
  return tonumber(redis.call('HGET', KEYS[3], name) or '0')
end

local blocked = state('blocked_until')
if blocked > now then
  return {0, blocked - now, 'retry-after'}
end

redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if redis.call('ZCARD', KEYS[2]) >= flights then
  return {0, 250, 'concurrent'}
end

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local foreign = 0
if state('foreign_at') > now - window then
  foreign = state('foreign')
end
if redis.call('ZCARD', KEYS[1]) + foreign >= minute then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  local free = oldest[2] and tonumber(oldest[2]) or state('foreign_at')
  return {0, math.max(free + window - now, 100), 'minute'}
end

local began = state('day_began')
if began == 0 or now - began >= day then
  began = now
  redis.call('HSET', KEYS[3], 'day_began', now, 'day_left', ARGV[6])
end
if state('day_left') <= 0 then
  return {0, began + day - now, 'day'}
end

redis.call('HINCRBY', KEYS[3], 'day_left', -1)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[5]), ARGV[1])
return {1, 0, ''}
