import type { DataSource } from 'typeorm'
import type { Column } from './entity-type'
import {
  booleanText,
  caselessText,
  dayText,
  decimalText,
  instantText,
  integerText,
  paddedText,
  scalarText,
  type KeyText,
} from './key-text'

/** A primary key column: makes one text of a value, in whatever form the value comes. */
export interface KeyColumn {
  readonly column: Column
  /** Names what it holds, for messages. */
  readonly holds: string
  /** The text of a value as entities have it; undefined for what the column cannot hold. */
  textOf(value: unknown): string | undefined
  /** The value in the form conditions take, of a value as entities have it and its text. */
  canonical(value: unknown, text: string): unknown
  /** A value as the driver gave it, in the form entities have it in. */
  hydrate(raw: unknown): unknown
}

interface Kind {
  readonly types: readonly unknown[]
  readonly holds: string
  readonly textOf: (column: Column) => KeyText
  readonly canonical?: (value: unknown, text: string) => unknown
  /** Whether raw values are as good as those that entities have. */
  readonly isRaw?: boolean
}

const INTEGER: Kind = {
  types: [
    ...[Number, 'int', 'int2', 'int4', 'int8', 'int64', 'integer', 'bigint', 'unsigned big int'],
    ...['tinyint', 'smallint', 'mediumint', 'serial', 'serial2', 'serial4', 'serial8'],
    ...['smallserial', 'bigserial', 'rowid', 'year'],
  ],
  holds: 'a whole number',
  textOf: () => integerText,
  // TypeORM refuses bigints here, which SQLite's drivers give if they are told to.
  isRaw: true,
  canonical: (_, text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text),
}

const KINDS: readonly Kind[] = [
  INTEGER,
  {
    types: ['uuid', 'uniqueidentifier', 'citext'],
    holds: 'text',
    textOf: () => caselessText,
  },
  {
    types: [
      ...['decimal', 'dec', 'numeric', 'fixed', 'number', 'smalldecimal', 'money'],
      ...['float', 'float4', 'float8', 'double', 'double precision', 'real'],
    ],
    holds: 'a number',
    textOf: () => decimalText,
  },
  {
    types: [
      ...[Date, 'datetime', 'datetime2', 'smalldatetime', 'datetimeoffset', 'timestamp'],
      ...['timestamptz', 'timestamp with time zone', 'timestamp without time zone'],
      ...['timestamp with local time zone'],
    ],
    holds: 'a Date',
    textOf: () => instantText,
    canonical: (value, text) => {
      const date = new Date(text)
      return value instanceof Date || Number.isNaN(date.getTime()) ? value : date
    },
  },
  {
    types: ['date'],
    holds: 'a day',
    textOf: (column) => dayText(column.utc === true),
    canonical: (_, text) => text,
  },
  {
    types: [Boolean, 'bool', 'boolean'],
    holds: 'true or false',
    textOf: () => booleanText,
    canonical: (_, text) => text === 'true',
  },
]

const TEXT: Kind = { types: [], holds: 'text, a number or bytes', textOf: () => scalarText }
const PADDED: Kind = { types: ['char', 'character'], holds: 'text', textOf: () => paddedText }

/** How values of a primary key column are read. */
export function keyColumnOf(column: Column, { driver, options }: DataSource): KeyColumn {
  const kind = kindOf(column, options.type)
  const plain = kind.textOf(column)
  const hydrate = (raw: unknown): unknown => driver.prepareHydratedValue(raw, column) as unknown
  const transformers = transformersOf(column)
  if (transformers.length === 0) {
    const { holds, canonical = (value) => value, isRaw = false } = kind
    return { column, holds, textOf: plain, canonical, hydrate: isRaw ? (raw) => raw : hydrate }
  }
  // What entities have may be any object then; what the database has is plain.
  const textOf: KeyText = (value) => plain(transformers.reduce((now, one) => one.to(now), value))
  return {
    column,
    holds: 'what its transformer takes',
    textOf,
    canonical: (value) => value,
    hydrate,
  }
}

function kindOf(column: Column, databaseType: string): Kind {
  if (databaseType === 'postgres' && PADDED.types.includes(column.type)) return PADDED
  return KINDS.find(({ types }) => types.includes(column.type)) ?? TEXT
}

interface Transformer {
  to(value: unknown): unknown
}

function transformersOf({ transformer }: Column): readonly Transformer[] {
  if (transformer === undefined) return []
  return Array.isArray(transformer) ? transformer : [transformer]
}
