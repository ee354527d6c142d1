import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { MemoryStore } from '../../src/store/memory-store'
import { signOfSeveralProcesses } from '../../src/store/several-processes'
import { ManualClock } from '../support/manual-clock'
import { itBehavesLikeAStore } from '../../src/store-contract'

const entry = (key: string, size = 1, lifeMs = 60_000, tokenKeys: readonly string[] = []) => ({
  key,
  value: Buffer.alloc(size),
  lifeMs,
  tokenKeys,
})

itBehavesLikeAStore('MemoryStore', () => new MemoryStore())

describe('MemoryStore', () => {
  const has = async (store: MemoryStore, ...keys: string[]): Promise<readonly boolean[]> =>
    (await store.read([], keys)).entries.map((value) => value !== undefined)

  it('lets go of the entry that was used longest ago', async () => {
    const store = new MemoryStore({ maxEntries: 2 })
    await store.write([entry('a'), entry('b')])
    await store.read([], ['a'])
    await store.write([entry('c')])

    expect(await has(store, 'a', 'b', 'c')).to.deep.equal([true, false, true])
  })

  it('stays within its bytes, keys and what entries cost besides included', async () => {
    const store = new MemoryStore({ maxBytes: 100_000 })
    for (let index = 0; index < 1_000; index++) await store.write([entry(`key ${index}`, 1_000)])
    const keys = Array.from({ length: 1_000 }, (_, index) => `key ${index}`)
    const kept = (await has(store, ...keys)).filter(Boolean)

    expect(kept.length).to.be.within(50, 99)
  })

  it('does not give up everything for what is too large', async () => {
    const store = new MemoryStore({ maxBytes: 100_000 })
    await store.write([entry('small'), entry('large', 200_000)])

    expect(await has(store, 'small', 'large')).to.deep.equal([true, false])
  })

  it('gives up entries before tokens', async () => {
    const store = new MemoryStore({ maxBytes: 100_000 })
    const [before] = await store.mint(['token'], 60_000)
    for (let index = 0; index < 1_000; index++) await store.write([entry(`key ${index}`, 1_000)])

    expect((await store.read(['token'], [])).tokens).to.deep.equal([before])
  })

  it('gives up tokens too, before they take more than half: they are missing then', async () => {
    const store = new MemoryStore({ maxBytes: 100_000 })
    const keys = Array.from({ length: 1_000 }, (_, index) => `token ${index}`)
    await store.write([entry('entry', 40_000)])
    const minted = await store.mint(keys, 60_000)
    const { tokens } = await store.read(keys, [])

    expect(tokens[0]).to.equal(undefined)
    expect(tokens.at(-1)).to.deep.equal(minted.at(-1))
    expect(await has(store, 'entry')).to.deep.equal([true])
  })

  it('never makes the same token again, even when its clock stands still or goes back', async () => {
    const clock = new ManualClock()
    const store = new MemoryStore({ clock, maxBytes: 1_400 })
    const wholes = new Set<string | undefined>()
    for (let round = 0; round < 100; round++) {
      if (round % 10 === 9) clock.advance(-1_000)
      await store.sweep([{ key: 'token', row: false }])
      wholes.add((await store.mint(['token'], 60_000))[0]?.whole)
      await store.mint([`other ${round}`, `another ${round}`], 60_000)
    }

    expect(wholes.size).to.equal(100)
  })

  it('has tokens unlike those of another', async () => {
    const clock = new ManualClock()
    const [one] = await new MemoryStore({ clock }).mint(['token'], 60_000)
    const [other] = await new MemoryStore({ clock }).mint(['token'], 60_000)

    expect(one?.whole).not.to.equal(other?.whole)
  })

  it('ends lives on the clock it was given', async () => {
    const clock = new ManualClock()
    const store = new MemoryStore({ clock })
    await store.write([entry('entry', 1, 1_000)])
    await store.mint(['token'], 1_000)
    clock.advance(999)
    const before = await store.read(['token'], ['entry'])
    clock.advance(1)
    const after = await store.read(['token'], ['entry'])

    expect(before.tokens[0]).not.to.equal(undefined)
    expect(before.entries[0]).not.to.equal(undefined)
    expect(after).to.deep.equal({ tokens: [undefined], entries: [undefined] })
  })

  it('needs no allowance for its clock', () => {
    expect(new MemoryStore().clock()).to.deep.equal({ offsetMs: 0, errorMs: 0 })
  })

  for (const option of ['maxEntries', 'maxBytes'] as const) {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      it(`refuses ${option} ${value}`, () => {
        expect(() => new MemoryStore({ [option]: value })).to.throw(
          new RegExp(`^MemoryStore: ${option} is .*; give a whole number from 1$`),
        )
      })
    }
  }
})

describe('a MemoryStore in one of several processes', () => {
  it('says so once, with the remedy', () => {
    const module = join(__dirname, '../../src/store/memory-store.js')
    const script = `const { MemoryStore } = require(process.argv[1]); new MemoryStore(); new MemoryStore()`
    const { stderr } = spawnSync(process.execPath, ['-e', script, module], {
      env: { WEB_CONCURRENCY: '4' },
      encoding: 'utf8',
    })

    expect(stderr.match(/SWEEPER_MEMORY_STORE_SHARED/g)).to.have.length(1)
    expect(stderr).to.include('WEB_CONCURRENCY is 4').and.to.include('new RedisStore(client)')
  })

  const cases: [Record<string, string>, boolean, string | undefined][] = [
    [{}, false, undefined],
    [{}, true, 'it is a worker of node:cluster'],
    [{ WEB_CONCURRENCY: '1' }, false, undefined],
    [{ WEB_CONCURRENCY: 'auto' }, false, undefined],
    [{ WEB_CONCURRENCY: '2' }, false, 'WEB_CONCURRENCY is 2'],
    [{ NODE_APP_INSTANCE: '0' }, false, 'PM2 started it'],
    [{ pm_id: '3' }, false, 'PM2 started it'],
    [{ pm_id: '3', instances: '1' }, false, undefined],
  ]
  for (const [env, isWorker, sign] of cases) {
    it(`sees ${sign ?? 'no sign of it'} in ${JSON.stringify({ ...env, isWorker })}`, () => {
      expect(signOfSeveralProcesses(env, isWorker)).to.equal(sign)
    })
  }
})
