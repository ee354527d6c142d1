import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { encodeEntry } from '../../src/core/entry'
import { decodeEntryHead } from '../../src/core/entry-head'
import { encodeValue } from '../../src/core/value-codec'
import type { NearContent } from '../../src/near/near-entry'
import { NearTier, type TokenSeen } from '../../src/near/near-tier'
import { parseToken } from '../../src/store/token'
import { html } from '../blog'
import { powersOfTen, type Series } from './series'

const VALUE_BYTES = 200
const EVICTIONS = 10_000
const UP_TO = { fast: 10_000, usual: 100_000, largest: 1_000_000 }
const EPOCH = '0123456789abcdef'

/** What entries of the near tier take, and what it costs to make room for one more. */
export const near: Series = {
  name: 'near',
  measure: async ({ size }) => {
    const bytes: [number, number][] = []
    const said: [number, number][] = []
    const evicted: [number, number][] = []
    for (const count of powersOfTen(UP_TO[size]).filter((one) => one >= 10_000)) {
      const before = usedBytes()
      const tier = new NearTier({ maxEntries: count, maxBytes: 4e9 })
      tier.listening()
      for (let id = 0; id < count; id++) keep(tier, readingOf(id))
      bytes.push([count, (usedBytes() - before) / count])
      said.push([count, tier.bytes / count])
      const further = Array.from({ length: EVICTIONS }, (_, at) => readingOf(count + at))
      const started = process.cpuUsage()
      for (const one of further) keep(tier, one)
      const { user, system } = process.cpuUsage(started)
      evicted.push([count, ((user + system) * 1000) / EVICTIONS])
    }
    return {
      title: `Entries of the near tier, values of ${VALUE_BYTES} bytes`,
      x: 'entries',
      y: 'bytes; nanoseconds',
      curves: [
        { name: 'bytes of the heap an entry takes', points: bytes },
        { name: 'bytes it counts for', points: said },
        { name: 'nanoseconds of CPU time to keep one in the place of another', points: evicted },
      ],
    }
  },
}

type Reading = readonly [key: string, seen: readonly TokenSeen[], content: NearContent]

/** What a read of the store finds: made under a record's own token, and its type's that all share. */
function readingOf(id: number): Reading {
  const seen = [
    { key: `near:t:{comment:${id}}`, bornMs: 1_700_000_000_000 + id },
    { key: 'near:y:{comment}', bornMs: 1_700_000_000_000 },
  ].map(({ key, bornMs }) => {
    const state = parseToken(`${bornMs}000-abcdefgh.${bornMs}000-abcdefgh`, EPOCH)
    if (state === undefined) throw new Error('near: that is no token')
    return { token: { key, half: 'whole' as const }, state }
  })
  const stamps = seen.map(({ state }) => state.whole)
  const { kind, bytes } = encodeValue(`${id}${html(VALUE_BYTES)}`, { key: 'near' })
  const entry = encodeEntry({ kind, bytes, stamps, freshUntilMs: Infinity, dependencies: [] })
  const head = decodeEntryHead(entry)
  if (head === undefined) throw new Error('near: that is no entry')
  return [`near:e:{comment:${id}}@card`, seen, { head, value: head.value, asOfMs: 0 }]
}

function keep(tier: NearTier, [key, seen, content]: Reading): void {
  tier.keep(key, seen, content, tier.now())
}

function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
