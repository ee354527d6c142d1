import { expect } from 'chai'
import { MemoryStore } from '../../src/index'
import { type Reading, TokenReader } from '../../src/version/token-reader'
import { RecordingStore } from '../support/recording-store'
import { ThrowingStore } from '../support/stores'

const MINUTE_MS = 60_000
/** Keys that one command carries at most. */
const MOST = 500

const entry = (key: string) => ({
  key,
  value: Buffer.from(`of ${key}`),
  lifeMs: MINUTE_MS,
  tokenKeys: [],
})
const keys = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `t${index}`)

describe('reads of tokens', () => {
  let store: RecordingStore
  let reader: TokenReader

  beforeEach(async () => {
    store = new RecordingStore(new MemoryStore())
    reader = new TokenReader(store)
  })

  it('of one tick are one command, in which each key is once', async () => {
    await Promise.all([
      reader.read(['a', 'type'], 'e1'),
      reader.read(['b', 'type'], 'e2'),
      reader.read(['a'], 'e1'),
      reader.read(['c']),
    ])

    expect(store.reads).to.deep.equal([{ tokens: ['a', 'type', 'b', 'c'], entries: ['e1', 'e2'] }])
  })

  it('answer each who asked with what belongs to it, in its order', async () => {
    const [a, b] = await store.mint(['a', 'b'], MINUTE_MS)
    await store.write([entry('e1'), entry('e2')])

    const [one, other, tokensAlone] = await Promise.all([
      reader.read(['a', 'missing', 'b'], 'e1'),
      reader.read(['b', 'a'], 'e2'),
      reader.read(['b']),
    ])

    expect(one.tokens).to.deep.equal([a, undefined, b])
    expect(one.entry?.toString()).to.equal('of e1')
    expect(other.tokens).to.deep.equal([b, a])
    expect(other.entry?.toString()).to.equal('of e2')
    expect(tokensAlone.tokens).to.deep.equal([b])
    expect(tokensAlone.entry).to.equal(undefined)
  })

  it('tell which of them came with one reply', async () => {
    const [one, other] = await Promise.all([reader.read(['a']), reader.read(['b'])])
    const later = await reader.read(['a'])

    expect(other.reply).to.equal(one.reply)
    expect(later.reply).to.be.greaterThan(one.reply)
  })

  it('of more keys than one command carries are several', async () => {
    await Promise.all(keys(MOST + 1).map((key) => reader.read([key])))

    expect(store.reads.map(({ tokens }) => tokens.length)).to.deep.equal([MOST, 1])
  })

  it('count entries among the keys of a command', async () => {
    await Promise.all(keys(MOST / 2 + 1).map((key) => reader.read([key], `entry of ${key}`)))

    expect(store.reads.map(({ entries }) => entries.length)).to.deep.equal([MOST / 2, 1])
  })

  it('of a later tick are another command', async () => {
    await reader.read(['a'])
    await reader.read(['a'])

    expect(store.reads).to.have.length(2)
  })

  it('all fail as the store does, and the next ones ask it again', async () => {
    const failing = new ThrowingStore(new MemoryStore())
    const failingReader = new TokenReader(failing)

    const failed = await Promise.allSettled([failingReader.read(['a']), failingReader.read(['b'])])
    failing.failing = new Set()

    expect(failed.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected'])
    expect((await failingReader.read(['a'])).tokens).to.deep.equal([undefined])
  })

  it('leave to one who asked what goes wrong with its answer', async () => {
    const failures: unknown[] = []
    const broken = new Error('broken')
    reader.ask({
      tokens: [{ key: 'a' }],
      entryKey: undefined,
      answered: () => {
        throw broken
      },
      failed: (error) => failures.push(error),
    })

    const reading: Reading = await reader.read(['b'])

    expect(reading.tokens).to.deep.equal([undefined])
    expect(failures).to.deep.equal([broken])
  })
})
