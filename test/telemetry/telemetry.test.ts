import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import client from 'prom-client'
import { MemoryStore, record } from '../../src/index'
import { openTelemetry, prometheus } from '../../src/telemetry'
import { ThrowingStore } from '../../src/testing'
import { ROOT } from '../support/packed-project'
import { sqljs } from '../support/services'
import { until } from '../support/until'
import { Article } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

describe('telemetry', () => {
  let zoo: ZooSweeper
  let store: ThrowingStore

  beforeEach(async () => {
    store = new ThrowingStore(new MemoryStore())
    store.failing = new Set()
    zoo = await zooSweeper(sqljs(), { store, namespace: 'telemetry' })
  })

  afterEach(() => zoo.dataSource.destroy())

  /** A miss, a fill, a hit, a sweep, and a store that fails. */
  async function work(): Promise<void> {
    const { sweeper, dataSource } = zoo
    const on = record(Article, 1)
    await sweeper.getOrSet({ on, key: 'page', factory: () => 'x' })
    await until(async () => (await sweeper.get({ on, key: 'page' })) !== undefined)
    await dataSource.manager.save(dataSource.manager.create(Article, { title: 'Tokens' }))
    store.failing = new Set(['read'])
    await sweeper.getOrSet({ on, key: 'page', factory: () => 'y' })
  }

  it('tells prom-client of reads, loads, sweeps, store errors and the circuit', async () => {
    const registry = new client.Registry()
    const stop = prometheus(zoo.sweeper, client, registry)

    await work()
    const text = await registry.metrics()
    stop()

    expect(text).to.match(/sweeper_reads_total\{key="page",result="hit",reason=""\} [1-9]/)
    expect(text).to.match(/sweeper_reads_total\{key="page",result="miss",reason="absent"\} [1-9]/)
    expect(text).to.contain('sweeper_reads_total{key="page",result="miss",reason="store"} 1')
    expect(text).to.contain('sweeper_load_duration_seconds_count{key="page"} 1')
    expect(text).to.contain('sweeper_sweep_size_count 1')
    expect(text).to.contain('sweeper_sweep_duration_seconds_count{delivered="true"} 1')
    expect(text).to.contain(
      'sweeper_store_errors_total{store="memory",operation="read",reason="ECONNREFUSED"} 1',
    )
    expect(text).to.contain('sweeper_circuit_state 0')
    expect(await registry.metrics()).to.equal('\n')
  })

  it('tells OpenTelemetry the same, with spans of loads and sweeps', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
    const reader = new PeriodicExportingMetricReader({ exporter })
    const meters = new MeterProvider({ readers: [reader] })
    const spans = new InMemorySpanExporter()
    const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
    const stop = openTelemetry(zoo.sweeper, {
      meter: meters.getMeter('test'),
      tracer: tracers.getTracer('test'),
      reads: true,
    })

    await work()
    await meters.forceFlush()
    stop()

    const metrics = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) =>
        scopeMetrics.flatMap((scope) => scope.metrics.map(({ descriptor }) => descriptor.name)),
      )
    expect(metrics).to.include.members([
      'sweeper.reads',
      'sweeper.load.duration',
      'sweeper.sweep.size',
      'sweeper.sweep.duration',
      'sweeper.store.errors',
      'sweeper.circuit.state',
    ])
    const names = spans.getFinishedSpans().map(({ name }) => name)
    expect(new Set(names)).to.deep.equal(new Set(['sweeper.read', 'sweeper.load', 'sweeper.sweep']))
    const sweep = spans.getFinishedSpans().find(({ name }) => name === 'sweeper.sweep')
    expect(sweep?.attributes).to.include({ 'sweeper.records.count': 1, 'sweeper.delivered': true })
    await meters.shutdown()
  })

  it('counts what was loaded anew, and by age what was compared', async () => {
    await zoo.dataSource.destroy()
    const shadow = { rate: 1, delay: '1ms' } as const
    zoo = await zooSweeper(sqljs(), { store: new MemoryStore(), namespace: 'shadowed', shadow })
    const { sweeper } = zoo
    const registry = new client.Registry()
    const stop = prometheus(sweeper, client, registry)
    const on = record(Article, 1)
    await sweeper.getOrSet({ on, key: 'page', factory: () => 'x' })
    await until(async () => (await sweeper.get({ on, key: 'page' })) !== undefined)
    let compared = 0
    sweeper.on('shadow', () => compared++)

    for (const factory of [(): string => 'x', (): string => 'y', (): never => expect.fail('z')])
      await sweeper.getOrSet({ on, key: 'page', factory })
    await until(async () => compared === 3)
    const text = await registry.metrics()
    stop()

    for (const outcome of ['same', 'different', 'failed'])
      expect(text).to.contain(`sweeper_shadow_loads_total{key="page",outcome="${outcome}"} 1`)
    for (const outcome of ['same', 'different'])
      expect(text).to.contain(`sweeper_shadow_age_seconds_bucket{le="1",outcome="${outcome}"} 1`)
    expect(text).not.to.contain('sweeper_shadow_age_seconds_count{outcome="failed"}')
  })

  it('asks for nothing in the dashboard that is not measured', async () => {
    const registry = new client.Registry()
    const stop = prometheus(zoo.sweeper, client, registry)
    const known = registry.getMetricsAsArray().map(({ name }) => name)
    stop()
    const dashboard = await readFile(join(ROOT, 'docs/grafana-dashboard.json'), 'utf8')
    const asked = [...dashboard.matchAll(/sweeper_[a-z_]+/g)].map(([name]) =>
      name.replace(/_(bucket|count|sum)$/, ''),
    )

    expect(asked).to.not.have.length(0)
    expect(known).to.include.members([...new Set(asked)])
  })
})
