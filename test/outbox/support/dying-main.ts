import 'reflect-metadata'
import { Redis } from 'ioredis'
import type { DataSourceOptions } from 'typeorm'
import { RedisStore } from '../../../src/redis'
import { GatedStore } from '../../support/gated-store'
import { Article } from '../../support/zoo'
import { OutboxApp } from './outbox-app'

/** What a process that is to die is told. */
export interface DyingSettings {
  readonly database: DataSourceOptions
  readonly redisUrl: string
  readonly namespace: string
  /** Writes this article's title; without it the process delivers what others have left. */
  readonly writes: number | undefined
}

/** Gets as far as its first sweep, which it never sends, and says so. */
async function main(): Promise<void> {
  // Set by the test that has started this process.
  const settings = JSON.parse(process.env['DYING_PROCESS'] ?? '') as DyingSettings
  const store = new GatedStore(new RedisStore(new Redis(settings.redisUrl)))
  const sweep = store.hold('sweep')
  const { dataSource } = await OutboxApp.start(settings.database, {
    store,
    namespace: settings.namespace,
    timeout: '1m',
    outbox: { pollEvery: settings.writes === undefined ? '20ms' : '1h' },
  })
  if (settings.writes !== undefined)
    void dataSource.manager.save(Article, { id: settings.writes, title: 'new' })
  await sweep.reached
  process.send?.('about to sweep')
}

process.on('disconnect', () => process.exit())
main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
