import { Redis } from 'ioredis'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { Sweeper, type SweeperOptions } from '../src'
import { RedisStore } from '../src/redis'
import { PostgresService } from '../test/support/services-postgres'
import { RedisServer } from '../test/support/services-redis-server'
import { startedHere } from '../test/support/services-process'
import { Article, Comment, seed, Vote } from './blog'

/** A Redis server and a database of this run's own, and everything that is connected to them. */
export class Servers {
  readonly redis: RedisServer
  readonly #postgres: PostgresService
  readonly #closing: (() => Promise<unknown>)[] = []
  #sweepers = 0

  private constructor(redis: RedisServer, postgres: PostgresService) {
    this.redis = redis
    this.#postgres = postgres
  }

  static async open(): Promise<Servers> {
    const postgres = new PostgresService()
    await postgres.open()
    const servers = new Servers(await RedisServer.start(), postgres)
    const dataSource = await servers.dataSource({ synchronize: true })
    await seed(dataSource)
    return servers
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).toReversed()) await close()
    await this.redis.stop()
    await this.#postgres.close()
    await startedHere.stopAll()
  }

  /** Has something closed at the end, before what was opened earlier. */
  atEnd(close: () => Promise<unknown>): void {
    this.#closing.push(close)
  }

  /** How to connect to the database, for other processes. */
  get database(): DataSourceOptions {
    return this.#postgres.options
  }

  /** A connection of its own. */
  client(): Redis {
    const client = new Redis(this.redis.url)
    this.atEnd(() => client.quit())
    return client
  }

  /** @param entities those of the blog, if none are given */
  async dataSource(
    options: Partial<DataSourceOptions> = {},
    entities: readonly (new () => object)[] = [Article, Comment, Vote],
  ): Promise<DataSource> {
    const dataSource = new DataSource({
      ...this.#postgres.options,
      ...options,
      entities: [...entities],
    } as DataSourceOptions)
    await dataSource.initialize()
    this.atEnd(() => dataSource.destroy())
    return dataSource
  }

  /** A Sweeper as an application has it, with a namespace, a connection and, if none is given, a DataSource of its own. */
  async sweeper(options: SweeperOptions = {}, given?: DataSource): Promise<Sweeper> {
    const dataSource = given ?? (await this.dataSource())
    return new Sweeper(dataSource, {
      store: new RedisStore(this.client()),
      namespace: `bench${this.#sweepers++}`,
      ...options,
    })
  }
}
