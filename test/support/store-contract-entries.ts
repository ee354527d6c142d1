import { expect } from 'chai'
import { randomBytes } from 'node:crypto'
import type { EntryWrite } from '../../src/store/store'
import { until } from './services-process'
import type { ContractSubject } from './store-contract'

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

      expect((await store.read([], [subject.key])).entries).to.deep.equal([Buffer.from('value')])
    })

    it('are undefined where there is none', async () => {
      const { store, key } = withKey(current())

      expect(await store.read([], [key])).to.deep.equal({ tokens: [], entries: [undefined] })
    })

    it('come in the order asked for, as often as asked for', async () => {
      const { store } = current()
      const [one = '', two = '', none = ''] = current().keys(3)
      await store.write([entry(one, '1'), entry(two, '2')])

      const { entries } = await store.read([], [two, none, one, two])

      expect(entries.map((bytes) => bytes?.toString())).to.deep.equal(['2', undefined, '1', '2'])
    })

    it('come beside tokens', async () => {
      const { store } = current()
      const [token = '', value = ''] = current().keys(2)
      const minted = await current().minted(token)
      await store.write([entry(value, 'value')])

      expect(await store.read([token, value], [value, token])).to.deep.include({
        tokens: [minted, undefined],
      })
    })

    it('keep every byte', async () => {
      const { store, key } = withKey(current())
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
      await store.write([entry(key, bytes)])

      expect(await current().entry(key)).to.deep.equal(bytes)
    })

    it('may be empty', async () => {
      const { store, key } = withKey(current())
      await store.write([entry(key, '')])

      expect(await current().entry(key)).to.deep.equal(Buffer.alloc(0))
    })

    it('may have a megabyte', async () => {
      const { store, key } = withKey(current())
      const bytes = randomBytes(1024 * 1024)
      await store.write([entry(key, bytes)])

      expect((await current().entry(key))?.equals(bytes)).to.equal(true)
    })

    it('are replaced by later ones', async () => {
      const { store, key } = withKey(current())
      await store.write([entry(key, 'first')])
      await store.write([entry(key, 'second')])

      expect((await current().entry(key))?.toString()).to.equal('second')
    })

    it('are gone when removed, and the others are not', async () => {
      const { store } = current()
      const [one = '', two = ''] = current().keys(2)
      await store.write([entry(one, '1'), entry(two, '2')])
      await store.remove([one, current().key()])

      const { entries } = await store.read([], [one, two])

      expect(entries).to.deep.equal([undefined, Buffer.from('2')])
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

      expect((await current().entry(key))?.toString()).to.equal('value')
    })

    it('are not written without a life', async () => {
      const { store, key } = withKey(current())
      await store.write([entry(key, 'value', 0)])

      expect(await current().entry(key)).to.equal(undefined)
    })

    it('are no one else’s memory', async () => {
      const { store, key } = withKey(current())
      const bytes = Buffer.from('value')
      await store.write([{ ...entry(key, ''), value: bytes }])
      bytes.fill(0)
      ;(await current().entry(key))?.fill(0)

      expect((await current().entry(key))?.toString()).to.equal('value')
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

        expect((await current().entry(key))?.toString()).to.equal('value')
        expect(await current().entry(`${key} `)).to.equal(undefined)
      })
    }

    it('are none when none are asked for', async () => {
      const { store } = current()
      await store.write([])
      await store.remove([])

      expect(await store.read([], [])).to.deep.equal({ tokens: [], entries: [] })
    })
  })
}

function withKey(subject: ContractSubject): Pick<ContractSubject, 'store'> & { key: string } {
  return { store: subject.store, key: subject.key() }
}
