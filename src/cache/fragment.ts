import type { Subject, SubjectToken } from '../core/subject'
import type { NearLevel } from '../near/near'

/** One value that is asked for, with everything about it resolved. */
export interface Fragment {
  /** What the value depends on. */
  readonly subjects: readonly Subject[]
  /** The fragment's name, for messages and events. */
  readonly name: string
  readonly entryKey: string
  readonly tokens: readonly SubjectToken[]
  /** The `using` attributes of the instances it is asked for with; undefined if there are none. */
  readonly attribute: string | undefined
  readonly ttlMs: number
  /** How long after it was swept or is over it may be served while somebody loads it; 0 for not at all. */
  readonly graceMs: number
  /** How long one process alone may load it; 0 for no such limit. */
  readonly leaseMs: number
  /** How the near tier is used for it; undefined for not at all. */
  readonly near: NearLevel | undefined
}

/** The tokens that a fragment's subjects come down to, each once. */
export function tokensOf(subjects: readonly Subject[]): readonly SubjectToken[] {
  const [only] = subjects
  if (subjects.length === 1 && only !== undefined) return only.tokens
  const tokens = new Map<string, SubjectToken>()
  for (const subject of subjects)
    for (const token of subject.tokens)
      // Of two halves of one token the whole includes the row.
      if (token.half === 'whole' || !tokens.has(token.key)) tokens.set(token.key, token)
  return [...tokens.values()]
}

/** The attributes of all instances as one text, each with the place of its subject. */
export function attributeOf(subjects: readonly Subject[]): string | undefined {
  let text: string | undefined
  for (const [at, { attribute }] of subjects.entries())
    if (attribute !== undefined) text = `${text === undefined ? '' : `${text}\n`}${at}=${attribute}`
  return text
}

/** What is shown of a fragment's subjects in events. */
export function subjectLabel(subjects: readonly Subject[]): string {
  return subjects.map(({ label }) => label).join(' + ')
}
