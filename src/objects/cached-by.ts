import type { EntityManager, ObjectLiteral, Repository } from 'typeorm'
import type { EntityTarget } from '../model/entity-class'
import type { RecordKey } from '../model/record-ref'

/** Structurally a Sweeper. */
interface Finds {
  find<E extends object>(
    target: EntityTarget<E>,
    id: RecordKey<NoInfer<E>>,
    options?: { readonly manager?: EntityManager },
  ): Promise<E | null>
  findMany<E extends object>(
    target: EntityTarget<E>,
    ids: readonly RecordKey<NoInfer<E>>[],
    options?: { readonly manager?: EntityManager },
  ): Promise<(E | null)[]>
}

/** What `repository.extend(cachedBy(sweeper))` adds to a repository. */
export interface CachedBy {
  /** As `sweeper.find()` of the repository's entity, inside the transaction of the repository's manager. */
  cached<E extends ObjectLiteral>(this: Repository<E>, id: RecordKey<NoInfer<E>>): Promise<E | null>
  /** As `sweeper.findMany()`. */
  cachedMany<E extends ObjectLiteral>(
    this: Repository<E>,
    ids: readonly RecordKey<NoInfer<E>>[],
  ): Promise<(E | null)[]>
}

/**
 * Gives a repository `cached(id)` and `cachedMany(ids)`. With `manager.withRepository(cars)` they read inside that
 * transaction.
 *
 * @example
 * const cars = dataSource.getRepository(Car).extend(cachedBy(sweeper))
 * const car = await cars.cached(7)
 */
export function cachedBy(sweeper: Finds): CachedBy {
  return {
    cached(id) {
      return sweeper.find(targetOf(this), id, { manager: this.manager })
    },
    cachedMany(ids) {
      return sweeper.findMany(targetOf(this), ids, { manager: this.manager })
    },
  }
}

/** A name is as good as the class that it names; the Sweeper looks it up in the metadata. */
function targetOf<E extends ObjectLiteral>({ target }: Repository<E>): EntityTarget<E> {
  return target as EntityTarget<E>
}
