import { StoreUnavailableError } from '../core/errors'
import { typeCopies } from '../core/hash-tags'
import type { Attempt } from './cluster-guards'
import type { ClusterNodes } from './cluster-nodes'
import type { ClusterReplicas } from './cluster-replicas'
import type { Ask, ClusterRoutes, Request } from './cluster-routes'
import { evenHashTags } from './cluster-slots'
import type { StoreOperation } from './guarded-store'
import { longLives } from './redis-arguments'
import type { EntryWrite, Store, StoreClock, StoreReply, TokenSweep } from './store'
import type { TokenState } from './token'

export interface ClusterAccessParts {
  readonly name: string
  readonly nodes: ClusterNodes
  readonly routes: ClusterRoutes
  /** Where values are read; undefined: from primaries. */
  readonly replicas: ClusterReplicas | undefined
}

/** What is kept in a cluster, as asked for over these routes. */
export class ClusterAccess implements Store {
  readonly name: string
  readonly hashTags = evenHashTags()
  readonly #nodes: ClusterNodes
  readonly #routes: ClusterRoutes
  readonly #replicas: ClusterReplicas | undefined

  constructor({ name, nodes, routes, replicas }: ClusterAccessParts) {
    this.name = name
    this.#nodes = nodes
    this.#routes = routes
    this.#replicas = replicas
  }

  /**
   * One MGET per slot, where values are read from replicas one for tokens and one for values, at once. What a lost server
   * has is missing, unless that is all that was asked for.
   */
  async read(tokenKeys: readonly string[], entryKeys: readonly string[]): Promise<StoreReply> {
    const tokens = tokenKeys.map((key) => ({ key: this.#one(key), isToken: true }))
    const entries = entryKeys.map((key) => ({ key, isToken: false }))
    const replicas = this.#replicas
    if (replicas === undefined || entries.length === 0)
      return replyOf(await this.#found([...tokens, ...entries]), tokens.length)
    const values = this.#found(entries, (items, slot, attempt) =>
      fromReplica(replicas, items, { slot, attempt }),
    )
    if (tokens.length === 0) return replyOf(await values, 0)
    // Tokens alone say whether the store answers: without the values that go with them there are misses.
    const valuesOrNone = values.catch((error: unknown) => noneOf(entries, error))
    const [found, others] = await Promise.all([this.#found(tokens), valuesOrNone])
    return replyOf([...found, ...others], tokens.length)
  }

  #found(
    items: readonly Asked[],
    before?: Request<Asked, Found>['before'],
  ): Promise<readonly Found[]> {
    return this.#routes.available<Asked, Found>(
      { operation: 'read', items, keyOf, ...(before && { before }) },
      async (node, some) => {
        const reply = await node.read(
          some.filter(({ isToken }) => isToken).map(keyOf),
          some.filter(({ isToken }) => !isToken).map(keyOf),
        )
        return [...reply.tokens, ...reply.entries]
      },
    )
  }

  /** One script per slot. */
  async mint(tokenKeys: readonly string[], lifeMs: number): Promise<readonly TokenState[]> {
    const keys = tokenKeys.map((key) => this.#one(key))
    return this.#routes.all({ operation: 'mint', items: keys, keyOf: itself }, (node, some) =>
      node.mint(some, lifeMs),
    )
  }

  /** One SET each; for lives of hours a script per slot of their tokens beside it. */
  async write(entries: readonly EntryWrite[]): Promise<void> {
    const lives = [...longLives(entries.filter(({ lifeMs }) => lifeMs > 0))]
    await Promise.all([
      this.#routes.all({ operation: 'write', items: entries, keyOf }, async (node, some) => {
        await node.write(some.map((entry) => ({ ...entry, tokenKeys: [] })))
        return some
      }),
      this.#routes.all(
        { operation: 'write', items: lives, keyOf: ([key]) => key },
        async (node, some) => {
          await node.prolong(some)
          return some
        },
      ),
    ])
  }

  /** One UNLINK per slot. */
  async remove(entryKeys: readonly string[]): Promise<void> {
    await this.#routes.all(
      { operation: 'remove', items: entryKeys, keyOf: itself },
      async (node, keys) => {
        await node.remove(keys)
        return keys
      },
    )
  }

  /** One script per slot. */
  async mark(
    tokenKeys: readonly string[],
    owner: string,
    lastsMs: number,
  ): Promise<readonly (TokenState | undefined)[]> {
    return this.#onCopies('mark', tokenKeys.map(named), (node, items) =>
      node.mark(items.map(keyOf), owner, lastsMs),
    )
  }

  /** One script per slot. */
  async unmark(tokenKeys: readonly string[], owner: string): Promise<void> {
    await this.#onCopies('unmark', tokenKeys.map(named), async (node, items) => {
      await node.unmark(items.map(keyOf), owner)
      return items.map(() => undefined)
    })
  }

  /** One script per slot. */
  async sweep(
    sweeps: readonly TokenSweep[],
    owner?: string,
  ): Promise<readonly (TokenState | undefined)[]> {
    return this.#onCopies('sweep', sweeps, (node, some) => node.sweep(some, owner))
  }

  /** As exact as the clocks of the primaries agree; undefined while that of one whose tokens are known is not. */
  clock(): StoreClock | undefined {
    const reached = this.#nodes.primaries().filter(({ isReached }) => isReached)
    const clocks = reached.map((node) => node.clock())
    const known = clocks.filter((clock) => clock !== undefined)
    if (known.length === 0 || known.length < clocks.length) return undefined
    const least = Math.min(...known.map(({ offsetMs, errorMs }) => offsetMs - errorMs))
    const most = Math.max(...known.map(({ offsetMs, errorMs }) => offsetMs + errorMs))
    return { offsetMs: (least + most) / 2, errorMs: (most - least) / 2 }
  }

  /** Calls whenever one of the servers is reached over another connection, or another server has taken its place. */
  onConnected(listener: () => void): () => void {
    return this.#nodes.onConnected(listener)
  }

  /** Removes its listeners from the client, which stays open. */
  close(): Promise<void> {
    this.#replicas?.close()
    return this.#nodes.close()
  }

  /** Where the token of a type is named without a copy, the one that stands for all. */
  #one(key: string): string {
    return typeCopies(key, this.hashTags)?.[0] ?? key
  }

  /** Answers what was found under each key: of a type's token, under the copy that stands for all. */
  async #onCopies<Item extends Named>(
    operation: StoreOperation,
    items: readonly Item[],
    ask: Ask<Item, TokenState | undefined>,
  ): Promise<readonly (TokenState | undefined)[]> {
    const copies: Item[] = []
    const firsts = items.map((item) => {
      const first = copies.length
      for (const key of typeCopies(item.key, this.hashTags) ?? [item.key])
        copies.push({ ...item, key })
      return first
    })
    const found = await this.#routes.all({ operation, items: copies, keyOf }, ask)
    return firsts.map((first) => found[first])
  }
}

interface Named {
  readonly key: string
}

interface Asked extends Named {
  readonly isToken: boolean
}

const keyOf = ({ key }: Named): string => key
const named = (key: string): Named => ({ key })
const itself = (key: string): string => key

type Found = TokenState | Buffer | undefined

function replyOf(found: readonly Found[], tokens: number): StoreReply {
  return {
    tokens: found.slice(0, tokens).map((one) => (Buffer.isBuffer(one) ? undefined : one)),
    entries: found.slice(tokens).map((one) => (Buffer.isBuffer(one) ? one : undefined)),
  }
}

/** Undefined where it has to be asked of the primary. */
async function fromReplica(
  replicas: ClusterReplicas,
  items: readonly Asked[],
  { slot, attempt }: { readonly slot: number; readonly attempt: Attempt },
): Promise<readonly Found[] | undefined> {
  const replica = replicas.of(slot)
  if (replica === undefined) return undefined
  try {
    return await attempt(replica, () => replica.read(items.map(keyOf)))
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error
    return undefined
  }
}

function noneOf(entries: readonly Asked[], error: unknown): readonly undefined[] {
  if (!(error instanceof StoreUnavailableError)) throw error
  return entries.map(() => undefined)
}
