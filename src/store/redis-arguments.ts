import { wholeLife } from './command-arguments'
import type { EntryWrite } from './store'
import { MIN_TOKEN_LIFE_MS } from './token'

/** An entry that lives for more than a quarter of a token's life is worth a command to keep its tokens. */
const TOKEN_LIVES_PER_LONG_ENTRY = 4

/** Scripts take 0 for never. */
export function scriptLife(lifeMs: number): number {
  const life = wholeLife(lifeMs)
  return life === Infinity ? 0 : life
}

export function setArguments({ key, value, lifeMs }: EntryWrite): (string | Buffer | number)[] {
  const life = wholeLife(lifeMs)
  return life === Infinity ? [key, value] : [key, value, 'PX', life]
}

/** Per token the longest life that its entries ask for, of those that may outlive it. */
export function longLives(entries: readonly EntryWrite[]): ReadonlyMap<string, number> {
  const lives = new Map<string, number>()
  for (const { lifeMs, tokenKeys } of entries) {
    if (lifeMs * TOKEN_LIVES_PER_LONG_ENTRY <= MIN_TOKEN_LIFE_MS) continue
    const life = scriptLife(lifeMs)
    for (const key of tokenKeys) {
      const known = lives.get(key)
      lives.set(key, known === undefined ? life : longer(known, life))
    }
  }
  return lives
}

function longer(one: number, other: number): number {
  return one === 0 || other === 0 ? 0 : Math.max(one, other)
}
