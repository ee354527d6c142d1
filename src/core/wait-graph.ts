import { AsyncContext } from './async-context'
import { RecursiveFactoryError } from './errors'

/**
 * The load inside which the running code was started. One for all caches of the process, since a load of one can wait
 * for a load of another. Sockets and timers that a load makes keep hold of it: it must stay small and never hold a value.
 */
const running = new AsyncContext<WaitingLoad>()

/**
 * A load, as one that waits for others: a node of a graph whose edges say who waits for whom.
 *
 * A load waits for the loads that code inside it waits for, and for the one it is queued behind. An edge that would close
 * a circle is refused, so no load ever waits for itself, however long the way around.
 */
export class WaitingLoad {
  readonly #name: string
  readonly #waits = new Set<{ readonly target: WaitingLoad }>()
  #behind: () => WaitingLoad | undefined

  /** @param behind what this load is queued behind at the moment, until `run` */
  constructor(name: string, behind: () => WaitingLoad | undefined) {
    this.#name = name
    this.#behind = behind
  }

  /** Runs the load itself: from here on, code inside it counts as this load. */
  run<T>(work: () => Promise<T>): Promise<T> {
    this.#behind = () => undefined
    return running.runToEnd(this, work)
  }

  /**
   * Refuses to let the running code wait for this load if this load waits for it.
   *
   * @throws {RecursiveFactoryError} SWEEPER_RECURSIVE_FACTORY
   */
  refuseCircle(): void {
    const caller = running.current
    const chain = caller === undefined ? undefined : this.#wayTo(caller)
    if (chain !== undefined) throw new RecursiveFactoryError(this.#name, chain)
  }

  /** Notes that the running code waits for this load, until the answered function is called. */
  waitHere(): () => void {
    const caller = running.current
    if (caller === undefined) return () => undefined
    const wait = { target: this }
    caller.#waits.add(wait)
    return () => caller.#waits.delete(wait)
  }

  /** The names on the way to another load along who waits for whom; undefined when there is none. */
  #wayTo(goal: WaitingLoad): readonly string[] | undefined {
    const cameFrom = new Map<WaitingLoad, WaitingLoad | undefined>([[this, undefined]])
    // A Map is iterated in the order of insertion, what is added meanwhile included.
    for (const load of cameFrom.keys()) {
      if (load === goal) break
      for (const target of load.#targets()) if (!cameFrom.has(target)) cameFrom.set(target, load)
    }
    if (!cameFrom.has(goal)) return undefined
    const names: string[] = []
    for (let at: WaitingLoad | undefined = goal; at !== undefined; at = cameFrom.get(at)) {
      names.unshift(at.#name)
    }
    return names
  }

  *#targets(): Generator<WaitingLoad> {
    for (const { target } of this.#waits) yield target
    const behind = this.#behind()
    if (behind !== undefined) yield behind
  }
}
