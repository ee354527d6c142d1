import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../services-process'
import { type Fault, hadEffect } from './fault'

const GLANCE_EVERY_MS = 25

/**
 * H5b step by step: a writer's sweep is carried out and its answer is lost, another writer sweeps the same, and then the first
 * one's client sends its own again. Somebody looks all the time, and keeps what he has seen of each version.
 */
export const RESEND_SWEEP: Fault = {
  name: 'sweep sent again after another one',
  forgets: false,
  async strike({ apps }) {
    const [writer, other, reader] = apps
    if (writer === undefined || other === undefined || reader === undefined)
      throw new Error('three applications are needed')
    const { link } = writer
    await until('a connection', 20_000, () => link.connections > 0)
    const glances = setInterval(() => reader.order('glance'), GLANCE_EVERY_MS)
    try {
      const [before, lost] = [link.cuts, link.lostBytes]
      link.loseAnswers()
      writer.order('touch')
      // Its mark and its sweep are given up one after the other.
      await delay(1_300)
      hadEffect('answers lost', link.lostBytes > lost)
      other.order('touch')
      await delay(150)
      link.cut()
      hadEffect('link cut', link.cuts > before)
      link.pass()
      await delay(600)
    } finally {
      clearInterval(glances)
    }
  },
}
