import type { EntitySchema } from 'typeorm'

/** The class of an entity, abstract ones included. */
export type EntityClass<E extends object = object> = abstract new (...args: never[]) => E

/** What names an entity: its class or its `EntitySchema`. */
export type EntityTarget<E extends object = object> = EntityClass<E> | EntitySchema<E>

/** What a property path does not go through: the properties of these are no columns and no relations. */
type Opaque =
  | Date
  | Uint8Array
  | PromiseLike<unknown>
  | readonly unknown[]
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ((...args: never[]) => unknown)

type PathsWithin<E, Name extends keyof E & string> =
  NonNullable<E[Name]> extends Opaque
    ? never
    : NonNullable<E[Name]> extends object
      ? `${Name}.${keyof NonNullable<E[Name]> & string}`
      : never

/** The public properties of an entity, and those of its embedded objects: `'article'`, `'ref.article'`. */
export type PropertyPath<E> =
  (keyof E & string) | { [Name in keyof E & string]-?: PathsWithin<E, Name> }[keyof E & string]

/** Two levels are checked; what lies deeper is checked at the first use of the DataSource. */
type CheckedPath<E> =
  | PropertyPath<E>
  | `${{ [Name in keyof E & string]-?: PathsWithin<E, Name> }[keyof E & string]}.${string}`

/** Text that the compiler knows only to be text is checked at the first use of the DataSource. */
type Known<Name extends string> = string extends Name ? never : Name

/**
 * `unknown` if the entity has all these properties, else a sentence that says which one it lacks: no class is
 * assignable to a sentence, so the compiler shows it.
 */
export type HasProperties<E, Using extends string, Parent extends string> = [
  Known<Using> | Known<Parent>,
] extends [CheckedPath<E>]
  ? unknown
  : `no property "${Exclude<Known<Using> | Known<Parent>, CheckedPath<E>>}" on this entity`
