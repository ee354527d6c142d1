import type { DataSource, QueryRunner } from 'typeorm'
import { engineOfDataSource } from './engines'
import { WatchedMethod } from './watched-method'

type QueryArguments = [sql: string, ...others: unknown[]]

interface RunnerPrototype {
  query(this: QueryRunner, ...args: QueryArguments): Promise<unknown>
}

const query = new WatchedMethod(
  'query',
  (runner: QueryRunner, args: QueryArguments, proceed: () => Promise<unknown>) => {
    // 1.x calls it dataSource, 0.3 connection.
    const { dataSource, connection } = runner as QueryRunner & { readonly dataSource?: DataSource }
    const engine = engineOfDataSource(dataSource ?? connection)
    return engine === undefined ? proceed() : engine.query(runner, args[0], proceed)
  },
)

/**
 * Has every statement of this DataSource's query runners pass by its Sweeper.
 *
 * TypeORM's own `beforeQuery` and `afterQuery` would do where they are awaited: on no driver before 0.3.23, on
 * better-sqlite3 not before 1.1.1, and there 0.3 does not even call them.
 *
 * @returns takes it back
 */
export function watchQueries(dataSource: DataSource): () => void {
  const prototype: unknown = Object.getPrototypeOf(dataSource.createQueryRunner())
  return query.on(prototype as RunnerPrototype)
}
