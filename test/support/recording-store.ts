import type { StoreOperation } from '../../src/store/guarded-store'
import type { StoreReply } from '../../src/store/store'
import type { TokenState } from '../../src/store/token'
import { AroundStore } from './stores'

/** Notes which keys each command asks the other store for. */
export class RecordingStore extends AroundStore {
  readonly reads: { readonly tokens: readonly string[]; readonly entries: readonly string[] }[] = []
  readonly mints: { readonly keys: readonly string[]; readonly lifeMs: number }[] = []

  override read(tokenKeys: readonly string[], entryKeys: readonly string[]): Promise<StoreReply> {
    this.reads.push({ tokens: tokenKeys, entries: entryKeys })
    return super.read(tokenKeys, entryKeys)
  }

  override mint(tokenKeys: readonly string[], lifeMs: number): Promise<readonly TokenState[]> {
    this.mints.push({ keys: tokenKeys, lifeMs })
    return super.mint(tokenKeys, lifeMs)
  }

  around<T>(_: StoreOperation, call: () => Promise<T>): Promise<T> {
    return call()
  }
}
