/** How many slots a cluster has. */
const SLOTS = 16_384

/**
 * How many hash tags keys are spread over: with so many, thirty primaries differ by a third in what they hold, three by
 * a twentieth; and so many scripts are what a sweep of a whole type takes.
 */
const TAGS = 64

/** Beyond this many hash tags their slots are computed again: keys of the library have few. */
const MAX_KNOWN = 1_000

const known = new Map<string, number>()

/** The slot of a key: of what stands between its first braces, if anything does, or of all of it. */
export function slotOfKey(key: string): number {
  const tag = hashedPart(key)
  const slot = known.get(tag)
  if (slot !== undefined) return slot
  const computed = crc16(Buffer.from(tag)) % SLOTS
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(tag, computed)
  return computed
}

/** As many numbers as are used for hash tags, one in each part of the slots: clusters hand out slots in ranges. */
export function evenHashTags(): readonly string[] {
  const tags = new Map<number, string>()
  for (let number = 0; tags.size < TAGS; number++) {
    const tag = String(number)
    const part = Math.floor(slotOfKey(tag) / (SLOTS / TAGS))
    if (!tags.has(part)) tags.set(part, tag)
  }
  return [...tags].toSorted(([one], [other]) => one - other).map(([, tag]) => tag)
}

function hashedPart(key: string): string {
  const open = key.indexOf('{')
  const close = open < 0 ? -1 : key.indexOf('}', open)
  return close > open + 1 ? key.slice(open + 1, close) : key
}

/** CRC-16/XMODEM, as the cluster specification has it. */
function crc16(bytes: Buffer): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
    crc &= 0xffff
  }
  return crc
}
