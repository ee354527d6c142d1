import { type Profiler, Session } from 'node:inspector/promises'
import type { Case, Row } from './line'

const WARM_UP_MS = 1000
const PROFILED_MS = 3000
const INTERVAL_US = 100

/** Native functions that hand bytes to the kernel; on loopback they do the receiver's half of the work too. */
const WRITES = ['writeBuffer', 'writeUtf8String', 'writeLatin1String', 'writev']
const NATIVE: Readonly<Record<string, string>> = {
  '(idle)': 'waiting for servers',
  '(garbage collector)': 'garbage collection',
}

/** Where the time of the reference and of our first case goes, in µs of one run each, by whose code was running. */
export async function profiled(cases: readonly Case[]): Promise<readonly Row[]> {
  const reference = cases.find(({ role }) => role === 'reference')
  const ours = cases.find(({ role }) => role === 'ours')
  if (reference === undefined || ours === undefined)
    throw new Error('profiled: needs a reference and a case of ours')
  const [beside, own] = [await groupsOf(reference), await groupsOf(ours)]
  const names = [...new Set([...own.keys(), ...beside.keys()])]
  return names
    .map((name) => ({ name, us: own.get(name) ?? 0, besideUs: beside.get(name) ?? 0 }))
    .filter(({ us, besideUs }) => Math.max(us, besideUs) >= 0.05)
    .toSorted((a, b) => b.us - a.us)
    .map(({ name, us, besideUs }) => ({
      name,
      role: name.startsWith('typeorm-sweeper') ? 'ours' : 'peer',
      counted: `${us.toFixed(1)} µs; ${besideUs.toFixed(1)} µs of the reference`,
    }))
}

async function groupsOf(one: Case): Promise<ReadonlyMap<string, number>> {
  await repeat(one, WARM_UP_MS)
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US })
    await session.post('Profiler.start')
    const runs = await repeat(one, PROFILED_MS)
    const { profile } = await session.post('Profiler.stop')
    return grouped(profile, runs)
  } finally {
    session.disconnect()
  }
}

async function repeat(one: Case, ms: number): Promise<number> {
  const endMs = performance.now() + ms
  let runs = 0
  while (performance.now() < endMs) {
    await one.prepare?.()
    await one.run()
    runs++
  }
  return runs
}

function grouped(profile: Profiler.Profile, runs: number): ReadonlyMap<string, number> {
  const groups = new Map(profile.nodes.map(({ id, callFrame }) => [id, groupOf(callFrame)]))
  const micros = new Map<string, number>()
  for (const [at, id] of (profile.samples ?? []).entries()) {
    const group = groups.get(id) ?? 'other native code'
    const us = profile.timeDeltas?.[at] ?? 0
    micros.set(group, (micros.get(group) ?? 0) + us / runs)
  }
  return micros
}

function groupOf({ functionName, url }: Profiler.Profile['nodes'][number]['callFrame']): string {
  if (url === '')
    return WRITES.includes(functionName)
      ? 'writing to sockets'
      : (NATIVE[functionName] ?? 'other native code')
  if (url.startsWith('node:')) return 'Node'
  const folder = /\/\.build\/src\/([a-z-]+)/.exec(url)?.[1]
  if (folder !== undefined) return `typeorm-sweeper: ${folder}`
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  return inPackage ?? 'the bench itself'
}
