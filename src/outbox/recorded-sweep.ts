import type { TokenSweep } from '../store/store'

/** A record whose parents are looked up again by whoever delivers. */
export interface RecordedRecord {
  /** The table's path: `public.comment`. */
  readonly type: string
  /** Its key as conditions take it: `{ id: 17 }`. */
  readonly id: unknown
}

/** What one row of the outbox holds. */
export interface RecordedSweep {
  readonly tokens: readonly TokenSweep[]
  readonly records: readonly RecordedRecord[]
  /** Whose records these are, where there are tenants. */
  readonly tenant?: string | undefined
}

/** The first property of every stored text; another layout gets another number. */
const FORMAT = 1
/** The same, with the tenant whose records it names: who knows of none must not look for them in other tables. */
const OF_TENANT = 2

/** MariaDB's TEXT ends at 65535 bytes: with the longest keys this many tokens and records stay below. */
const MAX_PER_ROW = 200
const MAX_ROW_BYTES = 60_000

/** Writes a sweep as the texts of as many rows as it needs: usually one. */
export function encodeSweep({ tokens, records, tenant }: RecordedSweep): readonly string[] {
  const count = Math.max(1, Math.ceil(Math.max(tokens.length, records.length) / MAX_PER_ROW))
  return Array.from({ length: count }, (_, at) => at * MAX_PER_ROW).flatMap((start) =>
    encoded({
      tokens: tokens.slice(start, start + MAX_PER_ROW),
      records: records.slice(start, start + MAX_PER_ROW),
      tenant,
    }),
  )
}

function encoded({ tokens, records, tenant }: RecordedSweep): readonly string[] {
  const text = JSON.stringify({
    v: tenant === undefined ? FORMAT : OF_TENANT,
    tenant,
    rows: tokens.filter(({ row }) => row).map(({ key }) => key),
    cascaded: tokens.filter(({ row }) => !row).map(({ key }) => key),
    records: records.map(({ type, id }) => [type, id]),
  })
  const isSmallEnough = Buffer.byteLength(text) <= MAX_ROW_BYTES
  if (isSmallEnough || tokens.length + records.length <= 1) return [text]
  const [half, other] = [Math.ceil(tokens.length / 2), Math.ceil(records.length / 2)]
  return [
    ...encoded({ tokens: tokens.slice(0, half), records: records.slice(0, other), tenant }),
    ...encoded({ tokens: tokens.slice(half), records: records.slice(other), tenant }),
  ]
}

/** Undefined for what this release cannot read: then everything has to be swept. */
export function decodeSweep(text: string): RecordedSweep | undefined {
  const stored = parsed(text)
  if (stored === undefined || !isKnown(stored)) return undefined
  const { rows, cascaded, records, tenant } = stored
  if (!isTexts(rows) || !isTexts(cascaded) || !Array.isArray(records)) return undefined
  const pairs = records.map(pairOf)
  if (!pairs.every((pair) => pair !== undefined)) return undefined
  return {
    tokens: [
      ...rows.map((key) => ({ key, row: true })),
      ...cascaded.map((key) => ({ key, row: false })),
    ],
    records: pairs,
    tenant: typeof tenant === 'string' ? tenant : undefined,
  }
}

function isKnown({ v, tenant }: Readonly<Record<string, unknown>>): boolean {
  return tenant === undefined ? v === FORMAT : v === OF_TENANT && typeof tenant === 'string'
}

function pairOf(pair: unknown): RecordedRecord | undefined {
  if (!Array.isArray(pair)) return undefined
  const [type, id] = pair as readonly unknown[]
  return typeof type === 'string' ? { type, id } : undefined
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    // Not ours, or cut off: the caller sweeps everything.
    return undefined
  }
}
