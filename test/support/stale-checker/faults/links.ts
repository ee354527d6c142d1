import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../services-process'
import { type Fault, hadEffect } from './fault'

export const HOLD_LINK: Fault = {
  name: 'link stalled',
  forgets: false,
  async strike({ apps, dice }) {
    const { link } = dice.one(apps)
    await until('a connection', 20_000, () => link.connections > 0)
    link.hold()
    await delay(dice.between(100, 800))
    link.pass()
  },
}

export const CUT_LINK: Fault = {
  name: 'link cut and refused',
  forgets: false,
  async strike({ apps, dice }) {
    const { link } = dice.one(apps)
    await until('a connection', 20_000, () => link.connections > 0)
    const before = link.cuts
    link.cut()
    await delay(dice.between(50, 600))
    hadEffect('link cut', link.cuts > before)
    link.pass()
  },
}

/** Commands are carried out, their answers lost, and the client sends them again. */
export const LOSE_ANSWERS: Fault = {
  name: 'answers dropped, then the link cut',
  forgets: false,
  async strike({ apps, dice }) {
    const { link } = dice.one(apps)
    await until('a connection', 20_000, () => link.connections > 0)
    const before = link.cuts
    link.loseAnswers()
    await delay(dice.between(10, 250))
    link.cut()
    hadEffect('link cut', link.cuts > before)
    await delay(dice.between(10, 120))
    link.pass()
  },
}
