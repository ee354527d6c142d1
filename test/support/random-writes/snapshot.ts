import { WRITTEN, type RawDatabase, type RawRow } from './raw-database'
import { JUNCTION, ZOO_TABLES, type TableLink, type ZooTable } from './zoo-tables'

/** A class, abstract ones included. */
export type SweepTarget = abstract new () => object

export interface SnapshotRow {
  readonly label: string
  readonly table: ZooTable
  readonly values: RawRow
  /** The whole row, comparable. */
  readonly text: string
  /** By which transaction it was written; undefined where the database does not tell. */
  readonly writtenBy: unknown
}

/** All tables at one moment. */
export interface Snapshot {
  readonly rows: ReadonlyMap<string, SnapshotRow>
  /** Many-to-many rows, as the two labels they name. */
  readonly pairs: ReadonlyMap<string, readonly [string, string]>
  /** What each record belongs to. */
  readonly parents: ReadonlyMap<string, ReadonlySet<string>>
}

export async function snapshotOf(database: RawDatabase): Promise<Snapshot> {
  const rows = new Map<string, SnapshotRow>()
  for (const table of ZOO_TABLES) {
    for (const { [WRITTEN]: writtenBy, ...values } of await database.rows(table.table)) {
      const label = `${table.name}:${textOf(values, table.key)}`
      rows.set(label, { label, table, values, text: JSON.stringify(values), writtenBy })
    }
  }
  const pairs = new Map<string, readonly [string, string]>()
  for (const pair of await database.rows(JUNCTION.table)) {
    const ends = [
      `Article:${String(pair[JUNCTION.article])}`,
      `Tag:${String(pair[JUNCTION.tag])}`,
    ] as const
    pairs.set(ends.join(' '), ends)
  }
  return { rows, pairs, parents: parentsIn(rows, pairs) }
}

/** The lists that a row stands in: `[Article, 7, 'comments']` as text. */
export function listsOf({ table, values }: SnapshotRow): readonly string[] {
  return table.links.flatMap(({ own, to, list }) =>
    list === undefined || own.some((column) => values[column] == null)
      ? []
      : [`${to}:${textOf(values, own)}/${list}`],
  )
}

function parentsIn(
  rows: ReadonlyMap<string, SnapshotRow>,
  pairs: Snapshot['pairs'],
): ReadonlyMap<string, ReadonlySet<string>> {
  const parents = new Map<string, Set<string>>()
  const add = (child: string, parent: string): void => {
    const known = parents.get(child)
    if (known === undefined) parents.set(child, new Set([parent]))
    else known.add(parent)
  }
  for (const row of rows.values())
    for (const link of row.table.links)
      for (const other of rows.values()) if (leadsTo(row, link, other)) add(row.label, other.label)
  for (const [article, tag] of pairs.values()) add(tag, article)
  return parents
}

function leadsTo(row: SnapshotRow, { own, to, their }: TableLink, other: SnapshotRow): boolean {
  return (
    other.table.name === to &&
    own.every((column) => row.values[column] != null) &&
    textOf(row.values, own) === textOf(other.values, their)
  )
}

function textOf(values: RawRow, columns: readonly string[]): string {
  return columns.map((column) => String(values[column])).join(',')
}
