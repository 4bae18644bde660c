-- Give a record what Xero says of it, in one step, whatever is folded into it meanwhile.
--
-- KEYS[1] record  hash
-- ARGV[1] JSON: {"set": {field: value}, "first": {field: value}, "fields": [[path, stamp, value]…],
--                "instead": [[path, old, stamp, value]…]}; every leaf is a string
-- Returns 1.
--
-- "set" is written in any case, and what has no value removed; "first" only where nothing stands. A field of "fields"
-- is written by the rule of fold.lua, the greater stamp wins; one of "instead" where still the old entry stands.

local plan = cjson.decode(ARGV[1])
redis.call('HSETNX', KEYS[1], 'version', 1)
for field, value in pairs(plan.first) do
  redis.call('HSETNX', KEYS[1], field, value)
end
for field, value in pairs(plan.set) do
  if value == '' then
    redis.call('HDEL', KEYS[1], field)
  else
    redis.call('HSET', KEYS[1], field, value)
  end
end
for _, field in ipairs(plan.fields) do
  local name = 'f:' .. field[1]
  local stored = redis.call('HGET', KEYS[1], name)
  local cut = stored and string.find(stored, '\n', 1, true)
  if not stored or field[2] >= string.sub(stored, 1, cut - 1) then
    redis.call('HSET', KEYS[1], name, field[2] .. '\n' .. field[3])
  end
end
for _, field in ipairs(plan.instead) do
  local name = 'f:' .. field[1]
  if redis.call('HGET', KEYS[1], name) == field[2] then
    redis.call('HSET', KEYS[1], name, field[3] .. '\n' .. field[4])
  end
end
return 1
