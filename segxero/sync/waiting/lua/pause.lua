-- Close a queue for a while, in one step, so that of two who close it the longer always decides.
--
-- KEYS[1] pause  string, with its expiry: the reason
-- ARGV[1] milliseconds  ARGV[2] reason
-- Returns 1 if the pause is now as long as that, 0 if a longer pause lasts.

local left = redis.call('PTTL', KEYS[1])
-- -2: no pause lasts; -1: a pause without an end, which is longer than any other.
if left == -1 or left >= tonumber(ARGV[1]) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[1])
return 1
