import { setTimeout as delay } from 'node:timers/promises'
import { record } from '../../src'
import { Article, numbers } from '../blog'
import type { Bench, Line, Part, Row } from '../line'
import { bentocache } from '../peers/bentocache'

/** Somebody who reads, and ends what was read: two of them, as in two processes, on one Redis. */
interface Cache {
  read(key: string, factory: () => string | Promise<string>): Promise<string>
  end(key: string): Promise<unknown>
}

type Pair = { readonly writer: Cache; readonly reader: Cache }

const ROLES = [
  ['typeorm-sweeper', 'ours', sweepers],
  ['bentocache, memory + Redis + bus, tags', 'peer', bentocaches],
] as const

export const correct: Line = {
  number: 8,
  title: 'What is never to be seen',
  measure: async (bench) => [
    await part(bench, 'stale reads after the writer was told', staleReads, [200, 100_000]),
    await part(bench, 'stale fills: still there after the sweep', staleFills, [100, 10_000]),
    await part(bench, 'loads for 500 callers, one instance / two instances', loads, [1, 1]),
  ],
}

async function part(
  bench: Bench,
  title: string,
  count: (pair: Pair, trials: number) => Promise<{ text: string; isMet?: boolean }>,
  [few, many]: readonly [number, number],
): Promise<Part> {
  const rows: Row[] = []
  for (const [name, role, open] of ROLES) {
    // The peers' share is large enough to be seen in fewer trials.
    const trials = bench.fast ? few : role === 'ours' ? many : Math.ceil(many / 100)
    const { text, ...met } = await count(await open(bench), trials)
    rows.push({ name, role, counted: text, ...(role === 'ours' ? met : {}) })
  }
  return { title, rows }
}

/** A read that starts when the writer was told that what was there has ended. */
async function staleReads({ writer, reader }: Pair, trials: number) {
  let state = 0
  let stale = 0
  for (; state < trials; state++) {
    if (state > 0) await writer.end('stale')
    if ((await reader.read('stale', () => String(state))) !== String(state)) stale++
  }
  return { text: `${stale} of ${trials}`, isMet: stale === 0 }
}

/** The loader has read the old row when the sweep lands, and stores it after. */
async function staleFills({ writer, reader }: Pair, trials: number) {
  let stale = 0
  for (let trial = 0; trial < trials; trial++) {
    const key = `fill${trial % 50}`
    await writer.end(key)
    let state = 'old'
    await reader.read(key, async () => {
      const read = `${trial} ${state}`
      state = 'new'
      await writer.end(key)
      return read
    })
    const factory = (): string => `${trial} ${state}`
    if ((await reader.read(key, factory)) !== factory()) stale++
  }
  return { text: `${stale} of ${trials}`, isMet: stale === 0 }
}

/** Of a load that takes 50 ms. */
async function loads({ writer, reader }: Pair) {
  let count = 0
  const load = async (): Promise<string> => {
    count++
    await delay(50)
    return 'value'
  }
  await Promise.all(numbers(500).map(() => reader.read('one', load)))
  const ofOne = count
  count = 0
  const callers = numbers(250).flatMap(() => [reader, writer])
  await Promise.all(callers.map((cache) => cache.read('two', load)))
  return { text: `${ofOne} / ${count}`, isMet: ofOne === 1 && count === 1 }
}

async function sweepers({ servers }: Bench): Promise<Pair> {
  const namespace = `bench8:${performance.now()}`
  const open = async (): Promise<Cache> => {
    // A loaded machine must not be taken for a store that is down.
    const sweeper = await servers.sweeper({ namespace, timeout: '5s' })
    const ref = (key: string) => record(Article, key.length + (Number.parseInt(key.slice(4)) || 0))
    return {
      read: (key, factory) =>
        sweeper.getOrSet({ on: ref(key), key, factory, lease: key === 'two' }),
      end: (key) => sweeper.sweep(ref(key), { cascade: false }),
    }
  }
  return { writer: await open(), reader: await open() }
}

async function bentocaches(bench: Bench): Promise<Pair> {
  const open = async (): Promise<Cache> => {
    const cache = bentocache(bench).tiered
    return {
      read: (key, factory) => cache.getOrSet({ key, tags: [`tag:${key}`], factory }),
      end: (key) => cache.deleteByTag({ tags: [`tag:${key}`] }),
    }
  }
  return { writer: await open(), reader: await open() }
}
