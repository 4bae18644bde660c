-- Store a flight before it is sent, if the turn that sends it still holds its lock; the lock then lives its full time.
--
-- KEYS[1] flight  string: `<flight id>\n<JSON>`
-- KEYS[2] lock    string: the token of the turn that holds it
-- ARGV[1] flight  ARGV[2] token  ARGV[3] milliseconds for which the lock lives
-- Returns 1 if stored.

-- A turn that stood still longer than its lock lives must not send: another turn may have taken the same records.
if redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return 0
end
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('SET', KEYS[1], ARGV[1])
return 1
