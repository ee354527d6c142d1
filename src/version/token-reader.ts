import type { SubjectToken } from '../core/subject'
import type { Store, StoreReply } from '../store/store'
import type { TokenState } from '../store/token'

/** What one caller asked for; `tokens` in the order of its keys. */
export interface Reading {
  readonly tokens: readonly (TokenState | undefined)[]
  readonly entry: Buffer | undefined
  /** Numbers the reply it is a part of: readings of one reply came at one moment. */
  readonly reply: number
}

/** What is asked for, and who is told. One of the two is called, once, in the turn in which the store has answered. */
export interface Question {
  readonly tokens: readonly Pick<SubjectToken, 'key'>[]
  readonly entryKey: string | undefined
  answered(reading: Reading): void
  failed(error: unknown): void
}

/** Keys in one command; beyond it a reply holds up everything behind it on the connection. */
const MAX_KEYS = 500

/**
 * Reads tokens and entries; everything asked for in one tick goes out as one command,
 * each key once, whoever asked for it. A page of fifty fragments is one round trip.
 *
 * `process.nextTick` and not a timer or `setImmediate`: those were measured to add a quarter to half
 * of a round trip to a read that is alone.
 */
export class TokenReader {
  readonly #store: Pick<Store, 'read'>
  #batches: Batch[] = []

  constructor(store: Pick<Store, 'read'>) {
    this.#store = store
  }

  /** 1 round trip, shared with all reads of the same tick. Rejects as the store does. */
  read(tokenKeys: readonly string[], entryKey?: string): Promise<Reading> {
    const tokens = tokenKeys.map((key) => ({ key }))
    return new Promise((resolve, reject) => {
      this.ask({ tokens, entryKey, answered: resolve, failed: reject })
    })
  }

  /** The same without a promise: of fifty hits at once each costs what it makes. */
  ask(question: Question): void {
    let batch = this.#batches.at(-1)
    if (batch === undefined) process.nextTick(this.#send)
    if (batch === undefined || batch.isFull) this.#batches.push((batch = new Batch()))
    batch.add(question)
  }

  readonly #send = (): void => {
    const batches = this.#batches
    this.#batches = []
    for (const batch of batches) batch.read(this.#store)
  }
}

/** Who asked, and where what he asked for stands in the command. */
interface Asked {
  readonly question: Question
  readonly tokens: readonly number[]
  /** Undefined for tokens alone. */
  readonly entry: number | undefined
}

/** One command: the keys of all who asked, each once. */
class Batch {
  readonly #tokens = new Places()
  readonly #entries = new Places()
  readonly #asked: Asked[] = []

  get isFull(): boolean {
    return this.#tokens.keys.length + this.#entries.keys.length >= MAX_KEYS
  }

  add(question: Question): void {
    const { tokens, entryKey } = question
    this.#asked.push({
      question,
      tokens: tokens.map(({ key }) => this.#tokens.of(key)),
      entry: entryKey === undefined ? undefined : this.#entries.of(entryKey),
    })
  }

  read(store: Pick<Store, 'read'>): void {
    store.read(this.#tokens.keys, this.#entries.keys).then(
      (reply) => {
        const number = (replies += 1)
        for (const asked of this.#asked) answer(asked, reply, number)
      },
      (error: unknown) => {
        for (const { question } of this.#asked) question.failed(error)
      },
    )
  }
}

/** Keys in the order in which they came, each once. */
class Places {
  readonly keys: string[] = []
  readonly #places = new Map<string, number>()

  /** The place of a key, taken now if it has none. */
  of(key: string): number {
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const place = this.keys.push(key) - 1
    this.#places.set(key, place)
    return place
  }
}

/** What goes wrong with one answer is no matter of the others. */
function answer({ question, tokens, entry }: Asked, reply: StoreReply, number: number): void {
  try {
    question.answered({
      tokens: tokens.map((place) => reply.tokens[place]),
      entry: entry === undefined ? undefined : reply.entries[entry],
      reply: number,
    })
  } catch (error) {
    question.failed(error)
  }
}

/** So far. */
let replies = 0
