-- Note that a person should know of a cause, and decide whether to tell it now.
--
-- KEYS[1] alerts  hash: id of a cause -> JSON
-- KEYS[2] counts  hash: field of a figure -> number
-- ARGV[1] id  ARGV[2] JSON of the alert  ARGV[3] how many things are concerned now ('' for one more)
-- ARGV[4] seconds until the same cause is told again, and only if more are concerned
-- ARGV[5…] fields of the counts that grow when it works again
-- Returns {1 if it is to be told, how many are concerned}.

local now = tonumber(redis.call('TIME')[1])
local told = cjson.decode(ARGV[2])
local stored = redis.call('HGET', KEYS[1], ARGV[1])
local before = stored and cjson.decode(stored) or { count = 0, told_count = 0, since = now, told_at = 0 }

told.count = tonumber(ARGV[3]) or before.count + 1
told.since, told.told_at, told.told_count, told.seen_at = before.since, before.told_at, before.told_count, now
told.proof = 0
for i = 5, #ARGV do
  told.proof = told.proof + tonumber(redis.call('HGET', KEYS[2], ARGV[i]) or '0')
end

local tell = not stored or (told.count > told.told_count and now - told.told_at >= tonumber(ARGV[4]))
if tell then
  told.told_at, told.told_count = now, told.count
end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(told))
return {tell and 1 or 0, told.count}
