import { randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { DataSource, EntityManager } from 'typeorm'
import { record, type Sweeper, type SweeperOptions } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { type Marks, parseMarks } from '../../src/store/token-text'
import { DyingStore } from './dying-store'
import { GatedStore } from './gated-store'
import type { Services } from './services'
import { until } from './services-process'
import { Article, Comment, Vote } from './zoo'
import { type SweepRecorder, zooSweeper, type ZooSweeper } from './zoo-sweeper'

/**
 * What a process of an application has: its own DataSource, connection to Redis and Sweeper, here with a store
 * whose calls can be held and that can die. A comment's text stands for what is cached.
 */
export class AppProcess {
  readonly dataSource: DataSource
  readonly sweeper: Sweeper
  readonly sweeps: SweepRecorder
  readonly store: GatedStore
  readonly #dying: DyingStore

  constructor({ dataSource, sweeper, sweeps }: ZooSweeper, store: GatedStore, dying: DyingStore) {
    this.dataSource = dataSource
    this.sweeper = sweeper
    this.sweeps = sweeps
    this.store = store
    this.#dying = dying
  }

  /** From here on nothing that ends this process's work reaches the store. */
  die(): void {
    this.#dying.die()
  }

  async anArticle(): Promise<Article> {
    return this.dataSource.getRepository(Article).save({ title: 'x' })
  }

  async aComment(article: Article | null = null): Promise<Comment> {
    return this.dataSource.getRepository(Comment).save({ text: 'x', article })
  }

  async writeText(id: number, text: string): Promise<void> {
    await this.dataSource.getRepository(Comment).save({ id, text })
  }

  async vote(id: number, manager: EntityManager = this.dataSource.manager): Promise<void> {
    await manager.save(Vote, { comment: { id } })
  }

  async move(id: number, to: Article, manager = this.dataSource.manager): Promise<void> {
    await manager.save(Comment, { id, article: { id: to.id } })
  }

  async loadComment(id: number, manager: EntityManager = this.dataSource.manager) {
    return manager.getRepository(Comment).findOneByOrFail({ id })
  }

  async loadText(id: number): Promise<string> {
    return (await this.loadComment(id)).text
  }

  /** Reads through the cache. */
  readText(id: number, factory = (): Promise<string> => this.loadText(id)): Promise<string> {
    return this.sweeper.getOrSet({ on: record(Comment, id), key: 'text', factory })
  }

  /** What the cache holds and would serve. */
  cachedText(id: number): Promise<string | undefined> {
    return this.sweeper.get<string>({ on: record(Comment, id), key: 'text' })
  }

  /** Reads through the cache how many votes the comments of an article have. */
  readVotes({ id }: Article): Promise<number> {
    const comment = { article: { id } }
    const factory = (): Promise<number> => this.dataSource.getRepository(Vote).countBy({ comment })
    return this.sweeper.getOrSet({ on: record(Article, id), key: 'votes', factory })
  }

  cachedVotes({ id }: Article): Promise<number | undefined> {
    return this.sweeper.get<number>({ on: record(Article, id), key: 'votes' })
  }

  /** Reads, and waits until the fill, which nobody waits for, has arrived. */
  async filled<T>(reading: Promise<T>): Promise<T> {
    const value = await reading
    await this.store.idle()
    return value
  }

  /** Reads until what is read is kept: marks that stand have ended then. */
  async untilCached(id: number): Promise<string | undefined> {
    await until(`comment ${id} cached`, 10_000, async () => {
      await this.filled(this.readText(id))
      return (await this.cachedText(id)) !== undefined
    })
    return this.cachedText(id)
  }

  async untilVotesCached(article: Article): Promise<number | undefined> {
    await until(`votes of article ${article.id} cached`, 10_000, async () => {
      await this.filled(this.readVotes(article))
      return (await this.cachedVotes(article)) !== undefined
    })
    return this.cachedVotes(article)
  }
}

/** Processes that share a database and a namespace in Redis, which is new for every test. */
export class AppProcesses {
  readonly namespace: string
  readonly client: Redis
  readonly #services: Pick<Services, 'postgres' | 'redis'>
  readonly #started: AppProcess[] = []

  constructor(services: Pick<Services, 'postgres' | 'redis'>) {
    this.#services = services
    this.namespace = `${services.redis.namespace}-${randomBytes(4).toString('hex')}`
    this.client = services.redis.connect()
  }

  /** @param extra of the DataSource's options */
  async start(options: SweeperOptions = {}, extra: object = {}): Promise<AppProcess> {
    const { postgres, redis } = this.#services
    const dying = new DyingStore(new RedisStore(redis.connect()))
    const store = new GatedStore(dying)
    const database = { ...postgres.options, ...extra }
    const zoo = await zooSweeper(database, { store, namespace: this.namespace, ...options })
    const started = new AppProcess(zoo, store, dying)
    this.#started.push(started)
    return started
  }

  async stop(): Promise<void> {
    for (const { dataSource } of this.#started.splice(0)) await dataSource.destroy()
  }

  /** The keys of one kind (`t` tokens, `c` collections, `y` types, `e` entries) that contain this. */
  async keys(kind: string, part = ''): Promise<string[]> {
    const keys = await this.client.keys(`${this.namespace}:${kind}:*`)
    return keys.filter((key) => key.includes(part))
  }

  /** What stands in the token key of a comment. */
  async textOfToken(id: number): Promise<string | undefined> {
    const [key] = await this.keys('t', `zoo_comment:${id}}`)
    return key === undefined ? undefined : ((await this.client.get(key)) ?? undefined)
  }

  /** The marks on a comment; undefined when there are none. */
  async marksOn(id: number): Promise<Marks | undefined> {
    const text = await this.textOfToken(id)
    return text === undefined ? undefined : parseMarks(text)
  }

  /** Waits until the server's clock has passed this time, in milliseconds. */
  async untilServerTime(ms: number): Promise<void> {
    await until('the time on the server', 10_000, async () => {
      const [seconds, microseconds] = await this.client.time()
      return Number(seconds) * 1000 + Number(microseconds) / 1000 > ms
    })
  }
}
