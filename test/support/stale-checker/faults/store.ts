import { setTimeout as delay } from 'node:timers/promises'
import { type Fault, hadEffect } from './fault'

export const PAUSE_STORE: Fault = {
  name: 'store paused',
  forgets: false,
  async strike({ servers: { redis }, dice }) {
    await redis.pause()
    await delay(dice.between(200, 800))
    await redis.resume()
  },
}

export const RESTART_STORE: Fault = {
  name: 'store killed, restarted empty',
  forgets: true,
  async strike({ servers: { redis }, dice }) {
    const before = redis.runId
    await redis.kill()
    redis.forgetSnapshot()
    await delay(dice.between(0, 600))
    await redis.restart()
    hadEffect('store restarted', redis.runId !== before)
  },
}

export const ROLL_STORE_BACK: Fault = {
  name: 'store killed, restarted from an old snapshot',
  forgets: true,
  async strike({ servers: { redis, admin }, dice }) {
    await admin.save()
    const saved = await admin.dbsize()
    await delay(dice.between(100, 800))
    await redis.kill()
    await redis.restart()
    redis.forgetSnapshot()
    hadEffect('snapshot loaded', saved === 0 || (await admin.dbsize()) > 0)
  },
}

export const EMPTY_STORE: Fault = {
  name: 'store emptied',
  forgets: true,
  async strike({ servers: { admin } }) {
    const flushes = async (): Promise<number> =>
      Number(/cmdstat_flushall:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0)
    const before = await flushes()
    await admin.flushall()
    hadEffect('flush', (await flushes()) > before)
  },
}

/** Of keys at random: tokens go while what was made under them stays. */
export const FILL_STORE: Fault = {
  name: 'store full, evicting',
  forgets: true,
  async strike({ servers: { admin } }) {
    const evicted = async (): Promise<number> =>
      Number(/evicted_keys:(\d+)/.exec(await admin.info('stats'))?.[1])
    const before = await evicted()
    const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1])
    await admin.config('SET', 'maxmemory', String(used + 100_000))
    for (let index = 0; index < 20; index++)
      // A server that gets little time evicts too slowly, and refuses: it is full all the same.
      await admin.set(`noise:${index}`, 'x'.repeat(20_000), 'PX', 300).catch(refusedAsFull)
    await admin.config('SET', 'maxmemory', '0')
    hadEffect('eviction', (await evicted()) > before)
  },
}

/** It answers reads and takes no marks and no sweeps: whoever could not sweep must not believe it. */
export const REFUSE_WRITES: Fault = {
  name: 'store full, refusing writes',
  forgets: false,
  async strike({ servers: { admin }, dice }) {
    await admin.config('SET', 'maxmemory-policy', 'noeviction')
    await admin.config('SET', 'maxmemory', '1')
    const answer = await admin.set('noise', 'x', 'PX', 1).catch((error: unknown) => String(error))
    await delay(dice.between(100, 800))
    await admin.config('SET', 'maxmemory', '0')
    await admin.config('SET', 'maxmemory-policy', 'allkeys-random')
    hadEffect('refusal', answer?.includes('OOM') === true)
  },
}

function refusedAsFull(error: unknown): void {
  if (!(error instanceof Error && error.message.startsWith('OOM'))) throw error
}
