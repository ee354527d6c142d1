import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert'
import { MIN_TOKEN_LIFE_MS } from '../store/token'
import { until } from './until'
import { describe, it } from './runner'
import type { ContractSubject } from './subject'

const DAY_MS = 86_400_000

export function itBehavesLikeATokenStore(current: () => ContractSubject): void {
  describe('tokens', () => {
    it('are missing until they are minted', async () => {
      const key = current().key()
      const before = await current().token(key)
      const minted = await current().minted(key)

      strictEqual(before, undefined)
      deepStrictEqual(await current().token(key), minted)
    })

    it('are minted once', async () => {
      const [one = '', two = ''] = current().keys(2)
      const first = await current().minted(two)
      const [, second] = await current().store.mint([one, two], DAY_MS)

      deepStrictEqual(second, first)
    })

    it('are minted as one, however many mint at once', async () => {
      const key = current().key()
      const all = await Promise.all(Array.from({ length: 20 }, () => current().minted(key)))

      strictEqual(new Set(all.map(({ seen }) => seen)).size, 1)
    })

    it('are born when they are made, on the clock of the store', async () => {
      const earlier = await current().inMs(0)
      const { bornMs, rowBornMs, marked } = await current().minted(current().key())
      const { errorMs = 0 } = current().store.clock() ?? {}

      const later = await current().inMs(0)

      ok(bornMs >= earlier - errorMs - 1 && bornMs <= later + errorMs + 1, `born at ${bornMs}`)
      strictEqual(rowBornMs, bornMs)
      strictEqual(marked, false)
    })

    it('end with their life into missing, and come back as others', async () => {
      const key = current().key()
      const first = await current().minted(key, 20)
      await until('a token ending', 5_000, async () => (await current().token(key)) === undefined)

      notStrictEqual((await current().minted(key)).whole, first.whole)
    })

    it('live as long as the entries made under them, Infinity included', async () => {
      const [token = '', entry = ''] = current().keys(2)
      const minted = await current().minted(token, 200)
      const ends = await current().inMs(200)
      const lifeMs = Number.POSITIVE_INFINITY
      await current().store.write([
        { key: entry, value: Buffer.from('1'), lifeMs, tokenKeys: [token] },
        { key: entry, value: Buffer.from('2'), lifeMs: DAY_MS, tokenKeys: [token] },
      ])
      await current().passing(ends)

      deepStrictEqual(await current().token(token), minted)
    })

    it('count as missing in no known format', async () => {
      const key = current().key()
      await current().store.write([
        { key, value: Buffer.from('!of|another|format'), lifeMs: DAY_MS, tokenKeys: [] },
      ])
      const read = await current().token(key)
      await current().store.sweep([{ key, row: true }])
      await current().store.unmark([key], 'w')
      const minted = await current().minted(key)

      strictEqual(read, undefined)
      deepStrictEqual(await current().token(key), minted)
    })
  })

  describe('a sweep', () => {
    it('replaces the whole and keeps the row half', async () => {
      const key = current().key()
      const before = await current().minted(key)
      await current().store.sweep([{ key, row: false }])
      const after = await current().token(key)

      notStrictEqual(after?.whole, before.whole)
      strictEqual(after?.row, before.row)
      notStrictEqual(after?.seen, before.seen)
      ok((after?.bornMs ?? 0) > before.bornMs)
      strictEqual(after?.rowBornMs, before.rowBornMs)
    })

    it('replaces both halves when the row was written', async () => {
      const key = current().key()
      const before = await current().minted(key)
      await current().store.sweep([{ key, row: true }])
      const after = await current().token(key)

      notStrictEqual(after?.whole, before.whole)
      notStrictEqual(after?.row, before.row)
    })

    it('answers what was there, and makes no token where none was', async () => {
      const [one = '', none = '', two = ''] = current().keys(3)
      const first = await current().minted(one)
      const second = await current().minted(two)
      const found = await current().store.sweep([
        { key: two, row: true },
        { key: none, row: true },
        { key: one, row: false },
      ])

      deepStrictEqual(found, [second, undefined, first])
      strictEqual(await current().token(none), undefined)
    })

    it('keeps each row half as asked, in a command for many', async () => {
      const keys = current().keys(40)
      const before = await current().store.mint(keys, DAY_MS)
      await current().store.sweep(keys.map((key, index) => ({ key, row: index % 3 === 0 })))
      const { tokens } = await current().store.read(keys, [])

      const moved = tokens.map((state, index) => state?.row !== before[index]?.row)
      deepStrictEqual(
        moved,
        keys.map((_, index) => index % 3 === 0),
      )
    })

    it('makes another token each time, as when a client sends it twice (H5b)', async () => {
      const key = current().key()
      const wholes = new Set([(await current().minted(key)).whole])
      for (let round = 0; round < 100; round++) {
        await current().store.sweep([{ key, row: false }])
        wholes.add((await current().token(key))?.whole ?? '')
      }

      strictEqual(wholes.size, 101)
    })

    it('finds what another one made, however many sweep at once', async () => {
      const key = current().key()
      const first = await current().minted(key)
      const found = await Promise.all(
        Array.from({ length: 50 }, () => current().store.sweep([{ key, row: false }])),
      )
      const wholes = found.map(([state]) => state?.whole)

      strictEqual(new Set([...wholes, (await current().token(key))?.whole]).size, 51)
      ok(wholes.includes(first.whole))
    })

    it('prolongs the life of the token', async () => {
      const key = current().key()
      await current().minted(key, 200)
      const ends = await current().inMs(200)
      await current().store.sweep([{ key, row: false }])
      await current().passing(ends)

      ok(MIN_TOKEN_LIFE_MS > 200)
      notStrictEqual(await current().token(key), undefined)
    })

    it('of nothing answers nothing', async () => {
      const { store } = current()
      await store.unmark([], 'w')

      deepStrictEqual(await store.sweep([]), [])
      deepStrictEqual(await store.mint([], DAY_MS), [])
      deepStrictEqual(await store.mark([], 'w', await current().inMs(DAY_MS)), [])
    })
  })
}
