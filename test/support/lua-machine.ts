import type { Redis } from 'ioredis'
import type { Moment, Slot } from '../../src/store/token-machine'

/** What keys hold; a key that is not there holds nothing. */
export type Slots = ReadonlyMap<string, Slot>

/**
 * Stands in for the server's keys and its clock, so that a script of ours can be run at any moment, unchanged:
 * `redis` is a local of this name, and the last argument is what there is.
 */
const HARNESS = `
local world = cjson.decode(ARGV[#ARGV])
local now = tonumber(world.us)
local slots = world.slots
local function live(key)
  local slot = slots[key]
  if slot and (slot.ends == '0' or tonumber(slot.ends) > math.floor(now / 1000)) then return slot end
end
local commands = {
  TIME = function() return { string.format('%.0f', math.floor(now / 1000000)), string.format('%.0f', now % 1000000) } end,
  GET = function(key) local slot = live(key) return slot and slot.text or false end,
  PTTL = function(key)
    local slot = live(key)
    if not slot then return -2 end
    return slot.ends == '0' and -1 or tonumber(slot.ends) - math.floor(now / 1000)
  end,
  SET = function(key, text, option, ends) slots[key] = { text = text, ends = option == 'PXAT' and ends or '0' } end,
  DEL = function(key) slots[key] = nil end,
  PUBLISH = function() return 0 end,
}
local function call(command, ...) return commands[command](...) end
local redis = { call = call, pcall = call }
local function script()
`

const END = `
end
local reply = script()
return cjson.encode({ reply = reply, slots = slots })`

interface World {
  readonly reply: readonly (string | false)[]
  readonly slots: Readonly<Record<string, { readonly text: string; readonly ends: string }>>
}

/** Runs one of our scripts in the server's Lua, over keys and a time of the caller's. */
export async function runLua(
  client: Redis,
  script: string,
  { keys, args }: { readonly keys: readonly string[]; readonly args: readonly (string | number)[] },
  { slots, at }: { readonly slots: Slots; readonly at: Moment },
): Promise<{ readonly slots: Slots; readonly reply: readonly (string | false)[] }> {
  const held = [...slots].map(([key, { text, endsMs }]) => [
    key,
    { text, ends: endsMs === Infinity ? '0' : String(endsMs) },
  ])
  const world = JSON.stringify({ us: String(at.us), slots: Object.fromEntries(held) as object })
  const answer = await client.call('eval', [
    HARNESS + script + END,
    keys.length,
    ...keys,
    at.nonce,
    ...args,
    world,
  ])
  // Proved by the last line of the script.
  const { reply, slots: left } = JSON.parse(String(answer)) as World
  const after = Object.entries(left).map(([key, { text, ends }]): [string, Slot] => [
    key,
    { text, endsMs: ends === '0' ? Infinity : Number(ends) },
  ])
  return { reply, slots: new Map(after) }
}
