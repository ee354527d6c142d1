import type { Meter, Tracer } from '@opentelemetry/api'
import type { Sweeper } from '../index'
import { measure } from './measuring'
import { GAUGES, METRICS, type GaugeName, type Metric, type MetricName } from './metrics'
import { traceSweeper } from './tracing'

/** What is told to: `metrics.getMeter('my-app')` and `trace.getTracer('my-app')`, or one of them. */
export interface OpenTelemetryOptions {
  readonly meter?: Meter
  readonly tracer?: Tracer
  /** A span for every read too, not only for loads and sweeps. @default false */
  readonly reads?: boolean
}

type Add = (value: number, labels: Readonly<Record<string, string>>) => void

/**
 * Tells OpenTelemetry what a Sweeper does. No round trip.
 *
 * @returns ends it
 * @example
 * const stop = openTelemetry(sweeper, { meter: metrics.getMeter('blog'), tracer: trace.getTracer('blog') })
 */
export function openTelemetry(
  sweeper: Sweeper,
  { meter, tracer, reads = false }: OpenTelemetryOptions,
): () => void {
  const ends = [
    meter === undefined ? undefined : meterOf(sweeper, meter),
    tracer === undefined ? undefined : traceSweeper(sweeper, tracer, reads),
  ]
  return () => {
    for (const end of ends) end?.()
  }
}

function meterOf(sweeper: Sweeper, meter: Meter): () => void {
  const instruments = new Map(
    (Object.keys(METRICS) as MetricName[]).map((name) => [name, instrumentOf(meter, name)]),
  )
  const measuring = measure(sweeper, {
    add: (name, value, labels) => instruments.get(name)?.(value, labels),
  })
  const ends = (Object.keys(GAUGES) as GaugeName[]).map((name) => {
    const gauge = meter.createObservableGauge(name, { description: GAUGES[name] })
    const observe: Parameters<typeof gauge.addCallback>[0] = (result) => {
      const value = measuring.gauge(name)
      if (value !== undefined) result.observe(value)
    }
    gauge.addCallback(observe)
    return () => gauge.removeCallback(observe)
  })
  return () => {
    measuring.stop()
    for (const end of ends) end()
  }
}

function instrumentOf(meter: Meter, name: MetricName): Add {
  const { kind, unit, description, buckets = [] }: Metric = METRICS[name]
  if (kind === 'counter') {
    const counter = meter.createCounter(name, { unit, description })
    return (value, labels) => counter.add(value, labels)
  }
  const advice = { explicitBucketBoundaries: [...buckets] }
  const histogram = meter.createHistogram(name, { unit, description, advice })
  return (value, labels) => histogram.record(value, labels)
}
