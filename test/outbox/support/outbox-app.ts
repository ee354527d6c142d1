import { DataSource, type DataSourceOptions } from 'typeorm'
import { Sweeper, SweepOutbox, SweepSubscriber, type SweeperOptions } from '../../../src/index'
import { until } from '../../support/services-process'
import { ZOO } from '../../support/zoo'
import { PATIENT, recordSweeps, type SweepRecorder } from '../../support/zoo-sweeper'

export const DATABASES = ['postgres', 'mariadb'] as const

/** A process of an application with durable sweeps, as far as one process can be another. */
export class OutboxApp {
  readonly dataSource: DataSource
  readonly sweeper: Sweeper
  readonly sweeps: SweepRecorder
  /** Rows that this process has delivered for others. */
  deliveredForOthers = 0

  private constructor(dataSource: DataSource, sweeper: Sweeper) {
    this.dataSource = dataSource
    this.sweeper = sweeper
    this.sweeps = recordSweeps(sweeper)
    sweeper.on('outbox-delivery', ({ rows }) => (this.deliveredForOthers += rows))
  }

  static async start(
    database: DataSourceOptions,
    options: SweeperOptions,
    { outboxIsEntity = true, subscribers = [] as (new () => object)[] } = {},
  ): Promise<OutboxApp> {
    const dataSource = new DataSource({
      ...database,
      entities: outboxIsEntity ? [...ZOO, SweepOutbox] : ZOO,
      subscribers: [SweepSubscriber, ...subscribers],
      synchronize: true,
    } as DataSourceOptions)
    const sweeper = new Sweeper(dataSource, { timeout: PATIENT, outbox: true, ...options })
    await dataSource.initialize()
    return new OutboxApp(dataSource, sweeper)
  }

  /** What waits in the table. */
  async rows(): Promise<readonly Record<string, unknown>[]> {
    return this.dataSource.query('SELECT * FROM sweep_outbox ORDER BY id')
  }

  /** Resolves when nothing waits in the table. */
  async drained(): Promise<void> {
    await until('the outbox empty', 10_000, async () => (await this.rows()).length === 0)
  }
}
