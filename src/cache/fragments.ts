import { InvalidOptionError, quoted } from '../core/errors'
import type { Pins } from '../version/pins'
import { answersTo, answerTo, valueOf, type Answer, type Looked } from './answers'
import type { Asking } from './asking'
import { FactoryBatch } from './factory-batch'
import { Hit } from './found'
import type { Fragment } from './fragment'
import { addedTokens, Load } from './load'
import type { Looking } from './looking'
import type { TransactionView } from './transaction-view'

export interface FragmentParts<On> {
  readonly looking: Looking<On>
  readonly pins: Pins
}

/** A factory for what is missing of many. */
interface Batched<S> extends Pick<Asking<never>, 'isRepeatable'> {
  readonly factory: (missing: S[]) => unknown
}

/**
 * Reading through: a hit, or a load shared by all callers who saw the same tokens.
 *
 * The order is what keeps it right: tokens first (missing ones are made), then the factory, then the fill under
 * those tokens. Nothing is locked and nothing is compared in the store.
 */
export class Fragments<On> {
  readonly #parts: FragmentParts<On>

  constructor(parts: FragmentParts<On>) {
    this.#parts = parts
  }

  /**
   * A hit: 1 round trip, none if the near tier may serve it. A miss: 1, 2 if a token was missing; then the factory;
   * then a fill nobody waits for.
   */
  getOrSet(asking: Asking<On>): Promise<unknown> {
    const { fresh, partOf, transaction } = asking
    if (fresh || partOf !== undefined || transaction.hasWritten) return this.#readWithCare(asking)
    return this.#parts.looking.near(asking) ?? this.#readThrough(asking)
  }

  /** The usual case, by far: all that a hit makes is the promise of its value. */
  #readThrough(asking: Asking<On>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const told = (looked: Hit | Promise<Looked>): void =>
        resolve(looked instanceof Hit ? looked.value : answered(looked))
      this.#parts.looking.ask(asking, told, reject)
    })
  }

  async #readWithCare(asking: Asking<On>): Promise<unknown> {
    const partOf = this.#outerOf(asking)
    const [looked] = await this.#parts.looking.look([asking])
    if (looked === undefined) throw new Error('getOrSet: one was asked for and none was answered')
    if (looked.hit) {
      partOf?.include([addedTokens(looked.held.seen)], false)
      return looked.value
    }
    const made = await looked.load()
    partOf?.include(made.added, made.isSkipped)
    return valueOf(made)
  }

  /** What is there, or undefined. 1 round trip. */
  async get(fragment: Fragment, transaction: TransactionView): Promise<unknown> {
    if (!transaction.hasWritten) return this.#parts.looking.find(fragment)
    this.#parts.looking.passedOver(fragment, transaction)
    return undefined
  }

  /**
   * Many at once, in order: 1 round trip for all, 2 if tokens were missing; then one call of the factory
   * with the missing subjects, each once.
   */
  async getOrSetMany<S>(
    asked: readonly { readonly subject: S; readonly fragment: Fragment }[],
    transaction: TransactionView,
    { factory, isRepeatable }: Batched<S>,
  ): Promise<unknown[]> {
    const batch = new FactoryBatch(asked[0]?.fragment.name ?? '', factory)
    const answers = await this.getAll(
      asked.map(({ subject, fragment }) => ({
        fragment,
        fresh: false,
        transaction,
        isRepeatable,
        factory: () => batch.load(fragment.entryKey, subject),
      })),
    )
    return answers.map(({ value }) => value)
  }

  /** The same with a factory of its own for each; those of one entry are asked for once. */
  async getAll(asked: readonly Asking<On>[]): Promise<readonly Answer[]> {
    const places = new Map<string, number>()
    const once = asked.filter(({ fragment: { entryKey } }) => {
      const isFirst = !places.has(entryKey)
      if (isFirst) places.set(entryKey, places.size)
      return isFirst
    })
    if (once.length === 0) return []
    // All look-ups first: what is missing is then loaded together, whether its tokens were there or had to be made.
    const answers = await answersTo(await this.#parts.looking.look(once))
    if (once.length === asked.length) return answers
    return asked.flatMap(({ fragment }) => answers[places.get(fragment.entryKey) ?? -1] ?? [])
  }

  /** @throws {InvalidOptionError} SWEEPER_INVALID_OPTION: tokens of another Sweeper mean nothing to this one's entries */
  #outerOf({ fragment, partOf }: Asking<On>): Load<On> | undefined {
    if (partOf === undefined) return undefined
    if (partOf instanceof Load && partOf.isPinnedBy(this.#parts.pins)) return partOf as Load<On>
    throw new InvalidOptionError(
      `getOrSet ${quoted(fragment.name)}: partOf is no load of this Sweeper; give what the outer value's factory was called with`,
    )
  }
}

async function answered(looked: Promise<Looked>): Promise<unknown> {
  return (await answerTo(await looked)).value
}
