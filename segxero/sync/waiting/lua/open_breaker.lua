-- A call found Xero down: open the organisation's breaker, or keep it open for longer when the call was the probe.
--
-- KEYS[1] breaker  hash: see breaker.py; times in milliseconds
-- ARGV[1] queue  ARGV[2] '1' when the call was the probe, else ''  ARGV[3] '1' when all queues are concerned, else ''
-- ARGV[4] reason  ARGV[5] milliseconds that Xero asks for  ARGV[6] first pause  ARGV[7] longest pause (ms)
-- ARGV[8] the pauses are multiplied by it: about 1, so that many organisations do not probe at once
-- Returns {milliseconds until the next try of this queue, 1 if the breaker opened now}.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local asked, first, longest = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])

local function number(field)
  return tonumber(redis.call('HGET', KEYS[1], field) or '0')
end

local function after(pause)
  return now + math.floor(math.max(pause * tonumber(ARGV[8]), asked))
end

local opened = number('open_since') == 0
local probe_at = number('probe_at')
if opened then
  -- A queue that fails although the organisation is not down rests longer each time, and disturbs the others less.
  local failures = redis.call('HINCRBY', KEYS[1], 'failures:' .. ARGV[1], 1)
  local rest = math.min(first * 2 ^ math.min(failures - 1, 20), longest)
  probe_at = after(first)
  redis.call('HSET', KEYS[1], 'open_since', now, 'pause', first, 'rests:' .. ARGV[1], after(rest))
elseif ARGV[2] == '1' then
  -- Only the probe lengthens the pause: calls from before the outage fail late, and say nothing new.
  local pause = math.min(2 * number('pause'), longest)
  probe_at = after(pause)
  redis.call('HSET', KEYS[1], 'pause', pause)
else
  probe_at = math.max(probe_at, now + asked)
end
redis.call('HSET', KEYS[1], 'probe_at', probe_at, 'reason', ARGV[4], 'tried:' .. ARGV[1], now)
if ARGV[3] == '1' then
  redis.call('HSET', KEYS[1], 'all', '1')
end
return {math.max(probe_at, number('rests:' .. ARGV[1])) - now, opened and 1 or 0}
