import type { DataSource } from 'typeorm'
import { NamespaceError, quoted } from '../core/errors'
import type { Store } from '../store/store'
import { watchLifecycle, type LifecycleHandlers } from '../sweep/data-source-lifecycle'
import { attachEngine, detachEngine } from '../sweep/engines'
import { placeFirst, registerSubscriber } from '../sweep/registration'
import type { SweepEngine } from '../sweep/sweep-engine'
import { watchBuilders } from '../sweep/watched-builders'
import { watchQueries } from '../sweep/watched-queries'
import { watchSaves } from '../sweep/watched-saves'
import { watchTransactions } from '../sweep/watched-transactions'

export interface Attached {
  readonly dataSource: DataSource
  readonly store: Store
  readonly namespace: string
  /** Sweeps what the DataSource writes; none for a Sweeper that is off. */
  readonly engine: SweepEngine | undefined
  readonly lifecycle: LifecycleHandlers
  /** Another Sweeper has taken its place: it sees no more writes. */
  replaced(): void
  /** Once, when it lets go. */
  released(): void
}

const attachments = new WeakMap<DataSource, Attachment>()
const namespaces = new WeakMap<Store, Set<string>>()

/** Ties a Sweeper to its DataSource, and its namespace to its store. A second one, as after a hot reload, takes the place of the first. */
export class Attachment {
  readonly #attached: Attached
  readonly #undo: readonly (() => void)[]
  #isDetached = false
  #isReleased = false

  /** @throws {NamespaceError} SWEEPER_NAMESPACE when another live Sweeper uses the namespace on this store */
  constructor(attached: Attached) {
    const { dataSource, store, namespace, engine, lifecycle } = attached
    attachments.get(dataSource)?.replace()
    const taken = namespaces.get(store) ?? new Set()
    if (taken.has(namespace))
      throw new NamespaceError(
        `new Sweeper(): another Sweeper of this process uses the namespace ${quoted(namespace)} on the same store; give each DataSource a namespace of its own`,
      )
    namespaces.set(store, taken.add(namespace))
    attachments.set(dataSource, this)
    this.#attached = attached
    if (engine !== undefined) attachEngine(dataSource, engine)
    registerSubscriber(dataSource)
    this.#undo = [
      watchBuilders(dataSource),
      watchQueries(dataSource),
      watchSaves(dataSource),
      watchTransactions(dataSource),
      watchLifecycle(dataSource, {
        initialized: () => {
          lifecycle.initialized()
          placeFirst(dataSource)
        },
        destroying: () => lifecycle.destroying(),
      }),
    ]
  }

  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#detach()
    this.#attached.released()
  }

  /** Another one takes its place. */
  replace(): void {
    this.#detach()
    this.#attached.replaced()
  }

  #detach(): void {
    if (this.#isDetached) return
    this.#isDetached = true
    const { dataSource, store, namespace, engine } = this.#attached
    for (const undo of this.#undo) undo()
    if (engine !== undefined) detachEngine(dataSource, engine)
    if (attachments.get(dataSource) === this) attachments.delete(dataSource)
    namespaces.get(store)?.delete(namespace)
  }
}
