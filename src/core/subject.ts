/** One token that a read depends on. */
export interface SubjectToken {
  readonly key: string
  /** Which half of it counts: everything that belongs to the record, or its own row alone. */
  readonly half: 'whole' | 'row'
}

/** What an `on` comes down to: the tokens to compare, and what is known of an instance that was handed in. */
export interface Subject {
  /** Names the subject inside entry keys, by its table; injective: `public.comment:17`, `public.article:7/comments`. */
  readonly tag: string
  /** Names it for people, by its entity: `Comment:17`, `Comment`, `Article:7/comments`. */
  readonly label: string
  readonly tokens: readonly SubjectToken[]
  /** The value of the `using` attribute of an instance; undefined for names and types without one. */
  readonly attribute: string | undefined
  /** For an instance: what is known about when it was loaded. Undefined for a name: it is loaded inside the factory. */
  readonly instance: InstanceOrigin | undefined
  /** The life that the declaration gives to entries, in milliseconds. */
  readonly ttlMs: number | undefined
  /** What was made of it before under a fragment's name; only where the subject is remembered itself. */
  readonly made?: Map<string, object>
}

/** When and where an instance came from. `loadedAtMs` undefined: unknown, or loaded or saved in a transaction. */
export interface InstanceOrigin {
  readonly loadedAtMs: number | undefined
  /** The instance comes from a transaction that is still open. */
  readonly inTransaction: boolean
}

/** Tokens of which everything counts. */
export function wholesOf(keys: readonly string[]): readonly SubjectToken[] {
  return keys.map((key) => ({ key, half: 'whole' }))
}
