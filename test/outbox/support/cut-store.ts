import { StoreUnavailableError } from '../../../src/core/errors'
import type { StoreOperation } from '../../../src/store/guarded-store'
import { AroundStore } from '../../support/stores'

/** The store of a process whose way there is cut: its calls fail at once. Others still reach it. */
export class CutStore extends AroundStore {
  isCut = false

  async around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T> {
    if (this.isCut) throw new StoreUnavailableError(this.name, operation, 'cut')
    return call()
  }
}
