import { setImmediate as turn } from 'node:timers/promises'
import type { Bench, Case, Role, Row } from './line'
import { profiled } from './profiling'
import { quartiles, shuffled } from './statistics'

export interface Plan {
  /** Runs of a case in a row; their mean is one sample. */
  readonly block: number
  readonly rounds?: number
}

const ROUNDS = 60
const FAST_ROUNDS = 5
const WARM_UP_MS = 500

interface Timed {
  readonly name: string
  readonly role: Role
  readonly one: Case
  readonly samplesUs: number[]
}

/**
 * Every round runs each case once, in random order, so that what disturbs the machine disturbs all of them;
 * a case is then compared with the reference of its own round. The reference runs twice.
 */
export async function interleave(
  { fast, profile = false }: Bench,
  cases: readonly Case[],
  { block, rounds = ROUNDS }: Plan,
): Promise<readonly Row[]> {
  if (profile) return profiled(cases)
  const timed = withNoiseCheck(cases)
  for (const one of timed) await warmUp(one, block, fast ? 0 : WARM_UP_MS)
  for (let round = 0; round < (fast ? FAST_ROUNDS : rounds); round++)
    for (const one of shuffled(timed)) one.samplesUs.push(await meanUs(one, block))
  const reference = timed[0]?.samplesUs ?? []
  return timed.map(({ name, role, samplesUs }) => ({
    name,
    role,
    ratio: quartiles(samplesUs.map((us, round) => us / (reference[round] ?? Number.NaN))),
    medianUs: quartiles(samplesUs).median,
  }))
}

/** What runs often is compiled when it is measured, whoever wrote it. */
async function warmUp(one: Timed, block: number, ms: number): Promise<void> {
  const endMs = performance.now() + ms
  do await meanUs(one, block)
  while (performance.now() < endMs)
}

function withNoiseCheck(cases: readonly Case[]): readonly Timed[] {
  const [reference, ...others] = cases
  if (reference?.role !== 'reference')
    throw new Error('interleave: the first case is the reference')
  const timed = (one: Case, role: Role, name = one.name): Timed => ({
    name,
    role,
    one,
    samplesUs: [],
  })
  return [
    timed(reference, 'reference'),
    timed(reference, 'again', `${reference.name}, again`),
    ...others.map((one) => timed(one, one.role)),
  ]
}

async function meanUs({ one }: Timed, block: number): Promise<number> {
  // What the case before has left in the queues is not for this one to pay.
  await turn()
  if (one.prepare !== undefined) return meanOfPreparedUs(one, block)
  const startedMs = performance.now()
  for (let at = 0; at < block; at++) await one.run()
  return ((performance.now() - startedMs) * 1000) / block
}

async function meanOfPreparedUs(one: Case, block: number): Promise<number> {
  let ms = 0
  for (let at = 0; at < block; at++) {
    await one.prepare?.()
    const startedMs = performance.now()
    await one.run()
    ms += performance.now() - startedMs
  }
  return (ms * 1000) / block
}
