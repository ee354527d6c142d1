import { isToken, parseMarks } from './token-text'

/**
 * What a token key holds.
 *
 * The text in the store, shared by every store so that one description serves all:
 *
 *     <row>.<whole>                                       a token: two halves, each `<birth>-<nonce>`
 *     !<owner>@<deadline>,<owner>@<deadline>|<life>|<row>.<whole>   the same, marked by owners
 *     !<owner>@<deadline>|0|                              a mark where no token was
 *
 * `<birth>`, `<deadline>`: microseconds (birth) and milliseconds (deadline) of the store's clock, in decimal.
 * `<life>`: when the token under the marks ends, in milliseconds of the store's clock; 0 for never.
 * An owner is `[A-Za-z0-9_-]+`; `*` stands for the owners beyond the thirty-second.
 */
export interface TokenState {
  /** Moves with every sweep. Unique for ever, the store's epoch included. Empty when only a mark is there. */
  readonly whole: string
  /** Moves only when the record's own row was written. The store's epoch included. */
  readonly row: string
  /** When the whole was made, in milliseconds of the store's clock. */
  readonly bornMs: number
  /** When the row half was made, in milliseconds of the store's clock. */
  readonly rowBornMs: number
  /** A write is in flight: do not serve, do not store. */
  readonly marked: boolean
  /** Everything above as one comparable string, marks included. Two equal `seen` are the same state. */
  readonly seen: string
}

/** Beyond this many owners of one token, further ones share an anonymous mark with the latest deadline. */
export const MAX_OWNERS = 32

/** Tokens live at least this long untouched, so that memory follows use (milliseconds: one day). */
export const MIN_TOKEN_LIFE_MS = 86_400_000

/** Reads the text of a token key; undefined when it is in no format known here, which counts as missing. */
export function parseToken(text: string, epoch: string): TokenState | undefined {
  const marked = text.startsWith('!')
  const token = marked ? parseMarks(text)?.token : text
  const seen = `${epoch} ${text}`
  if (marked && token === '') return { whole: '', row: '', bornMs: 0, rowBornMs: 0, marked, seen }
  if (token === undefined || !isToken(token)) return undefined
  const dot = token.indexOf('.')
  return {
    whole: `${epoch} ${token.slice(dot + 1)}`,
    row: `${epoch} ${token.slice(0, dot)}`,
    bornMs: birthOf(token, dot + 1),
    rowBornMs: birthOf(token, 0),
    marked,
    seen,
  }
}

/** Whose marks stand on a token; without those beyond `MAX_OWNERS`, who have no names. */
export function ownersOf(state: TokenState | undefined): readonly string[] {
  const text = state?.seen.slice(state.seen.indexOf(' ') + 1)
  const owners = text === undefined ? undefined : parseMarks(text)?.owners
  return (owners ?? []).map(({ name }) => name).filter((name) => name !== '*')
}

/** When the half of a token that a stamp shows was made, in milliseconds of the store's clock. */
export function stampBornMs(stamp: string): number {
  return birthOf(stamp, stamp.lastIndexOf(' ') + 1)
}

function birthOf(token: string, from: number): number {
  return Number(token.slice(from, token.indexOf('-', from))) / 1000
}
