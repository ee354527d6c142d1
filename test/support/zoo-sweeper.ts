import { DataSource, type DataSourceOptions } from 'typeorm'
import { Sweeper, SweepSubscriber, type SweepEvent, type SweeperOptions } from '../../src/index'
import { ZOO } from './zoo'

/** Waits long enough that a busy machine makes no store call late: these tests are about something else. */
export const PATIENT = { read: '5s', write: '5s', delivery: '5s' } as const

/** A DataSource with the zoo's tables, and its Sweeper. */
export interface ZooSweeper {
  readonly dataSource: DataSource
  readonly sweeper: Sweeper
  /** Records what is swept from here on. */
  readonly sweeps: SweepRecorder
}

export async function zooSweeper(
  database: DataSourceOptions,
  options: SweeperOptions = {},
): Promise<ZooSweeper> {
  const dataSource = new DataSource({
    ...database,
    entities: ZOO,
    subscribers: [SweepSubscriber],
    synchronize: true,
  } as DataSourceOptions)
  const sweeper = new Sweeper(dataSource, { timeout: PATIENT, ...options })
  await dataSource.initialize()
  return { dataSource, sweeper, sweeps: recordSweeps(sweeper) }
}

/** What a Sweeper has swept since the recording began or was reset. */
export class SweepRecorder {
  readonly events: SweepEvent[] = []

  /** Labels such as `Comment:17`, sorted, each once. */
  get records(): readonly string[] {
    return [...new Set(this.events.flatMap(({ records }) => records))].toSorted()
  }

  /** Types that were swept as a whole. */
  get types(): readonly string[] {
    return [...new Set(this.events.flatMap(({ types }) => types))].toSorted()
  }

  /** How many units of work swept anything. */
  get count(): number {
    return this.events.length
  }

  reset(): void {
    this.events.length = 0
  }
}

export function recordSweeps(sweeper: Sweeper): SweepRecorder {
  const recorder = new SweepRecorder()
  sweeper.on('sweep', (event) => recorder.events.push(event))
  return recorder
}
