import type { Near } from '../near/near'
import type { NearEntry } from '../near/near-entry'
import type { Since } from '../near/near-tier'
import { stampOf } from '../version/pins'
import type { Fragment } from './fragment'
import { type Found, type Hit, NO_STORE, type SeenToken } from './found'
import type { Lookup } from './lookup'

/** A value out of the near tier. */
export interface NearHit {
  readonly hit: true
  readonly value: Promise<unknown>
  readonly seen: readonly SeenToken[]
  /** When its tokens stood, by this process's clock: earlier than now where nobody was asked. */
  readonly asOfMs: number
  readonly entry: NearEntry
}

export interface NearLookupParts {
  readonly near: Near
  readonly lookup: Lookup
  readonly isTrusted: () => boolean
  readonly storeNow: () => number
}

/** Looks into the near tier before the store, as far as the level that is asked for allows. */
export class NearLookup {
  readonly #near: Near
  readonly #lookup: Lookup
  readonly #isTrusted: () => boolean
  readonly #storeNow: () => number

  constructor(parts: NearLookupParts) {
    this.#near = parts.near
    this.#lookup = parts.lookup
    this.#isTrusted = parts.isTrusted
    this.#storeNow = parts.storeNow
  }

  /** What can be served at once. No round trip and, where the value can be shared, no promise. */
  serve(fragment: Fragment): NearEntry | undefined {
    const { near: level } = fragment
    if (level === undefined || !this.#isTrusted()) return undefined
    return this.#near.stance(level) === 'serve' ? this.#entryOf(fragment) : undefined
  }

  /** As `Lookup.find`; what `strict` finds near costs 1 round trip for its tokens alone. */
  async find(fragment: Fragment): Promise<Found | NearHit | typeof NO_STORE> {
    const { near: level } = fragment
    if (level === undefined) return this.#lookup.find(fragment)
    await this.#fenced(level)
    const served = this.serve(fragment)
    if (served !== undefined) return hitOf(served, served.asOfMs)
    const askedAtMs = Date.now()
    const entry = this.#near.stance(level) === 'confirm' ? this.#entryOf(fragment) : undefined
    if (entry !== undefined && (await this.#isConfirmed(entry))) return hitOf(entry, askedAtMs)
    return this.#fromStore(fragment)
  }

  async #fenced(level: NonNullable<Fragment['near']>): Promise<void> {
    const stance = this.#near.stance(level)
    if (typeof stance === 'object') await stance
  }

  #entryOf({ entryKey, attribute }: Fragment): NearEntry | undefined {
    return this.#near.tier.find(entryKey, attribute, Date.now())
  }

  async #isConfirmed({ held }: NearEntry): Promise<boolean> {
    const reading = await this.#lookup.read(held.map(({ token }) => token.key))
    if (reading === NO_STORE) return false
    return held.every(({ token, known }, index) => {
      const state = reading.tokens[index]
      return state?.marked === false && stampOf(token, state) === stampOf(token, known.state)
    })
  }

  async #fromStore(fragment: Fragment): Promise<Found | typeof NO_STORE> {
    const since = this.#near.tier.now()
    const asOfMs = Date.now()
    const found = await this.#lookup.find(fragment)
    if (found !== NO_STORE && found.hit) this.#keep(fragment, found, { asOfMs, since })
    return found
  }

  #keep(
    { entryKey }: Fragment,
    { head, value, seen }: Hit,
    { asOfMs, since }: { readonly asOfMs: number; readonly since: Since },
  ): void {
    const offsetMs = this.#storeNow() - Date.now()
    this.#near.tier.keep(entryKey, seen, { head, value, asOfMs, offsetMs }, since)
  }
}

function hitOf(entry: NearEntry, asOfMs: number): NearHit {
  return { hit: true, value: entry.value, seen: seenBy(entry), asOfMs, entry }
}

export function seenBy({ held }: NearEntry): readonly SeenToken[] {
  return held.map(({ token, known }) => ({ token, state: known.state }))
}
