import type { DataSource } from 'typeorm'
import type { SweepEngine } from './sweep-engine'

/** What every TypeORM event carries: 1.x calls it dataSource, 0.3 connection. */
export interface WithDataSource {
  readonly dataSource?: DataSource
  readonly connection: DataSource
}

const engines = new WeakMap<DataSource, SweepEngine>()
const warned = new WeakSet<DataSource>()

export function attachEngine(dataSource: DataSource, engine: SweepEngine): void {
  engines.set(dataSource, engine)
}

export function detachEngine(dataSource: DataSource, engine: SweepEngine): void {
  if (engines.get(dataSource) === engine) {
    engines.delete(dataSource)
    // Closed on purpose: a subscriber that stays listed has nothing to warn of.
    warned.add(dataSource)
  }
}

export function engineOfDataSource(dataSource: DataSource): SweepEngine | undefined {
  return engines.get(dataSource)
}

/** The engine of an event's DataSource. */
export function engineOf(event: WithDataSource): SweepEngine | undefined {
  return engines.get(event.dataSource ?? event.connection)
}

/** The same for a written row: where there is no engine, one clear warning and nothing else. */
export function engineForRow(event: WithDataSource): SweepEngine | undefined {
  const engine = engineOf(event)
  const dataSource = event.dataSource ?? event.connection
  if (engine === undefined && !warned.has(dataSource)) {
    warned.add(dataSource)
    process.emitWarning(
      'SweepSubscriber: this DataSource has no Sweeper, so nothing is swept; make one with new Sweeper(dataSource)',
      { code: 'SWEEPER_NOT_ATTACHED' },
    )
  }
  return engine
}
