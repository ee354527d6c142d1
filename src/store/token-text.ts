/** One writer's mark on a token. */
export interface Owner {
  readonly name: string
  /** When the mark counts as a commit of unknown outcome, in milliseconds of the store's clock. */
  readonly deadlineMs: number
}

/** A marked key, taken apart. */
export interface Marks {
  /** At least one; the last to mark is last. */
  readonly owners: readonly Owner[]
  /** When the token under the marks ends, in milliseconds of the store's clock; 0 for never. */
  readonly lifeEndsMs: number
  /** Empty when no token was there. */
  readonly token: string
}

// The Lua patterns in redis-scripts.ts say the same: test/store/token-machine.property.test.ts compares them.
const TOKEN = /^\d+-[\w-]+\.\d+-[\w-]+$/
const MARKED = /^!([^|]+)\|(\d{1,16})\|([^|]*)$/
const OWNER = /^([\w*-]+)@(\d{1,16})$/

/** Whether the text is a token without marks. */
export function isToken(text: string): boolean {
  return TOKEN.test(text)
}

/** Takes a marked key apart; undefined when it is in no format known here. */
export function parseMarks(text: string): Marks | undefined {
  const [, list, life, token] = MARKED.exec(text) ?? []
  if (list === undefined || token === undefined) return undefined
  if (token !== '' && !isToken(token)) return undefined
  const owners: Owner[] = []
  for (const part of list.split(',')) {
    const [, name, deadline] = OWNER.exec(part) ?? []
    if (name === undefined) return undefined
    owners.push({ name, deadlineMs: Number(deadline) })
  }
  return { owners, lifeEndsMs: Number(life), token }
}

/** Puts a marked key together again. */
export function formatMarks({ owners, lifeEndsMs, token }: Marks): string {
  const list = owners.map(({ name, deadlineMs }) => `${name}@${deadlineMs}`).join(',')
  return `!${list}|${lifeEndsMs}|${token}`
}
