-- Count events whose money nothing books, each of them once, in one step.
--
-- KEYS[1] ids     sorted set: digest of a message id -> second at which it was counted
-- KEYS[2] counts  hash: `<name>|<figure>` -> number; figures are n, first, last, unread and a sum by currency
-- ARGV[1] seconds for which both are kept
-- ARGV[2] most fields of the hash: further names are counted under the name that ARGV[4] gives
-- ARGV[3] most ids
-- ARGV[4] the name of the rest
-- ARGV    then four for each event: digest, name, currency, amount in ten-thousandths ('' where it cannot be read)
-- Returns the number of events that were not counted before.

local now = tonumber(redis.call('TIME')[1])
local new = 0

local function is_full()
  return redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[2])
end

for i = 5, #ARGV, 4 do
  if not redis.call('ZSCORE', KEYS[1], ARGV[i]) then
    new = new + 1
    local name, currency, amount = ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
    -- Whoever knows a public write key can invent names and currencies, so their number is bounded.
    if redis.call('HEXISTS', KEYS[2], name .. '|n') == 0 and is_full() then
      name = ARGV[4]
    end
    redis.call('HINCRBY', KEYS[2], name .. '|n', 1)
    redis.call('HSETNX', KEYS[2], name .. '|first', now)
    redis.call('HSET', KEYS[2], name .. '|last', now)
    local sum = name .. '|sum ' .. currency
    if redis.call('HEXISTS', KEYS[2], sum) == 0 and is_full() then
      sum = name .. '|sum '
    end
    -- A sum beyond 64 bits is an error of HINCRBY; the event is counted all the same.
    if amount == '' or type(redis.pcall('HINCRBY', KEYS[2], sum, amount)) == 'table' then
      redis.call('HINCRBY', KEYS[2], name .. '|unread', 1)
    end
  end
  redis.call('ZADD', KEYS[1], now, ARGV[i])
end

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[1]))
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -tonumber(ARGV[3]) - 1)
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[1])
return new
