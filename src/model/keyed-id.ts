import type { ObjectLiteral } from 'typeorm'
import { encodeText } from '../core/encode-part'
import type { KeyColumn } from './key-column'
import type { RecordId } from './record-id'

/** A RecordId by the values of its key columns, as entities have them, and their texts. */
export class KeyedId implements RecordId {
  readonly text: string
  readonly #keys: readonly KeyColumn[]
  readonly #values: readonly unknown[]
  readonly #texts: readonly string[]

  constructor(keys: readonly KeyColumn[], values: readonly unknown[], texts: readonly string[]) {
    const [only = ''] = texts
    this.text =
      texts.length === 1 ? encodeText(only) : texts.map((text) => encodeText(text)).join(',')
    this.#keys = keys
    this.#values = values
    this.#texts = texts
  }

  /** `{ id: 17 }`, `{ key: { no: 1 } }`. Made when it is asked for: most ids only become keys. */
  get map(): ObjectLiteral {
    const map: ObjectLiteral = {}
    this.#keys.forEach(({ column, canonical }, at) =>
      mergeInto(map, column.createValueMap(canonical(this.#values[at], this.#texts[at] ?? ''))),
    )
    return map
  }
}

function mergeInto(target: ObjectLiteral, source: ObjectLiteral): void {
  for (const [name, value] of Object.entries<unknown>(source)) {
    const there: unknown = target[name]
    if (isPlain(there) && isPlain(value)) mergeInto(there, value)
    else target[name] = value
  }
}

function isPlain(value: unknown): value is ObjectLiteral {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}
