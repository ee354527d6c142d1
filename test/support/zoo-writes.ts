import type { DataSource, DataSourceOptions, EntityManager } from 'typeorm'
import type { Sweeper, SweeperOptions } from '../../src/index'
import { describeOnSqlite, describeWith } from './services'
import { isSqlite, type SqliteName } from './services-sqlite'
import { Article, Comment, Tag, User, Vote } from './zoo'
import { zooSweeper, type SweepRecorder } from './zoo-sweeper'

export type ZooDatabase = 'postgres' | 'mariadb' | SqliteName

/** What a write has swept: records by label, types by name. */
export interface Swept {
  readonly records: readonly string[]
  readonly types: readonly string[]
}

/** The zoo in one database, for tests of what a write sweeps. */
export class ZooWrites {
  readonly database: ZooDatabase
  readonly dataSource: DataSource
  readonly sweeper: Sweeper
  readonly sweeps: SweepRecorder
  #count = 0

  constructor(database: ZooDatabase, zoo: Awaited<ReturnType<typeof zooSweeper>>) {
    this.database = database
    this.dataSource = zoo.dataSource
    this.sweeper = zoo.sweeper
    this.sweeps = zoo.sweeps
  }

  get isSqlite(): boolean {
    return isSqlite(this.dataSource.options)
  }

  get manager(): EntityManager {
    return this.dataSource.manager
  }

  /** What this work sweeps, and nothing that was swept before it. */
  async sweptBy(work: () => Promise<unknown>): Promise<Swept> {
    this.sweeps.reset()
    await work()
    return { records: this.sweeps.records, types: this.sweeps.types }
  }

  article(): Promise<Article> {
    return this.manager.save(this.manager.create(Article, { title: 'a' }))
  }

  comment(article: Article | null = null, author: User | null = null): Promise<Comment> {
    return this.manager.save(this.manager.create(Comment, { text: 'c', article, author }))
  }

  vote(comment: Comment): Promise<Vote> {
    return this.manager.save(this.manager.create(Vote, { comment }))
  }

  tag(): Promise<Tag> {
    return this.manager.save(this.manager.create(Tag, { slug: this.word() }))
  }

  user(): Promise<User> {
    return this.manager.save(this.manager.create(User, { email: `${this.word()}@example.org` }))
  }

  /** One that was not given before. */
  word(): string {
    return `w${++this.#count}`
  }
}

/** These records and no whole type. */
export function exactly(...records: (Article | Comment | Vote | Tag | User | string)[]): Swept {
  const labels = records.map((one) =>
    typeof one === 'string' ? one : `${one.constructor.name}:${one.id}`,
  )
  return { records: [...new Set(labels)].toSorted(), types: [] }
}

/** One suite for each database; what `define` is given is there from its hooks on. */
export function describeOnEachDatabase(
  title: string,
  define: (zoo: () => ZooWrites, database: ZooDatabase) => void,
  given: SweeperOptions = {},
): void {
  describeWith(['postgres'], `${title} on PostgreSQL`, ({ postgres }) => {
    withZoo('postgres', () => postgres.options, define, given)
  })
  describeWith(['mariadb'], `${title} on MariaDB`, ({ mariadb }) => {
    withZoo('mariadb', () => mariadb.options, define, given)
  })
  describeOnSqlite(title, (options, database) => withZoo(database, options, define, given))
}

function withZoo(
  database: ZooDatabase,
  options: () => DataSourceOptions,
  define: (zoo: () => ZooWrites, database: ZooDatabase) => void,
  given: SweeperOptions,
): void {
  let zoo: ZooWrites | undefined

  before(async () => {
    zoo = new ZooWrites(database, await zooSweeper(options(), given))
  })
  after(() => zoo?.dataSource.destroy())

  define(() => {
    if (zoo === undefined) throw new Error('the zoo is opened in a hook; use it in tests')
    return zoo
  }, database)
}
