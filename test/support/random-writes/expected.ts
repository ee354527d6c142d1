import { listsOf, type Snapshot } from './snapshot'

/** What must be swept, by the contents of the tables alone. */
export interface Expected {
  /** Records whose row, or whose many-to-many rows, are not what they were. */
  readonly changed: ReadonlySet<string>
  /** The same, for people: what the rows were and are. */
  readonly changes: readonly string[]
  /** Those and all they belong to, before or after. */
  readonly records: ReadonlySet<string>
  readonly lists: ReadonlySet<string>
}

export function expectedBetween(before: Snapshot, after: Snapshot): Expected {
  const changed = new Set<string>()
  const changes: string[] = []
  const lists = new Set<string>()
  for (const label of new Set([...before.rows.keys(), ...after.rows.keys()])) {
    const [old, now] = [before.rows.get(label), after.rows.get(label)]
    if (old?.text === now?.text) continue
    changed.add(label)
    changes.push(`${label}: ${old?.text ?? 'absent'} -> ${now?.text ?? 'absent'}`)
    for (const row of [old, now])
      if (row !== undefined) for (const list of listsOf(row)) lists.add(list)
  }
  for (const [pair, ends] of [...before.pairs, ...after.pairs])
    if (before.pairs.has(pair) !== after.pairs.has(pair)) for (const end of ends) changed.add(end)
  const records = new Set(changed)
  // A Set's iteration reaches what is added to it meanwhile.
  for (const label of records)
    for (const { parents } of [before, after])
      for (const parent of parents.get(label) ?? []) records.add(parent)
  return { changed, changes, records, lists }
}
