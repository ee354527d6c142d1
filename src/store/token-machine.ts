import { MAX_OWNERS, MIN_TOKEN_LIFE_MS } from './token'
import { formatMarks, isToken, type Owner, parseMarks } from './token-text'

/**
 * What the four commands on tokens do, as pure transitions: from what a key holds to what it holds after.
 * `MemoryStore` runs them; `redis-scripts.ts` says the same in Lua.
 */

/** What a key holds. Past its end it holds nothing. */
export interface Slot {
  readonly text: string
  /** In milliseconds of the store's clock; `Infinity` for never. */
  readonly endsMs: number
}

/** When a command runs, on the store's clock, and what makes its tokens unlike all others. */
export interface Moment {
  /** Microseconds: the birth of the tokens that the command makes. */
  readonly us: number
  /** Milliseconds: what lives and deadlines are compared with. */
  readonly ms: number
  readonly nonce: string
}

/** The owners beyond `MAX_OWNERS`. Its deadline is the latest of theirs; it cannot be cleared, only end. */
const ANONYMOUS = '*'

type Held =
  | { readonly kind: 'missing' }
  | { readonly kind: 'plain'; readonly token: string; readonly endsMs: number }
  | {
      readonly kind: 'marked'
      readonly owners: readonly Owner[]
      readonly lifeEndsMs: number
      readonly token: string
    }

/** Makes a token where none is; what is there stays, marked or not. */
export function mint(slot: Slot | undefined, lifeMs: number, at: Moment): Slot {
  const held = read(slot, at)
  if (held.kind !== 'missing' && slot !== undefined) return slot
  return { text: bothNew(at), endsMs: at.ms + lifeMs }
}

/** Adds an owner or moves its deadline, never to an earlier one. */
export function mark(slot: Slot | undefined, own: Owner, at: Moment): Slot | undefined {
  const held = read(slot, at)
  switch (held.kind) {
    case 'missing':
      return marked([own], 0, '', at)
    case 'plain':
      return marked([own], held.endsMs === Infinity ? 0 : held.endsMs, held.token, at)
    case 'marked': {
      const { left, ended } = withoutOwner(held.owners, own.name, at)
      const token = ended ? renewed(held.token, at) : held.token
      return marked(withOwner(left, held.owners, own), held.lifeEndsMs, token, at)
    }
  }
}

/** Takes an owner away. Without any, the token under the marks is back, unless a commit of unknown outcome ended it. */
export function unmark(slot: Slot | undefined, owner: string, at: Moment): Slot | undefined {
  const held = read(slot, at)
  if (held.kind !== 'marked') return slot
  const { left, ended } = withoutOwner(held.owners, owner, at)
  if (left.length === held.owners.length) return slot
  const token = ended ? renewed(held.token, at) : held.token
  if (left.length > 0) return marked(left, held.lifeEndsMs, token, at)
  return token === '' ? undefined : living(token, lifeOf(held.lifeEndsMs), at)
}

/** Replaces the token that is there, its row half only if `row`, and takes an owner away. */
export function sweep(
  slot: Slot | undefined,
  { row, owner }: { readonly row: boolean; readonly owner: string | undefined },
  at: Moment,
): Slot | undefined {
  const held = read(slot, at)
  const minEndsMs = at.ms + MIN_TOKEN_LIFE_MS
  switch (held.kind) {
    case 'missing':
      return slot
    case 'plain':
      return { text: moved(held.token, row, at), endsMs: Math.max(held.endsMs, minEndsMs) }
    case 'marked': {
      const { left, ended } = withoutOwner(held.owners, owner, at)
      const token = moved(held.token, row || ended, at)
      // Where others' marks stand a token is left under them even if none was there: the trace by which they see
      // that the record was written since they marked it (consistency H11).
      if (left.length > 0 && token === '') return marked(left, minEndsMs, bothNew(at), at)
      if (left.length > 0) return marked(left, held.lifeEndsMs, token, at)
      if (token === '') return undefined
      return { text: token, endsMs: Math.max(lifeOf(held.lifeEndsMs), minEndsMs) }
    }
  }
}

function read(slot: Slot | undefined, at: Moment): Held {
  if (slot === undefined || slot.endsMs <= at.ms) return { kind: 'missing' }
  if (isToken(slot.text)) return { kind: 'plain', token: slot.text, endsMs: slot.endsMs }
  const marks = parseMarks(slot.text)
  return marks === undefined ? { kind: 'missing' } : { kind: 'marked', ...marks }
}

/**
 * The other owners that are still standing. One whose deadline has passed may have committed before it died:
 * it is dropped, and the token that it marked is over (consistency H8b).
 */
function withoutOwner(
  owners: readonly Owner[],
  own: string | undefined,
  at: Moment,
): { readonly left: readonly Owner[]; readonly ended: boolean } {
  const others = owners.filter(({ name }) => name !== own)
  const left = others.filter(({ deadlineMs }) => deadlineMs > at.ms)
  return { left, ended: left.length < others.length }
}

function withOwner(left: readonly Owner[], before: readonly Owner[], own: Owner): readonly Owner[] {
  const named = left.filter(({ name }) => name !== ANONYMOUS)
  const name = named.length < MAX_OWNERS ? own.name : ANONYMOUS
  const earlier = before.find((owner) => owner.name === name)?.deadlineMs ?? 0
  const others = left.filter((owner) => owner.name !== name)
  return [...others, { name, deadlineMs: Math.max(own.deadlineMs, earlier) }]
}

/** A marked key ends with its last mark, and the token with it: into "missing", never back (consistency H7). */
function marked(
  owners: readonly Owner[],
  lifeEndsMs: number,
  token: string,
  at: Moment,
): Slot | undefined {
  const endsMs = Math.max(...owners.map(({ deadlineMs }) => deadlineMs))
  return living(formatMarks({ owners, lifeEndsMs, token }), endsMs, at)
}

function living(text: string, endsMs: number, at: Moment): Slot | undefined {
  return endsMs <= at.ms ? undefined : { text, endsMs }
}

function lifeOf(lifeEndsMs: number): number {
  return lifeEndsMs === 0 ? Infinity : lifeEndsMs
}

function moved(token: string, row: boolean, at: Moment): string {
  if (row || token === '') return renewed(token, at)
  return `${token.slice(0, token.indexOf('.'))}.${newHalf(at)}`
}

function renewed(token: string, at: Moment): string {
  return token === '' ? '' : bothNew(at)
}

function bothNew(at: Moment): string {
  return `${newHalf(at)}.${newHalf(at)}`
}

function newHalf({ us, nonce }: Moment): string {
  return `${us}-${nonce}`
}
