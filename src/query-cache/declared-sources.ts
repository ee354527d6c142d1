import { InvalidOptionError, quoted } from '../core/errors'
import type { EntityTarget } from '../model/entity-class'

/** What the text of a query does not tell. */
export interface QuerySources {
  /**
   * Views, and tables without an entity, by their names as queries give them (`'stats'`, `'report.stats'`), with the
   * entities they are made from. What stands in the list is all that makes a result old.
   */
  readonly views?: Readonly<Record<string, readonly EntityTarget[]>>
  /** Functions of your own by their names, with the entities they read; `[]` for those that read none. */
  readonly functions?: Readonly<Record<string, readonly EntityTarget[]>>
}

/** Names and what they read. */
export class DeclaredSources {
  readonly #views: ReadonlyMap<string, readonly EntityTarget[]>
  readonly #functions: ReadonlyMap<string, readonly EntityTarget[]>

  /** @throws {InvalidOptionError} SWEEPER_INVALID_OPTION */
  constructor({ views = {}, functions = {} }: QuerySources) {
    this.#views = checked('views', views)
    this.#functions = checked('functions', functions)
  }

  ofView(path: readonly string[]): readonly EntityTarget[] | undefined {
    return this.#views.get(path.join('.'))
  }

  ofFunction(name: string): readonly EntityTarget[] | undefined {
    return this.#functions.get(name)
  }
}

function checked(
  option: string,
  named: Readonly<Record<string, readonly EntityTarget[]>>,
): ReadonlyMap<string, readonly EntityTarget[]> {
  for (const [name, entities] of Object.entries(named))
    if (!Array.isArray(entities))
      throw new InvalidOptionError(
        `sweptQueryCache.with(): ${option}.${name} is ${quoted(entities)}; give an array of the entities it reads`,
      )
  return new Map(Object.entries(named))
}
