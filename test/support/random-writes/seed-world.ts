import type { RawDatabase } from './raw-database'
import { JUNCTION } from './zoo-tables'

type Value = string | number | null

interface SeedTable {
  readonly table: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Value[])[]
  /** The database counts its keys. */
  readonly counted?: true
}

const [ANN, BOB, CAT] = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`) as [
  string,
  string,
  string,
]

/** Parents before children. */
// prettier-ignore
const SEED: readonly SeedTable[] = [
  { table: 'zoo_page', columns: ['title', 'parentId'], counted: true,
    rows: [['1', null], ['2', 1], ['3', 2], ['4', null], ['5', 4]] },
  { table: 'zoo_tag', columns: ['slug'], counted: true,
    rows: [['red'], ['green'], ['blue'], ['grey']] },
  { table: 'zoo_user', columns: ['id', 'email'],
    rows: [[ANN, 'u1@example.org'], [BOB, 'u2@example.org'], [CAT, 'u3@example.org']] },
  { table: 'zoo_article', columns: ['title'], counted: true,
    rows: [['a'], ['b'], ['c'], ['d']] },
  { table: 'zoo_comment', columns: ['text', 'version', 'articleId', 'authorId'], counted: true,
    rows: [['1', 1, 1, ANN], ['2', 1, 1, BOB], ['3', 1, 2, ANN], ['4', 1, 2, null],
      ['5', 1, 3, CAT], ['6', 1, 3, BOB], ['7', 1, null, BOB], ['8', 1, 4, null]] },
  { table: 'zoo_vote', columns: ['commentId'], counted: true,
    rows: [[1], [1], [2], [3], [4], [5], [7], [null]] },
  { table: 'zoo_order', columns: ['tenant', 'number'],
    rows: [['x', 1], ['x', 2], ['y', 1]] },
  { table: 'zoo_line', columns: ['tenant', 'number', 'position'],
    rows: [['x', 1, 1], ['x', 1, 2], ['x', 2, 1], ['y', 1, 1]] },
  { table: 'zoo_login', columns: ['device', 'userEmail'], counted: true,
    rows: [['a', 'u1@example.org'], ['b', 'u1@example.org'], ['c', 'u2@example.org'], ['d', null]] },
  { table: 'zoo_content', columns: ['kind', 'title', 'articleId'], counted: true,
    rows: [['video', 'a', 1], ['video', 'b', 2], ['video', 'c', null], ['photo', 'd', null]] },
  { table: 'zoo_profile', columns: ['id', 'userId'],
    rows: [[9007199254740, ANN], [2, BOB], [3, null]] },
  { table: JUNCTION.table, columns: [JUNCTION.article, JUNCTION.tag],
    rows: [[1, 1], [1, 2], [2, 3], [2, 1], [3, 2], [4, 3]] },
]

/** Empties all tables and fills them with the same few rows, whose generated keys are counted from 1. */
export async function seedWorld(database: RawDatabase): Promise<void> {
  await database.run([...emptying(database), ...SEED.map((table) => filling(database, table))])
}

function emptying({ type, quote }: RawDatabase): readonly string[] {
  const empty = [
    // MariaDB checks a self relation row by row.
    `UPDATE ${quote('zoo_page')} SET ${quote('parentId')} = NULL`,
    ...SEED.map(({ table }) => `DELETE FROM ${quote(table)}`).toReversed(),
  ]
  switch (type) {
    case 'sqlite':
      return [...empty, 'DELETE FROM sqlite_sequence']
    case 'postgres': {
      const counted = SEED.filter((one) => one.counted === true)
      const restarts = counted.map(
        ({ table }) => `setval(pg_get_serial_sequence('${table}', 'id'), 1, false)`,
      )
      return [...empty, `SELECT ${restarts.join(', ')}`]
    }
    case 'mariadb':
      return empty
  }
}

function filling(
  { type, quote }: RawDatabase,
  { table, columns, rows, counted }: SeedTable,
): string {
  // Setting MariaDB's counters back would take longer than the rest.
  const countsHere = counted === true && type === 'mariadb'
  const names = [...(countsHere ? ['id'] : []), ...columns].map((column) => quote(column))
  const tuples = rows.map((row, at) => [...(countsHere ? [at + 1] : []), ...row])
  const values = tuples.map((tuple) => `(${tuple.map((value) => literal(value)).join(', ')})`)
  return `INSERT INTO ${quote(table)} (${names.join(', ')}) VALUES ${values.join(', ')}`
}

function literal(value: Value): string {
  if (value === null) return 'NULL'
  return typeof value === 'number' ? String(value) : `'${value}'`
}
