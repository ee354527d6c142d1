import { expect } from 'chai'
import * as fc from 'fast-check'
import { MIN_TOKEN_LIFE_MS, parseToken, type TokenState } from '../../src/store/token'
import { mark, mint, type Moment, type Slot, sweep, unmark } from '../../src/store/token-machine'

const START_MS = 1_700_000_000_000
const TOKEN = '1600000000000000-a.1600000000000001-b'

const at = (ms: number): Moment => ({ us: ms * 1000 + 7, ms, nonce: 'n' })
const slot = (text: string, endsMs = Infinity): Slot => ({ text, endsMs })

describe('the token machine', () => {
  const now = at(START_MS)
  const fresh = '1700000000000007-n'
  const owner = (name: string, inMs: number) => ({ name, deadlineMs: START_MS + inMs })

  it('writes what the token’s text is said to be', () => {
    const end = START_MS + 90
    const first = mark(slot(TOKEN, START_MS + 50), owner('w1', 40), now)
    const second = mark(first, owner('w2', 90), now)

    expect(mint(undefined, 100, now)).to.deep.equal(slot(`${fresh}.${fresh}`, START_MS + 100))
    expect(mark(undefined, owner('w', 90), now)).to.deep.equal(slot(`!w@${end}|0|`, end))
    expect(second).to.deep.equal(
      slot(`!w1@${START_MS + 40},w2@${end}|${START_MS + 50}|${TOKEN}`, end),
    )
  })

  it('keeps the row half in a sweep that did not write the row', () => {
    const swept = sweep(slot(TOKEN), { row: false, owner: undefined }, now)

    expect(swept).to.deep.equal(slot(`1600000000000000-a.${fresh}`))
  })

  it('gives a swept token a day, never less than it had', () => {
    const swept = (endsMs: number): number | undefined =>
      sweep(slot(TOKEN, endsMs), { row: false, owner: undefined }, now)?.endsMs

    expect(swept(START_MS + 1)).to.equal(START_MS + MIN_TOKEN_LIFE_MS)
    expect(swept(START_MS + 2 * MIN_TOKEN_LIFE_MS)).to.equal(START_MS + 2 * MIN_TOKEN_LIFE_MS)
    expect(swept(Infinity)).to.equal(Infinity)
  })

  it('gives it the same after the last mark', () => {
    const marked = mark(slot(TOKEN, START_MS + 1), owner('w', 50), now)
    const forEver = mark(slot(TOKEN), owner('w', 50), now)

    expect(sweep(marked, { row: false, owner: 'w' }, now)?.endsMs).to.equal(
      START_MS + MIN_TOKEN_LIFE_MS,
    )
    expect(sweep(forEver, { row: false, owner: 'w' }, now)?.endsMs).to.equal(Infinity)
  })

  it('shortens the key’s life to the marks that are left', () => {
    const marked = mark(mark(slot(TOKEN), owner('w1', 50), now), owner('w2', 90), now)

    expect(unmark(marked, 'w2', now)?.endsMs).to.equal(START_MS + 50)
  })

  it('leaves nothing of a mark whose time had passed when it was set', () => {
    expect(mark(slot(TOKEN), owner('w', 0), now)).to.equal(undefined)
  })

  it('takes a token that has ended for missing', () => {
    const ended = slot(TOKEN, START_MS)

    expect(mint(ended, 100, now).text).to.equal(`${fresh}.${fresh}`)
    expect(mark(ended, owner('w', 90), now)?.text).to.equal(`!w@${START_MS + 90}|0|`)
  })

  it('never brings back what a commit of unknown outcome may have changed', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), neverBringsBack), { numRuns: 2_000 })
  })
})

type Step =
  | { readonly kind: 'mark'; readonly inMs: number }
  | { readonly kind: 'unmark' | 'sweep'; readonly which: number; readonly row: boolean }
  | { readonly kind: 'mint' | 'sweep-by-hand' }
  | { readonly kind: 'wait'; readonly ms: number }

const NOTICING: ReadonlySet<Step['kind']> = new Set(['mark', 'unmark', 'sweep', 'sweep-by-hand'])

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('mark'), inMs: fc.integer({ min: 1, max: 40 }) }),
  fc.record({
    kind: fc.constantFrom('unmark', 'sweep'),
    which: fc.nat(5),
    row: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom('mint', 'sweep-by-hand') }),
  fc.record({ kind: fc.constant('wait'), ms: fc.integer({ min: 1, max: 30 }) }),
)

/**
 * Knows only who has marked and not come back, and when their time is up. Whatever token stands when a command of
 * somebody else meets that, must never be seen without a mark again; nor may any token that was replaced or lost.
 */
function neverBringsBack(steps: readonly Step[]): void {
  const pending = new Map<string, number>()
  const over = new Set<string>()
  let last: TokenState | undefined
  let held: Slot | undefined
  let ms = START_MS
  for (const [index, each] of steps.entries()) {
    if (each.kind === 'wait') ms += each.ms
    const before = stateOf(held, ms)
    const actor = actorOf(each, index, pending)
    for (const [owner, deadlineMs] of pending) {
      if (owner === actor || deadlineMs > ms || !NOTICING.has(each.kind)) continue
      if (before !== undefined) over.add(`whole ${before.whole}`).add(`row ${before.row}`)
      pending.delete(owner)
    }
    if (before === undefined) pending.clear()
    held = apply(held, each, actor, { us: ms * 1000 + index, ms, nonce: `n${index}` })
    if (each.kind === 'mark') pending.set(actor, ms + each.inMs)
    if (each.kind === 'unmark' || each.kind === 'sweep') pending.delete(actor)
    const after = stateOf(held, ms)
    if (last !== undefined && after?.whole !== last.whole) over.add(`whole ${last.whole}`)
    if (last !== undefined && after?.row !== last.row) over.add(`row ${last.row}`)
    last = after
    if (after === undefined) continue
    expect(after.marked, 'marked').to.equal(pending.size > 0)
    if (after.marked) continue
    expect(over.has(`whole ${after.whole}`), 'whole').to.equal(false)
    expect(over.has(`row ${after.row}`), 'row').to.equal(false)
  }
}

function stateOf(held: Slot | undefined, ms: number): TokenState | undefined {
  return held === undefined || held.endsMs <= ms ? undefined : parseToken(held.text, 'epoch')
}

function actorOf(each: Step, index: number, pending: ReadonlyMap<string, number>): string {
  if (each.kind === 'mark') return `w${index}`
  if (each.kind === 'unmark' || each.kind === 'sweep')
    return [...pending.keys()][each.which] ?? 'nobody'
  return 'nobody'
}

function apply(held: Slot | undefined, each: Step, actor: string, now: Moment): Slot | undefined {
  switch (each.kind) {
    case 'mark':
      return mark(held, { name: actor, deadlineMs: now.ms + each.inMs }, now)
    case 'unmark':
      return unmark(held, actor, now)
    case 'sweep':
      return sweep(held, { row: each.row, owner: actor }, now)
    case 'sweep-by-hand':
      return sweep(held, { row: false, owner: undefined }, now)
    case 'mint':
      return mint(held, 50, now)
    case 'wait':
      return held
  }
}
