import { FactoryLengthError } from '../core/errors'

/** Gathers what `getOrSetMany` misses, so that its factory is called once. */
export class FactoryBatch<S> {
  readonly #name: string
  readonly #factory: (missing: S[]) => unknown
  readonly #missing = new Map<string, S>()
  #values: Promise<ReadonlyMap<string, unknown>> | undefined

  constructor(name: string, factory: (missing: S[]) => unknown) {
    this.#name = name
    this.#factory = factory
  }

  async load(entryKey: string, subject: S): Promise<unknown> {
    this.#missing.set(entryKey, subject)
    this.#values ??= this.#call()
    return (await this.#values).get(entryKey)
  }

  async #call(): Promise<ReadonlyMap<string, unknown>> {
    // All loads of one look-up start in the same turn; the factory is called when they have.
    await new Promise((resolve) => process.nextTick(resolve))
    const subjects = [...this.#missing.values()]
    const keys = [...this.#missing.keys()]
    this.#missing.clear()
    this.#values = undefined
    const values: unknown = await this.#factory(subjects)
    if (!Array.isArray(values) || values.length !== subjects.length)
      throw new FactoryLengthError(this.#name, subjects.length, values)
    return new Map(keys.map((key, index) => [key, values[index] as unknown]))
  }
}
