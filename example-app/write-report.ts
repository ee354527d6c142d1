import type { RecordRef, SweepCause } from '../src/index'
import { queryCount } from './database'
import type { Blog } from './pages'
import type { ShowcaseStore } from './showcase-store'

/** A record whose token may move, with its name: `Comment 7`. */
export interface Watched {
  readonly name: string
  readonly ref: RecordRef
}

/** Something to do, and where to look for what it did. */
export interface Moment {
  readonly title: string
  readonly watched: readonly Watched[]
  /** Does it; answers what there is to tell, in sentences. */
  run(): Promise<readonly string[]>
}

export interface WriteReport {
  readonly server: string
  readonly title: string
  readonly told: readonly string[]
  readonly causes: readonly SweepCause[]
  readonly delivered: boolean
  readonly tokens: readonly {
    readonly name: string
    readonly before: string
    readonly after: string
  }[]
  readonly roundTrips: number
  readonly queries: number
  readonly ms: number
}

interface Stage extends Blog {
  readonly store: ShowcaseStore
  readonly server: string
}

/** Does it, and tells what it did to the cache and what it cost; the tokens are read before and after, at no cost to it. */
export async function reportOf(stage: Stage, moment: Moment): Promise<WriteReport> {
  const { sweeper, store, server } = stage
  const versions = (): Promise<string[]> =>
    Promise.all(moment.watched.map(({ ref }) => sweeper.version(ref)))
  const before = await versions()
  const causes: SweepCause[] = []
  let delivered = true
  const stop = sweeper.on('sweep', (sweep) => {
    causes.push(...sweep.causes)
    delivered &&= sweep.delivered
  })
  const start = { roundTrips: store.roundTrips, queries: queryCount(), at: performance.now() }
  let told: readonly string[]
  try {
    told = await moment.run()
  } finally {
    stop()
  }
  const cost = {
    roundTrips: store.roundTrips - start.roundTrips,
    queries: queryCount() - start.queries,
    ms: performance.now() - start.at,
  }
  const after = store.running ? await versions() : []
  const tokens = moment.watched.map(({ name }, index) => ({
    name,
    before: shortened(store.running ? before[index] : undefined),
    after: shortened(after[index]),
  }))
  return { server, title: moment.title, told, causes, delivered, tokens, ...cost }
}

/** A version is long and opaque: a piece of it is enough to see that it moved. */
export function shortened(version: string | undefined): string {
  return version === undefined ? 'unknown' : version.slice(0, 7)
}
