import { expect } from 'chai'
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { encodeEntry } from '../../src/core/entry'
import { decodeEntryHead } from '../../src/core/entry-head'
import { VALUE_KIND, decodeValue, encodeValue } from '../../src/core/value-codec'

const WHERE = { key: 'k' }

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...'~umsndib1\ud800\udfffé'), maxLength: 5 }),
  fc.constant('__proto__'),
)
const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array))

const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, undefined, true, false, NaN, Infinity, -Infinity, 0, -0),
    text,
    fc.double(),
    fc.integer(),
    fc.bigInt(),
    // Node's deep equality holds no invalid Date equal to another; a fixture has one.
    fc.date({ noInvalidDate: true }),
    bytes,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)),
  ),
})).value

/** Bytes cut, flipped or put in anywhere. */
function damaged(buffer: Buffer, at: number, byte: number, how: number): Buffer {
  const place = buffer.length === 0 ? 0 : at % buffer.length
  if (how === 0) return buffer.subarray(0, place)
  const other = Buffer.concat([
    buffer.subarray(0, place),
    Buffer.from([byte]),
    buffer.subarray(place),
  ])
  return how === 1
    ? other
    : Buffer.concat([other.subarray(0, place + 1), buffer.subarray(place + 1)])
}
const damage = [fc.nat(), fc.nat(255), fc.nat(2)] as const

describe('values', () => {
  it('come back as they were given', () => {
    fc.assert(
      fc.property(value, (given) => {
        const { kind, bytes: written } = encodeValue(given, WHERE)
        expect(isDeepStrictEqual(decodeValue(kind, Buffer.from(written)), given)).to.equal(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('are read or unreadable, whatever happened to their bytes', () => {
    fc.assert(
      fc.property(
        value,
        fc.integer({ min: -1, max: 6 }),
        ...damage,
        (given, kind, at, byte, how) => {
          const written = encodeValue(given, WHERE)
          const broken = damaged(written.bytes, at, byte, how)

          for (const readAs of [written.kind, kind]) decodeValue(readAs, broken)

          expect(Object.keys(Object.prototype)).to.deep.equal([])
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('are read or unreadable, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(VALUE_KIND)), bytes, (kind, given) => {
        expect(() => decodeValue(kind, given)).not.to.throw()
      }),
    )
  })
})

const entry = fc.record({
  kind: fc.nat(255),
  bytes,
  own: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 }),
  dependencies: fc.array(
    fc.record({
      key: fc.string({ unit: 'grapheme' }),
      half: fc.constantFrom('whole' as const, 'row' as const),
      stamp: fc.string(),
    }),
    { maxLength: 3 },
  ),
  attribute: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
  freshUntilMs: fc.double({ noNaN: true }),
})

function written({
  own,
  dependencies,
  ...rest
}: Parameters<Parameters<typeof entry.map>[0]>[0]): Buffer {
  return encodeEntry({
    ...rest,
    stamps: [...own, ...dependencies.map(({ stamp }) => stamp)],
    dependencies: dependencies.map(({ key, half }) => ({ key, half })),
  })
}

describe('entries', () => {
  it('say what they were told', () => {
    fc.assert(
      fc.property(entry, (given) => {
        const head = decodeEntryHead(written(given))

        expect(head?.kind).to.equal(given.kind)
        expect(head?.bytes.equals(given.bytes)).to.equal(true)
        expect(head?.attribute).to.equal(given.attribute)
        expect(Object.is(head?.freshUntilMs, given.freshUntilMs)).to.equal(true)
        expect(head?.matches(given.own)).to.equal(true)
        expect(head?.matchesDependencies(given.dependencies.map(({ stamp }) => stamp))).to.equal(
          true,
        )
        expect(head?.dependencies).to.deep.equal(
          given.dependencies.map(({ key, half }) => ({ key, half })),
        )
      }),
    )
  })

  it('match no other tokens', () => {
    const stamps = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 2 }), {
      maxLength: 3,
    })
    fc.assert(
      fc.property(entry, stamps, stamps, (given, own, asked) => {
        const head = decodeEntryHead(written({ ...given, own }))
        expect(head?.matches(asked)).to.equal(isDeepStrictEqual(own, asked))
      }),
    )
  })

  it('are a miss once they are cut', () => {
    fc.assert(
      fc.property(entry, fc.nat(), (given, at) => {
        const whole = written(given)
        expect(decodeEntryHead(whole.subarray(0, at % whole.length))).to.equal(undefined)
      }),
    )
  })

  it('are read or a miss, whatever happened to their bytes', () => {
    fc.assert(
      fc.property(entry, ...damage, (given, at, byte, how) => {
        const head = decodeEntryHead(damaged(written(given), at, byte, how))
        const answers = head && [
          head.kind,
          head.bytes,
          head.attribute,
          head.dependencies,
          head.freshUntilMs,
        ]

        expect(head?.matches(given.own)).to.be.oneOf([true, false, undefined])
        expect(head?.matchesDependencies(['a'])).to.be.oneOf([true, false, undefined])
        expect(answers?.length ?? 5).to.equal(5)
      }),
      { numRuns: 2_000 },
    )
  })
})
