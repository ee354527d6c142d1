import { setTimeout } from 'node:timers/promises'
import { children, record, type OnSubject, type Sweeper } from '../../../src/index'
import type { EntityClass } from '../../../src/model/entity-class'
import type { Snapshot, SweepTarget } from './snapshot'
import { ZOO_TABLES, type ZooTable } from './zoo-tables'

/** Versions by label: of records, of lists (`Article:7/comments`) and of types. */
export type Versions = ReadonlyMap<string, string>

/** Generated keys that rows to come may get. */
const KEYS_TO_COME = 12
const GENERATED = ['Article', 'Comment', 'Vote', 'Tag', 'Page', 'Login', 'Content']

/** Everything there is to have a version, with the keys that rows to come will get. */
export function subjectsIn(snapshot: Snapshot): ReadonlyMap<string, OnSubject> {
  const subjects = new Map<string, OnSubject>()
  for (const table of ZOO_TABLES) {
    subjects.set(table.name, table.target)
    const rows = [...snapshot.rows.values()].filter((row) => row.table === table)
    for (const { label, values } of rows)
      subjects.set(label, record(table.target, keyOf(table, values)))
    if (!GENERATED.includes(table.name)) continue
    const last = Math.max(0, ...rows.map(({ values }) => Number(values['id'])))
    for (let id = last + 1; id <= last + KEYS_TO_COME; id++)
      subjects.set(`${table.name}:${id}`, record(table.target, id))
  }
  for (const table of ZOO_TABLES)
    for (const { to, list } of table.links) if (list !== undefined) addLists(subjects, to, list)
  return subjects
}

export async function versionsOf(
  sweeper: Sweeper,
  subjects: ReadonlyMap<string, OnSubject>,
): Promise<Versions> {
  const entries = [...subjects].map(
    async ([label, on]) => [label, await sweeper.version(on)] as const,
  )
  return new Map(await Promise.all(entries))
}

/**
 * Versions that stay as they are. While a mark stands a version equals no other, and its end moves the token.
 *
 * @throws {Error} when some are still moving after `withinMs`, and as long again
 */
export async function settledVersionsOf(
  sweeper: Sweeper,
  subjects: ReadonlyMap<string, OnSubject>,
  withinMs: number,
): Promise<{ readonly versions: Versions; readonly waited: boolean }> {
  const until = performance.now() + 2 * withinMs
  for (let waited = false; ; waited = true) {
    const versions = await versionsOf(sweeper, subjects)
    const again = await versionsOf(sweeper, subjects)
    const moving = [...subjects.keys()].filter((label) => versions.get(label) !== again.get(label))
    if (moving.length === 0) return { versions, waited }
    if (performance.now() > until) throw new Error(`marks stand on ${moving.join(', ')}`)
    await setTimeout(withinMs / 10)
  }
}

function addLists(subjects: Map<string, OnSubject>, to: string, list: string): void {
  const table = ZOO_TABLES.find(({ name }) => name === to)
  if (table === undefined) return
  for (const label of [...subjects.keys()])
    if (label.startsWith(`${to}:`) && !label.includes('/'))
      subjects.set(`${label}/${list}`, listOf(table.target, Number(label.split(':')[1]), list))
}

/** The list's name comes from a table of names, which the compiler cannot check. */
function listOf(target: SweepTarget, id: number, list: string): OnSubject {
  return children<Record<string, unknown>>(target as EntityClass<Record<string, unknown>>, id, list)
}

function keyOf({ key }: ZooTable, values: Readonly<Record<string, unknown>>): string | object {
  const [only, ...others] = key
  if (only !== undefined && others.length === 0) return String(values[only])
  return Object.fromEntries(key.map((column) => [column, values[column]]))
}
