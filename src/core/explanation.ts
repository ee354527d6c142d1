import type { MissReason } from './sweeper-events'

/** A write that moved a token, as this process saw it. */
export interface ExplainedWrite {
  /** The record that was written, `Comment:17`; the name of a type where it was swept as a whole. */
  readonly record: string
  /** What was done to it: `insert`, `update`, `remove`, `manual`, `whole type`, `clear`, ... */
  readonly operation: string
  /** The records the cascade came through, from the written one on: `Vote:3`, `Comment:17`; empty for that one itself. */
  readonly path: readonly string[]
  /** The relation that led on from each of them: `Vote.comment`, `Comment.article`. */
  readonly relations: readonly string[]
  /** When it was swept, by this process's clock. */
  readonly at: Date
  /** Whether the store had acknowledged the sweep when the writer went on. */
  readonly delivered: boolean
}

/** One of the tokens a value depends on. */
export interface ExplainedToken {
  /** `Article:7`, `any Comment`, `all of Comment`, `Article:7/comments`. */
  readonly name: string
  /** `row`: only writes to the record's own row count. */
  readonly half: 'whole' | 'row'
  /** What the store has now; undefined where it has none. */
  readonly version: string | undefined
  /** Since when, by this process's clock. */
  readonly since: Date | undefined
  /** What the entry was made under; undefined without an entry. */
  readonly madeUnder: string | undefined
  /** There is an entry, and it was made under another version. */
  readonly moved: boolean
  /** A write is being committed. */
  readonly marked: boolean
  /** The last write of this process that moved it, if it is still recorded. */
  readonly lastWrite: ExplainedWrite | undefined
}

/** Whether a read would be a hit at this moment, and why. As text: `String(explanation)`. */
export interface Explanation {
  /** As in events: `Article:7`. */
  readonly subject: string
  readonly key: string
  readonly hit: boolean
  /** Why it would be a miss; undefined for a hit. */
  readonly reason: MissReason | undefined
  /** Until when the entry may be served, by this process's clock; undefined without an entry or an end. */
  readonly freshUntil: Date | undefined
  readonly tokens: readonly ExplainedToken[]
  /** Since when this process records its writes; undefined while that is off. */
  readonly recordedSince: Date | undefined
  /** The same for people: one line for the entry, and one for each token. */
  toString(): string
}

/** The same for people. */
export function textOf(explanation: Omit<Explanation, 'toString'>): string {
  const { key, subject, hit, reason, freshUntil, tokens } = explanation
  const until = hit && freshUntil !== undefined ? `, fresh until ${freshUntil.toISOString()}` : ''
  return [
    `${key} of ${subject}: ${hit ? 'hit' : `miss (${reason})`}${until}`,
    ...tokens.map((token) => `  ${lineOf(token, explanation)}`),
  ].join('\n')
}

function lineOf(
  token: ExplainedToken,
  { recordedSince }: Pick<Explanation, 'recordedSince'>,
): string {
  const { name, marked, lastWrite } = token
  const what = token.half === 'row' ? `the row of ${name}` : name
  if (marked) return `${what}: a write to it is being committed`
  return `${what}: ${stateText(token)}; ${lastWrite === undefined ? unseenText(recordedSince) : writeText(lastWrite)}`
}

function stateText({ version, since, moved, madeUnder }: ExplainedToken): string {
  if (version === undefined || since === undefined)
    return 'has no version, as the store has lost it, or nobody has cached it yet'
  return moved
    ? `moved at ${since.toISOString()} from version "${madeUnder}" to "${version}"`
    : `unchanged since ${since.toISOString()}, version "${version}"`
}

function unseenText(recordedSince: Date | undefined): string {
  return recordedSince === undefined
    ? 'writes are not recorded (option explain)'
    : `no write of this process is recorded since ${recordedSince.toISOString()}`
}

function writeText(write: ExplainedWrite): string {
  const { record, operation, path, relations, at, delivered } = write
  const steps = relations.map((relation, step) => {
    const next = path[step + 1]
    return next === undefined ? ` through ${relation}` : ` through ${relation} to ${next},`
  })
  const way = steps.join('')
  const sent = delivered ? '' : ', not acknowledged by the store at first'
  return `last write here: ${operation} of ${record}${way} at ${at.toISOString()}${sent}`
}
