import { BUILDERS } from './builders'
import type { OperationKind } from './operation'
import { PRIMITIVES } from './primitives'
import type { DatabaseName } from './raw-database'
import { RAW_WRITES } from './raw-writes'
import { SAVING } from './saving'
import { SAVING_RELATIONS } from './saving-relations'

const ALL_WAYS = [...SAVING, ...SAVING_RELATIONS, ...PRIMITIVES, ...BUILDERS, ...RAW_WRITES]

/** Every way to write that a database has. */
export function waysOn(database: DatabaseName): readonly OperationKind[] {
  return ALL_WAYS.filter(({ on }) => on.includes(database))
}
