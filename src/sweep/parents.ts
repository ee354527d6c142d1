import type { QueryRunner } from 'typeorm'
import type { Keyspace } from '../core/keyspace'
import type { EntityType } from '../model/entity-type'
import type { EntityGraph } from '../model/entity-graph'
import type { Link } from '../model/link'
import { parentIdFromForeignKey, type RecordId } from '../model/record-id'
import { storedValues } from './stored-values'
import type { TypedRecord } from './frame'
import type { LinkedRow, RowReader } from './row-reader'

/** One step of a cascade: `parent` belongs to the sweep of `child`. */
export interface Hop {
  readonly child: string
  readonly parent: TypedRecord
  readonly link: Link
}

/** The steps found, and the types whose rows were too many to name. */
export interface Hops {
  readonly hops: readonly Hop[]
  readonly tooMany: readonly Link[]
  /** From a row of all tenants to rows of each: those of the others cannot be read from here. */
  readonly crossing?: readonly Link[]
}

/**
 * Finds what records belong to: one step of the cascade, in a fixed number of queries
 * (one for the rows' foreign keys, one for each link that is not a foreign key to a primary key),
 * whatever the number of records.
 */
export class Parents {
  readonly #rows: RowReader
  readonly #graph: EntityGraph
  readonly #keyspace: Keyspace
  readonly #maxFanOut: number

  constructor(rows: RowReader, graph: EntityGraph, keyspace: Keyspace, maxFanOut: number) {
    this.#rows = rows
    this.#graph = graph
    this.#keyspace = keyspace
    this.#maxFanOut = maxFanOut
  }

  record(type: EntityType, id: RecordId): TypedRecord {
    return { type, id, key: this.#keyspace.record(type.key, id.text) }
  }

  /** The declared links whose foreign key stands in the row itself. */
  foreignKeysOf(type: EntityType): readonly Link[] {
    return this.#graph.linksFrom(type).filter(({ kind }) => kind === 'foreign-key')
  }

  /** One step up from records: reads their rows first. */
  async ofRecords(runner: QueryRunner, type: EntityType, ids: readonly RecordId[]): Promise<Hops> {
    if (this.#graph.linksFrom(type).length === 0 || ids.length === 0)
      return { hops: [], tooMany: [] }
    const foreignKeys = this.foreignKeysOf(type)
    const rows =
      foreignKeys.length === 0
        ? ids.map((id) => ({ id, foreignKeys: new Map() }))
        : await this.#rows.rowsOf(runner, type, foreignKeys, ids)
    return this.ofRows(runner, type, rows)
  }

  /** One step up from rows whose foreign keys are known. */
  async ofRows(runner: QueryRunner, type: EntityType, rows: readonly LinkedRow[]): Promise<Hops> {
    const hops: Hop[] = []
    const tooMany: Link[] = []
    if (rows.length === 0) return { hops, tooMany }
    const links = this.#graph.linksFrom(type)
    const crossing = links.filter((link) => this.#crosses(link))
    for (const link of links) {
      if (crossing.includes(link)) continue
      const found = await this.#along(runner, link, rows)
      if (found === undefined) tooMany.push(link)
      else for (const hop of found) hops.push(hop)
    }
    return { hops, tooMany, crossing }
  }

  #crosses({ from, to }: Link): boolean {
    return this.#keyspace.isShared(from.key) && !this.#keyspace.isShared(to.key)
  }

  async #along(
    runner: QueryRunner,
    link: Link,
    rows: readonly LinkedRow[],
  ): Promise<readonly Hop[] | undefined> {
    switch (link.kind) {
      case 'foreign-key':
        return this.#alongForeignKey(runner, link, rows)
      case 'inverse':
        return this.#alongInverse(runner, link, rows)
      case 'junction':
        return this.#alongJunction(runner, link, rows)
    }
  }

  async #alongForeignKey(
    runner: QueryRunner,
    link: Link,
    rows: readonly LinkedRow[],
  ): Promise<readonly Hop[]> {
    const hops: Hop[] = []
    const byOtherColumn = new Map<
      string,
      { readonly values: readonly unknown[]; readonly children: string[] }
    >()
    for (const row of rows) {
      const values = row.foreignKeys.get(link) ?? []
      if (values.length === 0 || values.some((value) => value == null)) continue
      const child = this.record(link.from, row.id).key
      const id = parentIdFromForeignKey(link, values)
      if (id !== undefined) {
        hops.push({ child, parent: this.record(link.to, id), link })
        continue
      }
      const name = nameOf(values)
      const same = byOtherColumn.get(name)
      if (same === undefined) byOtherColumn.set(name, { values, children: [child] })
      else same.children.push(child)
    }
    if (byOtherColumn.size === 0) return hops
    // The foreign key goes by another unique column: the parent's primary key has to be looked up.
    const parents = await this.#rows.keysWhere(
      runner,
      link.to,
      link.referencedColumns,
      [...byOtherColumn.values()].map(({ values }) => values),
    )
    for (const { id, by } of parents)
      for (const child of byOtherColumn.get(nameOf(by))?.children ?? [])
        hops.push({ child, parent: this.record(link.to, id), link })
    return hops
  }

  /** `dependsOn: ['comments']` on User: the rows that point at the record. */
  async #alongInverse(
    runner: QueryRunner,
    link: Link,
    rows: readonly LinkedRow[],
  ): Promise<readonly Hop[] | undefined> {
    const children = await this.#referenced(runner, link, rows)
    if (children.size === 0) return []
    const values = [...children.values()].map((child) => child.values)
    const limit = this.#maxFanOut
    const found = await this.#rows.keysWhere(runner, link.to, link.columns, values, limit + 1)
    if (found.length > limit) return undefined
    return found.flatMap(({ id, by }) => {
      const child = children.get(nameOf(by))
      return child === undefined
        ? []
        : [{ child: child.key, parent: this.record(link.to, id), link }]
    })
  }

  async #alongJunction(
    runner: QueryRunner,
    link: Link,
    rows: readonly LinkedRow[],
  ): Promise<readonly Hop[] | undefined> {
    const { junction } = link
    if (junction === undefined) return []
    const children = await this.#referenced(runner, link, rows)
    if (children.size === 0) return []
    const { own, other, metadata } = junction
    const values = [...children.values()].map((child) => child.values)
    const limit = this.#maxFanOut
    const pairs = await this.#rows.rawWhere(
      runner,
      metadata,
      [...own, ...other],
      own,
      values,
      limit + 1,
    )
    if (pairs.length > limit) return undefined
    return pairs.flatMap((pair) => {
      const child = children.get(nameOf(pair.slice(0, own.length)))
      const id = junction.otherId(pair.slice(own.length))
      return child === undefined || id === undefined
        ? []
        : [{ child: child.key, parent: this.record(link.to, id), link }]
    })
  }

  /**
   * The values by which rows elsewhere point at these rows, by their text. Usually the primary key,
   * which is known; else 1 query.
   */
  async #referenced(
    runner: QueryRunner,
    { from, referencedColumns }: Link,
    rows: readonly LinkedRow[],
  ): Promise<ReadonlyMap<string, { readonly key: string; readonly values: readonly unknown[] }>> {
    const found = new Map<string, { readonly key: string; readonly values: readonly unknown[] }>()
    const note = (id: RecordId, values: readonly unknown[]): void => {
      if (values.every((value) => value != null))
        found.set(nameOf(values), { key: this.record(from, id).key, values })
    }
    if (referencedColumns.every((column) => from.idColumns.includes(column))) {
      for (const { id } of rows) note(id, storedValues(runner, referencedColumns, id))
      return found
    }
    const ids = rows.map(({ id }) => id)
    for (const { id, values } of await this.#rows.valuesOf(runner, from, referencedColumns, ids))
      note(id, values)
    return found
  }
}

/** Values that came from the driver, or go to it, as text that is equal for equal values. */
function nameOf(values: readonly unknown[]): string {
  return values
    .map((value) =>
      value instanceof Date
        ? value.toISOString()
        : Buffer.isBuffer(value)
          ? value.toString('hex')
          : String(value),
    )
    .join('\n')
}
