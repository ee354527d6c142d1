import type { CircuitEvent, ShadowEvent, Sweeper } from '../index'
import type { GaugeName, MetricName } from './metrics'

/** Where measurements go. */
export interface Meters {
  add(name: MetricName, value: number, labels: Readonly<Record<string, string>>): void
}

export interface Measuring {
  /** Undefined: there is no near tier. */
  gauge(name: GaugeName): number | undefined
  stop(): void
}

const STATES: Readonly<Record<CircuitEvent['state'], number>> = {
  closed: 0,
  'half-open': 1,
  open: 2,
}

/** Measures what a Sweeper does until it is stopped. Subjects are in no label: there are too many of them. */
export function measure(sweeper: Sweeper, meters: Meters): Measuring {
  let circuit: CircuitEvent['state'] = 'closed'
  const ends = [
    sweeper.on('hit', ({ key, durationMs }) => {
      meters.add('sweeper.reads', 1, { key, result: 'hit', reason: '' })
      meters.add('sweeper.read.duration', durationMs / 1000, { result: 'hit' })
    }),
    sweeper.on('miss', ({ key, reason, durationMs }) => {
      meters.add('sweeper.reads', 1, { key, result: 'miss', reason })
      meters.add('sweeper.read.duration', durationMs / 1000, { result: 'miss' })
    }),
    sweeper.on('fill', ({ key, loadMs }) =>
      meters.add('sweeper.load.duration', loadMs / 1000, { key }),
    ),
    sweeper.on('unproven', ({ key }) => meters.add('sweeper.unproven', 1, { key })),
    sweeper.on('sweep', ({ records, types, durationMs, delivered }) => {
      meters.add('sweeper.sweep.size', records.length + types.length, {})
      meters.add('sweeper.sweep.duration', durationMs / 1000, { delivered: String(delivered) })
    }),
    sweeper.on('type-sweep', ({ type }) => meters.add('sweeper.type_sweeps', 1, { type })),
    sweeper.on('store-error', ({ store, operation, reason }) =>
      meters.add('sweeper.store.errors', 1, { store, operation, reason }),
    ),
    sweeper.on('shadow', (event) => addShadow(meters, event)),
    sweeper.on('circuit', ({ state }) => {
      circuit = state
    }),
  ]
  return {
    gauge: (name) => {
      if (name === 'sweeper.circuit.state') return STATES[circuit]
      const near = sweeper.nearTier
      return name === 'sweeper.near.entries' ? near?.entries : near?.bytes
    },
    stop: () => {
      for (const end of ends) end()
    },
  }
}

function addShadow(meters: Meters, { key, outcome, ageMs }: ShadowEvent): void {
  meters.add('sweeper.shadow.loads', 1, { key, outcome })
  if (outcome === 'same' || outcome === 'different')
    meters.add('sweeper.shadow.age', ageMs / 1000, { outcome })
}
