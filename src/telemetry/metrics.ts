/** What is measured. Names are those of OpenTelemetry; Prometheus has `_` for `.`, and the unit at the end. */
export interface Metric {
  readonly kind: 'counter' | 'histogram'
  readonly unit: 's' | '1'
  readonly description: string
  readonly labels: readonly string[]
  readonly buckets?: readonly number[]
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const AGES = [1, 5, 15, 60, 300, 900, 3600, 21_600, 86_400]

export const METRICS = {
  'sweeper.reads': counter('Reads, by what they came to', ['key', 'result', 'reason']),
  'sweeper.read.duration': seconds('How long a read took, the load not included', ['result']),
  'sweeper.load.duration': seconds('How long the factory of what was stored took', ['key']),
  'sweeper.unproven': counter('Values that were served and not stored', ['key']),
  'sweeper.sweep.size': {
    kind: 'histogram',
    unit: '1',
    description: 'Records and types that a unit of work swept',
    labels: [],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
  },
  'sweeper.sweep.duration': seconds('From COMMIT until the sweep was acknowledged or given up', [
    'delivered',
  ]),
  'sweeper.type_sweeps': counter('Types that were swept because rows could not be named', ['type']),
  'sweeper.store.errors': counter('Calls that the store did not answer in time, or refused', [
    'store',
    'operation',
    'reason',
  ]),
  'sweeper.shadow.loads': counter('Hits picked to be loaded anew, by what came of it', [
    'key',
    'outcome',
  ]),
  'sweeper.shadow.age': {
    ...seconds('How old the values were that were loaded anew and compared', ['outcome']),
    buckets: AGES,
  },
} as const satisfies Readonly<Record<string, Metric>>

export type MetricName = keyof typeof METRICS

/** What is asked for, not counted: its value at the moment somebody looks. */
export const GAUGES = {
  'sweeper.circuit.state': '0: the store is asked. 1: one call tries it. 2: it is not asked',
  'sweeper.near.entries': 'Entries in the near tier of this process',
  'sweeper.near.bytes': 'Bytes in the near tier of this process',
} as const

export type GaugeName = keyof typeof GAUGES

function counter(description: string, labels: readonly string[]): Metric {
  return { kind: 'counter', unit: '1', description, labels }
}

function seconds(description: string, labels: readonly string[]): Metric {
  return { kind: 'histogram', unit: 's', description, labels, buckets: SECONDS }
}
