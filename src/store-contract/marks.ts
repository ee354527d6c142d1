import { deepStrictEqual, notStrictEqual, strictEqual } from 'node:assert'
import { MAX_OWNERS, type TokenState } from '../store/token'
import { has } from './has'
import { until } from './until'
import { describe, it } from './runner'
import type { ContractSubject } from './subject'

const LATER_MS = 10_000

/** Long enough for the commands that come before it, on a busy machine. */
const SOON_MS = 200

export function itBehavesLikeAMarkStore(current: () => ContractSubject): void {
  const mark = async (key: string, owner: string, ms = LATER_MS): Promise<number> => {
    await current().store.mark([key], owner, ms)
    return current().inMs(ms)
  }
  const unmark = (key: string, owner: string): Promise<void> => current().store.unmark([key], owner)
  const sweep = (key: string, owner?: string, row = false): Promise<unknown> =>
    current().store.sweep([{ key, row }], owner)
  const token = (key: string): Promise<TokenState | undefined> => current().token(key)

  describe('a mark', () => {
    it('shows, and leaves the token under it', async () => {
      const key = current().key()
      const before = await current().minted(key)
      await mark(key, 'w')
      const after = await token(key)

      has(after, { marked: true, whole: before.whole, row: before.row })
      notStrictEqual(after?.seen, before.seen)
    })

    it('answers what was there, marks included', async () => {
      const [one = '', none = ''] = current().keys(2)
      const before = await current().minted(one)
      const first = await current().store.mark([none, one], 'w1', LATER_MS)
      const second = await current().store.mark([one], 'w2', LATER_MS)

      deepStrictEqual(first, [undefined, before])
      has(second[0], { marked: true, whole: before.whole })
    })

    it('stands where no token is, until it ends into missing (H7)', async () => {
      const key = current().key()
      await mark(key, 'w', SOON_MS)

      has(await token(key), { marked: true, whole: '', row: '' })
      await until('a mark ending', 5_000, async () => (await token(key)) === undefined)
    })

    it('takes the token with it when its owner does not come back (H7)', async () => {
      const key = current().key()
      const before = await current().minted(key)
      await mark(key, 'w', SOON_MS)
      await until('a mark ending', 5_000, async () => (await token(key)) === undefined)

      notStrictEqual((await current().minted(key)).whole, before.whole)
    })

    it('is not minted over', async () => {
      const [one = '', none = ''] = current().keys(2)
      await current().minted(one)
      await mark(one, 'w')
      await mark(none, 'w')
      const before = (await current().store.read([one, none], [])).tokens

      deepStrictEqual(await current().store.mint([one, none], LATER_MS), before)
      deepStrictEqual((await current().store.read([one, none], [])).tokens, before)
    })

    it('is not prolonged by an entry', async () => {
      const [key = '', entry = ''] = current().keys(2)
      await current().minted(key)
      await mark(key, 'w', SOON_MS)
      const lifeMs = Number.POSITIVE_INFINITY
      await current().store.write([
        { key: entry, value: Buffer.alloc(1), lifeMs, tokenKeys: [key] },
      ])

      await until('a mark ending', 5_000, async () => (await token(key)) === undefined)
    })

    it('moves its deadline when it is set again, to a later one only', async () => {
      const key = current().key()
      const before = await current().minted(key)
      const first = await mark(key, 'w', SOON_MS)
      await mark(key, 'w')
      await mark(key, 'w', 1)
      await current().passing(first)
      const marked = await token(key)
      await unmark(key, 'w')

      strictEqual(marked?.marked, true)
      deepStrictEqual(await token(key), before)
    })

    it('has an owner that its text can carry', async () => {
      for (const owner of ['', 'a b', '*', 'a,b', 'a|b', 'a@b']) {
        const outcome = await current()
          .store.mark([current().key()], owner, LATER_MS)
          .catch((error: unknown) => error)
        strictEqual((outcome as { code?: unknown }).code, 'SWEEPER_INVALID_OPTION')
      }
    })
  })

  describe('clearing a mark', () => {
    it('brings back what was under it', async () => {
      const key = current().key()
      const before = await current().minted(key)
      await mark(key, 'w')
      await unmark(key, 'w')

      deepStrictEqual(await token(key), before)
    })

    it('brings back the life that the token had', async () => {
      const key = current().key()
      await current().minted(key, 2 * SOON_MS)
      await mark(key, 'w')
      await unmark(key, 'w')

      notStrictEqual(await token(key), undefined)
      await until('a token ending', 5_000, async () => (await token(key)) === undefined)
    })

    it('leaves nothing where no token was, or where its life has ended', async () => {
      const [none = '', ended = ''] = current().keys(2)
      await current().minted(ended, SOON_MS)
      const ends = await current().inMs(SOON_MS)
      await current().store.mark([none, ended], 'w', await current().inMs(LATER_MS))
      await current().passing(ends)
      await current().store.unmark([none, ended], 'w')

      deepStrictEqual((await current().store.read([none, ended], [])).tokens, [
        undefined,
        undefined,
      ])
    })

    it('changes nothing for who has none', async () => {
      const [plain = '', marked = ''] = current().keys(2)
      await current().minted(plain)
      await mark(marked, 'w')
      const before = await current().store.read([plain, marked], [])
      await current().store.unmark([plain, marked, current().key()], 'other')

      deepStrictEqual(await current().store.read([plain, marked], []), before)
    })

    it('leaves the marks of others (H8)', async () => {
      const key = current().key()
      const before = await current().minted(key)
      await mark(key, 'w1')
      await mark(key, 'w2')
      await unmark(key, 'w1')
      const between = await token(key)
      await unmark(key, 'w2')

      has(between, { marked: true, whole: before.whole })
      deepStrictEqual(await token(key), before)
    })

    it('does not bring back what an owner whose time has passed may have changed (H8b)', async () => {
      const key = current().key()
      const before = await current().minted(key)
      await mark(key, 'w2')
      const deadlineMs = await mark(key, 'w1', 40)
      await current().passing(deadlineMs)
      await unmark(key, 'w2')
      const after = await token(key)

      strictEqual(after?.marked, false)
      notStrictEqual(after?.whole, before.whole)
      notStrictEqual(after?.row, before.row)
    })

    it('does not bring it back after a later mark has met that owner either (H8b)', async () => {
      const key = current().key()
      const before = await current().minted(key)
      await mark(key, 'w2')
      const deadlineMs = await mark(key, 'w1', 40)
      await current().passing(deadlineMs)
      await mark(key, 'w3')
      const between = await token(key)
      await unmark(key, 'w2')
      await unmark(key, 'w3')
      const after = await token(key)

      strictEqual(between?.marked, true)
      notStrictEqual(between?.whole, before.whole)
      notStrictEqual(between?.row, before.row)
      has(after, { marked: false, whole: between?.whole, row: between?.row })
    })
  })

  describe('a sweep over marks', () => {
    it('takes its own away, with the token under it', async () => {
      const key = current().key()
      const before = await current().minted(key)
      await mark(key, 'w')
      await sweep(key, 'w')
      const after = await token(key)

      has(after, { marked: false, row: before.row })
      notStrictEqual(after?.whole, before.whole)
    })

    it('leaves the marks of others, over a new token (H8)', async () => {
      const key = current().key()
      const before = await current().minted(key)
      await mark(key, 'w1')
      await mark(key, 'w2')
      await sweep(key, 'w1', true)
      const between = await token(key)
      await unmark(key, 'w2')
      const after = await token(key)

      strictEqual(between?.marked, true)
      notStrictEqual(between?.whole, before.whole)
      notStrictEqual(between?.row, before.row)
      has(after, { marked: false, whole: between?.whole, row: between?.row })
    })

    it('without an owner leaves them all', async () => {
      const key = current().key()
      const before = await current().minted(key)
      await mark(key, 'w')
      await sweep(key)
      const after = await token(key)

      has(after, { marked: true, row: before.row })
      notStrictEqual(after?.whole, before.whole)
    })

    it('ends both halves when it meets an owner whose time has passed (H8b)', async () => {
      const key = current().key()
      const before = await current().minted(key)
      await mark(key, 'w2')
      const deadlineMs = await mark(key, 'w1', 40)
      await current().passing(deadlineMs)
      await sweep(key, 'w2', false)
      const after = await token(key)

      strictEqual(after?.marked, false)
      notStrictEqual(after?.row, before.row)
    })

    it('makes no token where only its own mark was', async () => {
      const key = current().key()
      await mark(key, 'w')
      await sweep(key, 'w', true)

      strictEqual(await token(key), undefined)
    })

    it('leaves a token under the marks of others, by which they see that it was there (H11)', async () => {
      const key = current().key()
      await mark(key, 'w1')
      await mark(key, 'w2')
      await sweep(key, 'w1', true)
      const between = await token(key)
      await unmark(key, 'w2')

      strictEqual(between?.marked, true)
      notStrictEqual(between?.row, '')
      has(await token(key), { marked: false, row: between?.row })
    })
  })

  describe('more owners than a token names (H8d)', () => {
    const owners = Array.from({ length: MAX_OWNERS + 8 }, (_, index) => `w${index}`)

    it('share a mark that ends by its deadline, and the token with it', async () => {
      const key = current().key()
      const before = await current().minted(key)
      for (const owner of owners) await current().store.mark([key], owner, 2 * SOON_MS)
      const marked = await token(key)
      for (const owner of owners) await unmark(key, owner)
      const left = await token(key)

      strictEqual(marked?.seen.match(/@/g)?.length, MAX_OWNERS + 1)
      has(left, { marked: true, whole: before.whole })
      await until('the shared mark ending', 5_000, async () => (await token(key)) === undefined)
    })

    it('end the token for who clears the last named mark after that', async () => {
      const key = current().key()
      const before = await current().minted(key)
      await mark(key, 'w0')
      for (const owner of owners) await current().store.mark([key], owner, 2 * SOON_MS)
      const deadlineMs = await current().inMs(2 * SOON_MS)
      await current().passing(deadlineMs)
      await unmark(key, 'w0')
      const after = await token(key)

      strictEqual(after?.marked, false)
      notStrictEqual(after?.whole, before.whole)
    })
  })
}
