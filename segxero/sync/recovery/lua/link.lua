-- Give a record its link and the fields that Xero shows, in one step, whatever is folded into it meanwhile.
--
-- KEYS[1] record  hash
-- ARGV[1] JSON: {"set": {field: value}, "first": {field: value}, "fields": [[path, stamp, value]…],
--                "instead": [[path, old, stamp, value]…]}; every leaf is a string
-- Returns 1.
--
-- "set" is written in any case, and a field without a value is removed; "first" is written only where nothing stands.
-- "fields" follow the rule of fold.lua: the greater stamp wins. "instead" replaces an entry that is still the old entry.

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
  -- An event that was folded since the look is newer than Xero's value.
  if redis.call('HGET', KEYS[1], name) == field[2] then
    redis.call('HSET', KEYS[1], name, field[3] .. '\n' .. field[4])
  end
end
return 1
