-- Take an event out of the inbox and keep it as a dead letter, in one step.
--
-- KEYS[1] inbox         hash: arrival id -> arrival
-- KEYS[2] woken         sorted set: arrival id -> second of its last wake-up
-- KEYS[3] waiting       hash: organisation -> events not yet folded, history beside them
-- KEYS[4] dead letters  list
-- ARGV[1] arrival id  ARGV[2] organisation  ARGV[3] dead letter (JSON)
-- Returns 1 if the event was still there.

if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then
  return 0
end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HINCRBY', KEYS[3], ARGV[2], -1)
redis.call('LPUSH', KEYS[4], ARGV[3])
return 1
