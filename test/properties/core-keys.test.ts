import { expect } from 'chai'
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { encodeText } from '../../src/core/encode-part'
import { encodeVary } from '../../src/core/encode-vary'
import { Keyspace, MAX_KEY_BYTES } from '../../src/core/keyspace'
import { Tenants } from '../../src/core/tenants'

/** Every 16-bit unit, so lone surrogates and control characters too. */
const anyText = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) })

/** Few characters, all with a meaning somewhere in a key: what could collide, does so soon. */
const hostileText = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."a1%:/,{}+@?#'=()[]n*~-\n\ud800"), maxLength: 4 }),
  fc.constantFrom('x'.repeat(300), 'x'.repeat(301), '__proto__', 'null', 'undefined'),
)

const varyValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    hostileText,
    fc.constantFrom(0, -0, 1, NaN, Infinity, -Infinity, 1.5, 1n, 0n, true, false, null, undefined),
    fc.constantFrom(new Date(1), new Date(NaN), Buffer.alloc(0), Buffer.from([1])),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(hostileText, tie('value'), { maxKeys: 2, noNullPrototype: true }),
  ),
})).value
const vary = fc.array(varyValue, { maxLength: 3 })

const type = hostileText
const id = fc.array(hostileText, { minLength: 1, maxLength: 2 })

/** What a key is made for. */
type Wanted =
  | readonly ['record', string, readonly string[]]
  | readonly ['collection' | 'type', string]
  | readonly ['children', string, readonly string[], string]
  | readonly ['entry', readonly Tagged[], string, readonly unknown[]]
type Tagged =
  | readonly [string]
  | readonly [string, readonly string[]]
  | readonly [string, readonly string[], string]

const tagged: fc.Arbitrary<Tagged> = fc.oneof(
  fc.tuple(type),
  fc.tuple(type, id),
  fc.tuple(type, id, hostileText),
)
const wanted: fc.Arbitrary<Wanted> = fc.oneof(
  fc.tuple(fc.constant('record' as const), type, id),
  fc.tuple(fc.constantFrom('collection' as const, 'type' as const), type),
  fc.tuple(fc.constant('children' as const), type, id, hostileText),
  fc.tuple(
    fc.constant('entry' as const),
    fc.array(tagged, { minLength: 1, maxLength: 3 }),
    hostileText,
    vary,
  ),
)

function idText(parts: readonly string[]): string {
  return parts.map(encodeText).join(',')
}

function tagOf([of, parts, relation]: Tagged): string {
  if (parts === undefined) return Keyspace.typeTag(of)
  return relation === undefined
    ? Keyspace.recordTag(of, idText(parts))
    : Keyspace.childrenTag(of, idText(parts), relation)
}

function keyOf(keys: Keyspace, want: Wanted): string {
  switch (want[0]) {
    case 'record':
      return keys.record(want[1], idText(want[2]))
    case 'collection':
      return keys.collection(want[1])
    case 'type':
      return keys.type(want[1])
    case 'children':
      return keys.children(want[1], idText(want[2]), want[3])
    case 'entry':
      return keys.entry(want[1].map(tagOf), want[2], want[3])
  }
}

function decodeText(encoded: string): string {
  if (encoded === '%') return ''
  return encoded.replace(/%u([0-9A-F]{4})|(?:%[0-9A-F]{2})+/g, (bytes, unit?: string) =>
    unit === undefined ? decodeURIComponent(bytes) : String.fromCharCode(Number.parseInt(unit, 16)),
  )
}

describe('keys', () => {
  it('carry any text so that it can be read back', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, hostileText), (text) => {
        expect(decodeText(encodeText(text))).to.equal(text)
        expect(encodeText(text)).to.match(/^[A-Za-z0-9_.~%-]+$/)
      }),
      { numRuns: 2_000 },
    )
  })

  it('never mistake one way to vary for another', () => {
    fc.assert(
      fc.property(vary, vary, (left, right) => {
        expect(encodeVary(left) === encodeVary(right)).to.equal(isDeepStrictEqual(left, right))
        expect(encodeVary(left)).to.match(/^[^{}:/\s]*$/)
      }),
      { numRuns: 5_000 },
    )
  })

  it('never mistake one thing for another', () => {
    const keys = new Keyspace('n:t:c')
    fc.assert(
      fc.property(wanted, wanted, (left, right) => {
        expect(keyOf(keys, left) === keyOf(keys, right)).to.equal(isDeepStrictEqual(left, right))
      }),
      { numRuns: 5_000 },
    )
  })

  it('never mistake one namespace for another', () => {
    const namespace = fc.string({ unit: fc.constantFrom(...'at:@'), minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(namespace, namespace, wanted, wanted, (left, right, one, other) => {
        fc.pre(left !== right)
        expect(keyOf(new Keyspace(left), one)).not.to.equal(keyOf(new Keyspace(right), other))
      }),
    )
  })

  it('never mistake one tenant for another, or for none', () => {
    const tenant = fc.option(
      fc.string({ unit: fc.constantFrom(...'a=/+@%:}#'), minLength: 1, maxLength: 50 }),
    )
    fc.assert(
      fc.property(tenant, tenant, wanted, wanted, (left, right, one, other) => {
        fc.pre(left !== right)
        const keysOf = (name: string | null): Keyspace =>
          new Keyspace('n', [], new Tenants(() => name))
        const key = keyOf(keysOf(left), one)
        expect(key).not.to.equal(keyOf(keysOf(right), other))
        expect(key).not.to.equal(keyOf(new Keyspace('n'), other))
        expect(key).to.match(/^n:[tcyle]:\{[!-z|~]+\}[!-z|~]*$/)
        expect(key.length).to.be.at.most(MAX_KEY_BYTES)
      }),
    )
  })

  it('are printable, short, and have one slot', () => {
    const keys = new Keyspace('n'.repeat(64))
    fc.assert(
      fc.property(wanted, (want) => {
        const key = keyOf(keys, want)
        expect(key).to.match(/^n{64}:[tcyle]:\{[!-z|~]+\}[!-z|~]*$/)
        expect(key.length).to.be.at.most(MAX_KEY_BYTES)
      }),
      { numRuns: 2_000 },
    )
  })
})
