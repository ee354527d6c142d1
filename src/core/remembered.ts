/** What a plain key can be: values that are themselves, whatever happens to them. */
export type PlainKey = string | number | bigint

type Generation<Owner, Value> = Map<Owner, Map<PlainKey, Value>>

/**
 * What was made of plain keys lately, each owner's apart. Two generations: what was asked for since the last change of them
 * is kept, and a look-up is that of a Map.
 */
export class Remembered<Owner, Value> {
  readonly #maxPerGeneration: number
  #young: Generation<Owner, Value> = new Map()
  #old: Generation<Owner, Value> = new Map()
  #count = 0

  constructor(maxPerGeneration: number) {
    this.#maxPerGeneration = maxPerGeneration
  }

  /** @param make makes it where it is not remembered; what it refuses is not */
  of(owner: Owner, key: PlainKey, make: () => Value): Value {
    const young = this.#young.get(owner)?.get(key)
    if (young !== undefined) return young
    const value = this.#old.get(owner)?.get(key) ?? make()
    this.#keep(owner, key, value)
    return value
  }

  clear(): void {
    this.#young = new Map()
    this.#old = new Map()
    this.#count = 0
  }

  #keep(owner: Owner, key: PlainKey, value: Value): void {
    if (this.#count >= this.#maxPerGeneration) {
      this.#old = this.#young
      this.#young = new Map()
      this.#count = 0
    }
    let ofOwner = this.#young.get(owner)
    if (ofOwner === undefined) this.#young.set(owner, (ofOwner = new Map()))
    ofOwner.set(key, value)
    this.#count++
  }
}

export function isPlainKey(key: unknown): key is PlainKey {
  return typeof key === 'number' || typeof key === 'string' || typeof key === 'bigint'
}
