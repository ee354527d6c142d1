/** A row as the driver gave it. */
export type RawRow = Readonly<Record<string, unknown>>

/** Rows of one object, and when the query that brought them began, by the clock of the process that sent it. */
export interface LoadedRows {
  readonly loadedAtMs: number
  readonly rows: readonly RawRow[]
}

/** What is stored for an object: `[loadedAtMs, [column, ...], [value, ...], ...]`, one list of values per row. */
export type Tuples = readonly [number, readonly string[], ...(readonly (readonly unknown[])[])]

/** Each column's name once, however many rows there are. */
export function tuplesOf({ loadedAtMs, rows }: LoadedRows): Tuples {
  const names = Object.keys(rows[0] ?? {})
  return [loadedAtMs, names, ...rows.map((row) => names.map((name) => plain(row[name])))]
}

export function rowsOfTuples([loadedAtMs, names, ...values]: Tuples): LoadedRows {
  const rows = values.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]])))
  return { loadedAtMs, rows }
}

/** What of it counts: not when it was loaded, and no order, where the query asks for none. */
export function comparableTuples(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const [, names, ...rows] = value as unknown[]
  return { names, rows: rows.toSorted((one, other) => (textOf(one) < textOf(other) ? -1 : 1)) }
}

function textOf(row: unknown): string {
  return JSON.stringify(row, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )
}

/** sql.js gives bytes as a Uint8Array, which a Buffer is too. */
function plain(value: unknown): unknown {
  return value instanceof Uint8Array && !Buffer.isBuffer(value) ? Buffer.from(value) : value
}
