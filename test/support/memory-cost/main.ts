import { type EntryWrite, MemoryStore } from '../../../src/index'

// How many bytes a MemoryStore takes per token and per entry: npm run check:memory

const DAY_MS = 86_400_000
const TOKENS = 100_000
const ENTRIES = 20_000

const entry = (tokenKey: string, size: number): EntryWrite => ({
  key: `${tokenKey.replace(':t:', ':e:')}@card${size}`,
  value: Buffer.alloc(size),
  lifeMs: DAY_MS,
  tokenKeys: [],
})

async function main(): Promise<void> {
  const collect = globalThis.gc
  if (collect === undefined) throw new Error('check:memory: start node with --expose-gc')
  const used = (): number => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const store = new MemoryStore({ maxEntries: 10 * ENTRIES, maxBytes: 4e9 })
  const costOf = async (what: string, count: number, work: () => Promise<unknown>) => {
    const before = used()
    await work()
    console.log(`${what}: ${Math.round((used() - before) / count)} bytes`)
  }
  const keys = Array.from({ length: TOKENS }, (_, id) => `blog:t:{public.comment:${id}}`)
  await costOf('a token', TOKENS, () => store.mint(keys, DAY_MS))
  for (const size of [100, 1_000, 10_000])
    await costOf(`an entry of ${size} bytes`, ENTRIES, async () => {
      // One by one: what a store was given must be garbage by the time it is measured.
      for (const key of keys.slice(0, ENTRIES)) await store.write([entry(key, size)])
    })
  await store.read(keys.slice(0, 1), [])
}

void main()
