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

/** One command: the keys of all who asked, each with its place in it. */
class Batch {
  readonly #tokens = new Map<string, number>()
  readonly #entries = new Map<string, number>()
  readonly #questions: Question[] = []

  get isFull(): boolean {
    return this.#tokens.size + this.#entries.size >= MAX_KEYS
  }

  add(question: Question): void {
    for (const { key } of question.tokens)
      if (!this.#tokens.has(key)) this.#tokens.set(key, this.#tokens.size)
    const { entryKey } = question
    if (entryKey !== undefined && !this.#entries.has(entryKey))
      this.#entries.set(entryKey, this.#entries.size)
    this.#questions.push(question)
  }

  read(store: Pick<Store, 'read'>): void {
    store.read([...this.#tokens.keys()], [...this.#entries.keys()]).then(
      (reply) => {
        const number = (replies += 1)
        for (const question of this.#questions) this.#answer(question, reply, number)
      },
      (error: unknown) => {
        for (const question of this.#questions) question.failed(error)
      },
    )
  }

  /** What goes wrong with one answer is no matter of the others. */
  #answer(question: Question, reply: StoreReply, number: number): void {
    const { tokens, entryKey } = question
    try {
      question.answered({
        tokens: tokens.map(({ key }) => reply.tokens[this.#tokens.get(key) ?? -1]),
        entry:
          entryKey === undefined ? undefined : reply.entries[this.#entries.get(entryKey) ?? -1],
        reply: number,
      })
    } catch (error) {
      question.failed(error)
    }
  }
}

/** So far. */
let replies = 0
