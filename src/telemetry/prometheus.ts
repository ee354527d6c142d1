import type * as promClient from 'prom-client'
import type { Sweeper } from '../index'
import { measure } from './measuring'
import { GAUGES, METRICS, type GaugeName, type Metric, type MetricName } from './metrics'

/** As much of prom-client as is needed: the module itself, `import client from 'prom-client'`. */
export type PromClient = Pick<typeof promClient, 'Counter' | 'Gauge' | 'Histogram' | 'register'>

type Add = (value: number, labels: Readonly<Record<string, string>>) => void

/**
 * Tells prom-client what a Sweeper does. No round trip.
 *
 * @param register prom-client's default one if left out
 * @returns ends it, and takes the metrics out of the registry
 * @example
 * const stop = prometheus(sweeper, client)
 */
export function prometheus(
  sweeper: Sweeper,
  client: PromClient,
  register: promClient.Registry = client.register,
): () => void {
  const names = Object.keys(METRICS) as MetricName[]
  const added = new Map(names.map((name) => [name, instrumentOf(client, register, name)]))
  const measuring = measure(sweeper, {
    add: (name, value, labels) => added.get(name)?.(value, labels),
  })
  const gauges = (Object.keys(GAUGES) as GaugeName[]).map((name) =>
    gaugeOf(client, register, { name, valueOf: () => measuring.gauge(name) }),
  )
  return () => {
    measuring.stop()
    for (const name of names) register.removeSingleMetric(prometheusName(name))
    for (const name of gauges) register.removeSingleMetric(name)
  }
}

/** @returns what it is called there */
function gaugeOf(
  client: PromClient,
  register: promClient.Registry,
  { name, valueOf }: { readonly name: GaugeName; valueOf(): number | undefined },
): string {
  const gauge = new client.Gauge({
    name: name.replaceAll('.', '_'),
    help: GAUGES[name],
    collect() {
      const value = valueOf()
      if (value !== undefined) this.set(value)
    },
    registers: [],
  })
  register.registerMetric(gauge)
  return name.replaceAll('.', '_')
}

function instrumentOf(
  client: PromClient,
  register: promClient.Registry,
  metricName: MetricName,
): Add {
  const { kind, description, labels, buckets = [] }: Metric = METRICS[metricName]
  const common = {
    name: prometheusName(metricName),
    help: description,
    labelNames: [...labels],
    registers: [register],
  }
  if (kind === 'counter') {
    const counter = new client.Counter(common)
    return (value, given) => counter.inc(given, value)
  }
  const histogram = new client.Histogram({ ...common, buckets: [...buckets] })
  return (value, given) => histogram.observe(given, value)
}

/** `sweeper_reads_total`, `sweeper_read_duration_seconds`. */
function prometheusName(name: MetricName): string {
  const { kind, unit } = METRICS[name]
  const ending = kind === 'counter' ? '_total' : unit === 's' ? '_seconds' : ''
  return `${name.replaceAll('.', '_')}${ending}`
}
