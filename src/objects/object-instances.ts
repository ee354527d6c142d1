import type { QueryRunner } from 'typeorm'
import type { Answer } from '../cache/answers'
import type { InstanceOrigins, LoadRunner } from '../core/instance-origins'
import type { Joined, ObjectQuery } from './object-query'
import { rowsOfTuples, type Tuples } from './row-tuples'

/** On what connection an object was asked for. */
export interface Asked {
  readonly runner: QueryRunner | undefined
}

/**
 * The instance that an answer is of, its age noted for whoever makes something of it.
 *
 * One from the cache was right when its tokens stood and no write was in flight: when the look-up began, or earlier
 * where the near tier had it.
 * One that was loaded is as old as the load, which another caller may have begun.
 */
export async function instanceOf(
  answer: Answer,
  query: ObjectQuery,
  asked: Asked & { readonly origins: InstanceOrigins },
): Promise<object | null> {
  const { runner, origins } = asked
  // What ObjectLoads made, here or in another process with the same columns.
  const value = answer.value as Tuples
  const hydrated = runner === undefined ? query.hydrate(value) : undefined
  if (hydrated === undefined) return revived(value, answer, query, asked)
  origins.note(hydrated, answer.asOfMs ?? value[0], OUTSIDE_TRANSACTIONS)
  return hydrated
}

async function revived(
  value: Tuples,
  answer: Answer,
  query: ObjectQuery,
  { runner, origins }: Asked & { readonly origins: InstanceOrigins },
): Promise<object | null> {
  const { loadedAtMs, rows } = rowsOfTuples(value)
  const instance = await query.revive(rows, runner)
  if (instance !== null && runner?.isTransactionActive !== true)
    note(origins, instance, { joined: query.joined, atMs: answer.asOfMs ?? loadedAtMs })
  return instance
}

function note(
  origins: InstanceOrigins,
  instance: object,
  { joined, atMs }: { readonly joined: readonly Joined[]; readonly atMs: number },
): void {
  origins.note(instance, atMs, OUTSIDE_TRANSACTIONS)
  for (const { relation, beyond } of joined) {
    const value: unknown = relation.getEntityValue(instance)
    for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value])
      if (typeof one === 'object' && one !== null) note(origins, one, { joined: beyond, atMs })
  }
}

const OUTSIDE_TRANSACTIONS: LoadRunner = { isTransactionActive: false }
