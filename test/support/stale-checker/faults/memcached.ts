import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from './fault'

/** What it held is gone with it. */
export const RESTART_MEMCACHED: Fault = {
  name: 'Memcached killed, restarted empty',
  forgets: true,
  async strike({ servers: { memcached }, dice }) {
    await memcached.kill()
    await delay(dice.between(0, 600))
    await memcached.restart()
  },
}

export const PAUSE_MEMCACHED: Fault = {
  name: 'Memcached paused',
  forgets: false,
  async strike({ servers: { memcached }, dice }) {
    memcached.pause()
    await delay(dice.between(200, 800))
    memcached.resume()
  },
}
