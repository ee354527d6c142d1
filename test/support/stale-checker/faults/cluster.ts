import { setTimeout as delay } from 'node:timers/promises'
import type { CuttingProxy } from '../../cutting-proxy'
import { until } from '../../services-process'
import { type Fault, hadEffect, type Site } from './fault'

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
    // Sees its effect; on a busy machine servers may have thought better of it a moment later.
    await cluster.promote(replica)
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

/**
 * No other server reaches it, and clients do: it goes on until it notices, its replica takes over without what it
 * acknowledged meanwhile, and when it is back it follows its own replica.
 */
export const CUT_PRIMARY_OFF: Fault = {
  name: 'primary cut off from the other servers',
  forgets: true,
  async strike({ servers: { cluster }, dice }) {
    const primary = dice.one(await cluster.primaries())
    const replica = await cluster.replicaOfPrimary(primary)
    await cluster.stopReplicating(replica)
    await cluster.cutOff(primary)
    await cluster.promoted(primary)
    await delay(dice.between(0, 500))
    cluster.joinAll()
    await cluster.replicate(replica)
    await cluster.failsSoon()
    hadEffect('promotion', !(await cluster.primaries()).includes(primary))
  },
}

/** For less than the time after which they take it for dead. */
export const INTERRUPT_BUS: Fault = {
  name: 'primary cut off from the other servers for a moment',
  forgets: false,
  async strike({ servers: { cluster }, dice }) {
    await cluster.cutOff(dice.one(await cluster.primaries()))
    await delay(dice.between(0, 300))
    cluster.joinAll()
    await cluster.failsSoon()
  },
}

/** Up to three of those that one application is connected to: what is sent to them hangs, or is refused. */
async function someLinks({ apps, dice }: Site): Promise<readonly CuttingProxy[]> {
  const { links } = dice.one(apps)
  const connected = (): readonly CuttingProxy[] => links.filter((link) => link.connections > 0)
  await until('a connection', 20_000, () => connected().length > 0)
  const there = connected()
  return dice.some(dice.upTo(3), there.length).flatMap((at) => there[at - 1] ?? [])
}

export const HOLD_PART: Fault = {
  name: 'some servers out of reach of one application, hanging',
  forgets: false,
  async strike(site) {
    const held = await someLinks(site)
    for (const link of held) link.hold()
    await delay(site.dice.between(100, 1_500))
    for (const link of held) link.pass()
  },
}

export const CUT_PART: Fault = {
  name: 'some servers out of reach of one application, refusing',
  forgets: false,
  async strike(site) {
    const cut = await someLinks(site)
    const before = cut.map(({ cuts }) => cuts)
    for (const link of cut) link.cut()
    await delay(site.dice.between(100, 1_500))
    hadEffect(
      'links cut',
      cut.every(({ cuts }, index) => cuts > (before[index] ?? 0)),
    )
    for (const link of cut) link.pass()
  },
}
