-- Write down which names a contact wants, and make those due again whose own name this changes, in one step.
--
-- KEYS[1] record  hash of the contact
-- KEYS[2] outbox  sorted set: ref -> second from which it may be delivered
-- KEYS[3…]        sets of refs, those who want a name: first the names given up, then the new ones
-- ARGV[1] ref  ARGV[2] the names that the contact wants (JSON)  ARGV[3] how many of the sets are given up
--
-- Only where a name gets its second contact, or loses it, does the first one's name change.
-- Returns for each of the sets how many others want the name.

local gone = tonumber(ARGV[3])
local now = tonumber(redis.call('TIME')[1])
local others = {}
for i = 3, #KEYS do
  local is_gone = i <= gone + 2
  redis.call(is_gone and 'SREM' or 'SADD', KEYS[i], ARGV[1])
  others[#others + 1] = redis.call('SCARD', KEYS[i]) - (is_gone and 0 or 1)
  if others[#others] == 1 then
    for _, other in ipairs(redis.call('SMEMBERS', KEYS[i])) do
      if other ~= ARGV[1] then
        redis.call('ZADD', KEYS[2], 'NX', now, other)
      end
    end
  end
end
redis.call('HSET', KEYS[1], 'names', ARGV[2])
return others
