import { StoreUnavailableError } from '../core/errors'
import { type Attempt, type ClusterGuards, UNGUARDED } from './cluster-guards'
import type { ClusterNodes } from './cluster-nodes'
import { slotOfKey } from './cluster-slots'
import { unavailable } from './failure-reason'
import type { StoreOperation } from './guarded-store'
import { Redirection } from './redirection'
import type { RedisNode } from './redis-node'

/** Each is followed at once; so many after each other mean that the servers do not agree. */
const MAX_REDIRECTIONS = 8

/** A server that was asked as a primary, and is none any more. */
const DEMOTED = 'READONLY'

/** Some of the slot's keys are here and some on their way: they have to be asked for one by one. */
const SPLIT = 'TRYAGAIN'

export interface Request<Item, Result> {
  readonly operation: StoreOperation
  readonly items: readonly Item[]
  readonly keyOf: (item: Item) => string
  /** Who else is asked for the items of a slot before its primary is; undefined: nobody was, or did not answer. */
  readonly before?: (
    items: readonly Item[],
    slot: number,
    attempt: Attempt,
  ) => Promise<readonly Result[] | undefined>
}

/** What one server is asked for items that are all in one slot: one result each. */
export type Ask<Item, Result> = (
  node: RedisNode,
  items: readonly Item[],
) => Promise<readonly Result[]>

interface Part<Item> {
  readonly slot: number
  readonly items: Item[]
  readonly indexes: number[]
}

interface Asked {
  readonly operation: StoreOperation
  readonly slot: number
  readonly attempt: Attempt
}

/** Sends what is asked of a cluster to who has the slots, all at once, and follows redirections. */
export class ClusterRoutes {
  readonly #store: string
  readonly #nodes: ClusterNodes
  readonly #guards: ClusterGuards | undefined

  /** @param guards without any nothing is bounded */
  constructor(store: string, nodes: ClusterNodes, guards?: ClusterGuards) {
    this.#store = store
    this.#nodes = nodes
    this.#guards = guards
  }

  /** One result per item. Rejects if any server does, once all have answered. */
  async all<Item, Result>(
    request: Request<Item, Result>,
    ask: Ask<Item, Result>,
  ): Promise<readonly Result[]> {
    const { results, failures } = await this.#send(request, ask)
    if (failures.length > 0) throw failures[0]
    // Complete: nothing has failed.
    return results as readonly Result[]
  }

  /** The same, with nothing where a server failed; rejects if all did. */
  async available<Item, Result>(
    request: Request<Item, Result>,
    ask: Ask<Item, Result>,
  ): Promise<readonly (Result | undefined)[]> {
    const { results, failures, parts } = await this.#send(request, ask)
    if (failures.length > 0 && failures.length === parts) throw failures[0]
    return results
  }

  async #send<Item, Result>(
    { operation, items, keyOf, before }: Request<Item, Result>,
    ask: Ask<Item, Result>,
  ): Promise<{ results: readonly (Result | undefined)[]; failures: unknown[]; parts: number }> {
    const parts = partsOf(items, keyOf)
    const results: (Result | undefined)[] = items.map(() => undefined)
    const failures: unknown[] = []
    const startedAtMs = this.#guards?.now() ?? 0
    await Promise.all(
      parts.map(async ({ slot, items: some, indexes }) => {
        try {
          const answered = await this.#part(operation, async (attempt) => {
            const elsewhere = await before?.(some, slot, attempt)
            return elsewhere ?? this.#ask({ operation, slot, attempt }, some, ask)
          })
          for (const [at, index] of indexes.entries()) results[index] = answered[at]
        } catch (error) {
          failures.push(error)
        }
      }),
    )
    if (failures.length > 0)
      this.#guards?.report(operation, failures[0], this.#guards.now() - startedAtMs)
    return { results, failures, parts: parts.length }
  }

  #part<T>(operation: StoreOperation, work: (attempt: Attempt) => Promise<T>): Promise<T> {
    return this.#guards === undefined ? work(UNGUARDED) : this.#guards.part(operation, work)
  }

  async #ask<Item, Result>(
    asked: Asked,
    items: readonly Item[],
    ask: Ask<Item, Result>,
  ): Promise<readonly Result[]> {
    const { operation, slot, attempt } = asked
    let asking: RedisNode | undefined
    for (let redirections = 0; redirections <= MAX_REDIRECTIONS; redirections++) {
      const node = asking ?? this.#nodes.of(slot) ?? (await this.#find(operation, slot))
      asking = undefined
      try {
        // Each attempt follows what the one before was told.
        return await attempt(node, () => ask(node, items))
      } catch (error) {
        if (isSplit(error) && items.length > 1) return this.#oneByOne(asked, items, ask)
        asking = await this.#next(error, node, slot)
      }
    }
    throw new StoreUnavailableError(this.#store, operation, 'MOVED')
  }

  /** A slot on its way: its keys are in two places, and each is where it is. */
  async #oneByOne<Item, Result>(
    asked: Asked,
    items: readonly Item[],
    ask: Ask<Item, Result>,
  ): Promise<readonly Result[]> {
    const results = await Promise.all(items.map((item) => this.#ask(asked, [item], ask)))
    return results.flat()
  }

  /** Who to ask instead; undefined for whoever has the slot by now. Rejects with what no other server can make good. */
  async #next(error: unknown, node: RedisNode, slot: number): Promise<RedisNode | undefined> {
    if (error instanceof Redirection) {
      if (error.isAsk) return this.#nodes.asking(error.address)
      node.suspect()
      await this.#nodes.moved(slot, error.address)
      return undefined
    }
    if (!(error instanceof StoreUnavailableError)) throw error
    if (error.reason !== DEMOTED) {
      this.#nodes.refreshSoon()
      throw error
    }
    await this.#nodes.refresh()
    return undefined
  }

  async #find(operation: string, slot: number): Promise<RedisNode> {
    try {
      const node = await this.#nodes.find(slot)
      if (node !== undefined) return node
    } catch (error) {
      throw unavailable(this.#store, operation, error)
    }
    throw new StoreUnavailableError(this.#store, operation, 'not-connected')
  }
}

function isSplit(error: unknown): boolean {
  if (error instanceof Redirection) return error.isAsk
  return error instanceof StoreUnavailableError && error.reason === SPLIT
}

function partsOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): readonly Part<Item>[] {
  const parts = new Map<number, Part<Item>>()
  for (const [index, item] of items.entries()) {
    const slot = slotOfKey(keyOf(item))
    const known = parts.get(slot)
    const part = known ?? { slot, items: [], indexes: [] }
    if (known === undefined) parts.set(slot, part)
    part.items.push(item)
    part.indexes.push(index)
  }
  return [...parts.values()]
}
