import { randomUUID } from 'node:crypto'
import { DataSource, EventSubscriber, type EntitySubscriberInterface } from 'typeorm'
import { SweepSubscriber } from '../src/index'
import { EmbeddedPostgres } from './embedded-postgres'
import { Article, Comment, Vote } from './entities'
import { reasonOf, StartFailure } from './start-failure'

export interface Database {
  readonly dataSource: DataSource
  /** For the reader of the terminal. */
  readonly description: string
  /** What tells its cache from others in a shared store; processes that share the database share it. */
  readonly namespace: string
  close(): Promise<void>
}

const SCHEMA = 'sweeper_example'
const CONNECT_TIMEOUT_MS = 5_000

let queries = 0

/** How many SQL statements TypeORM has sent so far, `START TRANSACTION` and `COMMIT` included. */
export function queryCount(): number {
  return queries
}

@EventSubscriber()
class QueryCounter implements EntitySubscriberInterface {
  afterQuery(): void {
    queries += 1
  }
}

const OPTIONS = {
  type: 'postgres' as const,
  entities: [Article, Comment, Vote],
  subscribers: [SweepSubscriber, QueryCounter],
}

/** Opens the database at the URL, or an embedded one where there is none, and creates the tables. */
export function openDatabase(url: URL | undefined): Promise<Database> {
  return url === undefined ? openEmbedded() : openServer(url)
}

async function openEmbedded(): Promise<Database> {
  const postgres = await EmbeddedPostgres.start()
  const dataSource = new DataSource({
    ...OPTIONS,
    username: 'postgres',
    installExtensions: false,
    uuidExtension: 'pgcrypto',
    synchronize: true,
    extra: { stream: postgres.connection },
  })
  await dataSource.initialize()
  const close = async (): Promise<void> => {
    await dataSource.destroy()
    await postgres.close()
  }
  const description = 'PostgreSQL inside this process, in memory (DATABASE_URL: your own)'
  return { dataSource, description, namespace: `example-${randomUUID()}`, close }
}

async function openServer(url: URL): Promise<Database> {
  const dataSource = new DataSource({
    ...OPTIONS,
    url: url.href,
    schema: SCHEMA,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
  })
  try {
    await dataSource.initialize()
    await dataSource.query(`CREATE SCHEMA IF NOT EXISTS "${SCHEMA}"`)
    await dataSource.synchronize()
  } catch (error) {
    throw new StartFailure(
      `DATABASE_URL: cannot use PostgreSQL at ${url.host || 'its local socket'} (${reasonOf(error)}); is it up, and may this user connect and create the schema ${SCHEMA}?`,
      { cause: error },
    )
  }
  return {
    dataSource,
    description: `PostgreSQL at ${url.host || 'its local socket'}, tables in its schema ${SCHEMA}`,
    namespace: `example-${(dataSource.driver.database ?? '').replaceAll(/[^\w.-]/g, '_').slice(0, 50)}`,
    close: () => dataSource.destroy(),
  }
}
