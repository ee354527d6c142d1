import { createHash } from 'node:crypto'
import type { RedisClient } from './redis-client'
import { MAX_OWNERS, MIN_TOKEN_LIFE_MS } from './token'

/** A script of the server's, called by its digest and sent in full only to a server that does not know it. */
export class RedisScript {
  readonly text: string
  readonly #digest: string

  constructor(text: string) {
    this.text = text
    this.#digest = createHash('sha1').update(text).digest('hex')
  }

  /** 1 round trip, 2 on a server that has not seen the script since it started. */
  async run(
    client: Pick<RedisClient, 'call'>,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args]
    try {
      return await client.call('evalsha', [this.#digest, ...rest])
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return client.call('eval', [this.text, ...rest])
    }
  }
}

/**
 * What the scripts share: the same as token-machine.ts, and compared with it by a property test. A life or an end of 0
 * is "never". Numbers are written by `int`: Lua's own way is to put an exponent into large ones.
 */
const PRELUDE = `
local time = redis.call('TIME')
local us = time[1] * 1000000 + time[2]
local ms = math.floor(us / 1000)
local function int(number) return string.format('%.0f', number) end
local birth = int(us)
local half = birth .. '-' .. ARGV[1]
local both = half .. '.' .. half

local function isToken(text)
  return string.find(text, '^%d+%-[%w_-]+%.%d+%-[%w_-]+$') ~= nil
end

local function parseOwners(list)
  local owners = {}
  for part in string.gmatch(list .. ',', '([^,]*),') do
    local name, deadline = string.match(part, '^([%w_*-]+)@(%d+)$')
    if not name or #deadline > 16 then return nil end
    owners[#owners + 1] = { name = name, deadline = tonumber(deadline) }
  end
  return owners
end

-- Nil for what is missing, and for what is in no format known here.
local function parse(text)
  if not text then return nil end
  if isToken(text) then return { token = text } end
  local list, life, token = string.match(text, '^!([^|]+)|(%d+)|([^|]*)$')
  if not list or #life > 16 or (token ~= '' and not isToken(token)) then return nil end
  local owners = parseOwners(list)
  return owners and { owners = owners, life = tonumber(life), token = token }
end

local function endOf(key)
  local ttl = redis.call('PTTL', key)
  return ttl == -1 and 0 or ms + math.max(ttl, 0)
end

local function put(key, text, ends)
  if ends == 0 then redis.call('SET', key, text)
  elseif ends <= ms then redis.call('DEL', key)
  else redis.call('SET', key, text, 'PXAT', int(ends)) end
end

local function putMarked(key, owners, life, token)
  local list, ends = {}, 0
  for i, owner in ipairs(owners) do
    list[i] = owner.name .. '@' .. int(owner.deadline)
    ends = math.max(ends, owner.deadline)
  end
  put(key, '!' .. table.concat(list, ',') .. '|' .. int(life) .. '|' .. token, math.max(ends, 1))
end

local function withoutOwner(owners, own)
  local left, ended = {}, false
  for _, owner in ipairs(owners) do
    if owner.name ~= own then
      if owner.deadline > ms then left[#left + 1] = owner else ended = true end
    end
  end
  return left, ended
end

local function moved(token, row)
  if token == '' then return '' end
  if row then return both end
  return string.match(token, '^[^.]+') .. '.' .. half
end

local found = { birth }

-- Nobody listens to this server of a cluster, which would send what is published to all the others for nothing.
-- Whoever may not ask publishes.
local function isUnheard(channel)
  local listeners = redis.pcall('PUBSUB', 'NUMSUB', channel)
  return type(listeners) == 'table' and listeners[2] == 0
end

-- Tells the near tiers (redis-push.ts), every key whether it changed or not: theirs may be older than what stands here.
-- ARGV[4] is the run of a server that is one of many: each has a channel of its own, so that who listens to all of them
-- hears of each move once, from who made it. Whoever may not publish still sweeps; one reply more than there are keys
-- says that nobody heard of it.
local function tell()
  local namespace = string.match(KEYS[1], '^(.-):%a:{')
  if not namespace then return end
  local channel = namespace .. ':swept'
  if ARGV[4] then
    channel = channel .. ':' .. ARGV[4]
    if isUnheard(channel) then return end
  end
  local heard = redis.pcall('PUBLISH', channel, table.concat(KEYS, '\\n'))
  if type(heard) == 'table' and heard.err then found[#KEYS + 2] = 'unheard' end
end
`

/** ARGV: nonce, life. Answers the time and what every key holds now. */
const mint = new RedisScript(`${PRELUDE}
local life = tonumber(ARGV[2])
for i, key in ipairs(KEYS) do
  local text = redis.call('GET', key)
  if not parse(text) then
    text = both
    put(key, text, life == 0 and 0 or ms + life)
  end
  found[i + 1] = text
end
return found`)

/** ARGV: nonce, owner, milliseconds it lasts, and see `tell`. Answers the time and what every key held before. */
const mark = new RedisScript(`${PRELUDE}
local own, deadline = ARGV[2], ms + tonumber(ARGV[3])

local function withOwner(left, before)
  local named, name = 0, own
  for _, owner in ipairs(left) do if owner.name ~= '*' then named = named + 1 end end
  if named >= ${MAX_OWNERS} then name = '*' end
  local owners, latest = {}, deadline
  for _, owner in ipairs(left) do if owner.name ~= name then owners[#owners + 1] = owner end end
  for _, owner in ipairs(before) do
    if owner.name == name then latest = math.max(latest, owner.deadline) break end
  end
  owners[#owners + 1] = { name = name, deadline = latest }
  return owners
end

for i, key in ipairs(KEYS) do
  local text = redis.call('GET', key)
  local held = parse(text)
  if not held then putMarked(key, withOwner({}, {}), 0, '')
  elseif not held.owners then putMarked(key, withOwner({}, {}), endOf(key), held.token)
  else
    local left, ended = withoutOwner(held.owners, own)
    putMarked(key, withOwner(left, held.owners), held.life, ended and moved(held.token, true) or held.token)
  end
  found[i + 1] = text
end
tell()
return found`)

/** ARGV: nonce, owner. Answers the time. */
const unmark = new RedisScript(`${PRELUDE}
for i, key in ipairs(KEYS) do
  local held = parse(redis.call('GET', key))
  if held and held.owners then
    local left, ended = withoutOwner(held.owners, ARGV[2])
    local token = ended and moved(held.token, true) or held.token
    if #left == #held.owners then
      -- Neither a mark of this owner nor one whose time has passed.
    elseif #left > 0 then putMarked(key, left, held.life, token)
    elseif token == '' then redis.call('DEL', key)
    else put(key, token, held.life) end
  end
end
return found`)

/** ARGV: nonce, owner or nothing, per key 1 if the row half moves too and 0 if not, and see `tell`. Answers the time and what every key held before. */
const sweep = new RedisScript(`${PRELUDE}
local function atLeastMin(ends)
  return ends == 0 and 0 or math.max(ends, ms + ${MIN_TOKEN_LIFE_MS})
end

for i, key in ipairs(KEYS) do
  local row = string.sub(ARGV[3], i, i) == '1'
  local text = redis.call('GET', key)
  local held = parse(text)
  if held and not held.owners then put(key, moved(held.token, row), atLeastMin(endOf(key)))
  elseif held then
    local left, ended = withoutOwner(held.owners, ARGV[2])
    local token = moved(held.token, row or ended)
    if #left > 0 and token == '' then putMarked(key, left, ms + ${MIN_TOKEN_LIFE_MS}, both)
    elseif #left > 0 then putMarked(key, left, held.life, token)
    elseif token == '' then redis.call('DEL', key)
    else put(key, token, atLeastMin(held.life)) end
  end
  found[i + 1] = text
end
tell()
return found`)

/** ARGV: per key the life it has at least from now on. Leaves marked keys alone: they end with their marks. */
const prolong = new RedisScript(`
for i, key in ipairs(KEYS) do
  local life, ttl = tonumber(ARGV[i]), redis.call('PTTL', key)
  if ttl >= 0 and (life == 0 or ttl < life) and redis.call('GETRANGE', key, 0, 0) ~= '!' then
    if life == 0 then redis.call('PERSIST', key) else redis.call('PEXPIRE', key, ARGV[i]) end
  end
end
return 0`)

/** One command each over any number of keys, atomic; the store's server makes the tokens as they run. */
export const SCRIPTS = { mint, mark, unmark, sweep, prolong } as const
