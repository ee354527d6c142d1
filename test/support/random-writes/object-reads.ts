import type { DataSource, FindOptionsRelations } from 'typeorm'
import type { Sweeper } from '../../../src/index'
import type { EntityClass } from '../../../src/model/entity-class'
import {
  Article,
  Comment,
  Content,
  Line,
  Login,
  Order,
  Page,
  Profile,
  Tag,
  User,
  Video,
  Vote,
} from '../zoo'
import type { Snapshot } from './snapshot'

interface ObjectRead {
  readonly target: EntityClass
  /** As in the table of the zoo. */
  readonly table: string
  readonly key: readonly string[]
  readonly relations: readonly string[]
  /** A unique column. */
  readonly unique?: string
}

const by = (target: EntityClass, table = target.name): Omit<ObjectRead, 'relations'> => ({
  target,
  table,
  key: ['id'],
})

/** Every class, alone and with relations of every kind. */
const READS: readonly ObjectRead[] = [
  { ...by(Article), relations: [] },
  { ...by(Article), relations: ['comments', 'comments.votes', 'tags'] },
  { ...by(Comment), relations: [] },
  { ...by(Comment), relations: ['article', 'author', 'votes'] },
  { ...by(Vote), relations: ['comment', 'comment.article'] },
  { ...by(User), relations: [], unique: 'email' },
  { ...by(User), relations: ['comments'] },
  { ...by(Tag), relations: [], unique: 'slug' },
  { ...by(Tag), relations: ['articles'] },
  { ...by(Page), relations: ['parent'] },
  { ...by(Content), relations: [] },
  { ...by(Video, 'Content'), relations: ['article'] },
  { ...by(Login), relations: ['user'] },
  { ...by(Profile), relations: ['user'] },
  { target: Order, table: 'Order', key: ['tenant', 'number'], relations: [] },
  { target: Line, table: 'Line', key: ['tenant', 'number', 'position'], relations: ['order'] },
]

/** Keys that rows to come may get: that they are not there is remembered too. */
const TO_COME = 5

/** Reads everything as objects, through the cache and beside it. */
export class ObjectReads {
  readonly #dataSource: DataSource
  readonly #sweeper: Sweeper

  constructor(dataSource: DataSource, sweeper: Sweeper) {
    this.#dataSource = dataSource
    this.#sweeper = sweeper
  }

  /** What the cache says otherwise than the database; reading it also fills it for the next time. */
  async faults(...snapshots: readonly Snapshot[]): Promise<readonly string[]> {
    const faults: string[] = []
    for (const read of READS) {
      const keys = keysIn(read, snapshots)
      const truth = await this.#truth(read)
      const { target, relations } = read
      const found = await this.#sweeper.findMany(target, keys, { relations })
      keys.forEach((key, at) => {
        const said = shown(found[at] ?? null)
        const right = truth.get(textOf(read.key.map((name) => key[name]))) ?? 'null'
        if (said !== right)
          faults.push(`find ${nameOf(read)} ${JSON.stringify(key)}: ${said}, not ${right}`)
      })
      faults.push(...(await this.#faultsByUnique(read, snapshots)))
    }
    return faults
  }

  async #faultsByUnique(
    { target, table, unique }: ObjectRead,
    snapshots: readonly Snapshot[],
  ): Promise<readonly string[]> {
    if (unique === undefined) return []
    const values = new Set(rowsOf(table, snapshots).map((row) => String(row[unique])))
    const faults: string[] = []
    for (const value of values) {
      const where = { [unique]: value }
      const said = shown(await this.#sweeper.findBy(target as EntityClass<typeof where>, where))
      const right = shown(await this.#dataSource.manager.findOneBy(target, where))
      if (said !== right) faults.push(`findBy ${target.name} ${value}: ${said}, not ${right}`)
    }
    return faults
  }

  async #truth({ target, relations, key }: ObjectRead): Promise<ReadonlyMap<string, string>> {
    const tree: FindOptionsRelations<Record<string, unknown>> = {}
    for (const path of relations) {
      const [first = '', second] = path.split('.')
      tree[first] = second === undefined ? (tree[first] ?? true) : ({ [second]: true } as never)
    }
    const rows = await this.#dataSource.manager.find<Record<string, unknown>>(
      target as EntityClass<Record<string, unknown>> as never,
      { relations: tree, relationLoadStrategy: 'join' },
    )
    return new Map(rows.map((row) => [textOf(key.map((name) => row[name])), shown(row)]))
  }
}

function rowsOf(table: string, snapshots: readonly Snapshot[]) {
  return snapshots
    .flatMap(({ rows }) => [...rows.values()])
    .filter((row) => row.table.name === table)
    .map(({ values }) => values)
}

function keysIn(
  { table, key }: ObjectRead,
  snapshots: readonly Snapshot[],
): readonly Record<string, unknown>[] {
  const rows = rowsOf(table, snapshots)
  const keys = rows.map((row) => Object.fromEntries(key.map((name) => [name, row[name]])))
  const numbers = rows.map(({ id }) => Number(id)).filter((id) => Number.isInteger(id))
  const last = Math.max(0, ...numbers)
  if (numbers.length > 0)
    for (let id = last + 1; id <= last + TO_COME; id++) keys.push({ id: String(id) })
  return [...new Map(keys.map((one) => [JSON.stringify(one), one])).values()]
}

function nameOf({ target, relations }: ObjectRead): string {
  return [target.name, ...relations].join('+')
}

function textOf(values: readonly unknown[]): string {
  return values.map(String).join(',')
}

/** An object as text, its lists in the order of their texts. */
function shown(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    Array.isArray(part) ? part.toSorted((a, b) => (shown(a) < shown(b) ? -1 : 1)) : part,
  )
}
