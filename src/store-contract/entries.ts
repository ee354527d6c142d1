import { deepStrictEqual, strictEqual } from 'node:assert'
import { randomBytes } from 'node:crypto'
import type { EntryWrite } from '../store/store'
import { has } from './has'
import { until } from './until'
import { describe, it } from './runner'
import type { ContractSubject } from './subject'

const MINUTE_MS = 60_000

export function itBehavesLikeAnEntryStore(current: () => ContractSubject): void {
  describe('entries', () => {
    const entry = (key: string, value: Buffer | string, lifeMs = MINUTE_MS): EntryWrite => ({
      key,
      value: Buffer.from(value),
      lifeMs,
      tokenKeys: [],
    })

    it('are read as they were written', async () => {
      const { store, ...subject } = withKey(current())
      await store.write([entry(subject.key, 'value')])

      deepStrictEqual((await store.read([], [subject.key])).entries, [Buffer.from('value')])
    })

    it('are undefined where there is none', async () => {
      const { store, key } = withKey(current())

      deepStrictEqual(await store.read([], [key]), { tokens: [], entries: [undefined] })
    })

    it('come in the order asked for, as often as asked for', async () => {
      const { store } = current()
      const [one = '', two = '', none = ''] = current().keys(3)
      await store.write([entry(one, '1'), entry(two, '2')])

      const { entries } = await store.read([], [two, none, one, two])

      deepStrictEqual(
        entries.map((bytes) => bytes?.toString()),
        ['2', undefined, '1', '2'],
      )
    })

    it('come beside tokens', async () => {
      const { store } = current()
      const [token = '', value = ''] = current().keys(2)
      const minted = await current().minted(token)
      await store.write([entry(value, 'value')])

      has(await store.read([token, value], [value, token]), {
        tokens: [minted, undefined],
      })
    })

    it('keep every byte', async () => {
      const { store, key } = withKey(current())
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
      await store.write([entry(key, bytes)])

      deepStrictEqual(await current().entry(key), bytes)
    })

    it('may be empty', async () => {
      const { store, key } = withKey(current())
      await store.write([entry(key, '')])

      deepStrictEqual(await current().entry(key), Buffer.alloc(0))
    })

    it('may be as long as the store keeps them, up to a megabyte', async () => {
      const { store, key } = withKey(current())
      const bytes = randomBytes(current().largestEntry)
      await store.write([entry(key, bytes)])

      strictEqual((await current().entry(key))?.equals(bytes), true)
    })

    it('are replaced by later ones', async () => {
      const { store, key } = withKey(current())
      await store.write([entry(key, 'first')])
      await store.write([entry(key, 'second')])

      strictEqual((await current().entry(key))?.toString(), 'second')
    })

    it('are gone when removed, and the others are not', async () => {
      const { store } = current()
      const [one = '', two = ''] = current().keys(2)
      await store.write([entry(one, '1'), entry(two, '2')])
      await store.remove([one, current().key()])

      const { entries } = await store.read([], [one, two])

      deepStrictEqual(entries, [undefined, Buffer.from('2')])
    })

    it('end with their life', async () => {
      const { store, key } = withKey(current())
      await store.write([entry(key, 'value', 20)])

      await until('an entry ending', 5_000, async () => (await current().entry(key)) === undefined)
    })

    it('may live for ever', async () => {
      const { store, key } = withKey(current())
      await store.write([entry(key, 'value', 10)])
      await store.write([entry(key, 'value', Number.POSITIVE_INFINITY)])
      await current().passing(await current().inMs(15))

      strictEqual((await current().entry(key))?.toString(), 'value')
    })

    it('are not written without a life', async () => {
      const { store, key } = withKey(current())
      await store.write([entry(key, 'value', 0)])

      strictEqual(await current().entry(key), undefined)
    })

    it('are no one else’s memory', async () => {
      const { store, key } = withKey(current())
      const bytes = Buffer.from('value')
      await store.write([{ ...entry(key, ''), value: bytes }])
      bytes.fill(0)
      ;(await current().entry(key))?.fill(0)

      strictEqual((await current().entry(key))?.toString(), 'value')
    })

    for (const hostile of [
      '',
      ' \r\n\0',
      '__proto__',
      '*?[a]\\',
      '{}',
      'ключ-鍵-🔑',
      'a'.repeat(4_096),
    ]) {
      it(`have keys such as ${JSON.stringify(hostile).slice(0, 20)}`, async () => {
        const { store } = current()
        const key = current().key(hostile)
        await store.write([entry(key, 'value')])

        strictEqual((await current().entry(key))?.toString(), 'value')
        strictEqual(await current().entry(`${key} `), undefined)
      })
    }

    it('are none when none are asked for', async () => {
      const { store } = current()
      await store.write([])
      await store.remove([])

      deepStrictEqual(await store.read([], []), { tokens: [], entries: [] })
    })
  })
}

function withKey(subject: ContractSubject): Pick<ContractSubject, 'store'> & { key: string } {
  return { store: subject.store, key: subject.key() }
}
