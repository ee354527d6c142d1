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
  /** The load of the value that this one becomes a part of. */
  readonly partOf?: FactoryContext<On> | undefined
}
