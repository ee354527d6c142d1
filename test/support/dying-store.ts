import type { StoreOperation } from '../../src/store/guarded-store'
import type { TokenSweep } from '../../src/store/store'
import type { TokenState } from '../../src/store/token'
import { AroundStore } from './stores'

/**
 * The store of a process that dies on command, between COMMIT and sweep: what it would have sent to end its work never
 * arrives. The caller of a dead process is gone, so it is answered as if all were well.
 */
export class DyingStore extends AroundStore {
  #isDead = false

  die(): void {
    this.#isDead = true
  }

  override async unmark(tokenKeys: readonly string[], owner: string): Promise<void> {
    if (!this.#isDead) await super.unmark(tokenKeys, owner)
  }

  override async sweep(
    sweeps: readonly TokenSweep[],
    owner?: string,
  ): Promise<readonly (TokenState | undefined)[]> {
    return this.#isDead ? sweeps.map(() => undefined) : super.sweep(sweeps, owner)
  }

  around<T>(_: StoreOperation, call: () => Promise<T>): Promise<T> {
    return call()
  }
}
