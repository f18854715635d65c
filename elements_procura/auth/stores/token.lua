-- One account's token: who may renew it, and its entry. Time is the server's own.
-- KEYS[1]: a hash of `fence`, `owner`, `since` and `until` (ms) of the lock, `entry`, `doubt`.
-- ARGV: verb, owner, then what the verb needs.
local key, verb, owner = KEYS[1], ARGV[1], ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = redis.call('HMGET', key, 'owner', 'until', 'fence', 'since')
local fence = tonumber(found[3]) or 0
local is_mine = found[1] == owner
-- A clock that was set back does not make a lease longer.
local is_held = found[1] and (tonumber(found[2]) or 0) > now and (tonumber(found[4]) or 0) <= now + 1000

local function raise_fence()
  -- Above all that were, also after the server has lost its data: time goes on.
  fence = math.max(fence + 1, now)
  redis.call('HSET', key, 'fence', string.format('%.0f', fence))
end

if verb == 'take' then -- lease in ms -> {fence, 0} or {0, ms until it lapses}
  if is_held and not is_mine then
    return { 0, tonumber(found[2]) - now }
  end
  if not is_mine then
    if found[1] then
      -- Whoever had it ended midway: its refresh token may be used, and the new one lost.
      redis.call('HSET', key, 'doubt', '1')
    end
    raise_fence()
  end
  redis.call('HSET', key, 'owner', owner, 'since', now, 'until', now + ARGV[3])
  return { fence, 0 }
end

if verb == 'keep' then -- lease in ms -> 1, or 0: somebody else has it
  if not is_mine then
    return 0
  end
  redis.call('HSET', key, 'since', now, 'until', now + ARGV[3])
  return 1
end

if verb == 'free' then
  if is_mine then
    redis.call('HDEL', key, 'owner', 'since', 'until')
    if redis.call('HEXISTS', key, 'entry') == 0 then
      redis.call('DEL', key)
    end
  end
  return 1
end

if verb == 'load' then -- -> {entry or nothing, doubt or nothing}
  return redis.call('HMGET', key, 'entry', 'doubt')
end

-- save: fence, entry ('' forgets) -> 1, or 0: somebody else was faster
local given = tonumber(ARGV[3])
if given == 0 then
  if is_held then
    return 0
  end
  raise_fence()
elseif given ~= fence then
  return 0
end
if ARGV[4] == '' then
  redis.call('HDEL', key, 'entry')
else
  redis.call('HSET', key, 'entry', ARGV[4])
end
redis.call('HDEL', key, 'doubt')
return 1
