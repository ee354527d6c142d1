import type { QueryRunner } from 'typeorm'
import { AsyncContext } from '../core/async-context'
import type { WriteStatement } from './write-statement'

interface Expected {
  readonly kind: WriteStatement['kind']
  readonly table: string
  seen: boolean
}

const expected = new AsyncContext<Expected>()

const VERBS: Readonly<Record<WriteStatement['kind'], RegExp>> = {
  insert: /^\s*(INSERT|REPLACE|WITH|MERGE|UPSERT)\b/i,
  update: /^\s*(UPDATE|WITH)\b/i,
  delete: /^\s*(DELETE|WITH)\b/i,
  'soft-delete': /^\s*(UPDATE|WITH)\b/i,
  restore: /^\s*(UPDATE|WITH)\b/i,
}

/** Runs a watched statement: its SQL, when it passes by, is not raw SQL of the user's. */
export function expectStatement<T>(statement: WriteStatement, run: () => Promise<T>): Promise<T> {
  return expected.runToEnd(
    { kind: statement.kind, table: statement.metadata.tableName, seen: false },
    run,
  )
}

/**
 * Whether this SQL is the one that a watched query builder in this async context was about to send.
 * Once per statement. A listener's raw statement of the same kind on the same table may be taken for it;
 * then the builder's own is read as raw SQL, and the same table is swept: nothing is missed.
 */
export function isExpected(sql: string): boolean {
  const statement = expected.current
  if (statement === undefined || statement.seen) return false
  if (!VERBS[statement.kind].test(sql) || !sql.includes(statement.table)) return false
  statement.seen = true
  // A common table expression of the builder's may write to other tables.
  return !/\bWITH\b/i.test(sql)
}

const unseen = new AsyncContext<string>()

/** Sends a statement of our own: it is no write of the user's. What others do in its course is seen. */
export function queryUnseen(
  runner: QueryRunner,
  sql: string,
  parameters: unknown[],
): Promise<unknown> {
  return unseen.runToEnd(sql, () => runner.query(sql, parameters))
}

export function isUnseen(sql: string): boolean {
  return unseen.current === sql
}
