import { type Profiler, Session } from 'node:inspector/promises'
import type { Case, Row } from './line'

const WARM_UP_MS = 1000
const PROFILED_MS = 3000
const INTERVAL_US = 100

/** Native functions that hand bytes to the kernel; on loopback they do the receiver's half of the work too. */
const WRITES = ['writeBuffer', 'writeUtf8String', 'writeLatin1String', 'writev']
const OURS = 'typeorm-sweeper'

/** Whose time it is, in the order in which it is told. */
const KINDS = ['servers and sockets', 'clients', 'Node and native code', OURS, 'the bench'] as const

type Kind = (typeof KINDS)[number]

/** Where the time of our first case and of the reference goes, in µs of one run each, by whose code was running. */
export async function profiled(cases: readonly Case[]): Promise<readonly Row[]> {
  const reference = cases.find(({ role }) => role === 'reference')
  const ours = cases.find(({ role }) => role === 'ours')
  if (reference === undefined || ours === undefined)
    throw new Error('profiled: needs a reference and a case of ours')
  const [beside, own] = [await groupsOf(reference), await groupsOf(ours)]
  const row = (name: string, of: (group: Group) => boolean): Row => ({
    name,
    role: name === OURS ? 'ours' : 'peer',
    counted: `${figure(total(own, of))} beside ${figure(total(beside, of))}${name === OURS ? partsOf(own) : ''}`,
  })
  return [row('all', () => true), ...KINDS.map((kind) => row(kind, (group) => group.kind === kind))]
}

interface Group {
  readonly kind: Kind
  /** A folder of ours, else a package. */
  readonly name: string
}

type Micros = ReadonlyMap<Group, number>

function total(micros: Micros, of: (group: Group) => boolean): number {
  return [...micros].reduce((sum, [group, us]) => (of(group) ? sum + us : sum), 0)
}

/** Of which, for who looks for something to save. */
function partsOf(micros: Micros): string {
  const folders = new Map<string, number>()
  for (const [{ kind, name }, us] of micros)
    if (kind === OURS) folders.set(name, (folders.get(name) ?? 0) + us)
  const listed = [...folders].toSorted(([, a], [, b]) => b - a).slice(0, 4)
  return ` (${listed.map(([name, us]) => `${name} ${figure(us)}`).join(', ')})`
}

function figure(us: number): string {
  return us < 1 ? us.toFixed(2) : us < 10 ? us.toFixed(1) : us.toFixed(0)
}

async function groupsOf(one: Case): Promise<Micros> {
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

function grouped(profile: Profiler.Profile, runs: number): Micros {
  const groups = new Map(profile.nodes.map(({ id, callFrame }) => [id, groupOf(callFrame)]))
  const micros = new Map<Group, number>()
  for (const [at, id] of (profile.samples ?? []).entries()) {
    const group = groups.get(id)
    if (group === undefined) throw new Error('grouped: a sample of a function that is not listed')
    const us = profile.timeDeltas?.[at] ?? 0
    micros.set(group, (micros.get(group) ?? 0) + us / runs)
  }
  return micros
}

function groupOf({ functionName, url }: Profiler.Profile['nodes'][number]['callFrame']): Group {
  if (url === '')
    return functionName === '(idle)' || WRITES.includes(functionName)
      ? { kind: 'servers and sockets', name: functionName }
      : { kind: 'Node and native code', name: functionName }
  if (url.startsWith('node:')) return { kind: 'Node and native code', name: url }
  const folder = /\/\.build\/src\/([a-z-]+)/.exec(url)?.[1]
  if (folder !== undefined) return { kind: OURS, name: folder }
  const client = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  return client === undefined ? { kind: 'the bench', name: url } : { kind: 'clients', name: client }
}
