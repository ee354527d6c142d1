import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from './fault'

export const KILL_APP: Fault = {
  name: 'application killed',
  forgets: false,
  async strike({ apps, dice }) {
    const app = dice.one(apps)
    await app.kill()
    await app.start()
  },
}

export const PAUSE_APP: Fault = {
  name: 'application paused',
  forgets: false,
  async strike({ apps, dice }) {
    const app = dice.one(apps)
    await app.pause()
    await delay(dice.between(200, 1_200))
    await app.resume()
  },
}
