import type { Fragment } from './fragment'
import type { FactoryContext, Load } from './load'
import type { TransactionView } from './transaction-view'

/** How one value is asked for. */
export interface Asking<On> {
  readonly fragment: Fragment
  readonly fresh: boolean
  readonly transaction: TransactionView
  readonly factory: (load: Load<On>) => unknown
  /** Whether it is certain that the factory reads from no replica of the database. @default false */
  readonly isFromPrimary?: boolean | undefined
  /** Whether the factory may be called again later, when nobody waits any more. @default true */
  readonly isRepeatable?: boolean | undefined
  /** What of a value counts when it is compared with another load. @default all of it */
  readonly comparable?: ((value: unknown) => unknown) | undefined
  /** The load of the value that this one becomes a part of. */
  readonly partOf?: FactoryContext<On> | undefined
}
