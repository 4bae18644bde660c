-- Take an event out of the inbox and keep it as a dead letter, in one step; when it comes again it is not kept twice.
--
-- KEYS[1] inbox         hash: arrival id -> arrival
-- KEYS[2] woken         sorted set: arrival id -> second of its last wake-up
-- KEYS[3] waiting       hash: organisation -> events not yet folded, history beside them
-- KEYS[4] dead letters  list
-- KEYS[5] ids           set of the ids of the letters that must not be kept twice
-- ARGV[1] arrival id  ARGV[2] organisation  ARGV[3] id of the letter  ARGV[4] dead letter (JSON)
-- Returns 1 if the event was still there.

if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then
  return 0
end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HINCRBY', KEYS[3], ARGV[2], -1)
if redis.call('SADD', KEYS[5], ARGV[3]) == 1 then
  redis.call('LPUSH', KEYS[4], ARGV[4])
end
return 1
