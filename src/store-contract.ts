import { itBehavesLikeAnEntryStore } from './store-contract/entries'
import { itBehavesLikeAMarkStore } from './store-contract/marks'
import { afterEach, beforeEach, describe } from './store-contract/runner'
import { ContractSubject } from './store-contract/subject'
import { itBehavesLikeATokenStore } from './store-contract/tokens'
import type { Store } from './store/store'

/** What the contract has to know of the store it is run on. */
export interface StoreContractOptions {
  /** Begins every key, for a server that others use too. @default 'contract' */
  readonly namespace?: () => string
  /** The longest entry that the store keeps, in bytes, up to a megabyte. @default 1048576 */
  readonly largestEntry?: number
}

/**
 * Defines the tests that every store passes, whatever keeps its data: entries, tokens, marks, lives, hostile keys and
 * sizes, many callers at once. They run against your real server, in real time, for half a minute at most.
 *
 * Needs the globals `describe`, `it`, `beforeEach` and `afterEach`: mocha, Jest, or Vitest with `globals: true`. A case
 * takes up to 15 seconds on a server with a clock of whole seconds: mind your runner's timeout.
 *
 * @param create makes a store for one case; it is closed after it
 * @example
 * itBehavesLikeAStore('MyStore', () => new MyStore(client))
 */
export function itBehavesLikeAStore(
  label: string,
  create: () => Store | Promise<Store>,
  { namespace = () => 'contract', largestEntry = 1024 * 1024 }: StoreContractOptions = {},
): void {
  describe(`${label}, as a store`, () => {
    let subject: ContractSubject

    beforeEach(async () => {
      subject = new ContractSubject(await create(), namespace(), largestEntry)
    })

    afterEach(() => subject.store.close())

    itBehavesLikeAnEntryStore(() => subject)
    itBehavesLikeATokenStore(() => subject)
    itBehavesLikeAMarkStore(() => subject)
  })
}
