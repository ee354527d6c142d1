import { BUILDERS } from './builders'
import type { OperationKind } from './operation'
import { PRIMITIVES } from './primitives'
import type { DatabaseName } from './raw-database'
import { RAW_WRITES } from './raw-writes'
import { SAVING } from './saving'
import { SAVING_RELATIONS } from './saving-relations'
import { HAS_INSERT_FROM_SELECT, HAS_UPDATE_ALL } from '../typeorm-features'

const ALL_WAYS = [...SAVING, ...SAVING_RELATIONS, ...PRIMITIVES, ...BUILDERS, ...RAW_WRITES]

const LACKING: readonly string[] = [
  ...(HAS_UPDATE_ALL ? [] : ['update all', 'delete all']),
  ...(HAS_INSERT_FROM_SELECT ? [] : ['builder: insert from select']),
]

/** Every way to write that a database and this TypeORM have. */
export function waysOn(database: DatabaseName): readonly OperationKind[] {
  return ALL_WAYS.filter(({ kind, on }) => on.includes(database) && !LACKING.includes(kind))
}
