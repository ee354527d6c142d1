import type { DataSource, EntityManager } from 'typeorm'
import { engineOf } from './engines'
import { WatchedMethod } from './watched-method'

type Work = (manager: EntityManager) => Promise<unknown>
/** An isolation level may come first. */
type TransactionArguments = [first: string | Work, second?: Work]

interface ManagerPrototype {
  transaction(this: EntityManager, ...args: TransactionArguments): Promise<unknown>
}

const transaction = new WatchedMethod(
  'transaction',
  (manager: EntityManager, args: TransactionArguments, proceed: () => Promise<unknown>) => {
    const engine = engineOf(manager)
    const work = args.find((arg) => typeof arg === 'function')
    if (engine === undefined || work === undefined) return proceed()
    // What proceeds is called with these very arguments.
    args[args.indexOf(work)] = (inner) =>
      inner.queryRunner === undefined
        ? work(inner)
        : engine.within(inner.queryRunner, () => work(inner))
    return proceed()
  },
)

/**
 * Lets a Sweeper know in which transaction code runs that is not told of it: what makes transactions implicit and keeps
 * the manager to itself, as nestjs-cls does, calls `dataSource.transaction()` like everybody.
 *
 * @returns takes it back
 */
export function watchTransactions(dataSource: DataSource): () => void {
  const prototype: unknown = Object.getPrototypeOf(dataSource.createQueryRunner().manager)
  return transaction.on(prototype as ManagerPrototype)
}
