import type { RawDatabase } from './raw-database'
import type { Snapshot } from './snapshot'
import { JUNCTION } from './zoo-tables'

/** The rows that operations can be drawn for. */
export interface World {
  readonly articles: readonly number[]
  readonly comments: readonly number[]
  readonly votes: readonly number[]
  readonly tags: readonly { readonly id: number; readonly slug: string }[]
  readonly users: readonly { readonly id: string; readonly email: string }[]
  readonly pages: readonly number[]
  readonly orders: readonly { readonly tenant: string; readonly number: number }[]
  readonly lines: readonly {
    readonly tenant: string
    readonly number: number
    readonly position: number
  }[]
  readonly logins: readonly number[]
  readonly videos: readonly number[]
  readonly profiles: readonly string[]
}

export function worldIn({ rows }: Snapshot): World {
  const all = [...rows.values()]
  const valuesOf = (name: string) =>
    all
      .filter(({ table }) => table.name === name)
      .toSorted((a, b) => (a.label < b.label ? -1 : 1))
      .map(({ values }) => values)
  const ids = (name: string): number[] => valuesOf(name).map(({ id }) => Number(id))
  return {
    articles: ids('Article'),
    comments: ids('Comment'),
    votes: ids('Vote'),
    tags: valuesOf('Tag').map(({ id, slug }) => ({ id: Number(id), slug: String(slug) })),
    users: valuesOf('User').map(({ id, email }) => ({ id: String(id), email: String(email) })),
    pages: ids('Page'),
    orders: valuesOf('Order').map(({ tenant, number }) => ({
      tenant: String(tenant),
      number: Number(number),
    })),
    lines: valuesOf('Line').map(({ tenant, number, position }) => ({
      tenant: String(tenant),
      number: Number(number),
      position: Number(position),
    })),
    logins: ids('Login'),
    videos: valuesOf('Content')
      .filter(({ kind }) => kind === 'video')
      .map(({ id }) => Number(id)),
    profiles: valuesOf('Profile').map(({ id }) => String(id)),
  }
}

/** Empties all tables and fills them with the same few rows, generated keys counted from 1. */
export async function seedWorld(database: RawDatabase): Promise<void> {
  for (const sql of emptying(database)) await database.run(sql)
  const insert = async (
    table: string,
    columns: readonly string[],
    rows: readonly (readonly (string | number | null)[])[],
  ): Promise<void> => {
    const names = columns.map((column) => database.quote(column)).join(', ')
    const values = rows.map((row) => `(${row.map((value) => literal(value)).join(', ')})`)
    await database.run(
      `INSERT INTO ${database.quote(table)} (${names}) VALUES ${values.join(', ')}`,
    )
  }
  await insert('zoo_article', ['title'], [['a'], ['b'], ['c'], ['d']])
  await insert(
    'zoo_user',
    ['id', 'email'],
    [1, 2, 3].map((n) => [uuid(n), `u${n}@example.org`]),
  )
  await insert(
    'zoo_comment',
    ['text', 'version', 'articleId', 'authorId'],
    [
      ['1', 1, 1, uuid(1)],
      ['2', 1, 1, uuid(2)],
      ['3', 1, 2, uuid(1)],
      ['4', 1, 2, null],
      ['5', 1, 3, uuid(3)],
      ['6', 1, 3, uuid(2)],
      ['7', 1, null, uuid(2)],
      ['8', 1, 4, null],
    ],
  )
  await insert('zoo_vote', ['commentId'], [[1], [1], [2], [3], [4], [5], [7], [null]])
  await insert('zoo_tag', ['slug'], [['red'], ['green'], ['blue'], ['grey']])
  const links = [1, 1, 2, 2, 3, 4].map((article, at) => [article, (at % 3) + 1])
  await insert(JUNCTION.table, [JUNCTION.article, JUNCTION.tag], links)
  await insert(
    'zoo_page',
    ['title', 'parentId'],
    [
      ['1', null],
      ['2', 1],
      ['3', 2],
      ['4', null],
      ['5', 4],
    ],
  )
  await insert(
    'zoo_order',
    ['tenant', 'number'],
    [
      ['x', 1],
      ['x', 2],
      ['y', 1],
    ],
  )
  await insert(
    'zoo_line',
    ['tenant', 'number', 'position'],
    [
      ['x', 1, 1],
      ['x', 1, 2],
      ['x', 2, 1],
      ['y', 1, 1],
    ],
  )
  await insert(
    'zoo_login',
    ['device', 'userEmail'],
    [
      ['a', 'u1@example.org'],
      ['b', 'u1@example.org'],
      ['c', 'u2@example.org'],
      ['d', null],
    ],
  )
  await insert(
    'zoo_content',
    ['kind', 'title', 'articleId'],
    [
      ['video', 'a', 1],
      ['video', 'b', 2],
      ['video', 'c', null],
      ['photo', 'd', null],
    ],
  )
  await insert(
    'zoo_profile',
    ['id', 'userId'],
    [
      [9007199254740, uuid(1)],
      [2, uuid(2)],
      [3, null],
    ],
  )
}

function emptying({ type, quote }: RawDatabase): readonly string[] {
  if (type === 'postgres') {
    const tables = CHILDREN_FIRST.map((table) => quote(table)).join(', ')
    return [`TRUNCATE ${tables} RESTART IDENTITY CASCADE`]
  }
  const empty = CHILDREN_FIRST.map((table) => `DELETE FROM ${quote(table)}`)
  // MariaDB checks a self relation row by row.
  const unlink = `UPDATE ${quote('zoo_page')} SET ${quote('parentId')} = NULL`
  const restart =
    type === 'sqljs'
      ? ['DELETE FROM sqlite_sequence']
      : CHILDREN_FIRST.map((table) => `ALTER TABLE ${quote(table)} AUTO_INCREMENT = 1`)
  return [unlink, ...empty, ...restart]
}

const CHILDREN_FIRST = [
  JUNCTION.table,
  'zoo_profile',
  'zoo_content',
  'zoo_login',
  'zoo_line',
  'zoo_order',
  'zoo_vote',
  'zoo_comment',
  'zoo_article',
  'zoo_user',
  'zoo_tag',
  'zoo_page',
]

function uuid(n: number): string {
  return `00000000-0000-4000-8000-00000000000${n}`
}

function literal(value: string | number | null): string {
  if (value === null) return 'NULL'
  return typeof value === 'number' ? String(value) : `'${value}'`
}
