import { AsyncLocalStorage } from 'node:async_hooks'
import {
  Column,
  DataSource,
  Entity,
  type EntityManager,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  type Relation,
} from 'typeorm'
import {
  record,
  Sweepable,
  Sweeper,
  SweepOutbox,
  SweepSubscriber,
  sweptQueryCache,
  type SweeperOptions,
} from '../../src/index'
import { QUIET } from './random-writes/random-writes'
import type { PostgresService } from './services-postgres'
import { PATIENT, recordSweeps, type SweepRecorder } from './zoo-sweeper'

@Entity('note')
@Sweepable({ dependsOn: ['folder'] })
export class Note {
  @PrimaryColumn() id!: number
  @Column() text!: string
  @ManyToOne(() => Folder, (folder) => folder.notes) folder!: Relation<Folder>
}

@Entity('folder')
@Sweepable({ dependsOn: ['shelf'], writeThrough: true })
export class Folder {
  @PrimaryColumn() id!: number
  @Column({ unique: true }) name!: string
  @OneToMany(() => Note, (note) => note.folder) notes!: Relation<Note>[]
  @ManyToOne(() => Plan, (plan) => plan.folders, { createForeignKeyConstraints: false })
  plan!: Relation<Plan> | null
  @ManyToOne(() => Shelf) shelf!: Relation<Shelf> | null
}

@Entity('shelf')
export class Shelf {
  @PrimaryColumn() id!: number
}

/** One table for all tenants: its path names the schema. */
@Entity({ name: 'plan', schema: 'public' })
@Sweepable({ dependsOn: ['folders'] })
export class Plan {
  @PrimaryColumn() id!: number
  @Column() name!: string
  @OneToMany(() => Folder, (folder) => folder.plan) folders!: Relation<Folder>[]
}

const TENANTS = ['acme', 'globex'] as const

/** Two schemas with the same tables and the same keys, reached by `search_path` on one DataSource. */
export class TenantApp {
  readonly dataSource: DataSource
  readonly sweeper: Sweeper
  readonly sweeps: SweepRecorder
  readonly misses: string[] = []
  readonly #tenants = new AsyncLocalStorage<string | undefined>()

  private constructor(dataSource: DataSource, options: SweeperOptions) {
    this.dataSource = dataSource
    this.sweeper = new Sweeper(dataSource, {
      timeout: PATIENT,
      tenant: () => this.#tenants.getStore(),
      ...options,
    })
    this.sweeps = recordSweeps(this.sweeper)
    this.sweeper.on('miss', ({ reason }) => this.misses.push(reason))
  }

  static async start(url: string, options: SweeperOptions = {}): Promise<TenantApp> {
    const dataSource = new DataSource({
      type: 'postgres',
      url,
      entities: [Note, Folder, Shelf, Plan, SweepOutbox],
      subscribers: [SweepSubscriber],
      cache: { provider: sweptQueryCache },
      logger: QUIET,
    })
    const app = new TenantApp(dataSource, options)
    await dataSource.initialize()
    return app
  }

  /** Runs work as a request of a tenant does; undefined: of nobody. */
  as<R>(tenant: string | undefined, work: () => R): R {
    return this.#tenants.run(tenant, work)
  }

  /** The same in a transaction, whose `search_path` ends with it. */
  within<R>(tenant: string, work: (manager: EntityManager) => Promise<R>): Promise<R> {
    return this.as(tenant, () => this.inSchema(tenant, work))
  }

  /** The same outside any transaction, on a connection whose path is the tenant's meanwhile. */
  connected<R>(tenant: string, work: (manager: EntityManager) => Promise<R>): Promise<R> {
    return this.as(tenant, async () => {
      const runner = this.dataSource.createQueryRunner()
      try {
        await runner.query(`SET search_path TO ${tenant}, public`)
        return await work(runner.manager)
      } finally {
        await runner.query('RESET search_path')
        await runner.release()
      }
    })
  }

  /** In the tables of a schema, whoever asks for it. */
  inSchema<R>(schema: string, work: (manager: EntityManager) => Promise<R>): Promise<R> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query(`SET LOCAL search_path TO ${schema}, public`)
      return work(manager)
    })
  }

  /** What is cached of a note; the text in the tenant's table where nothing is. */
  text(tenant: string | undefined, id = 1, schema = tenant ?? 'acme'): Promise<string> {
    return this.as(tenant, () =>
      this.sweeper.getOrSet({
        on: record(Note, id),
        key: 'text',
        factory: () => this.#read(schema, `SELECT text FROM ${schema}.note WHERE id = ${id}`),
      }),
    )
  }

  /** The same of what belongs to a folder. */
  folder(tenant: string | undefined, schema = tenant ?? 'acme'): Promise<string> {
    return this.as(tenant, () =>
      this.sweeper.getOrSet({
        on: record(Folder, 1),
        key: 'texts',
        factory: () =>
          this.#read(
            schema,
            `SELECT string_agg(text, ',' ORDER BY id) AS text FROM ${schema}.note`,
          ),
      }),
    )
  }

  async close(): Promise<void> {
    await this.dataSource.destroy()
  }

  async #read(schema: string, sql: string): Promise<string> {
    const [row] = await this.dataSource.query<{ text: string }[]>(sql)
    if (row === undefined) throw new Error(`${schema} has no such row`)
    return row.text
  }
}

/** Makes the schemas, anew. */
export async function makeSchemas(postgres: PostgresService): Promise<void> {
  const dataSource = await new DataSource({ ...postgres.options, logger: QUIET }).initialize()
  // The last is what is read where the path of a tenant is over.
  for (const tenant of [...TENANTS, 'public']) {
    await dataSource.query(`DROP SCHEMA IF EXISTS ${tenant} CASCADE`)
    await dataSource.query(`CREATE SCHEMA ${tenant}`)
    await dataSource.query(
      `CREATE TABLE ${tenant}.folder
        (id int PRIMARY KEY, name text NOT NULL UNIQUE, "planId" int, "shelfId" int)`,
    )
    await dataSource.query(
      `CREATE TABLE ${tenant}.note (id int PRIMARY KEY, text text NOT NULL, "folderId" int)`,
    )
    await dataSource.query(`CREATE TABLE ${tenant}.shelf (id int PRIMARY KEY)`)
    const shelf = tenant === 'public' ? 2 : 1
    await dataSource.query(`INSERT INTO ${tenant}.shelf VALUES (1), (2)`)
    await dataSource.query(
      `INSERT INTO ${tenant}.folder VALUES (1, 'inbox', 1, ${shelf}), (2, 'other', 1, ${shelf})`,
    )
    await dataSource.query(
      `INSERT INTO ${tenant}.note VALUES (1, '${tenant} one', 1), (2, '${tenant} two', 1)`,
    )
  }
  await dataSource.query('CREATE TABLE public.plan (id int PRIMARY KEY, name text NOT NULL)')
  await dataSource.query(`CREATE TABLE public.sweep_outbox (
    id bigserial PRIMARY KEY, namespace varchar(64) NOT NULL DEFAULT '', entity varchar(255),
    record_id varchar(1024), sweep text, created_at timestamp NOT NULL DEFAULT now())`)
  await dataSource.query(`INSERT INTO public.plan VALUES (1, 'small')`)
  await dataSource.destroy()
}
