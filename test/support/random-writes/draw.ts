import { randomFrom } from '../random'
import type { World } from './world'

/** What a unit of work is drawn from: chance, and the rows that are there when it is drawn. */
export class Draw {
  readonly world: World
  readonly #random: () => number

  constructor(seed: number, world: World) {
    this.#random = randomFrom(seed)
    this.world = world
  }

  /** From 0 to `below`, without it. */
  int(below: number): number {
    return Math.floor(this.#random() * below)
  }

  chance(probability: number): boolean {
    return this.#random() < probability
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.int(items.length)]
    if (item === undefined) throw new Error('draw: nothing to pick from')
    return item
  }

  /** Some of the items, each at most once. */
  some<T>(items: readonly T[], most: number): readonly T[] {
    const rest = [...items]
    const count = Math.min(rest.length, this.int(most + 1))
    return Array.from({ length: count }, () => rest.splice(this.int(rest.length), 1)).flat()
  }

  word(): string {
    return this.#random().toString(36).slice(2, 10)
  }

  article(): number {
    return this.#one(this.world.articles)
  }

  comment(): number {
    return this.#one(this.world.comments)
  }

  vote(): number {
    return this.#one(this.world.votes)
  }

  tag(): number {
    return this.#one(this.world.tags.map(({ id }) => id))
  }

  page(): number {
    return this.#one(this.world.pages)
  }

  video(): number {
    return this.#one(this.world.videos)
  }

  login(): number {
    return this.#one(this.world.logins)
  }

  profile(): string {
    return String(this.#one(this.world.profiles.map(Number)))
  }

  user(): { readonly id: string; readonly email: string } {
    const { users } = this.world
    return users.length === 0 ? NOBODY : this.pick(users)
  }

  /** A slug that exists, or one that does not. */
  slug(): string {
    const { tags } = this.world
    return tags.length > 0 && this.chance(0.6) ? this.pick(tags).slug : this.word()
  }

  orNull<T>(value: T): T | null {
    return this.chance(0.15) ? null : value
  }

  /** Now and then one that does not exist. */
  #one(ids: readonly number[]): number {
    return ids.length === 0 || this.chance(0.03) ? 900_000 + this.int(1000) : this.pick(ids)
  }
}

const NOBODY = { id: '00000000-0000-4000-8000-000000000000', email: 'nobody@example.org' }
