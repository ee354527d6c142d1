/** Copies of this package know each other's patches when they meet them. */
const PATCH = Symbol.for('typeorm-sweeper.watched')

type Method<Self, Args extends unknown[], Result> = (this: Self, ...args: Args) => Promise<Result>

interface Patch<M> {
  /** What was there before. */
  readonly original: M
  /** Sweepers that are open; without any it only passes on. */
  users: number
  /** Whether it is still in the way of calls, maybe below patches of others. */
  isLaid: boolean
}

type Patched<M> = M & { readonly [PATCH]?: Patch<M> }

/** Stands between the callers of a method and the method. */
export type Watcher<Self, Args extends unknown[], Result> = (
  self: Self,
  args: Args,
  proceed: () => Promise<Result>,
) => Promise<Result>

/**
 * Has a method of TypeORM's prototypes pass by a watcher.
 *
 * It is a change to someone else's prototypes, so: once per prototype and copy of this package, whatever the number
 * of Sweepers, and undone when the last Sweeper closes. Where another patch has been laid over it meanwhile it
 * stays below that and only passes on.
 */
export class WatchedMethod<Name extends string, Self, Args extends unknown[], Result> {
  readonly #name: Name
  readonly #watcher: Watcher<Self, Args, Result>
  /** The patches of this copy of the package. */
  readonly #patches = new WeakMap<object, Patch<Method<Self, Args, Result>>>()

  constructor(name: Name, watcher: Watcher<Self, Args, Result>) {
    this.#name = name
    this.#watcher = watcher
  }

  /** @returns takes it back */
  on(prototype: Record<Name, Patched<Method<Self, Args, Result>>>): () => void {
    const known = this.#patches.get(prototype)
    const patch = known?.isLaid === true ? known : this.#lay(prototype)
    patch.users++
    let released = false
    return () => {
      if (released) return
      released = true
      patch.users--
      this.#unwind(prototype)
    }
  }

  #lay(
    prototype: Record<Name, Patched<Method<Self, Args, Result>>>,
  ): Patch<Method<Self, Args, Result>> {
    const watcher = this.#watcher
    const original: Method<Self, Args, Result> = prototype[this.#name]
    const patch = { original, users: 0, isLaid: true }
    const watched: Method<Self, Args, Result> = function (...args) {
      const proceed = (): Promise<Result> => original.apply(this, args)
      return patch.users > 0 ? watcher(this, args, proceed) : proceed()
    }
    this.#put(prototype, Object.assign(watched, { [PATCH]: patch }))
    this.#patches.set(prototype, patch)
    return patch
  }

  /** Takes off what lies on top and nobody uses, of other copies too. */
  #unwind(prototype: Record<Name, Patched<Method<Self, Args, Result>>>): void {
    for (
      let top = prototype[this.#name][PATCH];
      top?.users === 0;
      top = prototype[this.#name][PATCH]
    ) {
      this.#put(prototype, top.original)
      top.isLaid = false
    }
  }

  #put(prototype: object, method: Method<Self, Args, Result>): void {
    Object.assign(prototype, { [this.#name]: method })
  }
}
