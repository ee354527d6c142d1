import { setTimeout as delay } from 'node:timers/promises'
import { type Fault, hadEffect } from './fault'

/** What it had acknowledged alone is lost. */
export const KILL_PRIMARY: Fault = {
  name: 'primary killed, its replica promoted',
  forgets: true,
  async strike({ servers: { cluster }, dice }) {
    const before = await cluster.primaries()
    const dead = dice.one(before)
    await dead.kill()
    await cluster.promoted(dead)
    await dead.restart()
    await cluster.failsSoon()
    hadEffect('promotion', !(await cluster.primaries()).includes(dead))
  },
}

export const PROMOTE_REPLICA: Fault = {
  name: 'primary and replica exchanged',
  forgets: false,
  async strike({ servers: { cluster }, dice }) {
    const before = await cluster.primaries()
    const replica = dice.one(cluster.servers.filter((server) => !before.includes(server)))
    await cluster.promote(replica)
    hadEffect('promotion', (await cluster.primaries()).includes(replica))
  },
}

export const MOVE_SLOT: Fault = {
  name: 'slot moved, its keys one half after the other',
  forgets: false,
  async strike({ servers: { cluster }, dice }) {
    const slot = await cluster.slotWithKeys(dice.between(0, 1))
    if (slot === undefined) return
    const from = await cluster.primaryOfSlot(slot)
    const to = dice.one((await cluster.primaries()).filter((server) => server !== from))
    await cluster.moveSlot(slot, to, () => delay(dice.between(50, 400)))
    hadEffect('move', (await cluster.primaryOfSlot(slot)) === to)
  },
}

/** For less than the time after which the others take it for dead. */
export const PAUSE_PRIMARY: Fault = {
  name: 'primary paused',
  forgets: false,
  async strike({ servers: { cluster }, dice }) {
    const primary = dice.one(await cluster.primaries())
    await primary.pause()
    await delay(dice.between(100, 500))
    await primary.resume()
  },
}

export const EMPTY_PRIMARY: Fault = {
  name: 'primary emptied',
  forgets: true,
  async strike({ servers: { cluster }, dice }) {
    await cluster.ask(dice.one(await cluster.primaries()), 'flushall')
  },
}
