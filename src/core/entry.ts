import type { SubjectToken } from './subject'

/** The first byte of every entry. Bump it when any byte changes its meaning: other releases then see misses. */
export const ENTRY_FORMAT = 1

/** Where the fields stand whose place does not depend on others. Documented in docs/stored-data.md. */
export const ENTRY_LAYOUT = {
  format: 0,
  kind: 1,
  flags: 2,
  freshUntil: 3,
  stampCount: 11,
  dependencyCount: 13,
  headLength: 15,
  payloadLength: 19,
  stamps: 23,
} as const

export const HAS_ATTRIBUTE = 1

/** What an entry is made of. */
export interface Entry {
  /** How to read the bytes: see `VALUE_KIND`. At most 255. */
  readonly kind: number
  readonly bytes: Buffer
  /** What the tokens said that the entry was made under: first those of the reader's subjects, then those of `dependencies`. */
  readonly stamps: readonly string[]
  /** The value of the `using` attribute of the instance that the entry was made from. */
  readonly attribute?: string | undefined
  /** Until when it may be served, in milliseconds of the store's clock; `Infinity` for as long as its tokens stand. */
  readonly freshUntilMs: number
  /** Tokens that the factory asked for while it ran: a reader cannot know them, so the entry names them. */
  readonly dependencies: readonly SubjectToken[]
}

/**
 * Writes an entry: a head of about 30 bytes and the stamps, then the payload as it is.
 *
 * @throws {RangeError} when there are fewer stamps than dependencies, or more than 65 535 of either
 */
export function encodeEntry(entry: Entry): Buffer {
  const { stamps, dependencies, attribute, bytes } = entry
  if (stamps.length < dependencies.length) {
    throw new RangeError(
      `entry: ${stamps.length} stamps for ${dependencies.length} dependencies; give one stamp per token`,
    )
  }
  const headLength = headLengthOf(entry)
  const buffer = Buffer.allocUnsafe(headLength + bytes.length)
  buffer.writeUInt8(ENTRY_FORMAT, ENTRY_LAYOUT.format)
  buffer.writeUInt8(entry.kind, ENTRY_LAYOUT.kind)
  buffer.writeUInt8(attribute === undefined ? 0 : HAS_ATTRIBUTE, ENTRY_LAYOUT.flags)
  buffer.writeDoubleBE(entry.freshUntilMs, ENTRY_LAYOUT.freshUntil)
  buffer.writeUInt16BE(stamps.length, ENTRY_LAYOUT.stampCount)
  buffer.writeUInt16BE(dependencies.length, ENTRY_LAYOUT.dependencyCount)
  buffer.writeUInt32BE(headLength, ENTRY_LAYOUT.headLength)
  buffer.writeUInt32BE(bytes.length, ENTRY_LAYOUT.payloadLength)
  let at: number = ENTRY_LAYOUT.stamps
  for (const stamp of stamps) at = writeText(buffer, stamp, at)
  for (const { key, half } of dependencies) {
    at = writeText(buffer, key, buffer.writeUInt8(half === 'row' ? 1 : 0, at))
  }
  if (attribute !== undefined) writeText(buffer, attribute, at)
  bytes.copy(buffer, headLength)
  return buffer
}

function headLengthOf({ stamps, dependencies, attribute }: Entry): number {
  let length: number = ENTRY_LAYOUT.stamps
  for (const stamp of stamps) length += lengthOfText(stamp)
  for (const { key } of dependencies) length += 1 + lengthOfText(key)
  return attribute === undefined ? length : length + lengthOfText(attribute)
}

function lengthOfText(text: string): number {
  return 4 + Buffer.byteLength(text, 'utf8')
}

function writeText(buffer: Buffer, text: string, at: number): number {
  const written = buffer.write(text, at + 4, 'utf8')
  return buffer.writeUInt32BE(written, at) + written
}
