import type { DataSource, EntityManager, QueryRunner } from 'typeorm'
import { AsyncContext } from '../core/async-context'
import { engineOfDataSource } from './engines'
import { WatchedMethod } from './watched-method'

/** 1.x calls it dataSource, 0.3 connection. */
interface WatchedManager {
  readonly dataSource?: DataSource
  readonly connection: DataSource
  readonly queryRunner?: QueryRunner
}

const NAMES = ['save', 'remove', 'softRemove', 'recover'] as const

type Name = (typeof NAMES)[number]
type ManagerPrototype = Record<Name, (this: WatchedManager, ...args: unknown[]) => Promise<unknown>>

const saving = new AsyncContext<true>()

const methods = NAMES.map(
  (name) =>
    new WatchedMethod(
      name,
      (manager: WatchedManager, _args: unknown[], proceed: () => Promise<unknown>) => {
        const engine = engineOfDataSource(manager.dataSource ?? manager.connection)
        const isInTransaction = manager.queryRunner?.isTransactionActive === true
        return engine === undefined || isInTransaction ? proceed() : saving.runToEnd(true, proceed)
      },
    ),
)

/**
 * Whether this code runs in a `save()`, `remove()`, `softRemove()` or `recover()` outside a transaction: one that is
 * begun now is its own, and short. A listener's own transaction may be taken for it, whose marks are then set sooner.
 */
export function isInSave(): boolean {
  return saving.current === true
}

/**
 * Has the saving methods of TypeORM's entity managers pass by, which repositories and active records call too.
 *
 * @returns takes it back
 */
export function watchSaves({ manager }: DataSource): () => void {
  const prototype = prototypeOf(manager)
  const releases = methods.map((method) => method.on(prototype))
  return () => {
    for (const release of releases) release()
  }
}

/** That of this DataSource's own copy of TypeORM, below classes that extend it. */
function prototypeOf(manager: EntityManager): ManagerPrototype {
  let prototype: unknown = Object.getPrototypeOf(manager)
  while (!Object.hasOwn(prototype as object, 'softRemove'))
    prototype = Object.getPrototypeOf(prototype)
  return prototype as ManagerPrototype
}
