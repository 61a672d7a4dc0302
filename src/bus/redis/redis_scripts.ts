/**
 * What must happen at once on the server, so that a batch is taken once and in order whatever is sent twice, and a publisher that was
 * replaced writes nothing. All keys of a topic bear one tag, so that Redis Cluster keeps them together:
 * stream, facts (hash), places of subscribers (by position), beats (hash), symbols (hash).
 *
 * Ids of entries are `epoch-n`: n is the number of batches up to and with this one, so the id of a batch that was accepted can be
 * accepted no second time, and after the entry that opens an epoch none of an older one.
 */
export const KEYS_OF_A_TOPIC = 5;

const now = `local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)
local n = function(field) return tonumber(redis.call('HGET', KEYS[2], field) or 0) end
local text = function(x) return string.format('%.0f', x) end
local low = function(none) local p = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES') return p[2] and tonumber(p[2]) or none end
local declared = function(want)
  local have = redis.call('HGET', KEYS[2], 'topic')
  if not have then redis.call('HSET', KEYS[2], 'topic', want) end
  if have and have ~= want then return have end
  return nil
end
`;

/**
 * `clear(from)`: removes what lies behind the entry that is the last by the facts, for nobody of the bus wrote it; of a topic without facts
 * (false) what has not the fields of an entry. Groups that were handed it are put back. Answers the id and first field of each.
 */
const clearing = `
local top = function()
  local h = redis.call('HMGET', KEYS[2], 'epoch', 'ordinal', 'ended')
  return h[1] and h[1] .. '-' .. string.format('%.0f', tonumber(h[2] or 0) + tonumber(h[3] or 0))
end
local above = function(id, than)
  local a, b = string.match(id, '(%d+)-(%d+)') local c, d = string.match(than, '(%d+)-(%d+)')
  return tonumber(a) > tonumber(c) or (a == c and tonumber(b) > tonumber(d))
end
local regroup = function(from)
  for _, g in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local f = {} for i = 1, #g, 2 do f[g[i]] = g[i + 1] end
    if above(f['last-delivered-id'], from) then redis.call('XGROUP', 'SETID', KEYS[1], f['name'], from) end
  end
end
local ours = {o = true, e = true, r = true, l = true, m = true}
local clear = function(from)
  local gone = {}
  repeat
    local found = redis.call('XREVRANGE', KEYS[1], '+', from and '(' .. from or '-', 'COUNT', 100)
    for _, e in ipairs(found) do
      if from or not ours[e[2][1]] or #e[2] < 4 then
        redis.call('XDEL', KEYS[1], e[1]) gone[#gone + 1] = e[1] .. ' with field ' .. string.sub(e[2][1], 1, 40)
      end
    end
  until not from or #found < 100
  if #gone > 0 then
    if from then regroup(from) redis.pcall('XSETID', KEYS[1], from) end
    redis.call('HINCRBY', KEYS[2], 'foreign', #gone)
  end
  return gone
end
-- The same where the last id may have been raised by an entry that is gone again.
local settle = function(from)
  clear(from)
  if redis.call('EXISTS', KEYS[1]) == 0 then return end
  local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  from = from or (last and last[1]) or '0-0'
  regroup(from)
  redis.pcall('XSETID', KEYS[1], from)
end
local mark = function(id, letter, value) redis.call('XADD', KEYS[1], id, letter, value, 's', redis.sha1hex(id .. ' ' .. letter .. ' ' .. value)) end
`;

export const scripts = {
  /** declaration, token, takeover, stale after ms, at least: epoch, ordinal, sequence */
  open: `${now}${clearing}
local other = declared(ARGV[1])
if other then return {'LAYOUT', other} end
local owner = redis.call('HGET', KEYS[2], 'owner')
if owner and owner ~= '' and owner ~= ARGV[2] and ARGV[3] == '0' and now - n('beat') < tonumber(ARGV[4]) then return {'PUBLISHER'} end
settle(top())
local ordinal, sequence = math.max(n('ordinal'), tonumber(ARGV[6])), math.max(n('sequence'), tonumber(ARGV[7]))
local epoch = math.max(n('epoch'), tonumber(ARGV[5])) + 1
redis.call('HSET', KEYS[2], 'owner', ARGV[2], 'beat', text(now), 'epoch', text(epoch), 'ordinal', text(ordinal), 'sequence', text(sequence), 'ended', '0')
mark(text(epoch) .. '-' .. text(ordinal), 'o', ARGV[5])
local answer = {'OK', epoch, text(ordinal), text(sequence), low(ordinal), redis.call('HGET', KEYS[2], 'note') or ''}
for _, v in ipairs(redis.call('HGETALL', KEYS[5])) do answer[#answer + 1] = v end
return answer`,

  /**
   * epoch, ordinal, batches, rows of the topic after them, note, first symbol, symbols... Stands before the XADD of each batch in one
   * transaction, as a batch itself would be slow to pass through a script, which reads every byte of its arguments for a hash. Batches
   * that may not be written are kept out by the last id of the stream, raised to theirs until the next ones that may. Answers status,
   * slowest place, ordinal there, and the sum of these and of the ordinal that was sent: see `answerOf`.
   */
  admit: `${clearing}local h = redis.call('HMGET', KEYS[2], 'epoch', 'ordinal', 'barred')
local mine, count, o = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(h[2] or 0)
local say = function(a, b, c) return {a, b, c, a + b + c + mine} end
local id = function(ordinal) return ARGV[1] .. '-' .. string.format('%.0f', ordinal) end
local bar = function(a, b, c)
  if redis.call('EXISTS', KEYS[1]) == 0 then
    redis.call('XGROUP', 'CREATE', KEYS[1], 'bar', '0', 'MKSTREAM') redis.call('XGROUP', 'DESTROY', KEYS[1], 'bar')
  end
  redis.pcall('XSETID', KEYS[1], id(mine + count))
  if h[1] then redis.call('HSET', KEYS[2], 'barred', '1') end
  return say(a, b, c)
end
if not h[1] then return bar(-4, 0, 0) end
if h[1] ~= ARGV[1] then return bar(-3, 0, 0) end
if mine < o then return bar(1, -1, o) end
if mine > o then return bar(-2, 0, o) end
if h[3] then redis.pcall('XSETID', KEYS[1], id(o)) redis.call('HDEL', KEYS[2], 'barred') end
local gone = clear(id(o))
if ARGV[5] ~= '' then redis.call('HSET', KEYS[2], 'note', ARGV[5]) end
for i = 7, #ARGV do redis.call('HSET', KEYS[5], ARGV[6] + i - 7, ARGV[i]) end
redis.call('HSET', KEYS[2], 'ordinal', string.format('%.0f', o + count), 'sequence', ARGV[4])
local p = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
local answer = say(1, p[2] and tonumber(p[2]) or o + count, o + count)
for _, entry in ipairs(gone) do answer[#answer + 1] = entry end
return answer`,

  /** epoch, dead after ms, not polled for ms (-1: any), only those behind this place. The publisher lives; who holds it up and does not, leaves. Answers as `admit`, with the place for the ordinal. */
  tend: `${now}${clearing}
local say = function(a, b, c) return {a, b, c, a + b + c + tonumber(ARGV[4])} end
if not redis.call('HGET', KEYS[2], 'epoch') then return say(-4, 0, 0) end
if redis.call('HGET', KEYS[2], 'epoch') ~= ARGV[1] then return say(-3, 0, 0) end
redis.call('HSET', KEYS[2], 'beat', text(now))
local gone = 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[4])) do
  if string.sub(id, 1, 2) == 's:' then
    local beat, polled = tonumber(redis.call('HGET', KEYS[4], id) or 0), tonumber(redis.call('HGET', KEYS[4], 'p' .. id) or 0)
    if now - beat > tonumber(ARGV[2]) or (tonumber(ARGV[3]) >= 0 and now - polled > tonumber(ARGV[3])) then
      redis.call('ZREM', KEYS[3], id) redis.call('HDEL', KEYS[4], id, 'p' .. id) gone = gone + 1
    end
  end
end
local answer = say(1, low(n('ordinal')), gone)
for _, entry in ipairs(clear(top())) do answer[#answer + 1] = entry end
return answer`,

  /** epoch */
  finish: `${now}${clearing}
if redis.call('HGET', KEYS[2], 'epoch') ~= ARGV[1] then return -3 end
if redis.call('HGET', KEYS[2], 'ended') == '1' then return 1 end
settle(top())
mark(ARGV[1] .. '-' .. text(n('ordinal') + 1), 'e', '1')
redis.call('HSET', KEYS[2], 'ended', '1', 'owner', '')
return 1`,

  /** epoch, batches and rows that were acknowledged: what was admitted since was not written, as the last id of the stream had been raised. */
  mend: `${clearing}if redis.call('HGET', KEYS[2], 'epoch') ~= ARGV[1] then return -3 end
redis.call('HSET', KEYS[2], 'ordinal', ARGV[2], 'sequence', ARGV[3])
settle(ARGV[1] .. '-' .. ARGV[2])
return 1`,

  /** id of an entry that is wrong, SHA-1 of its fields. After what does not belong there was removed: 0 none is there now, 1 the same, 2 another. */
  clear: `${clearing}clear(top())
local e = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not e then return 0 end
return redis.sha1hex(table.concat(e[2], ' ')) == ARGV[2] and 1 or 2`,

  /** declaration, id, group ('' for a place of its own) */
  join: `${now}
local other = declared(ARGV[1])
if other then return {'LAYOUT', other} end
redis.call('XLEN', KEYS[1])
local ordinal, ended = n('ordinal'), n('ended')
local last = text(n('epoch')) .. '-' .. text(ordinal + ended)
if ARGV[3] == '' then
  redis.call('ZADD', KEYS[3], text(ordinal), ARGV[2])
  redis.call('HSET', KEYS[4], ARGV[2], text(now), 'p' .. ARGV[2], text(now))
else
  redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[3], last, 'MKSTREAM')
  redis.call('ZADD', KEYS[3], 'NX', text(ordinal), 'g:' .. ARGV[3])
end
local answer = {'OK', last, text(ordinal), text(n('sequence')), ended, n('epoch')}
for _, v in ipairs(redis.call('HGETALL', KEYS[5])) do answer[#answer + 1] = v end
return answer`,

  /** id, place, ms since it polled. Status 0: the place had been taken away and is taken again. */
  beat: `${now}
local held = redis.call('ZSCORE', KEYS[3], ARGV[1]) and 1 or 0
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
redis.call('HSET', KEYS[4], ARGV[1], text(now), 'p' .. ARGV[1], text(now - ARGV[3]))
return {held, n('ordinal'), n('ended')}`,

  /** member, shards, lease in ms, whether it leaves, shards that it gives back... Answers the shards that it may work on, then '/', then those to give back. */
  lease: `${now}
local me, shards = ARGV[1], tonumber(ARGV[2])
for i = 5, #ARGV do if redis.call('HGET', KEYS[2], 'o:' .. ARGV[i]) == me then redis.call('HDEL', KEYS[2], 'o:' .. ARGV[i]) end end
if ARGV[4] == '1' then redis.call('HDEL', KEYS[2], 'm:' .. me) return {} end
redis.call('HSET', KEYS[2], 'm:' .. me, text(now + ARGV[3]))
local alive, living, all = {}, {}, redis.call('HGETALL', KEYS[2])
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 2) == 'm:' then
    local name = string.sub(all[i], 3)
    if tonumber(all[i + 1]) >= now then alive[#alive + 1] = name living[name] = true else redis.call('HDEL', KEYS[2], all[i]) end
  end
end
table.sort(alive)
local mine, back = {}, {'/'}
for s = 0, shards - 1 do
  local owner = redis.call('HGET', KEYS[2], 'o:' .. s)
  if owner and not living[owner] then owner = nil end
  if alive[s % #alive + 1] == me then
    if not owner then redis.call('HSET', KEYS[2], 'o:' .. s, me) owner = me end
    if owner == me then mine[#mine + 1] = text(s) end
  elseif owner == me then back[#back + 1] = text(s) end
end
for _, s in ipairs(back) do mine[#mine + 1] = s end
return mine`,

  /** group, place: a durable place, made or moved. */
  hold: `redis.call('ZADD', KEYS[3], ARGV[2], 'g:' .. ARGV[1])
return 1`,

  /** id */
  leave: `redis.call('HDEL', KEYS[4], ARGV[1], 'p' .. ARGV[1])
return redis.call('ZREM', KEYS[3], ARGV[1])`,

  /**
   * group, member, how many were read, their ids, ids that it still holds. Answers pending, ordinal there, whether the topic has
   * ended and all of it was handed out, and which of those that it held have gone to others.
   */
  acknowledge: `${now}${clearing}
local group, read = ARGV[1], tonumber(ARGV[3])
if read > 0 then redis.call('XACK', KEYS[1], group, unpack(ARGV, 4, 3 + read)) end
local gone = {}
for i = 4 + read, #ARGV do
  local held = redis.call('XPENDING', KEYS[1], group, ARGV[i], ARGV[i], 1)
  if held[1] and held[1][2] == ARGV[2] then redis.call('XCLAIM', KEYS[1], group, ARGV[2], 0, ARGV[i], 'JUSTID')
  else gone[#gone + 1] = ARGV[i] end
end
local from = top()
if from then regroup(from) end
local pending = redis.call('XPENDING', KEYS[1], group)
local batches = function(id) return tonumber(string.match(id, '%-(%d+)$')) end
local place, all = 0, 0
if pending[1] > 0 then place = batches(pending[2]) - 1 else
  for _, g in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local f = {} for i = 1, #g, 2 do f[g[i]] = g[i + 1] end
    if f['name'] == group then
      place = batches(f['last-delivered-id'])
      if n('ended') == 1 and place > n('ordinal') then all = 1 end
    end
  end
end
if redis.call('ZSCORE', KEYS[3], 'g:' .. group) then redis.call('ZADD', KEYS[3], text(math.max(0, math.min(place, n('ordinal')))), 'g:' .. group) end
local answer = {pending[1], n('ordinal'), all}
for _, id in ipairs(gone) do answer[#answer + 1] = id end
return answer`,

  /** The group and its place are removed. */
  drop: `redis.call('ZREM', KEYS[3], 'g:' .. ARGV[1])
return redis.call('XGROUP', 'DESTROY', KEYS[1], ARGV[1])`,

  /** Batches, rows, epoch, whether it has ended, ms since the publisher was heard of, entries, foreign ones, note, then places (name, place) in turn. */
  look: `${now}
local answer = {n('ordinal'), text(n('sequence')), n('epoch'), n('ended'), text(now - n('beat')), redis.call('XLEN', KEYS[1]), n('foreign'), redis.call('HGET', KEYS[2], 'note') or ''}
for _, v in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1, 'WITHSCORES')) do answer[#answer + 1] = v end
return answer`,
} as const;

export type ScriptName = keyof typeof scripts;
