import { decodeEntryHead, type EntryHead } from '../core/entry-head'
import {
  textOf,
  type ExplainedToken,
  type ExplainedWrite,
  type Explanation,
} from '../core/explanation'
import type { SubjectToken } from '../core/subject'
import { stampBornMs, type TokenState } from '../store/token'
import { stampOf } from '../version/pins'
import { subjectLabel, type Fragment } from './fragment'
import { NO_STORE, type Found } from './found'
import type { Lookup } from './lookup'

/** What this process has written. */
export interface WriteRecord {
  readonly since: Date
  lastOf(key: string, half: SubjectToken['half']): ExplainedWrite | undefined
}

export interface ExplainingParts {
  readonly lookup: Lookup
  /** Undefined: writes are not recorded. */
  readonly writes: WriteRecord | undefined
  /** The store's clock minus this process's, in milliseconds. */
  offsetMs(): number
  /** What a token is called, by its key. */
  nameOf(key: string): string
}

interface Compared {
  readonly token: SubjectToken
  readonly state: TokenState | undefined
  readonly madeUnder: string | undefined
}

/** Says whether a read would be a hit, under which versions, and which writes moved them. */
export class Explaining {
  readonly #parts: ExplainingParts

  constructor(parts: ExplainingParts) {
    this.#parts = parts
  }

  /**
   * 1 round trip, up to 3 for a value whose factory added subjects. Nothing is loaded and nothing is stored.
   *
   * @param isTold whether it is known whose value it is
   */
  async explain(fragment: Fragment, isTold: boolean): Promise<Explanation> {
    const found = isTold ? await this.#parts.lookup.find(fragment) : NO_STORE
    const unasked = isTold ? ('store' as const) : ('tenant' as const)
    const head = found === NO_STORE ? undefined : headOf(found)
    const compared = found === NO_STORE ? [] : await this.#compare(fragment, found, head)
    const explained = {
      subject: subjectLabel(fragment.subjects),
      key: fragment.name,
      hit: found !== NO_STORE && found.hit,
      reason: found === NO_STORE ? unasked : found.hit ? undefined : found.reason,
      freshUntil: head === undefined ? undefined : this.#dateOf(head.freshUntilMs),
      tokens: compared.map((one) => this.#tokenOf(one)),
      recordedSince: this.#parts.writes?.since,
    }
    return { ...explained, toString: () => textOf(explained) }
  }

  async #compare(
    { tokens }: Fragment,
    { reading }: Found,
    head: EntryHead | undefined,
  ): Promise<readonly Compared[]> {
    const stamps = head?.stamps ?? []
    const own = tokens.map((token, at) => ({
      token,
      state: reading.tokens[at],
      madeUnder: stamps[at],
    }))
    const added = head?.dependencies ?? []
    if (added.length === 0) return own
    const now = await this.#parts.lookup.read(added.map(({ key }) => key))
    if (now === NO_STORE) return own
    const further = added.map((token, at) => ({
      token,
      state: now.tokens[at],
      madeUnder: stamps[tokens.length + at],
    }))
    return [...own, ...further]
  }

  #tokenOf({ token, state, madeUnder }: Compared): ExplainedToken {
    const stamp = state === undefined || state.whole === '' ? undefined : stampOf(token, state)
    return {
      name: this.#parts.nameOf(token.key),
      half: token.half,
      version: stamp,
      since: stamp === undefined ? undefined : this.#dateOf(stampBornMs(stamp)),
      madeUnder,
      moved: madeUnder !== undefined && madeUnder !== stamp,
      marked: state?.marked ?? false,
      lastWrite: this.#parts.writes?.lastOf(token.key, token.half),
    }
  }

  /** By this process's clock; undefined for never. */
  #dateOf(storeMs: number): Date | undefined {
    return Number.isFinite(storeMs) ? new Date(storeMs - this.#parts.offsetMs()) : undefined
  }
}

function headOf(found: Found): EntryHead | undefined {
  if (found.hit) return found.head
  return found.reading.entry && decodeEntryHead(found.reading.entry)
}
