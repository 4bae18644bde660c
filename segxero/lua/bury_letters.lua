-- Keep dead letters, each once: Segment sends what it got no good answer for again.
--
-- KEYS[1] dead letters  list, newest first
-- KEYS[2] ids           set of the ids of the letters kept by this script
-- ARGV    two per letter: id, letter (JSON)
-- Returns the number of letters that are new.

local kept = 0
for i = 1, #ARGV, 2 do
  if redis.call('SADD', KEYS[2], ARGV[i]) == 1 then
    redis.call('LPUSH', KEYS[1], ARGV[i + 1])
    kept = kept + 1
  end
end
return kept
