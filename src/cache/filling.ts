import { encodeEntry } from '../core/entry'
import { StoreUnavailableError } from '../core/errors'
import type { Events } from '../core/events'
import type { SubjectToken } from '../core/subject'
import type { SweeperEvents } from '../core/sweeper-events'
import type { EncodedValue } from '../core/value-codec'
import type { EntryWrite, Store } from '../store/store'
import type { Pin } from '../version/pins'
import { subjectLabel, tokensOf, type Fragment } from './fragment'
import type { Load } from './load'
import { asReplicaShows, unprovenBecause, type Unproven } from './provenance'

/** A value that was loaded, with all that decides whether it may be kept. */
export interface Loaded {
  readonly fragment: Fragment
  readonly pin: Pin
  readonly load: Pick<Load<never>, 'ttlMs' | 'isSkipped' | 'added' | 'addedState'>
  readonly value: EncodedValue
  readonly loadMs: number
  /** Whether it is certain that no replica of the database had a part in it. @default false */
  readonly isFromPrimary?: boolean | undefined
}

export interface FillingParts {
  readonly store: Store
  readonly events: Events<SweeperEvents>
  /** How far replicas of the database may be behind; 0 where there is none to read from. */
  readonly replicaLagMs: number
  onFault(error: unknown): void
}

/**
 * Stores loaded values under the tokens that were pinned before they were loaded. However late a fill arrives,
 * and whatever was swept meanwhile, it carries the old tokens then and is a miss for everyone.
 */
export class Filling {
  readonly #parts: FillingParts

  constructor(parts: FillingParts) {
    this.#parts = parts
  }

  /** 1 round trip, which no reader waits for. Never rejects. */
  async store(loaded: Loaded): Promise<void> {
    try {
      const write = this.#writeFor(loaded)
      if (write !== undefined) await this.#parts.store.write([write])
    } catch (error) {
      // A fill that failed costs a miss; the store's guard has reported it.
      if (!(error instanceof StoreUnavailableError)) this.#parts.onFault(error)
    }
  }

  #writeFor(loaded: Loaded): EntryWrite | undefined {
    const { fragment, pin, load, value, loadMs } = loaded
    if (load.isSkipped || load.ttlMs <= 0 || pin.marked) return undefined
    if (load.added.some((added) => added.pin.marked)) return undefined
    const unproven = this.#unprovenBecause(loaded)
    const { events } = this.#parts
    if (unproven !== undefined) {
      events.emit('unproven', () => ({
        subject: subjectLabel(fragment.subjects),
        key: fragment.name,
        reason: unproven,
      }))
      return undefined
    }
    events.emit('fill', () => ({
      subject: subjectLabel(fragment.subjects),
      key: fragment.name,
      bytes: value.bytes.length,
      loadMs,
    }))
    return this.#entryFor(fragment, pin, load, value)
  }

  #unprovenBecause({ fragment, pin, load, loadMs, isFromPrimary }: Loaded): Unproven | undefined {
    const { store, replicaLagMs: lagMs } = this.#parts
    const subjects = [...fragment.subjects, ...load.added.flatMap((added) => added.subjects)]
    const stateOf = (key: string): Pin['states'][number] | undefined => {
      const at = fragment.tokens.findIndex((token) => token.key === key)
      return at < 0 ? load.addedState(key) : pin.states[at]
    }
    const unproven = unprovenBecause(subjects, stateOf, store.clock())
    if (unproven !== undefined || lagMs === 0 || isFromPrimary === true) return unproven
    const shown = asReplicaShows(subjects, { startedAtMs: Date.now() - loadMs, lagMs })
    const lagging = unprovenBecause(shown, stateOf, store.clock())
    return lagging === 'written since it was loaded' ? 'written within replicaLag' : lagging
  }

  #entryFor(
    fragment: Fragment,
    pin: Pin,
    load: Loaded['load'],
    { kind, bytes }: EncodedValue,
  ): EntryWrite {
    const dependencies: SubjectToken[] = []
    const stamps = [...pin.stamps]
    // Parts of a page share most of their types' tokens, and some of their records. Never what differs: that is a miss.
    const known = new Set(fragment.tokens.map((token, at) => stampedAs(token, pin.stamps[at])))
    for (const added of load.added)
      for (const [at, token] of tokensOf(added.subjects).entries()) {
        const stamp = added.pin.stamps[at] ?? ''
        if (known.has(stampedAs(token, stamp))) continue
        known.add(stampedAs(token, stamp))
        dependencies.push(token)
        stamps.push(stamp)
      }
    const storeNowMs = Date.now() + (this.#parts.store.clock()?.offsetMs ?? 0)
    return {
      key: fragment.entryKey,
      value: encodeEntry({
        kind,
        bytes,
        stamps,
        attribute: fragment.attribute,
        freshUntilMs: storeNowMs + load.ttlMs,
        dependencies,
      }),
      lifeMs: load.ttlMs + fragment.graceMs,
      tokenKeys: fragment.tokens.map(({ key }) => key),
    }
  }
}

function stampedAs({ key, half }: SubjectToken, stamp: string | undefined): string {
  return `${half}\n${stamp}\n${key}`
}
