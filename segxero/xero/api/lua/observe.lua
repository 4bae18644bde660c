-- Take what Xero says about its limits as the truth, and give the lease back.
--
-- KEYS[1] calls    sorted set: lease -> millisecond of the call
-- KEYS[2] leases   sorted set: lease -> millisecond at which it is given up as lost
-- KEYS[3] state    hash: blocked_until, foreign, foreign_at, day_left, day_began (milliseconds)
-- ARGV[1] lease ('' keeps every lease)  ARGV[2] minute remaining ('' unknown)  ARGV[3] day remaining ('' unknown)
-- ARGV[4] milliseconds during which nothing may be sent (0: none)  ARGV[5] limit that was met (minute, day …, '')
-- ARGV[6] calls a minute

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

if ARGV[1] ~= '' then
  redis.call('ZREM', KEYS[2], ARGV[1])
end

-- Calls of others with the same app show as a smaller rest than our own calls explain.
if ARGV[2] ~= '' then
  local ours = redis.call('ZCARD', KEYS[1])
  local foreign = tonumber(ARGV[6]) - tonumber(ARGV[2]) - ours
  redis.call('HSET', KEYS[3], 'foreign', math.max(foreign, 0), 'foreign_at', now)
end

if ARGV[3] ~= '' then
  -- A rest that grows means that Xero's day began anew. Answers may overtake each other by a few calls.
  local left = tonumber(redis.call('HGET', KEYS[3], 'day_left') or '0')
  local told = tonumber(ARGV[3])
  if told > left + 20 then
    redis.call('HSET', KEYS[3], 'day_began', now)
  end
  if told < left or told > left + 20 then
    redis.call('HSET', KEYS[3], 'day_left', told)
  end
end

local pause = tonumber(ARGV[4])
if pause > 0 then
  local until_ = now + pause
  local blocked = tonumber(redis.call('HGET', KEYS[3], 'blocked_until') or '0')
  redis.call('HSET', KEYS[3], 'blocked_until', math.max(until_, blocked))
  if ARGV[5] == 'day' then
    -- Xero's day ends when its Retry-After does; ours is moved so that both end together.
    redis.call('HSET', KEYS[3], 'day_left', 0, 'day_began', until_ - 86400000)
  end
end
return 1
