import { ENTRY_FORMAT, ENTRY_LAYOUT, HAS_ATTRIBUTE } from './entry'
import type { SubjectToken } from './subject'
import { decodeValue } from './value-codec'

/** Where the lists of an entry begin. */
interface Places {
  readonly ownCount: number
  readonly dependencyCount: number
  readonly dependentStampsAt: number
  readonly dependenciesAt: number
  readonly attributeAt: number | undefined
  readonly payloadAt: number
}

/**
 * Reads the head of an entry and leaves the payload alone: one pass over the lengths, nothing is decoded.
 *
 * @returns undefined for what is no entry of this format, or was cut or lengthened: to the cache, a miss
 */
export function decodeEntryHead(buffer: Buffer): EntryHead | undefined {
  if (buffer.length < ENTRY_LAYOUT.stamps) return undefined
  if (buffer[ENTRY_LAYOUT.format] !== ENTRY_FORMAT) return undefined
  if (Number.isNaN(buffer.readDoubleBE(ENTRY_LAYOUT.freshUntil))) return undefined
  const places = placesIn(buffer)
  return places === undefined ? undefined : new EntryHead(buffer, places)
}

function placesIn(buffer: Buffer): Places | undefined {
  const flags = buffer.readUInt8(ENTRY_LAYOUT.flags)
  const stampCount = buffer.readUInt16BE(ENTRY_LAYOUT.stampCount)
  const dependencyCount = buffer.readUInt16BE(ENTRY_LAYOUT.dependencyCount)
  const payloadAt = buffer.readUInt32BE(ENTRY_LAYOUT.headLength)
  const end = payloadAt + buffer.readUInt32BE(ENTRY_LAYOUT.payloadLength)
  const ownCount = stampCount - dependencyCount
  if (end !== buffer.length || ownCount < 0 || flags > HAS_ATTRIBUTE) return undefined
  const dependentStampsAt = skip(buffer, ENTRY_LAYOUT.stamps, ownCount, 0)
  const dependenciesAt = skip(buffer, dependentStampsAt, dependencyCount, 0)
  const attributeAt = skip(buffer, dependenciesAt, dependencyCount, 1)
  const hasAttribute = flags === HAS_ATTRIBUTE
  if (skip(buffer, attributeAt, hasAttribute ? 1 : 0, 0) !== payloadAt) return undefined
  return {
    ownCount,
    dependencyCount,
    dependentStampsAt,
    dependenciesAt,
    attributeAt: hasAttribute ? attributeAt : undefined,
    payloadAt,
  }
}

/** Where the text after `count` texts begins; beyond the buffer when they do not fit into it. */
function skip(buffer: Buffer, from: number, count: number, before: number): number {
  let at = from
  for (let left = count; left > 0; left -= 1) {
    if (at + before + 4 > buffer.length) return Number.POSITIVE_INFINITY
    at = endOfText(buffer, at + before)
  }
  return at
}

function endOfText(buffer: Buffer, at: number): number {
  return at + 4 + buffer.readUInt32BE(at)
}

function textAt(buffer: Buffer, at: number): string {
  return buffer.toString('utf8', at + 4, endOfText(buffer, at))
}

/** What an entry says about itself. Its tokens decide whether it may be served; the rest only narrows that. */
export class EntryHead {
  readonly #buffer: Buffer
  readonly #places: Places

  /** @internal made by `decodeEntryHead` */
  constructor(buffer: Buffer, places: Places) {
    this.#buffer = buffer
    this.#places = places
  }

  /** How to read the payload: see `VALUE_KIND`. */
  get kind(): number {
    return this.#buffer.readUInt8(ENTRY_LAYOUT.kind)
  }

  /** Until when the entry may be served, in milliseconds of the store's clock; `Infinity` for no such end. */
  get freshUntilMs(): number {
    return this.#buffer.readDoubleBE(ENTRY_LAYOUT.freshUntil)
  }

  /** The `using` attribute of the instance that the entry was made from; undefined when it was made by name. */
  get attribute(): string | undefined {
    const { attributeAt } = this.#places
    return attributeAt === undefined ? undefined : textAt(this.#buffer, attributeAt)
  }

  /** The payload: a view of the entry's bytes, not a copy. */
  get bytes(): Buffer {
    return this.#buffer.subarray(this.#places.payloadAt)
  }

  /** What the payload was made from; `UNREADABLE` for bytes that cannot be read. */
  get value(): unknown {
    return decodeValue(this.kind, this.#buffer, this.#places.payloadAt)
  }

  get hasDependencies(): boolean {
    return this.#places.dependencyCount > 0
  }

  /** Tokens beside the reader's own: they have to be read too, and compared with `matchesDependencies`. */
  get dependencies(): readonly SubjectToken[] {
    const found: SubjectToken[] = []
    let at = this.#places.dependenciesAt
    for (let left = this.#places.dependencyCount; left > 0; left -= 1) {
      const half = this.#buffer.readUInt8(at) === 0 ? 'whole' : 'row'
      found.push({ key: textAt(this.#buffer, at + 1), half })
      at = endOfText(this.#buffer, at + 1)
    }
    return found
  }

  /** The tokens it was made under, the reader's own first: for people, `matches` compares them. */
  get stamps(): readonly string[] {
    const { ownCount, dependencyCount } = this.#places
    const found: string[] = []
    let at: number = ENTRY_LAYOUT.stamps
    for (let left = ownCount + dependencyCount; left > 0; left -= 1) {
      found.push(textAt(this.#buffer, at))
      at = endOfText(this.#buffer, at)
    }
    return found
  }

  /**
   * Tells whether the entry was made under exactly these tokens of the reader's, in this order.
   * An entry that has `dependencies` is a hit only if `matchesDependencies` agrees.
   */
  matches(stamps: readonly string[]): boolean {
    return this.#equal(ENTRY_LAYOUT.stamps, this.#places.ownCount, stamps)
  }

  /** Which of these tokens, by their place, are others than the entry was made under; all where their number differs. */
  differing(stamps: readonly string[]): readonly number[] {
    const places = [...stamps.keys()]
    if (stamps.length !== this.#places.ownCount) return places
    let at: number = ENTRY_LAYOUT.stamps
    return places.filter((place) => {
      const stamp = textAt(this.#buffer, at)
      at = endOfText(this.#buffer, at)
      return stamp !== stamps[place]
    })
  }

  /** Tells whether the tokens of `dependencies` are what they were, in their order. True when there are none. */
  matchesDependencies(stamps: readonly string[]): boolean {
    const { dependentStampsAt, dependencyCount } = this.#places
    return this.#equal(dependentStampsAt, dependencyCount, stamps)
  }

  #equal(from: number, count: number, stamps: readonly string[]): boolean {
    if (stamps.length !== count) return false
    let at = from
    for (const stamp of stamps) {
      if (textAt(this.#buffer, at) !== stamp) return false
      at = endOfText(this.#buffer, at)
    }
    return true
  }
}
